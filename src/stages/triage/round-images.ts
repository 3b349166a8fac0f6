// Round images of any size on the thumbnail, and how sharply each ends: found on means over squares of several sizes,
// because a faint disc that is much wider than a star falls into pieces where single pixels are searched.
import { median, quantile } from '../../math/robust.ts'
import { backgroundOf, meansOver, type Picture } from './pictures.ts'
import type { Sky } from './sky-map.ts'

export interface RoundImage {
  /** Place, cells of the thumbnail from 0. */
  x: number
  y: number
  /** Radius at half its height, cells. */
  radius: number
  /** Light between that radius and 1.6 times it over the light within: 0.7 for a Gaussian, 0 for a disc. */
  skirt: number
  /** Level at its middle over the highest of its profile. */
  middle: number
  /** Height above the sky, units of the positive. */
  height: number
}

export interface RoundImages {
  /** Level above the sky that next to nothing exceeds. */
  top: number
  /** Images found on means over squares of each of these half sides, cells. */
  bySize: { half: number; images: RoundImage[] }[]
}

const HALF_SIDES = [1, 2, 4]
const SAMPLE_STEP = 7
const TOP = 0.9995
const SEEN = 5 // σ of the smoothed picture
const SURE_SNR = 12
const GRAIN = 2 // noise of a mean over that of uncorrelated pixels
const HALF = 0.5
const FEWEST_CELLS = 7
const MOST_CELLS = 30_000
const MARGIN = 3 // cells to the border
const LEAST_AXIS_RATIO = 0.75
const SKIRT = 1.6 // radii
const REACH = 2.2
const LEAST_RADIUS = 1.5
const MIDDLE = 0.35 // of the radius

export function roundImages({ thumbnail }: Sky): RoundImages {
  const picture = withoutSky(thumbnail)
  const sample = picture.levels.filter((_, i) => i % SAMPLE_STEP === 0)
  const noise = (quantile(sample, 0.4) - quantile(sample, 0.1)) / (1.2816 - 0.2533)
  return {
    top: quantile(sample, TOP),
    bySize: HALF_SIDES.map((half) => {
      const smooth = meansOver(meansOver(picture, half), half)
      const images = areasOf(smooth).map((area) => measured(picture, area, noise))
      return { half, images: images.filter((image) => image !== undefined) }
    }),
  }
}

function withoutSky({ columns, rows, levels }: Picture): Picture {
  const sky = backgroundOf({ columns, rows, levels })
  const above = levels.map((v, i) => (Number.isNaN(v) ? 0 : v - sky(i % columns, Math.floor(i / columns))))
  return { columns, rows, levels: above }
}

interface Area {
  x: number
  y: number
  cells: number
}

/** Connected cells above half the height of a peak, where they are round and no higher peak is among them. */
function areasOf({ columns, rows, levels }: Picture): Area[] {
  const sample = levels.filter((_, i) => i % SAMPLE_STEP === 0)
  const [low, sky] = [quantile(sample, 0.05), quantile(sample, 0.3)]
  const limit = sky + (SEEN * (sky - low)) / (1.645 - 0.524)
  const peaks: number[] = []
  for (let y = 1; y < rows - 1; y++) {
    for (let p = y * columns + 1; p < (y + 1) * columns - 1; p++) {
      const v = levels[p]!
      if (v < limit || v < levels[p - 1]! || v < levels[p - columns]!) continue
      if (v > levels[p + 1]! && v > levels[p + columns]!) peaks.push(p)
    }
  }
  peaks.sort((a, b) => levels[b]! - levels[a]!)
  const seen = new Uint8Array(levels.length)
  return peaks.flatMap((peak) => {
    const cells = seen[peak] ? [] : cellsAround(peak, { columns, rows, levels }, seen)
    return cells.length < FEWEST_CELLS || cells.length > MOST_CELLS ? [] : roundAreaOf(cells, columns)
  })
}

/** None where they reach the border, or another peak that is higher. Marks what it has seen. */
function cellsAround(peak: number, { columns, rows, levels }: Picture, seen: Uint8Array): number[] {
  const cells = [peak]
  seen[peak] = 1
  let isAlone = true
  for (let k = 0; k < cells.length && k <= MOST_CELLS; k++) {
    const p = cells[k]!
    const [x, y] = [p % columns, Math.floor(p / columns)]
    if (Math.min(x, y, columns - 1 - x, rows - 1 - y) < MARGIN) {
      isAlone = false
      continue
    }
    for (const next of [p - 1, p + 1, p - columns, p + columns]) {
      if (!(levels[next]! >= HALF * levels[peak]!)) continue
      if (!seen[next]) cells.push(next)
      else if (levels[next]! > levels[peak]!) isAlone = false
      seen[next] = 1
    }
  }
  return isAlone ? cells : []
}

function roundAreaOf(cells: readonly number[], columns: number): Area[] {
  const n = cells.length
  const x = cells.reduce((sum, p) => sum + (p % columns), 0) / n
  const y = cells.reduce((sum, p) => sum + Math.floor(p / columns), 0) / n
  let [xx, yy, xy] = [0, 0, 0]
  for (const p of cells) {
    const [dx, dy] = [(p % columns) - x, Math.floor(p / columns) - y]
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  const [sum, difference] = [xx + yy, Math.hypot(xx - yy, 2 * xy)]
  const isRound = Math.sqrt(Math.max(0, sum - difference) / (sum + difference)) >= LEAST_AXIS_RATIO
  return isRound ? [{ x, y, cells: n }] : []
}

function measured(picture: Picture, { x, y, cells }: Area, noise: number): RoundImage | undefined {
  const near = Math.sqrt(cells / Math.PI)
  if (near < LEAST_RADIUS) return undefined
  const reach = REACH * near + 2
  const count = Math.max(6, Math.ceil(reach))
  const step = reach / count
  const [sum, within] = [new Float64Array(count), new Float64Array(count)]
  eachNear(picture, x, y, reach, (r, value) => {
    const ring = Math.floor(r / step)
    if (ring >= count) return
    sum[ring]! += value
    within[ring]! += 1
  })
  const profile = Array.from(sum, (s, ring) => (within[ring]! > 0 ? s / within[ring]! : 0))
  const height = heightOf(sum, within, (1.2 * near) / step)
  let last = -1
  for (let ring = 0; ring < count; ring++) {
    if (profile[ring]! > HALF * height) last = ring
    else if (last >= 0 && ring * step > near) break
  }
  if (last < 0 || last >= count - 1) return undefined
  const fall = (profile[last]! - HALF * height) / (profile[last]! - profile[last + 1]!)
  const radius = (last + 0.5 + Math.min(1, Math.max(0, fall))) * step
  let [inner, outer, innerCells] = [0, 0, 0]
  eachNear(picture, x, y, SKIRT * radius, (r, value) => {
    if (r >= radius) outer += value
    else {
      inner += value
      innerCells++
    }
  })
  if (!(inner > SURE_SNR * GRAIN * noise * Math.sqrt(innerCells))) return undefined
  const middle = median(profile.slice(0, Math.max(1, Math.ceil((MIDDLE * radius) / step))))
  return { x, y, radius, skirt: outer / inner, middle: middle / height, height }
}

/** The highest mean of two neighbouring rings, of the innermost two or of rings with cells enough. */
function heightOf(sum: Float64Array, within: Float64Array, end: number): number {
  let height = 0
  for (let ring = 0; ring + 1 < sum.length && ring < end; ring++) {
    const cells = within[ring]! + within[ring + 1]!
    if (cells >= 5 || ring === 0) height = Math.max(height, (sum[ring]! + sum[ring + 1]!) / cells)
  }
  return height
}

function eachNear(
  { columns, rows, levels }: Picture,
  x0: number,
  y0: number,
  reach: number,
  see: (r: number, value: number) => void,
): void {
  for (let y = Math.max(0, Math.ceil(y0 - reach)); y <= Math.min(rows - 1, y0 + reach); y++) {
    for (let x = Math.max(0, Math.ceil(x0 - reach)); x <= Math.min(columns - 1, x0 + reach); x++) {
      const r = Math.hypot(x - x0, y - y0)
      if (r < reach) see(r, levels[y * columns + x]!)
    }
  }
}
