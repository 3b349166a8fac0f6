// Imports whose stars, numbers, depth or wholeness are in doubt: no star is lost, nothing is recorded that nobody knows, and
// all of it is said.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cannotSort } from '../../../src/catalog/import/buckets.ts'
import { type ImportInput, importFiles } from '../../../src/catalog/import-files.ts'
import { readManifest } from '../../../src/catalog/store/manifest.ts'
import { openStore, starsInCone } from '../../../src/catalog/store/star-store.ts'
import { verifyStore } from '../../../src/catalog/survey/verify.ts'
import type { UserError } from '../../../src/errors.ts'

const root = mkdtempSync(join(tmpdir(), 'platepipe-doubts-'))
afterAll(() => rmSync(root, { recursive: true }))

let stores = 0
const newStore = () => join(root, `store-${stores++}`)

function save(name: string, text: string): string {
  const path = join(root, name)
  writeFileSync(path, text)
  return path
}

const doImport = (files: string[], more: Partial<ImportInput> = {}) =>
  importFiles({ files, folder: newStore(), by: 'test', signal: new AbortController().signal, ...more })

const HEADER = 'source_id,ra,dec,ref_epoch,phot_g_mean_mag'
/** A field of stars with numbers of its own. */
function ownNumbers(raDeg: number, stars: number, mag: number | '' = 15): string {
  const rows = Array.from({ length: stars }, (_, i) => {
    return `${i + 1},${raDeg + (i % 25) / 100},${30 + Math.floor(i / 25) / 100},2015.5,${mag}`
  })
  return `${[HEADER, ...rows].join('\n')}\n`
}

const GAIAS = 4295806720n * 2n ** 4n // in the cell whose centre is 45° 0.0093°
const CONE = { raDeg: 100.1, decDeg: 30.1, radiusDeg: 0.5 }

describe('numbers that are not Gaia’s', () => {
  test('do not make one star of two, and the same file once more adds none', async () => {
    const files = [save('a.csv', ownNumbers(40, 500)), save('b.csv', ownNumbers(43, 500))]
    const folder = newStore()
    const { rows, tally } = await doImport(files, { folder })
    expect([rows, tally.rows, tally.foreignNumber, tally.replaced]).toEqual([1000, 1000, 1000, 0])
    expect((await doImport(files, { folder })).rows).toBe(1000)
    const store = (await openStore(join(folder, 'gaia-dr2')))!
    expect((await starsInCone(store, { ...CONE, raDeg: 43.1 })).length).toBe(500)
    expect(store.manifest.tiles.length).toBe(1) // in which each number is there twice
    const verified = await verifyStore(store)
    expect([...verified.damaged, ...verified.manifestFaults]).toEqual([])
  })

  test('that are Gaia’s make one star of two rows, which is counted', async () => {
    const rows = [`${GAIAS},45,0.009,2015.5,11`, `${GAIAS},45,0.0091,2015.5,12`]
    const { rows: stars, tally } = await doImport([save('twice.csv', `${HEADER}\n${rows.join('\n')}\n`)])
    expect([stars, tally.rows, tally.foreignNumber, tally.replaced]).toEqual([1, 2, 0, 1])
  })

  test('that are no whole numbers, or negative, are counted', async () => {
    const rows = ['5.9e17,10,1,2015.5,11', '-7,10,2,2015.5,12', '8,10,3,2015.5,12']
    const { tally } = await doImport([save('no-numbers.csv', `${HEADER}\n${rows.join('\n')}\n`)])
    expect([tally.rows, tally.withoutNumber, tally.foreignNumber]).toEqual([3, 2, 1])
  })
})

const votable = (stars: number, info: string) => `<VOTABLE><RESOURCE type="results"><TABLE>
<FIELD name="ra" datatype="double"/><FIELD name="dec" datatype="double"/>
<FIELD name="ref_epoch" datatype="double"/><FIELD name="phot_g_mean_mag" datatype="double"/>
<DATA><TABLEDATA>${Array.from({ length: stars }, (_, i) => {
  return `<TR><TD>${100 + i / 9000}</TD><TD>${30 + (i % 50) / 250}</TD><TD>2015.5</TD><TD>15</TD></TR>`
}).join('')}</TABLEDATA></DATA></TABLE>${info}</RESOURCE></VOTABLE>`

describe.each([
  ['by its own word', () => votable(700, '<INFO name="QUERY_STATUS" value="OVERFLOW"/>'), /700 rows/],
  ['at 2000 rows', () => votable(2000, ''), /2000 rows/],
])('a file that was cut off %s', (name, text, found) => {
  const path = save(`${name}.vot`, text())

  test('is not complete in a cone, whoever says so, and leaves nothing', async () => {
    const folder = newStore()
    const error = await doImport([path], { folder, cone: CONE }).catch((thrown: UserError) => thrown)
    expect(error).toMatchObject({
      message: expect.stringMatching(found),
      todo: expect.stringMatching(/whole/),
    })
    expect(existsSync(folder)).toBe(false)
  })

  test('covers nothing that is known', async () => {
    const { folder, coverage, tally } = await doImport([path])
    expect(coverage).toEqual([])
    expect((await readManifest(folder))!.coverage).toEqual([])
    expect([...tally.assumptions].join()).toMatch(/no part of the sky is recorded/)
  })
})

describe('stars without magnitudes', () => {
  const path = save('no-mags.csv', ownNumbers(100, 500, ''))

  test.each([
    ['with a cone', { cone: CONE }],
    ['without', {}],
  ])('%s do not cover every star that there is', async (_, stated) => {
    const { coverage, tally } = await doImport([path], stated)
    expect(coverage).toEqual([])
    expect([...tally.assumptions].join()).toMatch(/not known how faint/)
  })

  test('cover what their user says', async () => {
    const { coverage } = await doImport([path], { cone: CONE, limitMag: 14 })
    expect(coverage).toMatchObject([{ limit_mag: 14, estimated: false }])
    const withMags = await doImport([save('mags.csv', ownNumbers(100, 500))], { cone: CONE })
    expect(withMags.coverage).toMatchObject([{ limit_mag: null, estimated: false }])
  })
})

describe('an import that fails', () => {
  test('removes the folders that it made, and no others', async () => {
    const path = save('bad.csv', `${ownNumbers(100, 40_000)}1,2,95,2015.5,11\n`)
    const folder = newStore()
    await expect(doImport([path], { folder })).rejects.toThrow(/declination is 95/)
    expect(existsSync(folder)).toBe(false)
    mkdirSync(folder)
    await expect(doImport([path], { folder, tmpDir: join(root, 'work', 'deep') })).rejects.toThrow(/95/)
    expect(readdirSync(folder)).toEqual([])
    expect(existsSync(join(root, 'work'))).toBe(false)
  })

  test('for want of rights says so, for want of room that', () => {
    const failed = (code: string) => cannotSort('/store/x', Object.assign(new Error(code), { code }))
    for (const code of ['EACCES', 'EROFS']) {
      expect(failed(code).message).toMatch(/\/store\/x.*cannot be written to/)
      expect(failed(code).todo).toMatch(/--catalog or --tmp-dir/)
    }
    expect(failed('ENOSPC')).toMatchObject({ message: expect.stringMatching(/disk is full/) })
    expect(failed('ENOSPC').todo).toMatch(/room/)
  })
})
