// The simulator's own chance: named streams that do not disturb one another, and noise that is a function of the pixel.

/** A reproducible stream of random numbers. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number
  /** Normal, mean 0, standard deviation 1. */
  gauss(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** A whole number in [0, count). */
  whole(count: number): number
  pick<T>(list: readonly T[]): T
}

/** Finaliser of MurmurHash3 (Appleby): every input bit changes every output bit with probability near one half. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function hashOf(seed: number, name: string): number {
  let h = mix(seed ^ 0x9e3779b9)
  for (let i = 0; i < name.length; i++) h = mix(h + name.charCodeAt(i) + Math.imul(i + 1, 0x9e3779b1))
  return h
}

/**
 * The stream of that name for a seed. Streams are independent, so that asking for more scratches does not move the dust.
 * Marsaglia's xorshift128 (2003, J. Stat. Softw. 8, 14).
 */
export function randomStream(seed: number, name: string): Random {
  const start = hashOf(seed >>> 0, name)
  const state = Uint32Array.from([1, 2, 3, 4], (k) => mix(start + Math.imul(k, 0x9e3779b9)) | 1)
  const word = (): number => {
    let t = state[0]! ^ (state[0]! << 11)
    t ^= t >>> 8
    state.copyWithin(0, 1)
    state[3] = state[3]! ^ (state[3]! >>> 19) ^ t
    return state[3]!
  }
  const next = (): number => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992 // 27 + 26 bits over 2^53
  let spare = Number.NaN
  const gauss = (): number => {
    if (!Number.isNaN(spare)) {
      const kept = spare
      spare = Number.NaN
      return kept
    }
    for (;;) {
      const u = 2 * next() - 1
      const v = 2 * next() - 1
      const s = u * u + v * v
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s) // Marsaglia's polar method
        spare = v * factor
        return u * factor
      }
    }
  }
  const whole = (count: number) => Math.floor(next() * count)
  return {
    next,
    gauss,
    between: (low, high) => low + (high - low) * next(),
    whole,
    pick: (list) => list[whole(list.length)]!,
  }
}

const QUANTILES = 65536

/** Normal deviates at the probabilities (i + ½)/65536, scaled to variance 1: the cumulative density, inverted. */
function normalQuantiles(): Float32Array {
  const table = new Float32Array(QUANTILES)
  const step = 1e-4
  const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
  let [x, below] = [-6, 0]
  let squares = 0
  for (let i = 0; i < QUANTILES; i++) {
    const wanted = (i + 0.5) / QUANTILES
    let slice = density(x + step / 2) * step
    while (below + slice < wanted && x < 6) {
      below += slice
      x += step
      slice = density(x + step / 2) * step
    }
    table[i] = x + (step * (wanted - below)) / slice
    squares += table[i]! ** 2
  }
  const scale = 1 / Math.sqrt(squares / QUANTILES)
  return table.map((value) => value * scale)
}

let quantiles: Float32Array | undefined

/**
 * Writes normal noise (mean 0, standard deviation 1) for the pixels x0, x0 + 1, … of row y. The noise of a pixel depends
 * on seed, x and y alone, so that strips of any height give the same plate.
 */
export function noiseRow(out: Float32Array, seed: number, x0: number, y: number): void {
  quantiles ??= normalQuantiles()
  const table = quantiles
  const key1 = mix(Math.imul(y, 0x9e3779b1) + seed)
  const key2 = mix(key1 ^ 0x7feb352d) // two keys, or rows whose keys lie close would hold shifted copies of each other
  for (let i = 0; i < out.length; i++) {
    let h = Math.imul(x0 + i, 0x9e3779b1) ^ key1
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) + key2
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    h ^= h >>> 16
    out[i] = (table[h & 0xffff]! + table[h >>> 16]!) * Math.SQRT1_2
  }
}
