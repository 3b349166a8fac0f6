// What a plate's own images tell before any is measured: their common shape, and the noise of pixels and of blocks of them.
import type { Detections } from '../../../detections.ts'
import { median, quantile } from '../../../math/robust.ts'
import { lightFrom } from './fit.ts'
import { type Companion, type Learned, learnShape, type Sample } from './learn.ts'
import type { Patch } from './model.ts'
import { cutPatch, type PositiveScan } from './patch.ts'
import { chooseSample, WIDEST_SAMPLE } from './sample.ts'
import type { ImageShape } from './shape.ts'

export interface PlateShape extends Learned {
  /** Noise of the mean of a block of n × n pixels, over that of the blocks that the shape was learnt with. */
  noiseOfBin: number[]
  /** Noise of blocks as large as an image, over what uncorrelated pixels would leave: what the grain does to formal errors. */
  grain: number
}

export interface LearnInput {
  detections: Detections
  fwhmPx: number
  /** Level above the sky where the scan levels off, as a start; undefined: not seen. */
  plateau: number | undefined
  signal: AbortSignal
  /** Images that every star has besides, near it on a plate with several exposures; none where they are left out. */
  companions?: readonly Companion[]
}

const LEAST_IN_SAMPLE = 12
const LEARN_FINEST = 4 // pixels in a width: more tell nothing new of the shape

/** @returns undefined where too few images stand alone, or they have no shape in common */
export async function learnPlate(scan: PositiveScan, input: LearnInput): Promise<PlateShape | undefined> {
  const { detections: d, fwhmPx, signal, companions = [] } = input
  const chosen = chooseSample(d, fwhmPx, companions)
  if (chosen.length < LEAST_IN_SAMPLE) return undefined
  const rows = chosen.map(({ row }) => row)
  const start = startShape(d, rows, fwhmPx, input.plateau)
  const bin = Math.max(1, Math.floor(fwhmPx / LEARN_FINEST))
  const large = Math.max(mostBin(fwhmPx), Math.round(fwhmPx))
  const samples: Sample[] = []
  const farthest = companions.reduce((most, { dx, dy }) => Math.max(most, Math.hypot(dx, dy)), 0)
  const off: number[][] = Array.from({ length: large + 1 }, () => [])
  await scan.visit(
    rows.map((i) => d.y[i]!),
    WIDEST_SAMPLE * fwhmPx + farthest + 2,
    signal,
    (strip, windows) => {
      for (const { row: i, radius } of windows.map((n) => chosen[n]!)) {
        const disc = { x: d.x[i]!, y: d.y[i]!, radius: radius + farthest }
        const origin = { x: Math.round(disc.x), y: Math.round(disc.y) }
        const own = { x: disc.x - origin.x, y: disc.y - origin.y, radius: disc.radius }
        const patch = cutPatch(strip, [disc], origin, bin)
        const sky = median(ringOf(patch, own))
        for (let b = 1; b <= large; b++) {
          for (const v of ringOf(cutPatch(strip, [disc], origin, b), own)) off[b]!.push(v - sky)
        }
        const light = lightFrom(start, d.peak[i]!, d.fwhm[i]!)
        samples.push({ patch, x: own.x, y: own.y, sky, light })
      }
    },
  )
  const sigma = off.map((values) => Math.max(darkSigma(values), 1e-9))
  const found = learnShape(samples, start, sigma[bin]!, companions)
  if (found === undefined) return undefined
  const noiseOfBin = sigma.slice(0, mostBin(fwhmPx) + 1).map((s) => s / sigma[bin]!)
  return { ...found, noiseOfBin, grain: Math.max(1, (large * sigma[large]!) / (bin * sigma[bin]!)) }
}

/** Standard deviation from the darker half, which faint stars leave alone. */
function darkSigma(values: readonly number[]): number {
  return quantile(values, 0.5) - quantile(values, 0.1587)
}

const INNER_RING = 0.7 // of the window's radius: sky from here on

function ringOf(patch: Patch, { x, y, radius }: { x: number; y: number; radius: number }): Float64Array {
  return patch.value.filter((_, m) => Math.hypot(patch.x[m]! - x, patch.y[m]! - y) > INNER_RING * radius)
}

/** A usual shape of this width: where the search begins. */
function startShape(
  d: Detections,
  rows: readonly number[],
  fwhmPx: number,
  plateau: number | undefined,
): ImageShape {
  const beta = 2.5
  const highest = Math.max(...rows.map((i) => d.peak[i]!))
  return {
    alphaPx: fwhmPx / (2 * Math.sqrt(2 ** (1 / beta) - 1)),
    ...{ beta, wing: Math.exp(-6.5), wingBeta: 1.5, e1: 0, e2: 0, gamma: 2 },
    plateau: plateau ?? 1.3 * highest,
  }
}

/** Pixels are averaged in blocks, while the images stay resolved: at least so many in a width. */
const FINEST = 2.5
/** Of a large image many blocks tell the flank: they may be coarser. */
const COARSEST = 1.6
const BLOCKS_IN_RADIUS = 10

function mostBin(widthPx: number): number {
  return Math.max(1, Math.floor(widthPx / COARSEST))
}

/** Side of the blocks for windows of this radius; no more than the plate's noise is known for. */
export function binFor(plate: PlateShape, widthPx: number, radius: number): number {
  const fine = Math.max(1, Math.floor(widthPx / FINEST))
  const coarse = Math.min(mostBin(widthPx), Math.round(radius / BLOCKS_IN_RADIUS))
  return Math.min(plate.noiseOfBin.length - 1, Math.max(fine, coarse))
}
