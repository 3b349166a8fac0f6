// Levenberg and Marquardt's least squares: known minima, the covariance, and what cannot be determined.
import { describe, expect, it } from 'vitest'
import { marquardt } from '../../src/math/marquardt.ts'
import { randomStream } from '../../src/simulate/random.ts'

const OPTIONS = { maxIterations: 100, tolerance: 1e-12 }

/** Adds the rows of a Jacobian and residuals to normal equations; returns half the sum of squares. */
function addRows(
  rows: readonly { r: number; j: readonly number[] }[],
  matrix: Float64Array,
  gradient: Float64Array,
): number {
  const n = gradient.length
  let cost = 0
  for (const { r, j } of rows) {
    cost += 0.5 * r * r
    for (let a = 0; a < n; a++) {
      gradient[a]! += j[a]! * r
      for (let b = 0; b <= a; b++) matrix[a * n + b]! += j[a]! * j[b]!
    }
  }
  return cost
}

describe('marquardt', () => {
  it('finds the minimum of Rosenbrock’s valley', () => {
    const found = marquardt(
      Float64Array.of(-1.2, 1),
      ([x, y], matrix, gradient) =>
        addRows(
          [
            { r: 10 * (y! - x! * x!), j: [-20 * x!, 10] },
            { r: 1 - x!, j: [-1, 0] },
          ],
          matrix,
          gradient,
        ),
      OPTIONS,
    )!
    expect(found.converged).toBe(true)
    expect(Math.abs(found.parameters[0]! - 1)).toBeLessThan(1e-8)
    expect(Math.abs(found.parameters[1]! - 1)).toBeLessThan(1e-8)
  })

  it('gives the covariance of a straight line, and its minimum in two steps', () => {
    const random = randomStream(5, 'line')
    const points = Array.from({ length: 200 }, (_, i) => ({
      x: i / 100 - 1,
      y: 3 - 2 * (i / 100 - 1) + random.gauss(),
    }))
    const found = marquardt(
      Float64Array.of(0, 0),
      ([a, b], matrix, gradient) =>
        addRows(
          points.map(({ x, y }) => ({ r: a! + b! * x - y, j: [1, x] })),
          matrix,
          gradient,
        ),
      OPTIONS,
    )!
    const sum = (of: (p: { x: number; y: number }) => number) => points.reduce((s, p) => s + of(p), 0)
    const [s1, sx, sxx, sy, sxy] = [
      200,
      sum((p) => p.x),
      sum((p) => p.x ** 2),
      sum((p) => p.y),
      sum((p) => p.x * p.y),
    ]
    const determinant = s1 * sxx - sx * sx
    expect(found.parameters[0]).toBeCloseTo((sxx * sy - sx * sxy) / determinant, 8)
    expect(found.parameters[1]).toBeCloseTo((s1 * sxy - sx * sy) / determinant, 8)
    expect(found.covariance[0]).toBeCloseTo(sxx / determinant, 12)
    expect(found.covariance[1]).toBeCloseTo(-sx / determinant, 12)
    expect(found.covariance[3]).toBeCloseTo(s1 / determinant, 12)
  })

  it('takes no step that is longer than allowed', () => {
    const asked: number[] = []
    const found = marquardt(
      Float64Array.of(0),
      ([x], matrix, gradient) => {
        asked.push(x!)
        return addRows([{ r: x! - 10, j: [1] }], matrix, gradient)
      },
      { ...OPTIONS, longestStep: Float64Array.of(3) },
    )!
    const steps = asked.slice(1).map((x, k) => Math.abs(x - asked[k]!))
    expect(Math.max(...steps)).toBeLessThan(3 + 1e-12)
    expect(found.parameters[0]).toBeCloseTo(10, 8)
  })

  it('refuses impossible parameters, and gives nothing where it starts with them', () => {
    const root = ([x]: Float64Array, matrix: Float64Array, gradient: Float64Array) =>
      x! < 0 ? Number.NaN : addRows([{ r: Math.sqrt(x!) - 0.5, j: [0.5 / Math.sqrt(x!)] }], matrix, gradient)
    expect(marquardt(Float64Array.of(9), root, OPTIONS)!.parameters[0]).toBeCloseTo(0.25, 8)
    expect(marquardt(Float64Array.of(-1), root, OPTIONS)).toBeUndefined()
  })

  it('gives nothing where a parameter is not determined', () => {
    const blind = ([x]: Float64Array, matrix: Float64Array, gradient: Float64Array) =>
      addRows([{ r: x! - 1, j: [1, 0] }], matrix, gradient)
    expect(marquardt(Float64Array.of(0, 0), blind, OPTIONS)).toBeUndefined()
  })
})
