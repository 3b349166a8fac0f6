// Cloud, the Moon, planets and comets, told from saturated stars, labels and an uneven sky.
import { describe, expect, it } from 'vitest'
import { cometLight } from '../../../src/simulate/objects/comet.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { extendedObjects } from '../../../src/stages/triage/extended.ts'
import { FWHM_PX, type Light, paint, SIDE_PX, star } from './painted.ts'

const MIDDLE = SIDE_PX / 2
const NONE = { length: 0, x: new Float64Array(0), y: new Float64Array(0) }
const GROUND = { width: SIDE_PX, height: SIDE_PX, fwhmPx: FWHM_PX }
const UNSCALED = { detections: NONE, fwhmPx: FWHM_PX, scaleArcsecPerPx: null }

const codesOf = (lights: Light[], scaleArcsecPerPx: number | null = null) =>
  extendedObjects({ sky: paint(lights), detections: NONE, fwhmPx: FWHM_PX, scaleArcsecPerPx }).map(
    (r) => r.code,
  )

const disc =
  (radius: number, glow: number): Light =>
  (x, y) => {
    const r = Math.hypot(x - MIDDLE, y - MIDDLE)
    return 50 / (1 + Math.exp(Math.min(50, (r - radius) / 2))) + glow * (radius / Math.max(r, radius)) ** 3
  }

describe('a plate of stars', () => {
  it('shows no large object, whatever its sky', () => {
    expect(codesOf([])).toEqual([])
    const vignetting: Light = (x, y) =>
      0.2 * (1 - ((x - MIDDLE) ** 2 + (y - MIDDLE) ** 2) / (2 * MIDDLE ** 2))
    const fog: Light = (x) => 0.3 * Math.exp(-x / 40)
    expect(codesOf([vignetting, fog])).toEqual([])
  })

  it('may have a saturated star with its halo', () => {
    expect(codesOf([star(MIDDLE, MIDDLE, 2000)])).toEqual([])
    expect(codesOf([star(30, MIDDLE, 5000)])).toEqual([])
  })

  it('may have a label', () => {
    const label: Light = (x, y) => (Math.abs(x - 100) < 60 && Math.abs(y - 80) < 30 ? 20 : 0)
    expect(codesOf([label])).toEqual([])
  })
})

describe('large objects', () => {
  it('a disc with a sharp edge is a planet, or the Moon where it is as large', () => {
    expect(codesOf([disc(45, 0.3)])).toEqual(['BRIGHT_OBJECT'])
    expect(codesOf([disc(120, 0.3)])).toEqual(['MOON'])
    expect(codesOf([disc(45, 0.3)], (0.52 * 3600) / 90)).toEqual(['MOON'])
    expect(codesOf([disc(45, 0.3)], 0.5)).toEqual(['BRIGHT_OBJECT'])
  })

  it('a disc in its glow is a planet, also where a stroke runs into it', () => {
    const stroke: Light = (x, y) =>
      x > MIDDLE + 56 && x < MIDDLE + 260 && Math.abs(y - MIDDLE) < 20 ? 0.9 : 0
    expect(codesOf([disc(45, 0.8)])).toEqual(['BRIGHT_OBJECT'])
    expect(codesOf([disc(45, 0.8), stroke])).toEqual(['BRIGHT_OBJECT'])
    expect(codesOf([star(MIDDLE, MIDDLE, 5000), stroke])).toEqual([])
  })

  it('a disc in its glow is a planet where mould lies beside it', () => {
    const random = randomStream(7, 'mould')
    const mould = Array.from({ length: 200 }, () => [
      MIDDLE + 60 + 20 * random.gauss(),
      MIDDLE + 30 * random.gauss(),
    ])
    const detections = {
      length: mould.length,
      x: Float64Array.from(mould, ([x]) => x!),
      y: Float64Array.from(mould, ([, y]) => y!),
    }
    const found = extendedObjects({ ...UNSCALED, sky: paint([disc(45, 0.8)]), detections })
    expect(found.map((r) => r.code)).toEqual(['BRIGHT_OBJECT'])
  })

  it('the Moon is known where the polarity was taken the wrong way', () => {
    const dark: Light = (x, y) => -disc(45, 0.3)(x, y)
    const [found] = extendedObjects({
      ...{ sky: paint([dark]), detections: NONE, fwhmPx: FWHM_PX },
      scaleArcsecPerPx: (0.52 * 3600) / 90,
    })
    expect(found).toMatchObject({ code: 'MOON', evidence: { inverted: true } })
    expect(codesOf([dark], 0.5)).toEqual([])
  })

  it('a cluster full of stars is no comet', () => {
    const comet = cometLight({ fwhmPx: 24, top: 8 }, GROUND, randomStream(1, 'comet'))
    const [object] = extendedObjects({ sky: paint([comet]), ...UNSCALED })
    const { x, y, diameter_px: across } = object!.evidence as Record<string, number>
    const around = Array.from({ length: 60 }, (_, k) => (k * 2 * Math.PI) / 60)
    const place = (of: (angle: number) => number) => Float64Array.from(around, of)
    const stars = {
      length: around.length,
      x: place((angle) => x! + 0.4 * across! * Math.cos(angle)),
      y: place((angle) => y! + 0.4 * across! * Math.sin(angle)),
    }
    expect(extendedObjects({ sky: paint([comet]), ...UNSCALED, detections: stars })).toEqual([])
  })

  it('a bright head with a tail is a comet', () => {
    const comet = cometLight({ fwhmPx: 24, top: 8 }, GROUND, randomStream(1, 'comet'))
    expect(codesOf([comet])).toEqual(['BRIGHT_OBJECT'])
  })

  it('cloud over most of the plate is a nebula', () => {
    const cloud: Light = (x, y) =>
      0.3 * Math.max(0, Math.sin(x / 50) + Math.cos(y / 70) + Math.sin((x + y) / 60))
    const [found] = extendedObjects({ sky: paint([cloud]), ...UNSCALED })
    expect(found?.code).toBe('NEBULA')
    expect(found!.evidence.share).toBeGreaterThan(0.3)
  })

  it('are not looked for where nothing is usable', () => {
    const sky = paint([])
    sky.area.usable.fill(0)
    expect(extendedObjects({ sky, ...UNSCALED })).toEqual([])
  })
})
