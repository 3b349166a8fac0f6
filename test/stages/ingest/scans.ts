// Scans for the tests of ingest: in memory, real plates from ../shared, and what archives do to them.

import { existsSync, readdirSync } from 'node:fs'
import { emptyHeader, type Header } from '../../../src/fits/header.ts'
import { type ImageSource, openFitsImage } from '../../../src/fits/image.ts'

export const PLATES = '../shared/plates'
export const havePlates = existsSync(PLATES)
export const REAL_PLATES = havePlates ? readdirSync(PLATES).filter((name) => name.endsWith('.fits')) : []
if (!havePlates) console.log('skipped: real plates (../shared/plates is not there)')

/** An image in memory that can be read like a scan. */
export interface MemoryScan extends ImageSource {
  values: Float64Array
}

export function memoryScan(
  width: number,
  height: number,
  value: ((x: number, y: number) => number) | Float64Array,
  header: Header = emptyHeader(),
  bitpix = 16,
): MemoryScan {
  const values =
    value instanceof Float64Array
      ? value
      : Float64Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)))
  return {
    values,
    width,
    height,
    header,
    bitpix,
    hduIndex: 0,
    description: 'memory',
    problems: [],
    readRows: async (y0, count) => values.slice(y0 * width, (y0 + count) * width),
    close: async () => {},
  }
}

/** A real plate, whole, in memory. */
export async function realPlate(name: string): Promise<MemoryScan> {
  const scan = await openFitsImage(`${PLATES}/${name}`, {})
  const values = await scan.readRows(0, scan.height)
  await scan.close()
  return memoryScan(scan.width, scan.height, values, scan.header, scan.bitpix)
}

/** The same plate with other values, computed from the old ones and the pixel. */
export function changed(scan: MemoryScan, value: (v: number, x: number, y: number) => number): MemoryScan {
  const { width, height, header, bitpix, values } = scan
  return memoryScan(width, height, (x, y) => value(values[y * width + x], x, y), header, bitpix)
}

/** v → max − v, as archives that deliver negatives have it. */
export function negative(scan: MemoryScan): MemoryScan {
  const max = scan.values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return changed(scan, (v) => max - v)
}

export function mirrored(scan: MemoryScan): MemoryScan {
  const { width, values } = scan
  return changed(scan, (_, x, y) => values[y * width + width - 1 - x])
}

export function cut(scan: MemoryScan, x0: number, y0: number, width: number, height: number): MemoryScan {
  return memoryScan(
    width,
    height,
    (x, y) => scan.values[(y0 + y) * scan.width + x0 + x],
    scan.header,
    scan.bitpix,
  )
}

/** A sequence of numbers in [0, 1) that is the same every time (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A positive plate: grain, and stars of `fwhm` px that saturate. */
export function starField(
  width: number,
  height: number,
  options: { stars: number; fwhm?: number; seed?: number; bitpix?: number; sky?: number },
): MemoryScan {
  const { stars, fwhm = 4, seed = 1, bitpix = 16, sky = 3000 } = options
  const next = random(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const values = new Float64Array(width * height)
  const sigma = fwhm / 2.355
  const reach = Math.ceil(6 * sigma)
  for (let n = 0; n < stars; n++) {
    const [cx, cy, peak] = [next() * width, next() * height, 1000 * (0.02 + next()) ** -1.2]
    for (let y = Math.max(0, Math.floor(cy - reach)); y < Math.min(height, cy + reach); y++)
      for (let x = Math.max(0, Math.floor(cx - reach)); x < Math.min(width, cx + reach); x++)
        values[y * width + x] += peak * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma * sigma))
  }
  for (let i = 0; i < values.length; i++)
    values[i] = Math.round(sky + 9000 * (1 - Math.exp(-values[i] / 9000)) + 100 * normal())
  return memoryScan(width, height, values, emptyHeader(), bitpix)
}
