// How far the images of a tile reach along and across their own direction, at some parts of their height, without any model of
// an image. Only what is longer than wide is kept.
import { median } from './math/robust.ts'

/** Parts of the height at which an image is measured. */
export const LEVELS = [0.8, 0.65, 0.5, 0.35, 0.25] as const
export const HALF = LEVELS.indexOf(0.5)

export interface LineImage {
  /** Middle, pixels of the tile counted from 0. */
  x: number
  y: number
  /** Above the sky, in the units of the levels given. */
  height: number
  /** From +x towards +y, 0 to 180. */
  angleDeg: number
  /** Full length and width at LEVELS, pixels. */
  length: number[]
  width: number[]
  /** Deepest valley along it between higher places on both sides, as a part of the lower one. */
  valley: number
}

const LEAST = 3.5 // σ of a smoothed pixel: above it lies the whole of an image
const LEAST_HEIGHT = 4 // of that: a quarter of the height is still above it
const DOUBLED = 2 // levels at which images are looked for grow by that: those that touch lower down part higher up
const LEAST_PIXELS = 9
const TOP = 0.95 // quantile of an image that counts as its height
const OUTLINE = 0.35 // of the height: pixels above tell the direction
const LONGER = 1.3 // than wide, or it is no line
const LAG = 4 // pixels between which the grain does not correlate
const STEP = 0.5
const MARGIN = 6

/** Binomial weights of five pixels in both directions: a Gaussian stays one. */
function smoothed(level: Float32Array, side: number): Float32Array {
  let from = level
  for (const apart of [1, side, 1, side]) {
    const out = new Float32Array(from.length)
    for (let i = side; i < from.length - side; i++)
      out[i] = (from[i - apart]! + 2 * from[i]! + from[i + apart]!) / 4
    from = out
  }
  return from
}

/** The lower of two estimates: crowding raises the one from the depth below the sky, gradients the one from differences. */
function noiseOf(smooth: Float32Array, side: number): number {
  const low = smooth.filter((_, i) => i % 5 === 0).sort()
  const below = -low[Math.floor(0.16 * low.length)]! / 0.75 // the sky is a low quantile, a quarter of σ below the median
  const apart: number[] = []
  for (let y = 2; y < side - 2; y += 2)
    for (let i = y * side + 2; i < (y + 1) * side - 2 * LAG; i += 3)
      if (smooth[i] !== 0 && smooth[i + LAG] !== 0) apart.push(Math.abs(smooth[i + LAG]! - smooth[i]!))
  return apart.length === 0 ? 0 : Math.min(below, median(apart) / (0.6745 * Math.SQRT2))
}

/**
 * Images longer than wide that lie within a tile as a whole.
 * @param level  side² levels above the sky, 0 where unknown
 */
export function lineImages(level: Float32Array, side: number): LineImage[] {
  const smooth = smoothed(level, side)
  const noise = noiseOf(smooth, side)
  if (!(noise > 0)) return []
  const highest = smooth.reduce((most, value) => Math.max(most, value), 0)
  const found: LineImage[] = []
  for (let limit = LEAST * noise; LEAST_HEIGHT * limit < highest; limit *= DOUBLED) {
    const seen = new Uint8Array(smooth.length)
    for (let start = 0; start < smooth.length; start++) {
      if (seen[start] === 1 || smooth[start]! <= limit) continue
      const pixels = connected(smooth, side, start, limit, seen)
      if (pixels.length < LEAST_PIXELS || pixels.some((i) => isAtBorder(i, side))) continue
      const heights = Float32Array.from(pixels, (i) => smooth[i]!).sort()
      const height = heights[Math.floor(TOP * heights.length)]!
      // Higher ones come again at the next level.
      if (height < LEAST_HEIGHT * limit || height >= LEAST_HEIGHT * DOUBLED * limit) continue
      const outline = pixels.filter((i) => smooth[i]! > OUTLINE * height)
      const line = measured(smooth, side, outline)
      if (line !== undefined) found.push({ ...line, height })
    }
  }
  return found
}

function isAtBorder(i: number, side: number): boolean {
  const x = i % side
  return x <= 1 || x >= side - 2 || i < 2 * side || i >= (side - 2) * side
}

function connected(
  smooth: Float32Array,
  side: number,
  start: number,
  limit: number,
  seen: Uint8Array,
): number[] {
  const pixels = [start]
  seen[start] = 1
  for (let k = 0; k < pixels.length; k++) {
    for (const next of [pixels[k]! - 1, pixels[k]! + 1, pixels[k]! - side, pixels[k]! + side]) {
      if (next < 0 || next >= smooth.length || seen[next] === 1 || smooth[next]! <= limit) continue
      seen[next] = 1
      pixels.push(next)
    }
  }
  return pixels
}

function measured(
  smooth: Float32Array,
  side: number,
  outline: readonly number[],
): Omit<LineImage, 'height'> | undefined {
  const { x, y, angle, long, wide } = momentsOf(outline, side)
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const at = (u: number, v: number) => interpolated(smooth, side, x + u * c - v * s, y + u * s + v * c)
  const along = profile(1.2 * long + MARGIN, (u) => at(u, 0))
  const inner = Array.from({ length: 2 * Math.floor(long / 4) + 1 }, (_, k) => k - Math.floor(long / 4))
  const across = profile(
    1.5 * wide + MARGIN,
    (v) => inner.reduce((sum, u) => sum + at(u, v), 0) / inner.length,
  )
  const top = median(inner.map((u) => at(u, 0)))
  const length = LEVELS.map((part) => fullWidth(along, part * top))
  const width = LEVELS.map((part) => fullWidth(across, part * top))
  if (![...length, ...width].every((value) => value > 0)) return undefined
  if (length[HALF]! < LONGER * width[HALF]!) return undefined
  const middle = along.length >> 1
  const reach = Math.min(middle, Math.round((long / 2 + LAG) / STEP))
  const valley = deepestValley(along.slice(middle - reach, middle + reach + 1))
  return { x, y, angleDeg: ((angle * 180) / Math.PI + 180) % 180, length, width, valley }
}

/** Middle, direction, and the length and width of the even rectangle with the same second moments. */
function momentsOf(pixels: readonly number[], side: number) {
  const n = pixels.length
  const x = pixels.reduce((sum, i) => sum + (i % side), 0) / n
  const y = pixels.reduce((sum, i) => sum + Math.floor(i / side), 0) / n
  let [xx, xy, yy] = [0, 0, 0]
  for (const i of pixels) {
    const [dx, dy] = [(i % side) - x, Math.floor(i / side) - y]
    xx += (dx * dx) / n
    xy += (dx * dy) / n
    yy += (dy * dy) / n
  }
  const [mean, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)]
  const extent = (variance: number) => Math.sqrt(12 * Math.max(0, variance))
  return {
    x,
    y,
    angle: Math.atan2(2 * xy, xx - yy) / 2,
    long: extent(mean + half),
    wide: extent(mean - half),
  }
}

/** NaN outside the tile: no length is measured there. */
function interpolated(smooth: Float32Array, side: number, x: number, y: number): number {
  const [i, j] = [Math.floor(x), Math.floor(y)]
  if (i < 1 || j < 1 || i >= side - 2 || j >= side - 2) return Number.NaN
  const [p, q, k] = [x - i, y - j, j * side + i]
  return (
    (1 - q) * ((1 - p) * smooth[k]! + p * smooth[k + 1]!) +
    q * ((1 - p) * smooth[k + side]! + p * smooth[k + side + 1]!)
  )
}

/** From −reach to reach, its middle at 0. */
function profile(reach: number, at: (t: number) => number): number[] {
  const half = Math.ceil(reach / STEP)
  return Array.from({ length: 2 * half + 1 }, (_, k) => at((k - half) * STEP))
}

/** From the middle outwards to the first places below a level; NaN where there is none. */
function fullWidth(values: readonly number[], level: number): number {
  const middle = values.length >> 1
  const reach = (direction: 1 | -1): number => {
    let k = middle
    while (values[k]! > level) k += direction
    if (k === middle || !(values[k]! <= level)) return Number.NaN
    const [inside, outside] = [values[k - direction]!, values[k]!]
    return (Math.abs(k - middle) - 1 + (inside - level) / (inside - outside)) * STEP
  }
  return reach(1) + reach(-1)
}

function deepestValley(values: readonly number[]): number {
  const right = [...values]
  for (let k = right.length - 2; k >= 0; k--) right[k] = Math.max(right[k]!, right[k + 1]!)
  let [left, deepest] = [0, 0]
  values.forEach((value, k) => {
    left = Math.max(left, value)
    const rim = Math.min(left, right[k]!)
    if (rim > 0) deepest = Math.max(deepest, (rim - value) / rim)
  })
  return Math.min(1, deepest)
}
