// Parts of the sky on a grid of small squares: which layer each square belongs to, and the outlines of a layer.
import { cellAt, cellCentre, FINEST_ORDER } from '../math/healpix.ts'
import { cellsOf, type Moc } from '../math/moc.ts'
import { DEG, placeOf } from '../math/sphere.ts'
import type { Place, Projection } from './sky-projection.ts'

export interface Grid {
  columns: number
  rows: number
  /** Row by row from the top: 0 for none, else one more than the number of the layer. */
  layer: Uint8Array
}

export interface Frame {
  /** Half the width and height of what is shown, in the units of the projection. */
  halfWidth: number
  halfHeight: number
  columns: number
  rows: number
}

/** Which layer a place lies in; −1 for none. The layers do not overlap. */
function finder(layers: readonly Moc[]): (place: Place) => number {
  const ranges = layers
    .flatMap((moc, layer) => moc.map(([first, end]) => ({ first, end, layer })))
    .sort((a, b) => a.first - b.first)
  const firsts = Float64Array.from(ranges, ({ first }) => first)
  return ([raDeg, decDeg]) => {
    const cell = cellAt(FINEST_ORDER, raDeg, decDeg)
    let [low, high] = [0, firsts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (firsts[middle]! <= cell) low = middle + 1
      else high = middle
    }
    const range = ranges[low - 1]
    return range !== undefined && cell < range.end ? range.layer : -1
  }
}

/** Looks at the middle of each square; small cells that are missed so, and alone there, mark the square that they lie in. */
export function gridOf(layers: readonly Moc[], projection: Projection, frame: Frame): Grid {
  const { columns, rows, halfWidth, halfHeight } = frame
  const layer = new Uint8Array(columns * rows)
  const layerAt = finder(layers)
  for (let row = 0; row < rows; row++) {
    const y = halfHeight * (1 - (2 * row + 1) / rows)
    for (let column = 0; column < columns; column++) {
      const place = projection.toPlace([halfWidth * ((2 * column + 1) / columns - 1), y])
      if (place !== undefined) layer[row * columns + column] = 1 + layerAt(place)
    }
  }
  const met = layer.slice()
  const isAlone = (column: number, row: number) => {
    for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
      const from = r * columns
      if (met.subarray(from + Math.max(0, column - 1), from + Math.min(columns, column + 2)).some(Boolean))
        return false
    }
    return true
  }
  for (const [n, moc] of layers.entries()) {
    for (const cell of cellsOf(moc)) {
      const { ra, dec } = placeOf(cellCentre(cell))
      const point = projection.toPoint([ra / DEG, dec / DEG])
      if (point === undefined) continue
      const column = Math.floor(((point[0] / halfWidth + 1) / 2) * columns)
      const row = Math.floor(((1 - point[1] / halfHeight) / 2) * rows)
      const isInside = column >= 0 && column < columns && row >= 0 && row < rows
      if (isInside && isAlone(column, row)) layer[row * columns + column] = 1 + n
    }
  }
  return { columns, rows, layer }
}

/** Directions of an outline: right, down, left, up. */
const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const

/** The outlines of a layer as an SVG path in squares of the grid, the layer on their right. */
export function outlines({ columns, rows, layer }: Grid, wanted: number): string {
  const wide = columns + 1
  const leaving = new Uint8Array(wide * (rows + 1)) // a bit for each direction in which an edge leaves a corner
  const has = (column: number, row: number) =>
    column >= 0 && row >= 0 && column < columns && row < rows && layer[row * columns + column] === wanted + 1
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!has(column, row)) continue
      if (!has(column, row - 1)) leaving[row * wide + column]! |= 1
      if (!has(column + 1, row)) leaving[row * wide + column + 1]! |= 2
      if (!has(column, row + 1)) leaving[(row + 1) * wide + column + 1]! |= 4
      if (!has(column - 1, row)) leaving[(row + 1) * wide + column]! |= 8
    }
  }
  const parts: string[] = []
  for (let start = 0; start < leaving.length; start++) {
    while (leaving[start] !== 0) parts.push(traced(leaving, wide, start))
  }
  return parts.join('')
}

/** One closed outline from a corner; takes its edges out of `leaving`. */
function traced(leaving: Uint8Array, wide: number, start: number): string {
  let path = `M${start % wide} ${Math.floor(start / wide)}`
  let at = start
  let direction = [0, 1, 2, 3].find((d) => (leaving[at]! & (1 << d)) !== 0)!
  for (;;) {
    let length = 0
    const [dx, dy] = STEPS[direction]!
    do {
      leaving[at]! &= ~(1 << direction)
      at += dx + dy * wide
      length++
    } while (at !== start && (leaving[at]! & 15) === 1 << direction)
    if (at === start) return `${path}z` // the last edge closes the path by itself
    path += direction % 2 === 0 ? `h${dx * length}` : `v${dy * length}`
    // To the right where there is a choice: squares that only touch at a corner stay apart.
    direction = [1, 0, 3].map((turn) => (direction + turn) % 4).find((d) => (leaving[at]! & (1 << d)) !== 0)!
  }
}
