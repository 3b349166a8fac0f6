// The characteristic curve and the grain.
import { describe, expect, it } from 'vitest'
import { characteristicCurve, grainKernel, grainNoise } from '../../src/simulate/emulsion.ts'
import { scanValue } from '../../src/simulate/scan.ts'

const EMULSION = { fog: 0.15, gamma: 1.6, dMax: 3, skyDensity: 0.5, grain: 0.045, grainPx: 0.6 }

describe('the characteristic curve', () => {
  const curve = characteristicCurve(EMULSION)

  it('gives the sky its density, nothing the fog, and everything the greatest density', () => {
    expect(curve.density(1)).toBeCloseTo(0.5, 6)
    expect(curve.density(0)).toBeCloseTo(0.15, 6)
    expect(curve.density(1e9)).toBeCloseTo(3, 4)
  })

  it('has the slope gamma in its straight part and less at toe and shoulder', () => {
    const slope = (i: number) => (curve.density(i * 1.01) - curve.density(i)) / Math.log10(1.01)
    console.log(
      `slope at sky ${curve.skySlope.toFixed(3)}, middle ${slope(6).toFixed(3)}, bright ${slope(300).toFixed(4)}`,
    )
    expect(Math.abs(slope(6) - 1.6)).toBeLessThan(0.05)
    expect(curve.skySlope).toBeLessThan(1.6)
    expect(slope(300)).toBeLessThan(0.1)
  })

  it('rises everywhere', () => {
    const densities = Array.from({ length: 400 }, (_, k) => curve.density(10 ** (k / 50 - 4)))
    expect(densities.every((d, k) => k === 0 || d >= densities[k - 1]!)).toBe(true)
  })

  it('is the same through the table to 1e-4', () => {
    const intensities = Float32Array.from({ length: 4000 }, (_, k) => 10 ** (k / 400 - 4))
    const densities = intensities.slice()
    curve.apply(densities)
    const worst = intensities.reduce(
      (most, i, k) => Math.max(most, Math.abs(curve.density(i) - densities[k]!)),
      0,
    )
    console.log(`worst error of the table ${worst.toExponential(1)}`)
    expect(worst).toBeLessThan(1e-4)
  })

  it('takes no light, and more light than there is, without harm', () => {
    const extremes = Float32Array.from([0, -1, 1e-30, 1e30, Number.MAX_VALUE])
    curve.apply(extremes)
    expect(Array.from(extremes.slice(0, 3), (d) => d.toFixed(3))).toEqual(['0.150', '0.150', '0.150'])
    expect(extremes[3]).toBeCloseTo(3, 4)
    expect(extremes[4]).toBeCloseTo(3, 4)
  })
})

describe('the grain', () => {
  const strip = { width: 500, y0: 40, rows: 400 }
  const noise = grainNoise(strip, 12, 0.6)
  const mean = (f: (i: number) => number) => {
    let sum = 0
    for (let i = 0; i < noise.length - 1; i++) sum += f(i)
    return sum / (noise.length - 1)
  }

  it('has variance 1 and the correlation of its size', () => {
    const variance = mean((i) => noise[i]! ** 2)
    const next = mean((i) => noise[i]! * noise[i + 1]!) / variance
    console.log(`variance ${variance.toFixed(3)}, correlation of neighbours ${next.toFixed(3)}`)
    expect(Math.abs(variance - 1)).toBeLessThan(0.03)
    const kernel = grainKernel(0.6)
    const expected = kernel.slice(1).reduce((sum, w, k) => sum + w * kernel[k]!, 0)
    expect(Math.abs(next - expected)).toBeLessThan(0.02)
  })

  it('is the same whatever the strips', () => {
    const part = grainNoise({ width: 500, y0: 100, rows: 7 }, 12, 0.6)
    const start = 60 * 500
    const worst = part.reduce((most, v, i) => Math.max(most, Math.abs(v - noise[start + i]!)), 0)
    expect(worst).toBe(0)
  })

  it('is white when it has no size', () => {
    const white = grainNoise(strip, 12, 0)
    const next = white.reduce((sum, v, i) => sum + v * (white[i + 1] ?? 0), 0) / white.length
    expect(Math.abs(next)).toBeLessThan(0.01)
  })
})

describe('the scanner', () => {
  const scanner = { values: 'transmission', polarity: 'negative', bits: 16, dMax: 3 } as const

  it('makes dense places dark on a negative and bright on a positive, for both kinds of values', () => {
    for (const values of ['transmission', 'density'] as const) {
      const value = (density: number, polarity: 'negative' | 'positive') =>
        scanValue(density, { ...scanner, values, polarity })
      expect(value(2, 'negative')).toBeLessThan(value(0.5, 'negative'))
      expect(value(2, 'positive')).toBeGreaterThan(value(0.5, 'positive'))
      expect(value(1, 'negative') + value(1, 'positive')).toBeCloseTo(65535, 6)
    }
  })

  it('stays within its range', () => {
    for (const density of [0, 0.15, 3]) {
      const value = scanValue(density, { ...scanner, bits: 8 })
      expect(value).toBeGreaterThan(0)
      expect(value).toBeLessThan(255)
    }
  })
})
