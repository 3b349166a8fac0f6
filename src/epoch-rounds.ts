// The epoch of a plate in rounds: at a wrong one the stars that move are not paired, and what is left draws the epoch towards
// it; at a better one they are found again. A date of a logbook is checked in the same way.
import type { EpochStars } from './catalog/at-epoch.ts'
import { roundedYear } from './math/julian-year.ts'
import type { Refined } from './refine.ts'
import { type EpochCheck, epochFromMotions } from './stages/fit/epoch-check.ts'

/** A solution refined with the reference stars at one epoch. */
export interface AtYear {
  year: number
  moved: EpochStars
  refined: Refined
  /** What the stars say of that epoch; null where they say nothing. */
  check: EpochCheck | null
}

/** Refines anew at a year; undefined where too few stars pair. */
export type Attempt = (year: number) => Promise<AtYear | undefined>

/** A fitted epoch is taken for an unknown one when it is better known than this. */
const MAX_FITTED_ERROR_YR = 10

const ROUNDS = 6
const SETTLED = 0.25 // of the error of the epoch: what is left between the epoch used and the one that was found

/**
 * From a guess to the epoch that the stars themselves point to.
 * @returns the first attempt unchanged, with `fitted` false, where the stars do not tell the epoch
 */
export async function findEpoch(first: AtYear, attempt: Attempt): Promise<AtYear & { fitted: boolean }> {
  let best = first
  let fitted = false
  for (let round = 0; round < ROUNDS; round++) {
    const { check } = best
    if (check === null || check.errorYr > MAX_FITTED_ERROR_YR) break
    if (fitted && Math.abs(check.epochYr - best.year) < SETTLED * check.errorYr) break
    const again = await attempt(plausible(check.epochYr))
    if (again === undefined) break
    best = again
    fitted = true
  }
  // The epoch was taken from the stars: that they agree with it says nothing.
  return { ...best, check: best.check && { ...best.check, consistent: null }, fitted }
}

/** What the stars say of a date that was given, found at their own epoch where that is another one. */
export async function checkDate(given: AtYear, attempt: Attempt): Promise<EpochCheck | null> {
  let check = given.check
  for (let round = 0; round < ROUNDS && check?.consistent === false; round++) {
    const again = await attempt(plausible(check.epochYr))
    const better = again?.check ?? null
    if (better === null) break
    const moved = Math.abs(better.epochYr - check.epochYr)
    check = { ...better, consistent: Math.abs(better.epochYr - given.year) <= 3 * better.errorYr }
    if (moved < SETTLED * better.errorYr) break
  }
  return check
}

const FIRST_YR = 1800
const LAST_YR = 2100

/** A first slope, from the few stars that pair at a wrong epoch, may point beyond all plates. */
function plausible(year: number): number {
  return roundedYear(Math.min(LAST_YR, Math.max(FIRST_YR, year)))
}

/** What the motions of the paired stars say of the epoch to which they were moved. */
export function epochOf(refined: Refined, assumedYr: number, refEpochYr: number): EpochCheck | null {
  const { pairs, projected, constants } = refined
  const pick = (column: Float64Array) => Float64Array.from(pairs.reference, (row) => column[row]!)
  const { stars } = projected
  return epochFromMotions({
    x: refined.x,
    y: refined.y,
    mag: Float64Array.from(pairs.detection, (row) => refined.mag[row]!),
    bpRp: pick(stars.bpRp),
    frame: constants.frame,
    star: constants.star,
    pmRaMasYr: pick(stars.pmRaMasYr),
    pmDecMasYr: pick(stars.pmDecMasYr),
    raErrorMas: pick(stars.raErrorMas),
    decErrorMas: pick(stars.decErrorMas),
    model: constants.model,
    fit: refined.fit.fit,
    assumedYr,
    refEpochYr,
  })
}
