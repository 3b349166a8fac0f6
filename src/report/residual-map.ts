// Where on the plate its stars are off, and which way: an arrow for each pair, and the mean of each cell of a grid.
// Scatter is the images' own; cells that agree with each other where they should not are the plate constants' fault.
import { quantile } from '../math/robust.ts'
import { COLOUR } from './colours.ts'
import { arrow, at, dot, scaleBar, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { roundBelow } from './numbers.ts'
import { onPlate, type Residuals, thinned } from './residuals.ts'

export interface Frame {
  width: number
  height: number
}

export interface ArrowMap {
  svg: Html
  drawn: number
}

/** More arrows than this hide each other. */
const MOST_ARROWS = 600
const LONG_SIDE = 480 // of the plate in the figure
const MARGIN = 16
const FOOT = 40 // for the scale bar

const TYPICAL_QUANTILE = 0.9
const LONGEST_ARROW = 0.045 // the typical large residual, as part of the plate

/** An arrow from each pair's place along its residual; y grows upwards. */
export function arrowMap(residuals: Residuals, plate: Frame, id: string): ArrowMap {
  const { length, x, y, dx, dy, used } = residuals
  const rows = thinned([...Array(length).keys()], MOST_ARROWS)
  const sizes = Float64Array.from({ length }, (_, i) => Math.hypot(dx[i]!, dy[i]!)).sort()
  const typical = sizes[Math.floor(TYPICAL_QUANTILE * (length - 1))] || 1
  const figure = figureOf(plate)
  const perArcsec = (LONGEST_ARROW * LONG_SIDE) / typical
  const path = (wanted: number, draw: (i: number, px: number, py: number) => string) =>
    rows
      .filter((i) => used[i] === wanted)
      .map((i) => draw(i, figure.x(x[i]!), figure.y(y[i]!)))
      .join('')
  const arrows = (wanted: number, colour: string) =>
    html`<path d="${path(wanted, dotOf)}" stroke="${colour}" stroke-width="2.6"/><path d="${path(wanted, arrowOf)}" stroke="${colour}"/>`
  const dotOf = (_: number, px: number, py: number) => dot(px, py)
  const arrowOf = (i: number, px: number, py: number) =>
    arrow(px, py, dx[i]! * perArcsec, -dy[i]! * perArcsec)
  const marks = html`<g fill="none" stroke-linecap="round">${arrows(1, COLOUR.used)}${arrows(0, COLOUR.unused)}</g>`
  return {
    svg: svgOf(figure, marks, scaleText(residuals, 3 * typical), perArcsec, id, 'Residual of each pair'),
    drawn: rows.length,
  }
}

export interface MeanMap {
  svg: Html
  cells: number
  /** Cells whose mean chance would give to one cell in a hundred. */
  significant: number
}

const PAIRS_PER_CELL = 12
const LEAST_PAIRS = 5
const CIRCLES_WITHIN_CELLS = 0.75 // the share of the circles that do not touch others
const MOST_CELLS = 14 // along the longer side
/** χ² of two axes that chance exceeds once in a hundred: −2 ln 0.01. */
const CHI2_99 = 9.21

/** The mean residual of the pairs used in each cell of a grid; undefined with too few pairs for a grid of 3 × 3. */
export function meanMap(residuals: Residuals, plate: Frame, id: string): MeanMap | undefined {
  const rows = [...Array(residuals.length).keys()].filter((i) => residuals.used[i] === 1)
  const long = Math.max(plate.width, plate.height)
  const share = (plate.width * plate.height) / (long * long)
  const across = Math.min(MOST_CELLS, Math.floor(Math.sqrt(rows.length / PAIRS_PER_CELL / share)))
  if (across < 3) return undefined
  const sidePx = long / across
  const cells = cellMeans(residuals, rows, sidePx, plate).filter((cell) => cell.pairs >= LEAST_PAIRS)
  if (cells.length === 0) return undefined
  const figure = figureOf(plate)
  const usual = quantile(
    cells.map((cell) => cell.limit),
    CIRCLES_WITHIN_CELLS,
  )
  const typical = Math.max(usual, ...cells.map((cell) => Math.hypot(cell.dx, cell.dy)))
  const perArcsec = (0.48 * sidePx * figure.perPx) / (typical || 1)
  const isSignificant = (cell: Cell) => Math.hypot(cell.dx, cell.dy) > cell.limit
  const circles = cells.map(
    ({ x, y, limit }) =>
      html`<circle cx="${at(figure.x(x))}" cy="${at(figure.y(y))}" r="${at(limit * perArcsec)}"/>`,
  )
  const arrows = cells.map((cell) => {
    const [px, py] = [figure.x(cell.x), figure.y(cell.y)]
    const line = arrow(px, py, cell.dx * perArcsec, -cell.dy * perArcsec)
    return html`<path d="${dot(px, py)}${line}" stroke="${isSignificant(cell) ? COLOUR.unused : COLOUR.used}"/>`
  })
  const group = html`<g fill="#f1f1f1" stroke="${COLOUR.rule}">${circles}</g>
<g fill="none" stroke-linecap="round" stroke-width="1.8">${arrows}</g>`
  return {
    svg: svgOf(
      figure,
      group,
      scaleText(residuals, 1.5 * typical),
      perArcsec,
      id,
      'Mean residuals over the plate',
    ),
    cells: cells.length,
    significant: cells.filter(isSignificant).length,
  }
}

interface Cell {
  x: number
  y: number
  pairs: number
  dx: number
  dy: number
  /** Length that the mean of so many pairs exceeds by chance once in a hundred. */
  limit: number
}

function cellMeans(r: Residuals, rows: readonly number[], sidePx: number, plate: Frame): Cell[] {
  const columns = Math.max(1, Math.round(plate.width / sidePx))
  const lines = Math.max(1, Math.round(plate.height / sidePx))
  const members: number[][] = Array.from({ length: columns * lines }, () => [])
  const variance = rows.reduce((sum, i) => sum + r.dx[i]! ** 2 + r.dy[i]! ** 2, 0) / (2 * rows.length)
  const within = (pixel: number, size: number, cells: number) =>
    Math.min(cells - 1, Math.max(0, Math.floor(((pixel - 0.5) / size) * cells)))
  for (const i of rows) {
    members[within(r.y[i]!, plate.height, lines) * columns + within(r.x[i]!, plate.width, columns)]!.push(i)
  }
  return members.map((own, cell) => {
    const mean = (column: Float64Array) => own.reduce((sum, i) => sum + column[i]!, 0) / own.length
    return {
      x: 0.5 + (((cell % columns) + 0.5) / columns) * plate.width,
      y: 0.5 + ((Math.floor(cell / columns) + 0.5) / lines) * plate.height,
      pairs: own.length,
      dx: mean(r.dx),
      dy: mean(r.dy),
      limit: Math.sqrt((CHI2_99 * variance) / own.length),
    }
  })
}

/** A round length of residual not above `longest` (arcsec), and what it is on the scan and the plate. */
function scaleText(residuals: Residuals, longest: number): { arcsec: number; label: string } {
  const arcsec = roundBelow(longest)
  return { arcsec, label: onPlate(residuals, arcsec) }
}

function figureOf({ width, height }: Frame) {
  const perPx = LONG_SIDE / Math.max(width, height)
  return {
    perPx,
    width: width * perPx,
    height: height * perPx,
    x: (px: number) => MARGIN + (px - 0.5) * perPx,
    y: (px: number) => MARGIN + (height - px + 0.5) * perPx,
  }
}

function svgOf(
  figure: ReturnType<typeof figureOf>,
  marks: Html,
  scale: { arcsec: number; label: string },
  perArcsec: number,
  id: string,
  title: string,
): Html {
  const width = figure.width + 2 * MARGIN
  const height = figure.height + 2 * MARGIN + FOOT
  return html`<svg id="${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(width)} ${at(height)}" role="img" aria-label="${title}" ${{ markup: TEXT_STYLE }}>
<rect x="${MARGIN}" y="${MARGIN}" width="${at(figure.width)}" height="${at(figure.height)}" fill="#ffffff" stroke="${COLOUR.faint}"/>
${marks}
${scaleBar(MARGIN + 2, height - 10, scale.arcsec * perArcsec, scale.label)}
</svg>`
}
