// Statistics that a few wild values cannot move.

/** Standard deviation of a normal distribution whose median absolute deviation is 1. */
export const MAD_TO_SIGMA = 1.482602218505602

/** A sorted copy without NaN. */
export function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(Array.prototype.filter.call(values, (v: number) => !Number.isNaN(v))).sort()
}

/** The q-quantile (0 ≤ q ≤ 1) of sorted values, linear between neighbours; NaN of none. */
export function quantileOfSorted(ordered: ArrayLike<number>, q: number): number {
  const n = ordered.length
  if (n === 0) return Number.NaN
  const at = Math.min(Math.max(q, 0), 1) * (n - 1)
  const low = Math.floor(at)
  const high = Math.min(low + 1, n - 1)
  if (at === low) return ordered[low]! // nothing times the step to an infinite neighbour is no number
  return ordered[low]! + (at - low) * (ordered[high]! - ordered[low]!)
}

/** The q-quantile of values in any order; NaN values are left out. */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(sorted(values), q)
}

/** The median; NaN of none. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5)
}

/** Robust standard deviation: the median absolute deviation from the median, scaled to a normal distribution. */
export function madSigma(values: ArrayLike<number>): number {
  const centre = median(values)
  return MAD_TO_SIGMA * median(Float64Array.from(values, (v) => Math.abs(v - centre)))
}

/** Root mean square; NaN of none. */
export function rms(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return values.length === 0 ? Number.NaN : Math.sqrt(sum / values.length)
}

/** The weight of a residual of u sigmas in Tukey's bi-weight with constant c: (1 − (u/c)²)², 0 beyond c. */
export function tukeyWeight(u: number, c: number): number {
  const t = u / c
  return Math.abs(t) >= 1 ? 0 : (1 - t * t) ** 2
}

/** The weight of a residual of u sigmas in Huber's estimator with constant k: 1 inside, k/|u| outside. */
export function huberWeight(u: number, k: number): number {
  return Math.abs(u) <= k ? 1 : k / Math.abs(u)
}
