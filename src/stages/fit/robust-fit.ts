// One model through one set of pairs: iteratively reweighted least squares, Huber's weights first, then Tukey's, with
// the centring error measured from the residuals as a function of magnitude.
import { huberWeight, MAD_TO_SIGMA, median, tukeyWeight } from '../../math/robust.ts'
import { type CentringCurve, centringErrorAt } from '../../models/centring.ts'
import { type PlateModel, spread } from '../../models/plate-model.ts'
import { type Term, termsAt } from '../../models/term.ts'
import { atOnce, type Steps } from '../../steps.ts'
import type { FitInput } from '../fit.ts'
import { frameAt } from './frames.ts'
import { type Solved, solveModel, triangleOf } from './triangles.ts'

export interface RobustFit {
  /** Of the model, radians per unit of their terms. */
  coefficients: Float64Array
  /** The same per term and axis. */
  xi: Float64Array
  eta: Float64Array
  /** Of the coefficients, rad², coefficients × coefficients, row by row. */
  covariance: Float64Array
  /** Plate − reference per pair, radians. */
  residualXi: Float64Array
  residualEta: Float64Array
  /** Expected residual per axis and pair: centring ⊕ reference error, radians. */
  sigma: Float64Array
  /** Robust weight of each pair, 0 to 1; 0 where it was not trusted. */
  weight: Float64Array
  /** Centring error per axis as this plate's residuals show it. */
  centring: CentringCurve
}

const ROUNDS_HUBER = 4
const ROUNDS_TUKEY = 8
const HUBER_K = 2 // of a residual in the plane, in sigmas per axis
export const TUKEY_C = 6

/** @returns undefined when the trusted pairs do not determine the model */
export function robustFit(input: FitInput, model: PlateModel): RobustFit | undefined {
  return atOnce(robustFitInSteps(input, model))
}

/** As `robustFit`, one round a step. */
export function* robustFitInSteps(input: FitInput, model: PlateModel): Steps<RobustFit | undefined> {
  const n = input.x.length
  const design = designOf(input, model.terms)
  const columns = model.terms.map((_, k) => k)
  const sigma = new Float64Array(n).fill(1)
  const weight = Float64Array.from(input.trusted)
  const residualXi = new Float64Array(n)
  const residualEta = new Float64Array(n)
  const perAxis = model.coefficients.length / 2
  let solved: Solved | undefined
  let centring: CentringCurve = { magnitude: [], error: [] }
  for (let round = 0; round < ROUNDS_HUBER + ROUNDS_TUKEY; round++) {
    const w = weight.map((value, i) => value / (sigma[i]! * sigma[i]!))
    const used = Array.from(w.keys()).filter((i) => w[i]! > 0)
    solved = solveModel(triangleOf(design, model.terms.length, input.xi, input.eta, w, used), model, columns)
    if (solved === undefined) return undefined
    residuals(design, spread(model, solved.coefficients), input, residualXi, residualEta)
    centring = centringErrors(input, weight, residualXi, residualEta, perAxis, sigma)
    for (let i = 0; i < n; i++) {
      const u = Math.hypot(residualXi[i]!, residualEta[i]!) / sigma[i]!
      const robust = round < ROUNDS_HUBER ? huberWeight(u, HUBER_K) : tukeyWeight(u, TUKEY_C)
      weight[i] = input.trusted[i]! * robust
    }
    yield
  }
  const { coefficients, covariance } = solved!
  const factor = covarianceFactor(squaredInSigmas({ residualXi, residualEta, sigma }), weight, perAxis)
  return {
    coefficients,
    ...spread(model, coefficients),
    covariance: covariance.map((value) => value * factor),
    residualXi,
    residualEta,
    sigma,
    weight,
    centring,
  }
}

/** The square of each pair's residual in the plane, in units of its error per axis. */
function squaredInSigmas(of: Pick<RobustFit, 'residualXi' | 'residualEta' | 'sigma'>): Float64Array {
  return of.sigma.map((s, i) => (of.residualXi[i]! ** 2 + of.residualEta[i]! ** 2) / (s * s))
}

/**
 * What (AᵀWA)⁻¹ must be multiplied by to be the covariance of a robust fit: a weight below 1 tells of the estimator, not of
 * a larger error. Σw Σψ² / (Σψ′)², with ψ = w u and ψ′ its derivative averaged over the directions in the plane
 * (Huber 1981, Robust Statistics, §7.6); 0.92 for normal errors.
 *
 * @param squares  u² of each pair: its squared residual in the plane in units of its error per axis
 */
export function covarianceFactor(squares: Float64Array, weight: Float64Array, terms: number): number {
  let count = 0
  let sumWeight = 0
  let sumSquares = 0
  let sumSlope = 0
  squares.forEach((u2, i) => {
    const w = weight[i]!
    if (!(w > 0)) return
    const t2 = u2 / TUKEY_C ** 2
    count++
    sumWeight += w
    sumSquares += (w * w * u2) / 2 // per axis
    sumSlope += (1 - t2) * (1 - 3 * t2)
  })
  const freedom = count / Math.max(1, count - terms)
  return sumSlope > 0 ? (freedom * sumWeight * sumSquares) / sumSlope ** 2 : 1
}

/** Values of the terms for every pair, row by row. */
export function designOf(
  input: Pick<FitInput, 'x' | 'y' | 'mag' | 'bpRp' | 'frame' | 'exposures' | 'star'>,
  terms: readonly Term[],
): Float64Array {
  const { x, y, mag, bpRp, star } = input
  const design = new Float64Array(x.length * terms.length)
  for (let i = 0; i < x.length; i++) {
    const image = { x: x[i]!, y: y[i]!, mag: mag[i]!, bpRp: bpRp[i]!, exposure: input.exposures?.of[i] ?? 0 }
    termsAt(terms, frameAt(input, i), star, image, design, i * terms.length)
  }
  return design
}

/** Plate − reference of every pair. */
export function residuals(
  design: Float64Array,
  { xi, eta }: { xi: Float64Array; eta: Float64Array },
  input: Pick<FitInput, 'xi' | 'eta'>,
  intoXi: Float64Array,
  intoEta: Float64Array,
): void {
  const terms = xi.length
  for (let i = 0; i < intoXi.length; i++) {
    let sumXi = 0
    let sumEta = 0
    for (let k = 0; k < terms; k++) {
      sumXi += xi[k]! * design[i * terms + k]!
      sumEta += eta[k]! * design[i * terms + k]!
    }
    intoXi[i] = sumXi - input.xi[i]!
    intoEta[i] = sumEta - input.eta[i]!
  }
}

/** Radians; a noiseless test plate has residuals of rounding only, and weights must stay finite. */
const LEAST_ERROR = 1e-12

const STARS_PER_BIN = 40
const MAX_BINS = 8

/**
 * Writes the expected residual of every pair into `sigma` and returns the centring errors, radians. In each bin
 * of magnitude the centring error is the robust spread of both axes, less the reference errors, corrected for the
 * degrees of freedom that the fit took. Pairs that the last round gave no weight are wrong pairs, and do not count.
 */
function centringErrors(
  input: FitInput,
  weight: Float64Array,
  residualXi: Float64Array,
  residualEta: Float64Array,
  terms: number,
  sigma: Float64Array,
): CentringCurve {
  const trusted = Array.from(input.trusted.keys()).filter((i) => weight[i]! > 0)
  trusted.sort((a, b) => input.magnitude[a]! - input.magnitude[b]! || a - b)
  const bins = Math.max(1, Math.min(MAX_BINS, Math.floor(trusted.length / STARS_PER_BIN)))
  const freedom = Math.sqrt(trusted.length / Math.max(1, trusted.length - terms))
  const at: number[] = []
  const centring: number[] = []
  for (let b = 0; b < bins; b++) {
    const bin = trusted.slice(
      Math.floor((b * trusted.length) / bins),
      Math.floor(((b + 1) * trusted.length) / bins),
    )
    const spread =
      freedom *
      MAD_TO_SIGMA *
      median(bin.flatMap((i) => [Math.abs(residualXi[i]!), Math.abs(residualEta[i]!)]))
    const reference = median(bin.map((i) => input.referenceVariance[i]!))
    at.push(median(bin.map((i) => input.magnitude[i]!)))
    // Where the reference errors explain everything, a third of the spread is still taken for the emulsion's.
    centring.push(Math.max(spread / 3, Math.sqrt(Math.max(0, spread * spread - reference)), LEAST_ERROR))
  }
  const curve = { magnitude: at, error: centring }
  for (let i = 0; i < sigma.length; i++) {
    const own = centringErrorAt(curve, input.magnitude[i]!)
    sigma[i] = Math.sqrt(own * own + input.referenceVariance[i]!)
  }
  return curve
}
