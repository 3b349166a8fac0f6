// The embedded default: Tycho-2 out of the installed indexes, with neither network nor store. What it lacks and how far
// the result may be off for it is told with the result.
import type { Config } from '../config.ts'
import { type Reason, reason } from '../issues.ts'
import { MEAN_MOTION_ERROR_MAS_YR } from '../math/mean-motion.ts'
import { median, quantile } from '../math/robust.ts'
import type { ReferenceSource } from './reference.ts'
import { type ReferenceStars, usableAsReference } from './stars.ts'
import { readTycho2, withMeanMotions } from './tycho2.ts'

/** Tycho-2 out of the installed indexes; `why` says why no better stars serve. */
export function tycho2Source(
  config: Config,
  workDir: string,
  signal: AbortSignal,
  why: string,
): ReferenceSource {
  let served: ReferenceStars | null = null
  return {
    isFile: false,
    forSolving: async () => null,
    indexes: async () => [],
    lacked: () => why,
    record: () => ({ indexes: config.indexDir, why }),
    around: async (field) => {
      const found = await readTycho2(field, {
        indexDirs: config.indexDir,
        queryStarkd: config.queryStarkd,
        workDir,
        signal,
      })
      const stars = withMeanMotions(found)
      served = stars
      return { stars, usable: usableAsReference(stars) }
    },
    tooFew: (count, { raDeg, decDeg, radiusDeg }) => [
      reason(
        'REFERENCE_TOO_FEW',
        `Tycho-2 has ${count} stars within ${radiusDeg.toFixed(2)}° of the plate's centre at ` +
          `${raDeg.toFixed(3)} ${decDeg.toFixed(3)}`,
        { stars: count, ra: raDeg, dec: decDeg, radius_deg: radiusDeg },
      ),
    ],
    reasons: (epochYr) => (served === null ? [] : [tycho2Reason(served, epochYr, why)]),
  }
}

/** What the mean leaves of the motion of the Pleiades and of Praesepe, in fields of 2° and 1°: 23 and 21 mas/yr. */
const CLUSTER_MOTION_MAS_YR = 23

const MISSING = ['proper motions', 'parallaxes', 'colours']

/** What Tycho-2 without motions lacks for a plate of this epoch, and the errors that follow from it. */
export function tycho2Reason(stars: ReferenceStars, epochYr: number, why: string): Reason {
  const spanYr = Math.abs(epochYr - stars.refEpochYr)
  const scatter = median(stars.pmRaErrorMasYr)
  const placeErrors = stars.raErrorMas.map((mas, i) => Math.hypot(mas, stars.pmRaErrorMasYr[i]! * spanYr))
  const star = median(placeErrors)
  const field = MEAN_MOTION_ERROR_MAS_YR * spanYr
  const inCluster = CLUSTER_MOTION_MAS_YR * spanYr
  const [pmRa, pmDec] = [median(stars.pmRaMasYr), median(stars.pmDecMasYr)]
  const limit = quantile(stars.gMag, 0.9)
  const text =
    `${why}; Tycho-2 from the installed indexes serves (${stars.length} stars in the field, 90 % of them brighter than VT = ${limit.toFixed(1)}), ` +
    `which lacks ${MISSING.join(', ')} and fainter stars. All places were moved to ${epochYr.toFixed(1)} by the mean motion of ` +
    `such stars there (${signed(pmRa)} and ${signed(pmDec)} mas/yr in right ascension and declination). The place of a ` +
    `single star is uncertain by ${inArcsec(star)}″ per axis, from its own motion; the WCS as a whole may be off by ` +
    `${inArcsec(field)}″ per axis, from the error of the mean, and by up to ${inArcsec(inCluster)}″ where a near star cluster fills the field`
  return reason('REFERENCE_TYCHO2', text, {
    missing: MISSING,
    stars: stars.length,
    limit_vt: rounded(limit, 2),
    mean_pm_ra_mas_yr: rounded(pmRa, 2),
    mean_pm_dec_mas_yr: rounded(pmDec, 2),
    pm_rms_mas_yr: rounded(scatter, 2),
    place_error_mas: rounded(star, 0),
    mean_pm_error_mas_yr: MEAN_MOTION_ERROR_MAS_YR,
    wcs_error_mas: rounded(field, 1),
    wcs_error_in_cluster_mas: rounded(inCluster, 0),
  })
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`

/** Two digits that count, however small. */
const inArcsec = (mas: number): string => (mas / 1000).toFixed(mas >= 1000 ? 1 : mas >= 100 ? 2 : 3)

/** null where there is no star to tell it. */
function rounded(value: number, digits: number): number | null {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : null
}
