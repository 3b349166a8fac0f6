// Polynomials in the scaled place (u, v): enough algebra to write a vector field about a centre as powers of u and v.
import { type PowerTerm, power } from './term.ts'

/** Coefficients by 'i,j', the powers of u and v. */
export type Polynomial = ReadonlyMap<string, number>

export const polynomial = (...entries: [u: number, v: number, value: number][]): Polynomial =>
  new Map(entries.map(([u, v, value]) => [`${u},${v}`, value]))

export function plus(a: Polynomial, b: Polynomial, factor = 1): Polynomial {
  const sum = new Map(a)
  for (const [key, value] of b) sum.set(key, (sum.get(key) ?? 0) + factor * value)
  return sum
}

export function times(a: Polynomial, b: Polynomial): Polynomial {
  const product = new Map<string, number>()
  for (const [p, x] of a) {
    for (const [q, y] of b) {
      const [i, j] = powersOf(p)
      const [k, l] = powersOf(q)
      const key = `${i + k},${j + l}`
      product.set(key, (product.get(key) ?? 0) + x * y)
    }
  }
  return product
}

/** The polynomial as terms, each times m^k c^l. */
export function termsOf(p: Polynomial, m = 0, c = 0): [PowerTerm, number][] {
  return [...p].flatMap(([key, value]) => {
    const [u, v] = powersOf(key)
    return value === 0 ? [] : [[power(u, v, m, c), value] as [PowerTerm, number]]
  })
}

/** Every power of total degree n. */
export function powersOfDegree(n: number): PowerTerm[] {
  return Array.from({ length: n + 1 }, (_, v) => power(n - v, v))
}

function powersOf(key: string): [number, number] {
  const [u, v] = key.split(',')
  return [Number(u), Number(v)]
}
