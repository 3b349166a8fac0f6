import { describe, expect, it } from 'vitest'
import { centringErrorAt } from '../../src/models/centring.ts'

describe('the centring error', () => {
  const curve = { magnitude: [-14, -12, -10, -9], error: [2, 1, 3, 9] }

  it('is linear between the steps and constant beyond them', () => {
    const at = [-20, -14, -13, -12, -11, -9.5, -9, -1]
    expect(at.map((m) => centringErrorAt(curve, m))).toEqual([2, 2, 1.5, 1, 2, 6, 9, 9])
  })

  it('of an image without a magnitude is the typical one', () => {
    expect(centringErrorAt(curve, Number.NaN)).toBe(2.5)
    expect(centringErrorAt(curve, Number.POSITIVE_INFINITY)).toBe(2.5)
  })

  it('of a curve with one step is that step; with two of one magnitude, no division by zero', () => {
    expect([-15, -10, 0].map((m) => centringErrorAt({ magnitude: [-10], error: [4] }, m))).toEqual([4, 4, 4])
    const twins = { magnitude: [-12, -10, -10, -8], error: [1, 2, 5, 6] }
    for (const m of [-10, -9.999999, -10.000001]) {
      const error = centringErrorAt(twins, m)
      expect(error).toBeGreaterThanOrEqual(1.99)
      expect(error).toBeLessThanOrEqual(5.01)
    }
  })

  it('of a curve without steps is not a number', () => {
    expect(centringErrorAt({ magnitude: [], error: [] }, -10)).toBeNaN()
  })
})
