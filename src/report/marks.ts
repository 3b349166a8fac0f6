// A colour and a shape of its own for each exposure, after Okabe & Ito: told apart without colours too. Vermilion is left to
// what was rejected; in its place stands Tol's indigo (SRON/EPS/TN/09-002), the darkest also in a print without colours.
import { at } from './drawing.ts'
import { type Html, html } from './html.ts'

// One less than the shapes: an exposure has a colour with a shape of its own until both lists are through, after 42.
const COLOURS = ['#009E73', '#0072B2', '#CC79A7', '#E69F00', '#56B4E9', '#332288'] as const

type Corners = readonly (readonly [x: number, y: number])[]

/** Corners on a circle of radius 1, y downwards; null: the circle itself. */
const SHAPES: readonly (Corners | null)[] = [
  null,
  regular(4, 45),
  regular(3, 90),
  regular(4, 0),
  regular(3, 270),
  regular(6, 0),
  regular(5, 90),
]

function regular(corners: number, firstDeg: number): Corners {
  return Array.from({ length: corners }, (_, k) => {
    const angle = ((firstDeg + (360 * k) / corners) * Math.PI) / 180
    return [Math.cos(angle), -Math.sin(angle)] as const
  })
}

/** Of exposure k, from 0. */
export const colourOf = (k: number): string => COLOURS[k % COLOURS.length]!

const AREA: readonly number[] = [1, 1.2, 1.35, 1.25, 1.35, 1.05, 1.1] // radii at which all shapes look equally large

/** Path of the shape of exposure k (from 0) around (x, y). */
export function shape(k: number, x: number, y: number, radius: number): string {
  const which = k % SHAPES.length
  const corners = SHAPES[which]
  const r = radius * AREA[which]!
  if (corners == null)
    return `M${at(x - r)} ${at(y)}a${at(r)} ${at(r)} 0 1 0 ${at(2 * r)} 0a${at(r)} ${at(r)} 0 1 0 ${at(-2 * r)} 0`
  return `M${corners.map(([u, v]) => `${at(x + r * u)} ${at(y + r * v)}`).join('L')}Z`
}

/** A small picture of a mark for a legend or a table. */
export function sample(k: number, strokeWidth = 2): Html {
  return html`<svg class="mark" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${shape(k, 8, 8, 5.4)}" fill="none" stroke="${colourOf(k)}" stroke-width="${strokeWidth}"/></svg>`
}
