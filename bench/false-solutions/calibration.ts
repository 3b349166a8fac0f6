// Is the probability of the chance test what it says? Solutions to which nothing was fitted, before wrong catalogues: of a
// thousand, one at most may have a probability below a thousandth.
import { DEG } from '../../src/math/sphere.ts'
import {
  frameOf,
  orientation,
  type PlateConstants,
  pixelOfPlace,
  retangent,
} from '../../src/models/plate-constants.ts'
import { REJECT } from '../../src/reject.ts'
import { chanceTest } from '../../src/stages/match/chance.ts'
import { project } from '../../src/stages/match.ts'
import type { WrongStart } from './kinds.ts'
import { startOf } from './linear.ts'
import type { Prepared } from './plates.ts'

const UNUSABLE = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED

export interface Calibrated {
  probability: number
  pairs: number
  shifted: number
}

/** The chance test of a wrong start as it is, with a match radius of `radiusPx`. */
export function calibrate(plate: Prepared, wrong: WrongStart, radiusPx: number): Calibrated | undefined {
  const { width, height, detections, reject } = plate
  const constants = retangent(startOf(wrong.wcs, width, height), frameOf(width, height))
  if (constants === undefined || nearTruth(constants, plate, wrong, radiusPx)) return undefined
  const scale = orientation(constants).scaleRadPx
  const rows = onPlate(constants, wrong, width, height)
  const candidates = Int32Array.from(reject.keys()).filter((i) => (reject[i]! & UNUSABLE) === 0)
  const { heldOutPairs, shiftedPairs, probability } = chanceTest({
    detections,
    projected: project(wrong.stars, constants.ra0, constants.dec0, rows),
    magnitudes: null,
    radiusRad: radiusPx * scale,
    folds: [{ constants, candidates }],
    plateRad: (Math.hypot(width, height) / 2) * scale,
  })
  return { probability, pairs: heldOutPairs, shifted: shiftedPairs }
}

const FAR_RADII = 6
const NEAR_PLACES = 1 // of the grid: a turned plate is right in the very middle

/** Whether the start is nearly right where pairs would be no chance. */
function nearTruth(constants: PlateConstants, plate: Prepared, wrong: WrongStart, radiusPx: number): boolean {
  if (!wrong.mayBeRight) return false
  const near = plate.truth.filter(({ raDeg, decDeg, x, y }) => {
    const at = pixelOfPlace(constants, raDeg * DEG, decDeg * DEG)
    return at !== undefined && Math.hypot(at.x - x, at.y - y) < FAR_RADII * radiusPx
  })
  return near.length > NEAR_PLACES
}

/** As refine takes them: to a twentieth beyond the scan. */
function onPlate(
  constants: PlateConstants,
  { stars }: WrongStart,
  width: number,
  height: number,
): Int32Array {
  const reach = (1.05 * Math.hypot(width, height)) / 2
  return Int32Array.from({ length: stars.length }, (_, row) => row).filter((row) => {
    const at = pixelOfPlace(constants, stars.raDeg[row]! * DEG, stars.decDeg[row]! * DEG)
    return at !== undefined && Math.hypot(at.x - width / 2, at.y - height / 2) <= reach
  })
}
