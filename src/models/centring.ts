// How well this plate's images can be centred, as a function of their brightness and kind.
import { median } from '../math/robust.ts'

/** Centring error per axis (radians) at instrumental magnitudes, ascending: what the fit is weighted by. */
export interface CentringCurve {
  magnitude: number[]
  error: number[]
}

/** Of a star of this magnitude: linear between the steps, constant beyond; the median for one without a magnitude. */
export function centringErrorAt({ magnitude: at, error }: CentringCurve, magnitude: number): number {
  if (!Number.isFinite(magnitude)) return median(error)
  const last = at.length - 1
  if (magnitude <= at[0]!) return error[0]!
  if (magnitude >= at[last]!) return error[last]!
  let k = 1
  while (at[k]! < magnitude) k++
  const span = at[k]! - at[k - 1]!
  const t = span > 0 ? (magnitude - at[k - 1]!) / span : 0
  return error[k - 1]! + t * (error[k]! - error[k - 1]!)
}

/** What may make an image worse to centre than others of its brightness; bits of a number. */
export const IMAGE_KIND = {
  neighbour: 1,
  blended: 2,
  saturated: 4,
  isophotal: 8,
  rejected: 16,
  profile: 32,
} as const

/** The logarithm of the centring variance per axis, rad²: linear between knots of brightness, and so much more per kind. */
export interface CentringModel {
  /** Knots, ascending, mag. */
  magnitude: number[]
  /** Bits of the kinds that were frequent enough to be measured. */
  kinds: number[]
  /** One per knot, then one per kind. */
  logVariance: number[]
}

/** Entries of `logVariance` that an image depends on, and their factors; beyond the last two knots their slope goes on. */
export function featuresAt(
  { magnitude: at, kinds }: CentringModel,
  magnitude: number,
  kind: number,
): [index: number, factor: number][] {
  const features: [number, number][] = []
  const last = at.length - 1
  const m = Number.isFinite(magnitude) ? magnitude : at[last >> 1]!
  if (last === 0) features.push([0, 1])
  else {
    let k = 1
    while (k < last && at[k]! < m) k++
    const span = at[k]! - at[k - 1]!
    const t = span > 0 ? Math.min(1 + REACH, Math.max(-REACH, (m - at[k - 1]!) / span)) : 0
    features.push([k - 1, 1 - t], [k, t])
  }
  kinds.forEach((bit, k) => {
    if ((kind >> bit) & 1) features.push([last + 1 + k, 1])
  })
  return features
}

const REACH = 1 // spans between knots beyond the outermost: half a knot's share of the pairs lies there

export function logVarianceAt(model: CentringModel, magnitude: number, kind: number): number {
  return featuresAt(model, magnitude, kind).reduce(
    (sum, [k, factor]) => sum + factor * model.logVariance[k]!,
    0,
  )
}
