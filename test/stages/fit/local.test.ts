// The local field: a smooth one is found with honest errors, noise is not taken for one.
import { describe, expect, it } from 'vitest'
import { type LocalField, localAt, localVariance } from '../../../src/models/local-field.ts'
import { PLATE_MODELS } from '../../../src/models/models.ts'
import { type LocalResult, localFieldInSteps } from '../../../src/stages/fit/local.ts'
import { robustFit } from '../../../src/stages/fit/robust-fit.ts'
import { type FitInput, fit as fitPairs } from '../../../src/stages/fit.ts'
import { atOnce } from '../../../src/steps.ts'
import { width } from './pairs.ts'
import { PIXEL, type Shift, type StarPairsOptions, starPairs } from './star-pairs.ts'

/** Creases of emulsion: two and a half waves over the plate, of 0.3 px, in both directions. */
const AMPLITUDE_PX = 0.3
const creases: Shift = ({ u, v }) => [
  AMPLITUDE_PX * Math.sin(8 * u + 1) * Math.cos(7 * v),
  AMPLITUDE_PX * Math.cos(7 * u - 8 * v),
]

function localOf(input: FitInput): { result: LocalResult; affine: ReturnType<typeof robustFit> } {
  const affine = robustFit(input, PLATE_MODELS[0]!)!
  return { result: atOnce(localFieldInSteps(input, affine)), affine }
}

const residualRms = (xi: Float64Array, eta: Float64Array) => width([...xi, ...eta]) / PIXEL

describe('a local field', () => {
  it('takes up creases of the emulsion that the plate constants cannot, at stars that took no part', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { input } = starPairs({ seed, count: 1200, shift: creases })
      const { result, affine } = localOf(input)
      expect(result.field).not.toBeNull()
      const { residualXi, residualEta } = affine!
      const before = residualRms(residualXi, residualEta)
      const after = residualRms(
        residualXi.map((r, i) => r + result.heldOut.xi[i]!),
        residualEta.map((r, i) => r + result.heldOut.eta[i]!),
      )
      // The noise of these images alone.
      const { input: plain } = starPairs({ seed, count: 1200 })
      const floor = robustFit(plain, PLATE_MODELS[0]!)!
      const least = residualRms(floor.residualXi, floor.residualEta)
      console.log(
        `creases, seed ${seed}: held-out ${before.toFixed(3)} px without, ${after.toFixed(3)} px with a field of ` +
          `${result.field!.knots} intervals, ${least.toFixed(3)} px by the images' errors alone`,
      )
      expect(before).toBeGreaterThan(1.3 * least)
      expect(after).toBeLessThan(1.15 * least)
    }
  })

  it('is not found in noise', () => {
    const seeds = 50
    for (const [name, options] of [
      ['300 pairs', { count: 300 }],
      ['600 pairs, a tenth wild', { count: 600, wildShare: 0.1 }],
    ] as [string, Partial<StarPairsOptions>][]) {
      let found = 0
      let largest = Number.NEGATIVE_INFINITY
      for (let seed = 1; seed <= seeds; seed++) {
        const { result } = localOf(starPairs({ seed, ...options }).input)
        if (result.field !== null) found++
        largest = Math.max(largest, ...result.trials.map(({ sigmas }) => sigmas))
      }
      console.log(
        `noise, ${name}: a field in ${found} of ${seeds}; the best gain of any was ${largest.toFixed(1)} sigma`,
      )
      expect(found).toBe(0)
    }
  })

  it('is not looked for with fewer than a hundred pairs, and says so by no trial', () => {
    const { result } = localOf(starPairs({ seed: 1, count: 99, shift: creases }).input)
    expect(result.field).toBeNull()
    expect(result.trials).toEqual([])
    expect(width([...result.heldOut.xi, ...result.heldOut.eta])).toBe(0)
  })

  it('knows its error: pulls of the field against the true one at places without stars', () => {
    const pulls: number[] = []
    for (let seed = 1; seed <= 12; seed++) {
      const { input, toSky, frame } = starPairs({ seed, count: 1200, shift: creases })
      const constants = fitPairs({ ...input, local: true, full: false, maxDegree: 1 })!.constants
      expect(constants.local).not.toBeNull()
      const field = constants.local!
      for (let k = 0; k < 100; k++) {
        const [u, v] = [-0.9 + 0.2 * (k % 10), -0.9 + 0.2 * Math.floor(k / 10)]
        const [dx, dy] = creases({ u, v, x: 0, y: 0, m: 0, c: 0 })
        const [xi, eta] = toSky(dx + frame.halfPx * u, dy + frame.halfPx * v)
        const here = localAt(field, u, v)
        const linear = (c: Float64Array) => c[0]! + c[1]! * u + c[2]! * v
        const error = Math.sqrt(localVariance(field, u, v))
        pulls.push((linear(constants.xi) + here.xi - xi) / error)
        pulls.push((linear(constants.eta) + here.eta - eta) / error)
      }
    }
    console.log(
      `errors of a local field: pulls of width ${width(pulls).toFixed(2)} at 100 places of 12 plates`,
    )
    expect(width(pulls)).toBeGreaterThan(0.75)
    expect(width(pulls)).toBeLessThan(1.25)
  })

  it('is part of what held-out stars are judged by, and of the places', () => {
    const { input } = starPairs({ seed: 3, count: 1200, shift: creases })
    const plain = fitPairs({ ...input, full: false, maxDegree: 1 })!
    const local = fitPairs({ ...input, full: false, maxDegree: 1, local: true })!
    expect(plain.constants.local).toBeNull()
    expect(local.constants.local).not.toBeNull()
    expect(local.localTrials.length).toBeGreaterThan(0)
    const rms = ({ heldOut }: typeof plain) =>
      width(heldOut.residuals.flatMap(({ xi, eta }) => [...xi, ...eta]))
    expect(rms(local)).toBeLessThan(0.75 * rms(plain))
  })
})

describe('cubic splines over the plate', () => {
  const field = (knots: number, value: (k: number) => number): LocalField => {
    const n = (knots + 3) ** 2
    const covariance = new Float64Array(n * n)
    for (let k = 0; k < n; k++) covariance[k * n + k] = 1
    const xi = Float64Array.from({ length: n }, (_, k) => value(k))
    return { knots, xi, eta: xi.map((v) => -v), covariance }
  }

  it('add to one everywhere, hold their value outside the plate, and join without a step or a kink', () => {
    for (const knots of [3, 5, 8, 12]) {
      const one = field(knots, () => 1)
      const wild = field(knots, (k) => Math.sin(7 * k))
      for (let k = 0; k <= 400; k++) {
        const s = -1 + k / 200
        expect(localAt(one, s, 0.3 * s).xi).toBeCloseTo(1, 12)
      }
      for (let knot = 0; knot <= knots; knot++) {
        const s = -1 + (2 * knot) / knots
        const h = 1e-5
        const [left, here, right] = [s - h, s, s + h].map((at) => localAt(wild, at, 0.123).xi)
        expect(Math.abs(right! - left!)).toBeLessThan(1e-3)
        if (knot > 0 && knot < knots) expect(Math.abs(right! - 2 * here! + left!) / h).toBeLessThan(1e-2)
      }
      expect(localAt(wild, 1.4, 0)).toEqual(localAt(wild, 1, 0))
      expect(localAt(wild, -3, -2)).toEqual(localAt(wild, -1, -1))
    }
  })

  it('have the variance of their coefficients, in the middle of an interval as elsewhere', () => {
    const unit = field(5, () => 0)
    // In the middle of an interval the splines are 1, 23, 23 and 1 over 48, on either axis.
    const along = (2 * (1 + 23 * 23)) / 48 ** 2
    expect(localVariance(unit, 0, 0)).toBeCloseTo(along * along, 12)
  })
})
