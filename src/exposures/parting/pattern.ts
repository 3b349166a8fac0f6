// The pattern of the exposures and the image shape of one of them: each tells the other.
import type { Detections } from '../../detections.ts'
import type { PlacedImages } from '../../math/offset-histogram.ts'
import { median } from '../../math/robust.ts'
import type { Companion } from '../../stages/extract/profile/learn.ts'
import { measureProfiles } from '../../stages/extract/profile/measure.ts'
import type { PositiveScan } from '../../stages/extract/profile/patch.ts'
import { learnPlate, type PlateShape } from '../../stages/extract/profile/plate-shape.ts'
import { widthOf } from '../../stages/extract/profile/shape.ts'
import type { ExposurePattern } from '../../stages/triage/exposure-pattern.ts'
import { type Grouping, measuredPattern, starGroups } from '../../stages/triage/star-groups.ts'
import type { Learnt, PartingInput } from '../parting.ts'
import { NEAR_WIDTHS } from './companions.ts'
import type { Listed } from './listed.ts'
import { mayRepeat, patternOf, placedImages, seenImages } from './seen.ts'

const ROUNDS = 3

/** Images that fits add to blends repeat as detections do: exposures that hardly show in detections are found by them. */
export async function learnPattern(scan: PositiveScan, input: PartingInput): Promise<Learnt | null> {
  const { detections, fwhmPx, signal, width, height, logged } = input
  const most = Math.max(input.pattern?.exposures.length ?? 2, logged ?? 0)
  const reachPx = reachOf(input.pattern, fwhmPx)
  let { pattern } = input
  let found: Learnt | null = null
  for (let round = 0; round < ROUNDS; round++) {
    const plate = await shapeOf(scan, input, pattern, found?.plate)
    if (plate === undefined) break
    const measured = await measureProfiles(scan, { detections, signal }, plate)
    const seen = seenImages(detections, measured)
    const images = placedImages(seen, (row) => mayRepeat(input, row))
    const next = patternOf(images, { width, height, widthPx: widthOf(plate.shape) }, reachPx)
    const before = pattern?.exposures.length ?? 1
    const isLikely = next !== null && next.exposures.length >= before && next.exposures.length <= most
    const known = isLikely || pattern === null ? null : grouped(images, pattern, input, plate)
    if (isLikely || known !== null) found = { pattern: known ?? next!, plate, seen }
    if (!isLikely || next.exposures.length === before) break
    pattern = next
  }
  return found
}

/** With what every star has besides, as far as that is known; where that makes no sense, without. */
async function shapeOf(
  scan: PositiveScan,
  { detections, fwhmPx, saturationLevel, signal }: PartingInput,
  pattern: ExposurePattern | null,
  before: PlateShape | undefined,
): Promise<PlateShape | undefined> {
  const plateau = saturationLevel === undefined ? undefined : saturationLevel - median(detections.background)
  const common = { detections, fwhmPx, plateau, signal }
  const widthPx = before === undefined ? fwhmPx : widthOf(before.shape)
  const companions = pattern === null ? [] : nearTheDeepest(pattern, widthPx)
  const plain = () => learnPlate(scan, common)
  if (companions.length === 0) return plain()
  return (await learnPlate(scan, { ...common, companions })) ?? plain()
}

const FARTHER = 1.5 // than the exposures that are known
const reachOf = (pattern: ExposurePattern | null, fwhmPx: number): number =>
  FARTHER *
  (pattern?.exposures ?? []).reduce(
    (most, { dx, dy }) => Math.max(most, Math.hypot(dx, dy)),
    2 * NEAR_WIDTHS * fwhmPx,
  )

const LN_PER_MAG = -0.4 * Math.LN10

/** What lies near every image of the deepest exposure. */
function nearTheDeepest({ exposures }: ExposurePattern, widthPx: number): Companion[] {
  return exposures
    .slice(1)
    .filter(({ dx, dy }) => Math.hypot(dx, dy) < NEAR_WIDTHS * widthPx)
    .map(({ dx, dy, magStep }) => ({ dx, dy, lnRatio: LN_PER_MAG * magStep }))
}

const LEAST_TOLERANCE_PX = 1
const TOLERANCE = 4 // times the scatter of the shifts

/**
 * The pattern in the images as they are when they are parted; a part is one of the exposure that it was looked for in.
 *
 * @param kept  of each detection, its place in the list
 */
export function patternAgain(
  d: Detections,
  list: readonly Listed[],
  kept: readonly number[],
  input: PartingInput,
  { pattern: before, plate }: Learnt,
): ExposurePattern {
  const order = Array.from(d.x.keys())
    .filter((row) => Number.isFinite(d.magInst[row]!) && mayRepeat(input, list[kept[row]!]!.like))
    .sort((a, b) => d.magInst[a]! - d.magInst[b]! || a - b)
  const images = { x: d.x, y: d.y, mag: d.magInst, order }
  const pattern = grouped(images, before, input, plate)
  const { member } = pattern
  const rowOf = new Map(kept.map((k, row) => [k, row]))
  kept.forEach((k, row) => {
    const { tied } = list[k]!
    if (tied === null) return
    member[row] = tied.exposure
    const own = rowOf.get(tied.to)
    if (own !== undefined && member[own]! < 0) member[own] = tied.ofExposure
  })
  return pattern
}

/** Images in the pattern of exposures that are known. */
function grouped(
  images: PlacedImages,
  before: ExposurePattern,
  { width, height }: PartingInput,
  plate: PlateShape,
): ExposurePattern {
  const scatter = Math.max(...before.exposures.map(({ scatterPx }) => scatterPx ?? 0))
  const tolerancePx = Math.max(LEAST_TOLERANCE_PX, TOLERANCE * scatter)
  const grouping: Grouping = { images, width, height, fwhmPx: widthOf(plate.shape), tolerancePx }
  const groups = starGroups(grouping, before.exposures)
  const exposures = measuredPattern(grouping, before.exposures, groups)
  const member = new Int8Array(images.x.length).fill(-1)
  for (const group of groups) {
    group.forEach((row, k) => {
      if (row >= 0) member[row] = k
    })
  }
  return { exposures, member, groups }
}
