import { describe, expect, it } from 'vitest'
import { ARCSEC } from '../../../src/math/sphere.ts'
import { FOLDS, foldAt } from '../../../src/stages/fit/crossvalidate.ts'
import { type FitResult, fit as fitPairs } from '../../../src/stages/fit.ts'
import { type PairsOptions, pairsOf, SCALE_ARCSEC_PX, width } from './pairs.ts'

const PX = SCALE_ARCSEC_PX * ARCSEC

function over(seeds: number, options: Omit<PairsOptions, 'seed'>): FitResult[] {
  return Array.from({ length: seeds }, (_, seed) => fitPairs(pairsOf({ ...options, seed: seed + 1 }).input)!)
}

const share = (results: FitResult[], name: string) =>
  results.filter(({ constants }) => constants.model.name === name).length / results.length

describe('the plate model', () => {
  it('of an affine plate stays affine', () => {
    const results = [...over(60, { count: 200 }), ...over(60, { count: 200, wildShare: 0.15 })]
    const kept = share(results, 'affine')
    console.log(`affine plates: ${(100 * kept).toFixed(1)} % of ${results.length} stay affine`)
    expect(kept).toBeGreaterThanOrEqual(0.95)
  })

  it('of a plate bent by half a pixel is found to be bent, and of the right degree', () => {
    for (const [degree, name] of [
      [2, 'quadratic'],
      [3, 'cubic'],
    ] as const) {
      const results = over(30, { count: 300, degree, bendPx: 0.5, wildShare: 0.1 })
      const found = share(results, name)
      console.log(
        `${name} plates of 0.5 px: ${(100 * found).toFixed(0)} % found so, affine ${100 * share(results, 'affine')} %`,
      )
      expect(found).toBeGreaterThanOrEqual(0.9)
      expect(share(results, 'affine')).toBe(0)
    }
  })

  it('never has more constants than the configuration or the pairs allow', () => {
    expect(fitPairs(pairsOf({ seed: 1, degree: 3, maxDegree: 1 }).input)!.constants.model.name).toBe('affine')
    const few = fitPairs(pairsOf({ seed: 2, degree: 3, count: 30 }).input)!
    // Four pairs per constant of an axis: 30 of them pay for 15 constants of both, a cubic has 20.
    const names = ['affine', 'projective', 'radial', 'projective + radial', 'quadratic']
    expect(few.trials.map(({ name }) => name)).toEqual(names)
    expect(few.trials.map(({ terms }) => terms)).toEqual([6, 8, 9, 11, 12])
    expect(fitPairs(pairsOf({ seed: 3, count: 11 }).input)).toBeUndefined()
    expect(fitPairs(pairsOf({ seed: 3, count: 0 }).input)).toBeUndefined()
  })

  it('is chosen by the same stars however the scan is mirrored or turned', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { input } = pairsOf({
        seed,
        degree: seed % 2 === 0 ? 1 : 2,
        bendPx: 0.05,
        count: 200,
        wildShare: 0.1,
      })
      const base = fitPairs(input)!
      const turned = fitPairs({ ...input, x: input.y.map((v) => 1001 - v), y: input.x })!
      const mirrored = fitPairs({ ...input, x: input.x.map((v) => 1001 - v) })!
      for (const other of [turned, mirrored]) {
        expect(other.constants.model.name).toBe(base.constants.model.name)
        base.fit.residualXi.forEach((r, i) => {
          expect(Math.abs(other.fit.residualXi[i]! - r) / PX).toBeLessThan(1e-9)
        })
        // The two ways of dealing the blocks change places; together they are the same.
        const both = ({ heldOut }: FitResult, i: number) =>
          heldOut.residuals.map(({ xi }) => xi[i]!).sort((a, b) => a - b)
        for (let i = 0; i < input.x.length; i++) {
          both(base, i).forEach((r, k) => {
            expect(Math.abs(both(other, i)[k]! - r) / PX).toBeLessThan(1e-9)
          })
        }
      }
    }
  })
})

describe('held-out residuals', () => {
  it('are larger than those of the fit: √(1 + m/n) against √(1 − m/n), 1.10 here', () => {
    const ratios: number[] = []
    for (let seed = 1; seed <= 60; seed++) {
      const { input } = pairsOf({ seed, degree: 3, count: 120, noise: 1 })
      const { fit: own, heldOut } = fitPairs({ ...input, maxDegree: 3 })!
      const inside = width([...own.residualXi, ...own.residualEta])
      const outside = width(heldOut.residuals.flatMap(({ xi, eta }) => [...xi, ...eta]))
      ratios.push(outside / inside)
    }
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length
    const smaller = ratios.filter((r) => r < 1).length
    console.log(
      `held-out over in-sample: ${mean.toFixed(3)} in the mean; smaller in ${smaller} of ${ratios.length} seeds`,
    )
    expect(mean).toBeGreaterThan(1.05)
    expect(mean).toBeLessThan(1.15)
    expect(smaller).toBe(0)
  })

  it('are of stars that truly took no part: one moved by 50 px is missed by 50 px', () => {
    const { input } = pairsOf({ seed: 4, count: 100 })
    const moved = { ...input, x: input.x.map((v, i) => (i === 7 ? v + 50 : v)) }
    const { heldOut, fit: own } = fitPairs(moved)!
    expect(
      Math.abs(Math.hypot(heldOut.residuals[0]!.xi[7]!, heldOut.residuals[0]!.eta[7]!) / PX - 50),
    ).toBeLessThan(1)
    expect(own.weight[7]).toBe(0)
  })

  it('come from folds that deal every row, column and star of the plate', () => {
    const frame = { x0: 500.5, y0: 500.5, halfPx: 500 }
    for (const step of [2, 3]) {
      for (let row = 0; row < 5; row++) {
        const at = (k: number) => 100 + 200 * k
        const along = Array.from({ length: 5 }, (_, k) => foldAt(frame, at(k), at(row), step))
        const across = Array.from({ length: 5 }, (_, k) => foldAt(frame, at(row), at(k), step))
        expect(new Set(along).size).toBe(FOLDS)
        expect(new Set(across).size).toBe(FOLDS)
      }
    }
    for (const [x, y] of [
      [0.5, 0.5],
      [1000.5, 1000.5],
      [-300, 5000],
    ] as const) {
      expect(foldAt(frame, x, y)).toBeGreaterThanOrEqual(0)
      expect(foldAt(frame, x, y)).toBeLessThan(FOLDS)
    }
  })
})
