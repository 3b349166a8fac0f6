import { describe, expect, it } from 'vitest'
import { solveLinear } from '../../src/math/leastsquares.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { python } from './python.ts'

/** Rows of all monomials u^i v^j up to a degree at random places in [−1, 1]². */
function polynomialDesign(n: number, degree: number, seed: number): { design: Float64Array; terms: number } {
  const random = randomStream(seed, 'design')
  const rows: number[] = []
  let terms = 0
  for (let i = 0; i < n; i++) {
    const [u, v] = [random.between(-1, 1), random.between(-1, 1)]
    terms = 0
    for (let total = 0; total <= degree; total++) {
      for (let q = 0; q <= total; q++, terms++) rows.push(u ** (total - q) * v ** q)
    }
  }
  return { design: Float64Array.from(rows), terms }
}

describe('least squares', () => {
  it('agrees with numpy in coefficients and covariance, weights of four decades and of none included', () => {
    const random = randomStream(7, 'leastsquares')
    const cases = [1, 2, 3, 5].map((degree) => {
      const n = 200
      const { design, terms } = polynomialDesign(n, degree, degree)
      const target = Float64Array.from({ length: n }, () => random.gauss())
      const weight = Float64Array.from({ length: n }, (_, i) =>
        i % 7 === 0 ? 0 : 10 ** random.between(8, 12),
      )
      return { n, terms, design: [...design], target: [...target], weight: [...weight] }
    })
    const code = `
out = []
for c in given:
    a = np.array(c['design']).reshape(c['n'], c['terms'])
    root = np.sqrt(np.array(c['weight']))
    x, *_ = np.linalg.lstsq(a * root[:, None], np.array(c['target']) * root, rcond=None)
    pinv = np.linalg.pinv(a * root[:, None])
    out.append([x.tolist(), (pinv @ pinv.T).ravel().tolist()])
answer(out)
`
    const truth = python<[number[], number[]][]>(code, cases)
    let worst = 0
    let worstCovariance = 0
    cases.forEach((c, k) => {
      const fit = solveLinear(
        Float64Array.from(c.design),
        c.terms,
        Float64Array.from(c.target),
        Float64Array.from(c.weight),
      )!
      const [x, covariance] = truth[k]!
      const scale = Math.max(...covariance.map(Math.abs))
      fit.coefficients.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - x[i]!) / Math.hypot(...x))
      })
      fit.covariance.forEach((value, i) => {
        worstCovariance = Math.max(worstCovariance, Math.abs(value - covariance[i]!) / scale)
      })
    })
    console.log(
      `QR against numpy: coefficients ${worst.toExponential(1)}, covariance ${worstCovariance.toExponential(1)} (relative)`,
    )
    expect(worst).toBeLessThan(1e-13)
    expect(worstCovariance).toBeLessThan(1e-12)
  })

  it('quotes errors that are true: the pulls of 2000 fits have width 1', () => {
    const { design, terms } = polynomialDesign(60, 2, 11)
    const random = randomStream(8, 'pulls')
    const truth = [1, -2, 0.5, 3, 0, 1]
    const sigma = Float64Array.from({ length: 60 }, () => random.between(0.5, 3))
    const weight = sigma.map((s) => 1 / s ** 2)
    let squares = 0
    const trials = 2000
    for (let t = 0; t < trials; t++) {
      const target = sigma.map((s, i) => {
        let sum = s * random.gauss()
        for (let k = 0; k < terms; k++) sum += truth[k]! * design[i * terms + k]!
        return sum
      })
      const fit = solveLinear(design, terms, target, weight)!
      for (let k = 0; k < terms; k++) {
        squares += (fit.coefficients[k]! - truth[k]!) ** 2 / fit.covariance[k * terms + k]!
      }
    }
    const width = Math.sqrt(squares / (trials * terms))
    console.log(`pulls of least squares: width ${width.toFixed(3)}`)
    expect(width).toBeGreaterThan(0.97)
    expect(width).toBeLessThan(1.03)
  })

  it('leaves out rows of weight 0, or of a weight that is not a number, whatever they hold', () => {
    const design = Float64Array.of(1, 0, 1, 1, 1, 2, 1, 3, 1, 4)
    const target = Float64Array.of(1, 3, 5, Number.NaN, 1e300)
    const fit = solveLinear(design, 2, target, Float64Array.of(1, 1, 1, 0, Number.NaN))!
    expect(fit.coefficients[0]).toBeCloseTo(1, 12)
    expect(fit.coefficients[1]).toBeCloseTo(2, 12)
  })

  it('passes through as many rows as it has terms', () => {
    const fit = solveLinear(Float64Array.of(1, -1, 1, 1), 2, Float64Array.of(0, 4), Float64Array.of(1, 1e-9))!
    expect(Array.from(fit.coefficients, (v) => v + 0)).toEqual([expect.closeTo(2, 9), expect.closeTo(2, 9)])
  })

  it.each([
    ['no rows', [], [], []],
    ['fewer rows than terms', [1, 2], [1], [1]],
    ['two identical rows', [1, 2, 1, 2], [1, 1], [1, 1]],
    ['columns that are multiples of each other', [1, 2, 3, 6, -2, -4], [1, 2, 3], [1, 1, 1]],
    ['a column of zeros', [1, 0, 2, 0, 3, 0], [1, 2, 3], [1, 1, 1]],
    ['a term that is not a number', [1, 2, Number.NaN, 1, 3, 1], [1, 2, 3], [1, 1, 1]],
    ['no weight at all', [1, 2, 3, 1, 3, 1], [1, 2, 3], [0, 0, 0]],
  ])('says that %s determine nothing', (_, design, target, weight) => {
    const fit = solveLinear(
      Float64Array.from(design),
      2,
      Float64Array.from(target),
      Float64Array.from(weight),
    )
    expect(fit).toBeUndefined()
  })

  it('sees stars on one line: a plane does not follow from them', () => {
    const n = 50
    const random = randomStream(9, 'line')
    const u = Float64Array.from({ length: n }, () => random.between(-1, 1))
    const design = Float64Array.from(
      { length: 3 * n },
      (_, k) => [1, u[(k / 3) | 0]!, 0.3 * u[(k / 3) | 0]! + 0.1][k % 3]!,
    )
    expect(solveLinear(design, 3, u, new Float64Array(n).fill(1))).toBeUndefined()
  })
})
