// When every exposure is solved: each with its own date where that is known, and all of them fitted together.
import { accept } from '../accept.ts'
import type { Config } from '../config.ts'
import { type ExposureInput, solveExposure } from '../exposure.ts'
import type { Exposure, ExposuresOutcome } from '../exposures.ts'
import { fitTogetherInSteps } from '../joint-exposures.ts'
import { inSteps } from '../steps.ts'
import { datesOfExposures } from './dates.ts'
import { offsetsFrom } from './left-over.ts'
import { asStart } from './starts.ts'

/** Each exposure with its own date, where the logbook has several and the stars tell which is which. */
export async function dated(
  outcome: ExposuresOutcome,
  input: ExposureInput,
  config: Config,
): Promise<ExposuresOutcome> {
  // A date that a person gives is not overruled.
  if (input.plate.epochYr?.source === 'option') return outcome
  const { dates, reason } = datesOfExposures(outcome.exposures, input.plate.exposureEpochsYr)
  const reasons = reason === null ? outcome.reasons : [...outcome.reasons, reason]
  if (dates === null) return { ...outcome, reasons }
  const exposures: Exposure[] = []
  for (const [n, exposure] of outcome.exposures.entries()) {
    const plate = { ...input.plate, epochYr: { value: dates[n]!, source: 'DATE-OBn' } }
    const parts = outcome.exposures.map(({ part }) => part)
    const known = { starts: [asStart(exposure)], onlyStarts: true }
    const others = offsetsFrom(exposure.part, parts, plate)
    const again = await solveExposure(
      { ...input, plate, filtered: exposure.part.filtered, ...known, others },
      config,
    )
    exposures.push(again.solved === null ? exposure : { ...exposure, ...again.solved, first: exposure.first })
  }
  return { ...outcome, reasons, exposures }
}

/** Exposures of one telescope share its distortion: taken where each of them still passes the checks. */
export async function together(
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
