// Plate constants: a model with its coefficients, and the way from the plate to the sky and back.
import { solveLinear } from '../math/leastsquares.ts'
import { fromStandard, toStandard } from '../math/tangent.ts'
import { type LocalField, localAt, localVariance } from './local-field.ts'
import { PLATE_MODELS } from './models.ts'
import type { PlateModel } from './plate-model.ts'
import { ANY_STAR, type PlateFrame, type ReferenceStar, termsAt } from './term.ts'

export type { PlateFrame } from './term.ts'

export interface PlateConstants {
  model: PlateModel
  frame: PlateFrame
  /** The tangent point, radians. */
  ra0: number
  dec0: number
  /** ξ and η in radians per term of the model. */
  xi: Float64Array
  eta: Float64Array
  /** The star for which the plain mapping from place to place holds. */
  star: ReferenceStar
  /** The model's coefficients, radians, and their covariance, rad², coefficients × coefficients; null for a first solution. */
  fitted: { coefficients: Float64Array; covariance: Float64Array } | null
  /** What is left over the plate and was found to help; null where nothing did. */
  local: LocalField | null
}

export function frameOf(width: number, height: number): PlateFrame {
  return { x0: (width + 1) / 2, y0: (height + 1) / 2, halfPx: Math.max(width, height) / 2 }
}

const UNKNOWN = Number.NaN

/**
 * Standard coordinates (radians) of an image on the plate (FITS pixels) of a star of this magnitude and colour;
 * without them, of the reference star.
 */
export function standardAt(
  c: PlateConstants,
  x: number,
  y: number,
  mag = UNKNOWN,
  bpRp = UNKNOWN,
): { xi: number; eta: number } {
  const values = new Float64Array(c.model.terms.length)
  termsAt(c.model.terms, c.frame, c.star, { x, y, mag, bpRp }, values)
  let xi = 0
  let eta = 0
  for (let k = 0; k < values.length; k++) {
    xi += c.xi[k]! * values[k]!
    eta += c.eta[k]! * values[k]!
  }
  if (c.local === null) return { xi, eta }
  const local = localAt(c.local, (x - c.frame.x0) / c.frame.halfPx, (y - c.frame.y0) / c.frame.halfPx)
  return { xi: xi + local.xi, eta: eta + local.eta }
}

/** Place on the sky, radians, of an image on the plate. */
export function skyAt(
  c: PlateConstants,
  x: number,
  y: number,
  mag = UNKNOWN,
  bpRp = UNKNOWN,
): { raRad: number; decRad: number } {
  const { xi, eta } = standardAt(c, x, y, mag, bpRp)
  return fromStandard(xi, eta, c.ra0, c.dec0)
}

/**
 * Derivatives of (ξ, η) by (x, y), radians per pixel: ∂ξ/∂x, ∂ξ/∂y, ∂η/∂x, ∂η/∂y, of the powers of the place. The scanner's
 * waves and the steps between its tiles are steep where they are small: they say nothing of scale and orientation.
 */
export function jacobianAt(c: PlateConstants, x: number, y: number): [number, number, number, number] {
  const { x0, y0, halfPx } = c.frame
  const u = (x - x0) / halfPx
  const v = (y - y0) / halfPx
  const sums: [number, number, number, number] = [0, 0, 0, 0]
  c.model.terms.forEach((term, k) => {
    if (term.kind !== 'power' || term.m !== 0 || term.c !== 0) return
    const byX = term.u === 0 ? 0 : (term.u * u ** (term.u - 1) * v ** term.v) / halfPx
    const byY = term.v === 0 ? 0 : (term.v * u ** term.u * v ** (term.v - 1)) / halfPx
    sums[0] += c.xi[k]! * byX
    sums[1] += c.xi[k]! * byY
    sums[2] += c.eta[k]! * byX
    sums[3] += c.eta[k]! * byY
  })
  return sums
}

/**
 * Variances and covariance of (ξ, η) that the plate constants add at an image, rad²; zero where they were not fitted. Where
 * the star's colour is not known, so much more as the terms of colour scatter.
 */
export function varianceAt(
  c: PlateConstants,
  x: number,
  y: number,
  mag = UNKNOWN,
  bpRp = UNKNOWN,
): { xi: number; eta: number; both: number } {
  const { model, fitted, frame } = c
  const sum = { xi: 0, eta: 0, both: 0 }
  if (fitted !== null) {
    const { covariance } = fitted
    const values = new Float64Array(model.terms.length)
    termsAt(model.terms, frame, c.star, { x, y, mag, bpRp }, values)
    const n = model.coefficients.length
    const along = (axis: 'xi' | 'eta') =>
      Float64Array.from(model.coefficients, (own) => {
        let derivative = 0
        for (const { term, factor } of own[axis]) derivative += factor * values[term]!
        return derivative
      })
    const [p, q] = [along('xi'), along('eta')]
    for (let k = 0; k < n; k++) {
      for (let l = 0; l < n; l++) {
        const own = covariance[k * n + l]!
        sum.xi += p[k]! * own * p[l]!
        sum.eta += q[k]! * own * q[l]!
        sum.both += p[k]! * own * q[l]!
      }
    }
  }
  if (Number.isNaN(bpRp)) {
    const typical = standardAt(c, x, y, mag)
    const redder = standardAt(c, x, y, mag, c.star.bpRp + c.star.bpRpScatter)
    sum.xi += (redder.xi - typical.xi) ** 2
    sum.eta += (redder.eta - typical.eta) ** 2
    sum.both += (redder.xi - typical.xi) * (redder.eta - typical.eta)
  }
  if (c.local !== null) {
    const local = localVariance(c.local, (x - frame.x0) / frame.halfPx, (y - frame.y0) / frame.halfPx)
    sum.xi += local
    sum.eta += local
  }
  return { xi: Math.max(0, sum.xi), eta: Math.max(0, sum.eta), both: sum.both }
}

const MAX_STEPS = 20
const CONVERGED_PX = 1e-9

/**
 * The pixel of standard coordinates, by Newton's method from the middle of the plate;
 * undefined where it does not converge (far outside the plate, where a polynomial turns back).
 */
export function pixelOf(c: PlateConstants, xi: number, eta: number): { x: number; y: number } | undefined {
  let { x0: x, y0: y } = c.frame
  let jacobian = jacobianAt(c, x, y)
  for (let step = 0; step < MAX_STEPS; step++) {
    const here = standardAt(c, x, y)
    const [a, b, d, e] = jacobian
    const determinant = a * e - b * d
    const dx = (e * (xi - here.xi) - b * (eta - here.eta)) / determinant
    const dy = (a * (eta - here.eta) - d * (xi - here.xi)) / determinant
    if (!Number.isFinite(dx) || !Number.isFinite(dy)) return undefined
    x += dx
    y += dy
    if (Math.abs(dx) + Math.abs(dy) < CONVERGED_PX) return { x, y }
    if (Math.abs(x - c.frame.x0) + Math.abs(y - c.frame.y0) > 20 * c.frame.halfPx) return undefined
    jacobian = jacobianAt(c, x, y)
  }
  return undefined
}

/** The pixel of a place on the sky, radians. */
export function pixelOfPlace(
  c: PlateConstants,
  ra: number,
  dec: number,
): { x: number; y: number } | undefined {
  const standard = toStandard(ra, dec, c.ra0, c.dec0)
  return standard === undefined ? undefined : pixelOf(c, standard.xi, standard.eta)
}

/** Pixel scale at the middle of the plate, radians per pixel, and the sense and angle of its axes. */
export function orientation(c: PlateConstants): {
  scaleRadPx: number
  /** True when the determinant is positive: east is to the right when north is up. */
  mirrored: boolean
  /** Position angle of the +y axis, east of north, radians. */
  rotation: number
} {
  const [a, b, d, e] = jacobianAt(c, c.frame.x0, c.frame.y0)
  const determinant = a * e - b * d
  return {
    scaleRadPx: Math.sqrt(Math.abs(determinant)),
    mirrored: determinant > 0,
    rotation: Math.atan2(b, e),
  }
}

/** Plate constants of an affine model from a linear header WCS. */
export function fromLinearWcs(
  wcs: { crval: readonly [number, number]; crpix: readonly [number, number]; cd: readonly number[] },
  frame: PlateFrame,
  affine: PlateModel,
): PlateConstants {
  const rad = Math.PI / 180
  const [cd11, cd12, cd21, cd22] = wcs.cd as [number, number, number, number]
  const dx = frame.x0 - wcs.crpix[0]
  const dy = frame.y0 - wcs.crpix[1]
  const s = frame.halfPx
  return {
    model: affine,
    frame,
    ra0: wcs.crval[0] * rad,
    dec0: wcs.crval[1] * rad,
    xi: Float64Array.of((cd11 * dx + cd12 * dy) * rad, cd11 * s * rad, cd12 * s * rad),
    eta: Float64Array.of((cd21 * dx + cd22 * dy) * rad, cd21 * s * rad, cd22 * s * rad),
    star: ANY_STAR,
    fitted: null,
    local: null,
  }
}

const GRID = 9 // points per axis: more than a cubic needs

/**
 * The same mapping about another tangent point: the place on the sky of the middle of the frame. Expressed as a
 * cubic, which reproduces the change of plane to 0.001 px over 12°; undefined where the mapping spans a hemisphere.
 */
export function retangent(c: PlateConstants, frame: PlateFrame): PlateConstants | undefined {
  const centre = skyAt(c, frame.x0, frame.y0)
  const model = PLATE_MODELS[2]!
  const n = GRID * GRID
  const terms = model.terms.length
  const design = new Float64Array(n * terms)
  const xi = new Float64Array(n)
  const eta = new Float64Array(n)
  for (let k = 0; k < n; k++) {
    const u = ((k % GRID) / (GRID - 1)) * 2 - 1
    const v = (Math.floor(k / GRID) / (GRID - 1)) * 2 - 1
    const [x, y] = [frame.x0 + u * frame.halfPx, frame.y0 + v * frame.halfPx]
    termsAt(model.terms, frame, ANY_STAR, { x, y, mag: UNKNOWN, bpRp: UNKNOWN }, design, k * terms)
    const sky = skyAt(c, x, y)
    const standard = toStandard(sky.raRad, sky.decRad, centre.raRad, centre.decRad)
    if (standard === undefined) return undefined
    xi[k] = standard.xi
    eta[k] = standard.eta
  }
  const weight = new Float64Array(n).fill(1)
  const solve = (target: Float64Array) => solveLinear(design, terms, target, weight)!.coefficients
  return {
    model,
    frame,
    ra0: centre.raRad,
    dec0: centre.decRad,
    xi: solve(xi),
    eta: solve(eta),
    star: ANY_STAR,
    fitted: null,
    local: null,
  }
}
