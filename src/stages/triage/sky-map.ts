// The sky of a plate in blocks: a low quantile of each, which stars leave alone, and how it departs from a smooth sky.
import { solveLinear } from '../../math/leastsquares.ts'
import { quantile, quantileOfSorted, tukeyWeight } from '../../math/robust.ts'

/** What the ingest stage saw of the scan as a whole, on the positive scale. */
export interface Sky {
  thumbnail: { cellPx: number; columns: number; rows: number; levels: Float32Array }
  area: { blockPx: number; columns: number; rows: number; usable: Uint8Array }
  statistics: { skyNoise: number }
}

export interface SkyMap {
  columns: number
  rows: number
  /** Side of a block, cells of the thumbnail. */
  cells: number
  /** Level of each block; NaN where it is not usable. */
  level: Float64Array
  /** Median of the blocks, and the level that next to no cell exceeds. */
  sky: number
  top: number
  /** Standard deviation of a pixel. */
  noise: number
}

const LOW = 0.3 // of the cells of a block: half of them may be images
const HIGH = 0.9999
const SAMPLE = 200_000 // cells that tell the highest level
/** Noise below this part of the range is that of a scan with few levels. */
const LEAST_NOISE = 0.001

export function skyMap({ thumbnail, area, statistics }: Sky): SkyMap | undefined {
  const { columns: cellColumns, rows: cellRows, levels, cellPx } = thumbnail
  const { columns, rows } = area
  const cells = Math.round(area.blockPx / cellPx)
  const level = new Float64Array(columns * rows).fill(Number.NaN)
  for (let block = 0; block < level.length; block++) {
    if (area.usable[block] !== 1) continue
    const [x0, y0] = [(block % columns) * cells, Math.floor(block / columns) * cells]
    const inBlock: number[] = []
    for (let y = y0; y < Math.min(cellRows, y0 + cells); y++) {
      for (let x = x0; x < Math.min(cellColumns, x0 + cells); x++) inBlock.push(levels[y * cellColumns + x]!)
    }
    const known = inBlock.filter((v) => !Number.isNaN(v))
    if (known.length > 0) level[block] = quantile(known, LOW)
  }
  const known = level.filter((v) => !Number.isNaN(v))
  if (known.length === 0) return undefined
  const step = Math.ceil(levels.length / SAMPLE)
  const ordered = levels.filter((v, i) => i % step === 0 && !Number.isNaN(v)).sort()
  const [sky, top] = [quantile(known, 0.5), quantileOfSorted(Float64Array.from(ordered), HIGH)]
  return {
    columns,
    rows,
    cells,
    level,
    sky,
    top,
    noise: Math.max(statistics.skyNoise, LEAST_NOISE * (top - sky)),
  }
}

const TILES = 32 // along the longer side
const EDGE_TILES = 2 // fog creeps in from there
const TERMS = 6
const ROUNDS = 10
const OUTLIER = 4 // σ

/** By how much each tile of the plate departs from a sky that varies as a polynomial of degree 2, robustly fitted. */
export function departures(map: SkyMap): Float64Array {
  const { columns, rows, level } = map
  const tile = Math.max(1, Math.ceil(Math.max(columns, rows) / TILES))
  const [across, up] = [Math.ceil(columns / tile), Math.ceil(rows / tile)]
  const tiles: { x: number; y: number; value: number; inner: boolean }[] = []
  for (let j = 0; j < up; j++) {
    for (let i = 0; i < across; i++) {
      const values: number[] = []
      for (let y = j * tile; y < Math.min(rows, (j + 1) * tile); y++) {
        for (let x = i * tile; x < Math.min(columns, (i + 1) * tile); x++) {
          const value = level[y * columns + x]!
          if (!Number.isNaN(value)) values.push(value)
        }
      }
      if (values.length === 0) continue
      const inner = Math.min(i, j, across - 1 - i, up - 1 - j) >= EDGE_TILES
      tiles.push({
        x: (2 * i + 1) / across - 1,
        y: (2 * j + 1) / up - 1,
        value: quantile(values, 0.5),
        inner,
      })
    }
  }
  const design = Float64Array.from(tiles.flatMap(({ x, y }) => [1, x, y, x * x, x * y, y * y]))
  const target = Float64Array.from(tiles, (t) => t.value)
  let left = target
  let weight = new Float64Array(tiles.length).fill(1)
  for (let round = 0; round < ROUNDS; round++) {
    const fit = solveLinear(design, TERMS, target, weight)
    if (fit === undefined) break
    left = target.map((value, k) => value - dot(design, k, fit.coefficients))
    const sigma = 1.4826 * quantile(left.map(Math.abs), 0.5) || 1
    weight = Float64Array.from(left, (r) => tukeyWeight(r / sigma, OUTLIER))
  }
  return left.filter((_, k) => tiles[k]!.inner)
}

function dot(design: Float64Array, row: number, coefficients: Float64Array): number {
  return coefficients.reduce((sum, c, k) => sum + c * design[row * TERMS + k]!, 0)
}
