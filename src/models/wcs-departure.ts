// How far a published polynomial departs from the plate constants, and the choice of its degree by that.
import { type PlaneMap, type PlanePolynomial, productsUpTo, type Rectangle } from './plane-polynomial.ts'

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

/** What is published may depart from the plate constants by this; a departure that is larger is told. */
export const MAX_DEPARTURE_PX = 0.01
/** The smallest degree that comes below the first of these is taken, else below the second. */
const GOALS_PX = [MAX_DEPARTURE_PX / 10, MAX_DEPARTURE_PX]
const NO_WORSE = 1.05 // than the best departure: higher powers that gain so little only run wild beyond the plate
const CHECKS = 101 // per axis, evenly from edge to edge: between and beyond the nodes
const CLOSER = 5 // rounds, each at half the step of the one before

/** Pixels all over the scan, from edge to edge, and what the model makes of them. */
export interface Checks {
  map: PlaneMap
  scan: Rectangle
  x: Float64Array
  y: Float64Array
  xiDeg: Float64Array
  etaDeg: Float64Array
}

export function checksOf(map: PlaneMap, scan: Rectangle): Checks {
  const { x0, y0, halfX, halfY } = scan
  const along = (k: number) => (2 * k) / (CHECKS - 1) - 1
  const n = CHECKS * CHECKS
  const x = Float64Array.from({ length: n }, (_, k) => x0 + along(k % CHECKS) * halfX)
  const y = Float64Array.from({ length: n }, (_, k) => y0 + along(Math.floor(k / CHECKS)) * halfY)
  const [xiDeg, etaDeg] = [new Float64Array(n), new Float64Array(n)]
  for (let k = 0; k < n; k++) [xiDeg[k], etaDeg[k]] = map(x[k]!, y[k]!) as [number, number]
  return { map, scan, x, y, xiDeg, etaDeg }
}

/** Of what each degree gives, the first that reaches a goal, else the first that is about as good as the best. */
export function smallestOf<T extends { departurePx: number }>(
  [lowest, highest]: readonly [number, number],
  ofDegree: (degree: number) => T,
): T {
  const tried: T[] = []
  for (let degree = lowest; degree <= highest; degree++) {
    tried.push(ofDegree(degree))
    if (tried.at(-1)!.departurePx < GOALS_PX[0]!) break
  }
  const best = Math.min(...tried.map(({ departurePx }) => departurePx))
  const limit = GOALS_PX.find((goal) => best < goal) ?? NO_WORSE * best
  return tried.find(({ departurePx }) => departurePx <= limit) ?? tried[0]!
}

/** Sums of coefficients at one place after the other: powers are found once for each. */
export function summed(highest: number) {
  const [us, vs] = [new Float64Array(highest + 1).fill(1), new Float64Array(highest + 1).fill(1)]
  return (u: number, v: number, ...lists: (readonly Coefficient[])[]): number[] => {
    for (let k = 1; k <= highest; k++) {
      us[k] = us[k - 1]! * u
      vs[k] = vs[k - 1]! * v
    }
    return lists.map((list) => list.reduce((sum, { p, q, value }) => sum + value * us[p]! * vs[q]!, 0))
  }
}

/** Inverse of a 2 × 2 matrix. */
export function inverse2([a, b, c, d]: readonly number[]): [number, number, number, number] {
  const determinant = a! * d! - b! * c!
  return [d! / determinant, -b! / determinant, -c! / determinant, a! / determinant]
}

/** Powers p + q from `low` to the degree of a polynomial, with the coefficients of a combination of its components. */
export function coefficientsOf(
  { degree, first, second }: PlanePolynomial,
  low: number,
  [a, b]: readonly [number, number],
): Coefficient[] {
  return productsUpTo(degree)
    .filter(([p, q]) => p + q >= low)
    .map(([p, q]) => {
      const at = p * (degree + 1) + q
      return { p, q, value: a * first[at]! + b * second[at]! }
    })
}

/** Of pixels from CRPIX (u, v), and the model's place there through the inverse of CD (U, V), px. */
export type Distance = (u: number, v: number, U: number, V: number) => number

/**
 * The largest of a distance over the scan: over the checks, then closer and closer round the worst of them, as a wave of
 * the scanner has its crest between two checks. Infinity where the model has no place.
 */
export function worst(checks: Checks, { crpix, cd }: LinearPart, distance: Distance): number {
  const { map, scan, x, y, xiDeg, etaDeg } = checks
  const [i11, i12, i21, i22] = inverse2(cd)
  const at = (px: number, py: number, xi: number, eta: number): number => {
    const off = distance(px - crpix[0], py - crpix[1], i11 * xi + i12 * eta, i21 * xi + i22 * eta)
    return Number.isNaN(off) ? Number.POSITIVE_INFINITY : off
  }
  const found = { off: 0, x: scan.x0, y: scan.y0 }
  const offer = (off: number, px: number, py: number): void => {
    if (off > found.off) Object.assign(found, { off, x: px, y: py })
  }
  for (let k = 0; k < x.length; k++) offer(at(x[k]!, y[k]!, xiDeg[k]!, etaDeg[k]!), x[k]!, y[k]!)
  let [stepX, stepY] = [scan.halfX / (CHECKS - 1), scan.halfY / (CHECKS - 1)]
  for (let round = 0; round < CLOSER; round++) {
    const { x: aroundX, y: aroundY } = found
    for (let k = 0; k < 25; k++) {
      const px = within(aroundX + ((k % 5) - 2) * stepX, scan.x0, scan.halfX)
      const py = within(aroundY + (Math.floor(k / 5) - 2) * stepY, scan.y0, scan.halfY)
      offer(at(px, py, ...map(px, py)), px, py)
    }
    stepX /= 2
    stepY /= 2
  }
  return found.off
}

const within = (value: number, middle: number, half: number): number =>
  Math.min(middle + half, Math.max(middle - half, value))
