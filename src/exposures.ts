// Every exposure of a plate. A single one is solved as it is; several are parted by the pattern that triage found. What the
// solutions leave over is looked at again: a plate called single may hold more than one exposure, and is called back.
import type { Config } from './config.ts'
import type { ExposureInput, SolvedExposure } from './exposure.ts'
import { type PartingInput, type PositiveFiles, partImages } from './exposures/parting.ts'
import { type ExposurePart, partsOf, wholePlate } from './exposures/parts.ts'
import { ExposureSearch } from './exposures/search.ts'
import { settled } from './exposures/settled.ts'
import type { Reason } from './issues.ts'
import type { Together } from './joint-exposures.ts'
import type { Solving } from './stages/solve.ts'
import type { ExposurePattern } from './stages/triage/exposure-pattern.ts'
import type { TriageResult } from './stages/triage.ts'

/** One exposure that was solved, and its part of the plate. */
export interface Exposure extends SolvedExposure {
  part: ExposurePart
}

/** The scan, to measure images on again. */
export type PlateImages = Omit<PositiveFiles, 'workDir'> & Pick<PartingInput, 'saturationLevel' | 'area'>

export interface ExposuresOutcome {
  /** What the exposures were solved from: the detections, or those that were parted further. */
  measured: Pick<ExposureInput, 'detections' | 'filtered'>
  /** Those that were solved, the deepest first. */
  exposures: Exposure[]
  /** How many there are, as far as the pattern and the solutions tell. */
  wanted: number
  solving: Solving
  /** Why solutions were refused, and what is not known of the exposures. */
  reasons: Reason[]
  /** What the first solution showed of exposures that were then peeled off. */
  peeled: Reason[]
  /** What the solutions showed that does not belong to the exposures that were found. */
  calledBack: Reason[]
  /** Null where there is one exposure, or they could not be fitted together. */
  together: Pick<Together, 'members' | 'moved' | 'gainSigmas'> | null
}

/** @returns null where the plate is left to a person: several exposures that nobody asked to part, or a complex plate */
export async function solveExposures(
  extracted: ExposureInput,
  triaged: TriageResult,
  images: PlateImages,
  config: Config,
): Promise<ExposuresOutcome | null> {
  const auto = config.exposures === 'auto'
  if (triaged.class === 'complex' || (triaged.class === 'multi' && !auto)) return null
  const { input, pattern } = await measuredAgain(extracted, triaged, images)
  if (pattern === null && areTouching(triaged)) return null
  const { parts, wanted } = partsToSolve(input, pattern, triaged)
  const search = new ExposureSearch(input, parts, config)
  const reasons = await search.solveParts(parts.slice(0, wanted))
  const shown = search.leftOver()
  const { peeled, left } = auto ? await search.peelOff(shown) : { peeled: [], left: shown }
  const { exposures, solving } = search
  const most = Math.max(wanted, exposures.length)
  const found = { exposures, wanted: most, solving, reasons, peeled, calledBack: left, together: null }
  const { detections, filtered } = input
  return settled({ ...found, measured: { detections, filtered } }, input, config)
}

/** Where exposures are near each other their images are parted with the help of the pattern; else all stays as it was. */
async function measuredAgain(
  input: ExposureInput,
  triaged: TriageResult,
  images: PlateImages,
): Promise<{ input: ExposureInput; pattern: ExposurePattern | null }> {
  const pattern = triaged.several?.pattern ?? null
  const isSeen = pattern !== null || areTouching(triaged)
  if (triaged.class !== 'multi' || !isSeen || hasGhosts(triaged)) return { input, pattern }
  const { width, height, exposures } = input.plate
  const logged = exposures?.value ?? null
  const files = { ...images, workDir: input.workDir }
  const parted = await partImages(files, { ...input, ...images, width, height, pattern, logged })
  if (parted === null) return { input, pattern }
  const { detections, filtered } = parted
  return { input: { ...input, detections, filtered }, pattern: parted.pattern }
}

/** Images of exposures that touch have no places of their own: a solution would run through the middle of them. */
const areTouching = ({ reasons }: TriageResult): boolean =>
  reasons.some(({ code }) => code === 'TOUCHING_EXPOSURES')

const hasGhosts = ({ reasons }: TriageResult): boolean => reasons.some(({ code }) => code === 'WEDGE_GHOST')

/** The parts of the plate, and how many of them are exposures: the ghosts of a wedge are none, and are left out. */
function partsToSolve(
  { filtered, detections }: ExposureInput,
  pattern: ExposurePattern | null,
  triaged: TriageResult,
): { parts: ExposurePart[]; wanted: number } {
  if (triaged.class === 'single' || pattern === null) return { parts: [wholePlate(filtered)], wanted: 1 }
  const parts = partsOf(pattern, detections, filtered)
  return { parts, wanted: hasGhosts(triaged) ? 1 : parts.length }
}

/**
 * The detections that are images of an exposure. Where it is the only one that was seen, all are; else those of its pattern and
 * its pairs: the others may be images of an exposure that is not known.
 */
export function rowsOf(exposure: Exposure, outcome: ExposuresOutcome, detections: number): Int32Array {
  const { part, refined } = exposure
  const all = Int32Array.from({ length: detections }, (_, row) => row)
  const isAlone = outcome.wanted === 1 && outcome.calledBack.length === 0
  if (isAlone) return all.filter((row) => !part.elsewhere.has(row))
  const others = outcome.exposures.filter((other) => other !== exposure)
  const taken = new Set(others.flatMap((other) => [...other.refined.pairs.detection]))
  const members = Array.from(part.members ?? []).filter((row) => !taken.has(row))
  const rows = new Set([...members, ...refined.pairs.detection])
  return Int32Array.from(rows).sort()
}
