// Residuals against magnitude and against the distance from the middle of the plate, two components in each figure.
// What the plate constants leave behind shows as a trend of the means: a magnitude equation, a distortion.
import { rms } from '../math/robust.ts'
import { COLOUR } from './colours.ts'
import { at, dot, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { fixed, roundBelow } from './numbers.ts'
import { type Residuals, thinned } from './residuals.ts'

const WIDTH = 496
const LEFT = 58
const RIGHT = 10
const PANEL = 118
const GAP = 14
const FOOT = 40
const MOST_DOTS = 600

const LEAST_PAIRS = 20
const PAIRS_PER_BIN = 25
const MOST_BINS = 12
const SHOWN_QUANTILE = 0.98

interface Panel {
  name: string
  values: Float64Array
}

/** Along x and along y of the scan, against magnitude; undefined where there are too few. */
export function magnitudeTrend(residuals: Residuals, id: string): Html | undefined {
  const panels = [
    { name: 'along x', values: residuals.dx },
    { name: 'along y', values: residuals.dy },
  ]
  return trend({
    id,
    title: 'Residuals against magnitude',
    residuals,
    across: residuals.magnitude,
    axis: residuals.magnitudeName,
    panels,
  })
}

/** Away from the middle of the plate and across that, against the distance from it. */
export function radiusTrend(
  residuals: Residuals,
  plate: { width: number; height: number },
  id: string,
): Html | undefined {
  const { length, x, y, dx, dy } = residuals
  const radius = new Float64Array(length)
  const outward = new Float64Array(length)
  const around = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const u = x[i]! - (plate.width + 1) / 2
    const v = y[i]! - (plate.height + 1) / 2
    const r = Math.hypot(u, v) || 1
    radius[i] = r
    outward[i] = (dx[i]! * u + dy[i]! * v) / r
    around[i] = (dy[i]! * u - dx[i]! * v) / r
  }
  const panels = [
    { name: 'outward', values: outward },
    { name: 'around', values: around },
  ]
  const axis = 'distance from the middle of the scan, px'
  return trend({
    id,
    title: 'Residuals against distance from the middle',
    residuals,
    across: radius,
    axis,
    panels,
  })
}

interface Trend {
  id: string
  title: string
  residuals: Residuals
  across: Float64Array
  axis: string
  panels: Panel[]
}

function trend({ id, title, residuals, across, axis, panels }: Trend): Html | undefined {
  const rows = [...across.keys()].filter((i) => Number.isFinite(across[i]!))
  if (rows.length < LEAST_PAIRS) return undefined
  const used = rows.filter((i) => residuals.used[i] === 1)
  const unused = rows.filter((i) => residuals.used[i] !== 1)
  const ordered = Float64Array.from(rows, (i) => across[i]!).sort()
  const low = ordered[0]!
  const high = ordered[ordered.length - 1]!
  const span = high - low || 1
  const toX = (value: number) => LEFT + 8 + ((value - low) / span) * (WIDTH - LEFT - RIGHT - 16)
  const sizes = Float64Array.from(
    panels.flatMap((panel) => rows.map((i) => Math.abs(panel.values[i]!))),
  ).sort()
  const reach = 1.15 * (sizes[Math.floor(SHOWN_QUANTILE * (sizes.length - 1))] || 1)
  const bins = binsOf(used, across)
  const drawn = panels.map((panel, n) => {
    const top = n * (PANEL + GAP) + 4
    const toY = (value: number) =>
      top + PANEL / 2 - (Math.max(-reach, Math.min(reach, value)) / reach) * (PANEL / 2 - 3)
    const dots = (own: readonly number[]) =>
      thinned(own, MOST_DOTS)
        .map((i) => dot(toX(across[i]!), toY(panel.values[i]!)))
        .join('')
    const means = bins.map((bin) =>
      meanMark(
        bin.map((i) => panel.values[i]!),
        toX(meanOf(bin.map((i) => across[i]!))),
        toY,
      ),
    )
    const tick = roundBelow(reach * 0.8)
    const ticks = [-tick, 0, tick].map(
      (value) =>
        html`<text x="${LEFT - 6}" y="${at(toY(value) + 4)}" text-anchor="end">${value === 0 ? '0' : `${fixed(value, decimalsOf(tick))}″`}</text>`,
    )
    return html`<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${PANEL}" fill="#ffffff" stroke="${COLOUR.faint}"/>
<path d="M${LEFT} ${at(toY(0))}H${WIDTH - RIGHT}" stroke="${COLOUR.rule}"/>
<g fill="none" stroke-linecap="round" stroke-width="2.4"><path d="${dots(used)}" stroke="${COLOUR.used}" stroke-opacity="0.35"/><path d="${dots(unused)}" stroke="${COLOUR.unused}" stroke-opacity="0.6"/></g>
<path d="${means.join('')}" fill="none" stroke="${COLOUR.ink}" stroke-width="1.6"/>${ticks}<text x="${LEFT + 6}" y="${top + 15}" font-weight="600">${panel.name}</text>`
  })
  const bottom = panels.length * (PANEL + GAP) - GAP + 4
  const step = roundBelow(span / 3)
  const axisTicks: Html[] = []
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9 * span; value += step) {
    axisTicks.push(
      html`<path d="M${at(toX(value))} ${bottom}v4" stroke="${COLOUR.faint}"/><text x="${at(toX(value))}" y="${bottom + 17}" text-anchor="middle">${fixed(value, decimalsOf(step))}</text>`,
    )
  }
  return html`<svg id="${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + FOOT}" role="img" aria-label="${title}" ${{ markup: TEXT_STYLE }}>
${drawn}
${axisTicks}<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 35}" text-anchor="middle">${axis}</text>
</svg>`
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
  const [top, middle, bottom] = [toY(mean + error), toY(mean), toY(mean - error)]
  return `M${at(x)} ${at(top)}V${at(bottom)}M${at(x - 4)} ${at(middle)}h8`
}
