// One exposure from its stars to accepted plate constants: each solution that is offered, by another exposure of the plate or
// by the solver, is refined and judged, until one stands. Called once per exposure.
import { accept, type Verdict } from './accept.ts'
import { atEpoch, type EpochStars } from './catalog/at-epoch.ts'
import { confirmedByTycho2 } from './catalog/confirmed.ts'
import type { ReferenceSource } from './catalog/reference.ts'
import type { Config } from './config.ts'
import type { Detections } from './detections.ts'
import { type AtYear, checkDate, epochOf, findEpoch } from './epoch-rounds.ts'
import { isWrongHand } from './handedness.ts'
import type { Reason } from './issues.ts'
import { DEG } from './math/sphere.ts'
import { orientation, type PlateConstants, skyAt } from './models/plate-constants.ts'
import { epochSourceOf, type Plate } from './plate.ts'
import type { Progress } from './progress.ts'
import { type Refined, type RefineInput, refineInSteps } from './refine.ts'
import type { FilterResult } from './stages/filter.ts'
import type { EpochCheck } from './stages/fit/epoch-check.ts'
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
  /** Solutions to try before the solver is asked: that of another exposure, shifted. */
  starts?: readonly FirstSolution[]
  /** Whether the solver is left alone when these were refused. */
  onlyStarts?: boolean
  /** From this exposure to the others of the plate, px, as far as they are known. */
  others?: readonly (readonly [dx: number, dy: number])[]
}

export interface SolvedExposure {
  first: FirstSolution
  /** What it was refined from. */
  input: RefineInput
  /** The header has the mirror image of this solution, and Tycho-2 has the catalogue's stars where it has them. */
  confirmed: boolean
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

/** astrometry.net calls a field solved at log-odds 21 (10⁹ to 1); this is far beyond. */
const SURE_LOG_ODDS = 50

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
  const asked = solve(
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
  for await (const first of oneAfterTheOther(input.starts ?? [], input.onlyStarts ? null : asked, solving)) {
    progress.step(
      `${first.attempt.attempt}: solved${first.logOdds === null ? '' : `, log-odds ${first.logOdds.toFixed(0)}`}; matching`,
    )
    const field = fieldOf(first.constants, plate)
    const { stars, usable } = await reference.around(field, plateStars)
    const refineAt = (moved: EpochStars): RefineInput => ({
      start: first.constants,
      detections,
      ranked: filtered.ranked,
      reject: filtered.reject,
      stars: moved,
      width: plate.width,
      height: plate.height,
    })
    const attempt = async (year: number): Promise<AtYear | undefined> => {
      const moved = atEpoch(stars, usable, year)
      const refined = await inSteps(refineInSteps(refineAt(moved), config), input.signal)
      return refined && { year, moved, refined, check: epochOf(refined, year, stars.refEpochYr) }
    }
    const found = await attempt(epochYr)
    if (found === undefined) {
      first.attempt.verdict = `refused: too few of its ${usable.length} reference stars pair with detections`
      reasons = reference.tooFew(usable.length, field)
      // A sure solution outside the user's catalogue: no further attempt can bring its stars here.
      if (reference.isFile && usable.length === 0 && first.logOdds !== null && first.logOdds > SURE_LOG_ODDS)
        break
      continue
    }
    const dated =
      plate.epochYr === null
        ? await findEpoch(found, attempt)
        : { ...found, check: await checkDate(found, attempt), fitted: false }
    const { refined } = dated
    const verdict = accept(refined, {
      width: plate.width,
      height: plate.height,
      fwhmPx: input.fwhmPx,
      reject: filtered.reject,
      ...(input.others === undefined ? {} : { others: input.others }),
    })
    first.attempt.verdict = verdict.text
    progress.step(verdict.text)
    if (!verdict.accepted) {
      reasons = verdict.reasons
      continue
    }
    // A flipped scan and a mirrored catalogue look alike to the stars: where the header disagrees, a third witness is asked.
    const confirmed =
      isWrongHand(refined.constants, plate) &&
      (await confirmedByTycho2(stars, field, config, input.workDir, input.signal)) === true
    const solved: SolvedExposure = {
      first,
      input: refineAt(dated.moved),
      confirmed,
      refined,
      verdict,
      stars: dated.moved,
      referenceName: stars.name,
      referenceEpochYr: stars.refEpochYr,
      assumptions: stars.assumptions,
      epochYr: dated.year,
      epochSource: dated.fitted ? 'fitted' : epochSourceOf(plate),
      epochCheck: dated.check,
    }
    return { solved, solving, reasons: [] }
  }
  return { solved: null, solving, reasons }
}

/** The solutions at hand first; the solver is asked only when these were refused. */
async function* oneAfterTheOther(
  starts: readonly FirstSolution[],
  asked: AsyncGenerator<FirstSolution> | null,
  { attempts }: Solving,
): AsyncGenerator<FirstSolution> {
  for (const start of starts) {
    attempts.push(start.attempt)
    yield start
  }
  if (asked !== null) yield* asked
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
