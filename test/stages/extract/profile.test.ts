// Profile fits find the places of drawn images: faint, saturated, blended, long, turned.
import { describe, expect, it } from 'vitest'
import { rms } from '../../../src/math/robust.ts'
import { measureProfiles } from '../../../src/stages/extract/profile/measure.ts'
import { learnPlate, type PlateShape } from '../../../src/stages/extract/profile/plate-shape.ts'
import { type ImageShape, widthOf } from '../../../src/stages/extract/profile/shape.ts'
import { type Drawn, type DrawnStar, drawScan, gridOfStars, inMemory, SHAPE } from './drawn-scan.ts'

const signal = new AbortController().signal
const SIZE = { width: 360, height: 360 }
const WIDTH_PX = widthOf(SHAPE)
/** From a tenth of the plateau to a hundred times what reaches it. */
const allBrightnesses = (n: number) => 0.1 * 10 ** ((n % 7) / 2)

const learn = (drawn: Drawn, fwhmPx = WIDTH_PX): Promise<PlateShape | undefined> =>
  learnPlate(drawn.scan, { detections: drawn.detections, fwhmPx, plateau: undefined, signal })

async function measure(drawn: Drawn, fwhmPx = WIDTH_PX) {
  const plate = await learn(drawn, fwhmPx)
  expect(plate).toBeDefined()
  return measureProfiles(drawn.scan, { detections: drawn.detections, signal }, plate!)
}

/** Places off the truth, px: x and y of every detection that is wanted, and over their formal errors. */
function offsets(
  drawn: Drawn,
  stars: readonly DrawnStar[],
  found: Awaited<ReturnType<typeof measure>>,
  wanted: (star: DrawnStar) => boolean = () => true,
) {
  const rows = drawn.star.map((_, i) => i).filter((i) => wanted(stars[drawn.star[i]!]!))
  const px = rows.flatMap((i) => {
    const star = stars[drawn.star[i]!]!
    return [found.x[i]! - star.x, found.y[i]! - star.y]
  })
  const pull = px.map((off, k) => {
    const i = rows[k >> 1]!
    return off / (k % 2 === 0 ? found.xErrorPx[i]! : found.yErrorPx[i]!)
  })
  return { px, pull }
}

describe('the shape of a plate’s images', () => {
  it('is learnt from images of all brightnesses', async () => {
    const stars = gridOfStars({ ...SIZE, stepPx: 40, light: allBrightnesses })
    const plate = (await learn(drawScan(stars, SIZE)))!
    // Pixels are means over their area: the images are a little wider than the light.
    expect(widthOf(plate.shape) / WIDTH_PX).toBeGreaterThan(0.97)
    expect(widthOf(plate.shape) / WIDTH_PX).toBeLessThan(1.06)
    expect(plate.shape.plateau / SHAPE.plateau).toBeCloseTo(1, 1)
    expect(Math.abs(plate.shape.e1)).toBeLessThan(0.03)
    expect(plate.noise.skySigma).toBeGreaterThan(90)
    expect(plate.noise.skySigma).toBeLessThan(110)
    expect(plate.grain).toBeLessThan(1.4) // the noise drawn is not correlated
  })

  it('is none where too few images stand alone', async () => {
    const stars = gridOfStars({ width: 120, height: 120, stepPx: 40, light: allBrightnesses })
    expect(await learn(drawScan(stars, { width: 120, height: 120 }))).toBeUndefined()
  })
})

describe('profile fits', () => {
  it('place unsaturated images as well as their errors say', async () => {
    const light = (n: number) => (n % 3 === 0 ? allBrightnesses(n) : 0.15 + 0.1 * (n % 4))
    const stars = gridOfStars({ ...SIZE, stepPx: 32, light })
    const drawn = drawScan(stars, SIZE)
    const { px, pull } = offsets(drawn, stars, await measure(drawn), (star) => star.light < 0.5)
    expect(px.length).toBeGreaterThan(100)
    // At a peak of 15 to 45 times the noise, the information in the pixels allows about width / (2 × signal to noise).
    expect(rms(px)).toBeLessThan(0.06)
    expect(rms(pull)).toBeGreaterThan(0.7)
    expect(rms(pull)).toBeLessThan(1.25)
  })

  it('place flat-topped images by their flanks', async () => {
    const stars = gridOfStars({ ...SIZE, stepPx: 50, light: (n) => (n % 2 === 0 ? allBrightnesses(n) : 90) })
    const drawn = drawScan(stars, SIZE)
    const { px } = offsets(drawn, stars, await measure(drawn), (star) => star.light > 20)
    expect(px.length).toBeGreaterThan(30)
    expect(rms(px)).toBeLessThan(0.03)
  })

  it('part blends that were detected as one image, and give the place of the brighter star', async () => {
    const stars = gridOfStars({ ...SIZE, stepPx: 50, light: allBrightnesses })
    const alone = stars.length
    for (let n = 0; n < alone; n += 3) {
      const { x, y } = stars[n]!
      const angle = n // radians: all directions
      stars[n]!.light = 8
      const [dx, dy] = [2.6 * WIDTH_PX * Math.cos(angle), 2.6 * WIDTH_PX * Math.sin(angle)]
      stars.push({ x: x + dx, y: y + dy, light: 4, mergedInto: n })
    }
    const drawn = drawScan(stars, SIZE)
    const found = await measure(drawn)
    const parted = drawn.star.map((n, i) => ({ n, i })).filter(({ n }) => n % 3 === 0)
    const off = parted.map(({ n, i }) => Math.hypot(found.x[i]! - stars[n]!.x, found.y[i]! - stars[n]!.y))
    const before = parted.map(({ n, i }) =>
      Math.hypot(drawn.detections.x[i]! - stars[n]!.x, drawn.detections.y[i]! - stars[n]!.y),
    )
    expect(Math.min(...before)).toBeGreaterThan(1)
    expect(Math.max(...off)).toBeLessThan(0.1)
    expect(parted.every(({ i }) => found.added[i]! > 0)).toBe(true)
  })

  it('fit neighbours that were detected apart together', async () => {
    const stars = gridOfStars({ ...SIZE, stepPx: 50, light: allBrightnesses })
    const alone = stars.length
    for (let n = 0; n < alone; n += 2) {
      stars[n]!.light = 0.4
      stars.push({ x: stars[n]!.x + 1.8 * WIDTH_PX, y: stars[n]!.y + 0.5 * WIDTH_PX, light: 5 })
    }
    const drawn = drawScan(stars, SIZE)
    const { px } = offsets(drawn, stars, await measure(drawn), (star) => star.light === 0.4)
    expect(px.length).toBeGreaterThan(30)
    expect(rms(px)).toBeLessThan(0.06)
  })

  it('place long images', async () => {
    const shape: ImageShape = { ...SHAPE, e1: 0.35, e2: -0.2 }
    const stars = gridOfStars({ ...SIZE, stepPx: 40, light: allBrightnesses })
    const drawn = drawScan(stars, { ...SIZE, shape })
    const plate = (await learn(drawn))!
    expect(plate.shape.e1).toBeCloseTo(0.35, 1)
    expect(plate.shape.e2).toBeCloseTo(-0.2, 1)
    const { px } = offsets(drawn, stars, await measure(drawn), (star) => star.light > 0.9)
    expect(rms(px)).toBeLessThan(0.05)
  })

  it('give the same places on a mirrored and on a turned scan', async () => {
    const stars = gridOfStars({ ...SIZE, stepPx: 36, light: allBrightnesses })
    const drawn = drawScan(stars, SIZE)
    const found = await measure(drawn)
    const { width } = SIZE
    const pixels = await pixelsOf(drawn)
    const last = width + 1
    const others = [
      // Where a pixel of the other scan comes from, and where a place goes.
      { from: (x: number, y: number) => [last - x, y], to: (x: number, y: number) => [last - x, y] },
      { from: (x: number, y: number) => [y, last - x], to: (x: number, y: number) => [last - y, x] },
    ]
    for (const { from, to } of others) {
      const turned = new Float64Array(pixels.length)
      for (let y = 1; y <= width; y++) {
        for (let x = 1; x <= width; x++) {
          const [fx, fy] = from(x, y) as [number, number]
          turned[(y - 1) * width + x - 1] = pixels[(fy - 1) * width + fx - 1]!
        }
      }
      const places = Array.from(drawn.detections.x, (x, i) => to(x, drawn.detections.y[i]!))
      const detections = {
        ...drawn.detections,
        x: Float64Array.from(places, ([x]) => x!),
        y: Float64Array.from(places, ([, y]) => y!),
      }
      const other = await measure({ ...drawn, scan: inMemory(turned, width, width), detections })
      const off = Array.from(found.x, (x, i) => {
        const [ox, oy] = to(x, found.y[i]!) as [number, number]
        return Math.hypot(other.x[i]! - ox, other.y[i]! - oy)
      })
      expect(Math.max(...off)).toBeLessThan(0.01)
    }
  })

  it('measure coarsely sampled and finely sampled images alike', async () => {
    const fine: ImageShape = { ...SHAPE, alphaPx: 6 }
    const size = { width: 700, height: 700 }
    const stars = gridOfStars({ ...size, stepPx: 85, light: allBrightnesses })
    const drawn = drawScan(stars, { ...size, shape: fine })
    const { px } = offsets(drawn, stars, await measure(drawn, widthOf(fine)), (star) => star.light > 0.9)
    expect(rms(px)).toBeLessThan(0.06)
  })
})

async function pixelsOf({ scan }: Drawn): Promise<Float64Array> {
  let pixels = new Float64Array(0)
  await scan.visit([1], 0, signal, (strip) => {
    pixels = Float64Array.from(strip.value)
  })
  return pixels
}
