// The map of offsets: how many pairs of images lie at each offset from each other, with the exposures and the peaks marked.
import type { OffsetHistogram, OffsetPeak } from '../math/offset-histogram.ts'
import { COLOUR } from './colours.ts'
import { at, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { colourOf, shape } from './marks.ts'
import { fixed, roundBelow } from './numbers.ts'
import { greyOf, type OffsetPicture, offsetPicture } from './offset-picture.ts'
import type { ShownExposure } from './shown-exposures.ts'

export interface OffsetMapInput {
  id: string
  histogram: OffsetHistogram
  /** From the middle to the sides, px of the scan. */
  extentPx: number
  cells: number
  exposures: readonly ShownExposure[]
  peaks: readonly OffsetPeak[]
  /** Exposures up to here are marked without a label, because another map shows them enlarged; px of the scan. */
  unlabelledPx?: number
}

export interface OffsetMap {
  svg: Html
  picture: OffsetPicture
}

const SIDE = 420
const LEFT = 52
const TOP = 8
const FOOT = 84
const WIDTH = LEFT + SIDE + 12
const MOST_LABELS_WITH_STEPS = 4 // more would run into each other
const RING = 8
const LETTER = 7.8 // the width of one, at most

export function offsetMap(input: OffsetMapInput): OffsetMap {
  const { id, histogram, extentPx, cells, exposures, peaks, unlabelledPx = 0 } = input
  const picture = offsetPicture(histogram, extentPx, cells)
  const perPx = SIDE / 2 / extentPx
  const x = (dx: number) => LEFT + SIDE / 2 + dx * perPx
  const y = (dy: number) => TOP + SIDE / 2 - dy * perPx
  const inside = (dx: number, dy: number) => Math.max(Math.abs(dx), Math.abs(dy)) < extentPx
  const isExposure = (dx: number, dy: number) =>
    exposures.some(
      ({ patternPx }) =>
        patternPx !== null && Math.hypot(patternPx[0] - dx, patternPx[1] - dy) * perPx < RING + 2,
    )
  const others = peaks
    .flatMap(({ dx, dy }) => [[dx, dy] as const, [-dx, -dy] as const])
    .filter(([dx, dy]) => inside(dx, dy) && !isExposure(dx, dy))
  const rings = others.map(([dx, dy]) => html`<circle cx="${at(x(dx))}" cy="${at(y(dy))}" r="${RING}"/>`)
  const marks = exposures.map(({ number, patternPx, magStep }) => {
    if (patternPx === null || !inside(...patternPx)) return undefined
    const [px, py] = [x(patternPx[0]), y(patternPx[1])]
    const step = magStep === null || number === 1 ? '' : ` (${signed(magStep)} mag)`
    const isLabelled = unlabelledPx === 0 || Math.hypot(...patternPx) > unlabelledPx
    const isCrowded = exposures.length > MOST_LABELS_WITH_STEPS
    const label = `${number}${isCrowded ? '' : step}`
    const width = label.length * LETTER + 2 * RING
    const toRight = px + width < WIDTH && (patternPx[0] >= 0 || px - width < LEFT)
    const [tx, ty] = isCrowded ? [px, py - 14] : [px + (toRight ? 14 : -14), py - 7]
    const anchor = isCrowded ? 'middle' : toRight ? 'start' : 'end'
    return html`<path d="${shape(number - 1, px, py, RING)}" fill="none" stroke="${colourOf(number - 1)}" stroke-width="2"/>${isLabelled && html`<text x="${at(tx)}" y="${at(ty)}" text-anchor="${anchor}" fill="${COLOUR.ink}" stroke="#ffffff" stroke-width="4" paint-order="stroke" font-weight="600">${label}</text>`}`
  })
  const png = picture.png.toString('base64')
  const svg = html`<svg id="${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${TOP + SIDE + FOOT}" role="img" aria-label="Pairs of images by their offset" ${{ markup: TEXT_STYLE }}>
<image href="data:image/png;base64,${png}" x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" style="image-rendering:pixelated"/>
<rect x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" fill="none" stroke="${COLOUR.faint}"/>
<g fill="none" stroke="${COLOUR.unused}" stroke-width="1.3">${rings}</g>
${marks}
${axes(extentPx, x, y)}
${key(picture)}
</svg>`
  return { svg, picture }
}

/** With its sign. */
export const signed = (value: number, decimals = 2): string =>
  `${value < 0 ? '' : '+'}${fixed(value, decimals)}`

function axes(extentPx: number, x: (dx: number) => number, y: (dy: number) => number): Html {
  const step = roundBelow(0.9 * extentPx)
  const bottom = TOP + SIDE
  const decimals = step < 1 ? 1 : 0
  const ticks = [-step, 0, step].map(
    (value) =>
      html`<path d="M${at(x(value))} ${bottom}v5M${LEFT} ${at(y(value))}h-5" stroke="${COLOUR.faint}"/><text x="${at(x(value))}" y="${bottom + 18}" text-anchor="middle">${fixed(value, decimals)}</text><text x="${LEFT - 8}" y="${at(y(value) + 4)}" text-anchor="end">${fixed(value, decimals)}</text>`,
  )
  const middle = TOP + SIDE / 2
  return html`${ticks}<text x="${LEFT + SIDE / 2}" y="${bottom + 35}" text-anchor="middle">offset along x, px</text><text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">offset along y, px</text>`
}

const SWATCH = 30

/** What the greys mean. */
function key({ most, cellPx }: OffsetPicture): Html {
  const counts = [...new Set([0, 1 / 16, 1 / 4, 9 / 16, 1].map((share) => Math.round(share * most)))]
  const top = TOP + SIDE + 48
  const swatches = counts.map((count, k) => {
    const grey = greyOf(count, most)
    return html`<rect x="${LEFT + k * SWATCH}" y="${top}" width="${SWATCH}" height="12" fill="rgb(${grey},${grey},${grey})" stroke="${COLOUR.faint}"/><text x="${LEFT + (k + 0.5) * SWATCH}" y="${top + 26}" text-anchor="middle">${count}</text>`
  })
  const size = fixed(cellPx, 1)
  return html`${swatches}<text x="${LEFT + counts.length * SWATCH + 10}" y="${top + 11}">pairs in a cell of ${size} × ${size} px</text>`
}
