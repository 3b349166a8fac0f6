// The preview: the scan with what was found on it. A shape as well as a colour for each kind of mark, and for each exposure
// where the plate has several.
import type { Detections } from '../detections.ts'
import { ARCSEC } from '../math/sphere.ts'
import { jacobianAt, orientation, type PlateConstants } from '../models/plate-constants.ts'
import { COLOUR } from './colours.ts'
import { at, scaleBar, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { colourOf, sample, shape } from './marks.ts'
import { angle, count, roundBelow } from './numbers.ts'
import type { PreviewImage } from './preview-image.ts'
import type { ShownExposure } from './shown-exposures.ts'

export interface PreviewInput {
  image: PreviewImage
  detections: Detections
  /** Bit mask per detection; 0: a star as far as rules can tell. */
  reject: Int32Array
  /** Rows of the detections that have a reference star. */
  matched: ReadonlySet<number>
  /** Where the plate has several; empty otherwise. */
  exposures?: readonly ShownExposure[]
  /** Gives the compass and the bar; null where the plate is not solved. */
  constants: PlateConstants | null
}

export interface Preview {
  svg: Html
  legend: { mark: Html; text: string; total: number; drawn: number }[]
}

/** More marks than these hide the plate; the brightest are drawn. */
export const MOST_MARKS = { matched: 1500, unmatched: 1000, rejected: 800 }

const LONG_SIDE = 1000 // of the figure
// A circle's radius is the full width at half maximum of what it marks, within these:
const LEAST_RADIUS = 4.5
const MOST_RADIUS = 14

export function preview(input: PreviewInput): Preview {
  const { image, constants } = input
  const { scanWidth, scanHeight } = image
  const perPx = LONG_SIDE / Math.max(scanWidth, scanHeight)
  const perBlock = perPx * image.blockPx
  const width = scanWidth * perPx
  const height = scanHeight * perPx
  const png = image.png.toString('base64')
  const layers = layersOf(input, perPx, height)
  const svg = html`<svg id="preview" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}" role="img" aria-label="Preview of the scan with its detections" ${{ markup: TEXT_STYLE }}>
<image href="data:image/png;base64,${png}" x="0" y="${at(height - image.height * perBlock)}" width="${at(image.width * perBlock)}" height="${at(image.height * perBlock)}" preserveAspectRatio="none"/>
<g fill="none">${layers.map(({ rows, most, drawn }) => drawn(rows.slice(0, most)))}</g>
${constants !== null && compass(constants, perPx, width, height)}
</svg>`
  const legend = layers.toReversed().map(({ rows, most, text, mark }) => ({
    ...{ mark, text, total: rows.length, drawn: Math.min(rows.length, most) },
  }))
  return { svg, legend }
}

/** Marks of one kind: those drawn first lie below the others. */
interface Layer {
  /** Of the detections, the brightest first. */
  rows: number[]
  most: number
  text: string
  drawn: (rows: readonly number[]) => Html
  mark: Html
}

function layersOf(input: PreviewInput, perPx: number, height: number): Layer[] {
  const { detections, reject, matched, exposures = [] } = input
  const brightest = [...Array(detections.length).keys()].sort(
    (a, b) => magnitudeOf(detections, a) - magnitudeOf(detections, b) || a - b,
  )
  const ofExposure = new Map(exposures.flatMap(({ rows }, k) => Array.from(rows, (row) => [row, k] as const)))
  const plain = brightest.filter((row) => !ofExposure.has(row))
  const place = (i: number): [number, number] => [
    (detections.x[i]! - 0.5) * perPx,
    height - (detections.y[i]! - 0.5) * perPx,
  ]
  const radius = (i: number) =>
    Math.min(MOST_RADIUS, Math.max(LEAST_RADIUS, detections.fwhm[i]! * perPx || 0))
  const circle = (i: number): Html => {
    const [x, y] = place(i)
    return html`<circle cx="${at(x)}" cy="${at(y)}" r="${at(radius(i))}"/>`
  }
  const cross = (i: number): string => {
    const [x, y] = place(i)
    return `M${at(x - 3)} ${at(y - 3)}l6 6m0 -6l-6 6`
  }
  const circles = (colour: string, strokeWidth: number) => (rows: readonly number[]) =>
    html`<g stroke="${colour}" stroke-width="${strokeWidth}">${rows.map(circle)}</g>`
  const rejected: Layer = {
    rows: plain.filter((i) => !matched.has(i) && reject[i] !== 0),
    most: MOST_MARKS.rejected,
    text: 'rejected as an artefact',
    drawn: (rows) =>
      html`<path d="${rows.map(cross).join('')}" stroke="${COLOUR.rejected}" stroke-width="1.3"/>`,
    mark: markOf(html`<path d="M3 3l10 10m0 -10l-10 10" stroke="${COLOUR.rejected}" stroke-width="2"/>`),
  }
  const likeStars = plain.filter((i) => !matched.has(i) && reject[i] === 0)
  if (exposures.length > 0) {
    const other: Layer = {
      ...{ rows: likeStars, most: MOST_MARKS.unmatched, text: 'like a star, of no known exposure' },
      drawn: circles(COLOUR.faint, 0.7),
      mark: markOf(html`<circle cx="8" cy="8" r="6" fill="none" stroke="${COLOUR.faint}"/>`),
    }
    const most = Math.ceil(MOST_MARKS.matched / exposures.length)
    const shapes = (k: number, isSolved: boolean) => (rows: readonly number[]) => {
      const path = (wanted: boolean) =>
        rows
          .filter((i) => (matched.has(i) || !isSolved) === wanted)
          .map((i) => shape(k, ...place(i), radius(i)))
          .join('')
      return html`<g stroke="${colourOf(k)}"><path d="${path(false)}" stroke-width="0.9"/><path d="${path(true)}" stroke-width="1.7"/></g>`
    }
    const own = exposures.map(({ number, name, solution }, n): Layer => {
      const rows = brightest.filter((row) => ofExposure.get(row) === n)
      const paired = rows.filter((row) => matched.has(row)).length
      const known = solution === null ? '' : `, ${count(paired)} of them with a reference star (bold)`
      const text = `of ${name}${known}`
      return {
        ...{ rows, most, text },
        drawn: shapes(number - 1, solution !== null),
        mark: sample(number - 1),
      }
    })
    return [rejected, other, ...own.toReversed()]
  }
  const unmatched: Layer = {
    ...{ rows: likeStars, most: MOST_MARKS.unmatched },
    text: input.constants === null ? 'like a star' : 'like a star, without a reference star',
    drawn: circles(COLOUR.unmatched, 0.7),
    mark: markOf(html`<circle cx="8" cy="8" r="6" fill="none" stroke="${COLOUR.unmatched}"/>`),
  }
  const paired: Layer = {
    rows: plain.filter((i) => matched.has(i)),
    ...{ most: MOST_MARKS.matched, text: 'with a reference star', drawn: circles(COLOUR.matched, 1.4) },
    mark: markOf(html`<circle cx="8" cy="8" r="6" fill="none" stroke="${COLOUR.matched}" stroke-width="2"/>`),
  }
  return input.constants === null && paired.rows.length === 0
    ? [rejected, unmatched]
    : [rejected, unmatched, paired]
}

const markOf = (mark: Html): Html =>
  html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${mark}</svg>`

/** Unmeasured ones last. */
function magnitudeOf(detections: Detections, i: number): number {
  const magnitude = detections.magInst[i]!
  return Number.isFinite(magnitude) ? magnitude : 1e9
}

const NEEDLE = 34

/** Where north and east are in the middle of the plate, and how long an angle is. */
function compass(constants: PlateConstants, perPx: number, width: number, height: number): Html {
  const { frame } = constants
  const [a, b, c, d] = jacobianAt(constants, frame.x0, frame.y0)
  const sense = Math.sign(a * d - b * c)
  // Columns of the inverse: the steps in x and y that go to the east (ξ) and to the north (η).
  const needle = (dx: number, dy: number, letter: string): Html => {
    const length = Math.hypot(dx, dy)
    const [u, v] = [dx / length, -dy / length]
    return html`<path d="M0 0L${at(NEEDLE * u)} ${at(NEEDLE * v)}"/><text x="${at((NEEDLE + 10) * u)}" y="${at((NEEDLE + 10) * v + 4.5)}" text-anchor="middle" stroke="none" fill="${COLOUR.ink}" font-weight="700">${letter}</text>`
  }
  const perUnit = orientation(constants).scaleRadPx / ARCSEC / perPx
  const bar = roundAngle(0.22 * width * perUnit)
  const size = 2 * (NEEDLE + 20)
  return html`<g transform="translate(${at(width - size / 2 - 8)} ${at(size / 2 + 8)})"><circle r="${size / 2}" fill="#ffffff" fill-opacity="0.85"/><g stroke="${COLOUR.ink}" stroke-width="1.6">${needle(sense * -b, sense * a, 'N')}${needle(sense * d, sense * -c, 'E')}</g></g>
<rect x="8" y="${at(height - 42)}" width="${at(bar / perUnit + 24)}" height="34" fill="#ffffff" fill-opacity="0.85"/>${scaleBar(20, height - 16, bar / perUnit, angle(bar))}`
}

/** A round angle not above this many arcsec, in whole minutes or degrees where it is as large. */
function roundAngle(arcsec: number): number {
  const unit = arcsec >= 3600 ? 3600 : arcsec >= 60 ? 60 : 1
  const steps = [30, 20, 10, 5, 2, 1]
  const large = steps.find((step) => step * unit <= arcsec)
  return large !== undefined && arcsec < 60 * unit ? large * unit : roundBelow(arcsec)
}
