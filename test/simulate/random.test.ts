// The simulator's chance: reproducible, independent streams, and noise that belongs to the pixel.
import { describe, expect, it } from 'vitest'
import { noiseRow, randomStream } from '../../src/simulate/random.ts'

const COUNT = 200_000

function moments(values: ArrayLike<number>) {
  const list = Array.from(values)
  const mean = list.reduce((sum, v) => sum + v, 0) / list.length
  const central = (power: number) => list.reduce((sum, v) => sum + (v - mean) ** power, 0) / list.length
  return { mean, variance: central(2), skewness: central(3), kurtosis: central(4) }
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0) / a.length
}

describe('a stream', () => {
  it('is the same for the same seed and name, and another one for another seed or name', () => {
    const first = (seed: number, name: string) => {
      const random = randomStream(seed, name)
      return [random.next(), random.gauss(), random.whole(1000)]
    }
    expect(first(7, 'dust')).toEqual(first(7, 'dust'))
    expect(first(7, 'dust')).not.toEqual(first(8, 'dust'))
    expect(first(7, 'dust')).not.toEqual(first(7, 'hairs'))
    expect(first(0, '')).toEqual(first(0, ''))
  })

  it('is uniform in [0, 1)', () => {
    const random = randomStream(1, 'uniform')
    const values = Array.from({ length: COUNT }, () => random.next())
    const { mean, variance } = moments(values)
    console.log(`uniform: mean ${mean.toFixed(5)}, variance × 12 ${(variance * 12).toFixed(5)}`)
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.003)
    expect(Math.abs(variance * 12 - 1)).toBeLessThan(0.01)
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true)
  })

  it('draws normal deviates', () => {
    const random = randomStream(2, 'normal')
    const { mean, variance, skewness, kurtosis } = moments(
      Array.from({ length: COUNT }, () => random.gauss()),
    )
    expect(Math.abs(mean)).toBeLessThan(0.01)
    expect(Math.abs(variance - 1)).toBeLessThan(0.015)
    expect(Math.abs(skewness)).toBeLessThan(0.03)
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.1)
  })

  it('does not depend on a neighbouring seed', () => {
    const draw = (seed: number) => {
      const random = randomStream(seed, 'jitter')
      return Array.from({ length: 20_000 }, () => random.gauss())
    }
    expect(Math.abs(correlation(draw(1), draw(2)))).toBeLessThan(0.03)
  })
})

describe('the noise of a row', () => {
  it('is normal', () => {
    const row = new Float32Array(COUNT)
    noiseRow(row, 5, 0, 17)
    const { mean, variance, kurtosis } = moments(row)
    console.log(
      `row: mean ${mean.toFixed(5)}, variance ${variance.toFixed(5)}, kurtosis ${kurtosis.toFixed(3)}`,
    )
    expect(Math.abs(mean)).toBeLessThan(0.01)
    expect(Math.abs(variance - 1)).toBeLessThan(0.015)
    expect(Math.abs(kurtosis - 3)).toBeLessThan(0.1)
  })

  it('belongs to the pixel, wherever the row begins', () => {
    const whole = new Float32Array(100)
    const part = new Float32Array(40)
    noiseRow(whole, 3, 0, 9)
    noiseRow(part, 3, 60, 9)
    expect(Array.from(part)).toEqual(Array.from(whole.subarray(60)))
  })

  it('has no correlation with the next pixel, the next row, or a shifted row', () => {
    const rows = [0, 1, 2].map((y) => {
      const row = new Float32Array(50_000)
      noiseRow(row, 11, 0, y)
      return row
    })
    const worst = Math.max(
      ...[0, 1, 2, 3].flatMap((shift) =>
        rows.map((row) => Math.abs(correlation(rows[0]!.subarray(shift + 1, 45_000), row.subarray(0)))),
      ),
    )
    expect(worst).toBeLessThan(0.02)
  })
})
