import { describe, expect, it } from 'vitest'
import { offsetHistogram } from '../../src/math/offset-histogram.ts'
import { offsetPeaks } from '../../src/math/offset-peaks.ts'
import { log10Poisson } from '../../src/math/poisson.ts'
import { randomStream } from '../../src/simulate/random.ts'

describe('the tail of the Poisson distribution', () => {
  // P(X ≥ k) by scipy.stats.poisson.logsf(k − 1, μ) / ln 10
  it.each([
    [1, 0.01, -2.002169662850682],
    [5, 1, -2.436537090406526],
    [30, 4, -16.039332543643056],
    [400, 100, -112.1114032603536],
  ])('of %d where %d are expected', (count, expected, log10) => {
    expect(log10Poisson(count, expected)).toBeCloseTo(log10, 6)
  })

  it('is 1 up to the mean', () => {
    expect(log10Poisson(3, 5)).toBe(0)
  })
})

function field(seed: number, count: number, side: number) {
  const random = randomStream(seed, 'offsets')
  const column = (draw: () => number) => Float64Array.from({ length: count }, draw)
  return {
    x: column(() => random.between(0, side)),
    y: column(() => random.between(0, side)),
    mag: column(() => random.between(8, 14)),
    order: Array.from({ length: count }, (_, k) => k),
  }
}

const SEARCH = { reachPx: 100, leastPx: 4, boxPx: 3, depth: 10_000 }

describe('the histogram of offsets', () => {
  it('has every pair of one list once, whichever comes first', () => {
    const images = field(1, 60, 200)
    const histogram = offsetHistogram(images, null, SEARCH)
    let pairs = 0
    for (let a = 0; a < 60; a++) {
      for (let b = 0; b < a; b++) {
        const apart = Math.hypot(images.x[a]! - images.x[b]!, images.y[a]! - images.y[b]!)
        if (apart >= 4 && apart <= 100) pairs++
      }
    }
    expect(histogram.dx).toHaveLength(pairs)
    expect(histogram.dx.every((dx) => dx >= 0)).toBe(true)
  })

  it('has every pair of two lists', () => {
    const [first, second] = [field(2, 40, 150), field(3, 50, 150)]
    const histogram = offsetHistogram(first, second, { ...SEARCH, leastPx: 0, reachPx: 500 })
    expect(histogram.dx).toHaveLength(40 * 50)
    histogram.dx.forEach((dx, k) => {
      expect(dx).toBeCloseTo(second.x[histogram.to[k]!]! - first.x[histogram.from[k]!]!, 4)
    })
  })
})

describe('its peaks', () => {
  it('promises no more than chance keeps: 200 fields without an offset of their own', () => {
    const surest = Array.from({ length: 200 }, (_, seed) => {
      const histogram = offsetHistogram(field(100 + seed, 400, 600), null, SEARCH)
      return offsetPeaks(histogram, 0)[0]?.log10Chance ?? 0
    })
    // A probability below 10^−1 in no more than about a tenth of them, below 10^−3 in none.
    expect(surest.filter((log10) => log10 < -1).length).toBeLessThan(32)
    expect(surest.filter((log10) => log10 < -3)).toHaveLength(0)
  })

  it('finds the offset that a few pairs share', () => {
    const images = field(5, 400, 600)
    for (let k = 0; k < 12; k++) {
      images.x[k] = images.x[k + 20]! + 41
      images.y[k] = images.y[k + 20]! - 17
      images.mag[k] = images.mag[k + 20]! + 1.5
    }
    const [peak] = offsetPeaks(offsetHistogram(images, null, SEARCH), -6)
    expect(peak!.dx).toBeCloseTo(41, 0)
    expect(peak!.dy).toBeCloseTo(-17, 0)
    expect(peak!.magStep).toBeCloseTo(1.5, 1)
    expect(peak!.pairs).toBeGreaterThanOrEqual(12)
  })
})
