// The inverse of a plate's mapping as SIP wants it: pixels as polynomials of the linear intermediate coordinates.
import { solveLinearEach } from '../math/leastsquares.ts'
import {
  chebyshevAt,
  chebyshevNodes,
  inPowers,
  type PlanePolynomial,
  productsUpTo,
  substituted,
} from './plane-polynomial.ts'
import {
  type Checks,
  type Coefficient,
  coefficientsOf,
  inverse2,
  type LinearPart,
  summed,
  worst,
} from './wcs-departure.ts'

export interface InversePart {
  order: number
  ap: Coefficient[]
  bp: Coefficient[]
  departurePx: number
}

const NODES = 40 // per axis: many more than the coefficients of the highest order

/**
 * The inverse of each order: u − U and v − V over (U, V), the model's standard coordinates through the inverse of CD, for
 * u, v pixels from CRPIX. Fitted to the images of a grid on the scan, which fill no rectangle.
 */
export function inverseOf(checks: Checks, linear: LinearPart): (order: number) => InversePart {
  const { crpix, cd } = linear
  const { map, scan } = checks
  const [i11, i12, i21, i22] = inverse2(cd)
  const nodes = chebyshevNodes(NODES)
  const n = NODES * NODES
  const [U, V, du, dv] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)]
  for (let k = 0; k < n; k++) {
    const x = scan.x0 + nodes[k % NODES]! * scan.halfX
    const y = scan.y0 + nodes[Math.floor(k / NODES)]! * scan.halfY
    const [xi, eta] = map(x, y)
    U[k] = i11 * xi + i12 * eta
    V[k] = i21 * xi + i22 * eta
    du[k] = x - crpix[0] - U[k]!
    dv[k] = y - crpix[1] - V[k]!
  }
  const [s, t] = [spanOf(U), spanOf(V)]
  const ones = new Float64Array(n).fill(1)
  return (order) => {
    const products = productsUpTo(order)
    const design = new Float64Array(n * products.length)
    for (let k = 0; k < n; k++) {
      const alongS = chebyshevAt((U[k]! - s.middle) / s.half, order)
      const alongT = chebyshevAt((V[k]! - t.middle) / t.half, order)
      products.forEach(([i, j], m) => {
        design[k * products.length + m] = alongS[i]! * alongT[j]!
      })
    }
    const fit = solveLinearEach(design, products.length, [du, dv], ones)
    if (fit === undefined) throw new Error('the scan does not determine the inverse of its mapping')
    const [first, second] = fit.coefficients as [Float64Array, Float64Array]
    const inPixels: PlanePolynomial = substituted(
      inPowers({ first, second }, order),
      [1 / s.half, 0, 0, 1 / t.half],
      [-s.middle / s.half, -t.middle / t.half],
    )
    const ap = coefficientsOf(inPixels, 0, [1, 0])
    const bp = coefficientsOf(inPixels, 0, [0, 1])
    const sum = summed(order)
    const departurePx = worst(checks, linear, (u, v, atU, atV) => {
      const [f, g] = sum(atU, atV, ap, bp)
      return Math.hypot(atU + f! - u, atV + g! - v)
    })
    return { order, ap, bp, departurePx }
  }
}

function spanOf(values: Float64Array): { middle: number; half: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return { middle: (low + high) / 2, half: (high - low) / 2 }
}
