// One brightness of every image from several measures. SNR_WIN alone misses what the background does to the emulsion's
// response; area, peak and size of the image know of it. The pairs say how much each counts.
import { solveLinear } from '../math/leastsquares.ts'
import { MAD_TO_SIGMA, madSigma, median, tukeyWeight } from '../math/robust.ts'
import { magnitudeRelation, predictedMagnitude } from './magnitudes.ts'

/** One entry per image in every column. */
export interface Brightnesses {
  /** The measure that the others correct, mag. */
  magWin: Float64Array
  background: Float64Array
  isoAreaPx: Float64Array
  peak: Float64Array
  fluxRadius: Float64Array
}

const MIN_PAIRS = 100
const MIN_GAIN = 0.02 // of the scatter of pairs that took no part
const ROUNDS = 10
const TUKEY_C = 5
const FARTHEST_SIGMAS = 4 // an odd image is corrected no more than one at the edge of the usual

/**
 * Magnitudes on the scale of the reference stars for every image; null where the pairs are too few, or the other measures
 * of no use.
 *
 * @param rows  images of the pairs
 * @param catalogue  magnitudes of their stars
 */
export function brightnessOf(
  images: Brightnesses,
  rows: ArrayLike<number>,
  catalogue: ArrayLike<number>,
): Float64Array | null {
  const { magWin } = images
  const known = Array.from(rows, (row, k) => ({ row, mag: catalogue[k]! })).filter(
    ({ row, mag }) => Number.isFinite(mag) && Number.isFinite(magWin[row]!),
  )
  if (known.length < MIN_PAIRS) return null
  const relation = magnitudeRelation(
    known.map(({ row }) => magWin[row]!),
    known.map(({ mag }) => mag),
  )!
  const plain = magWin.map((m) => predictedMagnitude(relation, m))
  const pairs = known.map(({ row }) => row)
  const left = Float64Array.from(known, ({ row, mag }) => mag - plain[row]!)
  const columns = departures(images, pairs)
  const judged = Float64Array.from(left)
  for (const half of [0, 1]) {
    const factors = factorsOf(columns, pairs, left, (k) => k % 2 !== half)
    if (factors === undefined) return null
    pairs.forEach((row, k) => {
      if (k % 2 === half) judged[k]! -= combined(columns, factors, row)
    })
  }
  if (madSigma(judged) > (1 - MIN_GAIN) * madSigma(left)) return null
  const factors = factorsOf(columns, pairs, left, () => true)!
  return plain.map((m, row) => m + combined(columns, factors, row))
}

/** Each measure less what is usual for images of that SNR, every image, mag. */
function departures(images: Brightnesses, pairs: number[]): Float64Array[] {
  const { magWin } = images
  const measures = [images.background, images.isoAreaPx, images.peak, images.fluxRadius].map((column) =>
    column.map((value) => (value > 0 ? 2.5 * Math.log10(value) : Number.NaN)),
  )
  const usual = measures.map((measure) => {
    const relation = magnitudeRelation(
      pairs.map((row) => magWin[row]!),
      pairs.map((row) => measure[row]!),
    )
    const off = measure.map((value, i) =>
      relation === null ? 0 : value - predictedMagnitude(relation, magWin[i]!),
    )
    const farthest = FARTHEST_SIGMAS * madSigma(pairs.map((row) => off[row]!))
    return off.map((value) => (Number.isNaN(value) ? 0 : Math.min(farthest, Math.max(-farthest, value))))
  })
  // The background counts more for faint images.
  const middle = median(pairs.map((row) => magWin[row]!))
  const reach = 2 * madSigma(pairs.map((row) => magWin[row]!))
  const faintness = magWin.map((m) => (Number.isNaN(m) ? 0 : Math.min(reach, Math.max(-reach, m - middle))))
  return [...usual, usual[0]!.map((value, i) => value * faintness[i]!)]
}

/** Robust least squares of what is left on the departures. */
function factorsOf(
  columns: Float64Array[],
  pairs: number[],
  left: Float64Array,
  takes: (k: number) => boolean,
): Float64Array | undefined {
  const used = Array.from(pairs.keys()).filter(takes)
  const live = columns.map((column) => used.some((k) => column[pairs[k]!] !== 0))
  const terms = columns.filter((_, n) => live[n])
  if (terms.length === 0) return undefined // no measure tells anything that the SNR does not
  const design = Float64Array.from(used.flatMap((k) => terms.map((column) => column[pairs[k]!]!)))
  const target = Float64Array.from(used, (k) => left[k]!)
  const weight = new Float64Array(used.length).fill(1)
  let found: Float64Array | undefined
  for (let round = 0; round < ROUNDS; round++) {
    found = solveLinear(design, terms.length, target, weight)?.coefficients
    if (found === undefined) return undefined
    const residual = target.map((value, k) =>
      terms.reduce((sum, _, n) => sum - found![n]! * design[k * terms.length + n]!, value),
    )
    const sigma = MAD_TO_SIGMA * median(residual.map(Math.abs))
    residual.forEach((value, k) => {
      weight[k] = sigma > 0 ? tukeyWeight(value / sigma, TUKEY_C) : 1
    })
  }
  let next = 0
  return Float64Array.from(live, (is) => (is ? found![next++]! : 0))
}

function combined(columns: Float64Array[], factors: Float64Array, row: number): number {
  return columns.reduce((sum, column, n) => sum + factors[n]! * column[row]!, 0)
}
