// npm run bench -- astrometry [plate…] [--platepipe PATH] [--seed N] [--out DIR] [--shared DIR] [--result FILE] [--again]
// platepipe and SCAMP (degrees 1 to 5, with SExtractor's detections and with platepipe's) on the same plates, judged by held-out
// stars: M67 and simulated plates whose truth is known. Prints the figures; with --result, or all plates and the repository's
// own command, writes them to bench/results/astrometry.md. With --again it judges what an earlier run left in DIR. Exits 1 on a miss.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Figure } from './acceptance/bench.ts'
import { M67, M67_STARS } from './acceptance/m67.ts'
import { asMarkdown, asText, provenance } from './acceptance/table.ts'
import { figuresOf } from './astrometry/figures.ts'
import { type Compared, compare, type Plate, type Recipe, simulate } from './astrometry/plate.ts'
import { HOW, plateTable } from './astrometry/tables.ts'

const RESULT = 'bench/results/astrometry.md'
const RECIPES = 'bench/astrometry/recipes.json'
const FRESH_SEED = 40_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    platepipe: { type: 'string', default: 'bin/platepipe' },
    seed: { type: 'string', default: String(FRESH_SEED) },
    out: { type: 'string', default: '.cache/astrometry' },
    shared: { type: 'string', default: '../shared' },
    result: { type: 'string' },
    again: { type: 'boolean', default: false },
  },
})
const { plates: recipes } = JSON.parse(readFileSync(RECIPES, 'utf8')) as { plates: Recipe[] }
const known = ['m67', ...recipes.map(({ name }) => name)]
const names = positionals.length === 0 ? known : positionals
const unknown = names.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`there is no plate ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  process.exit(2)
}
const base = Number(values.seed)
const bench: Bench = {
  platepipe: resolve(values.platepipe),
  shared: resolve(values.shared),
  out: resolve(values.out),
  seedBases: [base],
  only: '',
}
mkdirSync(bench.out, { recursive: true })

async function plateOf(name: string): Promise<Plate> {
  const n = recipes.findIndex((recipe) => recipe.name === name)
  if (n >= 0) return await simulate(bench, recipes[n]!, base + n + 1, values.again)
  const [scan, stars] = [join(bench.shared, M67), join(bench.shared, M67_STARS)]
  return { name, hard: false, scan, stars, truth: null, reduce: [] }
}

const commandLine = ['npm run bench -- astrometry', ...process.argv.slice(2)].join(' ')
const begun = provenance(commandLine) // before the plates: the tree may change while they run
const figures: Figure[] = []
const compared: Compared[] = []
const result = values.result ?? (positionals.length === 0 ? RESULT : undefined)

function total(): string {
  const minutes = compared.reduce((sum, { seconds }) => sum + seconds, 0) / 60
  const seeds = `seeds from ${base + 1}`
  return `${compared.length} of ${names.length} plates, ${seeds}, in ${minutes.toFixed(1)} min; ${missed()} figures missed.`
}

function missed(): number {
  return figures.filter(({ pass }) => pass === false).length
}

function write(path: string): void {
  const page = [
    '# Plate constants against SCAMP, by held-out stars',
    begun,
    total(),
    HOW,
    asMarkdown(figures),
    '## Every program and degree',
    ...compared.map(plateTable),
  ]
  writeFileSync(path, `${page.join('\n\n')}\n`)
}

for (const name of names) {
  console.error(`${name} …`)
  try {
    const found = await compare(bench, await plateOf(name), values.again)
    compared.push(found)
    figures.push(...figuresOf(found))
    console.error(asText(figuresOf(found)))
  } catch (error) {
    // One plate that cannot be judged must not keep the others from the table.
    console.error(error)
    const measured = String(error).split('\n')[0]!
    figures.push({ row: name, figure: 'could be judged', required: 'yes', measured, pass: false })
  }
  if (result !== undefined) write(result) // after each: a run that is stopped leaves what it has
}
console.log(asText(figures))
console.log(total())
process.exit(missed() > 0 ? 1 : 0)
