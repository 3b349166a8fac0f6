// Fast Fourier transform of square arrays whose side is a power of two (Cooley & Tukey 1965, Math. Comp. 19, 297).

/** Sines and bit-reversed places for one length. */
interface Plan {
  cos: Float64Array
  sin: Float64Array
  reversed: Uint32Array
}

function planOf(n: number): Plan {
  if (n < 2 || (n & (n - 1)) !== 0) throw new RangeError(`a length of ${n} is not a power of two`)
  const bits = Math.round(Math.log2(n))
  const reversed = new Uint32Array(n)
  for (let i = 0; i < n; i++) reversed[i] = (reversed[i >> 1]! >> 1) | ((i & 1) << (bits - 1))
  return {
    cos: Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n)),
    sin: Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n)),
    reversed,
  }
}

/** Σ z exp(−2πi jk/n) of one line of n values from `from` on, in place. */
function line(re: Float64Array, im: Float64Array, from: number, n: number, plan: Plan): void {
  const { cos, sin, reversed } = plan
  for (let i = 0; i < n; i++) {
    const j = reversed[i]!
    if (j <= i) continue
    const a = from + i
    const b = from + j
    const r = re[a]!
    const m = im[a]!
    re[a] = re[b]!
    im[a] = im[b]!
    re[b] = r
    im[b] = m
  }
  for (let half = 1; half < n; half *= 2) {
    const step = n / (2 * half)
    for (let start = from; start < from + n; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k
        const b = a + half
        const c = cos[k * step]!
        const s = sin[k * step]!
        const r = re[b]! * c - im[b]! * s
        const m = re[b]! * s + im[b]! * c
        re[b] = re[a]! - r
        im[b] = im[a]! - m
        re[a] = re[a]! + r
        im[a] = im[a]! + m
      }
    }
  }
}

function transpose(z: Float64Array, n: number): void {
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < y; x++) {
      const a = y * n + x
      const b = x * n + y
      const v = z[a]!
      z[a] = z[b]!
      z[b] = v
    }
  }
}

/**
 * The transform of n × n complex values, in place and transposed: value (u, v) ends at row u, column v for x, y stored with
 * y as the row. Twice it gives n² times the values at (−x, −y), transposed back.
 * @param filled  the rows from this one on are all 0
 * @param reach  only rows up to this from row 0, around the end too, are wanted; the others are left unfinished
 */
export function transform2d(
  re: Float64Array,
  im: Float64Array,
  n: number,
  { filled = n, reach = n }: { filled?: number; reach?: number } = {},
): void {
  if (re.length !== n * n || im.length !== n * n)
    throw new RangeError(`${re.length} and ${im.length} values are not ${n} × ${n}`)
  const plan = planOf(n)
  for (let row = 0; row < filled; row++) line(re, im, row * n, n, plan)
  transpose(re, n)
  transpose(im, n)
  for (let row = 0; row < n; row++) if (Math.min(row, n - row) <= reach) line(re, im, row * n, n, plan)
}
