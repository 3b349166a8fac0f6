// Strokes that the figures share: numbers in paths, arrows, dots, scale bars.
import { COLOUR } from './colours.ts'
import { type Html, html } from './html.ts'

/** A coordinate with one decimal: a tenth of a screen pixel. */
export function at(value: number): string {
  const text = value.toFixed(1)
  return text.endsWith('.0') ? text.slice(0, -2) : text
}

const BARB = 0.3 // of the arrow's length
const MOST_BARB = 5
const LEAST_ARROW = 1 // shorter ones are their dot alone

/** Path of an arrow from (x, y) by (dx, dy). */
export function arrow(x: number, y: number, dx: number, dy: number): string {
  const length = Math.hypot(dx, dy)
  if (!(length > LEAST_ARROW)) return ''
  const size = Math.min(BARB * length, MOST_BARB) / length
  const barb = (side: number) => [
    -size * (dx * 0.87 + side * dy * 0.5),
    -size * (dy * 0.87 - side * dx * 0.5),
  ]
  const [ax, ay] = barb(1) as [number, number]
  const [bx, by] = barb(-1) as [number, number]
  return `M${at(x)} ${at(y)}l${at(dx)} ${at(dy)}m${at(ax)} ${at(ay)}l${at(-ax)} ${at(-ay)}l${at(bx)} ${at(by)}`
}

/** Path of a dot: a stroke of no length with round ends. */
export function dot(x: number, y: number): string {
  return `M${at(x)} ${at(y)}h0`
}

/** A horizontal bar with its meaning above it, its left end at (x, y). */
export function scaleBar(x: number, y: number, length: number, label: string): Html {
  return html`<path d="M${at(x)} ${at(y - 4)}v8m0 -4h${at(length)}m0 -4v8" fill="none" stroke="${COLOUR.ink}" stroke-width="1.5"/><text x="${at(x)}" y="${at(y - 9)}">${label}</text>`
}

export const TEXT_STYLE = 'font-family="system-ui,Helvetica,Arial,sans-serif" font-size="13"'
