import { describe, expect, it } from 'vitest'
import { arrowMap, meanMap } from '../../src/report/residual-map.ts'
import { magnitudeTrend, radiusTrend } from '../../src/report/residual-trends.ts'
import { onPlate, type Residuals, residualsOf, thinned } from '../../src/report/residuals.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { constantsOf, detectionsOf, exposureOf, type PlateOptions, SCALE_ARCSEC_PX } from './plates.ts'

const plate = { width: 1000, height: 800 }

function made(pairs: number, offset: NonNullable<PlateOptions['offset']>): Residuals {
  const detections = detectionsOf(plate.width, plate.height, pairs)
  const constants = constantsOf(plate.width, plate.height)
  return residualsOf(exposureOf(detections, constants, pairs, offset), detections, [20, 20])
}

/** Scatter of `sigma` px in each axis, the same at every call. */
function scatter(sigma: number): NonNullable<PlateOptions['offset']> {
  const random = randomStream(3, 'scatter')
  return () => [sigma * random.gauss(), sigma * random.gauss()]
}

describe('the residuals on the plate', () => {
  it('are plate minus reference along x and y, in arcsec', () => {
    const r = made(50, () => [0.3, -0.2])
    const worst = Math.max(
      ...Array.from(r.dx, (dx) => Math.abs(dx - 0.3 * SCALE_ARCSEC_PX)),
      ...Array.from(r.dy, (dy) => Math.abs(dy + 0.2 * SCALE_ARCSEC_PX)),
    )
    console.log(`worst departure from 0.6″ and −0.4″: ${worst.toExponential(1)}″`)
    expect(worst).toBeLessThan(1e-6)
  })

  it('tell which pairs took part, and take the magnitude of the image where the catalogue has none', () => {
    const detections = detectionsOf(300, 300, 40)
    const exposure = exposureOf(detections, constantsOf(300, 300), 40)
    const r = residualsOf(exposure, detections, null)
    expect([...r.used].filter((used) => used === 0).length).toBe(4)
    expect(r.magnitudeName).toContain('reference')
    exposure.stars.gMag.fill(Number.NaN)
    const without = residualsOf(exposure, detections, null)
    expect(without.magnitudeName).toBe('instrumental magnitude')
    expect(without.magnitude[7]).toBe(detections.magInst[7])
  })

  it('are told as a length on the sky, on the scan, and on the plate where a pixel is known there', () => {
    expect(onPlate({ scaleArcsecPerPx: 2, pixelUm: 20 }, 0.5)).toBe('0.5″ = 0.250 px = 5.00 µm')
    expect(onPlate({ scaleArcsecPerPx: 2, pixelUm: null }, 90)).toBe('1.5′ = 45.0 px')
  })

  it('are thinned evenly', () => {
    const rows = [...Array(1000).keys()]
    const some = thinned(rows, 600)
    expect([some.length, new Set(some).size, some[0]]).toEqual([600, 600, 0])
    expect(Math.max(...some.slice(1).map((row, k) => row - some[k]!))).toBe(2)
    expect(thinned([3, 4], 600)).toEqual([3, 4])
  })
})

describe('the residual map', () => {
  it('draws an arrow that points where the residual does, y upwards', () => {
    const { svg } = arrowMap(
      made(1, () => [1, 2]),
      plate,
      'map',
    )
    const [, dx, dy] = /d="M[\d. ]+l(-?[\d.]+) (-?[\d.]+)m/.exec(svg.markup)!
    expect(Number(dx)).toBeGreaterThan(0)
    expect(Number(dy) / Number(dx)).toBeCloseTo(-2, 1)
  })

  it('draws its scale bar to the scale of its arrows', () => {
    const { svg } = arrowMap(
      made(30, () => [0.5, 0]),
      plate,
      'map',
    ) // arrows of 1 arcsec
    const arrow = Number(/d="M[\d. ]+l([\d.]+) 0m/.exec(svg.markup)![1])
    const bar = Number(/v8m0 -4h([\d.]+)m0/.exec(svg.markup)![1])
    const meaning = /y="[\d.]+">([\d.]+)″ = ([\d.]+) px = ([\d.]+) µm</.exec(svg.markup)!.slice(1).map(Number)
    expect(meaning).toEqual([2, 1, 20])
    expect(Math.abs(bar / arrow - 2)).toBeLessThan(0.01)
  })

  it('thins more than 600 pairs, and no fewer', () => {
    expect(arrowMap(made(600, scatter(0.1)), plate, 'map').drawn).toBe(600)
    expect(arrowMap(made(900, scatter(0.1)), plate, 'map').drawn).toBe(600)
  })

  it('bears one pair, none, and pairs without any residual', () => {
    for (const residuals of [made(0, () => [0, 0]), made(1, () => [0, 0]), made(40, () => [0, 0])]) {
      const { svg } = arrowMap(residuals, plate, 'map')
      expect(svg.markup).not.toMatch(/NaN|Infinity|undefined/)
    }
  })
})

describe('the means over the plate', () => {
  it('stay within their circles where there is only scatter', () => {
    const { cells, significant } = meanMap(made(1500, scatter(0.2)), plate, 'means')!
    console.log(`${significant} of ${cells} means of pure scatter leave the circle of 99 %`)
    expect(cells).toBeGreaterThan(80)
    expect(significant).toBeLessThanOrEqual(5)
  })

  it('leave them where a part of the plate is off by less than the scatter', () => {
    const noise = scatter(0.2)
    const shifted = made(1500, (x, y, i) => {
      const [dx, dy] = noise(x, y, i)
      return [dx + (x > 700 ? 0.15 : 0), dy]
    })
    const { cells, significant } = meanMap(shifted, plate, 'means')!
    console.log(`${significant} of ${cells} means leave the circle of 99 % with 0.15 px on 30 % of the plate`)
    expect(significant).toBeGreaterThan(0.12 * cells)
  })

  it('are not made of too few pairs', () => {
    expect(meanMap(made(60, scatter(0.2)), plate, 'means')).toBeUndefined()
    expect(
      meanMap(
        made(0, () => [0, 0]),
        plate,
        'means',
      ),
    ).toBeUndefined()
  })
})

describe('the trends', () => {
  /** Height of the mean marks in a panel (0 the upper, 1 the lower), upwards, px of the figure. */
  function means(svg: string, panel: number): number[] {
    const path = [...svg.matchAll(/<path d="(M[^"]*h8)" fill="none" stroke="#222222"/g)][panel]![1]!
    return [...path.matchAll(/M[\d.]+ ([\d.]+)h8/g)].map((match) => -Number(match[1]))
  }

  it('show a magnitude equation as a slope, in the axis that has it', () => {
    const noise = scatter(0.1)
    const r = made(600, (x, y, i) => [noise(x, y, i)[0] + 0.1 * (i / 600 - 0.5), 0])
    const { markup } = magnitudeTrend(r, 'trend')!
    const [x, y] = [means(markup, 0), means(markup, 1)]
    expect(x.length).toBe(12)
    expect(x.at(-1)! - x[0]!).toBeGreaterThan(5)
    expect(new Set(y).size).toBe(1)
  })

  it('show distortion as a trend outward and none around', () => {
    const r = made(600, (x, y) => {
      const [u, v] = [x - 500.5, y - 400.5]
      const r2 = (u * u + v * v) / 500 ** 2
      return [(0.2 * u * r2) / 500, (0.2 * v * r2) / 500]
    })
    const { markup } = radiusTrend(r, plate, 'trend')!
    const [outward, around] = [means(markup, 0), means(markup, 1)]
    expect(outward.at(-1)! - outward[0]!).toBeGreaterThan(30)
    expect(Math.max(...around) - Math.min(...around)).toBeLessThan(0.5)
  })

  it('are left out with too few pairs, and bear stars of one magnitude and no residuals at all', () => {
    expect(magnitudeTrend(made(10, scatter(0.1)), 'trend')).toBeUndefined()
    const r = made(60, () => [0, 0])
    r.magnitude.fill(12)
    expect(magnitudeTrend(r, 'trend')!.markup).not.toMatch(/NaN|Infinity/)
    r.magnitude.fill(Number.NaN)
    expect(magnitudeTrend(r, 'trend')).toBeUndefined()
  })
})
