// The plate constants as the two polynomial conventions that other programs read: SIP (Shupe et al. 2005, ADASS XIV,
// 491) and TPV (SCAMP, SWarp). Both are linear fits to the same model on a grid over the plate, so that any model, not
// only a polynomial one, can be written; how far each departs from the model is measured and published.
import { solveLinear } from '../math/leastsquares.ts'
import { jacobianAt, type PlateConstants, pixelOf, standardAt } from './plate-constants.ts'

/** What both conventions share: ξ, η (deg) = CD · (pixel − CRPIX) to first order, about CRVAL. */
export interface LinearPart {
  /** Degrees. */
  crval: [number, number]
  crpix: [number, number]
  /** Degrees per pixel: cd11 cd12 cd21 cd22. */
  cd: [number, number, number, number]
}

/** A coefficient of u^p v^q. */
export interface Coefficient {
  p: number
  q: number
  value: number
}

export interface Sip {
  linear: LinearPart
  order: number
  a: Coefficient[]
  b: Coefficient[]
  inverseOrder: number
  ap: Coefficient[]
  bp: Coefficient[]
  /** Largest distance from the model over the scan, px, of the forward polynomial and of the inverse one. */
  departurePx: number
  inverseDeparturePx: number
}

export interface Tpv {
  linear: LinearPart
  /** PV1_k and PV2_k by k. */
  pv1: { index: number; value: number }[]
  pv2: { index: number; value: number }[]
  departurePx: number
}

const DEG_PER_RAD = 180 / Math.PI
const GRID = 21 // points per axis, from edge to edge of the scan

interface Grid {
  x: Float64Array
  y: Float64Array
}

function gridOver(width: number, height: number): Grid {
  const n = GRID * GRID
  const x = Float64Array.from({ length: n }, (_, k) => 0.5 + ((k % GRID) / (GRID - 1)) * width)
  const y = Float64Array.from({ length: n }, (_, k) => 0.5 + (Math.floor(k / GRID) / (GRID - 1)) * height)
  return { x, y }
}

/** CRPIX is where the model meets the tangent point, CD its derivatives there. */
export function linearPart(c: PlateConstants): LinearPart {
  const origin = pixelOf(c, 0, 0)
  if (origin === undefined) throw new Error('the tangent point has no place on the plate')
  const cd = jacobianAt(c, origin.x, origin.y).map((d) => d * DEG_PER_RAD)
  return {
    crval: [c.ra0 * DEG_PER_RAD, c.dec0 * DEG_PER_RAD],
    crpix: [origin.x, origin.y],
    cd: cd as [number, number, number, number],
  }
}

/** Powers p + q from `low` to `high`. */
function powersBetween(low: number, high: number): [number, number][] {
  const powers: [number, number][] = []
  for (let total = low; total <= high; total++) for (let q = 0; q <= total; q++) powers.push([total - q, q])
  return powers
}

/** Fits target = Σ c u^p v^q with u, v scaled to the order of one; the coefficients hold for the unscaled ones. */
function fitPowers(
  u: Float64Array,
  v: Float64Array,
  target: Float64Array,
  powers: [number, number][],
  scale: number,
): Coefficient[] {
  const design = new Float64Array(u.length * powers.length)
  for (let i = 0; i < u.length; i++) {
    powers.forEach(([p, q], k) => {
      design[i * powers.length + k] = (u[i]! / scale) ** p * (v[i]! / scale) ** q
    })
  }
  const fit = solveLinear(design, powers.length, target, new Float64Array(u.length).fill(1))
  if (fit === undefined) throw new Error('the grid does not determine the polynomial')
  return powers.map(([p, q], k) => ({ p, q, value: fit.coefficients[k]! / scale ** (p + q) }))
}

export function evaluatePowers(coefficients: readonly Coefficient[], u: number, v: number): number {
  let sum = 0
  for (const { p, q, value } of coefficients) sum += value * u ** p * v ** q
  return sum
}

/** (ξ, η) in radians → offsets in pixels by the inverse of CD. */
function unlinear([a, b, d, e]: LinearPart['cd'], xi: number, eta: number): [number, number] {
  const x = xi * DEG_PER_RAD
  const y = eta * DEG_PER_RAD
  const determinant = a * e - b * d
  return [(e * x - b * y) / determinant, (a * y - d * x) / determinant]
}

/** SIP of the model over a scan of the given size. */
export function toSip(c: PlateConstants, width: number, height: number): Sip {
  const linear = linearPart(c)
  const grid = gridOver(width, height)
  const scale = Math.max(width, height)
  const u = grid.x.map((x) => x - linear.crpix[0])
  const v = grid.y.map((y) => y - linear.crpix[1])
  const target = Array.from(grid.x, (x, i) => {
    const { xi, eta } = standardAt(c, x, grid.y[i]!)
    return unlinear(linear.cd, xi, eta)
  })
  const U = Float64Array.from(target, (t) => t[0])
  const V = Float64Array.from(target, (t) => t[1])
  const order = Math.max(2, c.model.degree)
  const forward = powersBetween(2, order)
  const a = fitPowers(
    u,
    v,
    U.map((t, i) => t - u[i]!),
    forward,
    scale,
  )
  const b = fitPowers(
    u,
    v,
    V.map((t, i) => t - v[i]!),
    forward,
    scale,
  )
  const inverseOrder = Math.min(9, order + 3)
  const backward = powersBetween(0, inverseOrder)
  const ap = fitPowers(
    U,
    V,
    u.map((t, i) => t - U[i]!),
    backward,
    scale,
  )
  const bp = fitPowers(
    U,
    V,
    v.map((t, i) => t - V[i]!),
    backward,
    scale,
  )
  let departurePx = 0
  let inverseDeparturePx = 0
  for (let i = 0; i < u.length; i++) {
    const fu = u[i]! + evaluatePowers(a, u[i]!, v[i]!) - U[i]!
    const fv = v[i]! + evaluatePowers(b, u[i]!, v[i]!) - V[i]!
    departurePx = Math.max(departurePx, Math.hypot(fu, fv))
    const bu = U[i]! + evaluatePowers(ap, U[i]!, V[i]!) - u[i]!
    const bv = V[i]! + evaluatePowers(bp, U[i]!, V[i]!) - v[i]!
    inverseDeparturePx = Math.max(inverseDeparturePx, Math.hypot(bu, bv))
  }
  return { linear, order, a, b, inverseOrder, ap, bp, departurePx, inverseDeparturePx }
}

/** PV1_k belongs to x^p y^q; PV2_k to the same with x and y exchanged. The indices left out are powers of r. */
function tpvIndex(p: number, q: number): number {
  const FIRST_OF_DEGREE = [0, 1, 4, 7, 12, 17, 24, 31]
  return FIRST_OF_DEGREE[p + q]! + q
}

const MAX_TPV_DEGREE = 7

/** TPV of the model over a scan of the given size. */
export function toTpv(c: PlateConstants, width: number, height: number): Tpv {
  const linear = linearPart(c)
  const grid = gridOver(width, height)
  const [cd11, cd12, cd21, cd22] = linear.cd
  const x = new Float64Array(grid.x.length)
  const y = new Float64Array(grid.x.length)
  const xi = new Float64Array(grid.x.length)
  const eta = new Float64Array(grid.x.length)
  for (let i = 0; i < grid.x.length; i++) {
    const u = grid.x[i]! - linear.crpix[0]
    const v = grid.y[i]! - linear.crpix[1]
    x[i] = cd11 * u + cd12 * v
    y[i] = cd21 * u + cd22 * v
    const standard = standardAt(c, grid.x[i]!, grid.y[i]!)
    xi[i] = standard.xi * DEG_PER_RAD
    eta[i] = standard.eta * DEG_PER_RAD
  }
  const degree = Math.min(MAX_TPV_DEGREE, Math.max(3, c.model.degree))
  const scaleDegPx = Math.sqrt(Math.abs(cd11 * cd22 - cd12 * cd21))
  const scale = scaleDegPx * Math.max(width, height)
  const powers = powersBetween(0, degree)
  const first = fitPowers(x, y, xi, powers, scale)
  const second = fitPowers(y, x, eta, powers, scale) // with the axes exchanged, as PV2 wants them
  let departure = 0
  for (let i = 0; i < x.length; i++) {
    const dx = evaluatePowers(first, x[i]!, y[i]!) - xi[i]!
    const dy = evaluatePowers(second, y[i]!, x[i]!) - eta[i]!
    departure = Math.max(departure, Math.hypot(dx, dy))
  }
  const indexed = (list: Coefficient[]) =>
    list.map(({ p, q, value }) => ({ index: tpvIndex(p, q), value })).sort((a, b) => a.index - b.index)
  return { linear, pv1: indexed(first), pv2: indexed(second), departurePx: departure / scaleDegPx }
}
