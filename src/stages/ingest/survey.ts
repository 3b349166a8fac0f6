// The first look at every pixel: extremes, blanks, the noise of each block, and a thumbnail on which the usable area is
// found. In strips; of a plate of 30,000 px nothing larger than the thumbnail stays.

import { throwIfCancelled } from '../../errors.ts'
import type { ImageSource } from '../../fits/image.ts'
import { MAD_TO_SIGMA, median } from '../../math/robust.ts'

/** Thumbnails have at most so many cells along their longer side: a rebate's edge is sharp on them, and they are quick. */
const MAX_CELLS = 1500
/** Cells along the side of a block: enough that a block's median is of sky wherever there is some. */
export const CELLS_PER_BLOCK = 16
const NOISE_SAMPLES = 400

export interface Survey {
  width: number
  height: number
  min: number
  max: number
  /** Pixels that are NaN. */
  blankPixels: number
  /** True where every value is a whole number. */
  wholeNumbers: boolean
  cellPx: number
  /** Thumbnail: means of cellPx × cellPx pixels; NaN where more than half of them are blank. */
  cells: Float32Array
  cellColumns: number
  cellRows: number
  blockPx: number
  blockColumns: number
  blockRows: number
  /** σ of neighbouring pixels in each block, free of gradients; NaN where the block is blank. */
  blockNoise: Float64Array
}

/** Reads the scan once, in strips of one block. */
export async function surveyScan(scan: ImageSource, signal?: AbortSignal): Promise<Survey> {
  const { width, height } = scan
  const cellPx = Math.max(1, Math.ceil(Math.max(width, height) / MAX_CELLS))
  const blockPx = cellPx * CELLS_PER_BLOCK
  const cellColumns = Math.ceil(width / cellPx)
  const cellRows = Math.ceil(height / cellPx)
  const blockColumns = Math.ceil(width / blockPx)
  const blockRows = Math.ceil(height / blockPx)
  const survey: Survey = {
    width,
    height,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    blankPixels: 0,
    wholeNumbers: true,
    cellPx,
    cells: new Float32Array(cellColumns * cellRows),
    cellColumns,
    cellRows,
    blockPx,
    blockColumns,
    blockRows,
    blockNoise: new Float64Array(blockColumns * blockRows).fill(Number.NaN),
  }
  for (let blockRow = 0; blockRow < blockRows; blockRow++) {
    throwIfCancelled(signal)
    const y0 = blockRow * blockPx
    const rows = await scan.readRows(y0, Math.min(blockPx, height - y0))
    addExtremes(survey, rows)
    addCells(survey, rows, y0)
    addNoise(survey, rows, blockRow)
  }
  return survey
}

function addExtremes(survey: Survey, rows: Float64Array): void {
  let { min, max, blankPixels, wholeNumbers } = survey
  for (let i = 0; i < rows.length; i++) {
    const v = rows[i]
    if (v < min) min = v
    if (v > max) max = v
    if (Number.isNaN(v)) blankPixels++
    else if (wholeNumbers && v !== Math.floor(v)) wholeNumbers = false
  }
  Object.assign(survey, { min, max, blankPixels, wholeNumbers })
}

function addCells(survey: Survey, rows: Float64Array, y0: number): void {
  const { width, cellPx, cellColumns, cells } = survey
  const rowCount = rows.length / width
  const sums = new Float64Array(cellColumns)
  const counts = new Int32Array(cellColumns)
  for (let y = 0; y < rowCount; y += cellPx) {
    sums.fill(0)
    counts.fill(0)
    const end = Math.min(y + cellPx, rowCount)
    for (let yy = y; yy < end; yy++) {
      const row = yy * width
      for (let column = 0, x = 0; column < cellColumns; column++) {
        const stop = Math.min(x + cellPx, width)
        for (; x < stop; x++) {
          const v = rows[row + x]
          if (Number.isNaN(v)) continue
          sums[column] += v
          counts[column]++
        }
      }
    }
    const to = ((y0 + y) / cellPx) * cellColumns
    for (let column = 0; column < cellColumns; column++) {
      const pixels = (end - y) * (Math.min((column + 1) * cellPx, width) - column * cellPx)
      cells[to + column] = counts[column] * 2 >= pixels ? sums[column] / counts[column] : Number.NaN
    }
  }
}

/** Differences of pixels two apart, since scanners blur neighbours into one another; the median does not see stars. */
function addNoise(survey: Survey, rows: Float64Array, blockRow: number): void {
  const { width, blockPx, blockColumns, blockNoise } = survey
  const rowCount = rows.length / width
  const differences = new Float64Array(NOISE_SAMPLES)
  for (let column = 0; column < blockColumns; column++) {
    const x0 = column * blockPx
    const columnCount = Math.min(blockPx, width - x0) - 2
    const pixels = columnCount * rowCount
    const step = Math.max(1, Math.floor(pixels / NOISE_SAMPLES))
    let count = 0
    for (let k = 0; k < pixels && count < NOISE_SAMPLES; k += step) {
      const i = Math.floor(k / columnCount) * width + x0 + (k % columnCount)
      const difference = Math.abs(rows[i + 2] - rows[i])
      if (!Number.isNaN(difference)) differences[count++] = difference
    }
    if (count >= NOISE_SAMPLES / 10)
      blockNoise[blockRow * blockColumns + column] =
        (MAD_TO_SIGMA * median(differences.subarray(0, count))) / Math.SQRT2
  }
}
