// The plates of the triage bench as the stage sees them: simulated, taken through the stages before it, and kept without the scan.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { tileCorrelations } from '../../src/image-tiles.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import type { TriageInput } from '../../src/stages/triage.ts'
import { detected } from '../false-solutions/plates.ts'
import { whose } from '../joint-exposures/plates.ts'
import type { TriageRecipe } from './recipes.ts'
import { type PlateTruth, truthOf } from './truth.ts'

/** Nothing is said of the exposures: only the stars speak. */
const SILENT: TriageInput['logbook'] = { method: null, exposures: null, insists: false }

export interface TriagePlate {
  recipe: TriageRecipe
  truth: Omit<PlateTruth, 'images'>
  /** The true exposure of each detection; −1 where no star is. */
  exposure: Int8Array
  input: TriageInput
}

/** What triage is given, as src/pipeline.ts gives it, for the scan at that path. Leaves no work files. */
export async function inputOf(scanPath: string, folder: string): Promise<TriageInput> {
  const { plate, detections, filtered, fwhmPx, sky, width, height, workDir } = await detected(
    scanPath,
    folder,
  )
  const correlations = await tileCorrelations(join(workDir, 'positive.fits'), sky.area)
  rmSync(workDir, { recursive: true, force: true })
  const { ranked, reject } = filtered
  return {
    ...{ detections, ranked, reject, width, height, fwhmPx, sky, correlations, logbook: SILENT },
    pixelUm: plate.pixelUm === null ? null : Math.min(...plate.pixelUm.value),
    scaleArcsecPerPx: plate.scaleArcsecPerPx?.value ?? null,
  }
}

/** As kept from an earlier run with the same seed, where that is wanted, else made now. */
export async function triagePlate(recipe: TriageRecipe, out: string, again: boolean): Promise<TriagePlate> {
  const folder = join(out, 'plates')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${recipe.seed}.v8`)
  if (again && existsSync(path)) {
    const kept = deserialize(readFileSync(path)) as TriagePlate
    if (JSON.stringify(kept.recipe) === JSON.stringify(recipe)) return kept
  }
  const made = await simulate(recipe.options, { outDir: join(out, 'scans') })
  const { images, ...truth } = await truthOf(recipe, made)
  const input = await inputOf(made.scan, join(out, 'scans'))
  const exposure = whose(input.detections, images, input.fwhmPx)
  for (const written of [made.scan, made.truth, made.reference, made.artefacts, made.recipe]) rmSync(written)
  const plate = { recipe, truth, exposure, input }
  keep(path, plate)
  return plate
}

/** The triage input of a real scan, kept in the same way. */
export async function realInput(
  scanPath: string,
  name: string,
  out: string,
  again: boolean,
): Promise<TriageInput> {
  const folder = join(out, 'plates')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.v8`)
  if (again && existsSync(path)) return deserialize(readFileSync(path)) as TriageInput
  const input = await inputOf(scanPath, folder)
  keep(path, input)
  return input
}

/** Whole or not at all: a run may be interrupted while it writes. */
function keep(path: string, value: unknown): void {
  writeFileSync(`${path}.part`, serialize(value))
  renameSync(`${path}.part`, path)
}
