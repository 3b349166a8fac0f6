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

/**
 * Derivatives of the place in true arc, east = α cos δ and north = δ, by (ξ, η) about a tangent point at dec0: of east by ξ
 * and by η, of north by ξ and by η. Away from the tangent point the plane is stretched, and east turns away from ξ: by any
 * angle near a pole.
 */
export function arcPerStandard(xi: number, eta: number, dec0: number): [number, number, number, number] {
  const s0 = Math.sin(dec0)
  const c0 = Math.cos(dec0)
  const u = c0 - eta * s0
  const distance = Math.sqrt(1 + xi * xi + eta * eta)
  const h = Math.sqrt(xi * xi + u * u) // the cosine of the declination, times the distance
  if (h === 0) return [1, 0, 0, 1] // the pole itself has no east
  const [first, second] = [1 / (distance * h), 1 / (distance * distance * h)]
  return [u * first, s0 * xi * first, -xi * (s0 + c0 * eta) * second, (u + c0 * xi * xi) * second]
}
