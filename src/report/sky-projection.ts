// From the sky to a figure and back: the whole sky in Hammer's equal-area projection, a field in the gnomonic one.
import { DEG, fold180, fold360 } from '../math/sphere.ts'

/** A place on the sky in degrees. */
export type Place = readonly [raDeg: number, decDeg: number]
/** A point of a figure: x to the right, y upwards. */
export type Point = readonly [x: number, y: number]

export interface Projection {
  /** Undefined where the projection has no such place. */
  toPoint(place: Place): Point | undefined
  /** Undefined outside the figure. */
  toPlace(point: Point): Place | undefined
}

/** In the middle of the map: 24h is then at its left edge and 0h at its right one. */
const MIDDLE_RA_DEG = 180

/**
 * The whole sky within |x| ≤ 2, |y| ≤ 1, right ascension growing to the left (Hammer 1892; Calabretta & Greisen 2002,
 * A&A 395, 1077, §5.3.3, halved so that the semi-axes are 2 and 1).
 */
export const HAMMER: Projection = {
  toPoint([raDeg, decDeg]) {
    const half = (raDeg === 360 ? 180 : fold180(raDeg - MIDDLE_RA_DEG)) * (DEG / 2)
    const [sin, cos] = [Math.sin(decDeg * DEG), Math.cos(decDeg * DEG)]
    const scale = 1 / Math.sqrt(1 + cos * Math.cos(half))
    return [-2 * scale * cos * Math.sin(half), scale * sin]
  },
  toPlace([x, y]) {
    if ((x / 2) ** 2 + y ** 2 > 1) return undefined
    const z2 = 1 - (x / 2) ** 2 / 2 - y ** 2 / 2
    const z = Math.sqrt(z2)
    const half = Math.atan2((-x / 2) * z * Math.SQRT2, 2 * z2 - 1)
    return [
      fold360(MIDDLE_RA_DEG + (2 * half) / DEG),
      Math.asin(Math.max(-1, Math.min(1, z * y * Math.SQRT2))) / DEG,
    ]
  },
}

/** A field about a place, in tangents of angles; right ascension growing to the left. */
export function gnomonic([ra0Deg, dec0Deg]: Place): Projection {
  const [sin0, cos0] = [Math.sin(dec0Deg * DEG), Math.cos(dec0Deg * DEG)]
  return {
    toPoint([raDeg, decDeg]) {
      const [sin, cos] = [Math.sin(decDeg * DEG), Math.cos(decDeg * DEG)]
      const along = (raDeg - ra0Deg) * DEG
      const depth = sin0 * sin + cos0 * cos * Math.cos(along)
      if (depth <= 0) return undefined
      return [(-cos * Math.sin(along)) / depth, (cos0 * sin - sin0 * cos * Math.cos(along)) / depth]
    },
    toPlace([x, y]) {
      const depth = cos0 - y * sin0
      const decDeg = Math.atan2(sin0 + y * cos0, Math.hypot(x, depth)) / DEG
      return [fold360(ra0Deg + Math.atan2(-x, depth) / DEG), decDeg]
    },
  }
}

/** North pole of the Galaxy and the longitude of the node of its plane, ICRS (Hipparcos catalogue 1997, vol. 1, §1.5.3). */
const POLE_RA_DEG = 192.85948
const POLE_DEC_DEG = 27.12825

/** The plane of the Galaxy as places, once round. */
export function galacticPlane(stepDeg = 2): Place[] {
  const tilt = (90 - POLE_DEC_DEG) * DEG
  return Array.from({ length: Math.floor(360 / stepDeg) + 1 }, (_, n) => {
    const t = n * stepDeg * DEG // from the ascending node, at right angles to the pole
    const decDeg = Math.asin(Math.sin(t) * Math.sin(tilt)) / DEG
    const along = Math.atan2(Math.sin(t) * Math.cos(tilt), Math.cos(t)) / DEG
    return [fold360(POLE_RA_DEG + 90 + along), decDeg]
  })
}
