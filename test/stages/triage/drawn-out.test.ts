// Trails, spectra and exposures that touch, told from one another and from stars, by the pixels of painted plates.
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/simulate/random.ts'
import { drawnOut, isAlong } from '../../../src/stages/triage/drawn-out.ts'
import {
  correlated,
  detected,
  FWHM_PX,
  inputOf,
  type Light,
  line,
  paint,
  places,
  SIDE_PX,
  star,
} from './painted.ts'

const COUNT = 64
const light = (k: number) => 1.2 * 10 ** (-0.02 * k)

/** Nothing far from it, to paint many in a short time. */
const cropped =
  (one: Light, x0: number, y0: number): Light =>
  (x, y) =>
    Math.abs(x - x0) < 24 && Math.abs(y - y0) < 24 ? one(x, y) : 0

async function foundOn(draw: (x: number, y: number, k: number) => Light[]) {
  const at = places(COUNT)
  const sky = paint(at.flatMap(([x, y], k) => draw(x, y, k)))
  return drawnOut({ ...inputOf(detected(at), sky), correlations: await correlated(sky) })
}

describe('images drawn out along one direction', () => {
  it('are trails where they end sharply', async () => {
    const found = (await foundOn((x, y, k) => [line(x, y, 40, 0.3 * light(k), () => 1)]))!
    expect([found.reason.code, found.isShort]).toEqual(['TRAILED', false])
    const { length_px: length, angle_deg: angle } = found.reason.evidence as Record<string, number>
    expect(length).toBeGreaterThan(36)
    expect(length).toBeLessThan(48)
    expect(Math.min(angle!, 180 - angle!)).toBeLessThan(2)
  })

  it('are spectra where they fade', async () => {
    const found = await foundOn((x, y, k) => [
      line(x, y, 60, 0.3 * light(k), (t) => Math.exp(-((t / 0.3) ** 4))),
    ])
    expect(found?.reason.code).toBe('SPECTRA')
    expect(found!.reason.evidence.growth).toBeGreaterThan(1.4)
  })

  it('are exposures that touch where they are two images near each other', async () => {
    const shift = (1.6 * FWHM_PX) / 2
    const found = await foundOn((x, y, k) => [
      star(x - shift, y, 0.4 * light(k)),
      star(x + shift, y, 0.35 * light(k)),
    ])
    expect([found?.reason.code, found?.isShort], JSON.stringify(found)).toEqual(['TOUCHING_EXPOSURES', true])
  })

  it('are exposures where there are valleys along them', async () => {
    const found = await foundOn((x, y, k) =>
      [-3, -1, 1, 3].map((n) => cropped(star(x + n * FWHM_PX, y, 0.4 * light(k)), x + n * FWHM_PX, y)),
    )
    expect([found?.reason.code, found?.isRow], JSON.stringify(found)).toEqual(['TOUCHING_EXPOSURES', true])
  })

  it('are trails where a few of them lie among many specks', async () => {
    const random = randomStream(5, 'specks')
    const anywhere = () => random.between(40, SIDE_PX - 40)
    const specks = Array.from({ length: 400 }, () => {
      const [x, y] = [anywhere(), anywhere()]
      return cropped(star(x, y, random.between(0.3, 1.2)), x, y)
    })
    const trails = places(16).map(([x, y]) => line(x, y, 40, 0.2, () => 1))
    const sky = paint([...specks, ...trails])
    const found = drawnOut({ ...inputOf(detected(places(16)), sky), correlations: await correlated(sky) })!
    expect([found.reason.code, found.isShort], JSON.stringify(found)).toEqual(['TRAILED', false])
    expect(found.lengthPx).toBeGreaterThan(36)
    expect([
      isAlong(found, { dx: 12, dy: 0 }),
      isAlong(found, { dx: -12, dy: 1 }),
      isAlong(found, { dx: 0, dy: 12 }),
      isAlong(found, { dx: 80, dy: 0 }),
    ]).toEqual([true, true, false, false])
  })
})

describe('nothing is said', () => {
  it('of round images, hairs and one long scratch', async () => {
    const random = randomStream(3, 'hairs')
    const hairs = Array.from({ length: 12 }, (): Light => {
      const [x0, y0, angle] = [
        random.between(0, SIDE_PX),
        random.between(0, SIDE_PX),
        random.between(0, Math.PI),
      ]
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      const along = line(0, 0, 40, 1, () => 1)
      return (x, y) => along((x - x0) * c + (y - y0) * s, (y - y0) * c - (x - x0) * s)
    })
    const scratch: Light = (x, y) => (Math.abs(y - 60 - 0.1 * x) < 1.5 ? 1 : 0)
    const at = places(COUNT)
    const sky = paint([...at.map(([x, y], k) => star(x, y, light(k))), ...hairs, scratch])
    expect(drawnOut({ ...inputOf(detected(at), sky), correlations: await correlated(sky) })).toBeUndefined()
  })

  it('of the crosses of a réseau among stars', async () => {
    const turned =
      (one: Light, x0: number, y0: number): Light =>
      (x, y) =>
        one(y - y0 + x0, x - x0 + y0)
    const crosses = places(36, 2).flatMap(([x, y]) => {
      const arm = line(x, y, 30, 1, () => 1)
      return [arm, turned(arm, x, y)]
    })
    const at = places(COUNT)
    const sky = paint([...at.map(([x, y], k) => star(x, y, light(k))), ...crosses])
    expect(drawnOut({ ...inputOf(detected(at), sky), correlations: await correlated(sky) })).toBeUndefined()
  })

  it('where coma draws images out along the radius', async () => {
    const middle = SIDE_PX / 2
    const found = await foundOn((x, y, k) => {
      const angle = Math.atan2(y - middle, x - middle)
      const [dx, dy] = [2 * Math.cos(angle), 2 * Math.sin(angle)]
      return [star(x - dx, y - dy, light(k)), star(x + dx, y + dy, light(k))]
    })
    expect(found).toBeUndefined()
  })

  it('of a plate too small for tiles', () => {
    const at = places(10)
    expect(drawnOut(inputOf(detected(at), paint([])))).toBeUndefined()
  })
})
