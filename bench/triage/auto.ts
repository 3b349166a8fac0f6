// Plates of two and three exposures through `platepipe reduce --exposures auto`, and the same sky with one exposure beside them.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type SimulateResult, simulate } from '../../src/simulate/simulate.ts'
import { type Bench, judge, type Reduction, reduce, whyNot } from '../acceptance/bench.ts'
import { type AutoRecipe, autoRecipe } from './auto-recipes.ts'
import { commandLine } from './judged.ts'

/** What bench/judges/exposures.py prints. */
interface Verdict {
  status: string | null
  class: string | null
  /** Images above the limit, per true exposure. */
  shown: number[]
  exposures: SolvedExposure[]
  single: SolvedExposure | null
  compared: { stars: number; median_px: number; single_median_px: number } | null
  together: { members: number[]; moved: string | null; gain_sigmas: (number | null)[] } | null
}

interface SolvedExposure {
  index: number
  truth: number
  pairs: number
  named_rightly: number
  median_px: number | null
  epoch_yr: number
}

export interface AutoRun {
  seed: number
  name: string
  options: string
  stars: number
  damage: number
  fwhmPx: number
  field: number
  exit: number | null
  seconds: number
  says: string
  verdict: Verdict
}

const SEED_STEP = 100_000 // from the plates that go through triage alone

interface AutoPlan {
  seed: number
  /** Numbers of the plates. */
  from: number
  to: number
  again: boolean
  /** Receives a line for each plate that could not be tried. */
  broken: string[]
}

/** Made one by one and written down as they end; what an earlier run wrote is taken with `again`. */
export async function autoRuns(
  bench: Bench,
  { seed, from, to, again, broken }: AutoPlan,
): Promise<AutoRun[]> {
  const path = join(bench.out, `auto-${seed}.jsonl`)
  if (!again) rmSync(path, { force: true })
  const kept = existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as AutoRun)
    : []
  const runs: AutoRun[] = []
  for (let n = from; n < to; n++) {
    const recipe = autoRecipe(n, seed + SEED_STEP + n)
    const known = kept.find((run) => run.seed === recipe.seed && run.options === commandLine(recipe.options))
    try {
      const run = known ?? (await autoRun(bench, recipe))
      runs.push(run)
      if (known === undefined) appendFileSync(path, `${JSON.stringify(run)}\n`)
      const { exposures, shown, compared } = run.verdict
      console.error(
        `${run.seed} ${run.name}, ${shown.join('/')} images: exit ${run.exit}, ${exposures.length} solved, ` +
          `${exposures.map((e) => `${e.truth}: ${e.pairs} pairs, ${(100 * e.named_rightly).toFixed(1)} % right, ${e.median_px?.toFixed(3)} px`).join('; ')}; ` +
          `beside a single plate ${compared === null ? '–' : (compared.median_px / compared.single_median_px).toFixed(2)}; ${run.seconds.toFixed(0)} s; ${run.says.slice(0, 200)}`,
      )
    } catch (error) {
      console.error(error)
      broken.push(`seed ${recipe.seed}, ${recipe.name}: ${String(error).split('\n')[0]}`)
    }
  }
  return runs
}

async function autoRun(bench: Bench, recipe: AutoRecipe): Promise<AutoRun> {
  const { seed, name, options, stars } = recipe
  const folder = join(bench.out, 'auto', 'plates')
  mkdirSync(folder, { recursive: true })
  const made = await simulate(options, { outDir: folder })
  const several = await reduced(bench, made, ['--exposures', 'auto'])
  const one = await simulate(recipe.single, { outDir: folder })
  const single = await reduced(bench, one, [])
  const written = JSON.parse(readFileSync(made.recipe, 'utf8')) as { limit_mag: number }
  const verdict = await judge<Verdict>('exposures', [
    ...[written.limit_mag, options.fwhm ?? 0, made.truth, several.folder, one.truth, single.folder],
  ])
  rmSync(made.scan)
  rmSync(one.scan)
  return {
    ...{ seed, name, stars, verdict },
    options: commandLine(options),
    damage: options.damage ?? Number.NaN,
    fwhmPx: options.fwhm ?? Number.NaN,
    field: options.field ?? Number.NaN,
    exit: several.exit ?? null,
    seconds: several.seconds,
    says: whyNot(several),
  }
}

const reduced = (bench: Bench, made: SimulateResult, options: readonly string[]): Promise<Reduction> =>
  reduce(bench, made.scan, 'auto', made.name, ['--catalog', made.reference, ...options])
