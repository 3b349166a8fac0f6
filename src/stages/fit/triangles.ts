// Least squares through triangles: the weighted rows of many pairs are turned by Householder reflections into the few rows
// of R of a QR decomposition, from which every plate model over the same terms follows without the pairs
// (Lawson & Hanson 1974, Solving Least Squares Problems, ch. 27). No condition number is squared.
import { Matrix, QrDecomposition } from 'ml-matrix'
import { covarianceOfTriangle, losesRank } from '../../math/leastsquares.ts'
import type { PlateModel } from '../../models/plate-model.ts'

/** Rows of [terms | ξ | η], at most as many as columns. */
export type Triangle = Matrix

const ROWS_AT_ONCE = 256 // the work grows with the pairs, whatever this is; the memory with this

/** The triangle of the pairs in `rows`, each weighted by √weight. */
export function triangleOf(
  design: Float64Array,
  terms: number,
  xi: Float64Array,
  eta: Float64Array,
  weight: Float64Array,
  rows: ArrayLike<number>,
): Triangle {
  let triangle = Matrix.zeros(0, terms + 2)
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const to = Math.min(rows.length, from + ROWS_AT_ONCE)
    const block = Matrix.zeros(to - from, terms + 2)
    for (let at = from; at < to; at++) {
      const i = rows[at]!
      const root = Math.sqrt(weight[i]!)
      for (let k = 0; k < terms; k++) block.set(at - from, k, root * design[i * terms + k]!)
      block.set(at - from, terms, root * xi[i]!)
      block.set(at - from, terms + 1, root * eta[i]!)
    }
    triangle = merged([triangle, block])
  }
  return triangle
}

/** The triangle of all rows of several. */
export function merged(triangles: readonly Triangle[]): Triangle {
  const columns = triangles[0]!.columns
  const rows = triangles.reduce((sum, t) => sum + t.rows, 0)
  const all = Matrix.zeros(rows, columns)
  let at = 0
  for (const t of triangles) {
    all.setSubMatrix(t, at, 0)
    at += t.rows
  }
  return rows <= columns ? all : new QrDecomposition(all).upperTriangularMatrix
}

export interface Solved {
  /** One per coefficient of the model. */
  coefficients: Float64Array
  /** Their covariance for weights 1/σ², coefficients × coefficients. */
  covariance: Float64Array
}

/**
 * The model's coefficients from a triangle.
 *
 * @param columns  the triangle's column of each term of the model
 * @returns undefined when the pairs do not determine the model
 */
export function solveModel(
  triangle: Triangle,
  model: PlateModel,
  columns: ArrayLike<number>,
): Solved | undefined {
  return model.separable ? solveAxes(triangle, model, columns) : solveJointly(triangle, model, columns)
}

/** Both axes share the design: one decomposition, two right-hand sides. */
function solveAxes(triangle: Triangle, model: PlateModel, columns: ArrayLike<number>): Solved | undefined {
  const terms = model.terms.length
  if (triangle.rows < terms) return undefined
  const a = new Matrix(triangle.rows, terms)
  for (let r = 0; r < triangle.rows; r++) {
    for (let k = 0; k < terms; k++) a.set(r, k, triangle.get(r, columns[k]!))
  }
  const last = triangle.columns - 2
  const solved = solveBy(a, triangle.subMatrix(0, triangle.rows - 1, last, last + 1))
  if (solved === undefined) return undefined
  const coefficients = new Float64Array(2 * terms)
  const covariance = new Float64Array(4 * terms * terms)
  for (let k = 0; k < terms; k++) {
    coefficients[2 * k] = solved.x.get(k, 0)
    coefficients[2 * k + 1] = solved.x.get(k, 1)
    for (let l = 0; l < terms; l++) {
      const own = solved.covariance[k * terms + l]!
      covariance[2 * k * 2 * terms + 2 * l] = own
      covariance[(2 * k + 1) * 2 * terms + 2 * l + 1] = own
    }
  }
  return { coefficients, covariance }
}

/** A coefficient that enters both axes needs the rows of both in one system. */
function solveJointly(triangle: Triangle, model: PlateModel, columns: ArrayLike<number>): Solved | undefined {
  const { rows } = triangle
  const last = triangle.columns - 2
  const size = model.coefficients.length
  if (2 * rows < size) return undefined
  const a = Matrix.zeros(2 * rows, size)
  const b = new Matrix(2 * rows, 1)
  for (let r = 0; r < rows; r++) {
    model.coefficients.forEach((own, k) => {
      for (const { term, factor } of own.xi) {
        a.set(r, k, a.get(r, k) + factor * triangle.get(r, columns[term]!))
      }
      for (const { term, factor } of own.eta) {
        a.set(rows + r, k, a.get(rows + r, k) + factor * triangle.get(r, columns[term]!))
      }
    })
    b.set(r, 0, triangle.get(r, last))
    b.set(rows + r, 0, triangle.get(r, last + 1))
  }
  const solved = solveBy(a, b)
  return solved && { coefficients: Float64Array.from(solved.x.getColumn(0)), covariance: solved.covariance }
}

function solveBy(a: Matrix, b: Matrix): { x: Matrix; covariance: Float64Array } | undefined {
  const qr = new QrDecomposition(a)
  const r = qr.upperTriangularMatrix
  if (losesRank(r, a.columns)) return undefined
  return { x: qr.solve(b), covariance: covarianceOfTriangle(r, a.columns) }
}
