// A scan drawn in memory with images whose places and shape are known, and what SExtractor would measure of them.
import type { Detections } from '../../../src/detections.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import type { PositiveScan } from '../../../src/stages/extract/profile/patch.ts'
import { type ImageShape, levelOf, lightAt, radiusAt } from '../../../src/stages/extract/profile/shape.ts'
import { detectionsAt } from '../../models/true-plate.ts'

export interface DrawnStar {
  /** FITS pixels. */
  x: number
  y: number
  light: number
  /** Not by itself, but as part of the image of this star. */
  mergedInto?: number
}

export const SHAPE: ImageShape = {
  ...{ alphaPx: 3, beta: 3, wing: 0.002, wingBeta: 1.5, e1: 0, e2: 0 },
  ...{ plateau: 10_000, gamma: 2 },
}
export const SKY = 1000
export const NOISE = 100
const PLACE_ERROR_PX = 0.2

export interface Drawn {
  scan: PositiveScan
  detections: Detections
  /** Row of the star of each detection. */
  star: number[]
}

/** Mean of the level over a pixel, from four places in it. */
function levelAt(stars: readonly DrawnStar[], shape: ImageShape, x: number, y: number): number {
  let sum = 0
  for (const sy of [-1 / 4, 1 / 4]) {
    for (const sx of [-1 / 4, 1 / 4]) {
      let light = 0
      for (const star of stars) {
        const [dx, dy] = [x + sx - star.x, y + sy - star.y]
        const q = (1 + shape.e1) * dx * dx + 2 * shape.e2 * dx * dy + (1 - shape.e1) * dy * dy
        light += star.light * lightAt(shape, q / shape.alphaPx ** 2)
      }
      sum += levelOf(shape, light)
    }
  }
  return sum / 4
}

const NEAR = 20 // of the core's radius: beyond, light is below a third of the noise

export function drawScan(
  stars: readonly DrawnStar[],
  options: { width: number; height: number; shape?: ImageShape; seed?: number; noise?: number },
): Drawn {
  const { width, height, shape = SHAPE, seed = 1, noise = NOISE } = options
  const random = randomStream(seed, 'drawn scan')
  const value = new Float64Array(width * height)
  const reach = NEAR * shape.alphaPx
  for (let y = 1; y <= height; y++) {
    const inRow = stars.filter((s) => Math.abs(s.y - y) < reach)
    for (let x = 1; x <= width; x++) {
      const near = inRow.filter((s) => Math.abs(s.x - x) < reach)
      value[(y - 1) * width + x - 1] = SKY + levelAt(near, shape, x, y) + noise * random.gauss()
    }
  }
  const star = stars.map((_, n) => n).filter((n) => stars[n]!.mergedInto === undefined)
  const measured = star.map((n) => {
    const parts = stars.filter((s, k) => k === n || s.mergedInto === n)
    const total = parts.reduce((sum, s) => sum + s.light, 0)
    const centre = (of: (s: DrawnStar) => number) =>
      parts.reduce((sum, s) => sum + s.light * of(s), 0) / total
    const peak = levelOf(shape, total * lightAt(shape, 0))
    const spread = Math.max(...parts.map((s) => Math.hypot(s.x - stars[n]!.x, s.y - stars[n]!.y)))
    const fwhm = 2 * radiusAt(shape, total, peak / 2) + spread
    return {
      x: centre((s) => s.x) + PLACE_ERROR_PX * random.gauss(),
      y: centre((s) => s.y) + PLACE_ERROR_PX * random.gauss(),
      ...{ peak, fwhm, mag: -2.5 * Math.log10(peak * fwhm * fwhm) },
      isoArea: Math.PI * (radiusAt(shape, total, 2 * noise) + spread / 2) ** 2,
      ellipticity: spread > 0 ? 0.4 : 0.05,
    }
  })
  const column = (key: keyof (typeof measured)[number]) => measured.map((one) => one[key])
  const detections = detectionsAt(column('x'), column('y'), {
    ...{ peak: column('peak'), fwhm: column('fwhm'), magInst: column('mag') },
    ...{ isoAreaPx: column('isoArea'), ellipticity: column('ellipticity') },
    background: measured.map(() => SKY),
  })
  return { scan: inMemory(value, width, height), detections, star }
}

/** A scan that is one strip. */
export function inMemory(value: Float64Array, width: number, height: number): PositiveScan {
  const strip = { first: 0, count: height, width, value, weight: new Float64Array(value.length).fill(1) }
  return {
    ...{ width, height },
    async visit(centreRow, _reach, _signal, visit) {
      visit(
        strip,
        Array.from(centreRow, (_, n) => n),
      )
    },
    async close() {},
  }
}

/** Stars on a grid, the brightness changing from one to the next, each off its node by part of a pixel. */
export function gridOfStars(options: {
  width: number
  height: number
  stepPx: number
  light: (n: number) => number
  seed?: number
}): DrawnStar[] {
  const { width, height, stepPx, light, seed = 2 } = options
  const random = randomStream(seed, 'grid')
  const stars: DrawnStar[] = []
  for (let y = stepPx; y < height - stepPx / 2; y += stepPx) {
    for (let x = stepPx; x < width - stepPx / 2; x += stepPx) {
      stars.push({ x: x + random.between(-2, 2), y: y + random.between(-2, 2), light: light(stars.length) })
    }
  }
  return stars
}
