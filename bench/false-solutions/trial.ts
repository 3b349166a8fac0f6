// One wrong start, refined and judged as the pipeline does it.
import { accept } from '../../src/accept.ts'
import { parseConfig } from '../../src/config.ts'
import { DEG } from '../../src/math/sphere.ts'
import { pixelOfPlace } from '../../src/models/plate-constants.ts'
import { type Refined, refine } from '../../src/refine.ts'
import type { WrongStart } from './kinds.ts'
import { startOf } from './linear.ts'
import type { Prepared } from './plates.ts'

export interface Outcome {
  /** Refined to the truth after all: not wrong. */
  right: boolean
  accepted: boolean
  /** Null where too few pairs were found to judge. */
  probability: number | null
  text: string
}

export const CONFIG = parseConfig({}, {})

/** A solution is right when nine in ten places of the scan are within this of the truth, px or widths of an image. */
const RIGHT_PX = 1
const RIGHT_FWHM = 0.5
const RIGHT_SHARE = 0.9

export function judged(plate: Prepared, wrong: WrongStart): Outcome {
  const { width, height, fwhmPx, detections, ranked, reject } = plate
  const start = startOf(wrong.wcs, width, height)
  const refined = refine({ start, detections, ranked, reject, stars: wrong.stars, width, height }, CONFIG)
  if (refined === undefined) {
    return { right: false, accepted: false, probability: null, text: 'too few pairs' }
  }
  const verdict = accept(refined, { width, height, fwhmPx })
  return {
    right: wrong.mayBeRight && isRight(refined, plate),
    accepted: verdict.accepted,
    probability: verdict.chance.probability,
    text: verdict.text,
  }
}

/** Whether fitted constants agree with the truth over the scan. */
export function isRight({ constants }: Refined, { truth, fwhmPx }: Prepared): boolean {
  const limit = Math.max(RIGHT_PX, RIGHT_FWHM * fwhmPx)
  const near = truth.filter(({ raDeg, decDeg, x, y }) => {
    const at = pixelOfPlace(constants, raDeg * DEG, decDeg * DEG)
    return at !== undefined && Math.hypot(at.x - x, at.y - y) <= limit
  })
  return near.length >= RIGHT_SHARE * truth.length
}
