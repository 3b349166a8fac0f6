// The error of a place that the plate constants add, against how places scatter from plate to plate.
import { describe, expect, it } from 'vitest'
import { affine } from '../../../src/models/parts/affine.ts'
import { coma } from '../../../src/models/parts/coma.ts'
import { cubic } from '../../../src/models/parts/cubic.ts'
import { magnitude } from '../../../src/models/parts/magnitude.ts'
import { projective } from '../../../src/models/parts/projective.ts'
import { quadratic } from '../../../src/models/parts/quadratic.ts'
import { radial } from '../../../src/models/parts/radial.ts'
import { standardAt, varianceAt } from '../../../src/models/plate-constants.ts'
import { type ModelPart, plateModel } from '../../../src/models/plate-model.ts'
import { robustFit } from '../../../src/stages/fit/robust-fit.ts'
import { width } from './pairs.ts'
import { STAR, starPairs } from './star-pairs.ts'

const SEEDS = 120
const PLACES = [
  ['in the middle, bright', 500, 510, 10],
  ['in the middle, faint', 500, 510, 15.5],
  ['at an edge', 20, 500, 13],
  ['in a corner, bright', 990, 990, 10],
  ['in a corner, faint', 990, 15, 15.5],
] as const

describe('the error that plate constants add to a place', () => {
  it.each([
    ['a cubic with magnitude', [affine, quadratic, cubic, magnitude]],
    ['tilt, radial and coma', [affine, projective, radial, coma]],
  ] as [string, ModelPart[]][])(
    '%s: is the scatter from plate to plate, and its correlation too',
    (name, parts) => {
      const pulls = PLACES.map((): [number, number][] => [])
      const expected = PLACES.map(() => 0)
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { input, toSky, frame } = starPairs({ seed, count: 200, wildShare: 0.05 })
        const model = plateModel(parts, input.context)
        const fit = robustFit(input, model)!
        const { ra0, dec0 } = input
        const constants = {
          model,
          frame,
          ra0,
          dec0,
          star: STAR,
          xi: fit.xi,
          eta: fit.eta,
          fitted: fit,
          local: null,
        }
        PLACES.forEach(([, x, y, mag], k) => {
          const place = standardAt(constants, x, y, mag)
          const [xi, eta] = toSky(x - frame.x0, y - frame.y0)
          const variance = varianceAt(constants, x, y, mag)
          pulls[k]!.push([
            (place.xi - xi) / Math.sqrt(variance.xi),
            (place.eta - eta) / Math.sqrt(variance.eta),
          ])
          expected[k]! += variance.both / Math.sqrt(variance.xi * variance.eta) / SEEDS
        })
      }
      PLACES.forEach(([where], k) => {
        const spread = width(pulls[k]!.flat())
        const both = pulls[k]!.reduce((sum, [a, b]) => sum + a * b, 0) / SEEDS
        console.log(
          `${name}, ${where}: pulls of width ${spread.toFixed(2)}; correlation ${both.toFixed(2)}, expected ${expected[k]!.toFixed(2)}`,
        )
        expect(spread, where).toBeGreaterThan(0.85)
        expect(spread, where).toBeLessThan(1.2)
        expect(Math.abs(both - expected[k]!), where).toBeLessThan(0.3)
      })
    },
  )
})
