// The emulsion and the scanner: light to density by the characteristic curve, grain, and density to the scan's integers.
import { noiseRow } from './random.ts'

export interface Emulsion {
  /** Density without any light. */
  fog: number
  /** Slope of the straight part, density per decade of exposure. */
  gamma: number
  /** Density that no exposure exceeds. */
  dMax: number
  /** Density of the sky at the plate's centre, where the intensity is 1. */
  skyDensity: number
  /** Standard deviation of the density of one pixel at density 1. */
  grain: number
  /** Standard deviation of the Gaussian over which the grain is correlated, pixels. */
  grainPx: number
}

const SOFTNESS = 0.16 // decades over which toe and shoulder bend; 103a and IIIa emulsions bend over 0.3–0.5 in all

/** ∫ of a logistic step of width SOFTNESS: 0 far below, t far above. Written so that it never overflows. */
function bend(t: number): number {
  return SOFTNESS * (Math.max(t / SOFTNESS, 0) + Math.log1p(Math.exp(-Math.abs(t) / SOFTNESS)))
}

/** Density as a function of the decimal logarithm of the exposure, counted from the foot of the straight part. */
function characteristic(emulsion: Emulsion, logExposure: number): number {
  const latitude = (emulsion.dMax - emulsion.fog) / emulsion.gamma // decades of the straight part
  return emulsion.fog + emulsion.gamma * (bend(logExposure) - bend(logExposure - latitude))
}

/** The logarithm of the exposure that makes the sky's density: the curve rises everywhere, so halving finds it. */
function skyLogExposure(emulsion: Emulsion): number {
  let [low, high] = [-6, 8]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (characteristic(emulsion, middle) < emulsion.skyDensity) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The characteristic curve of Hurter and Driffield, with toe and shoulder; intensities in units of the sky's. */
export interface Curve {
  density(intensity: number): number
  /** dD / d log₁₀ intensity at the sky. */
  skySlope: number
  /** In place: intensities (Float32) to densities, by a table that is right to 1e-4. */
  apply(intensity: Float32Array): void
}

const OCTAVE_STEPS_LOG2 = 8 // 256 table entries per factor of two
const SHIFT = 23 - OCTAVE_STEPS_LOG2
const SMALLEST = 2 ** -16 // below this the emulsion is unexposed
const LARGEST = 2 ** 40

export function characteristicCurve(emulsion: Emulsion): Curve {
  const sky = skyLogExposure(emulsion)
  const density = (intensity: number) =>
    intensity <= SMALLEST ? emulsion.fog : characteristic(emulsion, sky + Math.log10(intensity))
  const bits = new Int32Array(1)
  const value = new Float32Array(bits.buffer)
  const bitsOf = (number: number) => {
    value[0] = number
    return bits[0]!
  }
  // A float's bit pattern is a piecewise linear logarithm: its upper bits index the table, the rest interpolate.
  const first = bitsOf(SMALLEST) >>> SHIFT
  const last = bitsOf(LARGEST) >>> SHIFT
  const table = new Float32Array(last - first + 2)
  for (let i = 0; i < table.length; i++) {
    bits[0] = (first + i) << SHIFT
    table[i] = density(value[0]!)
  }
  const fraction = 1 / (1 << SHIFT)
  const mask = (1 << SHIFT) - 1
  return {
    density,
    skySlope: (density(1.005) - density(0.995)) / Math.log10(1.005 / 0.995),
    apply(intensity) {
      const pattern = new Int32Array(intensity.buffer, intensity.byteOffset, intensity.length)
      for (let i = 0; i < intensity.length; i++) {
        const light = intensity[i]!
        if (light <= SMALLEST) intensity[i] = emulsion.fog
        else {
          const index = Math.min((pattern[i]! >>> SHIFT) - first, table.length - 2)
          const below = table[index]!
          intensity[i] = below + (table[index + 1]! - below) * (pattern[i]! & mask) * fraction
        }
      }
    },
  }
}

const KERNEL_HALF = 3

/** Weights of the grain's correlation along one axis, scaled so that the noise keeps its variance. */
export function grainKernel(grainPx: number): Float32Array {
  const weights = Array.from({ length: 2 * KERNEL_HALF + 1 }, (_, i) =>
    grainPx > 0 ? Math.exp(-0.5 * ((i - KERNEL_HALF) / grainPx) ** 2) : Number(i === KERNEL_HALF),
  )
  const norm = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0))
  return Float32Array.from(weights, (w) => w / norm)
}

/**
 * Unit noise, correlated over the grain, for `rows` rows of `width` pixels from row y0 on; a function of seed and pixel
 * alone, whatever the strips.
 */
export function grainNoise(
  strip: { width: number; y0: number; rows: number },
  seed: number,
  grainPx: number,
) {
  const { width, y0, rows } = strip
  const kernel = grainKernel(grainPx)
  const white = new Float32Array(width + 2 * KERNEL_HALF)
  const smooth = new Float32Array(width)
  const out = new Float32Array(width * rows)
  for (let y = y0 - KERNEL_HALF; y < y0 + rows + KERNEL_HALF; y++) {
    noiseRow(white, seed, -KERNEL_HALF, y)
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * white[x + k]!
      smooth[x] = sum
    }
    for (let k = 0; k < kernel.length; k++) {
      const row = y + k - KERNEL_HALF - y0
      const weight = kernel[k]!
      if (row < 0 || row >= rows || weight === 0) continue
      const start = row * width
      for (let x = 0; x < width; x++) out[start + x]! += weight * smooth[x]!
    }
  }
  return out
}
