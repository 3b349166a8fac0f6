// The chance test: would the same procedure find as many pairs in a catalogue that is not there? Judged by stars that
// took no part in the fit, because a wrong solution can bend its constants to a few pairs, but not to the others.
import type { Detections } from '../../detections.ts'
import type { MagnitudeRelation } from '../../models/magnitudes.ts'
import type { PlateConstants } from '../../models/plate-constants.ts'
import { match, type ProjectedStars } from '../match.ts'

export interface ChanceInput {
  detections: Detections
  projected: ProjectedStars
  magnitudes: MagnitudeRelation | null
  radiusRad: number
  /** Per fold, the constants fitted without it, and the rows of the detections that lie in it. */
  folds: { constants: PlateConstants; candidates: Int32Array }[]
  /** Radius of the plate on the tangent plane, radians. */
  plateRad: number
}

export interface ChanceResult {
  /** Pairs of held-out detections, each fold predicted from the others. */
  heldOutPairs: number
  /** Mean number of pairs with the catalogue shifted. */
  shiftedPairs: number
  /** Probability that chance alone gives so many held-out pairs. */
  probability: number
}

const SHIFTS = 12

/** Shifts on a ring: where no star reaches its own image, but small against the plate, so that the density stays. */
export function chanceTest(input: ChanceInput): ChanceResult {
  const common = {
    detections: input.detections,
    projected: input.projected,
    radiusRad: input.radiusRad,
    magnitudes: input.magnitudes,
  }
  // Fold by fold in both cases: stars of different folds may share a reference star, and must do so in the shifted
  // catalogue too, or the comparison flatters the solution as soon as the radius is large.
  const pairsAt = (shift?: { xi: number; eta: number }) => {
    let pairs = 0
    for (const fold of input.folds) pairs += match({ ...common, ...fold, shift }).detection.length
    return pairs
  }
  const heldOutPairs = pairsAt()
  const ring = Math.max(0.05 * input.plateRad, 3 * input.radiusRad)
  let sum = 0
  for (let k = 0; k < SHIFTS; k++) {
    const angle = (2 * Math.PI * k) / SHIFTS
    sum += pairsAt({ xi: ring * Math.cos(angle), eta: ring * Math.sin(angle) })
  }
  const shiftedPairs = sum / SHIFTS
  // The mean is itself known from few counts: one more pair in all shifts together keeps a mean of 0 from certainty.
  const mean = (sum + 1) / SHIFTS
  return { heldOutPairs, shiftedPairs, probability: poissonTail(heldOutPairs, mean) }
}

/** Smaller probabilities are given as this: beyond it the numbers of the machine end. */
const SMALLEST = 1e-300

/** P(N ≥ n) for a Poisson variable of the given mean; never below the smallest positive number. */
export function poissonTail(n: number, mean: number): number {
  if (n <= 0) return 1
  if (n <= mean) {
    let below = 0
    let term = Math.exp(-mean)
    for (let k = 0; k < n; k++) {
      below += term
      term *= mean / (k + 1)
    }
    return Math.max(0, 1 - below) || 1
  }
  // log of the first term of the tail, by Stirling's series, and the rest as a geometric-like sum
  const logFirst = n * Math.log(mean) - mean - logFactorial(n)
  let ratio = 1
  let sum = 1
  for (let k = n + 1; ratio > 1e-17 && k < n + 10_000; k++) {
    ratio *= mean / k
    sum += ratio
  }
  return Math.max(SMALLEST, Math.exp(logFirst + Math.log(sum)))
}

function logFactorial(n: number): number {
  if (n < 20) {
    let f = 1
    for (let k = 2; k <= n; k++) f *= k
    return Math.log(f)
  }
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3)
}
