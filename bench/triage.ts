// npm run bench -- triage [--seed N] [--count N] [--from N] [--auto N] [--again] [--platepipe PATH] [--out DIR] [--shared DIR]
//   [--result FILE]
// Whether the class of a plate is told before any solution. COUNT simulated plates of every kind through the stages up to triage,
// with a logbook that says nothing, against what each plate shows; the real plates at hand, all of them single; and AUTO plates
// of two and three exposures through the whole command with --exposures auto, beside plates of one exposure of the same depth.
// --again takes the detections and the whole runs that an earlier run with the same seed kept in DIR, and makes the rest; triage
// itself is always asked anew. --from leaves out the plates before that number, so that two runs with --again can make them at once, and
// a third the page. With --result, or with all defaults but --again, the page goes to bench/results/triage.md.
// Exits 1 where a bound is missed.
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchOf } from './acceptance/bench.ts'
import { asMarkdown, provenance } from './acceptance/table.ts'
import { type AutoRun, autoRuns } from './triage/auto.ts'
import { autoFigures, autoTables } from './triage/auto-tables.ts'
import { edgesTable, type RealEdges, realEdges, realEdgesTable } from './triage/edges.ts'
import { realFigure, triageFigures } from './triage/figures.ts'
import { type Judged, judged, type Said, said } from './triage/judged.ts'
import { realInput, triagePlate } from './triage/plates.ts'
import { recipeOf } from './triage/recipes.ts'
import { AUTO_RULES, EDGES_RULES, RULES } from './triage/rules.ts'
import {
  classTable,
  failureTable,
  familyTable,
  faultsOf,
  numberTable,
  offsetTable,
  realTable,
} from './triage/tables.ts'

const RESULT = 'bench/results/triage.md'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '550000' },
    count: { type: 'string', default: '210' },
    from: { type: 'string', default: '0' },
    auto: { type: 'string', default: '20' },
    again: { type: 'boolean', default: false },
    platepipe: { type: 'string', default: 'bin/platepipe' },
    out: { type: 'string', default: '.cache/triage' },
    shared: { type: 'string', default: '../shared' },
    result: { type: 'string' },
  },
})
const seed = Number(values.seed)
const bench = benchOf(values)
const given = process.argv.slice(2)
const begun = provenance(['npm run bench -- triage', ...given].join(' '))

/** Plates that could not be tried: one that breaks must not keep the others from being tried, but it counts. */
const broken: string[] = []
async function attempt<T>(name: string, make: () => Promise<T>): Promise<T | null> {
  try {
    return await make()
  } catch (error) {
    console.error(error)
    broken.push(`${name}: ${String(error).split('\n')[0]}`)
    return null
  }
}

const plates: Judged[] = []
for (let n = Number(values.from); n < Number(values.count); n++) {
  const recipe = recipeOf(n, seed + n)
  const started = performance.now()
  const plate = await attempt(`seed ${recipe.seed}, ${recipe.family}`, async () =>
    judged(await triagePlate(recipe, bench.out, values.again)),
  )
  if (plate === null) continue
  plates.push(plate)
  const faults = faultsOf(plate)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.error(
    `${recipe.seed} ${recipe.family}, ${plate.truth.shown.join('/')} images of ${recipe.stars} stars, ${plate.detections} detections: ` +
      `${plate.said.class} ${plate.said.flags.join(' + ')}${plate.said.class === 'multi' ? ` ${plate.said.exposures.length}` : ''} ` +
      `${faults.length > 0 ? `FAULT: ${faults.join('; ')}` : ''} (${seconds} s, triage ${plate.said.seconds.toFixed(1)} s)`,
  )
}
writeFileSync(
  join(bench.out, `triage-${seed}.jsonl`),
  plates.map((plate) => `${JSON.stringify(plate)}\n`).join(''),
)

const real: { name: string; detections: number; said: Said; edges: RealEdges }[] = []
const folder = join(bench.shared, 'plates')
// A run that makes a part of the plates leaves the others to that which begins at 0.
const scans =
  Number(values.from) === 0 && existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.fits'))
    : []
for (const scan of scans.sort()) {
  const name = scan.replace(/\.fits$/, '')
  const input = await attempt(name, () => realInput(join(folder, scan), name, bench.out, values.again))
  if (input !== null)
    real.push({
      ...{ name, detections: input.detections.length, said: said(input) },
      edges: realEdges(input),
    })
}

const runs: AutoRun[] = await autoRuns(bench, {
  ...{ seed, from: Number(values.from), to: Number(values.auto), again: values.again, broken },
})

const figures = [
  ...(plates.length === 0 ? [] : triageFigures(plates)),
  ...(real.length === 0 ? [] : [realFigure(real.map((plate) => plate.said))]),
  ...(runs.length === 0 ? [] : autoFigures(runs)),
]
const sections =
  plates.length === 0
    ? []
    : [
        '## The class',
        'In brackets the share, and what it is below with a certainty of 95 %.',
        classTable(plates),
        familyTable(plates),
        '## Exposures of the plates that show more than one',
        numberTable(plates),
        offsetTable(plates),
        '## Stars and specks',
        EDGES_RULES,
        edgesTable(plates),
        '## Every plate on which something is wrong',
        failureTable(plates),
        'To make one again: `platepipe simulate` with',
        ...plates.filter((plate) => faultsOf(plate).length > 0).map((plate) => `- \`${plate.options}\``),
      ]
const page = [
  '# Triage',
  begun,
  asMarkdown(figures),
  '## What counts',
  RULES,
  ...sections,
  '## The real plates, all of one exposure, with a logbook that says nothing',
  ...(real.length === 0 ? ['None at hand.'] : [realTable(real), realEdgesTable(real)]),
  ...(runs.length === 0 ? [] : ['## Whole runs with `--exposures auto`', AUTO_RULES, ...autoTables(runs)]),
  ...(broken.length === 0 ? [] : ['## Plates that could not be tried', ...broken.map((line) => `- ${line}`)]),
].join('\n\n')
console.log(page)
const usual = given.every((arg) => arg === '--again')
const result = values.result ?? (usual ? RESULT : undefined)
if (result !== undefined) writeFileSync(result, `${page}\n`)
process.exit(broken.length > 0 || figures.some(({ pass }) => pass === false) ? 1 : 0)
