// npm run bench -- joint-exposures [case…] [--seed N] [--count N] [--out DIR] [--result FILE]
// Exposures of one plate fitted one by one and together: the distance of the true images from their true places on the sky, with stars
// few and many. With --result, or all cases, writes bench/results/joint-exposures.md. Exits 1 where fitting together makes it worse,
// or exposures of two telescopes are fitted together.
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { accept } from '../src/accept.ts'
import { parseConfig } from '../src/config.ts'
import { fitTogetherInSteps } from '../src/joint-exposures.ts'
import { DEG } from '../src/math/sphere.ts'
import { skyAt } from '../src/models/plate-constants.ts'
import { type Refined, refine } from '../src/refine.ts'
import { atOnce } from '../src/steps.ts'
import { provenance } from './acceptance/table.ts'
import { CASES } from './joint-exposures/cases.ts'
import { type BenchExposure, type Case, exposuresOf } from './joint-exposures/plates.ts'

const RESULT = 'bench/results/joint-exposures.md'
const MAX_RATIO = 1.02 // of the errors together and alone, over the plates of a case

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '91000' },
    count: { type: 'string', default: '6' },
    out: { type: 'string', default: '.cache/joint-exposures' },
    result: { type: 'string' },
  },
})
const out = resolve(values.out)
mkdirSync(out, { recursive: true })
const config = parseConfig({ offline: true })
const begun = provenance(['npm run bench -- joint-exposures', ...process.argv.slice(2)].join(' '))

/** Mean square over the true images of an exposure, per axis, um². */
function squareOff({ constants }: Refined, { truth, umPerDeg }: BenchExposure): number {
  const [faintest] = truth.map(({ gMag }) => gMag).sort((a, b) => b - a)
  const seen = truth.filter(({ gMag }) => gMag < faintest! - BELOW_LIMIT_MAG)
  let sum = 0
  for (const image of seen) {
    const { raRad, decRad } = skyAt(constants, image.x, image.y, image.gMag, image.bpRp)
    const turn = ((raRad / DEG - image.raDeg + 540) % 360) - 180
    sum += ((turn * Math.cos(decRad)) ** 2 + (decRad / DEG - image.decDeg) ** 2) / 2
  }
  return (sum / seen.length) * umPerDeg ** 2
}

const BELOW_LIMIT_MAG = 1.5 // the truth holds stars that much fainter than the plate shows

interface Plate {
  seed: number
  pairs: number[]
  models: string
  aloneUm: number[]
  togetherUm: number[]
  members: number
  moved: string
  accepted: number
  seconds: number
}

async function measured(given: Case, seed: number): Promise<Plate | null> {
  const exposures = await exposuresOf(given, seed, out)
  const alone = exposures.map(({ input }) => ({ input, refined: refine(input, config) }))
  if (alone.some(({ refined }) => refined === undefined)) return null
  const started = performance.now()
  const found = atOnce(
    fitTogetherInSteps(alone as { input: (typeof alone)[number]['input']; refined: Refined }[], config),
  )
  const seconds = (performance.now() - started) / 1000
  const um = (refined: readonly Refined[]) =>
    refined.map((own, n) => Math.sqrt(squareOff(own, exposures[n]!)))
  const verdicts = found.refined.map((own, n) => {
    const { width, height } = exposures[n]!.input
    return accept(own, { width, height, fwhmPx: exposures[n]!.fwhmPx })
  })
  return {
    ...{ seed, seconds, members: found.members.length, moved: found.moved ?? 'none' },
    pairs: found.refined.map(({ pairs }) => pairs.detection.length),
    models: `${alone.map(({ refined }) => refined!.constants.model.name).join('; ')} → ${found.refined[0]!.constants.model.name}`,
    aloneUm: um(alone.map(({ refined }) => refined!)),
    togetherUm: um(found.refined),
    accepted: verdicts.filter((verdict) => verdict.accepted).length,
  }
}

const rms = (list: readonly number[]) =>
  Math.sqrt(list.reduce((sum, value) => sum + value ** 2, 0) / list.length)
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length

interface Row {
  cells: string[]
  pass: boolean
}

function rowOf(given: Case, plates: readonly Plate[], tried: number): Row {
  const alone = rms(plates.flatMap(({ aloneUm }) => aloneUm))
  const together = rms(plates.flatMap(({ togetherUm }) => togetherUm))
  const ratio = together / alone
  const taken = plates.filter(({ members }) => members > 0).length
  const right = plates.filter(({ moved }) => moved === given.moved).length
  const all = given.offsetsUm.length
  const accepted = plates.filter((plate) => plate.accepted === all).length
  const cells = [
    ...[given.name, String(all), mean(plates.flatMap(({ pairs }) => pairs)).toFixed(0)],
    ...[alone.toFixed(2), together.toFixed(2), ratio.toFixed(2)],
    ...[`${taken} of ${plates.length}`, `${right}`, `${accepted} of ${tried}`],
    mean(plates.map(({ seconds }) => seconds)).toFixed(1),
  ]
  return { cells, pass: given.apart ? taken === 0 : ratio <= MAX_RATIO }
}

const unknown = positionals.filter((name) => !CASES.some((own) => own.name === name))
if (unknown.length > 0) {
  console.error(
    `there is no case ${unknown.join(', ')}; there are: ${CASES.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
const cases = positionals.length === 0 ? CASES : CASES.filter(({ name }) => positionals.includes(name))
const rows: Row[] = []
const result = values.result ?? (positionals.length === 0 ? RESULT : undefined)
const HEAD = [
  ...['case', 'exposures', 'pairs of each', 'alone, um', 'together, um', 'ratio', 'fitted together'],
  ...['what moved: right', 'accepted', 'seconds'],
]
for (const given of cases) {
  const plates: Plate[] = []
  for (let n = 0; n < Number(values.count); n++) {
    const plate = await measured(given, Number(values.seed) + n)
    if (plate === null) continue
    plates.push(plate)
    const um = (list: number[]) => list.map((value) => value.toFixed(2)).join(' ')
    console.error(
      `${given.name} ${plate.seed}: ${plate.pairs.join(' ')} pairs, alone ${um(plate.aloneUm)}, together ${um(plate.togetherUm)} um, ` +
        `${plate.members} fitted together, moved: ${plate.moved}, ${plate.models}, ${plate.seconds.toFixed(1)} s`,
    )
  }
  rows.push(rowOf(given, plates, Number(values.count)))
  if (result !== undefined) writeFileSync(result, `${page()}\n`)
}

function page(): string {
  const table = [
    HEAD,
    HEAD.map(() => '---'),
    ...rows.map(({ cells, pass }) => (pass ? cells : [...cells, '**MISS**'])),
  ]
  return [
    '# Exposures of one plate, fitted one by one and together',
    begun,
    `Simulated plates of 2000 × 2000 px of 20 um, ${values.count} of each case. "alone" and "together": rms distance per axis, on the plate, of the ` +
      'true images from their true places on the sky, by the constants of each exposure.',
    table.map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
  ].join('\n\n')
}

console.log(page())
process.exit(rows.every(({ pass }) => pass) ? 0 : 1)
