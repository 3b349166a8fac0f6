// Every part of the plate models finds its own law, written out here by its formula, and knows how well.
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { affine } from '../../src/models/parts/affine.ts'
import { colour, colourPlace, colourScale } from '../../src/models/parts/colour.ts'
import { coma, magnitudePlace } from '../../src/models/parts/coma.ts'
import { cubic } from '../../src/models/parts/cubic.ts'
import { magnitude, magnitude2 } from '../../src/models/parts/magnitude.ts'
import { projective } from '../../src/models/parts/projective.ts'
import { quadratic } from '../../src/models/parts/quadratic.ts'
import { quartic } from '../../src/models/parts/quartic.ts'
import { quintic } from '../../src/models/parts/quintic.ts'
import { radial, radialBoth } from '../../src/models/parts/radial.ts'
import { periodic, steps } from '../../src/models/parts/scanner.ts'
import { standardAt } from '../../src/models/plate-constants.ts'
import { nextContext } from '../../src/models/plate-context.ts'
import { type ModelPart, type PartContext, plateModel } from '../../src/models/plate-model.ts'
import { type RobustFit, robustFit } from '../../src/stages/fit/robust-fit.ts'
import type { FitInput } from '../../src/stages/fit.ts'
import { width } from '../stages/fit/pairs.ts'
import { PIXEL, type Shift, STAR, type StarPairsOptions, starPairs } from '../stages/fit/star-pairs.ts'

const HALF_PX = 500
const TILT = [0.003, -0.002] as const // of the scaled place: 2° and 1.3° on a field of 10°
const CENTRE = [0.2, -0.15] as const
const PERIOD_PX = 137
const EDGES = { x: [333.3], y: [400, 700] }

/** Radial distortion about CENTRE: r³ and r⁵ coefficients in px. */
const aboutCentre =
  (third: number, fifth: number): Shift =>
  ({ u, v }) => {
    const [p, q] = [u - CENTRE[0], v - CENTRE[1]]
    const r2 = p * p + q * q
    const f = third * r2 + fifth * r2 * r2
    return [f * p, f * q]
  }

/** d/(1 + t·d) less d. */
const leaning: Shift = ({ u, v }) => {
  const f = HALF_PX * (1 / (1 + TILT[0] * u + TILT[1] * v) - 1)
  return [f * u, f * v]
}

const tileShift: Shift = ({ x, y }) => [
  (x > EDGES.x[0]! ? 0.4 : 0) + (y > 700 ? 0.2 : 0),
  x > EDGES.x[0]! && y > 400 ? -0.3 : 0,
]

const CASES: [name: string, parts: ModelPart[], shift: Shift, context?: Partial<PartContext>][] = [
  ['affine', [affine], ({ u, v }) => [3 * u - v, 2 + u]],
  ['quadratic', [affine, quadratic], ({ u, v }) => [0.5 * u * u - 0.2 * u * v, 0.3 * v * v]],
  ['cubic', [affine, quadratic, cubic], ({ u, v }) => [0.5 * u ** 3 - u * v * v, 0.3 * v ** 3 + u * u]],
  [
    'quartic',
    [affine, quadratic, cubic, quartic],
    ({ u, v }) => [0.5 * u ** 4 - u * v ** 3, 0.3 * u * u * v * v],
  ],
  [
    'quintic',
    [affine, quadratic, cubic, quartic, quintic],
    ({ u, v }) => [0.5 * u ** 5 - u * v ** 3, 0.3 * u * u * v ** 3],
  ],
  ['tilt', [affine, projective], leaning],
  ['radial r³', [affine, radial], aboutCentre(2, 0)],
  ['radial r³ and r⁵', [affine, radialBoth], aboutCentre(2, 1)],
  ['magnitude', [affine, magnitude], ({ m }) => [0.05 * m, -0.03 * m]],
  [
    'magnitude and its square',
    [affine, magnitude2],
    ({ m }) => [0.05 * m + 0.01 * m * m, -0.03 * m + 0.02 * m * m],
  ],
  ['coma', [affine, coma], ({ u, v, m }) => [0.06 * m * u, 0.06 * m * v]],
  ['magnitude × place', [affine, magnitudePlace], ({ u, v, m }) => [0.06 * m * v, 0.02 * m * u]],
  ['colour', [affine, colour], ({ c }) => [0.1 * c, -0.2 * c]],
  ['colour × radius', [affine, colourScale], ({ u, v, c }) => [0.2 * c * u, 0.2 * c * v]],
  ['colour × place', [affine, colourPlace], ({ u, v, c }) => [0.2 * c * v, 0.1 * c * u]],
  [
    'periodic',
    [affine, periodic],
    ({ x }) => [0.3 * Math.sin((2 * Math.PI * x) / PERIOD_PX), 0.1 * Math.cos((2 * Math.PI * x) / PERIOD_PX)],
    { periods: [{ axis: 'x', periodPx: PERIOD_PX }] },
  ],
  ['steps', [affine, steps], tileShift, { tileEdges: EDGES }],
]

/** What stays where a part is not exact, px. */
const LEFT_PX: Record<string, number> = {
  // The third order in t·d: 707 px · 0.005³ in two corners.
  tilt: 6e-5,
  // The plate's axes are taken in its middle, where a distortion about another place has turned them by 4e-4.
  'radial r³': 1.2e-3,
  'radial r³ and r⁵': 3e-3,
}

interface Found {
  fit: RobustFit
  context: PartContext
  names: string[]
}

/** As refine does: what is linear about the last values is made so about the new ones. */
function fitted(input: FitInput, parts: ModelPart[], first: PartContext, rounds = 5): Found {
  let context = first
  let fit: RobustFit | undefined
  let names: string[] = []
  for (let round = 0; round < rounds; round++) {
    const model = plateModel(parts, context)
    names = model.coefficients.map(({ name }) => name)
    fit = robustFit(input, model)!
    const { frame, ra0, dec0, star } = input
    const constants = { model, frame, ra0, dec0, star, xi: fit.xi, eta: fit.eta, fitted: fit, local: null }
    if (round < rounds - 1) context = nextContext(context, constants, fit)
  }
  return { fit: fit!, context, names }
}

const pairsFor = (
  shift: Shift,
  options: Omit<StarPairsOptions, 'shift'>,
  context: Partial<PartContext> = {},
) => {
  const { input } = starPairs({ shift, ...options })
  return { ...input, context: { ...input.context, ...context } }
}

const worstPx = ({ residualXi, residualEta }: RobustFit) =>
  Math.max(...residualXi.map(Math.abs), ...residualEta.map(Math.abs)) / PIXEL

describe('a part of a plate model', () => {
  it.each(CASES)('%s: finds its law from pairs without errors', (name, parts, shift, context) => {
    for (const mirrored of [false, true]) {
      const input = pairsFor(
        shift,
        { seed: 1, noise: 0, mirrored, rotationDeg: mirrored ? -130 : 25 },
        context,
      )
      const { fit } = fitted(input, parts, input.context, 8)
      const without = fitted(input, [affine], input.context).fit
      const worst = worstPx(fit)
      console.log(
        `${name}: ${worst.toExponential(1)} px left, ${worstPx(without).toFixed(3)} px by six constants`,
      )
      expect(worst).toBeLessThan(LEFT_PX[name] ?? 1e-10)
      if (name !== 'affine') expect(worstPx(without)).toBeGreaterThan(0.05)
    }
  })

  it.each(CASES)('%s: has errors that its constants keep', (name, parts, shift, context) => {
    const seeds = 30
    const exact = pairsFor(shift, { seed: 100, noise: 0 }, context)
    const truth = fitted(exact, parts, exact.context, 8)
    let chi2 = 0
    for (let seed = 1; seed <= seeds; seed++) {
      // About the same centre and tilt, so that the constants mean the same.
      const noisy = { ...pairsFor(shift, { seed, wildShare: 0.05, count: 500 }), context: truth.context }
      const { fit } = fitted(noisy, parts, truth.context, 1)
      const n = fit.coefficients.length
      const off = Matrix.columnVector(fit.coefficients.map((value, k) => value - truth.fit.coefficients[k]!))
      const covariance = Matrix.from1DArray(n, n, fit.covariance)
      chi2 += off.transpose().mmul(new CholeskyDecomposition(covariance).solve(off)).get(0, 0) / n
    }
    const spread = Math.sqrt(chi2 / seeds)
    console.log(`${name}: pulls of width ${spread.toFixed(3)} along the axes of the error ellipsoid`)
    expect(spread).toBeGreaterThan(0.9)
    expect(spread).toBeLessThan(1.1)
  })
})

/** Value and error of a constant, in px, by its name. */
function constantPx({ fit, names }: Found, name: string): { value: number; error: number } {
  const k = names.indexOf(name)
  const n = names.length
  return { value: fit.coefficients[k]! / PIXEL, error: Math.sqrt(fit.covariance[k * n + k]!) / PIXEL }
}

describe('constants with a meaning', () => {
  it('of coma and of colour along the radius are the px at the edge per magnitude', () => {
    for (const rotationDeg of [0, 70, 160]) {
      const one = pairsFor(({ u, v, m }) => [0.06 * m * u, 0.06 * m * v], { seed: 2, noise: 0, rotationDeg })
      expect(constantPx(fitted(one, [affine, coma], one.context), 'm r').value).toBeCloseTo(0.06, 8)
      const two = pairsFor(({ u, v, c }) => [0.2 * c * u, 0.2 * c * v], { seed: 2, noise: 0, rotationDeg })
      expect(constantPx(fitted(two, [affine, colourScale], two.context), 'c r').value).toBeCloseTo(0.2, 8)
    }
  })

  it('of the tilt are the tilt: of the exact formula to a millionth, and of noisy pairs within their errors', () => {
    const exact = pairsFor(leaning, { seed: 3, noise: 0 })
    const { context } = fitted(exact, [affine, projective], exact.context, 8)
    expect(Math.abs(context.tilt[0] - TILT[0])).toBeLessThan(1e-6)
    expect(Math.abs(context.tilt[1] - TILT[1])).toBeLessThan(1e-6)
    const pulls: number[] = []
    for (let seed = 1; seed <= 60; seed++) {
      const input = pairsFor(leaning, { seed })
      const found = fitted(input, [affine, projective], input.context)
      for (const [axis, truth] of [
        ['u', TILT[0]],
        ['v', TILT[1]],
      ] as const) {
        const { value, error } = constantPx(found, `tilt along ${axis}`)
        pulls.push((value - truth * HALF_PX) / error)
      }
    }
    console.log(`tilt: pulls of width ${width(pulls).toFixed(2)}`)
    expect(width(pulls)).toBeGreaterThan(0.8)
    expect(width(pulls)).toBeLessThan(1.2)
  })

  it.each([
    ['r³', [affine, radial], 0],
    ['r³ and r⁵', [affine, radialBoth], 1],
  ] as [string, ModelPart[], number][])(
    'of %s give the centre of the distortion, off the middle',
    (name, parts, fifth) => {
      const shift = aboutCentre(2, fifth)
      const exact = pairsFor(shift, { seed: 4, noise: 0 })
      const { context } = fitted(exact, parts, exact.context, 12)
      expect(Math.hypot(context.centre[0] - CENTRE[0], context.centre[1] - CENTRE[1])).toBeLessThan(1e-4)
      const pulls: number[] = []
      for (let seed = 1; seed <= 60; seed++) {
        const input = pairsFor(shift, { seed })
        const found = fitted(input, parts, input.context)
        for (const [axis, k] of [
          ['u', 0],
          ['v', 1],
        ] as const) {
          const { value: third } = constantPx(found, 'r³')
          const { value, error } = constantPx(found, `centre along ${axis}`)
          // Where the centre is by these constants, against where it truly is.
          pulls.push((found.context.centre[k] - value / third - CENTRE[k]) / (error / Math.abs(third)))
        }
      }
      console.log(`centre of ${name}: pulls of width ${width(pulls).toFixed(2)}`)
      expect(width(pulls)).toBeGreaterThan(0.8)
      expect(width(pulls)).toBeLessThan(1.25)
    },
  )

  it('of a centre stay where they were while the distortion itself is not sure, and on the plate', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const input = pairsFor(() => [0, 0], { seed })
      const { context } = fitted(input, [affine, radial], input.context, 3)
      expect(Math.hypot(...context.centre)).toBeLessThan(1)
    }
  })
})

describe('magnitudes and colours beyond those that the constants were found from', () => {
  it('shift images as those at the end of the range do; unknown ones as those of the reference star', () => {
    const input = pairsFor(({ m, c }) => [0.05 * m + 0.1 * c, 0], {
      seed: 5,
      noise: 0,
      rotationDeg: 0,
      mirrored: true,
    })
    const { fit } = fitted(input, [affine, magnitude, colour], input.context)
    const model = plateModel([affine, magnitude, colour], input.context)
    const { frame, ra0, dec0 } = input
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
    const at = (mag?: number, bpRp?: number) => standardAt(constants, 500.5, 500.5, mag, bpRp).xi / PIXEL
    expect(at()).toBeCloseTo(0, 9)
    expect(at(15)).toBeCloseTo(0.05, 9)
    expect(at(Number.NaN, 1.9)).toBeCloseTo(0.1, 9)
    expect(at(16)).toBeCloseTo(0.1, 9)
    expect(at(21)).toBeCloseTo(0.1, 9)
    expect(at(2)).toBeCloseTo(-0.25, 9)
    expect(at(14, 9)).toBeCloseTo(0.21, 9)
    expect(at(14, -5)).toBeCloseTo(-0.19, 9)
  })
})
