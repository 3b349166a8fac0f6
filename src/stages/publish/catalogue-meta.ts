// What the catalogue says of all its rows: the plate, the reference stars, the model, and the epoch where they share one.
import { REJECT_BITS } from '../../reject.ts'
import type { Solution } from '../../solution.ts'
import type { CatalogueMeta } from './catalogue-files.ts'

/** Of the detections, whatever was solved. */
export function detectionsMeta(solution: Solution): CatalogueMeta {
  return {
    plateId: solution.plate.id,
    epochYr: epochOfAll(solution),
    header: [],
    rejectBits: REJECT_BITS.map(({ bit, name, text }) => ({ bit, name, text })),
    description: 'Every detection on the plate',
  }
}

/** Of a plate with one exposure or more. */
export function catalogueMeta(solution: Solution): CatalogueMeta {
  const { reference, model } = solution.exposures[0]!
  const meta = detectionsMeta(solution)
  const when = meta.epochYr === null ? 'the epoch of its exposure (column epoch)' : 'the epoch of the plate'
  return {
    ...meta,
    header: [
      ['REFCAT', reference.name, 'reference catalogue'],
      ['REFEPOCH', reference.epoch_yr, 'its epoch, Julian year'],
      ['MODEL', model.name, 'plate model'],
    ],
    description: `Stars of plate ${solution.plate.id}, ICRS at ${when}`,
  }
}

/** Null where the exposures were taken years apart: no one epoch is that of all rows. */
function epochOfAll({ plate, exposures }: Solution): number | null {
  return exposures.every(({ epoch_yr: epochYr }) => epochYr === plate.epoch_yr) ? plate.epoch_yr : null
}
