// npm run bench -- catalog-store [ROWS…] [--out DIR] [--seed N] [--result FILE]
//   Imports simulated stars of the whole sky with the real command, and searches the store: rate, memory and size as the
//   number of rows grows; processor time per star found. With no ROWS: 10⁵, 10⁶, 10⁷, and the figures go to
//   bench/results/catalog-store.md. 10⁸ rows take some 50 GB of disk and three quarters of an hour.
// npm run bench -- catalog-store field [--out DIR] [--seed N]
//   A field of 5° radius to G = 15 with 10⁵ stars, simulated, answered from the store.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { provenance } from './acceptance/table.ts'
import { writeFitsStars } from './catalog-import/fits.ts'
import { writeField } from './catalog-store/field.ts'
import { asTable, type Grown, type Search, searchTable } from './catalog-store/tables.ts'

const SELF = fileURLToPath(import.meta.url)
const RESULT = 'bench/results/catalog-store.md'
const FILE_ROWS = 1e7
const FOUND_STARS = 20_000 // expected per search
const SKY_DEG2 = 41_252.96
const CENTRES = [
  [83, -5],
  [235, 11],
  [10, 85],
  [200, -45],
] as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: '.cache/catalog-store' },
    seed: { type: 'string', default: '1' },
    result: { type: 'string' },
  },
})
const seed = Number(values.seed)

if (positionals[0] === 'search') await searchHere(positionals.slice(1))
else if (positionals[0] === 'field') await field()
else await all()

/** In a process of its own: processor time and memory are those of one search, and of loading what searches. */
async function searchHere([store = '', ra, dec, radius, limit]: string[]): Promise<void> {
  const { openStore, starsInCone } = await import('../src/catalog/store/star-store.ts')
  const cone = { raDeg: Number(ra), decDeg: Number(dec), radiusDeg: Number(radius) }
  const before = process.cpuUsage()
  const found = await starsInCone((await openStore(store))!, cone, {
    limitMag: limit === 'all' ? undefined : Number(limit),
  })
  const { user, system } = process.cpuUsage(before)
  const whole = process.cpuUsage()
  const { maxRSS } = process.resourceUsage()
  const search: Search = {
    stars: found.length,
    cpuSeconds: (user + system) / 1e6,
    processSeconds: (whole.user + whole.system) / 1e6,
    peakMegabytes: maxRSS / 1024,
  }
  console.log(JSON.stringify(search))
}

async function search(store: string, ...args: (string | number)[]): Promise<Search> {
  const { stdout } = await execa(process.execPath, [SELF, 'search', '--', store, ...args.map(String)])
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

async function importAll(
  files: readonly string[],
  store: string,
): Promise<{ seconds: number; peakMegabytes: number }> {
  const started = performance.now()
  const command = [process.execPath, 'bin/platepipe', 'catalog', 'import', ...files, '--catalog', store, '-q']
  const run = await execa('/usr/bin/python3', ['bench/catalog-store/peak.py', ...command])
  return {
    seconds: (performance.now() - started) / 1000,
    peakMegabytes: Number(run.stdout.trim().split('\n').at(-1)) / 1024,
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

async function grow(rows: number): Promise<{ grown: Grown; searches: Search[] }> {
  const store = resolve(values.out, `store-${rows}`)
  const files: string[] = []
  for (let from = 0; from < rows; from += FILE_ROWS) {
    const path = resolve(values.out, `${rows}-${from}.fits`)
    writeFitsStars(path, Math.min(FILE_ROWS, rows - from), seed + files.length)
    files.push(path)
  }
  console.error(`${rows} rows are written; importing`)
  rmSync(store, { recursive: true, force: true })
  const { seconds, peakMegabytes } = await importAll(files, store)
  for (const path of files) rmSync(path)
  const folder = join(store, 'gaia-dr2')
  const { openStore } = await import('../src/catalog/store/star-store.ts')
  const { manifest } = (await openStore(folder))!
  const sizes = manifest.tiles.map((tile) => tile.rows).sort((a, b) => a - b)
  const grown: Grown = {
    rows: manifest.rows,
    seconds,
    peakMegabytes,
    gigabytes: (await bytesIn(store)) / 1e9,
    tiles: sizes.length,
    medianRows: sizes[sizes.length >> 1]!,
  }
  const radius = Math.min(60, Math.sqrt((FOUND_STARS / rows) * (SKY_DEG2 / Math.PI)))
  const searches: Search[] = []
  for (const [ra, dec] of CENTRES) searches.push(await search(folder, ra, dec, radius, 'all'))
  rmSync(store, { recursive: true, force: true })
  return { grown, searches }
}

async function all(): Promise<void> {
  execFileSync('npm', ['run', '-s', 'build'])
  mkdirSync(values.out, { recursive: true })
  const sizes = positionals.length === 0 ? [1e5, 1e6, 1e7] : positionals.map(Number)
  const begun = about(['npm run bench -- catalog-store', ...process.argv.slice(2)].join(' '))
  const grown: Grown[] = []
  const searches: { rows: number; search: Search }[] = []
  for (const rows of sizes) {
    const measured = await grow(rows)
    grown.push(measured.grown)
    searches.push(...measured.searches.map((search) => ({ rows, search })))
    console.error(asTable([measured.grown]).split('\n').at(-1))
  }
  const page = ['# The star store as it grows, measured', begun, asTable(grown), searchTable(searches)].join(
    '\n\n',
  )
  console.log(page)
  const result = values.result ?? (positionals.length === 0 ? RESULT : undefined)
  if (result !== undefined) writeFileSync(result, `${page}\n`)
}

function about(command: string): string {
  return provenance(command)
    .split('\n')
    .filter((line) => !line.startsWith('- judges'))
    .concat(`- other work on the machine as it began: load ${loadavg()[0]!.toFixed(1)}`)
    .join('\n')
}

/** The field that a plate of 10° would ask for; one process per answer, and one that answers nothing to compare with. */
async function field(): Promise<void> {
  execFileSync('npm', ['run', '-s', 'build'])
  mkdirSync(values.out, { recursive: true })
  const cone = { raDeg: 235, decDeg: 11, radiusDeg: 5 }
  const path = resolve(values.out, 'field.fits')
  const store = resolve(values.out, 'store-field')
  rmSync(store, { recursive: true, force: true })
  const stars = writeField(path, cone, seed)
  await importAll([path], store)
  const folder = join(store, 'gaia-dr2')
  const place = [cone.raDeg, cone.decDeg]
  const rows: { rows: number; search: Search }[] = []
  for (const [radius, limit] of [
    [5, 'all'],
    [5, 15],
    [5, 12],
    [1, 'all'],
    [0.01, 'all'],
  ] as const) {
    rows.push({ rows: stars, search: await search(folder, ...place, radius, limit) })
  }
  if (existsSync(path)) rmSync(path)
  console.log([about('npm run bench -- catalog-store field'), searchTable(rows)].join('\n\n'))
}
