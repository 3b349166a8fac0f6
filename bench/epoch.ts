// npm run bench -- epoch [--seed N] [--count N] [--again] [--platepipe PATH] [--out DIR] [--shared DIR] [--result FILE]
// Whether the epoch of a plate is found from the proper motions of its stars, and its error honest: M67 with --epoch unknown, M67
// with headers that are 30 years wrong (which must be flagged), and simulated plates of 1890 to 2000 without a date. Prints per
// plate the difference from the truth, the quoted error and their ratio; --again takes what an earlier run found. With --result, or the usual numbers, writes them to
// bench/results/epoch.md. Exits 1 on a miss.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Bench, reduce, whyNot } from './acceptance/bench.ts'
import { provenance } from './acceptance/table.ts'
import { type Dated, m67Plates, simulatedPlates } from './epoch/plates.ts'

const RESULT = 'bench/results/epoch.md'
const MAX_M67_YR = 1
const MAX_M67_PULL = 2
const PULL_WIDTH = { low: 0.75, high: 1.25 } // the width of 24 pulls is itself known to 0.15
const WRONG_BY_YR = [-30, 30]

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '70000' },
    count: { type: 'string', default: '24' },
    again: { type: 'boolean', default: false },
    platepipe: { type: 'string', default: 'bin/platepipe' },
    out: { type: 'string', default: '.cache/epoch' },
    shared: { type: 'string', default: '../shared' },
    result: { type: 'string' },
  },
})
const bench: Bench = {
  platepipe: resolve(values.platepipe),
  shared: resolve(values.shared),
  out: resolve(values.out),
  seedBases: [Number(values.seed)],
  only: '',
}
mkdirSync(bench.out, { recursive: true })
const begun = provenance(['npm run bench -- epoch', ...process.argv.slice(2)].join(' '))

interface Found extends Dated {
  exit: number
  source: string
  epochYr: number | null
  errorYr: number | null
  pairs: number
  codes: string[]
  why: string
}

interface EpochSolution {
  plate: { epoch_yr: number | null; epoch_source: string }
  exposures: { epoch_check: { epoch_yr: number; error_yr: number } | null }[]
}

const kept = join(bench.out, `found-${values.seed}.json`)
const known: Found[] = values.again && existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : []

async function find(plate: Dated): Promise<Found> {
  const before = known.find(({ name }) => name === plate.name)
  if (before !== undefined) return before
  const run = await reduce(bench, plate.scan, 'reduced', plate.name, [
    '--catalog',
    plate.stars,
    ...plate.options,
  ])
  const dated = run.solution as unknown as EpochSolution | null
  const check = dated?.exposures[0]?.epoch_check ?? null
  const found: Found = {
    ...plate,
    exit: run.exit ?? -1,
    source: dated?.plate.epoch_source ?? 'none',
    epochYr: check?.epoch_yr ?? null,
    errorYr: check?.error_yr ?? null,
    pairs: run.solution?.exposures[0]?.fit.pairs ?? 0,
    codes: run.solution?.reasons.map(({ code }) => code) ?? [],
    why: run.exit === 0 ? '' : whyNot(run),
  }
  known.push(found)
  writeFileSync(kept, JSON.stringify(known, null, 1))
  console.error(line(found).join('  '))
  return found
}

const pullOf = ({ epochYr, errorYr, trueYr }: Found): number =>
  epochYr === null || errorYr === null ? Number.NaN : (epochYr - trueYr) / errorYr

function line(found: Found): string[] {
  const { name, trueYr, claimedYr, epochYr, errorYr, pairs, exit, source, codes } = found
  const flags = codes.filter((code) => code.endsWith('_EPOCH'))
  return [
    name,
    trueYr.toFixed(2),
    claimedYr === null ? 'none' : claimedYr.toFixed(2),
    epochYr === null ? 'not found' : epochYr.toFixed(2),
    epochYr === null ? '' : (epochYr - trueYr).toFixed(2),
    errorYr === null ? '' : errorYr.toFixed(2),
    pullOf(found).toFixed(2),
    String(pairs),
    `${exit}, ${source}${flags.length === 0 ? '' : `, ${flags.join(' ')}`}`,
  ]
}

const m67: Found[] = []
for (const plate of m67Plates(bench, WRONG_BY_YR)) m67.push(await find(plate))
const simulated: Found[] = []
for (const plate of await simulatedPlates(bench, Number(values.seed), Number(values.count))) {
  simulated.push(await find(plate))
}

const [own, ...wrong] = m67
const fitted = simulated.filter((found) => found.exit === 0 && found.source === 'fitted')
const pulls = fitted.map(pullOf)
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
const width = Math.sqrt(mean(pulls.map((pull) => pull ** 2)))
const within = (limit: number) => pulls.filter((pull) => Math.abs(pull) <= limit).length
const checks: [text: string, pass: boolean][] = [
  [
    `M67 without its date: off by ${((own!.epochYr ?? Number.NaN) - own!.trueYr).toFixed(2)} yr (at most ${MAX_M67_YR}), ` +
      `${pullOf(own!).toFixed(2)} of its error (at most ${MAX_M67_PULL}), epoch_source ${own!.source}`,
    Math.abs((own!.epochYr ?? Number.NaN) - own!.trueYr) <= MAX_M67_YR &&
      Math.abs(pullOf(own!)) <= MAX_M67_PULL &&
      own!.source === 'fitted',
  ],
  [
    `M67 with a header ${WRONG_BY_YR.join(' and ')} years wrong: exit ${wrong.map(({ exit }) => exit).join(', ')} (3: flagged)`,
    wrong.every(({ exit, codes }) => exit === 3 && codes.includes('WRONG_EPOCH')),
  ],
  [
    `simulated plates reduced at a fitted epoch: ${fitted.length} of ${simulated.length}`,
    fitted.length === simulated.length,
  ],
  [
    `their pulls: width ${width.toFixed(2)} about 0 (${PULL_WIDTH.low} to ${PULL_WIDTH.high}), mean ${mean(pulls).toFixed(2)}, ` +
      `${within(1)} within 1, ${within(2)} within 2 of ${pulls.length}`,
    width >= PULL_WIDTH.low && width <= PULL_WIDTH.high,
  ],
]

const head = ['plate', 'true', 'header', 'found', 'off, yr', 'error, yr', 'pull', 'pairs', 'exit, source']
const table = [head, head.map(() => '---'), ...[...m67, ...simulated].map(line)]
const page = [
  '# The epoch from proper motions',
  begun,
  checks.map(([text, pass]) => `- ${pass ? 'pass' : '**MISS**'}: ${text}`).join('\n'),
  table.map((row) => `| ${row.join(' | ')} |`).join('\n'),
  ...[...m67, ...simulated]
    .filter(({ exit, claimedYr }) => exit !== 0 && claimedYr === null)
    .map((f) => `- ${f.name}: ${f.why}`),
].join('\n\n')
console.log(page)
const result = values.result ?? (process.argv.length === 2 ? RESULT : undefined)
if (result !== undefined) writeFileSync(result, `${page}\n`)
process.exit(checks.every(([, pass]) => pass) ? 0 : 1)
