// npm run bench -- catalog-import [ROWS…] [--out DIR] [--seed N] [--result FILE]
//   How fast files of stars are read and sorted into tiles, and how much memory that takes: for each number of rows, a bulk
//   file as of Gaia DR2 (*.csv.gz, 94 columns) and a FITS table of the store's columns, both simulated. With no ROWS: 10⁵,
//   10⁶, 10⁷, and the figures go to bench/results/catalog-import.md.
// npm run bench -- catalog-import make FILE.fits|FILE.csv.gz ROWS [--seed N]
//   Only writes such a file.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { provenance } from './acceptance/table.ts'
import { writeCsvStars } from './catalog-import/csv.ts'
import { writeFitsStars } from './catalog-import/fits.ts'
import { asTable, type Measured, measure } from './catalog-import/measure.ts'

const SELF = fileURLToPath(import.meta.url)
const RESULT = 'bench/results/catalog-import.md'
const WRITTEN_CSV_ROWS = 500_000 // a larger bulk file is this one several times, as members of one gzip file

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: '.cache/catalog-import' },
    seed: { type: 'string', default: '1' },
    result: { type: 'string' },
  },
})
const seed = Number(values.seed)

if (positionals[0] === 'make') await make(resolve(positionals[1]!), Number(positionals[2]))
else if (positionals[0] === 'measure') await measureHere(positionals[1]!, positionals[2]!)
else await all()

async function make(path: string, rows: number): Promise<void> {
  const started = performance.now()
  if (path.endsWith('.gz')) await makeBulkFile(path, rows)
  else writeFitsStars(path, rows, seed)
  const seconds = (performance.now() - started) / 1000
  const gigabytes = statSync(path).size / 1e9
  console.error(`${path}: ${rows} rows, ${gigabytes.toFixed(2)} GB, written in ${seconds.toFixed(0)} s`)
}

async function makeBulkFile(path: string, rows: number): Promise<void> {
  const part = Math.min(rows, WRITTEN_CSV_ROWS)
  await writeCsvStars(path, part, seed, 'with names')
  if (rows === part) return
  const more = `${path}.part`
  await writeCsvStars(more, part, seed, 'rows only')
  const member = readFileSync(more)
  for (let written = part; written < rows; written += part) appendFileSync(path, member)
  rmSync(more)
}

/** In a process of its own, whose memory is that of one measurement. */
async function measureHere(what: string, path: string): Promise<void> {
  console.log(JSON.stringify(await measure(what as 'read' | 'sort', path, resolve(values.out))))
}

async function all(): Promise<void> {
  const sizes = positionals.length === 0 ? [1e5, 1e6, 1e7] : positionals.map(Number)
  mkdirSync(values.out, { recursive: true })
  const begun = provenance(['npm run bench -- catalog-import', ...process.argv.slice(2)].join(' '))
    .split('\n')
    .filter((line) => !line.startsWith('- judges'))
    .concat(`- other work on the machine as it began: load ${loadavg()[0]!.toFixed(1)}`)
    .join('\n')
  const figures: Measured[] = []
  for (const rows of sizes) {
    for (const name of ['GaiaSource.csv.gz', 'stars.fits']) {
      const path = join(values.out, `${rows}-${seed}-${name}`)
      if (!existsSync(path)) await make(path, rows)
      for (const what of ['read', 'sort']) {
        const { stdout } = await execa(process.execPath, [SELF, 'measure', what, path, '--out', values.out])
        figures.push(JSON.parse(stdout.trim().split('\n').at(-1)!))
        console.error(asTable(figures.slice(-1)).split('\n').at(-1))
      }
      rmSync(path)
    }
  }
  const page = ['# Reading and sorting files of stars, measured', begun, asTable(figures)].join('\n\n')
  console.log(page)
  const result = values.result ?? (positionals.length === 0 ? RESULT : undefined)
  if (result !== undefined) writeFileSync(result, `${page}\n`)
}
