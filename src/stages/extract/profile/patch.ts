// The pixels around images, cut from the positive scan strip by strip: never the whole scan at once.
import { join } from 'node:path'
import { throwIfCancelled } from '../../../errors.ts'
import { openFitsImage } from '../../../fits/image.ts'
import type { Patch } from './model.ts'

/** A round window on the scan: FITS pixels. */
export interface Disc {
  x: number
  y: number
  radius: number
  /** From here on every other pixel will do; undefined: all are wanted. */
  thinFrom?: number
}

/** Rows of the scan in memory, with their weights; row 0 is the scan's row `first`, counted from 0. */
export interface Strip {
  first: number
  count: number
  width: number
  value: Float64Array
  weight: Float64Array
}

const STRIP_PIXELS = 8e6 // of windows' centres: a small scan is one strip

/** Scan and weights, read together. */
export interface PositiveScan {
  width: number
  height: number
  /**
   * Calls `visit` with a strip of the scan and the windows that lie in it, in the order in which they are given.
   *
   * @param centreRow  of each window, counted from 1
   * @param reachPx  how far the windows reach at most; what lies beyond is not in the strip
   */
  visit(
    centreRow: ArrayLike<number>,
    reachPx: number,
    signal: AbortSignal,
    visit: (strip: Strip, windows: readonly number[]) => void,
  ): Promise<void>
  close(): Promise<void>
}

export async function openPositive(workDir: string, name: string, weightName: string): Promise<PositiveScan> {
  const scan = await openFitsImage(join(workDir, name))
  const weight = await openFitsImage(join(workDir, weightName)).catch(async (error) => {
    await scan.close()
    throw error
  })
  const { width, height } = scan
  return {
    width,
    height,
    async visit(centreRow, reachPx, signal, visit) {
      const rows = Math.ceil(STRIP_PIXELS / width)
      const inStrip = new Map<number, number[]>()
      for (let n = 0; n < centreRow.length; n++) {
        const at = Math.floor((centreRow[n]! - 1) / rows)
        const windows = inStrip.get(at)
        if (windows === undefined) inStrip.set(at, [n])
        else windows.push(n)
      }
      for (const at of [...inStrip.keys()].sort((a, b) => a - b)) {
        throwIfCancelled(signal)
        const first = Math.max(0, Math.floor(at * rows - reachPx))
        const count = Math.min(height, Math.ceil((at + 1) * rows + reachPx)) - first
        const values = await scan.readRows(first, count)
        const strip = { first, count, width, value: values, weight: await weight.readRows(first, count) }
        visit(strip, inStrip.get(at)!)
      }
    },
    async close() {
      await scan.close()
      await weight.close()
    },
  }
}

/**
 * The pixels within any of the discs, relative to an origin; blocks of `bin` × `bin` pixels about the origin are
 * averaged. Pixels that must not be used are left out. `sigma` and `foreign` are left at 1 and 0.
 */
export function cutPatch(
  strip: Strip,
  discs: readonly Disc[],
  origin: { x: number; y: number },
  bin: number,
): Patch {
  const x: number[] = []
  const y: number[] = []
  const value: number[] = []
  const low = (of: (disc: Disc) => number, start: number) =>
    Math.floor((Math.min(...discs.map((d) => of(d) - d.radius)) - start) / bin)
  const high = (of: (disc: Disc) => number, start: number) =>
    Math.ceil((Math.max(...discs.map((d) => of(d) + d.radius)) - start) / bin)
  const shift = bin % 2 === 0 ? 0.5 : 0 // a block of an even number of pixels has its middle between two
  const alongX = (d: Disc) => d.x
  const alongY = (d: Disc) => d.y
  for (let r = low(alongY, origin.y); r <= high(alongY, origin.y); r++) {
    for (let c = low(alongX, origin.x); c <= high(alongX, origin.x); c++) {
      const [px, py] = [origin.x + c * bin + shift, origin.y + r * bin + shift]
      const spare = (Math.abs(c) + Math.abs(r)) % 2 === 1
      const wanted = discs.some(
        (d) => (px - d.x) ** 2 + (py - d.y) ** 2 <= (spare ? (d.thinFrom ?? d.radius) : d.radius) ** 2,
      )
      if (!wanted) continue
      const mean = blockMean(strip, px, py, bin)
      if (Number.isNaN(mean)) continue
      x.push(px - origin.x)
      y.push(py - origin.y)
      value.push(mean)
    }
  }
  return {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    value: Float64Array.from(value),
    sigma: new Float64Array(x.length).fill(1),
    foreign: new Float64Array(x.length),
  }
}

/** Mean of the block about a place; NaN where any of it is off the scan or masked. */
function blockMean(strip: Strip, x: number, y: number, bin: number): number {
  const half = (bin - 1) / 2
  const [row0, column0] = [y - 1 - half - strip.first, x - 1 - half]
  const onScan = row0 >= 0 && row0 + bin <= strip.count && column0 >= 0 && column0 + bin <= strip.width
  if (!onScan) return Number.NaN
  let sum = 0
  for (let row = row0; row < row0 + bin; row++) {
    for (let column = column0; column < column0 + bin; column++) {
      const at = row * strip.width + column
      if (!(strip.weight[at]! > 0)) return Number.NaN
      sum += strip.value[at]!
    }
  }
  return sum / (bin * bin)
}
