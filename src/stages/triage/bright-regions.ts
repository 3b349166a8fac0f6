// Regions of the plate that are far brighter than its sky over many blocks: their shape, and how their light falls off.
import { quantile } from '../../math/robust.ts'
import type { Sky, SkyMap } from './sky-map.ts'

export interface BrightRegion {
  /** Its blocks are above this part of the way from the sky to the top. */
  above: number
  /** Of the plate's blocks. */
  share: number
  /** Place of its middle, px (FITS). */
  x: number
  y: number
  /** Shorter over longer axis, and the part of the smallest disc around it that it fills. */
  axisRatio: number
  fullness: number
  /** Whether it reaches the border of the scan, and may go on beyond. */
  isCut: boolean
  /** Highest level along its profile, as a part of the way from the sky to the top. */
  height: number
  /** Radii where the profile falls to 90, 75, 50, 25 % of its height, px; NaN where it does not. */
  r90: number
  r75: number
  r50: number
  r25: number
}

/** Of the way from the sky to the top: a block above the first is no sky; the second parts an object from fog beside it. */
const CUTS = [0.25, 0.6]
/** What is above it is no slope of a halo. */
export const HIGH_CUT = CUTS[1]!
const MOST_REGIONS = 5
const LEAST_BLOCKS = 4
const BRIGHTEST = 0.85 // of its highest block
const RINGS = 60
const REACH = 1.5 // of the region's diameter

/** The largest regions above the lower limit, the largest first, and after them those above the higher one. */
export function brightRegions(sky: Sky, map: SkyMap): BrightRegion[] {
  return CUTS.flatMap((cut) => regionsAbove(cut, sky, map))
}

/** Of the plate's blocks, how many are no sky. */
export function brightShare({ level, sky, top }: SkyMap): number {
  return level.filter((v) => v > sky + CUTS[0]! * (top - sky)).length / level.length
}

function regionsAbove(above: number, sky: Sky, map: SkyMap): BrightRegion[] {
  const { level, columns } = map
  const limit = map.sky + above * (map.top - map.sky)
  const regions = connected(map, (block) => level[block]! > limit)
  return regions
    .filter((blocks) => blocks.length >= LEAST_BLOCKS)
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_REGIONS)
    .map((blocks) => {
      // Of its brightest part: a tail would draw the middle of a comet to its side.
      const highest = Math.max(...blocks.map((b) => level[b]!))
      const bright = blocks.filter((b) => level[b]! - map.sky >= BRIGHTEST * (highest - map.sky))
      const mean = (place: (block: number) => number) =>
        bright.reduce((sum, b) => sum + place(b) + 0.5, 0) / bright.length
      const [cx, cy] = [mean((b) => b % columns), mean((b) => Math.floor(b / columns))]
      const cellPx = sky.thumbnail.cellPx
      return {
        above,
        share: blocks.length / level.length,
        isCut: blocks.some((b) => isBorder(b, map)),
        x: cx * map.cells * cellPx + 0.5,
        y: cy * map.cells * cellPx + 0.5,
        ...shapeOf(blocks, columns, cx, cy),
        ...profileOf(sky, map, cx * map.cells, cy * map.cells, blocks.length),
      }
    })
}

function isBorder(block: number, { columns, rows }: SkyMap): boolean {
  const [x, y] = [block % columns, Math.floor(block / columns)]
  return x === 0 || y === 0 || x === columns - 1 || y === rows - 1
}

/** Sets of blocks that touch along a side. */
function connected({ columns, rows, level }: SkyMap, isIn: (block: number) => boolean): number[][] {
  const seen = new Uint8Array(level.length)
  const sets: number[][] = []
  for (let start = 0; start < level.length; start++) {
    if (seen[start] || !isIn(start)) continue
    const blocks = [start]
    seen[start] = 1
    for (let k = 0; k < blocks.length; k++) {
      const x = blocks[k]! % columns
      const y = Math.floor(blocks[k]! / columns)
      for (const [u, v] of [
        [x - 1, y],
        [x + 1, y],
        [x, y - 1],
        [x, y + 1],
      ] as const) {
        const next = v * columns + u
        if (u < 0 || v < 0 || u >= columns || v >= rows || seen[next] || !isIn(next)) continue
        seen[next] = 1
        blocks.push(next)
      }
    }
    sets.push(blocks)
  }
  return sets
}

function shapeOf(blocks: readonly number[], columns: number, cx: number, cy: number) {
  let [xx, yy, xy, farthest] = [0, 0, 0, 0]
  for (const block of blocks) {
    const [dx, dy] = [(block % columns) + 0.5 - cx, Math.floor(block / columns) + 0.5 - cy]
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
    farthest = Math.max(farthest, Math.hypot(dx, dy))
  }
  const BLOCK_VARIANCE = 1 / 12
  const sum = (xx + yy) / blocks.length + 2 * BLOCK_VARIANCE
  const difference = Math.hypot(xx - yy, 2 * xy) / blocks.length
  return {
    axisRatio: Math.sqrt((sum - difference) / (sum + difference)),
    fullness: blocks.length / (Math.PI * (farthest + 0.5) ** 2),
  }
}

/** Medians of the cells in rings about the middle (cells of the thumbnail). */
function profileOf({ thumbnail }: Sky, map: SkyMap, cx: number, cy: number, blocks: number) {
  const { columns, rows, levels, cellPx } = thumbnail
  const reach = REACH * Math.sqrt((4 * blocks) / Math.PI) * map.cells
  const step = reach / RINGS
  const rings: number[][] = Array.from({ length: RINGS }, () => [])
  for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(rows, cy + reach); y++) {
    for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(columns, cx + reach); x++) {
      const ring = Math.floor(Math.hypot(x + 0.5 - cx, y + 0.5 - cy) / step)
      const value = levels[y * columns + x]!
      if (ring < RINGS && !Number.isNaN(value)) rings[ring]!.push(value)
    }
  }
  const profile = rings.map((ring) => (ring.length > 0 ? quantile(ring, 0.5) : Number.NaN))
  const inside = profile.slice(0, RINGS / 5).filter((v) => !Number.isNaN(v))
  const highest = inside.length > 0 ? Math.max(...inside) : map.sky
  const radius = (part: number) => {
    const ring = profile.findIndex((v) => v < map.sky + part * (highest - map.sky))
    return ring < 0 ? Number.NaN : (ring + 0.5) * step * cellPx
  }
  const height = (highest - map.sky) / (map.top - map.sky)
  return { height, r90: radius(0.9), r75: radius(0.75), r50: radius(0.5), r25: radius(0.25) }
}
