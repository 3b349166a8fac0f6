// What is known of two images in one fit before it: that they are images of one star, in exposures a known shift and step apart.
import { COMMON, PER_IMAGE } from './model.ts'

/** Shift (px) from one image to another, and ln of its light over that of the other, with standard deviations. */
export interface Tie {
  /** Places in the list of images. */
  image: number
  to: number
  dx: number
  dy: number
  lnRatio: number
  sigmaPx: number
  sigmaLn: number
}

/** Adds what the ties say to normal equations, and returns their cost. */
export function addTies(
  ties: readonly Tie[],
  p: Float64Array,
  matrix: Float64Array,
  gradient: Float64Array,
): number {
  const n = p.length
  let cost = 0
  for (const { image, to, dx, dy, lnRatio, sigmaPx, sigmaLn } of ties) {
    for (const [k, expected, sigma] of [
      [0, dx, sigmaPx],
      [1, dy, sigmaPx],
      [2, lnRatio, sigmaLn],
    ] as const) {
      const [a, b] = [COMMON + PER_IMAGE * image + k, COMMON + PER_IMAGE * to + k]
      const pull = (p[a]! - p[b]! - expected) / sigma
      const weight = 1 / sigma ** 2
      cost += 0.5 * pull * pull
      gradient[a]! += pull / sigma
      gradient[b]! -= pull / sigma
      matrix[a * n + a]! += weight
      matrix[b * n + b]! += weight
      matrix[Math.max(a, b) * n + Math.min(a, b)]! -= weight
    }
  }
  return cost
}
