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
  return { ra: fold2Pi(Math.atan2(v[1], v[0])), dec: Math.atan2(v[2], Math.hypot(v[0], v[1])) }
}

/** An angle in radians folded into [0, 2π). */
export function fold2Pi(angle: number): number {
  return fold(angle, 2 * Math.PI)
}

/**
 * Angle between two places, radians, to the last digits at every distance: sine and cosine of half of it are sums of
 * squares of the half differences and the half sum, so that neither small angles nor the antipode lose digits, as they do
 * in the arccosine of a scalar product and in the haversine form (Sinnott 1984, Sky & Telescope 68, 159).
 */
export function separation(ra1: number, dec1: number, ra2: number, dec2: number): number {
  const sinDec = Math.sin((dec2 - dec1) / 2)
  const cosDec = Math.cos((dec2 - dec1) / 2)
  const sinRa = Math.sin((ra2 - ra1) / 2)
  const cosRa = Math.cos((ra2 - ra1) / 2)
  const middle = (dec1 + dec2) / 2
  const sine = Math.hypot(sinDec * cosRa, Math.cos(middle) * sinRa)
  const cosine = Math.hypot(cosDec * cosRa, Math.sin(middle) * sinRa)
  return 2 * Math.atan2(sine, cosine)
}

/** Separation of two places given and returned in degrees. */
export function separationDeg(ra1Deg: number, dec1Deg: number, ra2Deg: number, dec2Deg: number): number {
  return separation(ra1Deg * DEG, dec1Deg * DEG, ra2Deg * DEG, dec2Deg * DEG) / DEG
}

/** An angle in degrees folded into [0, 360). */
export function fold360(deg: number): number {
  return fold(deg, 360)
}

/** An angle in degrees folded into [−180, 180). */
export function fold180(deg: number): number {
  return fold360(deg + 180) - 180
}

/** A remainder that is a hair below zero would round up to the whole turn, which is excluded. */
function fold(angle: number, turn: number): number {
  const rest = angle % turn
  const folded = rest < 0 ? rest + turn : rest
  return folded === turn ? 0 : folded
}
