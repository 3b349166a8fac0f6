// Waves of a scanner in the residuals: their periods are found, noise and smooth fields are not taken for waves.
import { describe, expect, it } from 'vitest'
import { PLATE_MODELS } from '../../../src/models/models.ts'
import { type Period, strongestPeriodInSteps } from '../../../src/stages/fit/periods.ts'
import { robustFit } from '../../../src/stages/fit/robust-fit.ts'
import { fit as fitPairs } from '../../../src/stages/fit.ts'
import { atOnce } from '../../../src/steps.ts'
import { type Shift, type StarPairsOptions, starPairs } from './star-pairs.ts'

function periodOf(options: StarPairsOptions): Period | null {
  const { input } = starPairs(options)
  return atOnce(strongestPeriodInSteps(input, robustFit(input, PLATE_MODELS[0]!)!))
}

const waveAlong =
  (axis: 'x' | 'y', periodPx: number, heightPx: number): Shift =>
  (image) => {
    const height = heightPx * Math.sin((2 * Math.PI * image[axis]) / periodPx + 0.7)
    return [0.8 * height, 0.6 * height]
  }

describe('the period of a scanner', () => {
  it.each([
    ['x', 40, 400],
    ['x', 90, 400],
    ['y', 137, 400],
    ['y', 260, 400],
    ['x', 380, 400],
    ['x', 90, 150],
  ] as const)('along %s of %i px is found from %i pairs', (axis, periodPx, count) => {
    const seeds = 20
    let [found, worst] = [0, 0]
    for (let seed = 1; seed <= seeds; seed++) {
      const shift = waveAlong(axis, periodPx, 0.3)
      const period = periodOf({ seed, count, shift, rotationDeg: 20 * seed, wildShare: 0.05 })
      if (period?.axis !== axis) continue
      found++
      worst = Math.max(worst, Math.abs(1000 / period.periodPx - 1000 / periodPx))
    }
    console.log(
      `wave of ${periodPx} px: found in ${found} of ${seeds}, off by ${worst.toFixed(3)} cycles over the plate`,
    )
    expect(found).toBe(seeds)
    expect(worst).toBeLessThan(0.15) // a phase error of a seventh of a cycle over the whole plate
  })

  it('is not found in noise', () => {
    let [alarms, trials] = [0, 0]
    for (const count of [60, 300]) {
      for (let seed = 1; seed <= 60; seed++) {
        trials++
        if (periodOf({ seed, count, wildShare: 0.1 }) !== null) alarms++
      }
    }
    console.log(`noise: ${alarms} of ${trials} taken for a wave`)
    expect(alarms).toBe(0)
  })

  it('is kept in the model with its height, and only there where it is', () => {
    const { input } = starPairs({ seed: 3, count: 500, shift: waveAlong('y', 110, 0.3), rotationDeg: 0 })
    const { constants, context, choice, significance } = fitPairs(input)!
    expect(choice.periodic).toBe(1)
    expect(context.periods).toHaveLength(1)
    expect(Math.abs(context.periods[0]!.periodPx - 110)).toBeLessThan(1)
    const height = (axis: Float64Array) =>
      Math.hypot(...constants.model.terms.flatMap((term, k) => (term.kind === 'wave' ? [axis[k]!] : [])))
    const pixel = Math.hypot(constants.xi[1]!, constants.eta[1]!) / constants.frame.halfPx
    expect(Math.abs(height(constants.xi) / pixel - 0.24)).toBeLessThan(0.03)
    expect(Math.abs(height(constants.eta) / pixel - 0.18)).toBeLessThan(0.03)
    expect(significance.find(({ family }) => family === 'periodic')!.sigmas).toBeGreaterThan(5)
  })

  it('is not looked for where there are too few pairs for one wave', () => {
    expect(periodOf({ seed: 1, count: 9 })).toBeNull()
  })
})
