// One plate of the comparison with SCAMP: reduced with all its reference stars, then without each fold of them, by both.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bench, command, judge, reduce, whyNot } from '../acceptance/bench.ts'
import type { Judged } from './judged.ts'

export interface Recipe {
  name: string
  /** Has what SCAMP cannot model: platepipe must be clearly better. */
  hard: boolean
  options: Record<string, unknown>
  /** Options of `reduce` for this plate: what an archive knows of its scanner. */
  reduce?: string[]
}

export interface Plate {
  name: string
  hard: boolean
  scan: string
  stars: string
  /** Null for a real plate. */
  truth: string | null
  /** Options of `reduce` for this plate. */
  reduce: string[]
}

export interface Compared {
  plate: Plate
  judged: Judged
  /** Folds that platepipe did not reduce, and why; runs of SCAMP that left no solution. */
  platepipeFailed: string[]
  scampFailed: string[]
  model: string
  /** Of both programs, all folds and degrees. */
  seconds: number
}

/** Fine enough that centring does not hide what shifts of 2 to 5 µm do. */
const PIXEL_UM = 10

/** A simulated plate with its truth and its reference stars, in OUT/plates; only its names when it is there already. */
export async function simulate(bench: Bench, recipe: Recipe, seed: number, again: boolean): Promise<Plate> {
  const { name, hard } = recipe
  const plates = join(bench.out, 'plates')
  const file = (end: string) => join(plates, `${name}${end}`)
  const plate = {
    name,
    hard,
    scan: file('.fits'),
    stars: file('-reference.csv'),
    truth: file('-truth.fits'),
    reduce: recipe.reduce ?? [],
  }
  if (again) return plate
  await mkdir(plates, { recursive: true })
  const path = file('.recipe.json')
  const options = { polarity: 'positive', pixelUm: PIXEL_UM, ...recipe.options, name, seed }
  await writeFile(path, JSON.stringify(options))
  const made = await command(bench, ['simulate', '--recipe', path, '--out', plates])
  if (made.exit !== 0) throw new Error(`simulate ${path}: exit ${made.exit}\n${made.stderr}`)
  return plate
}

/** What both programs made of a plate, kept beside the judgement. */
type Runs = Omit<Compared, 'plate' | 'judged'>

/** @throws when the plate with all its stars is not reduced: there is nothing to compare */
async function runBoth(bench: Bench, plate: Plate, work: string): Promise<Runs> {
  const started = performance.now()
  const options = (stars: string) => ['--catalog', stars, ...plate.reduce]
  const full = await reduce(bench, plate.scan, plate.name, 'full', options(plate.stars))
  if (full.exit !== 0) throw new Error(`${plate.name}: ${whyNot(full)}`)
  const truth = plate.truth === null ? [] : [plate.truth]
  const { folds } = await judge<{ folds: number }>('astrometry_folds', [work, plate.stars, ...truth])
  const platepipeFailed: string[] = []
  for (let n = 0; n < folds; n++) {
    const stars = join(work, `fold-${n}.csv`)
    const run = await reduce(bench, plate.scan, plate.name, `fold-${n}`, options(stars))
    if (run.exit !== 0) platepipeFailed.push(`fold ${n}: ${whyNot(run)}`)
  }
  const scamp = await judge<{ failed: string[] }>('scamp_folds', [work, plate.scan, plate.stars])
  const model = full.solution?.exposures[0]?.model.name ?? 'none'
  const seconds = (performance.now() - started) / 1000
  return { platepipeFailed, scampFailed: scamp.failed, model, seconds }
}

/** Runs both programs, or with `again` takes what they left, and judges. */
export async function compare(bench: Bench, plate: Plate, again: boolean): Promise<Compared> {
  const work = join(bench.out, plate.name)
  const kept = join(work, 'runs.json')
  const runs = again ? (JSON.parse(await readFile(kept, 'utf8')) as Runs) : await runBoth(bench, plate, work)
  if (!again) await writeFile(kept, JSON.stringify(runs))
  const judged = await judge<Judged>('astrometry', [work])
  await writeFile(join(work, 'judged.json'), JSON.stringify(judged))
  return { plate, judged, ...runs }
}
