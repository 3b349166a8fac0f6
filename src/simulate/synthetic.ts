// Stars that do not exist but could: places at random, counts that rise as real ones, motions, parallaxes and colours.
import { DEG, placeOf, unitVector } from '../math/sphere.ts'
import type { Random } from './random.ts'

/** Slope of the star counts: log₁₀ N(<m) grows by this per magnitude (Allen, Astrophysical Quantities, table of counts). */
const COUNT_SLOPE = 0.35
const BIN_MAG = 0.25
const BRIGHTEST_MAG = 6

/** Stars per square degree brighter than `mag`, in units of those brighter than 12. */
export function countsBelow(mag: number): number {
  return 10 ** (COUNT_SLOPE * (mag - 12))
}

/**
 * Proper motion and parallax. The total motion is log-normal about 12 mas/yr at G = 10 and falls by 0.05 dex per magnitude,
 * as Gaia's does; a common drift stands for the Sun's motion; the parallax is that of a star moving at 25 km/s.
 */
export function drawMotion(random: Random, gMag: number) {
  const total = 10 ** (1.08 - 0.05 * (gMag - 10) + 0.35 * random.gauss())
  const angle = random.between(0, 2 * Math.PI)
  return {
    pmRaMasYr: total * Math.cos(angle) - 2,
    pmDecMasYr: total * Math.sin(angle) - 4,
    parallaxMas: (total * 4.740470446) / 25,
  }
}

/** bp_rp: about 0.8 for bright field stars, redder and more spread towards the faint ones. */
export function drawColour(random: Random, gMag: number): number {
  const middle = 0.8 + 0.05 * Math.max(0, gMag - 10)
  return Math.min(3.5, Math.max(-0.3, middle + 0.35 * random.gauss()))
}

/** A place in the field, uniform over its area. */
function drawPlace(random: Random, field: { raDeg: number; decDeg: number; radiusDeg: number }) {
  const cosFar = Math.cos(field.radiusDeg * DEG)
  const z = 1 - random.next() * (1 - cosFar)
  const r = Math.sqrt(1 - z * z)
  const angle = random.between(0, 2 * Math.PI)
  const [ra, dec] = [field.raDeg * DEG, field.decDeg * DEG]
  const [u, v] = [r * Math.cos(angle), r * Math.sin(angle)]
  const middle = unitVector(ra, dec)
  const east = [-Math.sin(ra), Math.cos(ra), 0]
  const north = [-Math.sin(dec) * Math.cos(ra), -Math.sin(dec) * Math.sin(ra), Math.cos(dec)]
  const at = (k: 0 | 1 | 2) => z * middle[k] + u * east[k]! + v * north[k]!
  const place = placeOf([at(0), at(1), at(2)])
  return { raDeg: place.ra / DEG, decDeg: place.dec / DEG }
}

interface Filling {
  field: { raDeg: number; decDeg: number; radiusDeg: number }
  areaDeg2: number
  /** Stars per square degree brighter than 12. */
  density: number
  faintestMag: number
  /** Stars that are there already: each bin of magnitude gets only what is lacking. */
  real: readonly { gMag: number }[]
}

/** The stars that bring the counts of each quarter magnitude up to the law, down to the faintest. */
export function syntheticStars(filling: Filling, random: { stars: Random; motions: Random }) {
  const stars = []
  const perDegree = filling.density * filling.areaDeg2
  // With real stars, bins brighter than their completeness limit are left as nature made them.
  const start = filling.real.length > 0 ? 10.5 : BRIGHTEST_MAG
  for (let bright = start; bright < filling.faintestMag; bright += BIN_MAG) {
    const faint = Math.min(bright + BIN_MAG, filling.faintestMag)
    const expected = perDegree * (countsBelow(faint) - (bright === BRIGHTEST_MAG ? 0 : countsBelow(bright)))
    const there = filling.real.filter((star) => star.gMag >= bright && star.gMag < faint).length
    const lacking = Math.max(0, expected - there)
    const count = Math.floor(lacking + random.stars.next())
    for (let i = 0; i < count; i++) {
      const gMag = random.stars.between(bright, faint)
      const motion = drawMotion(random.motions, gMag)
      stars.push({
        ...drawPlace(random.stars, filling.field),
        ...motion,
        gMag,
        bpRp: drawColour(random.motions, gMag),
      })
    }
  }
  return stars
}
