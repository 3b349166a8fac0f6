// The pattern of the exposures: how many there are, by how much each is shifted and fainter, and which images belong to each.
// It begins with the offset that repeats most surely and grows by what the stars that have images there have besides.
import {
  type OffsetHistogram,
  type OffsetPeak,
  offsetHistogram,
  type PlacedImages,
} from '../../math/offset-histogram.ts'
import { offsetPeaks } from '../../math/offset-peaks.ts'
import {
  depthOf,
  type Grouping,
  type MeasuredExposure,
  measuredPattern,
  type PatternExposure,
  type StarGroup,
  starGroups,
} from './star-groups.ts'

export interface ExposurePattern {
  /** The deepest first, at 0, 0, 0. */
  exposures: MeasuredExposure[]
  /** Per row of the images: its exposure; −1 where its partners do not tell, or it has none. */
  member: Int8Array
  /** The images of each star that has two or more. */
  groups: readonly StarGroup[]
}

export interface PatternSearch {
  images: PlacedImages
  width: number
  height: number
  fwhmPx: number
  /** Exposures are shifted by no more than this, px. */
  reachPx: number
}

/** The pairs of all images up to one depth, and the offsets that repeat. */
export interface RepeatedOffsets {
  histogram: OffsetHistogram
  /** The surest first. */
  peaks: OffsetPeak[]
  boxPx: number
}

/** Few bright images tell the most on a crowded plate, all of them on an empty one with flaws. */
const DEPTHS = [150, 600, 2400]
/** Boxes in image widths: for shifts that are alike over the plate, and for those that a turn of the field or distortion changes. */
const BOXES_FWHM = [0.6, 2.4]
const LEAST_BOX_PX = 2
const LEAST_OFFSET_FWHM = 0.8
/** One peak in a million histograms: an archive has a million plates. */
const SURE = -6

/** Pairs in one histogram: on a small scan fewer images have as many. */
const MOST_PAIRS = 300_000

/** The histograms of all depths and boxes, that with the surest peak first. */
export function repeatedOffsets({
  images,
  width,
  height,
  fwhmPx,
  reachPx,
}: PatternSearch): RepeatedOffsets[] {
  const found: RepeatedOffsets[] = []
  const withinReach = Math.min(1, (Math.PI * reachPx ** 2) / (width * height))
  const deepest = Math.floor(Math.sqrt((2 * MOST_PAIRS) / withinReach))
  for (const box of BOXES_FWHM) {
    const boxPx = Math.max(LEAST_BOX_PX, box * fwhmPx)
    for (const depth of DEPTHS.map((images) => Math.min(images, deepest))) {
      const search = { reachPx, leastPx: LEAST_OFFSET_FWHM * fwhmPx, boxPx, depth }
      const histogram = offsetHistogram(images, null, search)
      found.push({ histogram, peaks: offsetPeaks(histogram, SURE), boxPx })
      if (depth >= images.order.length) break
    }
  }
  const surest = ({ peaks }: RepeatedOffsets) => peaks[0]?.log10Chance ?? 0
  return found.sort((a, b) => surest(a) - surest(b))
}

const MOST_EXPOSURES = 12 // a focusing plate has about ten
/** Further exposures may lie this many times as far off as any two need to be apart. */
const CHAIN = 3

/** The pattern that the surest peak is part of. */
export function exposurePattern(search: PatternSearch, peak: OffsetPeak, boxPx: number): ExposurePattern {
  const grouping: Grouping = { ...search, tolerancePx: boxPx }
  let exposures: PatternExposure[] = [
    { dx: 0, dy: 0, magStep: 0 },
    { dx: peak.dx, dy: peak.dy, magStep: peak.magStep },
  ]
  let groups = starGroups(grouping, exposures)
  while (exposures.length < MOST_EXPOSURES) {
    exposures = measuredPattern(grouping, exposures, groups)
    const next = nextExposure(search, exposures, groups, boxPx)
    if (next === undefined) break
    exposures = [...exposures, next]
    groups = starGroups(grouping, exposures)
  }
  return deepestFirst(grouping, exposures, groups)
}

/** Of the stars that have two images, this share must have one more, where it should be seen. */
const LEAST_SHARE = 0.2
const GROWN = -3 // log₁₀ of chance: with many stars known to repeat, one more exposure is no surprise
const LEAST_PAIRS = 4

const NEAR_BOXES = 24 // up to this many boxes away exposures may touch each other, and the box must be small
const FAR_BOXES = 120 // a box farther out may be larger: so many reach to the end
const ANCHORS = 400 // stars are enough
const REST = 2400 // images that they may have besides, from the brightest

/** What most stars of the pattern have besides, at one offset. */
function nextExposure(
  { images, width, height, fwhmPx, reachPx }: PatternSearch,
  exposures: readonly PatternExposure[],
  groups: readonly StarGroup[],
  boxPx: number,
): PatternExposure | undefined {
  // The star's place in the first exposure, from its brightest image.
  const stars = groups.slice(0, ANCHORS).map((group) => {
    const k = group.reduce(
      (best, row, j) => (row >= 0 && (best < 0 || images.mag[row]! < images.mag[group[best]!]!) ? j : best),
      -1,
    )
    const { dx, dy, magStep } = exposures[k]!
    const row = group[k]!
    return { x: images.x[row]! - dx, y: images.y[row]! - dy, mag: images.mag[row]! - magStep }
  })
  const anchors: PlacedImages = {
    x: stars.map(({ x }) => x),
    y: stars.map(({ y }) => y),
    mag: stars.map(({ mag }) => mag),
    order: stars.map((_, n) => n),
  }
  const farPx = Math.min(CHAIN * reachPx, Math.hypot(width, height) / 2)
  const nearPx = Math.min(NEAR_BOXES * boxPx, farPx)
  // Exposures may nearly touch each other, but there are few of them to look beside in a small box.
  const searches = [
    ...exposures.map(({ dx, dy }) => ({ x0: dx, y0: dy, reachPx: nearPx, boxPx })),
    { x0: 0, y0: 0, reachPx: farPx, boxPx: Math.max(boxPx, farPx / FAR_BOXES) },
  ]
  const limit = depthOf(images)
  const [best] = searches
    .flatMap(({ x0, y0, ...search }) => {
      const from = { ...anchors, x: stars.map(({ x }) => x + x0), y: stars.map(({ y }) => y + y0) }
      const common = { leastPx: LEAST_OFFSET_FWHM * fwhmPx, depth: REST }
      const peaks = offsetPeaks(offsetHistogram(from, images, { ...search, ...common }), GROWN)
      const found = peaks.map((peak) => ({ ...peak, dx: peak.dx + x0, dy: peak.dy + y0 }))
      return found.filter((peak) => {
        const apart = exposures.every((e) => Math.hypot(e.dx - peak.dx, e.dy - peak.dy) > search.boxPx)
        const due = stars.filter(({ x, y, mag }) => {
          const [px, py] = [x + peak.dx, y + peak.dy]
          return mag + peak.magStep < limit && px > 1 && py > 1 && px < width && py < height
        }).length
        return apart && peak.pairs >= Math.max(LEAST_PAIRS, LEAST_SHARE * due)
      })
    })
    .sort((p, q) => p.log10Chance - q.log10Chance)
  return best
}

const SETTLING_ROUNDS = 2

/** The pattern with its deepest exposure first, measured again as the groups grow sharper. */
function deepestFirst(
  grouping: Grouping,
  found: readonly PatternExposure[],
  before: readonly StarGroup[],
): ExposurePattern {
  const { images } = grouping
  const steps = measuredPattern(grouping, found, before)
  const deepest = steps.reduce((a, b) => (b.magStep < a.magStep ? b : a))
  let exposures: MeasuredExposure[] = steps
    .map((e) => ({
      ...e,
      dx: e.dx - deepest.dx,
      dy: e.dy - deepest.dy,
      magStep: e.magStep - deepest.magStep,
    }))
    .sort((a, b) => a.magStep - b.magStep || a.dx - b.dx || a.dy - b.dy)
  let { tolerancePx } = grouping
  let groups: readonly StarGroup[] = []
  for (let round = 0; round < SETTLING_ROUNDS; round++) {
    groups = starGroups({ ...grouping, tolerancePx }, exposures)
    exposures = measuredPattern(grouping, exposures, groups)
    const scatter = Math.max(...exposures.map((e) => e.scatterPx ?? 0))
    tolerancePx = Math.min(grouping.tolerancePx, Math.max(1, 4 * scatter))
  }
  const member = new Int8Array(images.x.length).fill(-1)
  for (const group of groups) {
    group.forEach((row, k) => {
      if (row >= 0) member[row] = k
    })
  }
  return { exposures, member, groups }
}
