// One exposure from its stars to accepted plate constants: each solution that the solver offers is refined and judged,
// until one stands. The pipeline calls this once per exposure.
import { accept, type Verdict } from './accept.ts'
import { atEpoch, type EpochStars } from './catalog/at-epoch.ts'
import type { ReferenceSource } from './catalog/reference.ts'
import type { Config } from './config.ts'
import type { Detections } from './detections.ts'
import type { Reason } from './issues.ts'
import { DEG } from './math/sphere.ts'
import { orientation, type PlateConstants, skyAt } from './models/plate-constants.ts'
import type { Plate } from './plate.ts'
import type { Progress } from './progress.ts'
import { type Refined, refineInSteps } from './refine.ts'
import type { FilterResult } from './stages/filter.ts'
import { type EpochCheck, epochFromMotions } from './stages/fit/epoch-check.ts'
import { type Solution as FirstSolution, type Solving, solve } from './stages/solve.ts'
import { inSteps } from './steps.ts'

export interface ExposureInput {
  plate: Plate
  detections: Detections
  filtered: FilterResult
  fwhmPx: number
  reference: ReferenceSource
  workDir: string
  signal: AbortSignal
  progress: Progress
}

export interface SolvedExposure {
  first: FirstSolution
  refined: Refined
  verdict: Verdict
  stars: EpochStars
  referenceName: string
  referenceEpochYr: number
  assumptions: string[]
  epochYr: number
  epochSource: 'header' | 'option' | 'fitted' | 'unknown'
  epochCheck: EpochCheck | null
}

export interface ExposureOutcome {
  solved: SolvedExposure | null
  solving: Solving
  /** Why the last solution that was found was refused. */
  reasons: Reason[]
}

/** Where the date of a plate is not known, half-way through the age of plates is nearest to all of them. */
const UNKNOWN_EPOCH_YR = 1950

/** A fitted epoch is taken for an unknown one when it is better known than this. */
const MAX_FITTED_ERROR_YR = 10

/** astrometry.net calls a field solved at log-odds 21 (10⁹ to 1); this is far beyond. */
const SURE_LOG_ODDS = 50

/** Stars that move far are lost at a wrong epoch and found again at a better one. */
const EPOCH_ROUNDS = 5

export async function solveExposure(input: ExposureInput, config: Config): Promise<ExposureOutcome> {
  const { plate, detections, filtered, reference, progress } = input
  const solving: Solving = { attempts: [], runs: [] }
  const epochYr = plate.epochYr?.value ?? UNKNOWN_EPOCH_YR
  const place = plate.place?.value
  const plateStars = filtered.ranked.length
  const given = await reference.forSolving({
    place:
      place === undefined
        ? null
        : { raDeg: place.raDeg, decDeg: place.decDeg, radiusDeg: place.radiusErrorDeg },
    fieldDeg: diagonalDeg(plate),
    plateStars,
  })
  const offers = solve(
    {
      detections,
      ranked: filtered.ranked,
      width: plate.width,
      height: plate.height,
      fwhmPx: input.fwhmPx,
      place:
        place === undefined
          ? null
          : { raDeg: place.raDeg, decDeg: place.decDeg, radiusDeg: place.radiusErrorDeg },
      scaleArcsecPerPx: plate.scaleRangeArcsecPerPx,
      headerWcs: plate.headerWcs,
      stars: given === null ? null : atEpoch(given.stars, given.usable, epochYr),
      storeIndexes: await reference.indexes(plate.epochYr?.value ?? null),
      workDir: input.workDir,
      signal: input.signal,
    },
    config,
    solving,
  )
  let reasons: Reason[] = []
  for await (const first of offers) {
    progress.step(`${first.attempt.attempt}: solved, log-odds ${first.logOdds.toFixed(0)}; matching`)
    const field = fieldOf(first.constants, plate)
    const { stars, usable } = await reference.around(field, plateStars)
    const attempt = async (year: number) => {
      const moved = atEpoch(stars, usable, year)
      const steps = refineInSteps(
        {
          start: first.constants,
          detections,
          ranked: filtered.ranked,
          reject: filtered.reject,
          stars: moved,
          width: plate.width,
          height: plate.height,
        },
        config,
      )
      return { moved, refined: await inSteps(steps, input.signal) }
    }
    let { moved, refined } = await attempt(epochYr)
    if (refined === undefined) {
      first.attempt.verdict = `refused: too few of its ${usable.length} reference stars pair with detections`
      reasons = reference.tooFew(usable.length, field)
      // A sure solution outside the user's catalogue: no further attempt can bring its stars here.
      if (reference.isFile && usable.length === 0 && first.logOdds > SURE_LOG_ODDS) break
      continue
    }
    let epochCheck = checkEpoch(refined, epochYr)
    let usedYr = epochYr
    let epochSource: SolvedExposure['epochSource'] =
      plate.epochYr === null ? 'unknown' : plate.epochYr.source === 'option' ? 'option' : 'header'
    for (let round = 0; round < EPOCH_ROUNDS && plate.epochYr === null; round++) {
      if (epochCheck === null || epochCheck.errorYr > MAX_FITTED_ERROR_YR) break
      if (epochSource === 'fitted' && Math.abs(epochCheck.epochYr - usedYr) < epochCheck.errorYr / 4) break
      const again = await attempt(epochCheck.epochYr)
      if (again.refined === undefined) break
      usedYr = epochCheck.epochYr
      moved = again.moved
      refined = again.refined
      epochSource = 'fitted'
      epochCheck = checkEpoch(refined, usedYr)
    }
    if (plate.epochYr === null && epochCheck !== null) epochCheck = { ...epochCheck, consistent: null }
    // Far from the true epoch the stars that move are not paired, and the check itself is drawn to the wrong one.
    for (let round = 0; round < EPOCH_ROUNDS && epochCheck?.consistent === false; round++) {
      const again = (await attempt(epochCheck.epochYr)).refined
      const better = again === undefined ? null : checkEpoch(again, epochCheck.epochYr)
      if (better === null) break
      const moved: number = Math.abs(better.epochYr - epochCheck.epochYr)
      epochCheck = { ...better, consistent: Math.abs(better.epochYr - usedYr) <= 3 * better.errorYr }
      if (moved < better.errorYr / 4) break
    }
    const verdict = accept(refined, {
      width: plate.width,
      height: plate.height,
      fwhmPx: input.fwhmPx,
    })
    first.attempt.verdict = verdict.text
    progress.step(verdict.text)
    if (!verdict.accepted) {
      reasons = verdict.reasons
      continue
    }
    const solved: SolvedExposure = {
      first,
      refined,
      verdict,
      stars: moved,
      referenceName: stars.name,
      referenceEpochYr: stars.refEpochYr,
      assumptions: stars.assumptions,
      epochYr: usedYr,
      epochSource,
      epochCheck,
    }
    return { solved, solving, reasons: [] }
  }
  return { solved: null, solving, reasons }
}

function checkEpoch(refined: Refined, assumedYr: number): EpochCheck | null {
  const { pairs, projected, constants } = refined
  const pick = (column: Float64Array) => Float64Array.from(pairs.reference, (row) => column[row]!)
  return epochFromMotions({
    x: refined.x,
    y: refined.y,
    mag: Float64Array.from(pairs.detection, (row) => refined.mag[row]!),
    bpRp: pick(projected.stars.bpRp),
    frame: constants.frame,
    star: constants.star,
    pmRaMasYr: pick(projected.stars.pmRaMasYr),
    pmDecMasYr: pick(projected.stars.pmDecMasYr),
    model: constants.model,
    fit: refined.fit.fit,
    assumedYr,
  })
}

/** Diagonal of the field by the scale in the header; null where it is not known. */
function diagonalDeg({ width, height, scaleRangeArcsecPerPx: scale }: Plate): number | null {
  return scale === null ? null : (Math.hypot(width, height) * Math.sqrt(scale[0] * scale[1])) / 3600
}

/** The circle on the sky that holds the scan, with a tenth to spare. */
export function fieldOf(
  constants: PlateConstants,
  { width, height }: { width: number; height: number },
): { raDeg: number; decDeg: number; radiusDeg: number } {
  const centre = skyAt(constants, (width + 1) / 2, (height + 1) / 2)
  const radius = 1.1 * Math.atan(orientation(constants).scaleRadPx * (Math.hypot(width, height) / 2))
  return { raDeg: centre.raRad / DEG, decDeg: centre.decRad / DEG, radiusDeg: radius / DEG }
}
