// What the columns of the store are.
import type { Role } from '../columnmap.ts'
import type { StoredName } from '../store/star-table.ts'

/** By the store's name for it; the reference epoch is not stored by star, but read. */
export const ROLES: Record<StoredName | 'ref_epoch', Role> = {
  source_id: 'sourceId',
  ref_epoch: 'refEpochYr',
  ra: 'raDeg',
  dec: 'decDeg',
  parallax: 'parallaxMas',
  pmra: 'pmRaMasYr',
  pmdec: 'pmDecMasYr',
  radial_velocity: 'radialVelocityKmS',
  ra_error: 'raErrorMas',
  dec_error: 'decErrorMas',
  parallax_error: 'parallaxErrorMas',
  pmra_error: 'pmRaErrorMasYr',
  pmdec_error: 'pmDecErrorMasYr',
  radial_velocity_error: 'radialVelocityErrorKmS',
  ra_dec_corr: 'raDecCorr',
  ra_parallax_corr: 'raParallaxCorr',
  ra_pmra_corr: 'raPmRaCorr',
  ra_pmdec_corr: 'raPmDecCorr',
  dec_parallax_corr: 'decParallaxCorr',
  dec_pmra_corr: 'decPmRaCorr',
  dec_pmdec_corr: 'decPmDecCorr',
  parallax_pmra_corr: 'parallaxPmRaCorr',
  parallax_pmdec_corr: 'parallaxPmDecCorr',
  pmra_pmdec_corr: 'pmRaPmDecCorr',
  phot_g_mean_mag: 'gMag',
  phot_bp_mean_mag: 'bpMag',
  phot_rp_mean_mag: 'rpMag',
  bp_rp: 'bpRp',
  ruwe: 'ruwe',
  astrometric_excess_noise: 'excessNoiseMas',
  astrometric_params_solved: 'paramsSolved',
  visibility_periods_used: 'visibilityPeriods',
}
