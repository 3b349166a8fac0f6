// The images of exposures that nearly touch, measured again with what is known by then: the pattern of the exposures. SExtractor
// parts few of them, so that the fainter exposure has hardly an image and the places of the brighter one lean towards it
// (docs/decisions/exposures.md).
import type { Detections } from '../detections.ts'
import { openPositive, type PositiveScan } from '../stages/extract/profile/patch.ts'
import type { PlateShape } from '../stages/extract/profile/plate-shape.ts'
import { widthOf } from '../stages/extract/profile/shape.ts'
import type { FilterInput, FilterResult } from '../stages/filter.ts'
import type { ExposurePattern } from '../stages/triage/exposure-pattern.ts'
import { leastApart } from '../stages/triage/star-groups.ts'
import { findCompanions, NEAR_WIDTHS } from './parting/companions.ts'
import { listed, measuredTogether } from './parting/listed.ts'
import { learnPattern } from './parting/pattern.ts'
import { withParts } from './parting/rows.ts'
import type { SeenImages } from './parting/seen.ts'

export interface PartingInput extends FilterInput {
  filtered: FilterResult
  /** What triage found; null where it saw only that exposures touch. */
  pattern: ExposurePattern | null
  /** Exposures that the logbook knows of; null where it does not say. */
  logged: number | null
  /** Where the positive levels off, or undefined where that was not seen. */
  saturationLevel: number | undefined
  signal: AbortSignal
}

/** Names of files in workDir. */
export interface PositiveFiles {
  workDir: string
  positiveName: string
  weightName: string
}

export interface Parted {
  detections: Detections
  filtered: FilterResult
  pattern: ExposurePattern
}

/** The pattern, the plate's image shape as that of one exposure, and the images that were seen with it. */
export interface Learnt {
  pattern: ExposurePattern
  plate: PlateShape
  seen: SeenImages
}

/** @returns null where no exposures are near each other, or the plate has no image shape to part them by */
export async function partImages(
  { workDir, positiveName, weightName }: PositiveFiles,
  input: PartingInput,
): Promise<Parted | null> {
  if (!isWanted(input)) return null
  const scan = await openPositive(workDir, positiveName, weightName)
  try {
    return await partedOn(scan, input)
  } finally {
    await scan.close()
  }
}

/** Exposures are near each other, or the logbook knows of more than are seen: those may be. */
function isWanted({ detections, pattern, logged, fwhmPx }: PartingInput): boolean {
  if (detections.length === 0) return false
  if (pattern === null || (logged ?? 0) > pattern.exposures.length) return true
  return areNear(pattern, fwhmPx)
}

const areNear = ({ exposures }: ExposurePattern, widthPx: number): boolean =>
  leastApart(exposures) < NEAR_WIDTHS * widthPx

export async function partedOn(scan: PositiveScan, input: PartingInput): Promise<Parted | null> {
  const learnt = await learnPattern(scan, input)
  if (learnt === null || !areNear(learnt.pattern, widthOf(learnt.plate.shape))) return null
  const { tied, images } = await findCompanions(scan, learnt, input)
  const list = listed(input.detections, images, tied, learnt.pattern)
  const measured = await measuredTogether(scan, list, input, learnt.plate)
  return withParts(list, measured, input, learnt)
}
