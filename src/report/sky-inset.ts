// The largest covered field of a small store, enlarged.
import { type Cell, cellAreaDeg2, cellCentre, cellRadiusDeg, finestRange } from '../math/healpix.ts'
import { cellsOf, intersection, type Moc, skyShare, union } from '../math/moc.ts'
import { DEG, placeOf, type Vector } from '../math/sphere.ts'
import { at, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { angle, roundBelow } from './numbers.ts'
import { gridOf, outlines } from './sky-grid.ts'
import type { SkyLayer } from './sky-layers.ts'
import { gnomonic, type Place } from './sky-projection.ts'
import { filling } from './sky-style.ts'

export interface Field {
  centre: Place
  radiusDeg: number
  /** Fields of the store that lie apart, this one among them. */
  of: number
}

const SIDE = 210
export const INSET = { width: SIDE, height: SIDE + 26, square: 0.5 }
/** What lies within neighbouring cells of this order, 3.7° wide, is one field. */
const FIELD_ORDER = 4
const LARGEST_DEG = 30 // larger ones need no enlargement
const LEAST_DEG = 0.05
const AROUND = 1.15

/** The largest of the fields that lie apart; undefined where it is too large to be enlarged. */
export function largestField(layers: readonly Moc[]): Field | undefined {
  const covered = union(...layers)
  const groups = groupsOf(touchedCells(covered)).map((cells) => {
    const moc = intersection(covered, union(cells.map(finestRange).sort((a, b) => a[0] - b[0])))
    return { moc, share: skyShare(moc) }
  })
  const [largest] = groups.sort((a, b) => b.share - a.share)
  if (largest === undefined) return undefined
  const cells = cellsOf(largest.moc)
  const sum = [0, 0, 0]
  for (const cell of cells) {
    const weight = cellAreaDeg2(cell.order)
    cellCentre(cell).forEach((x, k) => {
      sum[k]! += weight * x
    })
  }
  const { ra, dec } = placeOf(sum as unknown as Vector)
  const length = Math.hypot(...sum)
  const middle = sum.map((x) => x / length)
  const radiusDeg = cells.reduce((most, cell) => {
    const chord = Math.hypot(...cellCentre(cell).map((x, k) => x - middle[k]!))
    return Math.max(most, (2 * Math.asin(Math.min(1, chord / 2))) / DEG + 0.7 * cellRadiusDeg(cell.order))
  }, LEAST_DEG)
  return radiusDeg > LARGEST_DEG ? undefined : { centre: [ra / DEG, dec / DEG], radiusDeg, of: groups.length }
}

/** Cells of FIELD_ORDER that the MOC reaches into. */
function touchedCells(moc: Moc): Cell[] {
  const size = finestRange({ order: FIELD_ORDER, pixel: 0 })[1]
  const pixels = new Set<number>()
  for (const [first, end] of moc) {
    for (let pixel = Math.floor(first / size); pixel * size < end; pixel++) pixels.add(pixel)
  }
  return [...pixels].map((pixel) => ({ order: FIELD_ORDER, pixel }))
}

/** Cells in groups: neighbours, and neighbours of neighbours. */
function groupsOf(cells: readonly Cell[]): Cell[][] {
  const near = 2 * Math.sin(cellRadiusDeg(FIELD_ORDER) * DEG) // neighbours share a corner at least
  const left = new Set(cells.map((cell) => ({ cell, centre: cellCentre(cell) })))
  const groups: Cell[][] = []
  for (const first of left) {
    left.delete(first)
    const group = [first]
    for (const { centre } of group) {
      for (const other of left) {
        if (Math.hypot(...other.centre.map((x, k) => x - centre[k]!)) > near) continue
        left.delete(other)
        group.push(other)
      }
    }
    groups.push(group.map(({ cell }) => cell))
  }
  return groups
}

/** The field in a square whose upper left corner is (x, y), with its place, a bar and the directions. */
export function inset(
  { centre, radiusDeg, of }: Field,
  layers: readonly SkyLayer[],
  steps: number,
  x: number,
  y: number,
): Html {
  const half = Math.tan(AROUND * radiusDeg * DEG)
  const frame = { halfWidth: half, halfHeight: half, columns: SIDE / INSET.square, rows: SIDE / INSET.square }
  const grid = gridOf(
    layers.map(({ moc }) => moc),
    gnomonic(centre),
    frame,
  )
  const paths = layers.map(
    (layer, n) => html`<path ${filling(layer, steps, INSET.square)} d="${outlines(grid, n)}"/>`,
  )
  const perDeg = (DEG * SIDE) / (2 * half)
  const barDeg = roundDeg((0.4 * SIDE) / perDeg)
  const caption = `${placeText(centre)}${of > 1 ? `, the largest of ${of} fields` : ''}`
  return html`<g transform="translate(${x} ${y})" ${{ markup: TEXT_STYLE }}>
<rect class="sky" width="${SIDE}" height="${SIDE}"/><g transform="scale(${INSET.square})">${paths}</g><rect class="ring" width="${SIDE}" height="${SIDE}"/>
<path class="bar" d="M10 ${SIDE - 14}v8m0 -4h${at(barDeg * perDeg)}m0 -4v8"/><text class="halo" x="10" y="${SIDE - 19}">${angle(barDeg * 3600)}</text>
<text class="halo" x="${SIDE / 2}" y="14" text-anchor="middle" font-size="11">N</text><text class="halo" x="6" y="${SIDE / 2}" font-size="11">E</text>
<text class="ink" x="${SIDE}" y="${SIDE + 18}" text-anchor="end">${caption}</text></g>`
}

/** A round angle not above this, in whole minutes below a degree. */
function roundDeg(deg: number): number {
  return deg >= 1 ? roundBelow(deg) : roundBelow(deg * 60) / 60
}

/** `08h51m +11°49′` */
function placeText([raDeg, decDeg]: Place): string {
  const minutes = Math.round(raDeg * 4) % 1440
  const arcmin = Math.round(Math.abs(decDeg) * 60)
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  return `${two(minutes / 60)}h${two(minutes % 60)}m ${decDeg < 0 ? '−' : '+'}${two(arcmin / 60)}°${two(arcmin % 60)}′`
}
