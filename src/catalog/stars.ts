// Reference stars as columns, as every reader of a catalogue returns them.

/**
 * The correlations of a star's five astrometric parameters as Gaia and Hipparcos publish them, each between −1 and 1:
 * place (right ascension in true arc), parallax and proper motion. Undefined where the catalogue has no such column;
 * NaN where it has no value for a star; both count as 0.
 */
export const CORRELATIONS = [
  'raDecCorr',
  'raParallaxCorr',
  'raPmRaCorr',
  'raPmDecCorr',
  'decParallaxCorr',
  'decPmRaCorr',
  'decPmDecCorr',
  'parallaxPmRaCorr',
  'parallaxPmDecCorr',
  'pmRaPmDecCorr',
] as const

/** The name of a column of correlations. */
export type Correlation = (typeof CORRELATIONS)[number]

/** One entry per star in every column; NaN where the catalogue has no value. Places are ICRS at `refEpochYr`. */
export interface ReferenceStars
  extends Partial<Record<Correlation, Float64Array | Float32Array | undefined>> {
  /** `gaia-dr2`, `gaia-dr3`, `tycho-2`, or `gaia` when the release could not be told from the reference epoch. */
  name: string
  /** Julian year of the places: 2015.5 for Gaia DR2, 2016.0 for DR3, 2000.0 for Tycho-2. */
  refEpochYr: number
  length: number
  /** Gaia's source_id exceeds 2^53, hence 64 bits; 0 where there is none. */
  sourceId: BigInt64Array
  raDeg: Float64Array
  decDeg: Float64Array
  /** Standard errors of the place, mas; that of right ascension in true arc. */
  raErrorMas: Float64Array
  decErrorMas: Float64Array
  /** Proper motion, mas/yr; that in right ascension includes cos δ. NaN where it is not known. */
  pmRaMasYr: Float64Array
  pmDecMasYr: Float64Array
  pmRaErrorMasYr: Float64Array
  pmDecErrorMasYr: Float64Array
  parallaxMas: Float64Array
  radialVelocityKmS: Float64Array
  /** Standard errors; undefined where the catalogue has no such column, NaN (not known) counts as 0. */
  parallaxErrorMas?: Float64Array | Float32Array | undefined
  radialVelocityErrorKmS?: Float64Array | Float32Array | undefined
  /** phot_g_mean_mag; VT for Tycho-2. */
  gMag: Float64Array
  bpRp: Float64Array
  /** Renormalised unit weight error; NaN where not given. */
  ruwe: Float64Array
  /**
   * The motions are not the stars' own but the mean of their kind, and the errors of the motions are the scatter about
   * it: of a catalogue without motions (Tycho-2 from an index).
   */
  meanMotions?: boolean | undefined
  /** Sentences: what the file lacked and what was taken instead. */
  assumptions: string[]
}

/** Rows with a place and a proper motion. */
export function usableAsReference(stars: ReferenceStars): Int32Array {
  const rows: number[] = []
  for (let i = 0; i < stars.length; i++) {
    const place = stars.raDeg[i]! + stars.decDeg[i]!
    const motion = stars.pmRaMasYr[i]! + stars.pmDecMasYr[i]!
    if (Number.isFinite(place + motion)) rows.push(i)
  }
  return Int32Array.from(rows)
}
