// Plate models solved through triangles are those solved from all pairs at once, one row per pair and axis.
import { Matrix, SVD } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { PLATE_MODELS } from '../../../src/models/models.ts'
import { affine } from '../../../src/models/parts/affine.ts'
import { coma } from '../../../src/models/parts/coma.ts'
import { cubic } from '../../../src/models/parts/cubic.ts'
import { magnitude } from '../../../src/models/parts/magnitude.ts'
import { projective } from '../../../src/models/parts/projective.ts'
import { quadratic } from '../../../src/models/parts/quadratic.ts'
import { radial } from '../../../src/models/parts/radial.ts'
import { type ModelPart, type PlateModel, plateModel } from '../../../src/models/plate-model.ts'
import { designOf } from '../../../src/stages/fit/robust-fit.ts'
import { merged, solveModel, triangleOf } from '../../../src/stages/fit/triangles.ts'
import type { FitInput } from '../../../src/stages/fit.ts'
import { PIXEL, starPairs } from './star-pairs.ts'

const inputOf = (count: number, seed = 1): FitInput =>
  starPairs({ seed, count, shift: ({ u, v, m }) => [u * u + 0.1 * m, u * v + 0.1 * m * v] }).input

/** Weights over four decades, as between the best and the worst images, a tenth of them 0. */
const weightsOf = (count: number) =>
  Float64Array.from({ length: count }, (_, i) => (i % 10 === 3 ? 0 : 10 ** (((i * 7) % 41) / 10)))

/** The least-squares solution and (AᵀWA)⁻¹ by singular values, from one system of all pairs and both axes. */
function directly(input: FitInput, model: PlateModel, weight: Float64Array, rows: number[]) {
  const design = designOf(input, model.terms)
  const { length: terms } = model.terms
  const n = model.coefficients.length
  const a = Matrix.zeros(2 * rows.length, n)
  const b = Matrix.zeros(2 * rows.length, 1)
  rows.forEach((i, r) => {
    const root = Math.sqrt(weight[i]!)
    model.coefficients.forEach((own, k) => {
      const sum = (axis: 'xi' | 'eta') =>
        own[axis].reduce((total, { term, factor }) => total + factor * design[i * terms + term]!, 0)
      a.set(2 * r, k, root * sum('xi'))
      a.set(2 * r + 1, k, root * sum('eta'))
    })
    b.set(2 * r, 0, root * input.xi[i]!)
    b.set(2 * r + 1, 0, root * input.eta[i]!)
  })
  const svd = new SVD(a)
  const right = svd.rightSingularVectors
  const inverse = Matrix.diag(svd.diagonal.map((s) => 1 / (s * s)))
  return {
    coefficients: svd.solve(b).getColumn(0),
    covariance: right.mmul(inverse).mmul(right.transpose()).to1DArray(),
  }
}

const MODELS: [name: string, parts: ModelPart[], separable: boolean][] = [
  ['cubic', [affine, quadratic, cubic], true],
  ['cubic with magnitude', [affine, quadratic, cubic, magnitude], true],
  ['tilt', [affine, projective], false],
  ['tilt, radial and coma', [affine, projective, radial, coma], false],
]

describe('a model through triangles', () => {
  it.each(MODELS)('%s: is the direct solution, coefficients and covariance', (name, parts, separable) => {
    for (const count of [40, 257, 1500]) {
      const input = inputOf(count)
      const model = plateModel(parts, input.context)
      expect(model.separable).toBe(separable)
      const weight = weightsOf(count)
      const rows = Array.from(weight.keys()).filter((i) => weight[i]! > 0)
      const design = designOf(input, model.terms)
      const terms = model.terms.length
      const columns = model.terms.map((_, k) => k)
      // In one go, and in unequal pieces put together.
      const whole = triangleOf(design, terms, input.xi, input.eta, weight, rows)
      const pieces = [rows.slice(0, 7), [], rows.slice(7, 9), rows.slice(9)].map((own) =>
        triangleOf(design, terms, input.xi, input.eta, weight, own),
      )
      const truth = directly(input, model, weight, rows)
      for (const triangle of [whole, merged(pieces)]) {
        const found = solveModel(triangle, model, columns)!
        let [worst, worstError] = [0, 0]
        const n = truth.coefficients.length
        const errorOf = (k: number) => Math.sqrt(truth.covariance[k * n + k]!)
        truth.coefficients.forEach((value, k) => {
          worst = Math.max(worst, Math.abs(found.coefficients[k]! - value) / PIXEL)
          for (let l = 0; l < n; l++) {
            const off = found.covariance[k * n + l]! - truth.covariance[k * n + l]!
            worstError = Math.max(worstError, Math.abs(off) / (errorOf(k) * errorOf(l)))
          }
        })
        expect(worst, `${name}, ${count} pairs, px`).toBeLessThan(1e-9)
        expect(worstError, `${name}, ${count} pairs, covariance`).toBeLessThan(1e-9)
      }
    }
  })

  it('of many terms serves a model of some of them, in any order', () => {
    const input = inputOf(300)
    const rich = plateModel([affine, quadratic, cubic, magnitude], input.context)
    const model = plateModel([magnitude, affine], input.context)
    const weight = weightsOf(300)
    const rows = Array.from(weight.keys()).filter((i) => weight[i]! > 0)
    const design = designOf(input, rich.terms)
    const triangle = triangleOf(design, rich.terms.length, input.xi, input.eta, weight, rows)
    const columns = model.terms.map((own) =>
      rich.terms.findIndex((term) => JSON.stringify(term) === JSON.stringify(own)),
    )
    const found = solveModel(triangle, model, columns)!
    directly(input, model, weight, rows).coefficients.forEach((value, k) => {
      expect(Math.abs(found.coefficients[k]! - value) / PIXEL).toBeLessThan(1e-9)
    })
  })

  it('is undefined where the pairs do not determine it, and is not where they just do', () => {
    const cubicModel = PLATE_MODELS[2]! // ten terms
    for (const [count, solved] of [
      [0, false],
      [9, false],
      [10, true],
    ] as const) {
      const input = inputOf(count)
      const ones = new Float64Array(count).fill(1)
      const rows = Array.from(ones.keys())
      const design = designOf(input, cubicModel.terms)
      const triangle = triangleOf(design, 10, input.xi, input.eta, ones, rows)
      const columns = cubicModel.terms.map((_, k) => k)
      expect(solveModel(triangle, cubicModel, columns) !== undefined, `${count} pairs`).toBe(solved)
    }
    const joint = plateModel([affine, projective]) // eight constants: four pairs of two equations each
    for (const [count, solved] of [
      [3, false],
      [4, true],
    ] as const) {
      const input = inputOf(count)
      const design = designOf(input, joint.terms)
      const ones = new Float64Array(count).fill(1)
      const triangle = triangleOf(design, joint.terms.length, input.xi, input.eta, ones, [...ones.keys()])
      const columns = joint.terms.map((_, k) => k)
      expect(solveModel(triangle, joint, columns) !== undefined, `${count} pairs, tilt`).toBe(solved)
    }
    const same = inputOf(50)
    const inOnePlace = { ...same, x: same.x.map(() => 10), y: same.y.map(() => 20) }
    for (const model of [PLATE_MODELS[0]!, joint]) {
      const design = designOf(inOnePlace, model.terms)
      const ones = new Float64Array(50).fill(1)
      const triangle = triangleOf(design, model.terms.length, same.xi, same.eta, ones, [...ones.keys()])
      expect(
        solveModel(
          triangle,
          model,
          model.terms.map((_, k) => k),
        ),
      ).toBeUndefined()
    }
  })
})
