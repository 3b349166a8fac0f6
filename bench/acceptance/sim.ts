// Row: the twelve simulated plates of fixtures/acceptance.json with fresh seeds. Reduced, and right where reduced.
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  atLeast,
  type Bench,
  command,
  type Figure,
  judge,
  mustBe,
  reduce,
  told,
  verified,
  whyNot,
} from './bench.ts'

export interface Recipe {
  catalog: 'reference' | 'tycho-2'
  options: { seed: number; name: string; field: number; epoch: number; damage: number } & Record<
    string,
    unknown
  >
}

export interface TruthFound {
  stars: number
  /** Truth stars through wcs.fits to pixels, against their true places, px. */
  median: number
  p95: number
  max: number
  /** Share of the bright unblended stars within 1 px. */
  bright_within: number
  /** Matched rows of the catalogue that lie on the image of another star than the one they are named after. */
  wrong_ids: number
  matched: number
}

/** A solution is right when this share of the bright, unblended stars falls within 1 px of the truth. */
export const RIGHT_SHARE = 0.95
const MIN_REDUCED = 10

export function recipes(): Recipe[] {
  return (JSON.parse(readFileSync('fixtures/acceptance.json', 'utf8')) as { plates: Recipe[] }).plates
}

export interface SimOutcome {
  seed: number
  recipe: Recipe
  reduced: boolean
  truth: TruthFound | null
  /** For a plate that was not reduced or is wrong: what it says of itself. */
  why: string
  folder: string
  seconds: number
}

/** Simulates and reduces one plate, and judges it by its truth. */
export async function onePlate(
  bench: Bench,
  recipe: Recipe,
  seed: number,
  group: string,
): Promise<SimOutcome> {
  const { name } = recipe.options
  const plates = join(bench.out, group, 'plates')
  await mkdir(plates, { recursive: true })
  const recipePath = join(plates, `${name}.recipe.json`)
  await writeFile(recipePath, JSON.stringify({ ...recipe.options, seed }))
  const made = await command(bench, ['simulate', '--recipe', recipePath, '--out', plates])
  if (made.exit !== 0) throw new Error(`simulate ${recipePath}: exit ${made.exit}\n${made.stderr}`)
  const catalogue = recipe.catalog === 'reference' ? ['--catalog', join(plates, `${name}-reference.csv`)] : []
  const run = await reduce(bench, join(plates, `${name}.fits`), group, name, catalogue)
  const reduced = run.exit === 0
  const truth = reduced
    ? await judge<TruthFound>('truth', [join(plates, `${name}-truth.fits`), run.folder])
    : null
  const attempts = (run.solution?.attempts ?? []).map(
    (a) =>
      `    ${a.attempt}: ${a.solved ? `log-odds ${a.log_odds}` : 'unsolved'}, ${a.seconds} s; ${a.verdict ?? ''}`,
  )
  const why = reduced ? '' : [whyNot(run), ...attempts].join('\n')
  return { seed, recipe, reduced, truth, why, folder: run.folder, seconds: run.seconds }
}

function isRight(outcome: SimOutcome): boolean {
  return outcome.truth !== null && outcome.truth.bright_within >= RIGHT_SHARE
}

/** One line of a plate. */
export function describeOutcome(outcome: SimOutcome): string {
  const { name, field, epoch, damage } = outcome.recipe.options
  const what = `${name} (seed ${outcome.seed}, ${field}°, ${epoch}, damage ${damage})`
  const t = outcome.truth
  if (t === null) return `${what}: not reduced: ${outcome.why}`
  const px = (value: number) => value.toFixed(3)
  const ids = `${t.wrong_ids} of ${t.matched} pairs with another star`
  const verdict = isRight(outcome)
    ? 'right'
    : `WRONG, ${(100 * t.bright_within).toFixed(1)} % of the bright within 1 px`
  return `${what}: ${verdict}, ${px(t.median)} px median, ${px(t.p95)} 95 %, ${px(t.max)} largest of ${t.stars} stars; ${ids}; ${outcome.seconds.toFixed(0)} s`
}

/** The scans with a wrong header are left out: fitsverify rightly objects to a date such as T04:95:00. */
async function verifiedPlates(
  row: string,
  folder: string,
  outcomes: readonly SimOutcome[],
): Promise<Figure[]> {
  const lying = outcomes.filter((outcome) => outcome.recipe.options.header === 'wrong')
  const leftOut = lying.map((outcome) => join(folder, 'plates', `${outcome.recipe.options.name}.fits`))
  return [await verified(row, folder, leftOut)]
}

export async function sim(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const base of bench.seedBases) {
    const row = `sim ${base}`
    const group = `sim-${base}`
    const outcomes: SimOutcome[] = []
    const plates = recipes()
    for (const [n, recipe] of plates.entries()) {
      if (!recipe.options.name.includes(bench.only)) continue
      const outcome = await onePlate(bench, recipe, base + n + 1, group)
      outcomes.push(outcome)
      console.error(describeOutcome(outcome))
      figures.push(told(row, recipe.options.name, describeOutcome(outcome)))
    }
    const reduced = outcomes.filter((outcome) => outcome.reduced)
    const wrong = reduced.filter((outcome) => !isRight(outcome))
    const beyond = reduced.filter((outcome) => outcome.truth !== null && outcome.truth.max > 1)
    figures.push(
      atLeast(
        row,
        `plates reduced, of ${outcomes.length}`,
        Math.min(MIN_REDUCED, outcomes.length),
        reduced.length,
      ),
      mustBe(row, 'wrong solutions published as reduced', 0, wrong.length),
      told(row, 'reduced plates with any star of the plate more than 1 px off', String(beyond.length)),
      ...(await verifiedPlates(row, join(bench.out, group), outcomes)),
    )
  }
  return figures
}
