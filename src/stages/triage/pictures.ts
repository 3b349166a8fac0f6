// Plain operations on pictures that are held in memory: the level of the sky from place to place, and means over squares.
import { quantile } from '../../math/robust.ts'

export interface Picture {
  columns: number
  rows: number
  /** Row by row; NaN where nothing is known. */
  levels: Float32Array
}

const TILE = 150 // cells: several times the largest image that is looked for
const LOW = 0.3 // of the cells of a tile: half of them may be images

/** Level of the sky at a cell, bilinear between the middles of tiles. */
export function backgroundOf({ columns, rows, levels }: Picture): (x: number, y: number) => number {
  const [across, up] = [columns, rows].map((n) => Math.max(1, Math.round(n / TILE))) as [number, number]
  const tiles = Float64Array.from({ length: across * up }, (_, tile) => {
    const [i, j] = [tile % across, Math.floor(tile / across)]
    const values: number[] = []
    for (let y = Math.floor((j * rows) / up); y < Math.floor(((j + 1) * rows) / up); y += 2) {
      for (let x = Math.floor((i * columns) / across); x < Math.floor(((i + 1) * columns) / across); x += 2) {
        const value = levels[y * columns + x]!
        if (!Number.isNaN(value)) values.push(value)
      }
    }
    return values.length > 0 ? quantile(values, LOW) : Number.NaN
  })
  const whole = quantile(
    tiles.filter((v) => !Number.isNaN(v)),
    0.5,
  )
  const known = tiles.map((v) => (Number.isNaN(v) ? whole : v))
  const between = (at: number, side: number, count: number): [number, number, number] => {
    const u = Math.min(count - 1, Math.max(0, ((at + 0.5) * count) / side - 0.5))
    const first = Math.min(Math.max(0, count - 2), Math.floor(u))
    return [first, Math.min(count - 1, first + 1), u - first]
  }
  return (x, y) => {
    const [i, k, p] = between(x, columns, across)
    const [j, l, q] = between(y, rows, up)
    const row = (at: number) => (1 - p) * known[at * across + i]! + p * known[at * across + k]!
    return (1 - q) * row(j) + q * row(l)
  }
}

/** Means over squares of 2 · half + 1 cells; the border goes on outside. No cell may be NaN. */
export function meansOver({ columns, rows, levels }: Picture, half: number): Picture {
  const along = runningMeans(levels, { count: rows, stride: columns }, { count: columns, stride: 1 }, half)
  const both = runningMeans(along, { count: columns, stride: 1 }, { count: rows, stride: columns }, half)
  return { columns, rows, levels: both }
}

interface Axis {
  count: number
  stride: number
}

/** Means of 2 · half + 1 neighbours along one axis. */
function runningMeans(from: Float32Array, across: Axis, along: Axis, half: number): Float32Array {
  const to = new Float32Array(from.length)
  const last = along.count - 1
  for (let line = 0; line < across.count; line++) {
    const at = (k: number) => line * across.stride + Math.min(last, Math.max(0, k)) * along.stride
    let sum = 0
    for (let k = -half; k <= half; k++) sum += from[at(k)]!
    for (let k = 0; k <= last; k++) {
      to[at(k)] = sum / (2 * half + 1)
      sum += from[at(k + half + 1)]! - from[at(k - half)]!
    }
  }
  return to
}
