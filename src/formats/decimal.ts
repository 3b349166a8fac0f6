// Decimal numbers straight from the bytes of a text, correctly rounded: no string is made for any of them.

/** 10^n is a double without error up to n = 22. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`))
const LEADING_DIGITS = 15 // any whole number of so many digits is exact
const MOST_DIGITS = 22 // 10^22 in front of the leading ones, and still an exact power of ten
const SPLITTER = 2 ** 27 + 1 // Dekker 1971, Numer. Math. 18, 224: halves of 26 bits
const DOUBLE_DOUBLE_ERROR = 2 ** -100 // twenty times what the operations below can lose, relative to the quotient

/** a b - fl(a b), without error. */
function productError(a: number, b: number, product: number): number {
  const aBig = SPLITTER * a
  const aHigh = aBig - (aBig - a)
  const aLow = a - aHigh
  const bBig = SPLITTER * b
  const bHigh = bBig - (bBig - b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

/**
 * The number written in `bytes` from `from` to `to`, as `Number()` would have it, into `target[index]`.
 * @returns false where the cell is empty, has blanks or quotes, is no number, or is one of the rare numbers that only
 *   exact arithmetic rounds rightly; then `target` is as before.
 */
export function readDecimal(
  bytes: Uint8Array,
  from: number,
  to: number,
  target: Float64Array,
  index: number,
): boolean {
  let at = from
  let c = at < to ? bytes[at]! : 0
  const isNegative = c === 45
  if (isNegative || c === 43) c = ++at < to ? bytes[at]! : 0
  let leading = 0
  let trailing = 0
  let digits = 0 // without zeros in front
  let written = 0
  let scale = 0 // the number is its digits times 10^scale
  let afterPoint = false
  for (; at < to; at++) {
    c = bytes[at]!
    const digit = c - 48
    if (digit >= 0 && digit <= 9) {
      written++
      if (afterPoint) scale--
      if (digits === 0 && digit === 0) continue
      if (digits < LEADING_DIGITS) leading = leading * 10 + digit
      else trailing = trailing * 10 + digit
      digits++
    } else if (c === 46 && !afterPoint) afterPoint = true
    else break
  }
  if (written === 0 || digits > MOST_DIGITS) return false
  if (at < to) {
    if (c !== 101 && c !== 69) return false
    const exponent = exponentAt(bytes, at + 1, to)
    if (exponent === undefined) return false
    scale += exponent
  }
  if (digits === 0) {
    target[index] = isNegative ? -0 : 0
    return true
  }
  if (scale < -22 || scale > 22) return false
  let value: number
  if (digits <= LEADING_DIGITS) {
    // Both are exact, so that one operation rounds once (Clinger 1990).
    value = scale < 0 ? leading / POWERS_OF_TEN[-scale]! : leading * POWERS_OF_TEN[scale]!
  } else {
    if (scale > 0) return false
    value = quotient(leading, trailing, POWERS_OF_TEN[digits - LEADING_DIGITS]!, POWERS_OF_TEN[-scale]!)
    if (value === 0) return false
  }
  target[index] = isNegative ? -value : value
  return true
}

/** The whole number of an exponent of at most three digits; undefined where it is none. */
function exponentAt(bytes: Uint8Array, from: number, to: number): number | undefined {
  let at = from
  const sign = bytes[at] === 45 ? -1 : 1
  if (bytes[at] === 45 || bytes[at] === 43) at++
  if (at >= to || to - at > 3) return undefined
  let exponent = 0
  for (; at < to; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return undefined
    exponent = exponent * 10 + digit
  }
  return sign * exponent
}

/**
 * (leading · shift + trailing) / divisor to the nearest double, by double-double arithmetic; 0 where the true quotient
 * is so near the middle between two doubles that this cannot tell which is the nearer.
 */
function quotient(leading: number, trailing: number, shift: number, divisor: number): number {
  const product = leading * shift
  const lost = productError(leading, shift, product)
  const high = product + trailing
  const low = lost + (trailing - (high - product)) // a whole number below 2^53, and so exact
  const first = high / divisor
  const back = first * divisor
  const rest = high - back - productError(first, divisor, back) + low
  const second = rest / divisor
  const margin = first * DOUBLE_DOUBLE_ERROR
  const value = first + (second - margin)
  return value === first + (second + margin) ? value : 0
}
