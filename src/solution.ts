// solution.json as the contract (docs/outputs.md) names it. A value that was not determined is null, never 0.
import type { Reason } from './issues.ts'
import type { PublishedConstants } from './published-constants.ts'
import type { Attempt } from './stages/solve.ts'

export interface Solution {
  schema: 1
  plate: {
    id: string
    scan: string
    width: number
    height: number
    epoch_yr: number | null
    epoch_source: 'header' | 'option' | 'fitted' | 'unknown'
    polarity: 'negative' | 'positive'
    pixel_um: [number, number] | null
    telescope: string | null
    emulsion: string | null
    exposure_s: number | null
    sky_level: number | null
    sky_noise: number | null
    usable_fraction: number
  }
  status: 'reduced' | 'manual' | 'unsolved' | 'failed'
  class: 'single' | 'multi' | 'complex'
  reasons: Reason[]
  /** Every attempt of the solver, in the order made. */
  attempts: Attempt[]
  exposures: ExposureSolution[]
  /** Indexes of the exposures whose distortion was fitted together; null where it was not. */
  exposures_together: {
    members: number[]
    /** What was shifted between them: the telescope, or the plate behind it. */
    moved: 'telescope' | 'plate' | null
    /** By how many standard errors held-out stars of each exposure gain. */
    gain_sigmas: (number | null)[]
  } | null
  counts: { detections: number; stars: number; artefacts: number; matched: number }
}

export interface ExposureSolution {
  index: number
  /** From the deepest exposure to this one; null where they show different fields. */
  offset_px: [number, number] | null
  /** By how much its images are fainter than those of the deepest; null where that is not known. */
  mag_step: number | null
  epoch_yr: number
  centre: { ra: number; dec: number }
  scale_arcsec_px: number
  /** Position angle of the +y axis, east of north. */
  rotation_deg: number
  mirrored: boolean
  solve: { log_odds: number | null; attempt: string; index_file: string | null; seconds: number }
  reference: { name: string; epoch_yr: number; stars: number; assumptions: string[] }
  model: {
    name: string
    terms: number
    coefficients: PublishedConstants
    /** What the model takes of each family, and by how many standard errors held-out stars gain by it. */
    significance: { family: string; name: string; sigmas: number }[]
    /** Every model tried, with the rms of the stars that took no part in its fit. */
    trials: { name: string; terms: number; heldout_rms_arcsec: number }[]
  }
  fit: {
    pairs: number
    rejected: number
    match_radius_arcsec: number
    rms_ra_arcsec: number
    rms_dec_arcsec: number
    rms_um: number | null
    heldout_rms_ra_arcsec: number
    heldout_rms_dec_arcsec: number
    chi2_reduced: number | null
  }
  chance: {
    pairs_shifted: number
    pairs_heldout: number
    false_solution_probability: number
    /** Null where the catalogue has no magnitudes. */
    bright_matched_share: number | null
  }
  epoch_check: { epoch_yr: number; error_yr: number; consistent: boolean | null } | null
  wcs: { sip_departure_px: number; sip_inverse_departure_px: number; tpv_departure_px: number }
}
