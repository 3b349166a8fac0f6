// The residuals of one exposure on the plate: where each pair lies, and how far and which way it is off.
import type { Detections } from '../detections.ts'
import { ARCSEC, DEG } from '../math/sphere.ts'
import { orientation, pixelOfPlace } from '../models/plate-constants.ts'
import type { CatalogueInput } from '../stages/publish/catalogue-columns.ts'
import { angle, brief } from './numbers.ts'

/** Columns, one entry per pair. */
export interface Residuals {
  length: number
  /** Place of the detection, px. */
  x: Float64Array
  y: Float64Array
  /** Plate − reference along x and y of the scan, arcsec at the scale of the plate's middle. */
  dx: Float64Array
  dy: Float64Array
  /** 1 where the pair took part in the fit. */
  used: Uint8Array
  /** Of the reference star; of the detection where the catalogue has none. */
  magnitude: Float64Array
  /** What the magnitudes are, in words. */
  magnitudeName: string
  scaleArcsecPerPx: number
  /** Side of a pixel on the emulsion, where known. */
  pixelUm: number | null
}

/** Of every pair whose reference star the plate constants put on the scan (all, unless they turn back on themselves). */
export function residualsOf(
  exposure: CatalogueInput,
  detections: Detections,
  pixelUm: readonly [number, number] | null,
): Residuals {
  const { constants, pairs, stars, weight } = exposure
  const scale = orientation(constants).scaleRadPx / ARCSEC
  const hasMagnitudes = pairs.reference.some((star) => Number.isFinite(stars.gMag[star]!))
  const found = Array.from(pairs.detection, (row, k) => {
    const star = pairs.reference[k]!
    const x = detections.x[row]!
    const y = detections.y[row]!
    const expected = pixelOfPlace(constants, stars.raDeg[star]! * DEG, stars.decDeg[star]! * DEG)
    return {
      x,
      y,
      dx: expected === undefined ? Number.NaN : (x - expected.x) * scale,
      dy: expected === undefined ? Number.NaN : (y - expected.y) * scale,
      used: weight[k]! > 0 ? 1 : 0,
      magnitude: hasMagnitudes ? stars.gMag[star]! : detections.magInst[row]!,
    }
  }).filter((pair) => Number.isFinite(pair.dx) && Number.isFinite(pair.dy))
  return {
    length: found.length,
    x: Float64Array.from(found, (pair) => pair.x),
    y: Float64Array.from(found, (pair) => pair.y),
    dx: Float64Array.from(found, (pair) => pair.dx),
    dy: Float64Array.from(found, (pair) => pair.dy),
    used: Uint8Array.from(found, (pair) => pair.used),
    magnitude: Float64Array.from(found, (pair) => pair.magnitude),
    magnitudeName: hasMagnitudes ? 'magnitude of the reference star' : 'instrumental magnitude',
    scaleArcsecPerPx: scale,
    pixelUm: pixelUm === null ? null : Math.sqrt(pixelUm[0] * pixelUm[1]),
  }
}

/** A length on the sky as what it is on the scan and on the plate: `0.2″ = 0.118 px = 2.97 µm`. */
export function onPlate(residuals: Pick<Residuals, 'scaleArcsecPerPx' | 'pixelUm'>, arcsec: number): string {
  const px = arcsec / residuals.scaleArcsecPerPx
  const um = residuals.pixelUm === null ? '' : ` = ${brief(px * residuals.pixelUm)} µm`
  return `${angle(arcsec)} = ${brief(px)} px${um}`
}

/** At most `most` rows, evenly from all; detections come in rows of the scan, so they stay spread over the plate. */
export function thinned(rows: readonly number[], most: number): number[] {
  if (rows.length <= most) return [...rows]
  return Array.from({ length: most }, (_, k) => rows[Math.floor((k * rows.length) / most)]!)
}
