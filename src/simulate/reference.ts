// The reference stars that go with a simulated plate: a survey's view of the true sky, with its errors and its gaps.
import { DEG, MAS } from '../math/sphere.ts'
import type { Random } from './random.ts'
import { TRUTH_EPOCH_YR, type TrueStar } from './sky.ts'

const COLUMNS =
  'source_id,ref_epoch,ra,ra_error,dec,dec_error,parallax,parallax_error,pmra,pmra_error,pmdec,pmdec_error,phot_g_mean_mag,bp_rp'

/**
 * Standard error of a place in Gaia DR2, mas: 0.03 for bright stars, 0.1 at G = 17, 0.7 at G = 20 (Lindegren et al. 2018,
 * A&A 616, A2, table B.1). Proper motions have 1.7 times as much per year, parallaxes 1.2 times as much.
 */
function placeErrorMas(gMag: number): number {
  return Math.hypot(0.03, 0.7 * 10 ** (0.28 * (gMag - 20)))
}

const TOO_BRIGHT_MAG = 3 // DR2 lacks most brighter stars
/** Of all stars, missing; of those in the last magnitude and a half before the limit, missing; without a motion. */
const GAPS = { everywhere: 0.01, atLimit: 0.2, noMotion: 0.005, noMotionAtLimit: 0.1 }

/** The fraction of the way to the faint end, 0 to 1, where the survey begins to lose stars. */
function faintness(gMag: number, limitMag: number): number {
  return 1 / (1 + Math.exp(-(gMag - (limitMag - 1)) / 0.3))
}

/** Known errors of the source catalogue are used as they are; where it had none, those of Gaia DR2. */
function errorsOf(star: TrueStar) {
  const usual = placeErrorMas(star.gMag)
  const known = (value: number, otherwise: number) => (value > 0 ? value : otherwise)
  return {
    ra: known(star.errors.ra, usual),
    dec: known(star.errors.dec, usual),
    parallax: known(star.errors.parallax, 1.2 * usual),
    pmRa: known(star.errors.pmRa, 1.7 * usual),
    pmDec: known(star.errors.pmDec, 1.7 * usual),
  }
}

/** The catalogue as CSV text with Gaia's column names, epoch TRUTH_EPOCH_YR, brightest star last in no particular order. */
export function referenceCsv(
  stars: readonly TrueStar[],
  limitMag: number,
  random: Random,
): { text: string; rows: number } {
  const lines = [COLUMNS]
  for (const star of stars) {
    const noise = Array.from({ length: 6 }, () => random.gauss())
    const [missing, unmoved] = [random.next(), random.next()]
    const faint = faintness(star.gMag, limitMag)
    if (star.gMag > limitMag || star.gMag < TOO_BRIGHT_MAG) continue
    if (missing < GAPS.everywhere + GAPS.atLimit * faint) continue
    const errors = errorsOf(star)
    const ra = star.raDeg + (noise[0]! * errors.ra * MAS) / DEG / Math.cos(star.decDeg * DEG)
    const dec = star.decDeg + (noise[1]! * errors.dec * MAS) / DEG
    const moved = star.motionKnown && unmoved > GAPS.noMotion + GAPS.noMotionAtLimit * faint
    const motion = moved
      ? [
          star.parallaxMas + noise[2]! * errors.parallax,
          errors.parallax,
          star.pmRaMasYr + noise[3]! * errors.pmRa,
          errors.pmRa,
          star.pmDecMasYr + noise[4]! * errors.pmDec,
          errors.pmDec,
        ]
      : ['', '', '', '', '', '']
    const gMag = star.gMag + 0.002 * noise[5]!
    lines.push(
      [
        star.sourceId,
        TRUTH_EPOCH_YR,
        (ra + 360) % 360,
        errors.ra,
        dec,
        errors.dec,
        ...motion,
        gMag,
        star.bpRp,
      ].join(','),
    )
  }
  return { text: `${lines.join('\n')}\n`, rows: lines.length - 1 }
}
