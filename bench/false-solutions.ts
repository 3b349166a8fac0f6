// npm run bench -- false-solutions [--seed N] [--trials N] [--calibration N] [--minutes N] [--again] [--platepipe PATH]
//   [--out DIR] [--shared DIR] [--result FILE]
// How often a wrong solution is accepted. Wrong starts (mirrored, turned, other fields, clusters, flaws instead of stars, the best
// of many guesses) on real and simulated plates through refine and accept; whether the probability of the chance test is what it
// says; and whole runs of the command that must not end as reduced. --again takes what an earlier run with the same seed kept in
// DIR and makes the rest. With --result, or with all defaults but --again, the tables go to bench/results/false-solutions.md.
// Exits 1 where a wrong one was accepted or reduced, or the probability promises too much.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchOf } from './acceptance/bench.ts'
import { provenance } from './acceptance/table.ts'
import { type Prepared, prepared } from './false-solutions/plates.ts'
import { RECIPES } from './false-solutions/recipes.ts'
import { runCalibration, runTrials } from './false-solutions/run-trials.ts'
import {
  calibrationTable,
  failures,
  LEVELS,
  markdown,
  trialTable,
  wholeTable,
  wrongTrials,
} from './false-solutions/tables.ts'
import { wholeRuns } from './false-solutions/whole.ts'

const RESULT = 'bench/results/false-solutions.md'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '60000' },
    trials: { type: 'string', default: '1000' },
    calibration: { type: 'string', default: '4000' },
    minutes: { type: 'string', default: '15' },
    again: { type: 'boolean', default: false },
    platepipe: { type: 'string', default: 'bin/platepipe' },
    out: { type: 'string', default: '.cache/false-solutions' },
    shared: { type: 'string', default: '../shared' },
    result: { type: 'string' },
  },
})
const seed = Number(values.seed)
const bench = benchOf(values)
const given = process.argv.slice(2)
const begun = provenance(['npm run bench -- false-solutions', ...given].join(' '))

const plates: Prepared[] = []
const missing: string[] = []
for (const [n, recipe] of RECIPES.entries()) {
  try {
    const plate = await prepared(recipe, seed + n + 1, bench)
    plates.push(plate)
    console.error(`${plate.name}: ${plate.width} × ${plate.height} px, ${plate.detections.length} detections`)
  } catch (error) {
    // One plate that cannot be had must not keep the others from being tried.
    console.error(error)
    missing.push(`${recipe.name}: ${String(error).split('\n')[0]}`)
  }
}
const plan = (name: string, count: string) => ({
  ...{ plates, seed, count: Number(count), again: values.again },
  path: join(bench.out, `${name}-${seed}.jsonl`),
})
const trials = runTrials(plan('trials', values.trials))
const calibration = runCalibration(plan('calibration', values.calibration))
const runs = await wholeRuns(bench, seed, Number(values.minutes), values.again)

const { accepted, refused } = failures(trials)
const reduced = runs.filter(({ exit }) => exit === 0)
/** More than three standard deviations of the count above what the probability promises. */
const promisesTooMuch = LEVELS.filter((level) => {
  const expected = level * calibration.length
  const below = calibration.filter(({ probability }) => probability <= level).length
  return below > expected + 3 * Math.sqrt(expected) + 1
})
const wrong = wrongTrials(trials).length
const upper = (3 / wrong).toPrecision(1) // P(none of n) = 5 % at a rate of 3/n
const summary = [
  `${wrong} wrong starts: ${accepted.length} accepted${accepted.length === 0 ? ` (95 % sure that the rate is below ${upper})` : ''};`,
  `${refused.length} right ones refused. ${runs.length} whole runs: ${reduced.length} reduced.`,
  promisesTooMuch.length === 0
    ? 'The probability promises no more than it keeps.'
    : `The probability promises too much at ${promisesTooMuch.join(', ')}.`,
].join(' ')

const page = [
  '# False solutions',
  begun,
  summary,
  '## Wrong starts through refine and accept',
  trialTable(trials),
  ...[...accepted, ...refused].map((t) => `- ${t.plate}, ${t.kind}, round ${t.round}: ${t.text}`),
  '## The probability of the chance test',
  'Counts at or below each level, and in brackets what an exact probability would give; a smaller count is caution.',
  calibrationTable(calibration),
  '## Whole runs of `platepipe reduce`',
  wholeTable(runs),
  ...(missing.length === 0 ? [] : ['## Left out', ...missing]),
  '## The plates',
  markdown(
    ['plate', 'pixels', 'detections', 'stars', 'reference stars'],
    plates.map((p) => [
      p.name,
      `${p.width} × ${p.height}`,
      p.detections.length,
      p.ranked.length,
      p.stars?.length ?? '–',
    ]),
  ),
].join('\n\n')
console.log(page)
const usual = given.every((arg) => arg === '--again')
const result = values.result ?? (usual ? RESULT : undefined)
if (result !== undefined) writeFileSync(result, `${page}\n`)
process.exit(accepted.length + reduced.length + promisesTooMuch.length > 0 ? 1 : 0)
