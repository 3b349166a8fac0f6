// Whether images are told apart by their edges: profiles of light and of specks, measured as SExtractor measures them.
import { describe, expect, it, test } from 'vitest'
import { type Edged, edgesOf, imagesOfLight, isSharpEdged } from '../src/edges.ts'
import { type Random, randomStream } from '../src/simulate/random.ts'
import { filter } from '../src/stages/filter.ts'
import { detectionsAt } from './models/true-plate.ts'
import { everythingUsable, FWHM_PX, SIZE_PX, stars } from './stages/filter/plates.ts'

interface Shape {
  isoAreaPx: number
  arealProfile: number
  fwhm: number
  peak: number
}

const LEVELS = 8

/** The areas above levels evenly spaced in their logarithm, of a round image that falls off with its radius (px). */
function measured(light: (r: number) => number, threshold: number): Shape {
  const peak = light(0)
  const radiusAt = (level: number) => {
    let r = 0
    while (light(r) > level) r += 0.01
    return r
  }
  const areas = Array.from(
    { length: LEVELS },
    (_, k) => Math.PI * radiusAt(threshold * (peak / threshold) ** (k / LEVELS)) ** 2,
  )
  const above = areas.slice(1).reduce((sum, area) => sum + area, 0) / (LEVELS - 1)
  return {
    isoAreaPx: areas[0]!,
    arealProfile: above / areas[0]!,
    fwhm: 2 * radiusAt(peak / 2),
    peak,
  }
}

const gauss = (fwhm: number, peak: number) => (r: number) => peak * Math.exp(-4 * Math.LN2 * (r / fwhm) ** 2)
const moffat = (fwhm: number, peak: number) => (r: number) =>
  peak / (1 + (2 ** (1 / 2.5) - 1) * (2 * (r / fwhm)) ** 2) ** 2.5
const burntOut = (light: (r: number) => number, top: number) => (r: number) =>
  top * (1 - Math.exp(-light(r) / top))

/** A disc whose edge is a ramp as wide as the scanner's blur. */
const speck = (radius: number, blur: number, peak: number) => (r: number) => {
  const t = Math.min(1, Math.max(0, 0.5 - (r - radius) / blur))
  return peak * t * t * (3 - 2 * t)
}

function imagesOf(shapes: readonly Shape[], given: Record<string, number[]> = {}): Edged {
  return detectionsAt(
    shapes.map((_, i) => 20 * i),
    shapes.map(() => 50),
    {
      isoAreaPx: shapes.map((s) => s.isoAreaPx),
      arealProfile: shapes.map((s) => s.arealProfile),
      fwhm: shapes.map((s) => s.fwhm),
      ...given,
    },
  )
}

const THRESHOLD = 10

describe('the edge of an image', () => {
  it.each([
    ['faint', gauss(5, 40)],
    ['bright', gauss(5, 4000)],
    ['narrow', gauss(2.5, 800)],
    ['with wings', moffat(4, 1000)],
    ['burnt out', burntOut(gauss(5, 20_000), 400)],
    ['large and burnt out', burntOut(gauss(30, 20_000), 400)],
  ])('is soft where light made it: %s', (_, light) => {
    const images = imagesOf([measured(light, THRESHOLD)])
    expect(isSharpEdged(images, 0)).toBe(false)
  })

  it.each([
    ['small', speck(3.5, 1, 1000)],
    ['faint', speck(4, 1, 60)],
    ['large', speck(12, 2, 1000)],
    ['out of focus', speck(6, 2.5, 1000)],
  ])('is sharp where a speck lies on the glass: %s', (_, light) => {
    const images = imagesOf([measured(light, THRESHOLD)])
    expect(isSharpEdged(images, 0)).toBe(true)
  })

  it('is not judged where the image is blended or too small', () => {
    const sharp = measured(speck(5, 1, 1000), THRESHOLD)
    expect(isSharpEdged(imagesOf([sharp], { sexFlags: [2] }), 0)).toBe(false)
    expect(isSharpEdged(imagesOf([{ ...sharp, isoAreaPx: 10 }]), 0)).toBe(false)
  })

  it('of a Gaussian has the areal profile 0.5, whatever its brightness', () => {
    const profiles = [30, 300, 30_000].map((peak) => measured(gauss(4, peak), THRESHOLD).arealProfile)
    for (const profile of profiles) expect(profile).toBeCloseTo(0.5, 2)
  })
})

const randomSpeck = (random: Random) =>
  measured(
    speck(Math.min(12, 1.2 * random.next() ** -0.6), random.between(1, 2), random.between(300, 2000)),
    THRESHOLD,
  )

/** Stars as the filter's plates have them, among specks of dust as small as they and smaller, and larger ones. */
function dirtyPlate(seed: number, starCount: number, speckCount: number) {
  const random = randomStream(seed, 'specks')
  const good = stars(seed, starCount).map((star) => ({
    ...star,
    shape: measured(gauss(star.fwhm, Math.max(2 * THRESHOLD, star.peak)), THRESHOLD),
  }))
  const specks = Array.from({ length: speckCount }, () => {
    const shape = randomSpeck(random)
    const [x, y] = [random.between(12, SIZE_PX - 12), random.between(12, SIZE_PX - 12)]
    const magInst = -2.5 * Math.log10(shape.peak * shape.isoAreaPx * shape.arealProfile)
    return { x, y, shape, magInst, fwhm: shape.fwhm, peak: shape.peak, ellipticity: 0.3 * random.next() }
  })
  const images = [...good, ...specks]
  const detections = detectionsAt(
    images.map(({ x }) => x),
    images.map(({ y }) => y),
    {
      magInst: images.map(({ magInst }) => magInst),
      fwhm: images.map(({ fwhm }) => fwhm),
      peak: images.map(({ peak }) => peak),
      ellipticity: images.map(({ ellipticity }) => ellipticity),
      isoAreaPx: images.map(({ shape }) => shape.isoAreaPx),
      arealProfile: images.map(({ shape }) => shape.arealProfile),
    },
  )
  return { detections, isStar: (row: number) => row < starCount }
}

describe('on a plate with ten specks to a star', () => {
  const plates = [11, 12, 13].map((seed) => dirtyPlate(seed, 60, 600))

  test('what stars look like is learnt from images of light', () => {
    for (const { detections, isStar } of plates) {
      const light = imagesOfLight(detections)!
      expect(light.length).toBeGreaterThan(20)
      expect(light.filter(isStar).length).toBeGreaterThan(0.9 * light.length)
    }
  })

  test('most specks are rejected, and hardly any star', () => {
    for (const { detections, isStar } of plates) {
      const area = everythingUsable()
      const { ranked } = filter({ detections, width: SIZE_PX, height: SIZE_PX, fwhmPx: FWHM_PX, area })
      const left = [...ranked].filter(isStar).length
      expect(left).toBeGreaterThan(0.9 * 60)
      expect(ranked.length - left).toBeLessThan(0.2 * 600)
    }
  })
})

test('on a plate with few specks everything is asked what stars look like', () => {
  const { detections } = dirtyPlate(14, 400, 20)
  expect(imagesOfLight(detections)).toBeUndefined()
  const rows = Array.from({ length: detections.length }, (_, i) => i)
  expect(edgesOf(detections, rows).soft.length).toBeGreaterThan(100)
})

test('on a plate without stars there is nothing to learn from', () => {
  expect(imagesOfLight(dirtyPlate(15, 2, 600).detections)).toBeUndefined()
})
