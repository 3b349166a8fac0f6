// The gnomonic (TAN) projection between places and standard coordinates (Smart, Spherical Astronomy, §160;
// Calabretta & Greisen 2002, A&A 395, 1077, §5.1.3). Radians throughout: ξ grows to the east, η to the north.
import { fold2Pi } from './sphere.ts'

/** Standard coordinates on the plane that touches the sphere at the tangent point, radians. */
export interface Standard {
  xi: number
  eta: number
}

/**
 * Standard coordinates of a place about the tangent point (ra0, dec0), all in radians;
 * undefined for places 90° or more away, which have no image on the plane.
 */
export function toStandard(ra: number, dec: number, ra0: number, dec0: number): Standard | undefined {
  const sd = Math.sin(dec)
  const cd = Math.cos(dec)
  const s0 = Math.sin(dec0)
  const c0 = Math.cos(dec0)
  const cosRa = Math.cos(ra - ra0)
  const cosDistance = sd * s0 + cd * c0 * cosRa
  if (!(cosDistance > 0)) return undefined
  return {
    xi: (cd * Math.sin(ra - ra0)) / cosDistance,
    eta: (sd * c0 - cd * s0 * cosRa) / cosDistance,
  }
}

/** The place (radians, right ascension in [0, 2π)) of standard coordinates about (ra0, dec0). */
export function fromStandard(
  xi: number,
  eta: number,
  ra0: number,
  dec0: number,
): { raRad: number; decRad: number } {
  const s0 = Math.sin(dec0)
  const c0 = Math.cos(dec0)
  const u = c0 - eta * s0
  return {
    raRad: fold2Pi(ra0 + Math.atan2(xi, u)),
    decRad: Math.atan2(s0 + eta * c0, Math.hypot(xi, u)),
  }
}
