// How large a pixel is, on the emulsion and on the sky.

import type { Header } from '../../fits/header.ts'
import { reason } from '../../issues.ts'
import type { HeaderWcs, Note, Sourced } from '../../plate.ts'
import { commentOf, numberOf } from './cards.ts'
import { scaleOfWcs } from './wcs.ts'

const ARCSEC_PER_RADIAN = 206264.80625
const UM_PER_INCH = 25400
// Grain is 1 µm; Harvard's previews have pixels of 0.2 mm.
const PIXEL_RANGE_UM = [0.5, 2000] as const
// From a 60 m solar tower to a 20 mm camera lens.
const PLATE_SCALE_RANGE = [3, 11000] as const
const SCALE_RANGE = [0.01, 1000] as const
// Nominal focal lengths and scanner steps are right to a few per cent (shrinking film, scanners by the inch).
const NOMINAL_SPREAD = 0.05
const CONFLICT_SPREAD = 0.1

export interface Scale {
  pixelUm: Sourced<[number, number]> | null
  scaleArcsecPerPx: Sourced<number> | null
  /** The scale lies between these two. */
  rangeArcsecPerPx: [number, number] | null
}

export interface ScaleOptions {
  scaleArcsecPerPx?: number | readonly [number, number] | { low: number; high: number } | undefined
  pixelUm?: number | readonly [number, number] | undefined
}

/** Reads both, options first; whatever is impossible becomes a note. */
export function readScale(
  header: Header,
  wcs: HeaderWcs | null,
  options: ScaleOptions,
  notes: Note[],
): Scale {
  const pixelUm = readPixel(header, options, notes)
  const given = optionScale(options)
  if (given) return { pixelUm, ...given }
  const candidates = [
    ...wcsScale(wcs),
    ...plateScales(header, pixelUm, notes),
    ...statedScales(header, notes),
  ]
  const best = candidates[0]
  if (!best) return { pixelUm, scaleArcsecPerPx: null, rangeArcsecPerPx: null }
  const rivals = candidates.filter((c) => Math.abs(Math.log(c.value / best.value)) > CONFLICT_SPREAD)
  for (const rival of rivals)
    notes.push(
      reason(
        'SCALE_CONFLICT',
        `${rival.source} gives ${rival.value.toPrecision(4)} arcsec per pixel, ${best.source} gives ` +
          `${best.value.toPrecision(4)}; the latter was used.`,
        { used: best.value, usedSource: best.source, other: rival.value, otherSource: rival.source },
      ),
    )
  const all = [best, ...rivals].map((c) => c.value)
  const rangeArcsecPerPx: [number, number] = [
    Math.min(...all) * (1 - NOMINAL_SPREAD),
    Math.max(...all) * (1 + NOMINAL_SPREAD),
  ]
  return { pixelUm, scaleArcsecPerPx: best, rangeArcsecPerPx }
}

function optionScale(options: ScaleOptions): Omit<Scale, 'pixelUm'> | undefined {
  const given = options.scaleArcsecPerPx
  if (given === undefined) return undefined
  const [low, high] =
    typeof given === 'number'
      ? [given, given]
      : 'low' in given
        ? [given.low, given.high]
        : [given[0], given[1]]
  const same = high === low
  return {
    scaleArcsecPerPx: { value: Math.sqrt(low * high), source: 'option' },
    rangeArcsecPerPx: same ? [low * (1 - NOMINAL_SPREAD), high * (1 + NOMINAL_SPREAD)] : [low, high],
  }
}

function within(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high
}

/** A number within its range; a note where it is outside; undefined also for 0, which means "unknown". */
function checked(
  header: Header,
  keyword: string,
  factor: number,
  range: readonly [number, number],
  notes: Note[],
): number | undefined {
  const read = numberOf(header, keyword)
  if (read === undefined || read === 0) return undefined
  if (within(read * factor, range)) return read * factor
  notes.push(reason('SCALE_INVALID', `${keyword} = ${read} is impossible.`, { keyword, value: read }))
  return undefined
}

interface PixelCards {
  x: string
  y: string
  /** Micrometres per unit of the card, or micrometres from it. */
  toUm: (value: number) => number
}

const PIXEL_CARDS: PixelCards[] = [
  { x: 'PIXSIZE1', y: 'PIXSIZE2', toUm: (um) => um },
  { x: 'XPIXELSZ', y: 'YPIXELSZ', toUm: (um) => um },
  { x: 'S_PIXSCL', y: 'S_PIXSCL', toUm: (mm) => mm * 1000 },
  { x: 'SCANRES1', y: 'SCANRES2', toUm: (dpi) => UM_PER_INCH / dpi },
  { x: 'XPIXSZ', y: 'YPIXSZ', toUm: (um) => um },
  { x: 'PIXSIZE', y: 'PIXSIZE', toUm: (um) => um },
]

function readPixel(header: Header, options: ScaleOptions, notes: Note[]): Sourced<[number, number]> | null {
  if (options.pixelUm !== undefined) {
    const [x, y] = typeof options.pixelUm === 'number' ? [options.pixelUm, options.pixelUm] : options.pixelUm
    return { value: [x, y], source: 'option' }
  }
  for (const card of PIXEL_CARDS) {
    const read = [numberOf(header, card.x), numberOf(header, card.y)]
    if (read[0] === undefined || read[0] === 0) continue
    const [x, y] = [card.toUm(read[0]), card.toUm(read[1] || read[0])]
    if (within(x, PIXEL_RANGE_UM) && within(y, PIXEL_RANGE_UM)) return { value: [x, y], source: card.x }
    notes.push(
      reason('SCALE_INVALID', `${card.x} = ${read[0]} is impossible.`, { keyword: card.x, value: read[0] }),
    )
  }
  return null
}

function wcsScale(wcs: HeaderWcs | null): Sourced<number>[] {
  if (!wcs) return []
  const source = { CD: 'CD1_1…', PC: 'CDELT1+PC1_1…', CDELT: 'CDELT1', GSSS: 'AMDX1…' }[wcs.source]
  return [{ value: scaleOfWcs(wcs), source }]
}

/** Pixel size times plate scale, or over focal length. */
function plateScales(
  header: Header,
  pixelUm: Sourced<[number, number]> | null,
  notes: Note[],
): Sourced<number>[] {
  const plateScale = checked(header, 'PLTSCALE', 1, PLATE_SCALE_RANGE, notes) // arcsec per mm
  const focal = readFocalLength(header, notes)
  if (!pixelUm) return []
  const um = Math.sqrt(pixelUm.value[0] * pixelUm.value[1])
  const found: Sourced<number>[] = []
  if (plateScale !== undefined)
    found.push({ value: (um / 1000) * plateScale, source: `${pixelUm.source}×PLTSCALE` })
  if (focal)
    found.push({
      value: (ARCSEC_PER_RADIAN * um * 1e-6) / focal.value,
      source: `${pixelUm.source}/${focal.source}`,
    })
  return found.filter((scale) => within(scale.value, SCALE_RANGE))
}

/** Focal length in metres: APPLAUSE's FOCLEN is in metres, the FOCALLEN of amateur programs in millimetres. */
function readFocalLength(header: Header, notes: Note[]): Sourced<number> | undefined {
  const range = [
    ARCSEC_PER_RADIAN / 1000 / PLATE_SCALE_RANGE[1],
    ARCSEC_PER_RADIAN / 1000 / PLATE_SCALE_RANGE[0],
  ] as const
  for (const keyword of ['FOCLEN', 'FOCALLEN', 'FOCUSLEN']) {
    const read = numberOf(header, keyword)
    if (read === undefined || read === 0) continue
    const saysMm = /\bmm\b|millim/i.test(commentOf(header, keyword))
    const saysM = /\[m\]|\bm(et(er|re)s?)?\b/i.test(commentOf(header, keyword))
    // No telescope has 80 m of focal length, and few plate cameras have 80 mm.
    const inMm = saysMm || (!saysM && (keyword !== 'FOCLEN' || read > 80))
    const value = checked(header, keyword, inMm ? 1e-3 : 1, range, notes)
    if (value !== undefined) return { value, source: keyword }
  }
  return undefined
}

function statedScales(header: Header, notes: Note[]): Sourced<number>[] {
  return ['PIXSCALE', 'SECPIX', 'SECPIX1', 'PIXSCAL1'].flatMap((keyword) => {
    const value = checked(header, keyword, 1, SCALE_RANGE, notes)
    return value === undefined ? [] : [{ value: Math.abs(value), source: keyword }]
  })
}
