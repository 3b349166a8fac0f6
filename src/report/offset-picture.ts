// How often each offset between two images occurs, as a small grey picture: the darker, the more pairs.
import { PNG } from 'pngjs'
import type { OffsetHistogram } from '../math/offset-histogram.ts'

export interface OffsetPicture {
  /** From the middle of the picture to its sides, px of the scan. */
  extentPx: number
  /** Side of a cell (one pixel of the picture), px of the scan. */
  cellPx: number
  /** Pairs per cell, its rows from the top (largest dy) down. */
  counts: Int32Array
  /** Cells along each side. */
  cells: number
  most: number
  png: Buffer
}

/**
 * @param cells  along each side, an even number: no cell lies on both sides of an axis
 * Pairs that the histogram holds once are drawn at both ends: which of two images is the first is arbitrary.
 */
export function offsetPicture(histogram: OffsetHistogram, extentPx: number, cells: number): OffsetPicture {
  const cellPx = (2 * extentPx) / cells
  const counts = new Int32Array(cells * cells)
  const add = (dx: number, dy: number) => {
    const column = Math.floor((dx + extentPx) / cellPx)
    const row = Math.floor((extentPx - dy) / cellPx)
    if (column >= 0 && column < cells && row >= 0 && row < cells) counts[row * cells + column]!++
  }
  for (let k = 0; k < histogram.dx.length; k++) {
    const [dx, dy] = [histogram.dx[k]!, histogram.dy[k]!]
    add(dx, dy)
    if (histogram.half) add(-dx, -dy)
  }
  const most = counts.reduce((a, b) => Math.max(a, b), 0)
  const png = new PNG({ width: cells, height: cells, colorType: 0, inputColorType: 0, inputHasAlpha: false })
  png.data = Buffer.from(counts.map((count) => greyOf(count, most)))
  const written = PNG.sync.write(png, {
    ...{ colorType: 0, inputColorType: 0, inputHasAlpha: false, deflateLevel: 9 },
  })
  return { extentPx, cellPx, counts, cells, most, png: written }
}

const PAPER = 255
const INK = 20

/** By the square root of the number, whose scatter is alike everywhere: few pairs are seen beside many. */
export function greyOf(count: number, most: number): number {
  return Math.round(PAPER - (PAPER - INK) * Math.sqrt(count / Math.max(1, most)))
}
