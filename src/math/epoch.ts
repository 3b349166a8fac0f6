// A star at another epoch: uniform space motion with the light's travel time, carried on the unit vector so that it is
// right at the poles. docs/decisions/epoch.md tells the conventions; epoch-errors.ts carries the errors.
import { ARCSEC, DEG, fold360, MAS } from './sphere.ts'

/** Light, km/s; exact. */
export const LIGHT_KM_S = 299792.458
/** One au per Julian year in km/s (IAU 2012: 149 597 870.7 km; 365.25 days of 86 400 s). */
const AU_PER_YR_KM_S = 149597870.7 / (365.25 * 86400)
/** The light's travel over one au, Julian years: a star of parallax ϖ is this / ϖ away. */
export const AU_YR = AU_PER_YR_KM_S / LIGHT_KM_S

/**
 * ERFA's pmsafe takes no star to cross the line of sight faster than a hundredth of light's speed, nor to be farther than
 * 2 Mpc. A parallax that is smaller than both allow, negative or not known is taken as the smallest allowed, here as there.
 */
const MIN_PARALLAX_YR = 326 * ARCSEC // times the proper motion: 2999 km/s
const MIN_PARALLAX = 5e-7 * ARCSEC

/** A star at one epoch. NaN stands for what is not known and counts as zero. */
export interface Astrometry {
  raDeg: number
  decDeg: number
  /** Includes cos δ. */
  pmRaMasYr: number
  pmDecMasYr: number
  parallaxMas: number
  radialVelocityKmS: number
}

/** With the light's travel time, as ERFA and astropy have it; or without, as the Hipparcos Catalogue has it. */
export type MotionModel = 'light-time' | 'standard'

/**
 * A star's motion from its first epoch to another, to be written by `follow` and read at once: one object serves many
 * stars. Lengths are in units of the star's first distance, times in Julian years, angles in radians. Vectors have
 * components along the star's first triad: p̂ to the east, q̂ to the north, û away from us.
 */
export interface Course {
  /** Observed proper motion. */
  east: number
  north: number
  /** Observed radial velocity over that of light, 1 − ν/ν₀. */
  redshift: number
  /** The light's travel from the star at the first epoch; infinite light speed is `lightTime` false. */
  lightTime: boolean
  lightYr: number
  /** 1 + v_r/c: true motion across the line of sight over the observed. */
  doppler: number
  /** True radial motion over distance, 1/yr. */
  radial: number
  /** Time that passed at the star between the emissions of what is seen at the two epochs. */
  elapsedYr: number
  /** The star at the second epoch: 1 + radial · elapsed, and its distance over the first. */
  outward: number
  distance: number
  /** The place at the second epoch, and the components of p̂, q̂, û there along the first triad. */
  raDeg: number
  decDeg: number
  pp: number
  pq: number
  pu: number
  qp: number
  qq: number
  qu: number
  up: number
  uq: number
  uu: number
}

/** An empty course for `follow` to write to; NaN, not 0, lest V8 take the fields for integers at first and be slow later. */
export function newCourse(): Course {
  const none = Number.NaN
  return {
    lightTime: true,
    east: none,
    north: none,
    redshift: none,
    lightYr: none,
    doppler: none,
    radial: none,
    elapsedYr: none,
    outward: none,
    distance: none,
    raDeg: none,
    decDeg: none,
    pp: none,
    pq: none,
    pu: none,
    qp: none,
    qq: none,
    qu: none,
    up: none,
    uq: none,
    uu: none,
  }
}

const known = (value: number): number => (Number.isFinite(value) ? value : 0)

/**
 * Follows a star `dtYr` Julian years from its epoch (negative: back), as seen from the barycentre, and writes its course.
 *
 * A star that moves uniformly is seen where it was when the light left it (Butkevich & Lindegren 2014, A&A 570, A62, §4):
 * u = (û + V τ)/f with the time τ that passed at the star, its true velocity V over the first distance and f = |û + V τ|.
 * Light that left at the distance f arrives later by τ_A (f − 1), so τ + τ_A (f − 1) = Δt, which is quadratic in τ. With
 * D = 1 + v_r/c, the true velocity is D μ across the line of sight and (D − 1)/τ_A along it; the radial velocity that a
 * spectrograph measures, c (1 − ν/ν₀) = c s as ERFA reads it, gives D (1 − s) = √(1 − V²τ_A²), hence D. The standard
 * model is the limit of an infinite speed of light: D = 1, τ = Δt.
 */
export function follow(course: Course, star: Astrometry, dtYr: number, model: MotionModel): void {
  const east = known(star.pmRaMasYr) * MAS
  const north = known(star.pmDecMasYr) * MAS
  const motionSquared = east * east + north * north
  const lightYr = AU_YR / usedParallax(star.parallaxMas, motionSquared)
  const redshift = known(star.radialVelocityKmS) / LIGHT_KM_S
  let doppler = 1
  let radial = redshift / lightYr
  let elapsedYr = dtYr
  if (model === 'light-time') {
    const across = motionSquared * lightYr * lightYr
    const away = redshift * (2 - redshift) - across
    doppler = 2 / (2 - away)
    radial = (away * doppler) / (2 * lightYr)
    const speedSquared = doppler * doppler * motionSquared + radial * radial
    // τ = Δt − x, and (V²τ_A − 1/τ_A) x² − 2 b x + c = 0; this form of the root loses no digits and has b near 1.
    const b = doppler + lightYr * speedSquared * dtYr
    const c = dtYr * (2 * (doppler - 1) + lightYr * speedSquared * dtYr)
    elapsedYr -= c / (b + Math.sqrt(b * b - (speedSquared * lightYr - 1 / lightYr) * c))
  }
  course.east = east
  course.north = north
  course.redshift = redshift
  course.lightTime = model === 'light-time'
  course.lightYr = lightYr
  course.doppler = doppler
  course.radial = radial
  course.elapsedYr = elapsedYr
  arrive(course, star.raDeg * DEG, star.decDeg * DEG)
}

function usedParallax(parallaxMas: number, motionSquared: number): number {
  return Math.max(known(parallaxMas) * MAS, Math.sqrt(motionSquared) * MIN_PARALLAX_YR, MIN_PARALLAX)
}

/** Writes where the star is after `elapsedYr`, and the triad there. */
function arrive(course: Course, ra: number, dec: number): void {
  const [sinRa, cosRa, sinDec, cosDec] = [Math.sin(ra), Math.cos(ra), Math.sin(dec), Math.cos(dec)]
  const outward = 1 + course.radial * course.elapsedYr
  const along = course.doppler * course.elapsedYr
  const [east, north] = [course.east * along, course.north * along]
  const distance = Math.sqrt(east * east + north * north + outward * outward)
  const inward = cosDec * outward - sinDec * north // from the pole's axis to the star
  const x = (cosRa * inward - sinRa * east) / distance
  const y = (sinRa * inward + cosRa * east) / distance
  const z = (sinDec * outward + cosDec * north) / distance
  const axis = Math.sqrt(x * x + y * y)
  course.outward = outward
  course.distance = distance
  course.raDeg = fold360(Math.atan2(y, x) / DEG)
  course.decDeg = Math.atan2(z, axis) / DEG
  // On the axis itself the meridian of 0h stands for all.
  const cosTurn = axis > 0 ? (x * cosRa + y * sinRa) / axis : cosRa
  const sinTurn = axis > 0 ? (y * cosRa - x * sinRa) / axis : -sinRa
  course.pp = cosTurn
  course.pq = sinDec * sinTurn
  course.pu = -cosDec * sinTurn
  course.qp = -z * sinTurn
  course.qq = z * sinDec * cosTurn + axis * cosDec
  course.qu = axis * sinDec - z * cosDec * cosTurn
  course.up = east / distance
  course.uq = north / distance
  course.uu = outward / distance
}

/**
 * Writes the star as it is observed at the second epoch of a course: place, proper motion, parallax, radial velocity.
 * What was not known at the first epoch is not known at the second.
 */
export function observe(course: Course, star: Astrometry, out: Astrometry): void {
  const { doppler: d, distance: f, lightYr } = course
  const [vp, vq, vu] = [d * course.east, d * course.north, course.radial]
  const away = course.up * vp + course.uq * vq + course.uu * vu
  const doppler = course.lightTime ? 1 + lightYr * away : 1
  const redshift = course.lightTime ? 1 - ((1 - course.redshift) * d) / doppler : away * lightYr
  const perYr = 1 / (f * doppler * MAS)
  const [missingRa, missingDec] = [Number.isNaN(star.pmRaMasYr), Number.isNaN(star.pmDecMasYr)]
  out.raDeg = course.raDeg
  out.decDeg = course.decDeg
  out.pmRaMasYr = missingRa ? Number.NaN : (course.pp * vp + course.pq * vq + course.pu * vu) * perYr
  out.pmDecMasYr = missingDec ? Number.NaN : (course.qp * vp + course.qq * vq + course.qu * vu) * perYr
  out.parallaxMas = star.parallaxMas / f
  out.radialVelocityKmS = Number.isNaN(star.radialVelocityKmS) ? Number.NaN : redshift * LIGHT_KM_S
}

/**
 * The star `dtYr` Julian years after its epoch (negative: before), as observed from the barycentre.
 *
 * Reversible: back over the same span gives the star again. Agrees with ERFA's pmsafe to 10⁻⁶ mas over 150 yr.
 */
export function propagate(star: Astrometry, dtYr: number, model: MotionModel = 'light-time'): Astrometry {
  const course = newCourse()
  const moved = { ...star }
  follow(course, star, dtYr, model)
  observe(course, star, moved)
  return moved
}
