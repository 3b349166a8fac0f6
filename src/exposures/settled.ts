// When every exposure is solved: each with its own date where that is known, and all of them fitted together.
import { accept } from '../accept.ts'
import type { Config } from '../config.ts'
import { type ExposureInput, solveExposure } from '../exposure.ts'
import type { Exposure, ExposuresOutcome } from '../exposures.ts'
import { type Reason, reason } from '../issues.ts'
import { fitTogetherInSteps } from '../joint-exposures.ts'
import { inSteps } from '../steps.ts'
import { datesOfExposures } from './dates.ts'
import { offsetsFrom } from './left-over.ts'
import type { ExposurePart } from './parts.ts'
import { asStart } from './starts.ts'

/** Nothing is published of a solution that lies between exposures; where there are several, each is dated, and all fitted together. */
export async function settled(
  outcome: ExposuresOutcome,
  input: ExposureInput,
  config: Config,
): Promise<ExposuresOutcome> {
  if (outcome.calledBack.some(({ code }) => code === 'SPLIT_SOLUTION'))
    return { ...outcome, exposures: [], wanted: Math.max(2, outcome.wanted) }
  if (outcome.exposures.length < 2) return outcome
  return together(await dated(outcome, input, config), input, config)
}

/** Each exposure with its own date, where the logbook has several and the stars tell which is which. */
export async function dated(
  outcome: ExposuresOutcome,
  input: ExposureInput,
  config: Config,
): Promise<ExposuresOutcome> {
  // A date that a person gives is not overruled.
  if (input.plate.epochYr?.source === 'option') return outcome
  const found = datesOfExposures(outcome.exposures, input.plate.exposureEpochsYr)
  if (found.dates === null) {
    const reasons = found.reason === null ? outcome.reasons : [...outcome.reasons, found.reason]
    return { ...outcome, reasons }
  }
  const parts = outcome.exposures.map(({ part }) => part)
  const exposures: Exposure[] = []
  const reasons = [...outcome.reasons]
  for (const [n, exposure] of outcome.exposures.entries()) {
    const again = await refinedAt(found.dates[n]!, exposure, parts, input, config)
    exposures.push(again ?? exposure)
    if (again === null) reasons.push(keptDate(n, exposure, found.dates[n]!))
  }
  return { ...outcome, reasons, exposures }
}

/** The exposure with its own date; null where it is refused with that. */
async function refinedAt(
  epochYr: number,
  exposure: Exposure,
  parts: readonly ExposurePart[],
  input: ExposureInput,
  config: Config,
): Promise<Exposure | null> {
  const plate = { ...input.plate, epochYr: { value: epochYr, source: 'DATE-OBn' } }
  const known = { starts: [asStart(exposure)], onlyStarts: true }
  const others = offsetsFrom(exposure.part, parts, plate)
  const { filtered } = exposure.part
  const { solved } = await solveExposure({ ...input, plate, filtered, ...known, others }, config)
  return solved === null ? null : { ...exposure, ...solved, first: exposure.first }
}

function keptDate(n: number, { epochYr }: Exposure, ownYr: number): Reason {
  const text =
    `by the motions of its stars exposure ${n + 1} was taken in ${ownYr.toFixed(2)}, but it was refused with that date ` +
    `and keeps ${epochYr.toFixed(2)}`
  return reason('EXPOSURE_DATES_UNSURE', text, { exposure: n, date_yr: ownYr, kept_yr: epochYr })
}

/** Exposures of one telescope share its distortion: taken where each of them still passes the checks. */
async function together(
  outcome: ExposuresOutcome,
  input: ExposureInput,
  config: Config,
): Promise<ExposuresOutcome> {
  const { exposures } = outcome
  input.progress.step(`fitting ${exposures.length} exposures together`)
  const fit = await inSteps(fitTogetherInSteps(exposures, config), input.signal)
  const { width, height } = input.plate
  const judged = exposures.map((exposure, n): Exposure => {
    const refined = fit.refined[n]!
    const others = offsetsFrom(
      exposure.part,
      exposures.map(({ part }) => part),
      input.plate,
    )
    const { reject } = exposure.part.filtered
    const verdict = accept(refined, { width, height, fwhmPx: input.fwhmPx, others, reject })
    return { ...exposure, refined, verdict }
  })
  if (judged.some(({ verdict }) => !verdict.accepted)) return outcome
  const { members, moved, gainSigmas } = fit
  return { ...outcome, exposures: judged, together: { members, moved, gainSigmas } }
}
