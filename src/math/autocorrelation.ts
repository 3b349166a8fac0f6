// Autocorrelation of square pieces of an image, as a function of the direction and the length of the lag.
import { transform2d } from './fft.ts'

/** Directions, from +x towards +y, that lags are taken along: (k + ½) · 180° / DIRECTIONS. */
export const DIRECTIONS = 90
const GROWTH = 1.09 // of the radius from ring to ring

/** Radii of the rings of lags, px: from 1 to half the side of a tile. */
export function lagRadii(sidePx: number): Float64Array {
  const radii: number[] = []
  for (let r = 1; r < sidePx / 2 - 1; r = Math.max(r + 1, r * GROWTH)) radii.push(r)
  return Float64Array.from(radii)
}

/**
 * Mean products of the pixels of two tiles with themselves at each lag, without bias at long lags; sums over pairs of pixels
 * that are both known.
 * @param tiles two tiles of side² values each with a mean near 0, unknown pixels 0
 * @returns for each tile, DIRECTIONS × radii values: those of one direction follow one another
 */
export function autocorrelations(
  tiles: readonly [Float32Array, Float32Array],
  known: Uint8Array,
  sidePx: number,
): [Float32Array, Float32Array] {
  const n = 2 * sidePx
  const { first, second } = lagSums(tiles[0], tiles[1], sidePx)
  const pairs = pairsAt(known, sidePx)
  const least = (sidePx * sidePx) / 8
  for (let i = 0; i < n * n; i++) {
    const count = Math.max(least, pairs[i]!)
    first[i]! /= count
    second[i]! /= count
  }
  return [polar(first, n, sidePx), polar(second, n, sidePx)]
}

/** How many pairs of known pixels there are at each lag. */
function pairsAt(known: Uint8Array, sidePx: number): Float64Array {
  const n = 2 * sidePx
  if (!known.every((value) => value === 1)) {
    const mask = Float32Array.from(known)
    return lagSums(mask, mask, sidePx).first
  }
  const along = Float64Array.from({ length: n }, (_, lag) => sidePx - Math.min(lag, n - lag))
  return Float64Array.from({ length: n * n }, (_, i) => along[i % n]! * along[Math.floor(i / n)]!)
}

/** Σ over pixels of z(p) z(p + lag), for two real tiles at once: one is the real part, the other the imaginary part. */
function lagSums(first: Float32Array, second: Float32Array, sidePx: number) {
  const n = 2 * sidePx // room for zeros: the lags of one side must not meet those of the other
  const re = new Float64Array(n * n)
  const im = new Float64Array(n * n)
  for (let y = 0; y < sidePx; y++) {
    for (let x = 0; x < sidePx; x++) {
      re[y * n + x] = first[y * sidePx + x]!
      im[y * n + x] = second[y * sidePx + x]!
    }
  }
  transform2d(re, im, n, { filled: sidePx })
  for (let v = 0; v < n; v++) {
    for (let u = 0; u < n; u++) {
      const a = v * n + u
      const b = ((n - v) % n) * n + ((n - u) % n)
      if (b < a) continue
      // Of the sum of two spectra: that of a real tile at −k is the conjugate of that at k.
      const power1 = (re[a]! + re[b]!) ** 2 + (im[a]! - im[b]!) ** 2
      const power2 = (im[a]! + im[b]!) ** 2 + (re[b]! - re[a]!) ** 2
      re[a] = re[b] = power1 / 4
      im[a] = im[b] = power2 / 4
    }
  }
  transform2d(re, im, n, { reach: sidePx / 2 })
  for (let i = 0; i < n * n; i++) {
    re[i]! /= n * n
    im[i]! /= n * n
  }
  return { first: re, second: im }
}

/** Bilinear samples of lags, which wrap around; at long lags a direction is a mean over its width. */
function polar(at: Float64Array, n: number, sidePx: number): Float32Array {
  const radii = lagRadii(sidePx)
  const out = new Float32Array(DIRECTIONS * radii.length)
  for (let k = 0; k < DIRECTIONS; k++) {
    radii.forEach((r, ring) => {
      const parts = Math.max(1, Math.ceil((r * Math.PI) / DIRECTIONS))
      let sum = 0
      for (let p = 0; p < parts; p++) {
        const angle = ((k + (p + 0.5) / parts) * Math.PI) / DIRECTIONS
        sum += bilinear(at, n, r * Math.cos(angle), r * Math.sin(angle))
      }
      out[k * radii.length + ring] = sum / parts
    })
  }
  return out
}

function bilinear(at: Float64Array, n: number, x: number, y: number): number {
  const i = Math.floor(x)
  const j = Math.floor(y)
  const p = x - i
  const q = y - j
  const value = (u: number, v: number) => at[((v + n) % n) * n + ((u + n) % n)]!
  return (
    (1 - q) * ((1 - p) * value(i, j) + p * value(i + 1, j)) +
    q * ((1 - p) * value(i, j + 1) + p * value(i + 1, j + 1))
  )
}
