// Errors of a star at another epoch: the covariance of its six parameters carried along its course (src/math/epoch.ts).
import {
  type Astrometry,
  AU_YR,
  type Course,
  follow,
  LIGHT_KM_S,
  type MotionModel,
  newCourse,
  observe,
} from './epoch.ts'
import { MAS } from './sphere.ts'

/**
 * The six parameters, in the order of every row, column and list here: right ascension in true arc, declination (mas),
 * parallax (mas), proper motions in right ascension with cos δ and in declination (mas/yr), radial velocity (km/s).
 */
const PARAMETERS = 6

/** Pairs of the first five parameters in the order in which Gaia and Hipparcos publish their correlations. */
const PAIRS: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, 2],
  [0, 3],
  [0, 4],
  [1, 2],
  [1, 3],
  [1, 4],
  [2, 3],
  [2, 4],
  [3, 4],
]

/**
 * Writes the partial derivatives of the parameters at the second epoch with respect to those at the first: rows of six,
 * the first two (the place) where `out` has room for 12, all where it has room for 36.
 *
 * A change of place turns the triad with the star, without turning it about the star, so that nothing is singular at the
 * poles; the proper motion keeps its components along the turned triad (ESA SP-1200, vol. 1, §1.5.5). A parallax that is
 * not known or too small has the derivatives of the one taken in its stead.
 */
export function partials(course: Course, out: Float64Array): void {
  const { east, north, redshift, lightYr, doppler, radial, elapsedYr, outward, distance } = course
  const { pp, pq, pu, qp, qq, qu, up, uq, uu } = course
  const light = course.lightTime ? 1 : 0
  const motionSquared = east * east + north * north
  const [vEast, vNorth] = [doppler * east, doppler * north]
  const vp = pp * vEast + pq * vNorth + pu * radial
  const vq = qp * vEast + qq * vNorth + qu * radial
  const vu = up * vEast + uq * vNorth + uu * radial
  const dopplerThen = 1 + light * lightYr * vu
  for (let k = 0; k < PARAMETERS; k++) {
    // What a unit of parameter k itself is: a turn, a share of the parallax, a motion, a redshift.
    const turnEast = k === 0 ? 1 : 0
    const turnNorth = k === 1 ? 1 : 0
    const nearer = k === 2 ? lightYr / AU_YR : 0
    const dEast = k === 3 ? 1 : 0
    const dNorth = k === 4 ? 1 : 0
    const dRedshift = k === 5 ? 1 : 0
    const dMotion = east * dEast + north * dNorth
    // doppler = 2 / (1 + (1 − s)² + μ²τ_A²) and τ_A ∝ 1/ϖ
    const across = lightYr * lightYr * (motionSquared * nearer - dMotion)
    const dDoppler = light * doppler * doppler * ((1 - redshift) * dRedshift + across)
    const dRadial = (light === 1 ? dDoppler : dRedshift) / lightYr + radial * nearer
    // τ + τ_A (f − 1) = Δt
    const square = doppler * (doppler * dMotion + motionSquared * dDoppler)
    const dDistance = (outward * elapsedYr * dRadial + elapsedYr * elapsedYr * square) / distance
    const dElapsed = (light * lightYr * ((distance - 1) * nearer - dDistance)) / dopplerThen
    // û f = û + V τ
    const stretch = elapsedYr * dDoppler + doppler * dElapsed
    const along = doppler * elapsedYr
    const w1 = turnEast * outward + east * stretch + along * dEast
    const w2 = turnNorth * outward + north * stretch + along * dNorth
    const w3 = radial * dElapsed + elapsedYr * dRadial - along * (east * turnEast + north * turnNorth)
    const toEast = (pp * w1 + pq * w2 + pu * w3) / distance
    const toNorth = (qp * w1 + qq * w2 + qu * w3) / distance
    const unit = k === 5 ? 1 / (LIGHT_KM_S * MAS) : 1
    out[k] = toEast * unit
    out[PARAMETERS + k] = toNorth * unit
    if (out.length === 2 * PARAMETERS) continue
    const farther = (up * w1 + uq * w2 + uu * w3) / distance
    const v1 = turnEast * radial + east * dDoppler + doppler * dEast
    const v2 = turnNorth * radial + north * dDoppler + doppler * dNorth
    const v3 = dRadial - doppler * (east * turnEast + north * turnNorth)
    const dAway = up * v1 + uq * v2 + uu * v3 + vp * toEast + vq * toNorth
    const dDopplerThen = light * lightYr * (dAway - vu * nearer)
    const slower = farther + dDopplerThen / dopplerThen
    const perYr = 1 / (distance * dopplerThen)
    const dRedshiftThen = course.lightTime
      ? (dRedshift * doppler - (1 - redshift) * (dDoppler - (doppler * dDopplerThen) / dopplerThen)) /
        dopplerThen
      : lightYr * (dAway - vu * nearer)
    out[2 * PARAMETERS + k] = (((k === 2 ? 1 : 0) - (AU_YR / lightYr) * farther) / distance) * unit
    out[3 * PARAMETERS + k] = (pp * v1 + pq * v2 + pu * v3 - vu * toEast - vp * slower) * perYr * unit
    out[4 * PARAMETERS + k] = (qp * v1 + qq * v2 + qu * v3 - vu * toNorth - vq * slower) * perYr * unit
    out[5 * PARAMETERS + k] = k === 5 ? dRedshiftThen : dRedshiftThen * LIGHT_KM_S * MAS
  }
}

/**
 * The covariance matrix (6 rows of 6) of errors: `sigmas` of the six parameters, and the ten `correlations` of the first
 * five in the order of Gaia's and Hipparcos' columns; that of the radial velocity, measured elsewhere, is zero.
 */
export function covarianceMatrix(sigmas: ArrayLike<number>, correlations: ArrayLike<number>): Float64Array {
  const matrix = new Float64Array(PARAMETERS ** 2)
  for (let i = 0; i < PARAMETERS; i++) matrix[i * (PARAMETERS + 1)] = sigmas[i]! ** 2
  PAIRS.forEach(([i, j], n) => {
    const covariance = correlations[n]! * sigmas[i]! * sigmas[j]!
    matrix[i * PARAMETERS + j] = covariance
    matrix[j * PARAMETERS + i] = covariance
  })
  return matrix
}

/** The star and the covariance matrix of its six parameters (6 rows of 6) `dtYr` Julian years from its epoch. */
export function propagateErrors(
  star: Astrometry,
  covariance: ArrayLike<number>,
  dtYr: number,
  model: MotionModel = 'light-time',
): { star: Astrometry; covariance: Float64Array } {
  const n = PARAMETERS
  const course = newCourse()
  const moved = { ...star }
  follow(course, star, dtYr, model)
  observe(course, star, moved)
  const jacobian = new Float64Array(n * n)
  partials(course, jacobian)
  const half = new Float64Array(n * n)
  const out = new Float64Array(n * n)
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      for (let k = 0; k < n; k++) {
        half[row * n + column]! += jacobian[row * n + k]! * covariance[k * n + column]!
      }
    }
  }
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      for (let k = 0; k < n; k++) out[row * n + column]! += half[row * n + k]! * jacobian[column * n + k]!
    }
  }
  return { star: moved, covariance: out }
}

/**
 * Writes the variances of right ascension in true arc and declination and their covariance (mas²) to the three cells of
 * `out`: the upper left corner of the matrix above, for stars by the hundred thousand.
 *
 * @param rows  the two rows of `partials`; overwritten
 */
export function placeCovariance(
  rows: Float64Array,
  sigmas: Float64Array,
  correlations: Float64Array,
  out: Float64Array,
): void {
  let [ra, dec, both] = [0, 0, 0]
  for (let i = 0; i < PARAMETERS; i++) {
    const toEast = rows[i]! * sigmas[i]!
    const toNorth = rows[PARAMETERS + i]! * sigmas[i]!
    rows[i] = toEast
    rows[PARAMETERS + i] = toNorth
    ra += toEast * toEast
    dec += toNorth * toNorth
    both += toEast * toNorth
  }
  for (let n = 0; n < correlations.length; n++) {
    const [i, j] = PAIRS[n]!
    const correlation = correlations[n]!
    if (correlation === 0) continue
    ra += 2 * correlation * rows[i]! * rows[j]!
    dec += 2 * correlation * rows[PARAMETERS + i]! * rows[PARAMETERS + j]!
    both += correlation * (rows[i]! * rows[PARAMETERS + j]! + rows[j]! * rows[PARAMETERS + i]!)
  }
  out[0] = ra
  out[1] = dec
  out[2] = both
}
