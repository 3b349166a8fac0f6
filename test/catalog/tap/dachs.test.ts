// The client against a real TAP server (GAVO DaCHS): every star of a real extract of Gaia DR2 comes back as it is there.
import { describe, expect, test } from 'vitest'
import { STORED_NAMES } from '../../../src/catalog/store/star-table.ts'
import { runAdql, runAdqlSync } from '../../../src/catalog/tap/adql.ts'
import { endpointOf } from '../../../src/catalog/tap/endpoint.ts'
import { chooseMirrors } from '../../../src/catalog/tap/mirrors.ts'
import { openGaia } from '../../../src/catalog/tap/open.ts'
import { TAP_SETTINGS } from '../../../src/catalog/tap/settings.ts'
import { startDachs } from '../../tap/dachs.ts'
import { startProxy } from '../../tap/proxy.ts'
import { QUICK } from '../../tap/settings.ts'
import { ALL, IN_FILE, readTruth } from './gaia-dr2.ts'

const url = await startDachs()

describe.skipIf(url === undefined)('GAVO DaCHS', () => {
  const open = (format?: string, service = url!) =>
    openGaia({
      release: 'gaia-dr2',
      mirrors: chooseMirrors(service),
      version: '1.2.3',
      settings: QUICK,
      ...(format && { format }),
    })
  const endpoint = (service = url!) => endpointOf('DaCHS', service, '1.2.3', { ...TAP_SETTINGS, ...QUICK })

  test.each(['votable', 'votable/b2', 'votable/td'])(
    'sends every star as it is in the file, as %s',
    async (format) => {
      const truth = readTruth()
      const gaia = await open(format)
      expect(gaia).toMatchObject({ name: url, release: 'gaia-dr2', columnsMissing: ['ruwe'] })
      expect(await gaia.countRange(ALL)).toBe(truth.ids.length)
      const stars = await gaia.fetchRange(ALL)
      expect(stars.length).toBe(truth.ids.length)
      expect(stars.columns.source_id.findIndex((id, row) => id !== truth.ids[row])).toBe(-1)
      for (const name of IN_FILE) {
        const column = stars.columns[name]
        const isSingle = column instanceof Float32Array
        const wrong = truth
          .column(name)
          .findIndex((value, row) => !Object.is(column[row], isSingle ? Math.fround(value) : value))
        expect(wrong, `${name}: the first row that differs`).toBe(-1)
      }
      for (const name of STORED_NAMES.filter((each) => ![...IN_FILE, 'source_id'].includes(each))) {
        const column = stars.columns[name]
        const empty = column instanceof Uint8Array ? 0 : Number.NaN
        expect(
          column.findIndex((value) => !Object.is(value, empty)),
          `${name} is not known`,
        ).toBe(-1)
      }
    },
  )

  test('a range of source ids to a limit of magnitude has the stars that the file has there', async () => {
    const { ids, column } = readTruth()
    const mags = column('phot_g_mean_mag')
    const range = { firstId: ids[1000]!, lastId: ids[5000]!, limitMag: 18.25 }
    const expected = ids.filter((_, row) => row >= 1000 && row <= 5000 && mags[row]! <= 18.25)
    const gaia = await open()
    const stars = await gaia.fetchRange(range)
    expect([...stars.columns.source_id]).toEqual(expected)
    expect(expected.length).toBeGreaterThan(500)
    const none = { firstId: 0n, lastId: ids[0]! - 1n, limitMag: null }
    expect(await gaia.countRange(none)).toBe(0)
    expect((await gaia.fetchRange(none)).length).toBe(0)
  })

  test('a table with the names of VizieR, quoted, gives the same stars', async () => {
    const columns = chooseMirrors('VizieR')[0]!.releases['gaia-dr2']!.columns
    // The first name is not there: the second is tried.
    const tables = ['gaiadr2.no_such_table', 'gaiadr2.vizier']
    const mirror = { name: 'Renamed', url: url!, releases: { 'gaia-dr2': { tables, columns } } }
    const renamed = await openGaia({
      release: 'gaia-dr2',
      mirrors: [mirror],
      version: '1.2.3',
      settings: QUICK,
    })
    expect(renamed).toMatchObject({ name: 'Renamed', columnsMissing: ['ruwe'] })
    const range = { ...ALL, limitMag: 15 }
    const stars = await renamed.fetchRange(range)
    expect(stars.length).toBeGreaterThan(500)
    expect(stars).toEqual(await (await open()).fetchRange(range))
  })

  test('its limit of rows is seen: by MAXREC, and by the default of the service', async () => {
    const query = { adql: 'SELECT source_id FROM gaiadr2.gaia_source', choose: () => ['id' as const] }
    const { table, overflow } = await runAdql(endpoint(), { ...query, maxRec: 100 })
    expect([table.rows, overflow]).toEqual([100, true])
    const whole = await runAdqlSync(endpoint(), { ...query, maxRec: 10_500 })
    expect([whole.table.rows, whole.overflow]).toEqual([10_499, false])
  })

  test.each([
    ['SELECT raa FROM gaiadr2.gaia_source', /raa/],
    ['SELECT ra FROM gaiadr2.no_such_table', /no_such_table/],
    ['SELEKT ra FROM gaiadr2.gaia_source', /SELECT|syntax|parse/i],
  ])('what it says of %s reaches the message', async (adql, said) => {
    const query = { adql, maxRec: 1, choose: () => ['number' as const] }
    for (const run of [runAdql, runAdqlSync]) {
      const error = await run(endpoint(), query).catch((each) => each)
      expect(error).toMatchObject({ name: 'TapFault', message: expect.stringMatching(said) })
      expect(error.message).toContain('DaCHS')
    }
  })

  test('every job is deleted, and every request names who asks', async () => {
    const proxy = await startProxy(url!)
    const query = { adql: 'SELECT TOP 5 ra FROM gaiadr2.gaia_source', maxRec: 6 }
    const jobs = endpoint(proxy.url)
    await runAdql(jobs, { ...query, choose: () => ['number'] })
    await runAdql(jobs, { ...query, adql: 'SELECT', choose: () => ['number'] }).catch(() => {})
    expect(proxy.steps().filter((step) => step === 'delete')).toHaveLength(2)
    expect(new Set(proxy.seen.map(({ agent }) => agent))).toEqual(new Set(['platepipe/1.2.3']))
    const job = proxy.seen.find(({ step }) => step === 'look')!.path
    expect((await fetch(new URL(job, url))).status).toBe(404)
    await proxy.shut()
  })

  test('Ctrl-C while the query runs deletes its job', async () => {
    const proxy = await startProxy(url!)
    const cancel = new AbortController()
    const running = runAdql(endpoint(proxy.url), {
      adql: 'SELECT ra FROM gaiadr2.gaia_source',
      maxRec: 20_000,
      choose: () => ['number'],
      signal: cancel.signal,
      onStep: () => cancel.abort(),
    })
    await expect(running).rejects.toMatchObject({ name: 'Cancelled' })
    expect(proxy.steps().at(-1)).toBe('delete')
    await proxy.shut()
  })

  test('a service that is not there, or is no TAP service, is named', async () => {
    const proxy = await startProxy(url!)
    await proxy.shut()
    await expect(open(undefined, proxy.url)).rejects.toMatchObject({
      message: `${proxy.url}: the connection was refused`,
    })
    const nowhere = new URL('/elsewhere', url).href
    await expect(open(undefined, nowhere)).rejects.toMatchObject({
      message: expect.stringMatching(/elsewhere\/sync with HTTP 404/),
    })
  })
})
