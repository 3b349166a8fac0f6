// From what the stages found to the record that is published: the status, and every reason for it.
import { basename } from 'node:path'
import type { ReferenceSource } from './catalog/reference.ts'
import type { Detections } from './detections.ts'
import type { SolvedExposure } from './exposure.ts'
import type { ExposuresOutcome } from './exposures.ts'
import { isWrongHand } from './handedness.ts'
import { type IssueCode, inSpiteOfOption, type Reason, reason } from './issues.ts'
import { ARCSEC, DEG, separationDeg } from './math/sphere.ts'
import { orientation, skyAt } from './models/plate-constants.ts'
import { MAX_DEPARTURE_PX } from './models/wcs-departure.ts'
import { epochSourceOf, type Plate } from './plate.ts'
import type { ExposureSolution, Solution } from './solution.ts'
import type { ExtractResult } from './stages/extract.ts'
import type { FilterResult } from './stages/filter.ts'
import { STOPPED } from './stages/solve.ts'
import type { Logbook, TriageResult } from './stages/triage.ts'

export interface SolutionInput {
  plate: Plate
  area: { fraction: number }
  statistics: { skyLevel: number; skyNoise: number }
  detections: Detections
  filtered: FilterResult
  triaged: TriageResult
  /** Null where the plate is left to a person. */
  outcome: ExposuresOutcome | null
  reference: ReferenceSource
  extracted: ExtractResult
  ingestReasons: readonly Reason[]
  /** As the pipeline took it: an option may have overruled the header. */
  logbook: Logbook
  /** Every exposure was asked for, not only a plate with one. */
  auto: boolean
  exposures: ExposureSolution[]
}

/** The whole record: what was found, and why it is or is not published as reduced. */
export function solutionOf(input: SolutionInput): Solution {
  const { plate, area, statistics, detections, filtered, triaged, outcome, exposures } = input
  const solved = outcome?.exposures ?? []
  const status = statusOf(input)
  const reasons = [
    ...ingestReasons(input),
    ...input.extracted.reasons,
    ...triaged.reasons,
    ...(outcome?.reasons ?? []),
    ...(outcome?.peeled ?? []),
    ...(outcome?.calledBack ?? []),
    ...lackingReasons(input),
    ...solved.flatMap((exposure, n) => named(solvedReasons(exposure, plate), n, solved.length)),
    ...(solved.length === 0 ? [] : input.reference.reasons(solved[0]!.epochYr)),
    ...wcsReasons(exposures),
  ].map((found) => {
    if (status === 'reduced' && SEVERAL.has(found.code)) return { ...found, severity: 'info' as const }
    const isGiven = found.code === 'EXPOSURES_DISAGREE' ? input.logbook.insists : input.auto
    return isGiven ? inSpiteOfOption(found) : found
  })
  const artefacts = filtered.reject.filter((bits) => bits !== 0).length
  return {
    schema: 1,
    plate: {
      id: plate.id,
      scan: basename(plate.scanPath),
      width: plate.width,
      height: plate.height,
      epoch_yr: solved[0]?.epochYr ?? plate.epochYr?.value ?? null,
      epoch_source: solved[0]?.epochSource ?? epochSourceOf(plate),
      polarity: plate.polarity,
      pixel_um: plate.pixelUm?.value ?? null,
      telescope: plate.telescope,
      emulsion: plate.emulsion,
      exposure_s: plate.exposureSeconds?.value ?? null,
      sky_level: finiteOrNull(statistics.skyLevel),
      sky_noise: finiteOrNull(statistics.skyNoise),
      usable_fraction: area.fraction,
    },
    status,
    class: classOf(input),
    reasons,
    attempts: outcome?.solving.attempts ?? [],
    exposures,
    exposures_together:
      outcome?.together == null
        ? null
        : {
            members: outcome.together.members,
            moved: outcome.together.moved,
            gain_sigmas: outcome.together.gainSigmas,
          },
    counts: {
      detections: detections.length,
      stars: detections.length - artefacts,
      artefacts,
      matched: new Set(solved.flatMap(({ refined }) => [...refined.pairs.detection])).size,
    },
  }
}

/**
 * Without what the logbook said of the exposures, where a person overruled it, and without the lack of a date where the
 * stars told it.
 */
function ingestReasons({ ingestReasons: reasons, logbook, outcome }: SolutionInput): Reason[] {
  const overruled = logbook.method === 1
  const dated = outcome?.exposures[0]?.epochSource === 'fitted'
  return reasons.filter(
    (r) =>
      !(overruled && (r.code === 'METHOD_NOT_SINGLE' || r.code === 'NUMEXP_NOT_ONE')) &&
      !(dated && r.code === 'EPOCH_UNKNOWN'),
  )
}

/** What is no fault of a plate whose exposures were all solved. */
const SEVERAL: ReadonlySet<IssueCode> = new Set([
  ...(['MULTI_EXPOSURE', 'WEDGE_GHOST', 'SECOND_PATTERN', 'BRIGHT_UNMATCHED'] as const),
  ...(['METHOD_NOT_SINGLE', 'NUMEXP_NOT_ONE', 'EXPOSURES_DISAGREE'] as const),
])

/** What solutions do not settle: places of images that touch, and exposures of which the logbook knows more or fewer. */
function isUnsettled({ code, evidence: { logbook, numexp } }: Reason, solved: number): boolean {
  const isAsLogged = logbook === 'multi' && solved > 1 && (numexp === null || numexp === solved)
  return code === 'TOUCHING_EXPOSURES' || (code === 'EXPOSURES_DISAGREE' && !isAsLogged)
}

function statusOf({ triaged, detections, outcome, plate }: SolutionInput): Solution['status'] {
  if (detections.length === 0) return 'failed'
  if (outcome === null) return 'manual'
  const { exposures, wanted, calledBack } = outcome
  if (calledBack.length > 0) return 'manual'
  if (exposures.length === 0) return 'unsolved'
  if (exposures.length < wanted) return 'manual'
  if (triaged.reasons.some((found) => isUnsettled(found, exposures.length))) return 'manual'
  const isDoubtful = (solved: SolvedExposure) =>
    isWrongDate(solved) || (isWrongHand(solved.refined.constants, plate) && !solved.confirmed)
  return exposures.some(isDoubtful) ? 'manual' : 'reduced'
}

/** That of triage, unless a solution showed more than one exposure. */
function classOf({ triaged, outcome }: SolutionInput): Solution['class'] {
  if (triaged.class !== 'single' || outcome === null) return triaged.class
  return outcome.calledBack.length > 0 || outcome.exposures.length > 1 ? 'multi' : 'single'
}

/** Why not every exposure is there. */
function lackingReasons(input: SolutionInput): Reason[] {
  const { outcome } = input
  if (outcome === null || outcome.exposures.length >= outcome.wanted) return []
  const { exposures, wanted, calledBack } = outcome
  if (exposures.length === 0) return calledBack.length > 0 ? [] : [unsolvedReason(input)]
  const text = `${exposures.length} of ${wanted} exposures were solved`
  return [reason('EXPOSURES_UNSOLVED', text, { solved: exposures.length, exposures: wanted })]
}

/** Reasons that belong to one of several exposures say to which. */
function named(reasons: Reason[], n: number, count: number): Reason[] {
  return count === 1
    ? reasons
    : reasons.map((found) => ({
        ...found,
        text: `exposure ${n + 1}: ${found.text}`,
        evidence: { ...found.evidence, exposure: n },
      }))
}

/** A date that the stars' motions contradict by more than this is not believed; a person can insist with --epoch. */
const WRONG_DATE_SIGMAS = 5
const WRONG_DATE_YR = 5

function isWrongDate({ epochSource, epochCheck, epochYr }: SolvedExposure): boolean {
  if (epochSource !== 'header' || epochCheck === null) return false
  const off = Math.abs(epochCheck.epochYr - epochYr)
  return off > WRONG_DATE_YR && off > WRONG_DATE_SIGMAS * epochCheck.errorYr
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** Says what was tried, and what to fetch so that the next run can do better. */
function unsolvedReason({ plate, outcome, filtered, reference }: SolutionInput): Reason {
  const { attempts, indexTrouble = null } = outcome!.solving
  const found = attempts.filter((a) => a.solved).length
  const tried =
    attempts.length === 0
      ? `no attempt could be made${indexTrouble === null ? ', because there is no index to solve with' : ''}`
      : `${counted(attempts.length, 'attempt')} with ${filtered.ranked.length} stars found ${found === 0 ? 'no solution' : `${counted(found, 'solution')}, all refused`}`
  const stopped = attempts.filter((a) => a.verdict === STOPPED).length
  const hurried =
    stopped === 0
      ? ''
      : `; solve-field did not end in its time in ${counted(stopped, 'attempt')} (--solve-cpu and --solve-time allow more)`
  const unindexed =
    indexTrouble === null ? '' : `; no index of the field could be made from the catalogue: ${indexTrouble}`
  const fetchAt = plate.place?.value
  const scale = plate.scaleArcsecPerPx?.value
  const diagonalDeg = scale === undefined ? null : (Math.hypot(plate.width, plate.height) * scale) / 3600
  const fetching =
    fetchAt === undefined
      ? 'of the field that the logbook names with platepipe catalog fetch'
      : `there: platepipe catalog fetch --ra ${fetchAt.raDeg.toFixed(4)} --dec ${fetchAt.decDeg.toFixed(4)} --radius ${((diagonalDeg ?? 2) / 2 + 0.1).toFixed(2)}`
  const small =
    diagonalDeg !== null && diagonalDeg < 1 && !reference.isFile
      ? `; the field of ${(diagonalDeg * 60).toFixed(0)}′ is too small for the Tycho-2 indexes, which need about 0.8°`
      : ''
  const lacked = reference.lacked()
  const advice = reference.isFile
    ? ''
    : `${lacked === null ? '' : `; ${lacked}`}; fetch the Gaia stars ${fetching}, or give them with --catalog FILE`
  return reason('UNSOLVED', `${tried}${hurried}${unindexed}${small}${advice}`, {
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

function solvedReasons(solved: SolvedExposure, plate: Plate): Reason[] {
  const { refined, epochCheck, epochYr } = solved
  const { constants } = refined
  const centre = skyAt(constants, (plate.width + 1) / 2, (plate.height + 1) / 2)
  const field = orientation(constants).scaleRadPx * constants.frame.halfPx
  const reasons: Reason[] = []
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
  if (isWrongHand(constants, plate)) {
    const { mirrored } = orientation(constants)
    const text = `the solution is ${mirrored ? '' : 'not '}mirrored, the one in the header (${plate.headerWcs!.source}) is ${mirrored ? 'not' : ''}`
    reasons.push(
      solved.confirmed
        ? reason('SCAN_FLIPPED', `${text.trim()}; Tycho-2 has the stars of the catalogue where it has them`, {
            mirrored,
          })
        : reason('CONFLICT_MIRROR', text.trim(), { mirrored }),
    )
  }
  const scale = orientation(constants).scaleRadPx / ARCSEC
  const range = plate.scaleRangeArcsecPerPx
  if (range !== null && (scale < range[0] || scale > range[1])) {
    const text =
      `the scale is ${scale.toFixed(4)}″ per pixel, where ${range[0].toFixed(4)} to ${range[1].toFixed(4)} was expected ` +
      `(${plate.scaleArcsecPerPx?.source ?? 'header'})`
    reasons.push(reason('CONFLICT_SCALE', text, { scale_arcsec_px: scale, expected: range }))
  }
  if (solved.epochSource === 'fitted' && epochCheck !== null) {
    const text =
      `no date was used; the proper motions of the stars say ${epochYr.toFixed(2)} ± ${epochCheck.errorYr.toFixed(2)}, ` +
      'and the reference stars were moved there'
    reasons.push(reason('EPOCH_FITTED', text, { fitted_yr: epochYr, error_yr: epochCheck.errorYr }))
  }
  if (epochCheck?.consistent === false) {
    const text =
      `proper motions say ${epochCheck.epochYr.toFixed(1)} ± ${epochCheck.errorYr.toFixed(1)}, ` +
      `${plate.epochYr?.source ?? 'the assumption'} says ${epochYr.toFixed(2)}`
    reasons.push(
      reason(isWrongDate(solved) ? 'WRONG_EPOCH' : 'CONFLICT_EPOCH', text, {
        fitted_yr: epochCheck.epochYr,
        error_yr: epochCheck.errorYr,
        assumed_yr: epochYr,
      }),
    )
  }
  return reasons
}

/** Where no polynomial of the WCS files follows the plate constants closely enough: by how much they depart. */
export function wcsReasons(exposures: readonly Pick<ExposureSolution, 'index' | 'wcs'>[]): Reason[] {
  return exposures.flatMap(({ index, wcs }) => {
    const { sip_departure_px: sip, sip_inverse_departure_px: inverse, tpv_departure_px: tpv } = wcs
    if (!(Math.max(sip, inverse, tpv) > MAX_DEPARTURE_PX)) return []
    const suffix = exposures.length > 1 ? `-${index}` : ''
    const text =
      `wcs${suffix}.fits departs from the plate constants by up to ${sip.toFixed(3)} px (${inverse.toFixed(3)} px from sky to ` +
      `pixel), scamp${suffix}.head by up to ${tpv.toFixed(3)} px; the places in catalogue.fits are by the plate constants themselves`
    return [reason('WCS_APPROXIMATE', text, { exposure: index, limit_px: MAX_DEPARTURE_PX, ...wcs })]
  })
}
