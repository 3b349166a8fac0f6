// Whether the stars are brighter or darker than the sky: counted on the pixels, because headers lie and half of all
// archives deliver negatives. Stars are compact: within a few pixels, in every direction, they are gone. Nebulae, label
// edges, hairs and scratches are not. The measure is antisymmetric: the same plate inverted gives the opposite answer.

import { throwIfCancelled } from '../../errors.ts'
import type { ImageSource } from '../../fits/image.ts'
import { median } from '../../math/robust.ts'

/** A tile must hold many stars' breadths also when images are 30 px wide, yet few tiles must be quick to read. */
const TILE_PX = 256
/** Tiles along each side; the second number where the first has found too few stars to be sure. */
const TILES_PER_SIDE = [8, 32] as const
/** Images of 2 to 30 px FWHM are 2 to 4 px wide in one of these. */
const BINNINGS = [1, 2, 4, 8] as const
/** Radius of the ring that must be sky, binned pixels: twice the FWHM of a star at its best binning. */
const RING_RADIUS = 6
/** Samples of the ring whose median is the sky. */
const RING_SAMPLES = 16
/** Samples that nothing slips through: everything on them must have fallen below half, or it is a hair, or an edge. */
const CLOSED_RING_SAMPLES = 40
/** Emulsion grain reaches 5σ by chance in a few of the 4 million pixels sampled; 8σ never. */
const MIN_AMPLITUDE_SIGMA = 8
/** The answer is sure from this ratio and this surplus in σ of counting on: 12 to 1, 20 to 5, 100 to 50. */
const SURE_RATIO = 2
const SURE_SURPLUS = 3

export interface Polarity {
  polarity: 'positive' | 'negative'
  sure: boolean
  /** Counts of compact extrema on both sides of the sky, and the ratio of the larger to the smaller. */
  evidence: Record<string, number>
}

interface Extrema {
  bright: number
  dark: number
}

/** Measures the polarity on 64 tiles spread over the scan, on up to 1024 where these do not make it sure. */
export async function measurePolarity(scan: ImageSource, signal?: AbortSignal): Promise<Polarity> {
  const [few, many] = TILES_PER_SIDE
  const quick = await measureTiles(scan, few, signal)
  const coversAll = Math.max(scan.width, scan.height) <= few * TILE_PX
  return quick.sure || coversAll ? quick : measureTiles(scan, many, signal)
}

async function measureTiles(scan: ImageSource, perSide: number, signal?: AbortSignal): Promise<Polarity> {
  const perBinning = BINNINGS.map((): Extrema => ({ bright: 0, dark: 0 }))
  const [columnCount, rowCount] = [Math.min(TILE_PX, scan.width), Math.min(TILE_PX, scan.height)]
  let tiles = 0
  for (const y0 of starts(scan.height, perSide)) {
    throwIfCancelled(signal)
    const rows = await scan.readRows(y0, rowCount)
    for (const x0 of starts(scan.width, perSide)) {
      tiles++
      for (const [k, binning] of BINNINGS.entries()) {
        const found = countExtrema(binTile(rows, scan.width, x0, columnCount, rowCount, binning))
        perBinning[k].bright += found.bright
        perBinning[k].dark += found.dark
      }
    }
  }
  return decide(perBinning, tiles)
}

/** Where up to `perSide` tiles begin, evenly from edge to edge. */
function starts(length: number, perSide: number): number[] {
  const count = Math.max(1, Math.min(perSide, Math.round(length / TILE_PX)))
  const last = Math.max(0, length - TILE_PX)
  if (count === 1) return [Math.floor(last / 2)]
  return Array.from({ length: count }, (_, i) => Math.round((last * i) / (count - 1)))
}

/** The binning that shows the larger surplus speaks: that is the one that suits the images of this plate. */
function decide(perBinning: Extrema[], tiles: number): Polarity {
  const surplus = (e: Extrema) => Math.abs(e.bright - e.dark) / Math.sqrt(Math.max(1, e.bright + e.dark))
  let best = 0
  for (let k = 1; k < perBinning.length; k++) if (surplus(perBinning[k]) > surplus(perBinning[best])) best = k
  const { bright, dark } = perBinning[best]
  const ratio = Math.max(bright, dark) / Math.max(1, Math.min(bright, dark))
  return {
    polarity: dark > bright ? 'negative' : 'positive',
    sure: ratio >= SURE_RATIO && surplus(perBinning[best]) >= SURE_SURPLUS,
    evidence: { bright, dark, ratio, binning: BINNINGS[best], tiles },
  }
}

interface Tile {
  values: Float64Array
  width: number
  height: number
}

function binTile(
  rows: Float64Array,
  rowLength: number,
  x0: number,
  columnCount: number,
  rowCount: number,
  binning: number,
): Tile {
  const width = Math.floor(columnCount / binning)
  const height = Math.floor(rowCount / binning)
  const values = new Float64Array(width * height)
  const weight = 1 / (binning * binning)
  for (let y = 0; y < height * binning; y++) {
    const from = y * rowLength + x0
    const to = Math.floor(y / binning) * width
    for (let x = 0; x < width * binning; x++) values[to + Math.floor(x / binning)] += rows[from + x] * weight
  }
  return { values, width, height }
}

/** Pixels of a ring about the origin, without repetition. */
function ringOf(samples: number): [dx: number, dy: number][] {
  const seen = new Map<string, [number, number]>()
  for (let k = 0; k < samples; k++) {
    const angle = (2 * Math.PI * k) / samples
    const pixel: [number, number] = [
      Math.round(RING_RADIUS * Math.cos(angle)),
      Math.round(RING_RADIUS * Math.sin(angle)),
    ]
    seen.set(pixel.join(), pixel)
  }
  return [...seen.values()]
}

const RING = ringOf(RING_SAMPLES)
const CLOSED_RING = ringOf(CLOSED_RING_SAMPLES)

function countExtrema({ values, width, height }: Tile): Extrema {
  const found = { bright: 0, dark: 0 }
  if (width < 2 * RING_RADIUS + 3 || height < 2 * RING_RADIUS + 3) return found
  const offsets = RING.map(([dx, dy]) => dy * width + dx)
  const closed = CLOSED_RING.map(([dx, dy]) => dy * width + dx)
  const ring = new Float64Array(RING_SAMPLES)
  const aboveRing = (i: number) => {
    for (let k = 0; k < RING_SAMPLES; k++) ring[k] = values[i + offsets[k]]
    ring.sort()
    return values[i] - (ring[RING_SAMPLES / 2 - 1] + ring[RING_SAMPLES / 2]) / 2
  }
  const threshold = MIN_AMPLITUDE_SIGMA * ringNoise(width, height, aboveRing)
  if (!(threshold > 0)) return found
  for (let y = RING_RADIUS; y < height - RING_RADIUS; y++) {
    for (let x = RING_RADIUS; x < width - RING_RADIUS; x++) {
      const i = y * width + x
      const side = extremum(values, width, i)
      if (side === 0) continue
      const amplitude = side * aboveRing(i)
      if (!(amplitude > threshold)) continue
      const half = side * values[i] - amplitude / 2
      if (closed.some((offset) => !(side * values[i + offset] < half))) continue
      if (side > 0) found.bright++
      else found.dark++
    }
  }
  return found
}

/** 1 where the pixel is above its eight neighbours, −1 where below; of equal ones the first in the row counts. */
function extremum(values: Float64Array, width: number, i: number): -1 | 0 | 1 {
  const v = values[i]
  const before = [i - width - 1, i - width, i - width + 1, i - 1]
  const after = [i + 1, i + width - 1, i + width, i + width + 1]
  if (before.every((j) => v > values[j]) && after.every((j) => v >= values[j])) return 1
  if (before.every((j) => v < values[j]) && after.every((j) => v <= values[j])) return -1
  return 0
}

/** σ of a pixel against its ring, from a grid of about 500 pixels; 0 where the tile is blank. */
function ringNoise(width: number, height: number, aboveRing: (i: number) => number): number {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / 500)))
  const differences: number[] = []
  let largest = 0
  for (let y = RING_RADIUS; y < height - RING_RADIUS; y += step) {
    for (let x = RING_RADIUS; x < width - RING_RADIUS; x += step) {
      const difference = aboveRing(y * width + x)
      if (Number.isNaN(difference)) continue
      differences.push(Math.abs(difference))
      largest = Math.max(largest, Math.abs(difference))
    }
  }
  if (differences.length === 0) return 0
  // A tile of clipped sky has no noise at all: then what stands out stands out from the steps of the digits.
  return Math.max(1.4826 * median(differences), largest * 1e-3)
}
