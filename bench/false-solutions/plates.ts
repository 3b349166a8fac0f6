// The plates of the bench as refine and accept see them: detections of real scans and of simulated ones, a linear
// solution that is right, and the true places of a grid of pixels. Made once and kept.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { atEpoch, type EpochStars } from '../../src/catalog/at-epoch.ts'
import { openReference } from '../../src/catalog/reference.ts'
import { parseConfig } from '../../src/config.ts'
import type { Detections } from '../../src/detections.ts'
import { fieldOf, solveExposure } from '../../src/exposure.ts'
import { openScan } from '../../src/formats/scan.ts'
import { DEG } from '../../src/math/sphere.ts'
import { jacobianAt, type PlateConstants, skyAt } from '../../src/models/plate-constants.ts'
import { silentProgress } from '../../src/progress.ts'
import { linearCd, PIVOT_COLOUR, plateMapping } from '../../src/simulate/geometry.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { extract } from '../../src/stages/extract.ts'
import { filter } from '../../src/stages/filter.ts'
import { ingest } from '../../src/stages/ingest.ts'
import { type LinearWcs, placeOfPixel } from './linear.ts'

/** A place on the sky (degrees) and the pixel that shows it. */
export interface TruePlace {
  raDeg: number
  decDeg: number
  x: number
  y: number
}

export interface Prepared {
  name: string
  width: number
  height: number
  fwhmPx: number
  detections: Detections
  ranked: Int32Array
  reject: Int32Array
  /** Right where the plate has stars of its own; a plausible one where it has not. */
  wcs: LinearWcs
  /** The stars of its own field; null for plates whose stars are not at hand, and for plates without stars. */
  stars: EpochStars | null
  /** Empty where `stars` is null. */
  truth: TruePlace[]
}

export interface Recipe {
  name: string
  /** A scan in shared/plates with the reference stars that solve it; null stars: those of Tycho-2. */
  real?: { scan: string; stars?: string | null; solved: boolean }
  /** Options of `platepipe simulate`. */
  simulated?: Record<string, unknown>
  /** Only damage: what the catalogue holds has no image. */
  starless?: boolean
}

const GRID = 7 // places per axis at which a solution is compared with the truth

export interface Where {
  shared: string
  out: string
}

/** The plate as kept from an earlier run with the same seed, else made now. */
export async function prepared(recipe: Recipe, seed: number, where: Where): Promise<Prepared> {
  const folder = join(where.out, 'plates')
  mkdirSync(folder, { recursive: true })
  const name = recipe.simulated === undefined ? recipe.name : `${recipe.name}-${seed}`
  const path = join(folder, `${name}.v8`)
  if (existsSync(path)) return deserialize(readFileSync(path)) as Prepared
  const made =
    recipe.real === undefined
      ? await simulatedPlate(recipe, seed, folder)
      : await realPlate(recipe.name, recipe.real, where, folder)
  writeFileSync(path, serialize(made))
  return made
}

/** What the stages up to the filter make of a scan. */
export async function detected(scanPath: string, folder: string) {
  const config = parseConfig({ offline: true })
  const { signal } = new AbortController()
  const workDir = join(folder, `${basename(scanPath)}.work`)
  await mkdir(workDir, { recursive: true })
  const scan = await openScan(scanPath, { hdu: config.hdu, funpack: config.funpack, workDir, signal })
  const ingested = await ingest(scan, { polarity: 'auto', scanPath, workDir, signal }).finally(scan.close)
  const { plate, area, statistics, thumbnail } = ingested
  const { width, height } = plate
  const extracted = await extract(
    {
      positiveName: basename(ingested.positivePath),
      weightName: basename(ingested.weightPath),
      ...{ width, height, statistics, workDir, signal },
    },
    config,
  )
  const { detections, fwhmPx } = extracted
  const filtered = filter({ detections, width, height, fwhmPx, area })
  const sky = { thumbnail, area, statistics }
  return { plate, detections, fwhmPx, filtered, sky, workDir, signal, width, height }
}

async function simulatedPlate(recipe: Recipe, seed: number, folder: string): Promise<Prepared> {
  const options = { polarity: 'positive' as const, ...recipe.simulated, name: `${recipe.name}-${seed}`, seed }
  const made = await simulate(options, { outDir: folder })
  const found = await detected(made.scan, folder)
  const { width, height, detections, fwhmPx, filtered } = found
  const { constants } = made
  const wcs: LinearWcs = {
    crval: [constants.raDeg, constants.decDeg],
    crpix: constants.centrePx,
    cd: linearCd(constants),
  }
  const { ranked, reject } = filtered
  const plate = { name: recipe.name, width, height, fwhmPx, detections, ranked, reject, wcs }
  if (recipe.starless) return { ...plate, stars: null, truth: [] }
  const reference = await openReference(parseConfig({ offline: true, catalog: made.reference }), {
    ...{ workDir: found.workDir, signal: found.signal, version: 'bench', onStep: () => {} },
  })
  const given = (await reference.forSolving({ place: null, fieldDeg: null, plateStars: ranked.length }))!
  const toPixel = plateMapping(constants)
  const truth = gridOf(width, height).map(([x, y]) => {
    const sky = placeOfPixel(wcs, x, y)
    return { ...sky, ...toPixel(sky.raDeg, sky.decDeg, constants.pivotMag, PIVOT_COLOUR)! }
  })
  return { ...plate, stars: atEpoch(given.stars, given.usable, made.epochYr), truth }
}

async function realPlate(
  name: string,
  real: NonNullable<Recipe['real']>,
  where: Where,
  folder: string,
): Promise<Prepared> {
  const found = await detected(join(where.shared, 'plates', real.scan), folder)
  const { plate, width, height, detections, fwhmPx, filtered, workDir, signal } = found
  const { ranked, reject } = filtered
  const common = { name, width, height, fwhmPx, detections, ranked, reject }
  if (!real.solved) {
    if (plate.headerWcs === null) throw new Error(`${name} has no linear solution in its header`)
    const { crval, crpix, cd } = plate.headerWcs
    return { ...common, wcs: { crval, crpix, cd }, stars: null, truth: [] }
  }
  const catalog = real.stars == null ? {} : { catalog: join(where.shared, real.stars) }
  const config = parseConfig({ offline: true, ...catalog })
  const reference = await openReference(config, { workDir, signal, version: 'bench', onStep: () => {} })
  const { solved } = await solveExposure(
    { plate, detections, filtered, fwhmPx, reference, workDir, signal, progress: silentProgress },
    config,
  )
  if (solved === null) throw new Error(`${name} was not solved: there is no truth to spoil`)
  const { constants } = solved.refined
  const field = fieldOf(constants, plate)
  const wide = await reference.around({ ...field, radiusDeg: 1.5 * field.radiusDeg }, ranked.length)
  const truth = gridOf(width, height).map(([x, y]) => {
    const { raRad, decRad } = skyAt(constants, x, y)
    return { raDeg: raRad / DEG, decDeg: decRad / DEG, x, y }
  })
  const stars = atEpoch(wide.stars, wide.usable, solved.epochYr)
  return { ...common, wcs: linearPart(constants, width, height), stars, truth }
}

function gridOf(width: number, height: number): [number, number][] {
  return Array.from({ length: GRID * GRID }, (_, k) => [
    0.5 + ((k % GRID) / (GRID - 1)) * width,
    0.5 + (Math.floor(k / GRID) / (GRID - 1)) * height,
  ])
}

/** The tangent to fitted constants in the middle of the scan. */
function linearPart(constants: PlateConstants, width: number, height: number): LinearWcs {
  const [x, y] = [(width + 1) / 2, (height + 1) / 2]
  const sky = skyAt(constants, x, y)
  const cd = jacobianAt(constants, x, y).map((value) => value / DEG) as LinearWcs['cd']
  return { crval: [sky.raRad / DEG, sky.decRad / DEG], crpix: [x, y], cd }
}
