// The pieces of a plate on their own: star light, blends, marks, writing, dates, options and recipes.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findBlends } from '../../src/simulate/blending.ts'
import { calendarOf, millisecondsOf, sexagesimal } from '../../src/simulate/dates.ts'
import { plateFrame } from '../../src/simulate/frame.ts'
import type { StarImage } from '../../src/simulate/images.ts'
import { spotMark, strokeMark } from '../../src/simulate/marks.ts'
import { parseSimulateOptions, SIMULATE_PARAMETERS } from '../../src/simulate/options.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { addSpot, type ImageShape, spotRadius, totalLight } from '../../src/simulate/starlight.ts'
import { assignToStrips, stripsOf } from '../../src/simulate/strip.ts'
import { countsBelow, syntheticStars } from '../../src/simulate/synthetic.ts'
import { handwriting } from '../../src/simulate/writing.ts'

const SHAPE: ImageShape = { fwhmPx: 4, beta: 3, halation: 0, halationPx: 60, spikes: 0, spikeAngle: 0 }

describe('the light of a star', () => {
  const spot = { x: 99.3, y: 100.8, peak: 1, stretch: 1, angle: 0 }
  const draw = (strips = [{ width: 200, y0: 0, rows: 200 }], shape = SHAPE, given = spot) => {
    const light = new Float32Array(200 * 200)
    for (const strip of strips)
      addSpot(light.subarray(strip.y0 * 200, (strip.y0 + strip.rows) * 200), strip, given, shape)
    return light
  }

  it('has its centre of light at the true place and sums to its total', () => {
    const light = draw(undefined, SHAPE, { ...spot, peak: 20 })
    let [sum, sx, sy] = [0, 0, 0]
    light.forEach((v, i) => {
      sum += v
      sx += v * (i % 200)
      sy += v * Math.floor(i / 200)
    })
    console.log(
      `centre off by ${(sx / sum - 99.3).toExponential(1)} ${(sy / sum - 100.8).toExponential(1)} px`,
    )
    expect(Math.abs(sx / sum - 99.3)).toBeLessThan(0.002)
    expect(Math.abs(sy / sum - 100.8)).toBeLessThan(0.002)
    expect(sum / totalLight(20, SHAPE)).toBeGreaterThan(0.93) // faint wings are left out
    expect(sum / totalLight(20, SHAPE)).toBeLessThan(1.6) // the aureole holds up to 0.58 of the core
  })

  it('keeps its light when it is stretched', () => {
    const sum = (stretch: number) => draw(undefined, SHAPE, { ...spot, stretch }).reduce((a, b) => a + b, 0)
    expect(sum(1.5) / sum(1)).toBeGreaterThan(0.97)
    expect(sum(1.5) / sum(1)).toBeLessThan(1.03)
  })

  it('is the same whether drawn whole or in strips', () => {
    const strips = [0, 37, 90, 150].map((y0, k, all) => ({ width: 200, y0, rows: (all[k + 1] ?? 200) - y0 }))
    const bright = { ...SHAPE, halation: 0.1, spikes: 0.1 }
    const given = { ...spot, peak: 500 }
    expect(draw(strips, bright, given)).toEqual(draw(undefined, bright, given))
  })

  it('has a ring of halation at its radius when it is bright', () => {
    const light = draw(undefined, { ...SHAPE, halation: 0.3 }, { ...spot, x: 100, y: 100, peak: 2000 })
    const at = (r: number) => light[100 * 200 + 100 + r]!
    expect(at(66)).toBeGreaterThan(1.5 * at(52))
  })

  it('reaches farther the brighter it is', () => {
    const radii = [0.01, 0.1, 1, 100, 1e4].map((peak) => spotRadius(peak, 1, SHAPE))
    expect(radii.every((r, k) => k === 0 || r > radii[k - 1]!)).toBe(true)
  })
})

describe('strips', () => {
  it('cover the plate once, and know what touches them', () => {
    const strips = stripsOf(28644, 28644)
    expect(strips.reduce((sum, s) => sum + s.rows, 0)).toBe(28644)
    expect(strips[0]!.rows * 28644).toBeLessThan(2.1e6)
    const lists = assignToStrips(strips, [
      { top: -50, bottom: 0.4 },
      { top: strips[1]!.y0 - 0.5, bottom: strips[1]!.y0 + 3 },
      { top: 28643, bottom: 40000 },
      { top: 30000, bottom: 30001 },
    ])
    expect(lists[0]).toEqual([0, 1])
    expect(lists[1]).toEqual([1])
    expect(lists.at(-1)).toEqual([2])
  })
})

describe('blends', () => {
  const image = (x: number, y: number, peak: number) => ({ x, y, peak }) as StarImage
  const point = { kind: 'point', lengthPx: 0, angleRad: 0 } as const

  it('are images that touch; a bright one does not mind a very faint neighbour', () => {
    const { blended, neighbourPx } = findBlends(
      [image(50, 50, 10), image(58, 50, 9), image(150, 50, 10), image(158, 50, 0.05)],
      SHAPE,
      point,
    )
    expect(blended).toEqual([true, true, false, true])
    expect(neighbourPx[0]).toBe(8)
    expect(neighbourPx[2]).toBeNaN()
  })

  it('count two stars at one place, once each, and none and one star do no harm', () => {
    expect(findBlends([image(5, 5, 1), image(5, 5, 1)], SHAPE, point).blended).toEqual([true, true])
    expect(findBlends([image(5, 5, 1)], SHAPE, point).blended).toEqual([false])
    expect(findBlends([], SHAPE, point).blended).toEqual([])
  })

  it('of trails lie along the trail, not beside it', () => {
    const trail = { kind: 'trail', lengthPx: 40, angleRad: 0 } as const
    expect(findBlends([image(50, 50, 1), image(95, 50, 1)], SHAPE, trail).blended).toEqual([true, true])
    expect(findBlends([image(50, 50, 1), image(50, 95, 1)], SHAPE, trail).blended).toEqual([false, false])
  })
})

describe('marks', () => {
  const planes = () => ({ opaque: new Float32Array(10_000), clear: new Float32Array(10_000) })
  const strip = { width: 100, y0: 0, rows: 100 }

  it('of round shape cover their area', () => {
    const drawn = planes()
    spotMark({
      kind: 'dust',
      layer: 'opaque',
      strength: 1,
      x: 50,
      y: 50,
      radiusPx: 10,
      axisRatio: 1,
      angle: 0,
      bumps: [],
      softnessPx: 1,
    }).draw(drawn, strip)
    const area = drawn.opaque.reduce((a, b) => a + b, 0)
    expect(Math.abs(area / (Math.PI * 100) - 1)).toBeLessThan(0.02)
    expect(drawn.clear.every((v) => v === 0)).toBe(true)
  })

  it('drawn as strokes cover length times width, also outside the plate', () => {
    const drawn = planes()
    const points = [-30, 20, 60].map((x) => ({ x, y: 40 + x / 10, width: 3, tone: 1 }))
    strokeMark({ kind: 'hair', layer: 'clear', strength: 0.5 }, points).draw(drawn, strip)
    const area = drawn.clear.reduce((a, b) => a + b, 0) / 0.5
    expect(Math.abs(area / (61 * 3) - 1)).toBeLessThan(0.06)
  })

  it('of writing stay near their line', () => {
    const hand = { x: 20, y: 40, heightPx: 20, angle: 0, backwards: false, strength: 1, penPx: 2 }
    const marks = handwriting('B 23', hand, randomStream(1, 'hand'))
    expect(marks.length).toBe(3)
    expect(marks.every((m) => m.y > 35 && m.y < 65 && m.x > 15 && m.x < 100)).toBe(true)
    expect(handwriting('∞', hand, randomStream(1, 'hand'))).toEqual([])
  })
})

describe('synthetic stars', () => {
  const field = { raDeg: 359.9, decDeg: -88, radiusDeg: 1 }
  const filling = { field, areaDeg2: Math.PI, density: 200, faintestMag: 15, real: [] }
  const streams = () => ({ stars: randomStream(3, 'stars'), motions: randomStream(3, 'motions') })

  it('are as many as the law says, in every magnitude', () => {
    const stars = syntheticStars(filling, streams())
    for (const mag of [12, 13, 14, 15]) {
      const [found, expected] = [stars.filter((s) => s.gMag < mag).length, 200 * Math.PI * countsBelow(mag)]
      expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt(expected) + 4)
    }
  })

  it('only fill what real stars leave', () => {
    const real = Array.from({ length: 20_000 }, () => ({ gMag: 13.1 }))
    const stars = syntheticStars({ ...filling, real }, streams())
    expect(stars.some((s) => s.gMag >= 13 && s.gMag < 13.25)).toBe(false)
    expect(stars.some((s) => s.gMag < 10.5)).toBe(false)
  })
})

describe('dates and angles', () => {
  it('turn Julian years into calendar dates, also before 1900', () => {
    expect(calendarOf(millisecondsOf(2000)).date).toBe('2000-01-01')
    expect(calendarOf(millisecondsOf(2000)).time).toBe('12:00:00')
    expect(calendarOf(millisecondsOf(1888.104)).date).toBe('1888-02-07') // Harvard B2312
    expect(calendarOf(millisecondsOf(1951.911)).slashed).toBe('29/11/51')
  })

  it('write sexagesimal angles without 60 seconds', () => {
    expect(sexagesimal(5.99999999, 0, true)).toBe('+06:00:00')
    expect(sexagesimal(-0.0041667, 0, true)).toBe('-00:00:15')
    expect(sexagesimal(8.855, 1, false)).toBe('08:51:18.0')
  })
})

describe('the options', () => {
  it('have a flag, a sentence and a default each, all different', () => {
    const list = Object.entries(SIMULATE_PARAMETERS)
    expect(new Set(list.map(([, p]) => p.flag)).size).toBe(list.length)
    for (const [name, p] of list) {
      const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
      expect(p.flag).toBe(`--${kebab}`)
      expect(p.text.endsWith('.')).toBe(true)
    }
    expect(parseSimulateOptions({}).seed).toBe(1)
    expect(parseSimulateOptions({ seed: '7', ra: '08:40:24', dec: '+19:36' }).ra).toBeCloseTo(130.1, 9)
  })

  it('agree on field, scale and width', () => {
    const frame = (raw: object) => plateFrame(parseSimulateOptions({ epoch: 1950, ...raw }))
    expect(frame({ field: 1, width: 1800 }).scaleArcsecPerPx).toBe(2)
    expect(frame({ field: 1, scale: 2 }).width).toBe(1800)
    expect(frame({ scale: 3, width: 500, height: 700 })).toMatchObject({
      width: 500,
      height: 700,
      scaleArcsecPerPx: 3,
    })
  })
})

describe('the recipes', () => {
  const acceptance = JSON.parse(readFileSync('fixtures/acceptance.json', 'utf8')).plates as {
    catalog: string
    options: Record<string, unknown>
  }[]
  const sample = JSON.parse(readFileSync('fixtures/sample.json', 'utf8')).options

  it('hold options that simulate takes', () => {
    expect(plateFrame(parseSimulateOptions(sample)).width).toBeLessThanOrEqual(2500)
    for (const { options, catalog } of acceptance) {
      parseSimulateOptions(options)
      expect(['reference', 'tycho-2']).toContain(catalog)
    }
  })

  it('of the acceptance plates cover fields, epochs, damage, polarities and headers', () => {
    const values = (name: string) => acceptance.map(({ options }) => options[name])
    const numbers = (name: string) => values(name).map(Number)
    expect(acceptance.length).toBe(12)
    expect(new Set(values('name')).size).toBe(12)
    expect([Math.min(...numbers('field')), Math.max(...numbers('field'))]).toEqual([0.5, 3])
    expect([Math.min(...numbers('epoch')), Math.max(...numbers('epoch'))].map(Math.floor)).toEqual([
      1895, 1990,
    ])
    expect([Math.min(...numbers('damage')), Math.max(...numbers('damage'))]).toEqual([1, 8])
    expect(new Set(values('polarity'))).toEqual(new Set(['negative', 'positive']))
    expect(new Set(values('header'))).toEqual(new Set(['full', 'none', 'wrong']))
    expect(values('mirror').filter(Boolean).length).toBeGreaterThan(3)
  })

  it.skipIf(!existsSync('../shared'))('name star files that are there (skipped without ../shared)', () => {
    const files = acceptance.map(({ options }) => String(options.stars)).filter((name) => name.includes('/'))
    expect(files.length).toBeGreaterThan(0)
    expect(files.filter((name) => !existsSync(name))).toEqual([])
  })
})
