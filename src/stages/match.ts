// Stage 6, detections + reference stars → pairs. In place and in magnitude: by place alone, faint stars are swapped for
// bright ones at the plate's edge. A pair is the best for both its ends.
import type KDBush from 'kdbush'
import type { EpochStars } from '../catalog/at-epoch.ts'
import type { Detections } from '../detections.ts'
import { columnTree } from '../math/place-tree.ts'
import { DEG } from '../math/sphere.ts'
import { toStandard } from '../math/tangent.ts'
import { type MagnitudeRelation, predictedMagnitude } from '../models/magnitudes.ts'
import { type PlateConstants, standardAt } from '../models/plate-constants.ts'

/** Rows of detections and of reference stars that belong together, in the order of the detections. */
export interface Pairs {
  detection: Int32Array
  reference: Int32Array
}

/** Reference stars on the tangent plane, with a search tree; rows as in `EpochStars`, NaN 90° away and beyond. */
export interface ProjectedStars {
  stars: EpochStars
  /** The tangent point, radians. */
  ra0: number
  dec0: number
  xi: Float64Array
  eta: Float64Array
  /** Rows that are in the tree. */
  rows: Int32Array
  tree: KDBush
}

/** Projects the given rows about a tangent point (radians). */
export function project(stars: EpochStars, ra0: number, dec0: number, rows: Int32Array): ProjectedStars {
  const xi = new Float64Array(stars.length).fill(Number.NaN)
  const eta = new Float64Array(stars.length).fill(Number.NaN)
  const seen = rows.filter((row) => {
    const place = toStandard(stars.raDeg[row]! * DEG, stars.decDeg[row]! * DEG, ra0, dec0)
    if (place === undefined) return false
    xi[row] = place.xi
    eta[row] = place.eta
    return true
  })
  const tree = columnTree(xi, eta, seen)
  return { stars, ra0, dec0, xi, eta, rows: seen, tree }
}

export interface MatchInput {
  detections: Detections
  /** Rows of the detections that may be paired. */
  candidates: Int32Array
  projected: ProjectedStars
  constants: PlateConstants
  radiusRad: number
  /** Null in the first rounds, when the plate's magnitudes are not yet known. */
  magnitudes: MagnitudeRelation | null
  /** Moves the reference stars, radians on the tangent plane: the chance test. */
  shift?: { xi: number; eta: number } | undefined
}

/** A pair whose magnitudes differ by more than this many scatters is none. */
export const MAX_MAGNITUDE_SIGMA = 4

/** Pairs each candidate with the reference star that suits it best; no star and no detection is used twice. */
export function match(input: MatchInput): Pairs {
  const { detections, projected, constants, radiusRad, magnitudes } = input
  const shift = input.shift ?? { xi: 0, eta: 0 }
  const found: { detection: number; reference: number; cost: number }[] = []
  const byColour = constants.model.terms.some((term) => term.kind === 'power' && term.c > 0)
  const [bluest, reddest] = constants.star.bpRpRange
  for (const detection of input.candidates) {
    const expected =
      magnitudes === null ? null : predictedMagnitude(magnitudes, detections.brightness[detection]!)
    const mag = expected ?? Number.NaN
    const placeOf = (bpRp?: number) => {
      const place = standardAt(constants, detections.x[detection]!, detections.y[detection]!, mag, bpRp)
      return { xi: place.xi - shift.xi, eta: place.eta - shift.eta }
    }
    const typical = placeOf()
    // Where colour shifts images, each star is compared with where an image of its own colour would be.
    const farthest = byColour
      ? Math.max(
          ...[bluest, reddest].map(placeOf).map((p) => Math.hypot(p.xi - typical.xi, p.eta - typical.eta)),
        )
      : 0
    for (const at of projected.tree.within(typical.xi, typical.eta, radiusRad + farthest)) {
      const reference = projected.rows[at]!
      const { xi, eta } = byColour ? placeOf(projected.stars.bpRp[reference]!) : typical
      const apart = Math.hypot(projected.xi[reference]! - xi, projected.eta[reference]! - eta) / radiusRad
      if (apart > 1) continue
      let cost = apart * apart
      if (magnitudes !== null && expected !== null) {
        const off =
          Math.abs(projected.stars.gMag[reference]! - expected) / (MAX_MAGNITUDE_SIGMA * magnitudes.scatter)
        if (off > 1) continue
        cost += off * off // a star without a magnitude (NaN) is judged by its place
        if (Number.isNaN(cost)) cost = apart * apart + 0.5
      }
      found.push({ detection, reference, cost })
    }
  }
  found.sort((a, b) => a.cost - b.cost || a.detection - b.detection || a.reference - b.reference)
  const takenDetection = new Set<number>()
  const takenReference = new Set<number>()
  const pairs = found.filter(({ detection, reference }) => {
    if (takenDetection.has(detection) || takenReference.has(reference)) return false
    takenDetection.add(detection)
    takenReference.add(reference)
    return true
  })
  pairs.sort((a, b) => a.detection - b.detection)
  return {
    detection: Int32Array.from(pairs, (p) => p.detection),
    reference: Int32Array.from(pairs, (p) => p.reference),
  }
}
