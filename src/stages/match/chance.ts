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
  /** Where other exposures of the plate have images of the same stars, radians from the stars: no shift may lead there. */
  others?: readonly { xi: number; eta: number }[]
}

export interface ChanceResult {
  /** Pairs of held-out detections, each fold predicted from the others. */
  heldOutPairs: number
  /** Pairs expected with a catalogue that is not there: the mean of the ring of shifts that has most. */
  shiftedPairs: number
  /** Probability that chance alone gives so many held-out pairs, for one solution that was not chosen for its pairs. */
  probability: number
}

/**
 * The catalogue is shifted on rings: where no star reaches its own image, but small against the plate, so that the density
 * stays. Clusters overlap themselves at a small shift as they do at none, so the rings go down to a hundredth of the
 * plate; how much the numbers of pairs differ from shift to shift tells how much more than Poisson's law they scatter.
 */
const RINGS = [0.0125, 0.025, 0.05] // of the plate's radius
const SHIFTS_PER_RING = 12
const LEAST_RADII = 3 // match radii between a star and its own image

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
  const rings = RINGS.map((share, n) => {
    const reach = Math.max(share * input.plateRad, (LEAST_RADII + n) * input.radiusRad)
    return Array.from({ length: SHIFTS_PER_RING }, (_, k) => {
      const angle = (2 * Math.PI * (k + n / RINGS.length)) / SHIFTS_PER_RING
      return { xi: reach * Math.cos(angle), eta: reach * Math.sin(angle) }
    })
      .filter((shift) => !leadsTo(input.others ?? [], shift, LEAST_RADII * input.radiusRad))
      .map(pairsAt)
  }).filter((ring) => ring.length > 0)
  return { heldOutPairs, ...byChance(heldOutPairs, rings) }
}

function leadsTo(places: readonly Shift[], { xi, eta }: Shift, near: number): boolean {
  return places.some(
    (at) => Math.hypot(at.xi - xi, at.eta - eta) < near || Math.hypot(at.xi + xi, at.eta + eta) < near,
  )
}

interface Shift {
  xi: number
  eta: number
}

/**
 * The probability of at least `pairs` pairs where shifts of the catalogue gave those numbers. Counts that scatter more than
 * Poisson's law follow a negative binomial one: variance μ + μ²/k. Two things make the scatter: the mean itself, known
 * from S pairs in all shifts (with Jeffreys' prior, 1/k = 1/(S + ½)), and clusters, 1/k = (s² − μ)/μ² by the method of moments
 * (Anscombe 1950, Biometrika 37, 358), with s² the variance over the shifts.
 */
export function byChance(
  pairs: number,
  rings: readonly (readonly number[])[],
): Pick<ChanceResult, 'shiftedPairs' | 'probability'> {
  const all = rings.flat()
  const sum = total(all)
  const mean = sum / all.length
  const variance = total(all.map((n) => (n - mean) ** 2)) / (all.length - 1)
  const shiftedPairs = Math.max(...rings.map((ring) => total(ring) / ring.length))
  const clustering = mean > 0 ? Math.max(0, variance - mean) / mean ** 2 : 0
  const shape = 1 / (clustering + 1 / (sum + 0.5))
  const expected = Math.max(shiftedPairs, (sum + 0.5) / all.length)
  return { shiftedPairs, probability: negativeBinomialTail(pairs, expected, shape) }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** Smaller probabilities are given as this: beyond it the numbers of the machine end. */
const SMALLEST = 1e-300

/**
 * P(N ≥ n) for a negative binomial variable: mean μ, variance μ + μ²/shape. Never below the smallest positive number.
 * Term by term, P(k + 1)/P(k) = (k + shape)/(k + 1) · μ/(μ + shape).
 */
export function negativeBinomialTail(n: number, mean: number, shape: number): number {
  if (n <= 0) return 1
  const q = mean / (mean + shape)
  if (n <= mean) {
    let below = 0
    let term = Math.exp(shape * Math.log1p(-q))
    for (let k = 0; k < n; k++) {
      below += term
      term *= ((k + shape) / (k + 1)) * q
    }
    return Math.max(SMALLEST, 1 - below)
  }
  const logFirst =
    logGamma(n + shape) - logGamma(shape) - logGamma(n + 1) + n * Math.log(q) + shape * Math.log1p(-q)
  let ratio = 1
  let sum = 1
  for (let k = n; ratio > 1e-17 * sum && k < n + 1_000_000; k++) {
    ratio *= ((k + shape) / (k + 1)) * q
    sum += ratio
  }
  return Math.min(1, Math.max(SMALLEST, Math.exp(logFirst + Math.log(sum))))
}

/** ln Γ(x) for x > 0: Stirling's series from 20 up, and Γ(x) = Γ(x + 1)/x below. */
function logGamma(x: number): number {
  let shifted = x
  let product = 1
  while (shifted < 20) {
    product *= shifted
    shifted++
  }
  const series = 1 / (12 * shifted) - 1 / (360 * shifted ** 3) + 1 / (1260 * shifted ** 5)
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
  )
}
