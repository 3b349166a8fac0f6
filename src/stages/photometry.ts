// Stage 8, pairs → magnitudes on the scale of the reference stars: a first calibration by the plate's own running
// relation, with the scatter of the pairs as its error.
import type { Detections } from '../detections.ts'
import { type MagnitudeRelation, predictedMagnitude } from '../models/magnitudes.ts'

export interface Photometry {
  /** One entry per detection; NaN where there is no relation. */
  mag: Float64Array
  magError: Float64Array
}

/** Beyond the pairs by more than this, mag, the emulsion's curve is anyone's guess. */
const MAX_EXTRAPOLATION = 1

export function photometry(detections: Detections, relation: MagnitudeRelation | null): Photometry {
  const none = () => new Float64Array(detections.length).fill(Number.NaN)
  if (relation === null) return { mag: none(), magError: none() }
  const { instrumental } = relation
  const mag = detections.brightness.map((m) =>
    m < instrumental[0]! - MAX_EXTRAPOLATION || m > instrumental.at(-1)! + MAX_EXTRAPOLATION
      ? Number.NaN
      : predictedMagnitude(relation, m),
  )
  const magError = detections.magInstError.map((e, i) =>
    Number.isNaN(mag[i]!) ? Number.NaN : Math.hypot(relation.scatter, Number.isFinite(e) ? e : 0),
  )
  return { mag, magError }
}
