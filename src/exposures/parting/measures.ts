// What SExtractor would have measured of an image that it did not part from another: what images of this light usually have
// on the plate.
import { type Detections, PLACE, SEX_FLAG } from '../../detections.ts'
import { median } from '../../math/robust.ts'
import { type MagnitudeRelation, magnitudeRelation, predictedMagnitude } from '../../models/magnitudes.ts'
import { type ImageShape, levelOf, lightAt, radiusAt, widthOf } from '../../stages/extract/profile/shape.ts'

/** The columns of one image; what is not told is that of the detection that it was parted from. */
export type Measures = Partial<Record<Exclude<keyof Detections, 'length' | 'detId'>, number>>

interface Usual {
  /** Each measure, on a scale of magnitudes, as it follows from −2.5 log₁₀ of the light. */
  logarithmic: Map<Logarithmic, MagnitudeRelation>
  ratios: { fluxRadius: number; semiMajor: number; semiMinor: number; ellipticity: number }
  magInstError: number
}

const LOGARITHMIC = ['fluxAuto', 'snrWin', 'isoAreaPx'] as const
type Logarithmic = (typeof LOGARITHMIC)[number]

const magOf = (value: number) => (value > 0 ? -2.5 * Math.log10(value) : Number.NaN)

/**
 * @param light  of each detection; NaN where it is not known
 * @param isSingle  detections that hold one image only
 * @returns undefined where these are too few
 */
export function usualMeasures(
  d: Detections,
  light: Float64Array,
  isSingle: (row: number) => boolean,
): Usual | undefined {
  const rows = Array.from(light.keys()).filter((row) => light[row]! > 0 && isSingle(row))
  const mags = rows.map((row) => magOf(light[row]!))
  const logarithmic = new Map<Logarithmic, MagnitudeRelation>()
  for (const name of LOGARITHMIC) {
    const relation = magnitudeRelation(
      mags,
      rows.map((row) => magOf(d[name][row]!)),
    )
    if (relation === null) return undefined
    logarithmic.set(name, relation)
  }
  const ratio = (column: Float64Array) => median(rows.map((row) => column[row]! / d.fwhm[row]!))
  return {
    logarithmic,
    ratios: {
      fluxRadius: ratio(d.fluxRadius),
      semiMajor: ratio(d.semiMajor),
      semiMinor: ratio(d.semiMinor),
      ellipticity: median(rows.map((row) => d.ellipticity[row]!)),
    },
    magInstError: median(rows.map((row) => d.magInstError[row]! * d.snrWin[row]!)),
  }
}

export interface PartedImage {
  x: number
  y: number
  xErrorPx: number
  yErrorPx: number
  light: number
}

/** @param sexFlags  of the detection that it was parted from */
export function measuresOf(
  { x, y, xErrorPx, yErrorPx, light }: PartedImage,
  { logarithmic, ratios, magInstError }: Usual,
  shape: ImageShape,
  sexFlags: number,
): Measures {
  const usual = (name: Logarithmic) => 10 ** (-0.4 * predictedMagnitude(logarithmic.get(name)!, magOf(light)))
  const [fluxAuto, snrWin] = [usual('fluxAuto'), usual('snrWin')]
  const peak = levelOf(shape, light * lightAt(shape, 0))
  const fwhm = Math.max(widthOf(shape), 2 * radiusAt(shape, light, peak / 2))
  return {
    ...{ x, y, xErrorPx, yErrorPx, xWin: x, yWin: y, xIso: x, yIso: y, placeSource: PLACE.isophotal },
    ...{ magInst: magOf(fluxAuto), magInstError: magInstError / snrWin, magWin: magOf(snrWin) },
    ...{ brightness: magOf(snrWin), fluxAuto, peak, fwhm, isoAreaPx: usual('isoAreaPx'), snrWin },
    ...{ fluxRadius: ratios.fluxRadius * fwhm, ellipticity: ratios.ellipticity },
    ...{ semiMajor: ratios.semiMajor * fwhm, semiMinor: ratios.semiMinor * fwhm },
    sexFlags: sexFlags | SEX_FLAG.blended,
  }
}

export const onlyRows = (d: Detections, rows: readonly number[]): Detections =>
  eachColumn(d, rows.length, (column) => rows.map((row) => column[row]!))

type Column = Detections[Exclude<keyof Detections, 'length'>]

function eachColumn(
  d: Detections,
  length: number,
  values: (column: Column, name: string) => number[],
): Detections {
  const columns = Object.entries(d).map(([name, column]: [string, Column | number]) => {
    if (typeof column === 'number') return [name, length]
    const Kind = column.constructor as Float64ArrayConstructor
    return [name, Kind.from(values(column, name))]
  })
  return Object.fromEntries(columns)
}

/** The detections with further rows, each like another one in what was not measured of it. */
export function withRows(d: Detections, more: readonly { measures: Measures; like: number }[]): Detections {
  const first = d.detId.reduce((most, id) => Math.max(most, id), 0) + 1
  return eachColumn(d, d.length + more.length, (column, name) => [
    ...column,
    ...more.map(({ measures, like }, k) =>
      name === 'detId' ? first + k : (measures[name as keyof Measures] ?? column[like]!),
    ),
  ])
}
