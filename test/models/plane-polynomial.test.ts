// Polynomials of the plane: found from a map, moved, turned and inverted, against plain sums of powers.
import { describe, expect, it } from 'vitest'
import {
  about,
  chebyshevSum,
  inPowers,
  type PlanePolynomial,
  productsUpTo,
  rootOf,
  slopes,
  substituted,
} from '../../src/models/plane-polynomial.ts'
import { randomStream } from '../../src/simulate/random.ts'

const RECTANGLE = { x0: 500.5, y0: 300.5, halfX: 500, halfY: 300 }

/** Coefficients between −1 and 1 for every power up to a degree. */
function drawn(degree: number, seed: number): PlanePolynomial {
  const random = randomStream(seed, 'polynomial')
  const [first, second] = [new Float64Array((degree + 1) ** 2), new Float64Array((degree + 1) ** 2)]
  for (const [p, q] of productsUpTo(degree)) {
    first[p * (degree + 1) + q] = random.between(-1, 1)
    second[p * (degree + 1) + q] = random.between(-1, 1)
  }
  return { degree, first, second }
}

/** By the definition. */
function valueAt({ degree, first, second }: PlanePolynomial, u: number, v: number): [number, number] {
  const sum = (component: Float64Array) =>
    productsUpTo(degree).reduce((all, [p, q]) => all + component[p * (degree + 1) + q]! * u ** p * v ** q, 0)
  return [sum(first), sum(second)]
}

function worstOf(compare: (u: number, v: number) => number): number {
  let most = 0
  for (let u = -1; u <= 1; u += 0.125)
    for (let v = -1; v <= 1; v += 0.125) most = Math.max(most, compare(u, v))
  return most
}

describe('a polynomial of the plane', () => {
  it.each([1, 2, 5, 9])('of degree %d is found exactly from its values', (degree) => {
    const truth = drawn(degree, degree)
    const map = (x: number, y: number) => valueAt(truth, (x - 500.5) / 500, (y - 300.5) / 300)
    const found = inPowers(chebyshevSum(map, RECTANGLE, degree, 24), degree)
    const worst = Math.max(...truth.first.map((value, k) => Math.abs(value - found.first[k]!)))
    console.log(`degree ${degree}: worst coefficient ${worst.toExponential(1)}`)
    expect(worst).toBeLessThan(1e-11)
    expect(Math.max(...truth.second.map((value, k) => Math.abs(value - found.second[k]!)))).toBeLessThan(
      1e-11,
    )
  })

  it('of a lower degree than its map swings no more at the edges than in the middle', () => {
    const map = (x: number, y: number) => [Math.exp((x - 500.5) / 500), Math.exp((y - 300.5) / 300)] as const
    const sum = chebyshevSum(map, RECTANGLE, 9, 24)
    // The best polynomial of degree n departs from eˢ on [−1, 1] by about 1/(2ⁿ (n + 1)!): 5.2e-4 for degree 4.
    const found = inPowers(sum, 4)
    const worst = worstOf((u, v) => Math.abs(valueAt(found, u, v)[0] - Math.exp(u)))
    console.log(`departs by ${worst.toExponential(2)}`)
    expect(worst).toBeGreaterThan(5.2e-4)
    expect(worst).toBeLessThan(6.5e-4)
  })

  it('keeps its values when its origin is moved and its axes are turned', () => {
    const truth = drawn(7, 3)
    const moved = about(truth, 0.3, -0.2)
    expect(worstOf((u, v) => distance(valueAt(moved, u - 0.3, v + 0.2), valueAt(truth, u, v)))).toBeLessThan(
      1e-12,
    )
    const [a, b, c, d] = [0.6, -0.7, 0.5, 0.8]
    const turned = substituted(truth, [a, b, c, d], [0.1, 0.2])
    const worst = worstOf((u, v) =>
      distance(valueAt(turned, u, v), valueAt(truth, a * u + b * v + 0.1, c * u + d * v + 0.2)),
    )
    expect(worst).toBeLessThan(1e-12)
  })

  it('has its slopes and its root where they are', () => {
    const truth = drawn(5, 8)
    for (const component of [truth.first, truth.second])
      for (let k = 0; k < component.length; k++) component[k] = 0.02 * component[k]!
    truth.first.set([0.4], 0)
    truth.first.set([1], 6) // u
    truth.second.set([-0.7], 0)
    truth.second.set([1], 1) // v
    expect(slopes(truth)).toEqual([1, truth.first[1], truth.second[6], 1])
    const root = rootOf(truth)!
    expect(Math.hypot(...valueAt(truth, ...root))).toBeLessThan(1e-14)
    expect(root[0]).toBeLessThan(-0.3)
    const none = {
      degree: 2,
      first: Float64Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0),
      second: Float64Array.of(0, 1, 0, 0, 0, 0, 0, 0, 0),
    }
    expect(rootOf(none)).toBeUndefined() // u² + 1
  })
})

const distance = (a: [number, number], b: [number, number]): number => Math.hypot(a[0] - b[0], a[1] - b[1])
