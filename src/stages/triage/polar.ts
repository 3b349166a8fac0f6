// A picture in rings and directions about a place.
import { quantile } from '../../math/robust.ts'
import type { Picture } from './pictures.ts'

/** So many directions share the circle; the first begins at +x. */
export const DIRECTIONS = 48
const ACROSS = 6 // cells that are looked at in each direction and ring, along and across
const LOW = 0.4 // of them: stars, hairs and scratches leave it alone
const LEAST_KNOWN = 0.5

/** Level in each direction of a ring between two radii (cells); NaN where most of it lies beyond the border. */
export function ringAbout(picture: Picture, x: number, y: number, from: number, to: number): number[] {
  return Array.from({ length: DIRECTIONS }, (_, direction) => {
    const found: number[] = []
    for (let k = 0; k < ACROSS ** 2; k++) {
      const r = from + ((to - from) * ((k % ACROSS) + 0.5)) / ACROSS
      const angle = (2 * Math.PI * (direction + (Math.floor(k / ACROSS) + 0.5) / ACROSS)) / DIRECTIONS
      const level = levelAt(picture, Math.round(x + r * Math.cos(angle)), Math.round(y + r * Math.sin(angle)))
      if (!Number.isNaN(level)) found.push(level)
    }
    return found.length >= LEAST_KNOWN * ACROSS ** 2 ? quantile(found, LOW) : Number.NaN
  })
}

function levelAt({ columns, rows, levels }: Picture, x: number, y: number): number {
  return x < 0 || y < 0 || x >= columns || y >= rows ? Number.NaN : levels[y * columns + x]!
}

/** Mean over directions from one to another about the circle; those that are not known are left out. */
export function meanFrom(ring: readonly number[], first: number, last: number): number {
  let [sum, count] = [0, 0]
  for (let k = first; k <= last; k++) {
    const level = ring[(k + 2 * DIRECTIONS) % DIRECTIONS]!
    if (Number.isNaN(level)) continue
    sum += level
    count++
  }
  return sum / count
}

/** Of two directions, as steps along the circle. */
export function directionsApart(a: number, b: number): number {
  const steps = Math.abs(a - b) % DIRECTIONS
  return Math.min(steps, DIRECTIONS - steps)
}
