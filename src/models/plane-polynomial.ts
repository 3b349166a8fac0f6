// A smooth map of the plane, such as a plate model, as a polynomial: approximated over a rectangle in Chebyshev's basis,
// which stays well-conditioned, and turned into powers about any point, which is what file formats want.

export type PlaneMap = (x: number, y: number) => readonly [number, number]

/** A rectangle; s and t run from −1 to 1 over it. */
export interface Rectangle {
  x0: number
  y0: number
  halfX: number
  halfY: number
}

/** Both components of a map: Σ c s^p t^q for p + q ≤ degree, with c of p, q at p (degree + 1) + q. */
export interface PlanePolynomial {
  degree: number
  first: Float64Array
  second: Float64Array
}

/** The products T_i(s) T_j(t), i + j ≤ degree, in the order of their coefficients: by degree, so that a part is a prefix. */
export function productsUpTo(degree: number): [i: number, j: number][] {
  const products: [number, number][] = []
  for (let total = 0; total <= degree; total++) for (let j = 0; j <= total; j++) products.push([total - j, j])
  return products
}

/** Chebyshev coefficients of a map over a rectangle, in the order of `productsUpTo`. */
export interface ChebyshevSum {
  first: Float64Array
  second: Float64Array
}

/** Chebyshev's nodes: where T_n is zero. Dense near the edges, so that nothing swings there. */
export function chebyshevNodes(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, k) => -Math.cos((Math.PI * (k + 0.5)) / count))
}

/** T_0 … T_degree at s. */
export function chebyshevAt(s: number, degree: number): Float64Array {
  const values = new Float64Array(degree + 1).fill(1)
  if (degree > 0) values[1] = s
  for (let k = 2; k <= degree; k++) values[k] = 2 * s * values[k - 1]! - values[k - 2]!
  return values
}

/**
 * The least-squares sum on `nodes`² Chebyshev nodes. There the products are orthogonal (Mason and Handscomb 2003,
 * Chebyshev Polynomials, chapter 4), so each coefficient is a sum of its own and a prefix is the fit of a lower degree; it is
 * within a small factor of the best possible in its largest error (ibid., chapter 5).
 */
export function chebyshevSum(
  map: PlaneMap,
  { x0, y0, halfX, halfY }: Rectangle,
  degree: number,
  nodes: number,
): ChebyshevSum {
  const places = chebyshevNodes(nodes)
  const basis = Array.from(places, (s) => chebyshevAt(s, degree))
  const products = productsUpTo(degree)
  const [first, second] = [new Float64Array(products.length), new Float64Array(products.length)]
  for (let b = 0; b < nodes; b++) {
    for (let a = 0; a < nodes; a++) {
      const [p, q] = map(x0 + places[a]! * halfX, y0 + places[b]! * halfY)
      for (let k = 0; k < products.length; k++) {
        const [i, j] = products[k]!
        const norm = (i === 0 ? 1 : 2) * (j === 0 ? 1 : 2)
        const share = (norm * basis[a]![i]! * basis[b]![j]!) / nodes ** 2
        first[k] = first[k]! + share * p
        second[k] = second[k]! + share * q
      }
    }
  }
  return { first, second }
}

/** Powers of s in T_n: `powers[n][k]` of s^k. */
function chebyshevPowers(degree: number): Float64Array[] {
  const powers = [Float64Array.of(1), Float64Array.of(0, 1)]
  for (let n = 2; n <= degree; n++) {
    powers.push(
      Float64Array.from(
        { length: n + 1 },
        (_, k) => (k > 0 ? 2 * powers[n - 1]![k - 1]! : 0) - (powers[n - 2]![k] ?? 0),
      ),
    )
  }
  return powers
}

/** The sum up to a degree, in powers of s and t. */
export function inPowers(sum: ChebyshevSum, degree: number): PlanePolynomial {
  const powers = chebyshevPowers(degree)
  const size = (degree + 1) ** 2
  const [first, second] = [new Float64Array(size), new Float64Array(size)]
  productsUpTo(degree).forEach(([i, j], k) => {
    for (let p = i; p >= 0; p -= 2) {
      for (let q = j; q >= 0; q -= 2) {
        const factor = powers[i]![p]! * powers[j]![q]!
        const at = p * (degree + 1) + q
        first[at] = first[at]! + factor * sum.first[k]!
        second[at] = second[at]! + factor * sum.second[k]!
      }
    }
  })
  return { degree, first, second }
}

/** The same polynomial in s − s0 and t − t0. */
export function about(polynomial: PlanePolynomial, s0: number, t0: number): PlanePolynomial {
  return substituted(polynomial, [1, 0, 0, 1], [s0, t0])
}

/** The same polynomial in u, v, where s = a u + b v + s0 and t = c u + d v + t0. */
export function substituted(
  { degree, first, second }: PlanePolynomial,
  [a, b, c, d]: readonly [number, number, number, number],
  [s0, t0]: readonly [number, number],
): PlanePolynomial {
  // Horner's rule in s, whose coefficients are polynomials in t, found by Horner's rule too.
  const place = (component: Float64Array): Float64Array => {
    let sum = new Float64Array((degree + 1) ** 2)
    for (let p = degree; p >= 0; p--) {
      let inner = new Float64Array(sum.length)
      for (let q = degree - p; q >= 0; q--) {
        inner = times(inner, degree, c, d, t0)
        inner[0] = inner[0]! + component[p * (degree + 1) + q]!
      }
      const product = times(sum, degree, a, b, s0)
      sum = product.map((value, k) => value + inner[k]!)
    }
    return sum
  }
  return { degree, first: place(first), second: place(second) }
}

/** A polynomial in u and v times (a u + b v + c). */
function times(
  polynomial: Float64Array,
  degree: number,
  a: number,
  b: number,
  c: number,
): Float64Array<ArrayBuffer> {
  const product = new Float64Array(polynomial.length)
  const row = degree + 1
  for (let p = 0; p <= degree; p++) {
    for (let q = 0; p + q <= degree; q++) {
      const value = polynomial[p * row + q]!
      const at = p * row + q
      product[at] = product[at]! + c * value
      if (value === 0 || p + q === degree) continue
      product[at + row] = product[at + row]! + a * value
      product[at + 1] = product[at + 1]! + b * value
    }
  }
  return product
}

/** Derivatives at the origin: of the first component by u and v, of the second by u and v. */
export function slopes({ degree, first, second }: PlanePolynomial): [number, number, number, number] {
  return [first[degree + 1]!, first[1]!, second[degree + 1]!, second[1]!]
}

const MAX_STEPS = 30
const CONVERGED = 1e-15

/** Where both components are zero, by Newton's method from (0, 0); undefined where it does not get there. */
export function rootOf(polynomial: PlanePolynomial): [number, number] | undefined {
  let [s, t] = [0, 0]
  let last = Number.POSITIVE_INFINITY
  for (let step = 0; step < MAX_STEPS; step++) {
    const here = about(polynomial, s, t)
    const [x, y] = [here.first[0]!, here.second[0]!]
    const [a, b, c, d] = slopes(here)
    const determinant = a * d - b * c
    const [ds, dt] = [(d * x - b * y) / determinant, (a * y - c * x) / determinant]
    const moved = Math.abs(ds) + Math.abs(dt)
    if (!Number.isFinite(moved)) return undefined
    // Rounding keeps the step from becoming nothing; once it no longer shrinks, the root is found.
    if (moved < CONVERGED || (moved < 1e-9 && moved >= last)) return [s, t]
    ;[s, t, last] = [s - ds, t - dt, moved]
  }
  return undefined
}
