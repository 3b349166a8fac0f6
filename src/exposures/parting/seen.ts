// All images that profile fits see, those that no detection stands for among them, and the pattern that they stand in.
import type { Detections } from '../../detections.ts'
import type { PlacedImages } from '../../math/offset-histogram.ts'
import { median } from '../../math/robust.ts'
import { REJECT } from '../../reject.ts'
import type { Measured } from '../../stages/extract/profile/measure.ts'
import type { FilterResult } from '../../stages/filter.ts'
import {
  type ExposurePattern,
  exposurePattern,
  repeatedOffsets,
} from '../../stages/triage/exposure-pattern.ts'

/** Detections first, then images beside them. */
export interface SeenImages {
  x: Float64Array
  y: Float64Array
  /** NaN where no profile was fitted. */
  light: Float64Array
  /** The detection itself, or that beside which an image was found. */
  parent: Int32Array
}

/** Misfit of a group over that of most, beyond which its places are not better than SExtractor's. */
const MOST_MISFIT = 3

export function seenImages(d: Detections, measured: Measured): SeenImages {
  const typical = median(measured.misfit.filter(Number.isFinite))
  const sound = Array.from(measured.misfit, (misfit) => misfit <= MOST_MISFIT * typical)
  const beside = measured.beside.filter(({ row }) => sound[row]!)
  const column = (own: Float64Array, fitted: Float64Array, more: number[]) =>
    Float64Array.from([...own.map((value, i) => (sound[i]! ? fitted[i]! : value)), ...more])
  return {
    x: column(
      d.x,
      measured.x,
      beside.map(({ x }) => x),
    ),
    y: column(
      d.y,
      measured.y,
      beside.map(({ y }) => y),
    ),
    light: Float64Array.from([...measured.light, ...beside.map(({ light }) => light)]),
    parent: Int32Array.from([...d.x.keys(), ...beside.map(({ row }) => row)]),
  }
}

/** The images that may be asked whether they repeat, the brightest first. */
export function placedImages(
  { x, y, light, parent }: SeenImages,
  isAsked: (row: number) => boolean,
): PlacedImages {
  const mag = light.map((a) => -2.5 * Math.log10(a))
  const order = Array.from(x.keys())
    .filter((n) => Number.isFinite(mag[n]!) && isAsked(parent[n]!))
    .sort((a, b) => mag[a]! - mag[b]! || a - b)
  return { x, y, mag, order }
}

/** As in triage: blends and saturated images of stars repeat, these do not. */
const NOT_ASKED = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED | REJECT.LINE

export const mayRepeat = ({ filtered }: { filtered: FilterResult }, row: number): boolean =>
  (filtered.reject[row]! & NOT_ASKED) === 0

export interface PlateSize {
  width: number
  height: number
  /** Of the light of a star. */
  widthPx: number
}

/** @param reachPx  as far as the exposures that triage found, and as near ones may be */
export function patternOf(
  images: PlacedImages,
  { width, height, widthPx }: PlateSize,
  reachPx: number,
): ExposurePattern | null {
  const search = { images, width, height, fwhmPx: widthPx, reachPx }
  const [surest] = repeatedOffsets(search)
  const peak = surest?.peaks[0]
  return peak === undefined ? null : exposurePattern(search, peak, surest!.boxPx)
}
