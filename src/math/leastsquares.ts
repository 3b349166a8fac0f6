// Weighted linear least squares by QR decomposition, on columns that the caller has scaled to the order of one.
import { Matrix, QrDecomposition } from 'ml-matrix'

export interface LinearFit {
  /** One coefficient per column of the design. */
  coefficients: Float64Array
  /** (AᵀWA)⁻¹, row by row: the covariance of the coefficients for weights 1/σ². */
  covariance: Float64Array
}

/**
 * Solves min Σ w (target − design · c)².
 *
 * @param design  n rows of m terms, row by row
 * @param weight  n weights, 1/σ² of each row (0 leaves a row out)
 * @returns undefined when the design does not determine its coefficients (fewer rows than terms, or rank lost)
 */
export function solveLinear(
  design: Float64Array,
  terms: number,
  target: Float64Array,
  weight: Float64Array,
): LinearFit | undefined {
  const fit = solveLinearEach(design, terms, [target], weight)
  return fit && { coefficients: fit.coefficients[0]!, covariance: fit.covariance }
}

/** The same for several targets of one design and one set of weights, as ξ and η are: one decomposition serves all. */
export function solveLinearEach(
  design: Float64Array,
  terms: number,
  targets: readonly Float64Array[],
  weight: Float64Array,
): { coefficients: Float64Array[]; covariance: Float64Array } | undefined {
  const used: number[] = []
  for (let i = 0; i < weight.length; i++) if (weight[i]! > 0) used.push(i)
  if (used.length < terms) return undefined
  const a = new Matrix(used.length, terms)
  const b = new Matrix(used.length, targets.length)
  used.forEach((from, row) => {
    const root = Math.sqrt(weight[from]!)
    for (let k = 0; k < terms; k++) a.set(row, k, design[from * terms + k]! * root)
    targets.forEach((target, k) => {
      b.set(row, k, target[from]! * root)
    })
  })
  const qr = new QrDecomposition(a)
  const r = qr.upperTriangularMatrix
  if (losesRank(r, terms)) return undefined
  const solved = qr.solve(b)
  const coefficients = targets.map((_, k) => Float64Array.from(solved.getColumn(k)))
  return { coefficients, covariance: covarianceOfTriangle(r, terms) }
}

/** A pivot this much smaller than the largest means that the stars do not determine the term. */
const RANK_TOLERANCE = 1e-10

/** Whether an upper triangle leaves some of its unknowns undetermined. */
export function losesRank(r: Matrix, terms: number): boolean {
  let largest = 0
  let smallest = Number.POSITIVE_INFINITY
  for (let k = 0; k < terms; k++) {
    const pivot = Math.abs(r.get(k, k))
    largest = Math.max(largest, pivot)
    smallest = Math.min(smallest, pivot)
  }
  return !(smallest > largest * RANK_TOLERANCE)
}

/** (RᵀR)⁻¹ = R⁻¹ R⁻ᵀ of an upper triangular matrix, row by row. */
export function covarianceOfTriangle(r: Matrix, terms: number): Float64Array {
  const inverse = Matrix.zeros(terms, terms)
  for (let j = terms - 1; j >= 0; j--) {
    inverse.set(j, j, 1 / r.get(j, j))
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0
      for (let k = i + 1; k <= j; k++) sum += r.get(i, k) * inverse.get(k, j)
      inverse.set(i, j, -sum / r.get(i, i))
    }
  }
  return Float64Array.from(inverse.mmul(inverse.transpose()).to1DArray())
}
