// Precession of logbook places to J2000: a hint for the solver, good to 2″.

import { ARCSEC, DEG, placeOf, unitVector, type Vector } from '../../math/sphere.ts'

/**
 * Moves a mean place from the equator of `equinoxYr` (Besselian or Julian: the difference is below a second of arc) to J2000.
 * IAU 1976 angles (Lieske et al. 1977, A&A 58, 1) for every equinox. Left out: FK4's E-terms of aberration (0.35″) and its
 * equinox correction and precession constant (1″ per century), and yet places of 1855 to 1950 agree with astropy to 1.1″.
 */
export function precessToJ2000(
  raDeg: number,
  decDeg: number,
  equinoxYr: number,
): { raDeg: number; decDeg: number } {
  const t = (equinoxYr - 2000) / 100 // Julian centuries
  const zeta = (2306.2181 * t + 0.30188 * t * t + 0.017998 * t ** 3) * ARCSEC
  const z = (2306.2181 * t + 1.09468 * t * t + 0.018203 * t ** 3) * ARCSEC
  const theta = (2004.3109 * t - 0.42665 * t * t - 0.041833 * t ** 3) * ARCSEC
  // The angles lead from J2000 to the equinox, so the rotations are undone in reverse order.
  const v = turnZ(turnY(turnZ(unitVector(raDeg * DEG, decDeg * DEG), z), -theta), zeta)
  const place = placeOf(v)
  const ra = place.ra / DEG
  return { raDeg: ra >= 360 ? ra - 360 : ra, decDeg: place.dec / DEG }
}

/** The components of v after the frame is turned about z by `angle`, from x towards y. */
function turnZ(v: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return [c * v[0] + s * v[1], c * v[1] - s * v[0], v[2]]
}

/** The components of v after the frame is turned about y by `angle`, from z towards x. */
function turnY(v: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return [c * v[0] - s * v[2], v[1], s * v[0] + c * v[2]]
}

/** The year of an equinox such as 2000, '2000.0', 'J2000', 'B1950', 'J1875'; undefined where it is none. */
export function equinoxYear(value: string | number | undefined): number | undefined {
  if (value === undefined) return undefined
  const match = /^[BJ]?\s*(\d{4}(?:\.\d*)?)$/i.exec(String(value).trim())
  const year = match ? Number(match[1]) : Number.NaN
  return year >= 1750 && year <= 2100 ? year : undefined
}
