// From a solved exposure to its entry in solution.json.
import type { Detections } from './detections.ts'
import { shifted } from './exposures/parts.ts'
import type { Exposure } from './exposures.ts'
import { rms } from './math/robust.ts'
import { ARCSEC, DEG } from './math/sphere.ts'
import { orientation, pixelOfPlace, skyAt } from './models/plate-constants.ts'
import type { Sip, Tpv } from './models/wcs-polynomials.ts'
import { publishedConstants } from './published-constants.ts'
import type { ExposureSolution } from './solution.ts'
import { skyResidual } from './stages/publish/catalogue-columns.ts'

/** One exposure's entry in solution.json. */
export function exposureSolution(
  index: number,
  solved: Exposure,
  deepest: Exposure,
  detections: Detections,
  pixelUm: [number, number] | null,
  wcs: { sip: Sip; tpv: Tpv },
): ExposureSolution {
  const { refined, verdict, first, stars } = solved
  const { constants, pairs, fit } = refined
  const { model } = constants
  const centre = skyAt(constants, ...middleOf(solved))
  const { scaleRadPx, mirrored, rotation } = orientation(constants)
  const residuals = Array.from(pairs.detection, (row, k) => {
    const star = pairs.reference[k]!
    const sky = skyAt(constants, detections.x[row]!, detections.y[row]!, refined.mag[row]!, stars.bpRp[star]!)
    return skyResidual(sky, stars.raDeg[star]!, stars.decDeg[star]!)
  })
  const rmsRa = rms(residuals.map((r) => r.ra))
  const rmsDec = rms(residuals.map((r) => r.dec))
  const heldOut = (axis: 'xi' | 'eta') => rms(fit.heldOut.residuals.flatMap((r) => [...r[axis]])) / ARCSEC
  const { weight } = fit.fit
  return {
    index,
    offset_px: offsetPx(solved, deepest),
    mag_step: solved.part.magStep,
    epoch_yr: solved.epochYr,
    centre: { ra: centre.raRad / DEG, dec: centre.decRad / DEG },
    scale_arcsec_px: scaleRadPx / ARCSEC,
    rotation_deg: rotation / DEG,
    mirrored,
    solve: {
      log_odds: first.logOdds,
      attempt: first.attempt.attempt,
      index_file: first.indexFile === '' ? null : first.indexFile,
      seconds: first.attempt.seconds,
    },
    reference: {
      name: solved.referenceName,
      epoch_yr: solved.referenceEpochYr,
      stars: refined.projected.rows.length,
      assumptions: solved.assumptions,
    },
    model: {
      name: model.name,
      terms: model.coefficients.length,
      coefficients: publishedConstants(constants),
      significance: fit.significance.map(({ family, name, sigmas }) => ({ family, name, sigmas })),
      trials: fit.trials.map(({ name, terms, heldOutRms }) => ({
        name,
        terms,
        heldout_rms_arcsec: heldOutRms / ARCSEC,
      })),
    },
    fit: {
      pairs: pairs.detection.length,
      rejected: weight.filter((w) => w === 0).length,
      match_radius_arcsec: refined.radiusRad / ARCSEC,
      rms_ra_arcsec: rmsRa,
      rms_dec_arcsec: rmsDec,
      rms_um:
        pixelUm === null
          ? null
          : ((Math.sqrt((rmsRa ** 2 + rmsDec ** 2) / 2) * ARCSEC) / scaleRadPx) *
            Math.sqrt(pixelUm[0] * pixelUm[1]),
      heldout_rms_ra_arcsec: heldOut('xi'),
      heldout_rms_dec_arcsec: heldOut('eta'),
      chi2_reduced: reducedChiSquare(solved),
    },
    chance: {
      pairs_shifted: verdict.chance.shiftedPairs,
      pairs_heldout: verdict.chance.heldOutPairs,
      false_solution_probability: verdict.chance.probability,
      bright_matched_share: verdict.brightMatchedShare,
    },
    epoch_check:
      solved.epochCheck === null
        ? null
        : {
            epoch_yr: solved.epochCheck.epochYr,
            error_yr: solved.epochCheck.errorYr,
            consistent: solved.epochCheck.consistent,
          },
    wcs: {
      sip_departure_px: wcs.sip.departurePx,
      sip_inverse_departure_px: wcs.sip.inverseDeparturePx,
      tpv_departure_px: wcs.tpv.departurePx,
    },
  }
}

/** Of the scan, FITS pixels; the frame of constants that were fitted with those of other exposures lies elsewhere. */
const middleOf = ({ input }: Pick<Exposure, 'input'>): [x: number, y: number] => [
  (input.width + 1) / 2,
  (input.height + 1) / 2,
]

const FARTHEST_PLATES = 2 // in half sides of the scan: beyond, two exposures show no star in common

/** Where the middle of the scan in the deepest exposure lies in this one, px from there; null where they show different fields. */
function offsetPx({ input, refined, part }: Exposure, deepest: Exposure): [number, number] | null {
  const [x0, y0] = middleOf({ input })
  const { halfPx } = refined.constants.frame
  const difference = ({ x, y }: { x: number; y: number }): [number, number] => [x - x0, y - y0]
  if (part.shift !== null) return difference(shifted(part.shift, x0, y0))
  const sky = skyAt(deepest.refined.constants, x0, y0)
  const there = pixelOfPlace(refined.constants, sky.raRad, sky.decRad)
  if (there === undefined) return null
  const offset = difference(there)
  return Math.hypot(...offset) < FARTHEST_PLATES * halfPx ? offset : null
}

/**
 * Of the pairs that took part, per degree of freedom of both axes. Robust weights are left out: they pull the sum below 1
 * (to 0.89) where all is well.
 */
function reducedChiSquare({ refined }: Exposure): number | null {
  const { weight, sigma, residualXi, residualEta } = refined.fit.fit
  let sum = 0
  let count = 0
  for (let i = 0; i < weight.length; i++) {
    if (!(weight[i]! > 0)) continue
    sum += (residualXi[i]! ** 2 + residualEta[i]! ** 2) / sigma[i]! ** 2
    count += 2
  }
  const freedom = count - refined.constants.model.coefficients.length
  return freedom > 0 ? sum / freedom : null
}
