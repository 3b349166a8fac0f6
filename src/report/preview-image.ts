// The scan as a small grey picture: read in strips, averaged in blocks, stretched, dark stars on a light sky as on the
// glass (it prints, and coloured marks stand out), with y growing upwards as in FITS.
import { PNG } from 'pngjs'
import { openFitsImage } from '../fits/image.ts'
import { MAD_TO_SIGMA, median, quantileOfSorted, sorted } from '../math/robust.ts'

export interface PreviewImage {
  /** Size of the scan, px. */
  scanWidth: number
  scanHeight: number
  /** Pixels of the scan along the side of one of the picture. */
  blockPx: number
  /** Size of the picture; its last column and its top row may be averages of incomplete blocks. */
  width: number
  height: number
  png: Buffer
}

const LONG_SIDE_PX = 1100
const STRIP_VALUES = 2_000_000

/** The picture of a positive scan. Holds one strip of it at a time. */
export async function previewImage(path: string): Promise<PreviewImage> {
  const scan = await openFitsImage(path)
  try {
    const { width: scanWidth, height: scanHeight } = scan
    const blockPx = Math.max(1, Math.ceil(Math.max(scanWidth, scanHeight) / LONG_SIDE_PX))
    const width = Math.ceil(scanWidth / blockPx)
    const height = Math.ceil(scanHeight / blockPx)
    const levels = new Float64Array(width * height)
    const blocksAtOnce = Math.max(1, Math.floor(STRIP_VALUES / (scanWidth * blockPx)))
    for (let first = 0; first < height; first += blocksAtOnce) {
      const y0 = first * blockPx
      const rows = Math.min(blocksAtOnce * blockPx, scanHeight - y0)
      const strip = await scan.readRows(y0, rows)
      averageBlocks(strip, scanWidth, blockPx, levels.subarray(first * width))
    }
    return { scanWidth, scanHeight, blockPx, width, height, png: greyPicture(levels, width, height) }
  } finally {
    await scan.close()
  }
}

/** Means of square blocks of a strip of rows, blanks (NaN) left out; NaN where all of a block is blank. */
function averageBlocks(strip: Float64Array, scanWidth: number, blockPx: number, into: Float64Array): void {
  const width = Math.ceil(scanWidth / blockPx)
  const rows = strip.length / scanWidth
  const sums = new Float64Array(width)
  const counts = new Int32Array(width)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < scanWidth; x++) {
      const value = strip[y * scanWidth + x]!
      if (Number.isNaN(value)) continue
      const block = Math.floor(x / blockPx)
      sums[block]! += value
      counts[block]!++
    }
    if ((y + 1) % blockPx === 0 || y === rows - 1) {
      const row = Math.floor(y / blockPx) * width
      for (let block = 0; block < width; block++) into[row + block] = sums[block]! / counts[block]!
      sums.fill(0)
      counts.fill(0)
    }
  }
}

// The stretch: linear over a few sigmas of the sky, logarithmic above. Levels in sigmas from the median of the sky.
const BLACKEST_SIGMA = 1.5
const SOFTENING_SIGMA = 6
const TOP_QUANTILE = 0.998
const LEAST_RANGE_SIGMA = 5
const PAPER = 250 // grey level of the faintest; the figure keeps an edge against the white page
const SAMPLE = 100_000

/** Levels of a positive scan, its rows upwards, as a PNG with dark stars; NaN is paper. */
export function greyPicture(levels: Float64Array, width: number, height: number): Buffer {
  const step = Math.max(1, Math.floor(levels.length / SAMPLE))
  const sample = sorted(levels.filter((_, i) => i % step === 0))
  const sky = quantileOfSorted(sample, 0.5)
  const spread = MAD_TO_SIGMA * median(sample.map((v) => Math.abs(v - sky)))
  const top = quantileOfSorted(sample, TOP_QUANTILE)
  const sigma = spread > 0 ? spread : Math.max(top - sky, 1) / LEAST_RANGE_SIGMA
  const black = sky - BLACKEST_SIGMA * sigma
  const white = Math.max(top, sky + LEAST_RANGE_SIGMA * sigma)
  const stretched = (v: number) => Math.asinh((v - black) / (SOFTENING_SIGMA * sigma))
  const png = new PNG({ width, height, colorType: 0, inputColorType: 0, inputHasAlpha: false })
  const grey = Buffer.alloc(width * height, PAPER)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = stretched(levels[y * width + x]!) / stretched(white)
      if (Number.isNaN(share)) continue // blank: paper
      grey[(height - 1 - y) * width + x] = Math.round(PAPER * (1 - Math.min(1, Math.max(0, share))))
    }
  }
  png.data = grey
  return PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false, deflateLevel: 9 })
}
