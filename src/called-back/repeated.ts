// A second pattern: one offset and one step of magnitude at which images that were not matched repeat those that were.
import { type OffsetPeak, offsetHistogram, type PlacedImages } from '../math/offset-histogram.ts'
import { offsetPeaks } from '../math/offset-peaks.ts'

export interface Image {
  /** Row of the detections. */
  row: number
  x: number
  y: number
  mag: number
}

export interface PatternSearch {
  /** Offsets that are looked at, px. */
  leastPx: number
  reachPx: number
  /** Side of the square in which offsets count as one, px. */
  boxPx: number
  width: number
  height: number
  /** How many of the brightest matched images are asked, one search after the other: a ghost shows beside few of them. */
  depths: readonly number[]
  /** Images fainter than this are not all found. */
  faintestMag: number
}

export interface Pattern extends Pick<OffsetPeak, 'dx' | 'dy' | 'magStep' | 'expected' | 'log10Chance'> {
  /** Pairs, one to one, among so many of the brightest matched images. */
  pairs: number
  asked: number
  /** Matched images whose second image would lie on the plate and be bright enough. */
  possible: number
}

const MOST_PARTNERS = 6000
const MIN_PAIRS = 6
const MAX_LOG10_CHANCE = -4

/** The surest pattern; undefined where chance may have made it. */
export function repeatedImages(
  matched: readonly Image[],
  others: readonly Image[],
  search: PatternSearch,
): Pattern | undefined {
  const base = [...matched].sort((a, b) => a.mag - b.mag || a.row - b.row)
  const partners = [...others].sort((a, b) => a.mag - b.mag || a.row - b.row).slice(0, MOST_PARTNERS)
  const depths = search.depths.filter((_, k) => k === 0 || search.depths[k - 1]! < base.length)
  let best: Pattern | undefined
  for (const depth of depths) {
    const own = base.slice(0, depth)
    const histogram = offsetHistogram(columnsOf(own), columnsOf(partners), {
      ...search,
      depth: MOST_PARTNERS,
    })
    for (const peak of offsetPeaks(histogram, MAX_LOG10_CHANCE)) {
      const pairs = Math.min(new Set(peak.from).size, new Set(peak.to).size)
      const log10Chance = peak.log10Chance + Math.log10(depths.length)
      if (pairs < MIN_PAIRS || log10Chance >= (best?.log10Chance ?? MAX_LOG10_CHANCE)) continue
      const { dx, dy, magStep, expected } = peak
      best = {
        dx,
        dy,
        magStep,
        expected,
        log10Chance,
        pairs,
        asked: own.length,
        possible: possible(own, peak, search),
      }
    }
  }
  return best
}

function columnsOf(images: readonly Image[]): PlacedImages {
  const column = (of: (image: Image) => number) => Float64Array.from(images, of)
  return {
    x: column((i) => i.x),
    y: column((i) => i.y),
    mag: column((i) => i.mag),
    order: images.map((_, k) => k),
  }
}

function possible(
  base: readonly Image[],
  { dx, dy, magStep }: OffsetPeak,
  { width, height, faintestMag }: PatternSearch,
): number {
  return base.filter(({ x, y, mag }) => {
    const [toX, toY] = [x + dx, y + dy]
    return toX > 0 && toY > 0 && toX <= width && toY <= height && mag + magStep <= faintestMag
  }).length
}
