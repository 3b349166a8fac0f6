// Which images touch a neighbour: those are no fair test of an extraction.
import { placeTree } from '../math/place-tree.ts'
import type { Spread, StarImage } from './images.ts'
import { type ImageShape, isophotalRadius } from './starlight.ts'

const VISIBLE_LEVEL = 0.1 // sky intensities where an image ends for the eye
const HARMLESS_RATIO = 0.01 // a neighbour this much fainter, one FWHM away, pulls the place by 1 % of that

export interface Blending {
  /** Distance to the nearest image that matters to this one, pixels; NaN where none is near. */
  neighbourPx: Float64Array
  blended: boolean[]
}

/** Least distance of two images: of their places, or of the discs or parallel lines that they are drawn into. */
function gapBetween(dx: number, dy: number, spread: Spread): number {
  if (spread.kind === 'disc') return Math.max(0, Math.hypot(dx, dy) - spread.lengthPx)
  const [c, s] = [Math.cos(spread.angleRad), Math.sin(spread.angleRad)]
  const beyond = Math.max(0, Math.abs(dx * c + dy * s) - spread.lengthPx)
  return Math.hypot(beyond, dy * c - dx * s)
}

/**
 * Two images blend where their discs, each out to VISIBLE_LEVEL, come closer than one FWHM. The fainter one is always
 * blended, the brighter one only by a neighbour that matters.
 */
export function findBlends(images: readonly StarImage[], shape: ImageShape, spread: Spread): Blending {
  const neighbourPx = new Float64Array(images.length).fill(Number.NaN)
  const blended = images.map(() => false)
  if (images.length === 0) return { neighbourPx, blended }
  const tree = placeTree(images)
  const radii = images.map((image) => isophotalRadius(image.peak, VISIBLE_LEVEL, shape))
  const near = (i: number, distance: number) => {
    if (!(neighbourPx[i]! <= distance)) neighbourPx[i] = distance
  }
  images.forEach((image, i) => {
    // The larger image of a pair looks for the smaller ones, so 2 radii reach far enough.
    for (const j of tree.within(image.x, image.y, 2 * radii[i]! + shape.fwhmPx + spread.lengthPx)) {
      const other = images[j]!
      if (j === i || other.peak > image.peak || (other.peak === image.peak && j < i)) continue
      const [dx, dy] = [other.x - image.x, other.y - image.y]
      const distance = Math.hypot(dx, dy)
      const touching = gapBetween(dx, dy, spread) < radii[i]! + radii[j]! + shape.fwhmPx
      near(j, distance)
      if (touching) blended[j] = true
      if (other.peak > HARMLESS_RATIO * image.peak) {
        near(i, distance)
        if (touching) blended[i] = true
      }
    }
  })
  return { neighbourPx, blended }
}
