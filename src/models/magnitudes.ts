// How the catalogue's magnitudes follow from the plate's: a running median through the pairs, enough to tell a pair
// from a chance coincidence. The emulsion's curve is not linear and its colour response is not Gaia's.
import { madSigma, median } from '../math/robust.ts'

export interface MagnitudeRelation {
  /** Instrumental magnitudes, ascending. */
  instrumental: Float64Array
  /** Catalogue magnitude at each. */
  catalogue: Float64Array
  /** Scatter of the catalogue's magnitude about the relation, mag. */
  scatter: number
}

const MIN_PAIRS = 12
const KNOTS_MAX = 24
const PAIRS_PER_KNOT = 15
const MIN_SCATTER = 0.15 // mag: what photographic photometry reaches at best, and colour adds more

/** @returns null when there are too few pairs with both magnitudes to say anything */
export function magnitudeRelation(
  instrumental: ArrayLike<number>,
  catalogue: ArrayLike<number>,
): MagnitudeRelation | null {
  const order: number[] = []
  for (let i = 0; i < instrumental.length; i++) {
    if (Number.isFinite(instrumental[i]!) && Number.isFinite(catalogue[i]!)) order.push(i)
  }
  if (order.length < MIN_PAIRS) return null
  order.sort((a, b) => instrumental[a]! - instrumental[b]!)
  const knots = Math.max(2, Math.min(KNOTS_MAX, Math.floor(order.length / PAIRS_PER_KNOT)))
  const x = new Float64Array(knots)
  const y = new Float64Array(knots)
  for (let k = 0; k < knots; k++) {
    const group = order.slice(
      Math.floor((k * order.length) / knots),
      Math.floor(((k + 1) * order.length) / knots),
    )
    x[k] = median(group.map((i) => instrumental[i]!))
    y[k] = median(group.map((i) => catalogue[i]!))
  }
  const relation = { instrumental: x, catalogue: y, scatter: 0 }
  const off = order.map((i) => catalogue[i]! - predictedMagnitude(relation, instrumental[i]!))
  return { ...relation, scatter: Math.max(MIN_SCATTER, madSigma(off)) }
}

/** Of images with these instrumental magnitudes; NaN where there is no relation. */
export function magnitudesOf(instrumental: Float64Array, relation: MagnitudeRelation | null): Float64Array {
  return instrumental.map((m) => (relation === null ? Number.NaN : predictedMagnitude(relation, m)))
}

/** Linear between the knots, and beyond them with the slope of the outer third. */
export function predictedMagnitude(relation: MagnitudeRelation, instrumental: number): number {
  const { instrumental: x, catalogue: y } = relation
  const last = x.length - 1
  if (!Number.isFinite(instrumental)) return Number.NaN
  const third = Math.max(1, Math.floor(last / 3))
  if (instrumental <= x[0]!) return y[0]! + slope(x, y, 0, third) * (instrumental - x[0]!)
  if (instrumental >= x[last]!) return y[last]! + slope(x, y, last - third, last) * (instrumental - x[last]!)
  let k = 1
  while (x[k]! < instrumental) k++
  return y[k - 1]! + slope(x, y, k - 1, k) * (instrumental - x[k - 1]!)
}

function slope(x: Float64Array, y: Float64Array, from: number, to: number): number {
  const span = x[to]! - x[from]!
  return span > 0 ? (y[to]! - y[from]!) / span : 1
}
