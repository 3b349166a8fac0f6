// Stars of the store at another epoch, whole: place, proper motion, parallax, radial velocity, and the errors of all.
import type { Astrometry } from '../../math/epoch.ts'
import { covarianceMatrix, propagateErrors } from '../../math/epoch-errors.ts'
import type { Steps } from '../../steps.ts'
import { pickRows, type StarTable, type StoredName } from '../store/star-table.ts'

/** In the order of the six parameters of the covariance (src/math/epoch-errors.ts). */
const ERRORS = [
  ...(['ra_error', 'dec_error', 'parallax_error'] as const),
  ...(['pmra_error', 'pmdec_error', 'radial_velocity_error'] as const),
]
/** Place and motion: without the errors of all four at the one epoch, none of theirs at another is known. */
const PLACE_AND_MOTION: readonly number[] = [0, 1, 3, 4]
const CORRELATED = 5 // the first parameters, each pair of which has a column
const CORRELATIONS = [
  ...(['ra_dec_corr', 'ra_parallax_corr', 'ra_pmra_corr', 'ra_pmdec_corr'] as const),
  ...(['dec_parallax_corr', 'dec_pmra_corr', 'dec_pmdec_corr'] as const),
  ...(['parallax_pmra_corr', 'parallax_pmdec_corr', 'pmra_pmdec_corr'] as const),
]
const STARS_A_STEP = 20_000 // some hundredths of a second

/** Rows that can be moved: with a place and a proper motion. */
function movableRows({ length, columns: { ra, dec, pmra, pmdec } }: StarTable): number[] {
  const rows: number[] = []
  for (let i = 0; i < length; i++) {
    if (Number.isFinite(ra[i]! + dec[i]! + pmra[i]! + pmdec[i]!)) rows.push(i)
  }
  return rows
}

/**
 * The stars that have proper motions, `dtYr` Julian years after their epoch (negative: before). What is not known, and
 * every error that would rest on one that is not known, is NaN there too: nothing is assumed for it. Correlations that
 * the catalogue does not give count as 0; those that are returned are float64, as near ±1 the digits of a float32 would
 * not bring back the errors that they came from. Those with the radial velocity have no columns, and are lost: the errors
 * are right, but moved on from there, those of the nearest and fastest stars come out somewhat wrong.
 */
export function* atAnotherEpoch(stars: StarTable, dtYr: number): Steps<StarTable> {
  const moved = pickRows(stars, movableRows(stars))
  for (const name of CORRELATIONS) moved.columns[name] = Float64Array.from(moved.columns[name])
  for (let row = 0; row < moved.length; row++) {
    moveRow(moved.columns as Reals, row, dtYr)
    if (row % STARS_A_STEP === STARS_A_STEP - 1) yield
  }
  return moved
}

type Reals = Record<Exclude<StoredName, 'source_id'>, Float64Array>
type Motions = Record<'ra' | 'dec' | 'pmra' | 'pmdec' | 'parallax' | 'radial_velocity', ArrayLike<number>>

function moveRow(columns: Reals, row: number, dtYr: number): void {
  const sigmas = ERRORS.map((name) => columns[name][row]!)
  const covariance = covarianceMatrix(
    sigmas.map(orZero),
    CORRELATIONS.map((name) => orZero(columns[name][row]!)),
  )
  const then = propagateErrors(astrometryOf(columns, row), covariance, dtYr)
  columns.ra[row] = then.star.raDeg
  columns.dec[row] = then.star.decDeg
  columns.pmra[row] = then.star.pmRaMasYr
  columns.pmdec[row] = then.star.pmDecMasYr
  columns.parallax[row] = then.star.parallaxMas
  columns.radial_velocity[row] = then.star.radialVelocityKmS

  const four = PLACE_AND_MOTION.every((k) => Number.isFinite(sigmas[k]))
  const errors = ERRORS.map((name, k) => {
    const isKnown = PLACE_AND_MOTION.includes(k) ? four : Number.isFinite(sigmas[k])
    const error = isKnown ? Math.sqrt(then.covariance[k * (ERRORS.length + 1)]!) : Number.NaN
    columns[name][row] = error
    return error
  })
  let n = 0
  for (let i = 0; i < CORRELATED; i++) {
    for (let j = i + 1; j < CORRELATED; j++) {
      const product = errors[i]! * errors[j]!
      const correlation = product === 0 ? 0 : then.covariance[i * ERRORS.length + j]! / product
      columns[CORRELATIONS[n]!][row] = Math.max(-1, Math.min(1, correlation)) // rounding may pass 1
      n++
    }
  }
}

/** What a table says of a star's place and motion. */
export function astrometryOf(columns: Motions, row: number): Astrometry {
  return {
    raDeg: columns.ra[row]!,
    decDeg: columns.dec[row]!,
    pmRaMasYr: columns.pmra[row]!,
    pmDecMasYr: columns.pmdec[row]!,
    parallaxMas: columns.parallax[row]!,
    radialVelocityKmS: columns.radial_velocity[row]!,
  }
}

const orZero = (value: number): number => (Number.isFinite(value) ? value : 0)
