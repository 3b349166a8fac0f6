// The heads of what shines on a plate: stars with their haloes, comets, labels. Each is known by the middle of its brightest
// cells and by the radius where the light about it has fallen to half.
import { quantile } from '../../math/robust.ts'
import { ringAbout } from './polar.ts'
import type { Sky, SkyMap } from './sky-map.ts'

export interface Head {
  /** Place and radius at half its height, cells of the thumbnail from 0. */
  x: number
  y: number
  radius: number
  /** Above the sky, units of the positive. */
  height: number
}

const PEAK = 0.2 // of the way from the sky to the top: a block of a small head is not all head
const MOST_PEAKS = 100
const UPPER = 0.8 // quantile of the cells of the highest block: what is above may be dust
const MIDDLE = 0.85 // of the height: no tail is as bright
const LEAST_RADIUS = 2 // cells
const STEP = 1.12

/** The highest first; of blocks that share their brightest cells there is one head. */
export function headsOf(sky: Sky, map: SkyMap): Head[] {
  const taken = new Uint8Array(sky.thumbnail.levels.length)
  return peaksOf(map).flatMap((block) => {
    const cells = cellsOf(block, sky, map)
    const height = quantile(Float64Array.from(cells, at(sky)), UPPER) - map.sky
    const limit = map.sky + MIDDLE * height
    const bright = cells.filter((cell) => sky.thumbnail.levels[cell]! > limit)
    if (bright.length === 0 || bright.some((cell) => taken[cell])) return []
    const head = { ...middleOf(bright, limit, sky, taken), height }
    const radius = halfRadius(head, sky, map)
    return radius === undefined ? [] : [{ ...head, radius }]
  })
}

const at =
  ({ thumbnail }: Sky) =>
  (cell: number) =>
    thumbnail.levels[cell]!

/** Blocks that no neighbour exceeds. */
function peaksOf({ columns, rows, level, sky, top }: SkyMap): number[] {
  const limit = sky + PEAK * (top - sky)
  const isPeak = (block: number) => {
    const [x, y] = [block % columns, Math.floor(block / columns)]
    for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
        if (level[v * columns + u]! > level[block]!) return false
      }
    }
    return true
  }
  const peaks = Array.from(level.keys()).filter((block) => level[block]! > limit && isPeak(block))
  return peaks.sort((a, b) => level[b]! - level[a]!).slice(0, MOST_PEAKS)
}

function cellsOf(block: number, { thumbnail }: Sky, map: SkyMap): number[] {
  const { columns, rows, levels } = thumbnail
  const [x0, y0] = [(block % map.columns) * map.cells, Math.floor(block / map.columns) * map.cells]
  const cells: number[] = []
  for (let y = y0; y < Math.min(rows, y0 + map.cells); y++) {
    for (let x = x0; x < Math.min(columns, x0 + map.cells); x++) {
      if (!Number.isNaN(levels[y * columns + x]!)) cells.push(y * columns + x)
    }
  }
  return cells
}

/** Of all cells above the limit that hang together with these. Marks what it has seen. */
function middleOf(
  start: readonly number[],
  limit: number,
  { thumbnail }: Sky,
  taken: Uint8Array,
): { x: number; y: number } {
  const { columns, levels } = thumbnail
  const cells = start.slice()
  for (const cell of cells) taken[cell] = 1
  let [sumX, sumY] = [0, 0]
  for (let k = 0; k < cells.length; k++) {
    const cell = cells[k]!
    const x = cell % columns
    sumX += x
    sumY += Math.floor(cell / columns)
    const beside = [x > 0 ? cell - 1 : -1, x < columns - 1 ? cell + 1 : -1, cell - columns, cell + columns]
    for (const next of beside) {
      if (!(levels[next]! > limit) || taken[next]) continue
      taken[next] = 1
      cells.push(next)
    }
  }
  return { x: sumX / cells.length, y: sumY / cells.length }
}

function halfRadius(head: Omit<Head, 'radius'>, { thumbnail }: Sky, map: SkyMap): number | undefined {
  const farthest = Math.max(thumbnail.columns, thumbnail.rows) / 2
  for (let radius = LEAST_RADIUS; radius < farthest; radius *= STEP) {
    const level = quantile(ringAbout(thumbnail, head.x, head.y, radius, radius * STEP), 0.5)
    if (Number.isNaN(level)) return undefined
    if (level < map.sky + 0.5 * head.height) return radius
  }
  return undefined
}
