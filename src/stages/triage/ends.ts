// How lines end. A trail is an even line: it ends as its sides do, and is longer than wide by the same amount at every height
// and for every star. A spectrum fades towards its ends: the brighter the star, or the lower one looks, the longer it is.
import type { LineImage } from '../../image-extents.ts'
import { HALF, LEVELS } from '../../image-extents.ts'
import { median } from '../../math/robust.ts'
import { excess, type SameLines } from './same-lines.ts'

export interface Ends {
  lines: number
  /** Typical length and width at half their height, px of the scan. */
  lengthPx: number
  widthPx: number
  /** What they are longer than wide, in widths. */
  excess: number
  /** From the top of a line to its foot: growth in length over growth in width. */
  growth: number
  /** From the upper part of faint lines to the foot of bright ones: growth of the excess over growth in width. */
  brightening: number
  /** Depth of the valleys along them. */
  valley: number
  isSpectra: boolean
}

const UPPER = LEVELS.indexOf(0.65)
const FOOT = LEVELS.length - 1
/**
 * The end of a trail is the sum of its profile across: of a Gaussian one it reaches from 0.8 to a quarter of the height over 1.52
 * times as much as the profile itself, less of what is saturated or has wings. Trails have 1.0 to 1.45, seven of them 1.6.
 */
const MOST_GROWTH = 1.65
/**
 * Trails have −0.2 to 0.14; spectra 0.23 and more, the more the longer they are. Of Gaussian images that are nowhere saturated
 * trails would have 0.45, and those shorter than six widths would be taken for spectra: on an emulsion light spreads farther.
 */
const MOST_BRIGHTENING = 0.18
const MOST_BRIGHTENING_PER_EXCESS = 0.08
const LEAST_GROWTH = 1.28 // of spectra: blends on crowded plates make bright trails longer, but not their ends softer

/** Of lines that are all alike. */
export function endsOf({ lines, binPx }: SameLines): Ends {
  const ordered = [...lines].sort((a, b) => a.height - b.height)
  const third = Math.max(1, Math.floor(ordered.length / 3))
  const [faint, bright] = [ordered.slice(0, third), ordered.slice(-third)]
  const of = (some: readonly LineImage[], value: (line: LineImage) => number) => median(some.map(value))
  const wider = of(bright, ({ width }) => width[FOOT]!) - of(faint, ({ width }) => width[UPPER]!)
  const longer = of(bright, (line) => excess(line, FOOT)) - of(faint, (line) => excess(line, UPPER))
  const width = of(lines, (line) => line.width[HALF]!)
  const inWidths = of(lines, (line) => excess(line)) / width
  const growth = of(
    lines,
    ({ length, width }) => (length[FOOT]! - length[0]!) / Math.max(0.1, width[FOOT]! - width[0]!),
  )
  const brightening = longer / Math.max(0.1, wider)
  return {
    lines: lines.length,
    lengthPx: binPx * of(lines, (line) => line.length[HALF]!),
    widthPx: binPx * width,
    ...{ excess: inWidths, growth, brightening },
    valley: of(lines, ({ valley }) => valley),
    isSpectra:
      growth > MOST_GROWTH ||
      (growth > LEAST_GROWTH &&
        brightening > Math.max(MOST_BRIGHTENING, MOST_BRIGHTENING_PER_EXCESS * inWidths)),
  }
}
