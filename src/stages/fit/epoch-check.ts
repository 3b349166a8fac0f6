// The plate's epoch from its stars: residuals along the proper motions tell how far the assumed epoch is off
// (Barron et al. 2008, "Blind Date", arXiv:0805.0759, uses the same signal).
import { solveLinearEach } from '../../math/leastsquares.ts'
import { MAD_TO_SIGMA, median, tukeyWeight } from '../../math/robust.ts'
import { MAS } from '../../math/sphere.ts'
import type { PlateModel } from '../../models/plate-model.ts'
import type { FitInput } from '../fit.ts'
import { covarianceFactor, designOf, type RobustFit, TUKEY_C } from './robust-fit.ts'

export interface EpochCheck {
  epochYr: number
  errorYr: number
  /** Within three errors of the epoch that was assumed; null where none was known. */
  consistent: boolean | null
}

const MIN_STARS = 30
const ROUNDS = 8
const LEAST_MOVED_YR = 5 // nearer to the catalogue's epoch, the errors of its places are not those of its motions
const LEAST_TRUE_SHARE = 0.1 // of the motions' squares that must not be their errors

/** One entry per pair in every column. */
export interface EpochCheckInput extends Pick<FitInput, 'x' | 'y' | 'mag' | 'bpRp' | 'frame' | 'star'> {
  /** Of the reference star, mas/yr, east (times cos δ) and north; NaN where unknown. */
  pmRaMasYr: Float64Array
  pmDecMasYr: Float64Array
  /** Standard errors of the reference place at the assumed epoch, mas. */
  raErrorMas: Float64Array
  decErrorMas: Float64Array
  model: PlateModel
  fit: RobustFit
  assumedYr: number
  /** Of the catalogue. */
  refEpochYr: number
}

/**
 * A star whose catalogue place was moved to year T₀ instead of T leaves the residual μ (T − T₀). The plate constants
 * have taken up what of the motions varies smoothly over the plate, so the same terms are taken out of motions and
 * residuals before the slope is found. Weights and errors are found again from what the slope leaves: those of the plate
 * constants hold the fast stars of a wrong epoch for wild ones, which would pull the slope towards zero.
 *
 * The motions have errors ε themselves, and a place that was moved by t = T₀ − Tref years is off by ε t: errors in both
 * variables, and the same ones. On average Σ μ r is short by t Σ ε², and Σ μ² too large by Σ ε², which would draw the epoch
 * towards the catalogue's (Fuller 1987, Measurement Error Models, §2.2). Both sums are corrected, with ε from the error of the
 * place at T₀, nearly all of which is ε t after decades.
 *
 * @returns null where the catalogue has no motions or too few stars
 */
export function epochFromMotions(input: EpochCheckInput): EpochCheck | null {
  const { fit, model, assumedYr } = input
  const known = (i: number) => Number.isFinite(input.pmRaMasYr[i]!) && Number.isFinite(input.pmDecMasYr[i]!)
  const rows = Array.from(fit.weight.keys()).filter((i) => fit.weight[i]! > 0 && known(i))
  if (rows.length < MIN_STARS) return null
  const pick = (column: Float64Array, unit = 1) => Float64Array.from(rows, (i) => column[i]! * unit)
  const { frame, star } = input
  const columnsOfStars = { mag: pick(input.mag), bpRp: pick(input.bpRp) }
  const design = designOf({ x: pick(input.x), y: pick(input.y), ...columnsOfStars, frame, star }, model.terms)
  const terms = model.terms.length
  const columns = [
    pick(input.pmRaMasYr, MAS),
    pick(input.pmDecMasYr, MAS),
    pick(fit.residualXi),
    pick(fit.residualEta),
  ]
  const sigma = pick(fit.sigma)
  const weight = pick(fit.weight)
  const movedYr = assumedYr - input.refEpochYr
  const [raError, decError] = [pick(input.raErrorMas, MAS), pick(input.decErrorMas, MAS)]
  const placeVariance = raError.map((error, k) => known0(error) ** 2 + known0(decError[k]!) ** 2)
  let slope: Slope | null = null
  for (let round = 0; round < ROUNDS; round++) {
    const own = withoutSmooth(columns, design, terms, weight, sigma)
    slope = own && slopeOf(own, weight, sigma, placeVariance, movedYr)
    if (slope === null) return null
    const { squares } = slope
    squares.forEach((u2, k) => {
      weight[k] = tukeyWeight(Math.sqrt(u2), TUKEY_C)
    })
  }
  const { offset, variance, jackknife, squares } = slope!
  const errorYr = Math.sqrt(Math.max(variance * covarianceFactor(squares, weight, terms), jackknife))
  return { epochYr: assumedYr + offset, errorYr, consistent: Math.abs(offset) <= 3 * errorYr }
}

type FourColumns = [
  pmXi: Float64Array,
  pmEta: Float64Array,
  residualXi: Float64Array,
  residualEta: Float64Array,
]

/** What is left of each column when the terms of the plate model are taken out of it. */
function withoutSmooth(
  columns: Float64Array[],
  design: Float64Array,
  terms: number,
  weight: Float64Array,
  sigma: Float64Array,
): FourColumns | null {
  const solved = solveLinearEach(
    design,
    terms,
    columns,
    weight.map((w, k) => w / sigma[k]! ** 2),
  )
  if (solved === undefined) return null
  return columns.map((column, c) =>
    column.map((value, k) => {
      let own = value
      for (let t = 0; t < terms; t++) own -= solved.coefficients[c]![t]! * design[k * terms + t]!
      return own
    }),
  ) as FourColumns
}

const known0 = (value: number): number => (Number.isFinite(value) ? value : 0)

interface Slope {
  /** Years, and their variance for weights that are all 1. */
  offset: number
  variance: number
  /**
   * The variance as the residuals of the stars that carry the slope show it, each predicted without itself: a handful of fast
   * stars often weigh more than all others, and may be worse than others of their magnitude (HC3 of MacKinnon and White 1985,
   * J. Econometrics 29, 305; both axes of a star together).
   */
  jackknife: number
  /** Per star what the slope leaves of the residual, squared, in units of its error per axis. */
  squares: Float64Array
}

/** The slope of the residuals over the motions; null where the motions have none of their own. */
function slopeOf(
  [pmXi, pmEta, xi, eta]: FourColumns,
  weight: Float64Array,
  sigma: Float64Array,
  placeVariance: Float64Array,
  movedYr: number,
): Slope | null {
  const plain = weight.map((w, k) => w / sigma[k]! ** 2)
  const motion = pmXi.map((pm, k) => pm ** 2 + pmEta[k]! ** 2)
  const bounded = boundedWeights(plain, motion)
  let [signal, information, moved, scatter] = [0, 0, 0, 0]
  bounded.forEach((own, k) => {
    signal += own * (pmXi[k]! * xi[k]! + pmEta[k]! * eta[k]!)
    information += own * motion[k]!
    moved += own * placeVariance[k]! // t² Σ ε²
    if (own > 0) scatter += (own ** 2 / plain[k]!) * motion[k]!
  })
  const isFar = Math.abs(movedYr) > LEAST_MOVED_YR
  const slope = isFar ? information - moved / movedYr ** 2 : information
  if (!(slope > LEAST_TRUE_SHARE * information)) return null
  const offset = (signal + (isFar ? moved / movedYr : 0)) / slope
  const left = Array.from(xi, (_, k) => [xi[k]! - offset * pmXi[k]!, eta[k]! - offset * pmEta[k]!] as const)
  const inSigmas = left.flatMap(([a, b], k) =>
    weight[k]! > 0 ? [Math.abs(a) / sigma[k]!, Math.abs(b) / sigma[k]!] : [],
  )
  const spread = MAD_TO_SIGMA * median(inSigmas)
  const squares = Float64Array.from(left, ([a, b], k) => (a * a + b * b) / (sigma[k]! * spread) ** 2)
  let jackknife = 0
  left.forEach(([a, b], k) => {
    const leverage = (bounded[k]! * motion[k]!) / information
    jackknife += ((bounded[k]! * (pmXi[k]! * a + pmEta[k]! * b)) / (1 - leverage) / slope) ** 2
  })
  return { offset, variance: (spread ** 2 * scatter) / slope ** 2, jackknife, squares }
}

/** No star has more of the information than this: a fast one that is blended or double would carry all the rest with it. */
const MAX_SHARE = 0.2
const BOUNDING_ROUNDS = 20

/** Weights with those of the fastest stars lowered until none has more than its share (Mallows' bounded influence). */
function boundedWeights(plain: Float64Array, motion: Float64Array): Float64Array {
  let bounded = plain
  for (let round = 0; round < BOUNDING_ROUNDS; round++) {
    const limit = MAX_SHARE * bounded.reduce((sum, own, k) => sum + own * motion[k]!, 0)
    bounded = plain.map((own, k) => (own * motion[k]! > limit ? limit / motion[k]! : own))
  }
  return bounded
}
