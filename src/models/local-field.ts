// A smooth field over the plate, the same in every direction: cubic B-splines on a square grid of knots. It takes up what
// is left of the residuals when neighbouring stars still agree with each other.

export interface LocalField {
  /** Intervals per axis over [−1, 1] of the scaled place; there are knots + 3 splines per axis. */
  knots: number
  /** ξ and η in radians per spline, row by row along u. */
  xi: Float64Array
  eta: Float64Array
  /** Covariance of either axis' coefficients, rad², splines × splines. */
  covariance: Float64Array
}

export const splinesOf = (knots: number): number => (knots + 3) ** 2

/** The sixteen splines that are not zero at a place, and their values there. */
export interface SplinesAt {
  index: Int32Array
  value: Float64Array
}

const SUPPORT = 4 // cubic splines per axis that are not zero at a place

/** Places outside the grid are taken to its edge: there is nothing to know beyond. */
export function splinesAt(
  knots: number,
  u: number,
  v: number,
  into: SplinesAt = { index: new Int32Array(16), value: new Float64Array(16) },
): SplinesAt {
  const [column, alongU] = alongAxis(knots, u)
  const [row, alongV] = alongAxis(knots, v)
  for (let j = 0; j < SUPPORT; j++) {
    for (let i = 0; i < SUPPORT; i++) {
      into.index[j * SUPPORT + i] = (row + j) * (knots + 3) + column + i
      into.value[j * SUPPORT + i] = alongV[j]! * alongU[i]!
    }
  }
  return into
}

/** First interval's spline and the values of the four uniform cubic B-splines. */
function alongAxis(knots: number, s: number): [number, [number, number, number, number]] {
  const at = Math.min(knots, Math.max(0, ((s + 1) / 2) * knots))
  const interval = Math.min(knots - 1, Math.floor(at))
  const t = at - interval
  const r = 1 - t
  return [
    interval,
    [r ** 3 / 6, (3 * t ** 3 - 6 * t ** 2 + 4) / 6, (3 * r ** 3 - 6 * r ** 2 + 4) / 6, t ** 3 / 6],
  ]
}

/** The field at a scaled place, radians. */
export function localAt(field: LocalField, u: number, v: number): { xi: number; eta: number } {
  const { index, value } = splinesAt(field.knots, u, v)
  let xi = 0
  let eta = 0
  for (let k = 0; k < index.length; k++) {
    xi += value[k]! * field.xi[index[k]!]!
    eta += value[k]! * field.eta[index[k]!]!
  }
  return { xi, eta }
}

/** Variance of the field per axis at a scaled place, rad². */
export function localVariance({ knots, covariance }: LocalField, u: number, v: number): number {
  const n = splinesOf(knots)
  const { index, value } = splinesAt(knots, u, v)
  let sum = 0
  for (let k = 0; k < index.length; k++) {
    for (let l = 0; l < index.length; l++) {
      sum += value[k]! * covariance[index[k]! * n + index[l]!]! * value[l]!
    }
  }
  return Math.max(0, sum)
}
