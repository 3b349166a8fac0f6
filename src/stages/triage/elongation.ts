// What the images of a plate have in common: one elongation, all over the plate. Coma turns with the place, hairs and
// scratches cross a few places only; trails, spectra and exposures that touch are everywhere alike.

import type { Detections } from '../../detections.ts'
import { madSigma, median } from '../../math/robust.ts'
import { DEG } from '../../math/sphere.ts'
import { REJECT } from '../../reject.ts'
import type { TriageInput } from '../triage.ts'

export interface CommonElongation {
  /** Length of the common vector of ellipticity at twice the angle. */
  ellipticity: number
  /** From +x towards +y, −90 to 90. */
  angleDeg: number
  /** By how many of its own standard deviations it differs from none. */
  sigmas: number
  images: number
}

/** The plate is looked at in this many parts along its longer side, and each has one vote. */
const PARTS = 6
const MIN_PARTS = 8

/** Not stars wherever they lie; what is unlike the stars of this plate is not asked, since on such a plate the stars may be. */
const NO_STARS = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED | REJECT.HALO | REJECT.SPECKS

/** Rows of whole images, the largest first. */
export function wholeImages({
  detections: d,
  reject,
}: Pick<TriageInput, 'detections' | 'reject'>): Int32Array {
  const rows = Array.from({ length: d.length }, (_, i) => i).filter((i) => (reject[i]! & NO_STARS) === 0)
  return Int32Array.from(rows.sort((a, b) => d.isoAreaPx[b]! - d.isoAreaPx[a]! || a - b))
}

/** The elongation that these images have in common, the median of the parts of the plate; undefined where they are few. */
export function commonElongation(
  { detections: d, width, height }: Pick<TriageInput, 'detections' | 'width' | 'height'>,
  rows: Int32Array,
): CommonElongation | undefined {
  const side = Math.max(width, height) / PARTS
  const parts = new Map<number, { c: number; s: number; count: number }>()
  for (const i of rows) {
    const at = Math.floor((d.y[i]! - 0.5) / side) * PARTS + Math.floor((d.x[i]! - 0.5) / side)
    const part = parts.get(at) ?? { c: 0, s: 0, count: 0 }
    part.c += d.ellipticity[i]! * Math.cos(2 * d.thetaDeg[i]! * DEG)
    part.s += d.ellipticity[i]! * Math.sin(2 * d.thetaDeg[i]! * DEG)
    part.count++
    parts.set(at, part)
  }
  const votes = [...parts.values()].filter(({ count }) => count > 0)
  if (votes.length < MIN_PARTS) return undefined
  const [c, s] = [votes.map((v) => v.c / v.count), votes.map((v) => v.s / v.count)]
  const [cc, ss] = [median(c), median(s)]
  const scatter = Math.max(Math.hypot(madSigma(c), madSigma(s)) / Math.SQRT2, 0.01)
  const ellipticity = Math.hypot(cc, ss)
  return {
    ellipticity,
    angleDeg: Math.atan2(ss, cc) / 2 / DEG,
    // Of a median: 1.25 times that of a mean.
    sigmas: (ellipticity / (1.25 * scatter)) * Math.sqrt(votes.length),
    images: rows.length,
  }
}

/** Angle between the axis of an image and a direction, degrees, 0 to 90. */
export function offAxisDeg(d: Pick<Detections, 'thetaDeg'>, i: number, angleDeg: number): number {
  const off = Math.abs(d.thetaDeg[i]! - angleDeg) % 180
  return Math.min(off, 180 - off)
}
