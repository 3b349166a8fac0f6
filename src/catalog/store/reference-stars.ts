// Rows of the store as reference stars: what a reduction needs, under the names that it uses.
import { takeErrors } from '../interpret.ts'
import type { ReferenceStars } from '../stars.ts'
import type { Manifest } from './manifest.ts'
import type { StoredName } from './star-table.ts'
import type { StarColumns } from './tile-read.ts'

/** The columns that a reduction reads. */
export const REFERENCE_COLUMNS = [
  ...['source_id', 'ra', 'dec', 'parallax', 'pmra', 'pmdec', 'radial_velocity'],
  ...['ra_error', 'dec_error', 'parallax_error', 'pmra_error', 'pmdec_error', 'radial_velocity_error'],
  ...['ra_dec_corr', 'ra_parallax_corr', 'ra_pmra_corr', 'ra_pmdec_corr', 'dec_parallax_corr'],
  ...['dec_pmra_corr', 'dec_pmdec_corr', 'parallax_pmra_corr', 'parallax_pmdec_corr', 'pmra_pmdec_corr'],
  ...['phot_g_mean_mag', 'phot_bp_mean_mag', 'phot_rp_mean_mag', 'bp_rp', 'ruwe'],
] as StoredName[]

/** Rows that have a place and motions or not; errors that are not known are taken as is usual for the release. */
export function asReferenceStars(
  { length, columns }: StarColumns<StoredName>,
  { release, ref_epoch }: Pick<Manifest, 'release' | 'ref_epoch'>,
): ReferenceStars {
  const real = (name: StoredName): Float64Array => {
    const values = columns[name]
    return values instanceof Float64Array ? values : Float64Array.from(values as Float32Array)
  }
  const [bpRp, bp, rp] = [real('bp_rp'), real('phot_bp_mean_mag'), real('phot_rp_mean_mag')]
  const stars: ReferenceStars = {
    name: release,
    refEpochYr: ref_epoch,
    length,
    sourceId: columns.source_id,
    raDeg: real('ra'),
    decDeg: real('dec'),
    raErrorMas: real('ra_error'),
    decErrorMas: real('dec_error'),
    pmRaMasYr: real('pmra'),
    pmDecMasYr: real('pmdec'),
    pmRaErrorMasYr: real('pmra_error'),
    pmDecErrorMasYr: real('pmdec_error'),
    parallaxMas: real('parallax'),
    radialVelocityKmS: real('radial_velocity'),
    parallaxErrorMas: real('parallax_error'),
    radialVelocityErrorKmS: real('radial_velocity_error'),
    raDecCorr: real('ra_dec_corr'),
    raParallaxCorr: real('ra_parallax_corr'),
    raPmRaCorr: real('ra_pmra_corr'),
    raPmDecCorr: real('ra_pmdec_corr'),
    decParallaxCorr: real('dec_parallax_corr'),
    decPmRaCorr: real('dec_pmra_corr'),
    decPmDecCorr: real('dec_pmdec_corr'),
    parallaxPmRaCorr: real('parallax_pmra_corr'),
    parallaxPmDecCorr: real('parallax_pmdec_corr'),
    pmRaPmDecCorr: real('pmra_pmdec_corr'),
    gMag: real('phot_g_mean_mag'),
    bpRp: bpRp.map((colour, i) => (Number.isNaN(colour) ? bp[i]! - rp[i]! : colour)),
    ruwe: real('ruwe'),
    assumptions: [],
  }
  takeErrors(stars)
  return stars
}
