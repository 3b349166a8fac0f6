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

const ROUNDS = 4

/**
 * Images that fits add to blends repeat as detections do: exposures that hardly show in detections are found by them.
 *
 * @returns null where there is nothing to go by, or less was found than the logbook counts: what is hidden in the images then
 *   would take the places of the others along
 */
export async function learnPattern(scan: PositiveScan, input: PartingInput): Promise<Learnt | null> {
  const logged = input.logged ?? 0
  let { pattern } = input
  let found: Learnt | null = null
  for (let round = 0; round < ROUNDS; round++) {
    const before = pattern?.exposures.length ?? 1
    const companions: Companion[] = pattern === null ? [] : nearTheDeepest(pattern, widthIn(found, input))
    const plate = await shapeOf(scan, input, companions)
    if (plate === undefined) break
    const plain = await lookedAt(scan, input, plate, pattern)
    found = plain ?? found
    const isHidden = Math.max(before, plain?.pattern.exposures.length ?? 0) < logged
    const hidden: PlateShape | undefined = isHidden
      ? await withHidden(scan, input, companions, plate)
      : undefined
    const better: Learnt | null | undefined = hidden && (await lookedAt(scan, input, hidden, pattern))
    if (better && better.pattern.exposures.length > before) found = better
    if ((found?.pattern.exposures.length ?? 0) <= before) break
    pattern = found!.pattern
  }
  return found !== null && found.pattern.exposures.length >= logged ? found : null
}

const widthIn = (found: Learnt | null, { fwhmPx }: PartingInput): number =>
  found === null ? fwhmPx : widthOf(found.plate.shape)

/** With what every star has besides, as far as that is known; where that makes no sense, without. */
async function shapeOf(
  scan: PositiveScan,
  { detections, fwhmPx, saturationLevel, signal }: PartingInput,
  companions: readonly Companion[],
): Promise<PlateShape | undefined> {
  const plateau = saturationLevel === undefined ? undefined : saturationLevel - median(detections.background)
  const common = { detections, fwhmPx, plateau, signal }
  const plain = () => learnPlate(scan, common)
  if (companions.length === 0) return plain()
  return (await learnPlate(scan, { ...common, companions })) ?? plain()
}

/** The images that are seen with this shape, and the pattern in them: at least what was known, at most what is likely. */
async function lookedAt(
  scan: PositiveScan,
  input: PartingInput,
  plate: PlateShape,
  known: ExposurePattern | null,
): Promise<Learnt | null> {
  const { detections, fwhmPx, signal, width, height, logged } = input
  const measured = await measureProfiles(scan, { detections, signal }, plate)
  const seen = seenImages(detections, measured)
  const images = placedImages(seen, (row) => mayRepeat(input, row))
  const size = { width, height, widthPx: widthOf(plate.shape) }
  const found = patternOf(images, size, reachOf(input.pattern, fwhmPx))
  const most = Math.max(input.pattern?.exposures.length ?? 2, logged ?? 0)
  const count = found?.exposures.length ?? 0
  const isLikely = count >= Math.max(2, known?.exposures.length ?? 0) && count <= most
  if (isLikely) return { pattern: found!, plate, seen }
  return known && { pattern: grouped(images, known, input, plate), plate, seen }
}

const LEAST_LONG = 0.05 // stretch of the shape: rounder images hide nothing
const HIDDEN_WIDTHS = 1.4 // where a hidden companion is looked for
const HIDDEN_LN = -1
const FAINTEST_LN = -2.5
const ROUNDER = 0.8

/** A companion that is part of all images makes the plate's shape long: the shape with one more, where that is round. */
async function withHidden(
  scan: PositiveScan,
  input: PartingInput,
  companions: readonly Companion[],
  { shape }: PlateShape,
): Promise<PlateShape | undefined> {
  const stretch = Math.hypot(shape.e1, shape.e2)
  if (stretch < LEAST_LONG) return undefined
  const along = 0.5 * Math.atan2(-shape.e2, -shape.e1)
  const apart = HIDDEN_WIDTHS * widthOf(shape)
  let best: PlateShape | undefined
  let least = ROUNDER * stretch
  for (const angle of [along, along + Math.PI]) {
    const hidden = { dx: apart * Math.cos(angle), dy: apart * Math.sin(angle), lnRatio: HIDDEN_LN }
    const tried = await shapeOf(scan, input, [...companions, hidden])
    const last = tried?.companions[companions.length]
    if (!tried || !last || last.lnRatio < FAINTEST_LN) continue
    const left = Math.hypot(tried.shape.e1, tried.shape.e2)
    if (left >= least) continue
    best = tried
    least = left
  }
  return best
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
