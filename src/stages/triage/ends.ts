// How lines end: a trail as sharply as its images are wide, a spectrum fading, so that it is longer the lower one looks.
import type { Extent, ImageExtent } from '../../image-extents.ts'
import { median } from '../../math/robust.ts'
import { DEG } from '../../math/sphere.ts'

export interface Ends {
  /** Images that are longer than wide along the common direction. */
  lines: number
  /** Typical length and width at half their height, px. */
  lengthPx: number
  widthPx: number
  /** From half to a quarter of their height: growth in length over growth in width. */
  growth: number
}

const LEAST_LINES = 5
const LONGER = 1.3 // than wide, or it is no line

/**
 * @param images  measured on pixels that are means of binPx × binPx of the scan
 * @returns undefined where lines are too few
 */
export function endsOf(images: readonly ImageExtent[], angleDeg: number, binPx: number): Ends | undefined {
  const [c, s] = [Math.cos(angleDeg * DEG), Math.sin(angleDeg * DEG)]
  // Of an even line: its length over the standard deviation of its pixels.
  const side = (variance: number) => Math.sqrt(12 * Math.max(0, variance))
  const along = ({ xx, xy, yy }: Extent) => side(xx * c * c + 2 * xy * c * s + yy * s * s)
  const across = ({ xx, xy, yy }: Extent) => side(xx * s * s - 2 * xy * c * s + yy * c * c)
  const lines = images
    .map(({ half, quarter }) => ({
      length: along(half),
      width: across(half),
      longer: along(quarter) - along(half),
      wider: across(quarter) - across(half),
    }))
    .filter(({ length, width }) => length > LONGER * width)
  if (lines.length < LEAST_LINES) return undefined
  return {
    lines: lines.length,
    lengthPx: binPx * median(lines.map((line) => line.length)),
    widthPx: binPx * median(lines.map((line) => line.width)),
    growth: median(lines.map((line) => line.longer)) / Math.max(0.1, median(lines.map((line) => line.wider))),
  }
}
