import { describe, expect, it } from 'vitest'
import { PLATE_MODELS } from '../../../src/models/models.ts'
import { epochFromMotions } from '../../../src/stages/fit/epoch-check.ts'
import { robustFit } from '../../../src/stages/fit/robust-fit.ts'
import type { FitInput } from '../../../src/stages/fit.ts'
import { type PairsOptions, pairsOf, width } from './pairs.ts'

const ASSUMED_YR = 1950
const AFFINE = PLATE_MODELS[0]!

const starsOf = ({ x, y, mag, bpRp, frame, star }: FitInput) => ({ x, y, mag, bpRp, frame, star })

function check(options: PairsOptions) {
  const { input, pmRaMasYr, pmDecMasYr } = pairsOf({ referenceErrorMas: 20, ...options })
  const own = robustFit(input, AFFINE)!
  return epochFromMotions({
    ...starsOf(input),
    pmRaMasYr,
    pmDecMasYr,
    model: AFFINE,
    fit: own,
    assumedYr: ASSUMED_YR,
  })
}

describe('the epoch from proper motions', () => {
  it.each([
    [0, 0],
    [15, 0],
    [-15, 0.1],
    [4, 0.2],
  ])(
    'assumed %f years late, a share of %f of the pairs wild, is recovered within its quoted error',
    (lateYr, wildShare) => {
      const seeds = 150
      const found = Array.from(
        { length: seeds },
        (_, seed) => check({ seed: seed + 1, count: 250, motionMasYr: 20, lateYr, wildShare })!,
      )
      const truth = ASSUMED_YR - lateYr
      const pulls = found.map(({ epochYr, errorYr }) => (epochYr - truth) / errorYr)
      const mean = pulls.reduce((a, b) => a + b, 0) / seeds
      const error = found.reduce((sum, f) => sum + f.errorYr, 0) / seeds
      const wrong = found.filter(({ consistent }) => consistent !== Math.abs(lateYr) < 0.1).length
      console.log(
        `epoch ${lateYr} yr late, ${100 * wildShare} % wild: error ${error.toFixed(2)} yr, pulls of width ${width(pulls).toFixed(2)}, ` +
          `mean ${mean.toFixed(2)}; judged wrongly ${wrong} of ${seeds}`,
      )
      expect(width(pulls)).toBeGreaterThan(0.75)
      expect(width(pulls)).toBeLessThan(1.25)
      expect(Math.abs(mean)).toBeLessThan(0.4)
    },
  )

  it('is not claimed without motions, or from fewer than 30 stars', () => {
    expect(check({ seed: 1, count: 100, motionMasYr: 0 })).toBeNull()
    expect(check({ seed: 1, count: 29, motionMasYr: 20 })).toBeNull()
    expect(check({ seed: 1, count: 40, motionMasYr: 20 })).not.toBeNull()
  })

  it('leaves out stars whose motion is not known', () => {
    const { input, pmRaMasYr, pmDecMasYr } = pairsOf({ seed: 2, count: 200, motionMasYr: 20, lateYr: 10 })
    const own = robustFit(input, AFFINE)!
    const shared = {
      ...starsOf(input),
      model: AFFINE,
      fit: own,
      assumedYr: 1950,
    }
    const half = epochFromMotions({
      ...shared,
      pmRaMasYr: pmRaMasYr.map((m, i) => (i % 2 ? m : Number.NaN)),
      pmDecMasYr,
    })!
    expect(Math.abs(half.epochYr - 1940) / half.errorYr).toBeLessThan(4)
    const none = epochFromMotions({ ...shared, pmRaMasYr: pmRaMasYr.map(() => Number.NaN), pmDecMasYr })
    expect(none).toBeNull()
  })

  it('knows that a motion common to all stars says nothing: the plate constants have taken it up', () => {
    const { input } = pairsOf({ seed: 3, count: 200 })
    const own = robustFit(input, AFFINE)!
    const shared = {
      ...starsOf(input),
      model: AFFINE,
      fit: own,
      assumedYr: 1950,
    }
    const common = epochFromMotions({
      ...shared,
      pmRaMasYr: input.x.map(() => 30),
      pmDecMasYr: input.x.map((x) => x / 50),
    })
    expect(common === null || common.errorYr > 1e6).toBe(true)
  })
})
