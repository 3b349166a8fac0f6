import { describe, expect, it } from 'vitest'
import { ARCSEC } from '../../../src/math/sphere.ts'
import { centringErrorAt } from '../../../src/models/centring.ts'
import { PLATE_MODELS } from '../../../src/models/models.ts'
import { type RobustFit, robustFit } from '../../../src/stages/fit/robust-fit.ts'
import { type Pairs, type PairsOptions, pairsOf, SCALE_ARCSEC_PX, width } from './pairs.ts'

const PX = SCALE_ARCSEC_PX * ARCSEC

/** (fitted − true) / quoted error of every coefficient of both axes. */
function pulls(fit: RobustFit, { truth }: Pairs): number[] {
  const { length } = truth.model.coefficients // of a polynomial: ξ and η of each term in turn
  return Array.from({ length }, (_, k) => {
    const right = (k % 2 === 0 ? truth.xi : truth.eta)[k >> 1]!
    return (fit.coefficients[k]! - right) / Math.sqrt(fit.covariance[k * length + k]!)
  })
}

function pullsOver(seeds: number, options: Omit<PairsOptions, 'seed'>): number[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const pairs = pairsOf({ ...options, seed: seed + 1 })
    return pulls(robustFit(pairs.input, pairs.truth.model)!, pairs)
  }).flat()
}

describe('one model through pairs with errors that grow to the faint end', () => {
  it.each([
    [1, 0, 300, 1.1],
    [1, 0.1, 300, 1.1],
    [1, 0.3, 300, 1.1],
    [3, 0.1, 300, 1.1],
    [3, 0.3, 300, 1.1],
    [3, 0.1, 60, 1.25], // six pairs per constant: the errors are themselves uncertain
  ])(
    'of degree %i, a share of %f wild, %i pairs: coefficients come back within their quoted errors',
    (degree, wildShare, count, limit) => {
      const all = pullsOver(100, { degree, wildShare, count })
      const mean = all.reduce((a, b) => a + b, 0) / all.length
      const spread = width(all)
      console.log(
        `pulls, degree ${degree}, ${100 * wildShare} % wild, ${count} pairs: width ${spread.toFixed(3)}, mean ${mean.toFixed(3)}, ${all.length} coefficients`,
      )
      expect(spread).toBeGreaterThan(0.9)
      expect(spread).toBeLessThan(limit)
      expect(Math.abs(mean)).toBeLessThan(0.1)
    },
  )

  it('finds the centring error as a function of magnitude to 12 %, a tenth of the pairs being wild', () => {
    const ratios: number[] = []
    for (let seed = 1; seed <= 20; seed++) {
      const pairs = pairsOf({ seed, count: 800, wildShare: 0.1 })
      const { centring } = robustFit(pairs.input, PLATE_MODELS[0]!)!
      pairs.input.magnitude.forEach((m, i) => {
        ratios.push(Math.log(centringErrorAt(centring, m) / pairs.centring[i]!))
      })
    }
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length
    console.log(
      `centring error: ${(100 * mean).toFixed(1)} % off in the mean, ${(100 * width(ratios)).toFixed(1)} % rms`,
    )
    expect(Math.abs(mean)).toBeLessThan(0.05)
    expect(width(ratios)).toBeLessThan(0.12)
  })

  it('gives wild pairs no weight and good ones nearly all', () => {
    const pairs = pairsOf({ seed: 3, count: 600, wildShare: 0.2 })
    const { weight } = robustFit(pairs.input, PLATE_MODELS[0]!)!
    const mean = (wanted: number) => {
      const own = weight.filter((_, i) => pairs.wild[i] === wanted)
      return own.reduce((a, b) => a + b, 0) / own.length
    }
    console.log(`mean weight: good pairs ${mean(0).toFixed(3)}, wild ones ${mean(1).toFixed(3)}`)
    expect(mean(0)).toBeGreaterThan(0.85)
    expect(mean(1)).toBeLessThan(0.25)
  })

  it('is χ² = 1 per degree of freedom, in its own units and in the true ones', () => {
    const own: number[] = []
    const truly: number[] = []
    for (let seed = 1; seed <= 40; seed++) {
      const pairs = pairsOf({ seed, count: 200, referenceErrorMas: 60 })
      const fit = robustFit(pairs.input, PLATE_MODELS[0]!)!
      const freedom = 2 * (200 - 3)
      const sum = (sigma: (i: number) => number) =>
        fit.residualXi.reduce((s, r, i) => s + (r ** 2 + fit.residualEta[i]! ** 2) / sigma(i) ** 2, 0) /
        freedom
      own.push(sum((i) => fit.sigma[i]!))
      truly.push(sum((i) => Math.sqrt(pairs.centring[i]! ** 2 + pairs.input.referenceVariance[i]!)))
    }
    const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length
    console.log(
      `χ² per freedom: ${mean(own).toFixed(3)} with its own errors, ${mean(truly).toFixed(3)} with the true ones`,
    )
    expect(Math.abs(mean(own) - 1)).toBeLessThan(0.1)
    expect(Math.abs(mean(truly) - 1)).toBeLessThan(0.05)
  })

  it('without any errors returns the truth to a millionth of a pixel', () => {
    const pairs = pairsOf({ seed: 5, degree: 3, noise: 0, referenceErrorMas: 0 })
    const fit = robustFit(pairs.input, pairs.truth.model)!
    const worst = Math.max(...[...fit.residualXi, ...fit.residualEta].map((r) => Math.abs(r) / PX))
    expect(worst).toBeLessThan(1e-6)
  })

  it('uses only pairs that are trusted, and judges the others', () => {
    const pairs = pairsOf({ seed: 6, count: 200 })
    const trusted = pairs.input.trusted.map((_, i) => i % 2)
    const x = pairs.input.x.map((v, i) => (i % 2 === 1 ? v : v + 2))
    const fit = robustFit({ ...pairs.input, x, trusted }, PLATE_MODELS[0]!)!
    const alone = pairs.input.x.map((_, i) => Math.abs(fit.residualXi[i]! / PX))
    expect(Math.max(...alone.filter((_, i) => i % 2 === 1))).toBeLessThan(1.2)
    expect(Math.min(...alone.filter((_, i) => i % 2 === 0))).toBeGreaterThan(0.8)
    expect(fit.weight.filter((w, i) => i % 2 === 0 && w !== 0)).toHaveLength(0)
  })

  it('is undefined for too few pairs, for none, and for pairs that are all one star', () => {
    const few = pairsOf({ seed: 7, count: 2 }).input
    expect(robustFit(few, PLATE_MODELS[0]!)).toBeUndefined()
    expect(robustFit(pairsOf({ seed: 7, count: 0 }).input, PLATE_MODELS[0]!)).toBeUndefined()
    const many = pairsOf({ seed: 8, count: 50 }).input
    const same = { ...many, x: many.x.map(() => 10), y: many.y.map(() => 20) }
    expect(robustFit(same, PLATE_MODELS[0]!)).toBeUndefined()
  })
})
