import { describe, expect, it } from 'vitest'
import {
  huberWeight,
  MAD_TO_SIGMA,
  madSigma,
  median,
  quantile,
  quantileOfSorted,
  rms,
  sorted,
  tukeyWeight,
} from '../../src/math/robust.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { python } from './python.ts'

describe('quantiles', () => {
  it("are numpy's, for every length and share", () => {
    const random = randomStream(5, 'robust')
    const samples = [1, 2, 3, 4, 7, 100].map((n) => Array.from({ length: n }, () => random.gauss()))
    const shares = [0, 0.1, 0.25, 0.5, 0.731, 1]
    const code = `answer([np.quantile(s, given['shares']).tolist() for s in given['samples']])`
    const truth = python<number[][]>(code, { samples, shares })
    samples.forEach((sample, i) => {
      shares.forEach((q, k) => {
        expect(quantile(sample, q)).toBeCloseTo(truth[i]![k]!, 14)
      })
    })
  })

  it('leave out what is not a number, keep infinities, and know nothing of nothing', () => {
    expect(median([3, Number.NaN, 1, 2])).toBe(2)
    expect(median([1, 2, Number.POSITIVE_INFINITY])).toBe(2)
    expect(median([])).toBeNaN()
    expect(median([Number.NaN])).toBeNaN()
    expect(quantileOfSorted([], 0.5)).toBeNaN()
    expect(Array.from(sorted([2, Number.NaN, -1]))).toEqual([-1, 2])
  })

  it('take a share outside [0, 1] for its end', () => {
    expect(quantile([1, 2, 3], -1)).toBe(1)
    expect(quantile([1, 2, 3], 7)).toBe(3)
  })

  it('do not disturb what they are given', () => {
    const values = Float64Array.of(3, 1, 2)
    median(values)
    expect(Array.from(values)).toEqual([3, 1, 2])
  })
})

describe('spreads', () => {
  it('of a normal sample are its standard deviation, one wild value in ten or not', () => {
    const random = randomStream(6, 'robust')
    const clean = Array.from({ length: 40_000 }, () => 7 + 2 * random.gauss())
    const wild = clean.map((v, i) => (i % 10 === 0 ? 1e6 : v))
    console.log(
      `madSigma of σ = 2: ${madSigma(clean).toFixed(3)}, with a tenth wild ${madSigma(wild).toFixed(3)}`,
    )
    expect(madSigma(clean)).toBeGreaterThan(1.97) // 1.2 % is one error of this estimate
    expect(madSigma(clean)).toBeLessThan(2.03)
    expect(madSigma(wild)).toBeLessThan(2.4) // the share of wild values widens it
  })

  it('use the factor of the normal distribution: 1 / Φ⁻¹(3/4)', () => {
    expect(MAD_TO_SIGMA).toBeCloseTo(1 / 0.6744897501960817, 14)
  })

  it('of one value or of equal ones are zero; of none, not a number', () => {
    expect(madSigma([4])).toBe(0)
    expect(madSigma([4, 4, 4])).toBe(0)
    expect(madSigma([])).toBeNaN()
    expect(rms([3, -4])).toBeCloseTo(Math.sqrt(12.5), 15)
    expect(rms([])).toBeNaN()
  })
})

describe('weights', () => {
  it("are Huber's: whole inside, falling as 1/|u|, without a step, the same on both sides", () => {
    expect([0, 1.9, -2].map((u) => huberWeight(u, 2))).toEqual([1, 1, 1])
    expect(huberWeight(4, 2)).toBe(0.5)
    expect(huberWeight(-4, 2)).toBe(0.5)
    expect(huberWeight(2 + 1e-9, 2)).toBeCloseTo(1, 8)
  })

  it("are Tukey's: (1 − (u/c)²)², nothing beyond c", () => {
    expect(tukeyWeight(0, 6)).toBe(1)
    expect(tukeyWeight(3, 6)).toBe(0.5625)
    expect(tukeyWeight(-3, 6)).toBe(0.5625)
    expect([6, 7, -60, Number.POSITIVE_INFINITY].map((u) => tukeyWeight(u, 6))).toEqual([0, 0, 0, 0])
  })
})
