// The first witness of the polarity: compact images on both sides of the sky. Stars are compact: within a few pixels, in
// every direction, they are gone. Nebulae, label edges, hairs and scratches are not.

import { median } from '../../../math/robust.ts'
import { RING_RADIUS, ringContrast, ringOf, sampleContrast, type Tile } from './tile.ts'

/** Samples that nothing slips through: everything on them must have fallen below half, or it is a hair, or an edge. */
const CLOSED_RING_SAMPLES = 40
/** Emulsion grain reaches 5σ by chance in a few of the 4 million pixels sampled; 8σ never. */
const MIN_AMPLITUDE_SIGMA = 8
/** Pixels of a tile whose contrast tells its noise. */
const NOISE_SAMPLES = 500
/** The answer is sure from this ratio and this surplus in σ of counting on: 12 to 1, 20 to 5, 100 to 50. */
const SURE_RATIO = 2
const SURE_SURPLUS = 3

export interface Extrema {
  bright: number
  dark: number
}

export interface CompactWitness extends Extrema {
  /** 1 where the stars are bright, −1 where they are dark. */
  side: 1 | -1
  sure: boolean
  /** Of the larger count to the smaller. */
  ratio: number
  /** Index of the binning that was heard. */
  k: number
}

/** The binning that shows the larger surplus speaks: that is the one that suits the images of this plate. */
export function hearCompact(perBinning: readonly Extrema[]): CompactWitness {
  const surplus = (e: Extrema) => Math.abs(e.bright - e.dark) / Math.sqrt(Math.max(1, e.bright + e.dark))
  let k = 0
  for (let j = 1; j < perBinning.length; j++) if (surplus(perBinning[j]) > surplus(perBinning[k])) k = j
  const { bright, dark } = perBinning[k]
  const ratio = Math.max(bright, dark) / Math.max(1, Math.min(bright, dark))
  const sure = ratio >= SURE_RATIO && surplus(perBinning[k]) >= SURE_SURPLUS
  return { bright, dark, ratio, k, sure, side: dark > bright ? -1 : 1 }
}

const CLOSED_RING = ringOf(CLOSED_RING_SAMPLES)

export function countExtrema(tile: Tile): Extrema {
  const { values, width, height } = tile
  const found = { bright: 0, dark: 0 }
  if (width < 2 * RING_RADIUS + 3 || height < 2 * RING_RADIUS + 3) return found
  const closed = CLOSED_RING.map(([dx, dy]) => dy * width + dx)
  const aboveRing = ringContrast(tile)
  const threshold = MIN_AMPLITUDE_SIGMA * ringNoise(sampleContrast(tile, aboveRing, NOISE_SAMPLES))
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

/** σ of a pixel against its ring; 0 where the tile is blank. */
function ringNoise(contrasts: readonly number[]): number {
  if (contrasts.length === 0) return 0
  const sizes = contrasts.map(Math.abs)
  const largest = sizes.reduce((a, b) => Math.max(a, b))
  // A tile of clipped sky has no noise at all: then what stands out stands out from the steps of the digits.
  return Math.max(1.4826 * median(sizes), largest * 1e-3)
}
