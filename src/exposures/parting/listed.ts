// All images of a plate whose exposures are near each other, as they are measured at last: together with their neighbours.
import type { Detections } from '../../detections.ts'
import { lightFrom } from '../../stages/extract/profile/fit.ts'
import { type Measured, measureProfiles, type RowTie } from '../../stages/extract/profile/measure.ts'
import type { PositiveScan } from '../../stages/extract/profile/patch.ts'
import type { PlateShape } from '../../stages/extract/profile/plate-shape.ts'
import { widthOf } from '../../stages/extract/profile/shape.ts'
import type { ExposurePattern } from '../../stages/triage/exposure-pattern.ts'
import type { PartingInput } from '../parting.ts'
import { TIE_LN, TIE_WIDTHS, type TiedImage } from './companions.ts'
import type { SeenImages } from './seen.ts'

export interface Listed {
  x: number
  y: number
  /** NaN where it is not known yet. */
  light: number
  /** The detection itself, or that from which it is parted. */
  like: number
  /** With `to` as a place in this list; null where it was seen by itself. */
  tied: TiedImage | null
}

/** Detections, then images beside them that stand in the pattern, then what was found with the help of it. */
export function listed(
  d: Detections,
  { x, y, light, parent }: SeenImages,
  tied: readonly TiedImage[],
  { member }: ExposurePattern,
): Listed[] {
  const kept = Array.from(x.keys()).filter((n) => n < d.length || member[n]! >= 0)
  const at = new Map(kept.map((n, k) => [n, k]))
  const own = kept.map((n): Listed => {
    return { x: x[n]!, y: y[n]!, light: light[n]!, like: parent[n]!, tied: null }
  })
  const more = tied
    .filter(({ to }) => at.has(to))
    .map((image): Listed => {
      const { x, y, light, to } = image
      return { x, y, light, like: parent[to]!, tied: { ...image, to: at.get(to)! } }
    })
  return [...own, ...more]
}

export function measuredTogether(
  scan: PositiveScan,
  list: readonly Listed[],
  { detections: d, signal }: Pick<PartingInput, 'detections' | 'signal'>,
  plate: PlateShape,
): Promise<Measured> {
  const { shape, noise } = plate
  const widthPx = widthOf(shape)
  const column = (of: (one: Listed) => number) => Float64Array.from(list, of)
  const light = column(({ like, light }) =>
    light > 0 ? light : lightFrom(shape, Math.max(d.peak[like]!, noise.skySigma), d.fwhm[like]! || widthPx),
  )
  const detections = {
    length: list.length,
    x: column(({ x }) => x),
    y: column(({ y }) => y),
    background: column(({ like }) => d.background[like]!),
    peak: column(({ like }) => d.peak[like]!),
    fwhm: column(({ like }) => d.fwhm[like]!),
  }
  const sigmas = { sigmaPx: TIE_WIDTHS * widthPx, sigmaLn: TIE_LN }
  const ties = list.flatMap(({ tied }, row): RowTie[] => (tied === null ? [] : [{ ...tied, ...sigmas, row }]))
  return measureProfiles(scan, { detections, signal, light, ties }, plate)
}
