// Where a solution lies between two exposures. On a plate with two of them each star has two images, one offset apart: a
// right solution has its reference stars on the first images or on the second, all over the plate; a wrong one on the
// first here and on the second there, or half-way between.
import { placeTree } from '../math/place-tree.ts'
import type { Image, Pattern } from './repeated.ts'

export interface SplitSearch {
  /** Where the solution puts the bright reference stars. */
  places: readonly { x: number; y: number; mag: number }[]
  images: readonly Image[]
  pattern: Pick<Pattern, 'dx' | 'dy' | 'magStep'>
  /** How far from its place an image may lie, px. */
  radiusPx: number
  fwhmPx: number
  /** By how much an image and a step of magnitude may be off. */
  toleranceMag: number
}

/** Reference stars by the image of a double on which the solution puts them. */
export interface Split {
  first: number
  second: number
  /** Between the two images, near neither. */
  between: number
  /** On the second image of one double and on the first of another: the middle one of three exposures. */
  both: number
}

const NEAR_SHARE = 0.3 // of the offset: nearer to an image than this a place is on it
const FAR_FWHM = 12 // no fit is drawn between images farther apart than this
const STEP_TOLERANCE = 0.9 // mag
const LEAST_STARS = 6
const LEAST_SHARE = 0.12

/** Whether a solution that lies so is on neither exposure alone. */
export function isSplit({ first, second, between, both }: Split): boolean {
  const all = first + second + between + both
  const minority = Math.min(first, second) + between
  return minority >= Math.max(LEAST_STARS, LEAST_SHARE * all) && minority > both
}

export function splitOf(search: SplitSearch): Split {
  const { places, images, radiusPx, fwhmPx, toleranceMag } = search
  const { dx, dy, magStep } = search.pattern
  const apart = Math.hypot(dx, dy)
  const near = Math.min(NEAR_SHARE * apart, Math.max(radiusPx, 0.5 * fwhmPx))
  const tree = placeTree(images)
  const secondOf = (a: Image) =>
    tree.within(a.x + dx, a.y + dy, near).some((k) => {
      const b = images[k]!
      return b !== a && Math.abs(b.mag - a.mag - magStep) <= STEP_TOLERANCE
    })
  const split: Split = { first: 0, second: 0, between: 0, both: 0 }
  for (const { x, y, mag } of places) {
    const isIts = (a: Image) =>
      !(Math.abs(a.mag - mag) > toleranceMag && Math.abs(a.mag + magStep - mag) > toleranceMag)
    const doubleAt = (px: number, py: number, reach: number) =>
      tree.within(px, py, reach).some((k) => isIts(images[k]!) && secondOf(images[k]!))
    const onFirst = doubleAt(x, y, near)
    const onSecond = doubleAt(x - dx, y - dy, near)
    if (onFirst && onSecond) split.both++
    else if (onFirst) split.first++
    else if (onSecond) split.second++
    // Between them the first image lies within half an offset of the place moved back by half of it.
    else if (apart <= FAR_FWHM * fwhmPx && isBetween(x, y)) split.between++

    function isBetween(px: number, py: number): boolean {
      return tree.within(px - dx / 2, py - dy / 2, apart / 2).some((k) => {
        const a = images[k]!
        const across = Math.abs((px - a.x) * dy - (py - a.y) * dx) / apart
        return across <= near && isIts(a) && secondOf(a)
      })
    }
  }
  return split
}
