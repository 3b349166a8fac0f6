// The centring error of every image, measured: held-out residuals of this plate's pairs say how it depends on brightness
// and on what kind of image it is. Maximum likelihood for normal errors, with known variances taken out, for a share of
// disturbed images and one of wrong pairs; these shares are found along with the errors (EM, Dempster et al. 1977).
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
const FIRST_SHARE = 0.05 // of disturbed images, and of wrong pairs, to begin with
const PRIOR_PAIRS = 20 // that this is believed as firmly as
const DISTURBED = 3 // times the error of an undisturbed image
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
  const knots = model.magnitude.length
  const first = () => new Float64Array(knots).fill(FIRST_SHARE)
  const shares = { knots, disturbed: first(), wrong: first() }
  for (let round = 0; round < ROUNDS; round++) {
    weigh(sample, rows, model, shares, right)
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
 * Writes to `right` how probable it is that each pair is one of an undisturbed image, rather than of one that a neighbour
 * below the threshold of detection or a speck of dust has shifted (normal with a larger error), or a wrong pair (evenly
 * spread over the circle). The shares of the three are those among the pairs of the same brightness.
 */
function weigh(
  sample: ResidualSample,
  rows: number[],
  model: CentringModel,
  shares: Shares,
  right: Float64Array,
): void {
  const { knots } = shares
  const sums = {
    disturbed: new Float64Array(knots),
    wrong: new Float64Array(knots),
    all: new Float64Array(knots),
  }
  for (const i of rows) {
    const k = nearestKnot(model, sample.magnitude[i]!)
    const own = Math.exp(logVarianceAt(model, sample.magnitude[i]!, sample.kind[i]!)) + sample.known[i]!
    const normal = (variance: number) => Math.exp(-sample.square[i]! / variance) / (2 * variance)
    const disturbed = shares.disturbed[k]! * normal(DISTURBED ** 2 * own)
    const wrong = shares.wrong[k]! / sample.radius ** 2
    const undisturbed = (1 - shares.disturbed[k]! - shares.wrong[k]!) * normal(own)
    const total = undisturbed + disturbed + wrong
    right[i] = undisturbed / total
    sums.disturbed[k]! += disturbed / total
    sums.wrong[k]! += wrong / total
    sums.all[k]! += 1
  }
  for (let k = 0; k < knots; k++) {
    const of = (sum: number) => (sum + FIRST_SHARE * PRIOR_PAIRS) / (sums.all[k]! + PRIOR_PAIRS)
    shares.disturbed[k] = of(sums.disturbed[k]!)
    shares.wrong[k] = of(sums.wrong[k]!)
  }
}

interface Shares {
  knots: number
  disturbed: Float64Array
  wrong: Float64Array
}

function nearestKnot(model: CentringModel, magnitude: number): number {
  return featuresAt(model, magnitude, 0).reduce((a, b) => (b[1] > a[1] ? b : a))[0]
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
