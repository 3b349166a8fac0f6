// Stage 3, detections → stars. Rules on what was measured, each relative to this plate's own stellar sequence; a reason
// bit per rule, a score, and a ranked list spread over the plate for the solver. Nothing is thrown away.
import type { Detections } from '../detections.ts'
import { isSharpEdged } from '../edges.ts'
import { REJECT } from '../reject.ts'
import { alignedInLines } from './filter/lines.ts'
import { rankUniformly } from './filter/rank.ts'
import { type StellarSequence, stellarSequence, zScore } from './filter/sequence.ts'
import { isInHalo, isInSpeckPatch } from './filter/surroundings.ts'

/** The grid of blocks that the ingest stage made; 1 where the emulsion is exposed. */
export interface UsableBlocks {
  blockPx: number
  columns: number
  rows: number
  usable: Uint8Array
}

export interface FilterInput {
  detections: Detections
  width: number
  height: number
  fwhmPx: number
  area: UsableBlocks
}

export interface FilterResult {
  /** Bit mask of `REJECT` per detection; 0: a star as far as rules can tell. */
  reject: Int32Array
  /** How like this plate's stars it looks, 0 to 1. */
  pStar: Float64Array
  /** Rows with no reason against them, best first, spread over the plate. */
  ranked: Int32Array
  sequence: StellarSequence
}

// Limits in sigmas of the plate's own stellar sequence. Generous: blends and saturated stars are still stars, and what
// the matching cannot use it will not pair.
const SHARP_SIGMA = -4.5
const WIDE_SIGMA = 8
const PEAK_SIGMA = 6
const ELONGATED_SIGMA = 6
const LINE_SIGMA = 3

export function filter(input: FilterInput): FilterResult {
  const { detections: d, fwhmPx } = input
  const sequence = stellarSequence(d)
  const reject = new Int32Array(d.length)
  const pStar = new Float64Array(d.length)
  const elongated = new Uint8Array(d.length)
  for (let i = 0; i < d.length; i++) {
    const z = zScore(sequence, d, i)
    const blended = (d.sexFlags[i]! & 2) !== 0
    const wideLimit = blended ? 2 * WIDE_SIGMA : WIDE_SIGMA
    let bits = 0
    if (!Number.isFinite(d.magInst[i]!) || !(d.fwhm[i]! > 0)) bits |= REJECT.NO_MEASURE
    if (isAtEdge(input, i)) bits |= REJECT.EDGE
    if (!isUsable(input.area, d.x[i]!, d.y[i]!)) bits |= REJECT.MASKED
    if (z.size < SHARP_SIGMA || d.fwhm[i]! < MIN_FWHM_PX) bits |= REJECT.TOO_SHARP
    if (z.size > wideLimit) bits |= REJECT.TOO_WIDE
    if (Math.abs(z.peak) > (blended ? 2 * PEAK_SIGMA : PEAK_SIGMA)) bits |= REJECT.PEAK
    if (z.ellipticity > (blended ? 1.5 * ELONGATED_SIGMA : ELONGATED_SIGMA)) bits |= REJECT.ELONGATED
    if (isSharpEdged(d, i)) bits |= REJECT.SHARP_EDGE
    elongated[i] = z.ellipticity > LINE_SIGMA ? 1 : 0
    reject[i] = bits
    pStar[i] = score(z)
  }
  for (const i of alignedInLines(d, elongated, fwhmPx)) reject[i]! |= REJECT.LINE
  for (const i of isInHalo(d)) reject[i]! |= REJECT.HALO
  for (const i of isInSpeckPatch(input, reject)) reject[i]! |= REJECT.SPECKS
  for (let i = 0; i < d.length; i++) if (reject[i] !== 0) pStar[i]! *= 0.1
  return { reject, pStar, ranked: rankUniformly(input, reject, pStar), sequence }
}

/** Nothing that went through a telescope's optics and an emulsion is narrower than this; a hot pixel is. */
const MIN_FWHM_PX = 0.9

/** The image touches the frame: SExtractor says so, or its core is nearer than its own width. */
function isAtEdge({ detections: d, width, height, fwhmPx }: FilterInput, i: number): boolean {
  const reach = Math.max(fwhmPx, d.fwhm[i]! || 0) / 2 // NaN where no width could be measured
  const x = d.x[i]!
  const y = d.y[i]!
  return (
    (d.sexFlags[i]! & 8) !== 0 ||
    x - reach < 0.5 ||
    y - reach < 0.5 ||
    x + reach > width + 0.5 ||
    y + reach > height + 0.5
  )
}

/** 1 on the sequence, one half about three sigmas off it in one quantity, 0 far away. */
function score(z: { size: number; peak: number; ellipticity: number }): number {
  const positive = Math.max(0, z.ellipticity)
  const distance = Math.sqrt(z.size * z.size + z.peak * z.peak + positive * positive)
  const p = 1 / (1 + Math.exp((distance - 4) / 0.9))
  return Number.isFinite(p) ? p : 0
}

/** Whether a place on the scan (FITS pixels) lies in a usable block. */
function isUsable(area: UsableBlocks, x: number, y: number): boolean {
  const within = (pixel: number, blocks: number) =>
    Math.min(blocks - 1, Math.max(0, Math.floor((pixel - 0.5) / area.blockPx)))
  return area.usable[within(y, area.rows) * area.columns + within(x, area.columns)] === 1
}
