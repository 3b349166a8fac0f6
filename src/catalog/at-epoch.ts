// Reference stars at the plate's epoch: places moved, errors grown. Everything after this knows one epoch only.
import { type Astrometry, follow, newCourse, observe } from '../math/epoch.ts'
import { partials, placeCovariance } from '../math/epoch-errors.ts'
import { CORRELATIONS, type ReferenceStars } from './stars.ts'

/** Reference stars at one epoch, as columns. */
export interface EpochStars {
  length: number
  epochYr: number
  /** Row of the star in the catalogue it came from. */
  row: Int32Array
  sourceId: BigInt64Array
  raDeg: Float64Array
  decDeg: Float64Array
  /**
   * Standard errors of the place at this epoch, mas, right ascension in true arc, and their correlation: the catalogue's
   * errors and correlations of place, motion, parallax and radial velocity, as far as it has them.
   */
  raErrorMas: Float64Array
  decErrorMas: Float64Array
  raDecCorr: Float64Array
  /** The star's own proper motion at this epoch; NaN where the catalogue has none. */
  pmRaMasYr: Float64Array
  pmDecMasYr: Float64Array
  gMag: Float64Array
  bpRp: Float64Array
}

/**
 * Moves the stars in `rows` to `epochYr`, as seen from the barycentre with the light's travel time. Motions that are not
 * the stars' own but the mean of their kind move the places, and their scatter widens the errors.
 */
export function atEpoch(stars: ReferenceStars, rows: Int32Array, epochYr: number): EpochStars {
  const { length } = rows
  const column = () => new Float64Array(length)
  const out = {
    raDeg: column(),
    decDeg: column(),
    raErrorMas: column(),
    decErrorMas: column(),
    raDecCorr: column(),
    pmRaMasYr: column(),
    pmDecMasYr: column(),
    gMag: column(),
    bpRp: column(),
  }
  const sourceId = new BigInt64Array(length)
  const dtYr = epochYr - stars.refEpochYr
  const isOwn = stars.meanMotions !== true
  const errorOf = placeErrors(stars)
  // One star, one course and one covariance serve all rows: there may be 10⁵, several times a plate.
  const star: Astrometry = {
    raDeg: Number.NaN,
    decDeg: Number.NaN,
    pmRaMasYr: Number.NaN,
    pmDecMasYr: Number.NaN,
    parallaxMas: Number.NaN,
    radialVelocityKmS: Number.NaN,
  }
  const moved = { ...star }
  const course = newCourse()
  const jacobian = new Float64Array(12)
  const covariance = new Float64Array(3)
  for (let i = 0; i < length; i++) {
    const row = rows[i]!
    star.raDeg = stars.raDeg[row]!
    star.decDeg = stars.decDeg[row]!
    star.pmRaMasYr = stars.pmRaMasYr[row]!
    star.pmDecMasYr = stars.pmDecMasYr[row]!
    star.parallaxMas = stars.parallaxMas[row]!
    star.radialVelocityKmS = stars.radialVelocityKmS[row]!
    follow(course, star, dtYr, 'light-time')
    observe(course, star, moved)
    partials(course, jacobian)
    errorOf(row, jacobian, covariance)
    const ra = Math.sqrt(covariance[0]!)
    const dec = Math.sqrt(covariance[1]!)
    out.raDeg[i] = moved.raDeg
    out.decDeg[i] = moved.decDeg
    out.raErrorMas[i] = ra
    out.decErrorMas[i] = dec
    out.raDecCorr[i] = ra > 0 && dec > 0 ? covariance[2]! / (ra * dec) : 0
    out.pmRaMasYr[i] = isOwn ? moved.pmRaMasYr : Number.NaN
    out.pmDecMasYr[i] = isOwn ? moved.pmDecMasYr : Number.NaN
    out.gMag[i] = stars.gMag[row]!
    out.bpRp[i] = stars.bpRp[row]!
    sourceId[i] = stars.sourceId[row]!
  }
  return { length, epochYr, row: rows, sourceId, ...out }
}

/** Writes the covariance of a star's place at the epoch (mas²); an error or correlation that is not known counts as 0. */
function placeErrors(
  stars: ReferenceStars,
): (row: number, jacobian: Float64Array, out: Float64Array) => void {
  const errors = [
    stars.raErrorMas,
    stars.decErrorMas,
    stars.parallaxErrorMas,
    stars.pmRaErrorMasYr,
    stars.pmDecErrorMasYr,
    stars.radialVelocityErrorKmS,
  ]
  const given = CORRELATIONS.map((name) => stars[name])
  const correlated = given.some((values) => values !== undefined)
  const sigmas = new Float64Array(errors.length)
  const correlations = new Float64Array(correlated ? given.length : 0)
  const known = (values: Float64Array | Float32Array | undefined, row: number): number => {
    const value = values === undefined ? 0 : values[row]!
    return Number.isFinite(value) ? value : 0
  }
  return (row, jacobian, out) => {
    for (let k = 0; k < sigmas.length; k++) sigmas[k] = known(errors[k], row)
    for (let k = 0; k < correlations.length; k++) correlations[k] = known(given[k], row)
    placeCovariance(jacobian, sigmas, correlations, out)
  }
}
