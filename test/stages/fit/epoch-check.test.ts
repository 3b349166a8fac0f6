import { describe, expect, it } from 'vitest'
import { MAS } from '../../../src/math/sphere.ts'
import { PLATE_MODELS } from '../../../src/models/models.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { epochFromMotions } from '../../../src/stages/fit/epoch-check.ts'
import { robustFit } from '../../../src/stages/fit/robust-fit.ts'
import type { FitInput } from '../../../src/stages/fit.ts'
import { type PairsOptions, pairsOf, width } from './pairs.ts'

const ASSUMED_YR = 1950
const AFFINE = PLATE_MODELS[0]!

/** Errors of the motions are known to be none, unless a test says otherwise. */
const starsOf = ({ x, y, mag, bpRp, frame, star }: FitInput) => ({
  ...{ x, y, mag, bpRp, frame, star, refEpochYr: 2016 },
  raErrorMas: new Float64Array(x.length),
  decErrorMas: new Float64Array(x.length),
})

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

  it('is not drawn to the epoch of the catalogue by the errors of its motions', () => {
    const [errorMasYr, motionMasYr, refEpochYr] = [1, 5, 2016]
    const years = ASSUMED_YR - refEpochYr
    const [corrected, plain]: [number[], number[]] = [[], []]
    for (let seed = 1; seed <= 60; seed++) {
      const { input, pmRaMasYr, pmDecMasYr } = pairsOf({
        seed,
        count: 500,
        motionMasYr,
        referenceErrorMas: 1,
      })
      const random = randomStream(seed, 'errors of motions')
      const [eRa, eDec] = [pmRaMasYr, pmDecMasYr].map((pm) => pm.map(() => errorMasYr * random.gauss())) as [
        Float64Array,
        Float64Array,
      ]
      const moved = (place: Float64Array, error: Float64Array) =>
        place.map((value, i) => value + error[i]! * years * MAS)
      const measured = { ...input, xi: moved(input.xi, eRa), eta: moved(input.eta, eDec) }
      measured.referenceVariance = input.x.map(() => (errorMasYr * years * MAS) ** 2)
      const fit = robustFit(measured, AFFINE)!
      const given = {
        ...starsOf(measured),
        ...{
          pmRaMasYr: pmRaMasYr.map((pm, i) => pm + eRa[i]!),
          pmDecMasYr: pmDecMasYr.map((pm, i) => pm + eDec[i]!),
        },
        ...{ model: AFFINE, fit, assumedYr: ASSUMED_YR, refEpochYr },
      }
      const errorMas = input.x.map(() => errorMasYr * Math.abs(years))
      const own = epochFromMotions({ ...given, raErrorMas: errorMas, decErrorMas: errorMas })!
      corrected.push((own.epochYr - ASSUMED_YR) / own.errorYr)
      plain.push(epochFromMotions(given)!.epochYr - ASSUMED_YR)
    }
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length
    console.log(
      `errors of motions of ${errorMasYr} in ${motionMasYr} mas/yr: ${mean(plain).toFixed(1)} yr late without the correction; ` +
        `with it pulls of mean ${mean(corrected).toFixed(2)}, width ${width(corrected).toFixed(2)}`,
    )
    expect(mean(plain)).toBeGreaterThan(1.5)
    expect(Math.abs(mean(corrected))).toBeLessThan(0.5)
    expect(width(corrected)).toBeGreaterThan(0.6)
    expect(width(corrected)).toBeLessThan(1.4)
  })

  it('does not follow one fast star that is off its place', () => {
    const pulls: number[] = []
    for (let seed = 1; seed <= 60; seed++) {
      const { input, pmRaMasYr, pmDecMasYr } = pairsOf({
        seed,
        count: 250,
        motionMasYr: 10,
        referenceErrorMas: 20,
      })
      // As fast as all others together, and half a pixel off as the brighter half of a blend.
      pmRaMasYr[0] = 160
      const fit = robustFit(
        { ...input, xi: input.xi.map((xi, i) => (i === 0 ? xi + 1000 * MAS : xi)) },
        AFFINE,
      )!
      const found = epochFromMotions({
        ...starsOf(input),
        ...{ pmRaMasYr, pmDecMasYr, model: AFFINE, fit, assumedYr: ASSUMED_YR },
      })!
      pulls.push((found.epochYr - ASSUMED_YR) / found.errorYr)
    }
    console.log(`one fast star off by 1″: pulls of width ${width(pulls).toFixed(2)}`)
    expect(width(pulls)).toBeLessThan(1.6)
  })

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
