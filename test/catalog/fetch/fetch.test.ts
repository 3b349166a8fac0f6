// The command that fills the store from a real TAP server: killed at any moment, and started again, it ends with exactly
// the rows of the server, and never with a part that passes for a whole.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { fetchField } from '../../../src/catalog/fetch.ts'
import { readManifest } from '../../../src/catalog/store/manifest.ts'
import { openStore, starsInCone } from '../../../src/catalog/store/star-store.ts'
import type { StarTable } from '../../../src/catalog/store/star-table.ts'
import { chooseMirrors } from '../../../src/catalog/tap/mirrors.ts'
import { openGaia } from '../../../src/catalog/tap/open.ts'
import { finestRange } from '../../../src/math/healpix.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { command, platepipe } from '../../support/cli.ts'
import { startDachs } from '../../tap/dachs.ts'
import { rowLost } from '../../tap/faults.ts'
import { startProxy } from '../../tap/proxy.ts'
import { QUICK } from '../../tap/settings.ts'
import { IN_FILE, readTruth } from '../tap/gaia-dr2.ts'

const url = await startDachs()
const FIELD = { raDeg: 235.486, decDeg: 11.093, radiusDeg: 0.85 } // more than the server has
const SEED = 20_261_121

/** The field in some five queries. */
const fetchArgs = (store: string, service: string): string[] => [
  ...['catalog', 'fetch', '--catalog', store, '--mirror', service, '--query-rows', '3000'],
  ...['--ra', String(FIELD.raDeg), '--dec', String(FIELD.decDeg), '--radius', String(FIELD.radiusDeg)],
]

/** Starts the fetch and kills it, so that nothing can be tidied up. Says whether it had ended by itself. */
async function killedAfter(ms: number, args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [command(), ...args], { stdio: 'ignore', detached: true })
  const ended = new Promise<boolean>((resolve) => {
    child.on('exit', (_, signal) => resolve(signal === null))
  })
  await Promise.race([sleep(ms), ended])
  child.kill('SIGKILL')
  return await ended
}

async function starsIn(store: string): Promise<StarTable> {
  return (await starsInCone((await openStore(join(store, 'gaia-dr2')))!, FIELD)) as StarTable
}

/** What the store says is whole must be whole: of every cell that it covers, all of the server's stars. */
async function expectNothingPartial(store: string): Promise<number> {
  const manifest = await readManifest(join(store, 'gaia-dr2'))
  if (manifest === null) return 0
  const { ids } = readTruth()
  const covered = manifest.coverage.flatMap(({ moc }) => moc)
  const isCovered = (id: bigint) => {
    const cell = Number(id >> 35n)
    return covered.some(([first, end]) => cell >= first && cell < end)
  }
  const expected = new Set(ids.filter(isCovered))
  const { source_id } = (await starsIn(store)).columns
  expect(new Set(source_id)).toEqual(expected)
  return expected.size
}

function expectEveryRow(stars: StarTable): void {
  const truth = readTruth()
  const rows = Array.from(stars.columns.source_id, (id, row) => ({ id, row }))
  rows.sort((a, b) => (a.id < b.id ? -1 : 1))
  expect(rows.map(({ id }) => id)).toEqual(truth.ids)
  for (const name of IN_FILE) {
    const column = stars.columns[name]
    const wrong = truth.column(name).findIndex((value, n) => {
      const stored = column[rows[n]!.row]
      return !Object.is(stored, column instanceof Float32Array ? Math.fround(value) : value)
    })
    expect(wrong, `${name}: the first row that differs`).toBe(-1)
  }
}

describe.skipIf(url === undefined)('catalog fetch', () => {
  const folders: string[] = []
  const newStore = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'platepipe-test-fetch-'))
    folders.push(folder)
    return join(folder, 'store')
  }
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

  // The server takes seconds for a job, more on a busy machine.
  const PATIENCE = { timeout: 600_000 }

  test(
    'killed ten times at random moments and started again ends with exactly the rows of the server',
    PATIENCE,
    async () => {
      const store = await newStore()
      const random = randomStream(SEED, 'kills')
      const args = fetchArgs(store, url!)
      // The server takes as long as it takes: the kills are spread over what a whole fetch takes here and now.
      const began = performance.now()
      expect((await platepipe(fetchArgs(await newStore(), url!), { timeoutSeconds: 300 })).status).toBe(0)
      const wholeMs = performance.now() - began
      const grown: number[] = []
      for (let n = 0; n < 10; n++) {
        await killedAfter(random.between(0.05, 0.6) * wholeMs, args)
        grown.push(await expectNothingPartial(store))
      }
      console.log('stars after each kill', grown)
      expect(grown.some((stars) => stars > 0 && stars < 10_499)).toBe(true) // some kill came half-way
      const last = await platepipe(args, { timeoutSeconds: 300 })
      expect(last.stderr).not.toContain('→')
      expect(last.status).toBe(0)
      expectEveryRow(await starsIn(store))
      const verified = await platepipe(['catalog', 'verify', '--catalog', store])
      expect(verified.status, verified.stderr).toBe(0)
      // What is there is not asked for again.
      const again = await platepipe([
        ...args.map((arg) => (arg === url ? 'http://127.0.0.1:59998/tap' : arg)),
        '--json',
      ])
      expect(again.stdout).toContain('"queries":0')
    },
  )

  test('two at once into one store end with the rows of one', PATIENCE, async () => {
    const store = await newStore()
    const runs = await Promise.all(
      [0, 1].map(() => platepipe(fetchArgs(store, url!), { timeoutSeconds: 300 })),
    )
    expect(runs.map(({ status }) => status)).toEqual([0, 0])
    expectEveryRow(await starsIn(store))
  })

  test('a fault half-way keeps what came before, says so, and the next run goes on', PATIENCE, async () => {
    const store = await newStore()
    const proxy = await startProxy(url!)
    const args = fetchArgs(store, proxy.url)
    const running = platepipe(args)
    while ((await expectNothingPartial(store)) === 0) await sleep(100)
    await proxy.shut()
    const broken = await running
    expect(broken.status).toBe(2)
    expect(broken.stderr).toMatch(/% of the field had come and is kept/)
    expect(broken.stderr).toMatch(/the same command goes on from there/)
    const kept = await expectNothingPartial(store)
    expect(kept).toBeGreaterThan(0)
    await proxy.open()
    expect((await platepipe(args)).status).toBe(0)
    expectEveryRow(await starsIn(store))
    await proxy.shut()
  })

  test('a service that loses a row every time leaves nothing in the store', async () => {
    const store = await newStore()
    const proxy = await startProxy(url!)
    proxy.arrange({ on: 'result', fault: rowLost })
    const open = {
      release: 'gaia-dr2',
      mirrors: chooseMirrors(proxy.url),
      version: '0',
      settings: QUICK,
    } as const
    const lossy = fetchField({
      openService: () => openGaia({ ...open, format: 'votable/td' }),
      ...{ folder: join(store, 'gaia-dr2'), cone: FIELD, limitMag: 14, queryRows: 20_000, by: 'a test' },
    })
    await expect(lossy).rejects.toThrow(/rows|stars/)
    expect(await readManifest(join(store, 'gaia-dr2'))).toBeNull()
    await proxy.shut()
  })

  test(
    'to a limiting magnitude, then deeper, the store holds both without a star twice',
    PATIENCE,
    async () => {
      const store = await newStore()
      const args = fetchArgs(store, url!).map((arg) => (arg === '3000' ? '20000' : arg))
      expect((await platepipe([...args, '--limit-mag', '15'])).status).toBe(0)
      const bright = (await openStore(join(store, 'gaia-dr2')))!
      expect(bright.manifest.rows).toBe(
        readTruth()
          .column('phot_g_mean_mag')
          .filter((mag) => mag <= 15).length,
      )
      expect(bright.manifest.coverage.map(({ limit_mag }) => limit_mag)).toEqual([15])
      expect((await platepipe(args)).status).toBe(0)
      const deep = (await openStore(join(store, 'gaia-dr2')))!
      expect(deep.manifest.coverage.map(({ limit_mag }) => limit_mag)).toEqual([null])
      expectEveryRow(await starsIn(store))
      const [first] = finestRange({ order: 0, pixel: 2 })
      expect(deep.manifest.coverage[0]!.moc[0]![0]).toBeGreaterThanOrEqual(first)
    },
  )
})
