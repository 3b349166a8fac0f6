// What a reduction needs of the sky, with and without a network: fetched once from a real TAP server, then from the store;
// under --offline, no socket is opened by platepipe or any program that it starts.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { simulate } from '../../../src/simulate/simulate.ts'
import { command, platepipe } from '../../support/cli.ts'
import { startDachs } from '../../tap/dachs.ts'
import { CSV } from '../tap/gaia-dr2.ts'

const PATIENCE = { timeout: 300_000 }
const M67 = '../shared/plates/m67-poss1-e-1951.fits'
/** Tests are offline unless they say otherwise. */
const ONLINE = { PLATEPIPE_OFFLINE: '0' }
const UNREACHABLE = 'http://127.0.0.1:59998/tap' // nobody listens there

const url = await startDachs()
let folder = ''
let plate = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platepipe-test-ondemand-'))
  if (!existsSync(CSV)) return
  const options = { seed: 11, name: 'plate', stars: CSV, ra: 235.486, dec: 11.093, epoch: 1955.3 }
  const made = await simulate(
    { ...options, field: 0.9, width: 1200, height: 1200 },
    {
      outDir: folder,
      indexDirs: ['/usr/share/astrometry'],
      signal: new AbortController().signal,
      onProgress: () => {},
    },
  )
  plate = made.scan
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Result {
  exposures: { reference: { name: string; stars: number }; fit: { pairs: number } }[]
  reasons: { code: string; text: string }[]
}

async function reduced(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const run = await platepipe(['reduce', plate, '-o', join(folder, name), ...args], {
    env,
    timeoutSeconds: 200,
  })
  expect(run.status, run.stderr).toBe(0)
  const read = async (file: string) => JSON.parse(await readFile(join(folder, name, 'plate', file), 'utf8'))
  const solution = (await read('solution.json')) as Result
  const record = (await read('run.json')) as { reference: Record<string, unknown> }
  return { solution, record }
}

describe.skipIf(url === undefined)('reduce, with a service of Gaia’s stars', () => {
  test(
    'fetches the field to the depth of the plate, once, and does without the service from then on',
    PATIENCE,
    async () => {
      const env = { ...ONLINE, PLATEPIPE_CATALOG: join(folder, 'on-demand') }
      const first = await reduced('first', ['--mirror', url!], env)
      expect(first.solution.exposures[0]!.reference.name).toBe('gaia-dr2')
      expect(first.solution.exposures[0]!.fit.pairs).toBeGreaterThan(100)
      expect(first.solution.reasons.map(({ code }) => code)).not.toContain('REFERENCE_TYCHO2')
      expect(first.record.reference.fetched).toMatchObject([{ service: url, release: 'gaia-dr2' }])
      const second = await reduced('second', ['--mirror', UNREACHABLE], env)
      expect(second.record.reference).toMatchObject({ fetched: [], trouble: null })
      expect(second.solution).toEqual(first.solution)
      const offline = await reduced('offline', ['--offline'], env)
      expect(offline.solution).toEqual(first.solution)
    },
  )
})

describe.skipIf(!existsSync(CSV))('reduce, where no service answers', () => {
  test('takes Tycho-2, and says why and how large the error is', PATIENCE, async () => {
    const { solution } = await reduced('refused', ['--mirror', UNREACHABLE], {
      ...ONLINE,
      PLATEPIPE_CATALOG: join(folder, 'none'),
    })
    expect(solution.exposures[0]!.reference.name).toBe('tycho-2')
    const { text } = solution.reasons.find(({ code }) => code === 'REFERENCE_TYCHO2')!
    expect(text).toMatch(/no stars could be fetched .*127\.0\.0\.1:59998.*refused/)
    expect(text).toMatch(/mas/)
    expect(existsSync(join(folder, 'none', 'gaia-dr2', 'tiles'))).toBe(false)
  })
})

/** Sockets that reach further than this machine's own file system, of a command and of all that it starts. */
async function socketsOf(args: readonly string[], env: Record<string, string>): Promise<string[]> {
  const trace = join(folder, `trace-${args.length}-${Object.keys(env).length}.txt`)
  const traced = ['-f', '-qq', '-e', 'trace=socket,connect,sendto,sendmsg', '-e', 'signal=none', '-o', trace]
  const run = await execa('strace', [...traced, process.execPath, command(), ...args], { env, reject: false })
  expect([0, 3], String(run.stderr)).toContain(run.exitCode)
  const calls = (await readFile(trace, 'utf8')).split('\n')
  expect(run.stdout).toContain('reduced') // it did its work under the eyes of strace
  return calls.filter((call) => /\bsocket\(/.test(call) && !/AF_UNIX|AF_LOCAL/.test(call))
}

const canTrace = existsSync('/usr/bin/strace') && existsSync(M67)
if (!canTrace) console.log('skipped: reduce --offline under strace needs strace and ../shared')

describe.skipIf(!canTrace)('reduce --offline', () => {
  test(
    'opens no socket, with stars from the store and with Tycho-2; without --offline, it does',
    PATIENCE,
    async () => {
      const store = join(folder, 'm67-store')
      await mkdir(store)
      const imported = await platepipe([
        'catalog',
        'import',
        '../shared/gaia/m67-dr3.csv',
        '--catalog',
        store,
      ])
      expect(imported.status, imported.stderr).toBe(0)
      const args = ['reduce', M67, '-o', join(folder, 'traced'), '--catalog', store]
      expect(await socketsOf([...args, '--offline'], ONLINE)).toEqual([])
      const none = { ...ONLINE, PLATEPIPE_CATALOG: join(folder, 'nothing') }
      const tycho = ['reduce', plate, '-o', join(folder, 'traced')]
      expect(await socketsOf([...tycho, '--offline'], none)).toEqual([])
      // The eyes are open: the same without --offline shows sockets.
      expect(await socketsOf([...tycho, '--mirror', UNREACHABLE], none)).not.toEqual([])
    },
  )
})
