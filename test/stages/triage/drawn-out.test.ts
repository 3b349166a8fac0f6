// Trails, spectra and exposures that touch, told from one another and from stars, by the pixels of painted plates.
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/simulate/random.ts'
import { drawnOut } from '../../../src/stages/triage/drawn-out.ts'
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
