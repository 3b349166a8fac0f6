// Where a solution puts its reference stars, and which images it accounts for.
import { placeTree } from '../math/place-tree.ts'
import { jacobianAt, orientation, pixelOf, standardAt } from '../models/plate-constants.ts'
import type { Refined } from '../refine.ts'

/** Place of a reference star, px, and its magnitude. */
export interface Place {
  x: number
  y: number
  mag: number
}

/** Where the solution puts the reference stars that have a magnitude. */
export function placesOf({ projected, constants }: Refined): Place[] {
  const { gMag, bpRp } = projected.stars
  return Array.from(projected.rows).flatMap((row) => {
    const mag = gMag[row]!
    const [xi, eta] = [projected.xi[row]!, projected.eta[row]!]
    const plain = Number.isFinite(mag) ? pixelOf(constants, xi, eta) : undefined
    if (plain === undefined) return []
    // One step of Newton's method from the place of the typical star to that of this magnitude and colour.
    const own = standardAt(constants, plain.x, plain.y, mag, bpRp[row]!)
    const [a, b, d, e] = jacobianAt(constants, plain.x, plain.y)
    const [off, offEta] = [xi - own.xi, eta - own.eta]
    const determinant = a * e - b * d
    const x = plain.x + (e * off - b * offEta) / determinant
    const y = plain.y + (a * offEta - d * off) / determinant
    return Number.isFinite(x + y) ? [{ x, y, mag }] : []
  })
}

const REACH_FWHM = 1.5 // an overexposed image is centred no better
const REACH_MAG = 1

/**
 * Rows of the detections that a solution accounts for: those in its pairs, and those at the place of one of its reference stars
 * that blends or overexposure kept from being paired.
 */
export function imagesOf(refined: Refined, fwhmPx: number): Set<number> {
  const { detections: d, mag, magnitudes, constants, radiusRad } = refined
  const images = new Set<number>(refined.pairs.detection)
  if (magnitudes === null) return images
  const places = placesOf(refined)
  const tree = placeTree(places)
  const reach = Math.max(REACH_FWHM * fwhmPx, radiusRad / orientation(constants).scaleRadPx)
  const toleranceMag = Math.max(REACH_MAG, 4 * magnitudes.scatter)
  for (let row = 0; row < d.length; row++) {
    const near = tree.within(d.x[row]!, d.y[row]!, reach)
    if (near.some((k) => Math.abs(places[k]!.mag - mag[row]!) <= toleranceMag)) images.add(row)
  }
  return images
}
