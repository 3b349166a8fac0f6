// What the images of a plate look like on average, without detections: the autocorrelation of its pixels in tiles spread over
// the scan. Long lines break up when they are detected, and faint ones are not detected at all; their pixels still agree.
import { throwIfCancelled } from './errors.ts'
import { openFitsImage } from './fits/image.ts'
import { type LineImage, lineImages } from './image-extents.ts'
import { autocorrelations, lagRadii } from './math/autocorrelation.ts'
import { median, quantileOfSorted } from './math/robust.ts'

/** Autocorrelations of the tiles of one size. */
export interface TileCorrelations {
  /** Pixels are means of binPx × binPx pixels of the scan. */
  binPx: number
  /** Lags of the rings, px of the scan. */
  radiiPx: Float64Array
  /** Per tile, DIRECTIONS × radii: of pixels cut off where faint images are, and where bright ones are. */
  faint: Float32Array[]
  bright: Float32Array[]
  /** Of all tiles: places on the scan, px from 0; lengths in pixels of binPx. */
  lines: LineImage[]
}

const SIDE = 256 // pixels of a tile, after binning
const MOST_ACROSS = 6
const BINS = [1, 2]
const LEAST_USABLE = 0.6
const SKY_BLOCK = 32 // half of a block may be images
const LOW = 0.4
/** Levels in σ of a pixel: a saturated star, a scratch or a speck weighs little more than a faint image, or than one of medium height. */
const LEAST = -2
const FAINT = 5
const BRIGHT = 50

export interface Usable {
  blockPx: number
  columns: number
  usable: Uint8Array
}

/** The tiles of positive.fits, at full resolution and binned, where most of a tile is usable plate. */
export async function tileCorrelations(
  positivePath: string,
  area: Usable,
  signal?: AbortSignal,
): Promise<TileCorrelations[]> {
  const image = await openFitsImage(positivePath)
  try {
    const found: TileCorrelations[] = []
    for (const binPx of BINS) found.push(await correlationsOf(image, area, binPx, signal))
    return found.filter(({ faint }) => faint.length > 0)
  } finally {
    await image.close()
  }
}

interface Tile {
  /** Of the scan: its first pixel. */
  x: number
  y: number
  /** Above the sky. */
  level: Float32Array
  known: Uint8Array
  noise: number
}

type Rows = Pick<Awaited<ReturnType<typeof openFitsImage>>, 'width' | 'height' | 'readRows'>

export async function correlationsOf(
  image: Rows,
  area: Usable,
  binPx: number,
  signal?: AbortSignal,
): Promise<TileCorrelations> {
  const tiles: Tile[] = []
  for (const y of starts(image.height, binPx)) {
    throwIfCancelled(signal)
    const rows = await image.readRows(y, SIDE * binPx)
    for (const x of starts(image.width, binPx)) {
      const tile = cut(rows, image.width, { x, y, binPx }, area)
      if (tile !== undefined) tiles.push(tile)
    }
  }
  const found: TileCorrelations = {
    binPx,
    radiiPx: lagRadii(SIDE).map((r) => r * binPx),
    faint: [],
    bright: [],
    lines: [],
  }
  if (tiles.length === 0) return found
  const noise = median(tiles.map((tile) => tile.noise))
  if (!(noise > 0)) return found
  for (const { x, y, level, known } of tiles) {
    throwIfCancelled(signal)
    const cutOff = [FAINT, BRIGHT].map((most) => centred(level, known, noise, most))
    const [faint, bright] = autocorrelations([cutOff[0]!, cutOff[1]!], known, SIDE)
    found.faint.push(faint)
    found.bright.push(bright)
    for (const line of lineImages(level, SIDE))
      found.lines.push({ ...line, x: x + binPx * line.x, y: y + binPx * line.y })
  }
  return found
}

/** First pixels of the tiles along an axis, evenly spread. */
function starts(lengthPx: number, binPx: number): number[] {
  const side = SIDE * binPx
  if (lengthPx < side) return []
  const count = Math.min(MOST_ACROSS, Math.ceil(lengthPx / side - 0.3))
  if (count <= 1) return [Math.floor((lengthPx - side) / 2)]
  return Array.from({ length: count }, (_, k) => Math.floor((k * (lengthPx - side)) / (count - 1)))
}

function cut(
  rows: Float64Array,
  width: number,
  { x, y, binPx }: { x: number; y: number; binPx: number },
  { blockPx, columns, usable }: Usable,
): Tile | undefined {
  const level = new Float32Array(SIDE * SIDE)
  const known = new Uint8Array(SIDE * SIDE)
  let count = 0
  for (let v = 0; v < SIDE; v++) {
    for (let u = 0; u < SIDE; u++) {
      const block = Math.floor((y + v * binPx) / blockPx) * columns + Math.floor((x + u * binPx) / blockPx)
      if (usable[block] !== 1) continue
      let sum = 0
      for (let j = 0; j < binPx; j++)
        for (let i = 0; i < binPx; i++) sum += rows[(v * binPx + j) * width + x + u * binPx + i]!
      if (Number.isNaN(sum)) continue
      level[v * SIDE + u] = sum / (binPx * binPx)
      known[v * SIDE + u] = 1
      count++
    }
  }
  if (count < LEAST_USABLE * SIDE * SIDE) return undefined
  subtractSky(level, known)
  const sorted = level.filter((_, i) => known[i] === 1).sort()
  return { x, y, level, known, noise: -quantileOfSorted(Float64Array.from(sorted), 0.16) }
}

/** Takes the sky away: a low quantile in blocks, the median of each block and its neighbours, bilinear between their middles. */
function subtractSky(level: Float32Array, known: Uint8Array): void {
  const blocks = SIDE / SKY_BLOCK
  const raw = Array.from({ length: blocks * blocks }, (_, b) => {
    const [x0, y0] = [(b % blocks) * SKY_BLOCK, Math.floor(b / blocks) * SKY_BLOCK]
    const values: number[] = []
    for (let y = y0; y < y0 + SKY_BLOCK; y++)
      for (let x = x0; x < x0 + SKY_BLOCK; x++)
        if (known[y * SIDE + x] === 1) values.push(level[y * SIDE + x]!)
    if (values.length < (SKY_BLOCK * SKY_BLOCK) / 4) return Number.NaN
    return quantileOfSorted(Float64Array.from(values).sort(), LOW)
  })
  const usual = median(raw.filter((v) => !Number.isNaN(v)))
  const sky = raw.map((_, b) => {
    const [x, y] = [b % blocks, Math.floor(b / blocks)]
    const near = raw.filter(
      (v, o) =>
        !Number.isNaN(v) && Math.abs((o % blocks) - x) <= 1 && Math.abs(Math.floor(o / blocks) - y) <= 1,
    )
    return near.length > 0 ? median(near) : usual
  })
  const place = (p: number) => Math.min(blocks - 1, Math.max(0, (p + 0.5) / SKY_BLOCK - 0.5))
  for (let y = 0; y < SIDE; y++) {
    const v = place(y)
    const j = Math.min(blocks - 2, Math.floor(v))
    for (let x = 0; x < SIDE; x++) {
      const u = place(x)
      const i = Math.min(blocks - 2, Math.floor(u))
      const at = j * blocks + i
      const [p, q] = [u - i, v - j]
      const here =
        (1 - q) * ((1 - p) * sky[at]! + p * sky[at + 1]!) +
        q * ((1 - p) * sky[at + blocks]! + p * sky[at + blocks + 1]!)
      level[y * SIDE + x]! -= here
    }
  }
}

/** Levels in σ, cut off at both ends, less their mean. */
function centred(level: Float32Array, known: Uint8Array, noise: number, most: number): Float32Array {
  const out = new Float32Array(level.length)
  let [sum, count] = [0, 0]
  for (let i = 0; i < level.length; i++) {
    if (known[i] !== 1) continue
    out[i] = Math.min(most, Math.max(LEAST, level[i]! / noise))
    sum += out[i]!
    count++
  }
  for (let i = 0; i < level.length; i++) if (known[i] === 1) out[i]! -= sum / count
  return out
}
