// Decimal numbers straight from the bytes of a text, correctly rounded: no string is made for any of them.

const [ZERO, PLUS, MINUS, POINT, SMALL_E, LARGE_E] = [48, 43, 45, 46, 101, 69]

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
 * The number that begins at `from`, as `Number()` would have it, into `target[index]`. Something that is not part of a
 * number must follow somewhere.
 * @returns where it ends; -1 where there is a blank or a quote, no number, or one of the rare numbers that only exact
 *   arithmetic rounds rightly: then `target` is as before
 */
export function readDecimal(bytes: Uint8Array, from: number, target: Float64Array, index: number): number {
  let at = from
  let c = bytes[at]!
  const isNegative = c === MINUS
  if (isNegative || c === PLUS) c = bytes[++at]!
  let leading = 0
  let trailing = 0
  let digits = 0 // without zeros in front
  let point = -1
  const first = at
  for (; ; c = bytes[++at]!) {
    const digit = c - ZERO
    if (digit >= 0 && digit <= 9) {
      if (digits < LEADING_DIGITS) {
        leading = leading * 10 + digit
        if (leading !== 0) digits++
      } else {
        trailing = trailing * 10 + digit
        digits++
      }
    } else if (c === POINT && point < 0) point = at
    else break
  }
  const isWritten = at - first > (point < 0 ? 0 : 1)
  if (!isWritten || digits > MOST_DIGITS) return -1
  let scale = point < 0 ? 0 : point + 1 - at // the number is its digits times 10^scale
  if (c === SMALL_E || c === LARGE_E) {
    const sign = bytes[++at] === MINUS ? -1 : 1
    if (bytes[at] === MINUS || bytes[at] === PLUS) at++
    const begin = at
    let exponent = 0
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) {
      exponent = exponent * 10 + digit
    }
    if (at === begin) return -1
    scale += sign * exponent
  }
  let value = 0
  if (digits > 0) {
    if (scale < -22 || scale > 22) return -1
    if (digits <= LEADING_DIGITS) {
      // Both are exact, so that one operation rounds once (Clinger 1990).
      value = scale < 0 ? leading / POWERS_OF_TEN[-scale]! : leading * POWERS_OF_TEN[scale]!
    } else {
      if (scale > 0) return -1
      value = quotient(leading, trailing, POWERS_OF_TEN[digits - LEADING_DIGITS]!, POWERS_OF_TEN[-scale]!)
      if (value === 0) return -1
    }
  }
  target[index] = isNegative ? -value : value
  return at
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
