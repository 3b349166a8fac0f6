// How well this plate's images can be centred, as a function of their magnitude.
import { median } from '../math/robust.ts'

/** Centring error per axis (radians) at instrumental magnitudes, ascending. */
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
