// From what the stages found to the record that is published: solution.json's values.
import { basename } from 'node:path'
import type { ReferenceSource } from './catalog/reference.ts'
import type { Detections } from './detections.ts'
import type { ExposureOutcome, SolvedExposure } from './exposure.ts'
import { type Reason, reason } from './issues.ts'
import { rms } from './math/robust.ts'
import { ARCSEC, DEG, separationDeg } from './math/sphere.ts'
import { orientation, skyAt } from './models/plate-constants.ts'
import type { Sip, Tpv } from './models/wcs-polynomials.ts'
import type { Plate } from './plate.ts'
import type { ExposureSolution, Solution } from './solution.ts'
import type { ExtractResult } from './stages/extract.ts'
import type { FilterResult } from './stages/filter.ts'
import { skyResidual } from './stages/publish/catalogue-columns.ts'
import type { Logbook, TriageResult } from './stages/triage.ts'

/** One exposure's entry in solution.json. */
export function exposureSolution(
  index: number,
  solved: SolvedExposure,
  detections: Detections,
  pixelUm: [number, number] | null,
  wcs: { sip: Sip; tpv: Tpv },
): ExposureSolution {
  const { refined, verdict, first, stars } = solved
  const { constants, pairs, fit } = refined
  const { frame, model } = constants
  const centre = skyAt(constants, frame.x0, frame.y0)
  const { scaleRadPx, mirrored, rotation } = orientation(constants)
  const residuals = Array.from(pairs.detection, (row, k) => {
    const sky = skyAt(constants, detections.x[row]!, detections.y[row]!)
    const star = pairs.reference[k]!
    return skyResidual(sky, stars.raDeg[star]!, stars.decDeg[star]!)
  })
  const rmsRa = rms(residuals.map((r) => r.ra))
  const rmsDec = rms(residuals.map((r) => r.dec))
  const heldOut = (axis: 'xi' | 'eta') => rms(fit.heldOut.residuals.flatMap((r) => [...r[axis]])) / ARCSEC
  const { weight } = fit.fit
  return {
    index,
    offset_px: [0, 0],
    centre: { ra: centre.raRad / DEG, dec: centre.decRad / DEG },
    scale_arcsec_px: scaleRadPx / ARCSEC,
    rotation_deg: rotation / DEG,
    mirrored,
    solve: {
      log_odds: first.logOdds,
      attempt: first.attempt.attempt,
      index_file: first.indexFile,
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
      terms: 2 * model.terms,
      coefficients: {
        tangent_point_deg: [constants.ra0 / DEG, constants.dec0 / DEG],
        frame: { x0: frame.x0, y0: frame.y0, half_px: frame.halfPx },
        terms: model.powers.map(([u, v], k) => ({
          u,
          v,
          xi_arcsec: constants.xi[k]! / ARCSEC,
          eta_arcsec: constants.eta[k]! / ARCSEC,
        })),
      },
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

/** Of the pairs that took part, each by its robust weight, per degree of freedom of both axes. */
function reducedChiSquare({ refined }: SolvedExposure): number | null {
  const { weight, sigma, residualXi, residualEta } = refined.fit.fit
  let sum = 0
  let count = 0
  for (let i = 0; i < weight.length; i++) {
    sum += (weight[i]! * (residualXi[i]! ** 2 + residualEta[i]! ** 2)) / sigma[i]! ** 2
    count += 2 * weight[i]!
  }
  const freedom = count - 2 * refined.constants.model.terms
  return freedom > 0 ? sum / freedom : null
}

export interface SolutionInput {
  plate: Plate
  area: { fraction: number }
  statistics: { skyLevel: number; skyNoise: number }
  detections: Detections
  filtered: FilterResult
  triaged: TriageResult
  outcome: ExposureOutcome | null
  reference: ReferenceSource
  extracted: ExtractResult
  ingestReasons: readonly Reason[]
  /** As the pipeline took it: an option may have overruled the header. */
  logbook: Logbook
  exposures: ExposureSolution[]
}

/** The whole record: what was found, and why it is or is not published as reduced. */
export function solutionOf(input: SolutionInput): Solution {
  const { plate, area, statistics, detections, filtered, triaged, outcome, exposures } = input
  const solved = outcome?.solved ?? null
  const reasons = [
    ...ingestReasons(input),
    ...input.extracted.reasons,
    ...triaged.reasons,
    ...(outcome === null ? [] : outcome.reasons),
    ...(outcome !== null && solved === null ? [unsolvedReason(input)] : []),
    ...(solved === null ? [] : solvedReasons(solved, plate, input.reference)),
  ]
  const artefacts = filtered.reject.filter((bits) => bits !== 0).length
  return {
    schema: 1,
    plate: {
      id: plate.id,
      scan: basename(plate.scanPath),
      width: plate.width,
      height: plate.height,
      epoch_yr: solved?.epochYr ?? plate.epochYr?.value ?? null,
      epoch_source: solved?.epochSource ?? epochSourceOf(plate),
      polarity: plate.polarity,
      pixel_um: plate.pixelUm?.value ?? null,
      telescope: plate.telescope,
      emulsion: plate.emulsion,
      exposure_s: plate.exposureSeconds?.value ?? null,
      sky_level: finiteOrNull(statistics.skyLevel),
      sky_noise: finiteOrNull(statistics.skyNoise),
      usable_fraction: area.fraction,
    },
    status: statusOf(input, solved !== null),
    class: triaged.class,
    reasons,
    attempts: outcome?.solving.attempts ?? [],
    exposures,
    counts: {
      detections: detections.length,
      stars: detections.length - artefacts,
      artefacts,
      matched: solved?.refined.pairs.detection.length ?? 0,
    },
  }
}

/** Without what the logbook said of the exposures, where a person overruled it. */
function ingestReasons({ ingestReasons: reasons, logbook }: SolutionInput): Reason[] {
  const overruled = logbook.method === 1
  return reasons.filter(
    (r) => !(overruled && (r.code === 'METHOD_NOT_SINGLE' || r.code === 'NUMEXP_NOT_ONE')),
  )
}

function statusOf({ triaged, detections }: SolutionInput, solved: boolean): Solution['status'] {
  if (detections.length === 0) return 'failed'
  if (triaged.class !== 'single') return 'manual'
  return solved ? 'reduced' : 'unsolved'
}

export function epochSourceOf(plate: Plate): Solution['plate']['epoch_source'] {
  if (plate.epochYr === null) return 'unknown'
  return plate.epochYr.source === 'option' ? 'option' : 'header'
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** Says what was tried, and what to fetch so that the next run can do better. */
function unsolvedReason({ plate, outcome, filtered, reference }: SolutionInput): Reason {
  const { attempts } = outcome!.solving
  const found = attempts.filter((a) => a.solved).length
  const tried =
    attempts.length === 0
      ? 'no attempt could be made, because there is no index to solve with'
      : `${attempts.length} attempts with ${filtered.ranked.length} stars found ${found === 0 ? 'no solution' : `${found} solutions, all refused`}`
  const fetchAt = plate.place?.value
  const scale = plate.scaleArcsecPerPx?.value
  const diagonalDeg = scale === undefined ? null : (Math.hypot(plate.width, plate.height) * scale) / 3600
  const where =
    fetchAt === undefined
      ? 'of the field that the logbook names'
      : `within ${((diagonalDeg ?? 2) / 2 + 0.1).toFixed(2)}° of ${fetchAt.raDeg.toFixed(4)} ${fetchAt.decDeg.toFixed(4)}`
  const small =
    diagonalDeg !== null && diagonalDeg < 1 && !reference.isFile
      ? `; the field of ${(diagonalDeg * 60).toFixed(0)}′ is too small for the Tycho-2 indexes, which need about 0.8°`
      : ''
  const advice = reference.isFile ? '' : `; fetch the Gaia stars ${where} and give them with --catalog FILE`
  return reason('UNSOLVED', `${tried}${small}${advice}`, {
    attempts: attempts.length,
    solutions_refused: found,
    stars: filtered.ranked.length,
    field_deg: diagonalDeg,
    fetch:
      fetchAt === undefined
        ? null
        : { ra: fetchAt.raDeg, dec: fetchAt.decDeg, radius_deg: (diagonalDeg ?? 2) / 2 + 0.1 },
  })
}

/** Farther than the header's own doubt, and farther than this share of the field, is worth a word. */
const FAR_SHARE = 0.5

function solvedReasons(solved: SolvedExposure, plate: Plate, reference: ReferenceSource): Reason[] {
  const { refined, epochCheck, epochYr } = solved
  const { constants } = refined
  const centre = skyAt(constants, constants.frame.x0, constants.frame.y0)
  const field = orientation(constants).scaleRadPx * constants.frame.halfPx
  const reasons = reference.reasons(epochYr)
  const place = plate.place?.value
  if (place !== undefined) {
    const apart = separationDeg(centre.raRad / DEG, centre.decRad / DEG, place.raDeg, place.decDeg)
    if (apart > Math.max(place.radiusErrorDeg, (FAR_SHARE * field) / DEG)) {
      const text =
        `the plate's centre is at ${(centre.raRad / DEG).toFixed(3)} ${(centre.decRad / DEG).toFixed(3)}, ` +
        `${apart.toFixed(2)}° from ${place.raDeg.toFixed(3)} ${place.decDeg.toFixed(3)} (${plate.place!.source})`
      reasons.push(reason('CONFLICT_PLACE', text, { apart_deg: apart, source: plate.place!.source }))
    }
  }
  if (epochCheck?.consistent === false) {
    const text =
      `proper motions say ${epochCheck.epochYr.toFixed(1)} ± ${epochCheck.errorYr.toFixed(1)}, ` +
      `${plate.epochYr?.source ?? 'the assumption'} says ${epochYr.toFixed(2)}`
    reasons.push(
      reason('CONFLICT_EPOCH', text, {
        fitted_yr: epochCheck.epochYr,
        error_yr: epochCheck.errorYr,
        assumed_yr: epochYr,
      }),
    )
  }
  return reasons
}
