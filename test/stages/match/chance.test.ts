import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/simulate/random.ts'
import { byChance, chanceTest, negativeBinomialTail } from '../../../src/stages/match/chance.ts'
import { project } from '../../../src/stages/match.ts'
import { python } from '../../math/python.ts'
import { detectionsAt, starsAt, truePlate } from '../../models/true-plate.ts'

describe('the probability of so many pairs by chance', () => {
  it('is the tail of the negative binomial law as summed in sixty digits, from certainty down to the smallest number', () => {
    const cases: [number, number, number][] = []
    for (const mean of [0.01, 0.08, 1, 3.7, 20, 150, 1000]) {
      for (const shape of [0.5, 3, 40, 5000]) {
        for (const n of [0, 1, 2, 5, 12, 19, 21, 60, 300, 1100, 3000]) cases.push([n, mean, shape])
      }
    }
    const code = `
from decimal import Decimal, getcontext
getcontext().prec = 60
def tail(n, mean, shape):
    mean, shape = Decimal(mean), Decimal(shape)
    q = mean / (mean + shape)
    term = (1 - q) ** shape
    for k in range(n):
        term = term * (k + shape) / (k + 1) * q
    total, k = Decimal(0), n
    while term > total * Decimal('1e-30') or k < mean:
        total, k = total + term, k + 1
        term = term * (k - 1 + shape) / k * q
    return float(total)
answer([tail(*one) for one in given])
`
    const truth = python<number[]>(code, cases)
    let worst = 0
    cases.forEach(([n, mean, shape], k) => {
      const own = negativeBinomialTail(n, mean, shape)
      expect(own).toBeGreaterThan(0)
      expect(own).toBeLessThanOrEqual(1)
      const tiny = 1e-300
      if (truth[k]! > tiny) worst = Math.max(worst, Math.abs(Math.log10(own / truth[k]!)))
      else expect(own).toBeLessThan(1e-290)
    })
    console.log(`negative binomial tail against sixty digits: worst ${worst.toExponential(1)} dex`)
    expect(worst).toBeLessThan(1e-6)
  })

  it('never becomes certainty where no shift gave a pair: twelve pairs are worth 1/37 each, and a little more', () => {
    const none = [Array(12).fill(0), Array(12).fill(0), Array(12).fill(0)] as number[][]
    const { probability, shiftedPairs } = byChance(12, none)
    expect(shiftedPairs).toBe(0)
    expect(probability).toBeGreaterThan(0.1 * 37 ** -12)
    expect(probability).toBeLessThan(37 ** -12)
  })

  it('is larger where the numbers of pairs scatter more than Poisson’s law has it, as in clusters', () => {
    const even = [Array(36).fill(20)] as number[][]
    const clustered = [Array.from({ length: 36 }, (_, k) => (k % 4 === 0 ? 50 : 10))]
    expect(byChance(70, clustered).shiftedPairs).toBe(20)
    expect(byChance(70, clustered).probability).toBeGreaterThan(1e6 * byChance(70, even).probability)
  })

  it('takes the ring with most pairs: a cluster lies upon itself only at a small shift', () => {
    const near = Array(12).fill(30) as number[]
    const far = Array(12).fill(3) as number[]
    expect(byChance(30, [near, far, far]).shiftedPairs).toBe(30)
    expect(byChance(30, [near, far, far]).probability).toBeGreaterThan(0.1)
  })

  it('is no smaller than it says: wrong fields, even and in clusters, that nothing was fitted to', () => {
    const plate = truePlate({ seed: 1 })
    const side = 1000
    const levels = [0.1, 0.01]
    for (const clusters of [0, 4]) {
      const trials = 600
      const found: number[] = []
      for (let seed = 0; seed < trials; seed++) {
        const random = randomStream(seed, `chance ${clusters}`)
        const middles = Array.from({ length: clusters }, () => [
          random.between(0, side),
          random.between(0, side),
        ])
        // Images and stars gather about the same places, as those of an open cluster do.
        const place = (): [number, number] => {
          if (clusters === 0 || random.next() < 0.3) return [random.between(1, side), random.between(1, side)]
          const [x, y] = random.pick(middles) as [number, number]
          return [x + 60 * random.gauss(), y + 60 * random.gauss()]
        }
        const images = Array.from({ length: 200 }, place)
        const stars = Array.from({ length: 400 }, place).map(([x, y]) => ({ x, y, gMag: 12 }))
        const detections = detectionsAt(
          images.map(([x]) => x),
          images.map(([, y]) => y),
        )
        const candidates = Int32Array.from(images.keys())
        const reference = starsAt(plate, stars)
        const scale = Math.abs(plate.xi[1]!) / plate.frame.halfPx
        const { probability } = chanceTest({
          detections,
          projected: project(reference, plate.ra0, plate.dec0, Int32Array.from(stars.keys())),
          magnitudes: null,
          radiusRad: random.between(1, 8) * scale,
          folds: [{ constants: plate, candidates }],
          plateRad: 707 * scale,
        })
        found.push(probability)
      }
      const below = levels.map((level) => found.filter((p) => p <= level).length)
      console.log(
        `chance test, ${clusters} clusters: of ${trials} wrong fields ${below[0]} at or below 0.1, ${below[1]} at or below 0.01, ` +
          `smallest ${Math.min(...found).toExponential(1)}`,
      )
      levels.forEach((level, k) => {
        const expected = level * trials
        expect(below[k]).toBeLessThan(expected + 3 * Math.sqrt(expected) + 1)
      })
      expect(below[0]).toBeGreaterThan(0) // a test that never doubts cannot be trusted either
    }
  })
})
