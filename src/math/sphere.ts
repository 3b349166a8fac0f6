// Angles and unit vectors on the celestial sphere. Angles without a unit in their name are radians.

export const DEG = Math.PI / 180
export const ARCSEC = DEG / 3600
export const MAS = ARCSEC / 1000

/** A right-handed unit vector: x towards (0h, 0°), z towards the north pole. */
export type Vector = readonly [x: number, y: number, z: number]

/** The unit vector of a place; right ascension and declination in radians. */
export function unitVector(ra: number, dec: number): Vector {
  const c = Math.cos(dec)
  return [c * Math.cos(ra), c * Math.sin(ra), Math.sin(dec)]
}

/** The place of a vector of any length: right ascension in [0, 2π), declination in [−π/2, π/2], radians. */
export function placeOf(v: Vector): { ra: number; dec: number } {
  const ra = Math.atan2(v[1], v[0])
  return { ra: ra < 0 ? ra + 2 * Math.PI : ra, dec: Math.atan2(v[2], Math.hypot(v[0], v[1])) }
}

/**
 * Angle between two places, radians, exact at every distance: the haversine form keeps its digits for small angles,
 * where the arccosine of a scalar product loses half of them (Sinnott 1984, Sky & Telescope 68, 159).
 */
export function separation(ra1: number, dec1: number, ra2: number, dec2: number): number {
  const sd = Math.sin((dec2 - dec1) / 2)
  const sr = Math.sin((ra2 - ra1) / 2)
  const h = sd * sd + Math.cos(dec1) * Math.cos(dec2) * sr * sr
  return 2 * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Separation of two places given and returned in degrees. */
export function separationDeg(ra1Deg: number, dec1Deg: number, ra2Deg: number, dec2Deg: number): number {
  return separation(ra1Deg * DEG, dec1Deg * DEG, ra2Deg * DEG, dec2Deg * DEG) / DEG
}

/** An angle in degrees folded into [0, 360). */
export function fold360(deg: number): number {
  const folded = deg % 360
  return folded < 0 ? folded + 360 : folded
}

/** An angle in degrees folded into [−180, 180). */
export function fold180(deg: number): number {
  return fold360(deg + 180) - 180
}
