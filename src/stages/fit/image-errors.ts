// The centring error of every image, measured: held-out residuals of this plate's pairs say how it depends on brightness
// and on what kind of image it is. Maximum likelihood for normal errors, with known variances taken out, and for a share of
// wrong pairs that lie anywhere within the match radius; that share is found along with the errors (EM, Dempster et al. 1977).
import { Matrix, SVD } from 'ml-matrix'
import { quantileOfSorted, sorted } from '../../math/robust.ts'
import { type CentringModel, featuresAt, logVarianceAt } from '../../models/centring.ts'

/** One entry per pair in every column. */
export interface ResidualSample {
  /** Mean of the squared held-out residuals of both axes, rad². */
  square: Float64Array
  /** Of reference place and plate constants, per axis, rad². */
  known: Float64Array
  /** Brightness of the image, mag. */
  magnitude: Float64Array
  /** Bits of `IMAGE_KIND`. */
  kind: Uint8Array
  /** Within which the pairs were looked for, radians. */
  radius: number
}

const PAIRS_PER_KNOT = 50
const MAX_KNOTS = 10
const PAIRS_PER_KIND = 12
const ROUNDS = 40
const WILD_SIGMAS = 5 // a residual in the plane beyond this many errors per axis is a wrong pair or a flaw
const FIRST_WRONG = 0.05 // share of wrong pairs to begin with
const MAX_STEP = 1 // of a logarithm, in one round
const PRIOR = 1 // pairs' worth of belief that neighbouring knots and all kinds are alike

/** @returns undefined when there are too few pairs for even one knot */
export function imageErrors(sample: ResidualSample): CentringModel | undefined {
  const rows = Array.from(sample.square.keys()).filter(
    (i) => Number.isFinite(sample.square[i]!) && Number.isFinite(sample.magnitude[i]!),
  )
  if (rows.length < 3) return undefined
  let model = startOf(sample, rows)
  const right = new Float64Array(sample.square.length).fill(1)
  for (let round = 0; round < ROUNDS; round++) {
    weigh(sample, rows, model, right)
    const next = stepOf(sample, rows, model, right)
    const moved = Math.max(...next.logVariance.map((v, k) => Math.abs(v - model.logVariance[k]!)))
    model = next
    if (moved < 1e-4) break
  }
  return model
}

function startOf(sample: ResidualSample, rows: number[]): CentringModel {
  const mags = sorted(rows.map((i) => sample.magnitude[i]!))
  const knots = Math.max(1, Math.min(MAX_KNOTS, Math.floor(rows.length / PAIRS_PER_KNOT)))
  const at = Array.from({ length: knots }, (_, k) => quantileOfSorted(mags, (k + 0.5) / knots))
  const bits = [0, 1, 2, 3, 4, 5].filter(
    (bit) => rows.filter((i) => (sample.kind[i]! >> bit) & 1).length >= PAIRS_PER_KIND,
  )
  const middle = quantileOfSorted(sorted(rows.map((i) => sample.square[i]!)), 0.5)
  const level = Math.log(Math.max(middle / Math.LN2, Number.MIN_VALUE)) // the median of a mean of two squares
  return { magnitude: at, kinds: bits, logVariance: [...at.map(() => level), ...bits.map(() => 0)] }
}

/**
 * Writes to `right` how probable it is that each pair is a right one: normal in the plane against evenly spread over the
 * circle, with the share of wrong ones among the pairs of its brightness.
 */
function weigh(sample: ResidualSample, rows: number[], model: CentringModel, right: Float64Array): void {
  const knots = model.magnitude.length
  const knotOf = (i: number) => {
    const features = featuresAt(model, sample.magnitude[i]!, 0)
    return features.reduce((a, b) => (b[1] > a[1] ? b : a))[0]
  }
  const count = new Float64Array(knots).fill(1 / FIRST_WRONG)
  const wrong = new Float64Array(knots).fill(1)
  const knot = rows.map(knotOf)
  rows.forEach((i, n) => {
    count[knot[n]!]! += 1
    wrong[knot[n]!]! += 1 - right[i]!
  })
  rows.forEach((i, n) => {
    const share = wrong[knot[n]!]! / count[knot[n]!]!
    const own = Math.exp(logVarianceAt(model, sample.magnitude[i]!, sample.kind[i]!)) + sample.known[i]!
    const normal = Math.exp(-sample.square[i]! / own) / (2 * own)
    const even = 1 / sample.radius ** 2
    right[i] = ((1 - share) * normal) / ((1 - share) * normal + share * even)
  })
}

/** One round of Fisher's scoring. */
function stepOf(
  sample: ResidualSample,
  rows: number[],
  model: CentringModel,
  right: Float64Array,
): CentringModel {
  const size = model.logVariance.length
  const information = Matrix.zeros(size, size)
  const score = Matrix.zeros(size, 1)
  for (const i of rows) {
    const features = featuresAt(model, sample.magnitude[i]!, sample.kind[i]!)
    const own = Math.exp(logVarianceAt(model, sample.magnitude[i]!, sample.kind[i]!))
    const total = own + sample.known[i]!
    const ratio = sample.square[i]! / total
    if (2 * ratio > WILD_SIGMAS ** 2) continue
    const share = own / total
    for (const [k, f] of features) {
      score.set(k, 0, score.get(k, 0) + right[i]! * share * (ratio - 1) * f)
      for (const [l, g] of features) {
        information.set(k, l, information.get(k, l) + right[i]! * share * share * f * g)
      }
    }
  }
  const knots = model.magnitude.length
  for (let k = 0; k < size; k++) {
    // Kinds are like the rest, neighbouring knots like each other, unless the pairs say otherwise.
    const tie = (l: number | null) => {
      const apart = model.logVariance[k]! - (l === null ? 0 : model.logVariance[l]!)
      information.set(k, k, information.get(k, k) + PRIOR)
      score.set(k, 0, score.get(k, 0) - PRIOR * apart)
      if (l !== null) information.set(k, l, information.get(k, l) - PRIOR)
    }
    if (k >= knots) tie(null)
    else {
      if (k > 0) tie(k - 1)
      if (k < knots - 1) tie(k + 1)
    }
  }
  const step = new SVD(information).solve(score)
  return {
    ...model,
    logVariance: model.logVariance.map(
      (value, k) => value + Math.min(MAX_STEP, Math.max(-MAX_STEP, step.get(k, 0))),
    ),
  }
}
