// Scatter plots that share their horizontal axis, one above the other: every pair as a dot, and the means of bins.
import { rms } from '../math/robust.ts'
import { COLOUR } from './colours.ts'
import { at, dot, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { fixed, roundBelow } from './numbers.ts'
import { type Residuals, thinned } from './residuals.ts'

export interface Panel {
  name: string
  /** Arcsec, one per pair. */
  values: Float64Array
}

export interface Trend {
  id: string
  title: string
  residuals: Residuals
  /** What the residuals are drawn against, one per pair; pairs without it (NaN) are left out. */
  across: Float64Array
  axis: string
  panels: readonly Panel[]
}

const WIDTH = 496
const LEFT = 58
const RIGHT = 10
const PANEL = 118
const GAP = 14
const FOOT = 40

const LEAST_PAIRS = 20
const MOST_DOTS = 900
const MANY_DOTS = 300 // from here on they are drawn paler, so that the means stand out
const PAIRS_PER_BIN = 12
const MOST_BINS = 12
/** What lies beyond this share of all is drawn at the edge, so that a few wild pairs do not flatten the rest. */
const SHOWN_QUANTILE = 0.98

/** Undefined with too few pairs to show anything. */
export function trend({ id, title, residuals, across, axis, panels }: Trend): Html | undefined {
  const rows = [...across.keys()].filter((i) => Number.isFinite(across[i]!))
  if (rows.length < LEAST_PAIRS) return undefined
  const isUsed = (i: number) => residuals.used[i] === 1
  const ordered = Float64Array.from(rows, (i) => across[i]!).sort()
  const horizontal = axisOf(ordered[0]!, ordered[ordered.length - 1]!)
  const sizes = Float64Array.from(
    panels.flatMap(({ values }) => rows.map((i) => Math.abs(values[i]!))),
  ).sort()
  const reach = 1.15 * (sizes[Math.floor(SHOWN_QUANTILE * (sizes.length - 1))] || 1)
  const drawn = thinned(rows, MOST_DOTS)
  const bins = binsOf(rows.filter(isUsed), across)
  const frames = panels.map(({ name, values }, n) => {
    const vertical = levelsOf(n * (PANEL + GAP) + 4, reach)
    const dots = (own: readonly number[]) =>
      own.map((i) => dot(horizontal.toX(across[i]!), vertical.toY(values[i]!))).join('')
    const means = bins.map((bin) => {
      const pick = (column: Float64Array) => bin.map((i) => column[i]!)
      return meanMark(pick(values), horizontal.toX(meanOf(pick(across))), vertical.toY)
    })
    return html`${vertical.frame}
<g fill="none" stroke-linecap="round" stroke-width="2.6" stroke-opacity="${drawn.length > MANY_DOTS ? 0.4 : 0.8}"><path d="${dots(drawn.filter(isUsed))}" stroke="${COLOUR.used}"/><path d="${dots(drawn.filter((i) => !isUsed(i)))}" stroke="${COLOUR.unused}"/></g>
<path d="${means.join('')}" fill="none" stroke="${COLOUR.ink}" stroke-width="1.6"/><text x="${LEFT + 6}" y="${vertical.top + 15}" font-weight="600">${name}</text>`
  })
  const bottom = panels.length * (PANEL + GAP) - GAP + 4
  return html`<svg id="${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + FOOT}" role="img" aria-label="${title}" ${{ markup: TEXT_STYLE }}>
${frames}
${horizontal.ticks(bottom)}<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 35}" text-anchor="middle">${axis}</text>
</svg>`
}

/** The horizontal axis that all panels share. */
function axisOf(low: number, high: number) {
  const span = high - low || 1
  const toX = (value: number) => LEFT + 8 + ((value - low) / span) * (WIDTH - LEFT - RIGHT - 16)
  const step = roundBelow(span / 3)
  const first = Math.ceil(low / step - 1e-9)
  const count = Math.floor(high / step + 1e-9) - first + 1
  const ticks = (bottom: number) =>
    Array.from({ length: count }, (_, k) => {
      const x = at(toX((first + k) * step))
      return html`<path d="M${x} ${bottom}v4" stroke="${COLOUR.faint}"/><text x="${x}" y="${bottom + 17}" text-anchor="middle">${fixed((first + k) * step, decimalsOf(step))}</text>`
    })
  return { toX, ticks }
}

/** One panel from −reach to +reach arcsec: its frame, its ticks, its zero. */
function levelsOf(top: number, reach: number) {
  const toY = (value: number) =>
    top + PANEL / 2 - (Math.max(-reach, Math.min(reach, value)) / reach) * (PANEL / 2 - 3)
  const tick = roundBelow(0.8 * reach)
  const ticks = [-tick, 0, tick].map((value) => {
    const label = value === 0 ? '0' : `${fixed(value, decimalsOf(tick))}″`
    return html`<text x="${LEFT - 6}" y="${at(toY(value) + 4)}" text-anchor="end">${label}</text>`
  })
  const frame = html`<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${PANEL}" fill="#ffffff" stroke="${COLOUR.faint}"/><path d="M${LEFT} ${at(toY(0))}H${WIDTH - RIGHT}" stroke="${COLOUR.faint}"/>${ticks}`
  return { top, toY, frame }
}

const decimalsOf = (step: number): number => Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length

/** Bins of equally many pairs, in order. */
function binsOf(rows: readonly number[], across: Float64Array): number[][] {
  const bins = Math.min(MOST_BINS, Math.floor(rows.length / PAIRS_PER_BIN))
  const ordered = rows.toSorted((a, b) => across[a]! - across[b]! || a - b)
  return Array.from({ length: bins }, (_, k) =>
    ordered.slice(Math.floor((k * rows.length) / bins), Math.floor(((k + 1) * rows.length) / bins)),
  )
}

/** The mean as a bar between its standard errors, with a line across it at the mean. */
function meanMark(values: readonly number[], x: number, toY: (value: number) => number): string {
  const mean = meanOf(values)
  const error = rms(values.map((v) => v - mean)) / Math.sqrt(values.length)
  return `M${at(x)} ${at(toY(mean + error))}V${at(toY(mean - error))}M${at(x - 4)} ${at(toY(mean))}h8`
}
