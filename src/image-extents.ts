// How far the images of a tile reach at half and at a quarter of their height: connected pixels, without any model of an image.

/** Second moments of the pixels of one image above a level, px²; n is their number. */
export interface Extent {
  n: number
  xx: number
  xy: number
  yy: number
}

export interface ImageExtent {
  /** Height above the sky, σ of a pixel. */
  sigmas: number
  half: Extent
  quarter: Extent
}

const LEAST = 5 // σ of a smoothed pixel: where an image ends
const LEAST_HEIGHT = 20 // a quarter of it must stand above that
const LEAST_PIXELS = 9
const TOP = 0.97 // quantile of an image that counts as its height

/** Means of 3 × 3 pixels of a square tile; its border stays 0. */
function smoothed(level: Float32Array, side: number): Float32Array {
  const out = new Float32Array(level.length)
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      let sum = 0
      for (let j = -side; j <= side; j += side)
        for (let i = -1; i <= 1; i++) sum += level[y * side + x + i + j]!
      out[y * side + x] = sum / 9
    }
  }
  return out
}

/**
 * Images that lie within a tile as a whole, in one piece.
 * @param level  side² levels above the sky, 0 where unknown
 */
export function imageExtents(level: Float32Array, side: number): ImageExtent[] {
  const smooth = smoothed(level, side)
  const low = smooth.filter((_, i) => i % 5 === 0).sort()
  const noise = -low[Math.floor(0.16 * low.length)]!
  if (!(noise > 0)) return []
  const limit = LEAST * noise
  const found: ImageExtent[] = []
  const seen = new Uint8Array(smooth.length)
  for (let start = 0; start < smooth.length; start++) {
    if (seen[start] === 1 || smooth[start]! <= limit) continue
    const pixels = connected(smooth, side, start, limit, seen)
    if (pixels.length < LEAST_PIXELS || pixels.some((i) => isAtBorder(i, side))) continue
    const heights = Float32Array.from(pixels, (i) => smooth[i]!).sort()
    const height = heights[Math.floor(TOP * heights.length)]!
    if (height < LEAST_HEIGHT * noise) continue
    const above = (part: number) =>
      extentOf(
        pixels.filter((i) => smooth[i]! > part * height),
        side,
      )
    found.push({ sigmas: height / noise, half: above(0.5), quarter: above(0.25) })
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

function extentOf(pixels: readonly number[], side: number): Extent {
  const n = pixels.length
  const cx = pixels.reduce((sum, i) => sum + (i % side), 0) / n
  const cy = pixels.reduce((sum, i) => sum + Math.floor(i / side), 0) / n
  const extent = { n, xx: 0, xy: 0, yy: 0 }
  for (const i of pixels) {
    const [dx, dy] = [(i % side) - cx, Math.floor(i / side) - cy]
    extent.xx += (dx * dx) / n
    extent.xy += (dx * dy) / n
    extent.yy += (dy * dy) / n
  }
  return extent
}
