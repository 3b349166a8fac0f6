// How sharp the edges of images are. What light made falls off as gently as the optics and the emulsion let it; a speck of dust
// or a hole ends within the scanner's own blur. The areal profile shows it (as for APM and SuperCOSMOS), once an image is
// large enough. Specks outnumber the stars of sparse plates: what stars look like must then be learnt from images of light.
import type { Detections } from './detections.ts'
import { quantile } from './math/robust.ts'

export type Edged = Pick<
  Detections,
  'length' | 'fwhm' | 'ellipticity' | 'snrWin' | 'sexFlags' | 'isoAreaPx' | 'arealProfile'
>

const LIGHT = 0.58 // areal profile: 0.5 for a Gaussian image, less with wings, 0.6 to 0.7 where the image is burnt out
const SHARP = 0.6 // of discs with sharp edges 0.7 and more …
const SCATTER = 0.5 // … with pixels that are counted
/** Burnt-out images have steep edges too, but no star's ends within the blur of a scan. */
const SHARPEST_PX = 1

/** Of area: of specks of so few pixels a third is known by the edge; few stars are taken for one, blends that were not noticed. */
const MEASURABLE_PX = 12
const SURE_PX = 25
const SURE_SNR = 10
const ROUND = 0.35
/** SExtractor's flags from this on: blended, saturated, cut off … */
const MEASURED_WRONGLY = 2

/** The edge is sharper than light can make it: a speck, or a hole. False where the image is too small to tell, or blended. */
export function isSharpEdged(d: Edged, i: number): boolean {
  const [area, profile] = [d.isoAreaPx[i]!, d.arealProfile[i]!]
  const isMeasured = area >= MEASURABLE_PX && d.sexFlags[i]! < MEASURED_WRONGLY
  return isMeasured && profile > SHARP + SCATTER / Math.sqrt(area) && edgePx(d, i) < SHARPEST_PX
}

/** Radius at the threshold less that at the mean level above it. */
const edgePx = ({ isoAreaPx, arealProfile }: Edged, i: number) =>
  Math.sqrt(isoAreaPx[i]! / Math.PI) * (1 - Math.sqrt(arealProfile[i]!))

const isSoft = (d: Edged, i: number) => d.arealProfile[i]! < LIGHT || edgePx(d, i) >= SHARPEST_PX

const isClear = (d: Edged, i: number) =>
  d.snrWin[i]! > SURE_SNR && d.ellipticity[i]! < ROUND && d.sexFlags[i]! < MEASURED_WRONGLY && d.fwhm[i]! > 0

/** What the edges of clear, round, single images say. */
export interface Edges {
  /** Rows of those that are large enough to be sure. */
  sizeable: number[]
  /** … that light made. */
  soft: number[]
  /** … that end more sharply than light can make it; some are neither. */
  sharp: number[]
  /** How many of any size can be measured, and how many of them look as if light had made them. */
  measured: number
  softMeasured: number
}

/** @param rows  of the images that are asked */
export function edgesOf(d: Edged, rows: readonly number[]): Edges {
  const clear = rows.filter((i) => isClear(d, i) && d.isoAreaPx[i]! >= MEASURABLE_PX)
  const sizeable = clear.filter((i) => d.isoAreaPx[i]! >= SURE_PX)
  return {
    sizeable,
    soft: sizeable.filter((i) => isSoft(d, i)),
    sharp: sizeable.filter((i) => isSharpEdged(d, i)),
    measured: clear.length,
    softMeasured: clear.filter((i) => isSoft(d, i)).length,
  }
}

const MANY = 0.2
/** Fewer images of light do not tell what a plate's stars look like. */
export const LEAST_SOFT = 6
const LEAST_SIZEABLE = 1 / 3
const NARROW = 0.7 // of the lower quartile of the widths of images that light surely made

/**
 * Rows of the images that light surely made, where specks are so many that a plate's typical image may be one of them;
 * undefined on other plates, and where too few images of light are found to know what they look like.
 */
export function imagesOfLight(d: Edged): number[] | undefined {
  const rows = Array.from({ length: d.length }, (_, i) => i)
  const { soft, sharp, softMeasured } = edgesOf(d, rows)
  if (soft.length < LEAST_SOFT) return undefined
  const narrow =
    NARROW *
    quantile(
      soft.map((i) => d.fwhm[i]!),
      0.25,
    )
  const clear = rows.filter((i) => isClear(d, i))
  const specks = clear.filter((i) => d.fwhm[i]! < narrow).length
  // Where all but the brightest stars are small, they are narrow too.
  const isSmall = soft.length < LEAST_SIZEABLE * softMeasured
  if (sharp.length < MANY * soft.length && (isSmall || specks < MANY * clear.length)) return undefined
  return clear.filter((i) => d.isoAreaPx[i]! >= MEASURABLE_PX && isSoft(d, i) && d.fwhm[i]! >= narrow)
}
