// What the logbook says of the exposures, against what the plate shows. Logbooks err both ways: neither is believed
// against the other, and a disagreement is for a person to settle.
import { type Reason, reason } from '../../issues.ts'

export type PlateClass = 'single' | 'multi' | 'complex'

/** METHOD of the Wide-Field Plate Database and how many exposures the header knows of; null where the logbook is silent. */
export interface Logbook {
  method: number | null
  exposures: number | null
  /** A person gave METHOD as an option. */
  insists: boolean
}

/** METHOD codes of plates with several direct exposures of one field; all others but 1 are complex. */
const MULTI_METHODS = [2, 7, 14, 15]

/** What the logbook alone says; undefined where it is silent. */
export function saidClass({ method, exposures }: Logbook): PlateClass | undefined {
  if (method !== null && method !== 1 && !MULTI_METHODS.includes(method)) return 'complex'
  if (method !== null && MULTI_METHODS.includes(method)) return 'multi'
  if (exposures !== null && exposures > 1) return 'multi'
  return method === 1 || exposures === 1 ? 'single' : undefined
}

const SHOWN = {
  single: 'one direct exposure',
  multi: 'more than one exposure',
  complex: 'no simple direct exposure',
}

/**
 * The class that follows from both: what is not one direct exposure by either is not taken for one.
 * @param seenExposures  how many exposures the stars show, where that could be counted
 */
export function weighLogbook(
  logbook: Logbook,
  shown: PlateClass,
  seenExposures: number | null,
): { class: PlateClass; reasons: Reason[] } {
  const said = saidClass(logbook)
  const classes = [shown, said]
  const found = classes.includes('complex') ? 'complex' : classes.includes('multi') ? 'multi' : 'single'
  const evidence = { logbook: said ?? null, plate: shown, method: logbook.method, numexp: logbook.exposures }
  const source = sourceOf(logbook)
  if (said !== undefined && said !== shown) {
    const text = `${source} says ${SHOWN[said]}; the plate itself shows ${SHOWN[shown]}`
    return { class: found, reasons: [reason('EXPOSURES_DISAGREE', text, evidence)] }
  }
  const counts = said === 'multi' && logbook.exposures !== null && seenExposures !== null
  if (counts && logbook.exposures! > 1 && seenExposures > 1 && logbook.exposures !== seenExposures) {
    const text = `the logbook counts ${logbook.exposures} exposures; the stars show ${seenExposures}`
    const reasons = [reason('EXPOSURES_DISAGREE', text, { ...evidence, seen_exposures: seenExposures })]
    return { class: found, reasons }
  }
  return { class: found, reasons: [] }
}

function sourceOf({ method, exposures, insists }: Logbook): string {
  if (insists) return `the option --method ${method}`
  const parts = [
    ...(method === null ? [] : [`METHOD ${method}`]),
    ...(exposures === null ? [] : [`${exposures} ${exposures === 1 ? 'exposure' : 'exposures'}`]),
  ]
  return `the logbook (${parts.join(', ')})`
}
