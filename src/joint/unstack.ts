// From the fit of several exposures to the constants of one: what all share plus what it has of its own, turned from the
// standard coordinates of the first exposure to its own. All of it is linear, so the covariance follows.
import type { LocalField } from '../models/local-field.ts'
import { modelOf } from '../models/models.ts'
import type { PlateConstants } from '../models/plate-constants.ts'
import { type ModelCoefficient, type PlateModel, spread } from '../models/plate-model.ts'
import { nameOf, own } from '../models/term.ts'
import type { FitInput, FitResult } from '../stages/fit.ts'
import { determinantOf, directionsOf, type Matrix2, type Member, turned } from './member.ts'

/** The fit of exposure `k` as if it had been fitted alone. */
export function unstacked(
  fitted: FitResult,
  input: Pick<FitInput, 'exposures'>,
  members: readonly Member[],
  k: number,
): FitResult {
  const { constants: shared, fit, heldOut } = fitted
  const { frame, axes, projected, fromFirst, magStep } = members[k]!
  const model = modelOf(fitted.choice, {
    ...fitted.context,
    axes: directionsOf(axes).directions,
    exposures: 1,
  })
  const scale = directionsOf(axes).scale / directionsOf(members[0]!.axes).scale
  const map = coefficientsFrom(shared.model, model, k, fromFirst, scale)
  const coefficients = mapped(map, fit.coefficients)
  const covariance = covarianceMapped(map, fit.covariance, fit.coefficients.length)
  const length = Math.sqrt(Math.abs(determinantOf(fromFirst)))
  const { of } = input.exposures!
  const rows = Array.from(of.keys()).filter((i) => of[i] === k)
  const picked = (column: Float64Array, factor = 1) => Float64Array.from(rows, (i) => column[i]! * factor)
  const along = (xi: Float64Array, eta: Float64Array) => turnedColumns(fromFirst, picked(xi), picked(eta))
  const residuals = along(fit.residualXi, fit.residualEta)
  const termsFrom = termsOf(shared.model, model, k)
  const perTerm = ({ xi, eta }: { xi: Float64Array; eta: Float64Array }) =>
    turnedColumns(fromFirst, summed(termsFrom, xi), summed(termsFrom, eta))
  const constants: PlateConstants = {
    ...{ model, frame, ra0: projected.ra0, dec0: projected.dec0 },
    ...spread(model, coefficients),
    star: {
      ...shared.star,
      mag: shared.star.mag + magStep,
      magRange: [shared.star.magRange[0] + magStep, shared.star.magRange[1] + magStep],
    },
    fitted: { coefficients, covariance },
    local: shared.local === null ? null : turnedField(shared.local, fromFirst),
  }
  return {
    ...fitted,
    constants,
    context: { ...fitted.context, axes: directionsOf(axes).directions, exposures: 1 },
    fit: {
      ...{ coefficients, covariance, ...spread(model, coefficients) },
      ...{ residualXi: residuals.xi, residualEta: residuals.eta },
      sigma: picked(fit.sigma, length),
      weight: picked(fit.weight),
      centring: { ...fit.centring, error: fit.centring.error.map((error) => error * length) },
    },
    heldOut: {
      blocks: heldOut.blocks,
      residuals: heldOut.residuals.map(({ xi, eta }) => along(xi, eta)),
      folds: heldOut.folds.map((fold) => ({
        ...perTerm(fold),
        ...(fold.local === undefined ? {} : { local: turnedField(fold.local, fromFirst) }),
      })),
    },
  }
}

/** Per coefficient of one exposure's model the coefficients of the joint one that it is a sum of. */
type LinearMap = { from: number; factor: number }[][]

function coefficientsFrom(
  joint: PlateModel,
  model: PlateModel,
  k: number,
  [a, b, c, d]: Matrix2,
  scale: number,
): LinearMap {
  const index = new Map(joint.coefficients.map((coefficient, at) => [keyOf(coefficient, joint), at]))
  return model.coefficients.map((coefficient) => {
    const axis = axisOf(coefficient)
    // A vector on the plate is turned by the axes of its own exposure; only its length is counted in other radians.
    if (axis === null) return [{ from: index.get(keyOf(coefficient, model))!, factor: scale }]
    const term = model.terms[coefficient[axis][0]!.term]!
    const names = [nameOf(term), ...(term.kind === 'power' ? [nameOf(own(k, term))] : [])]
    const [ofXi, ofEta] = axis === 'xi' ? [a, b] : [c, d]
    return names.flatMap((name) => {
      const [xi, eta] = [index.get(`xi ${name}`), index.get(`eta ${name}`)]
      return xi === undefined
        ? []
        : [
            { from: xi, factor: ofXi },
            { from: eta!, factor: ofEta },
          ]
    })
  })
}

/** The axis of a coefficient of one term in one axis; null for those that bend both. */
function axisOf({ xi, eta }: ModelCoefficient): 'xi' | 'eta' | null {
  if (xi.length + eta.length !== 1) return null
  return xi.length === 1 ? 'xi' : 'eta'
}

function keyOf(coefficient: ModelCoefficient, { terms }: PlateModel): string {
  const axis = axisOf(coefficient)
  return axis === null
    ? `${coefficient.part}: ${coefficient.name}`
    : `${axis} ${nameOf(terms[coefficient[axis][0]!.term]!)}`
}

const mapped = (map: LinearMap, values: Float64Array): Float64Array =>
  Float64Array.from(map, (sources) =>
    sources.reduce((sum, { from, factor }) => sum + factor * values[from]!, 0),
  )

function covarianceMapped(map: LinearMap, covariance: Float64Array, size: number): Float64Array {
  const result = new Float64Array(map.length ** 2)
  map.forEach((p, i) => {
    map.forEach((q, j) => {
      for (const one of p) {
        for (const other of q) {
          result[i * map.length + j]! += one.factor * other.factor * covariance[one.from * size + other.from]!
        }
      }
    })
  })
  return result
}

/** Per term of one exposure's model the terms of the joint one: that which all share, and its own. */
function termsOf(joint: PlateModel, model: PlateModel, k: number): number[][] {
  const index = new Map(joint.terms.map((term, at) => [nameOf(term), at]))
  return model.terms.map((term) =>
    [term, ...(term.kind === 'power' ? [own(k, term)] : [])].flatMap((one) => index.get(nameOf(one)) ?? []),
  )
}

const summed = (from: number[][], values: Float64Array): Float64Array =>
  Float64Array.from(from, (sources) => sources.reduce((sum, at) => sum + values[at]!, 0))

function turnedColumns(
  matrix: Matrix2,
  xi: Float64Array,
  eta: Float64Array,
): { xi: Float64Array; eta: Float64Array } {
  const both = Array.from(xi, (value, i) => turned(matrix, value, eta[i]!))
  return { xi: Float64Array.from(both, ([x]) => x), eta: Float64Array.from(both, ([, y]) => y) }
}

const turnedField = (field: LocalField, matrix: Matrix2): LocalField => ({
  ...field,
  ...turnedColumns(matrix, field.xi, field.eta),
  covariance: field.covariance.map((value) => value * Math.abs(determinantOf(matrix))),
})
