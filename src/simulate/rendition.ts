// How strong each image is once the emulsion and the scanner have done their work: known without any noise.
import type { Curve } from './emulsion.ts'
import type { StarImage } from './images.ts'
import { type Digitizer, scanValue } from './scan.ts'
import type { ImageShape, Spot } from './starlight.ts'

/** What the emulsion and the scanner made of the images, one entry per image. */
export interface Rendition {
  /** Noise-free density at its top. */
  peakDensity: Float64Array
  /** Noise-free height above the sky in the scan's units, positive whatever the polarity. */
  peak: Float64Array
  saturated: boolean[]
  onPlate: boolean[]
}

const LIMIT_SIGNAL_TO_NOISE = 5
const SMALLEST_LIMIT_PEAK = 0.02 // with no grain at all

/**
 * Intensity (sky units) at the top of the faintest image that stands out: a matched filter over a Moffat image of that
 * width has signal-to-noise 5 against the grain. ∫P² of a Moffat is πα²/(2β − 1).
 */
export function limitingPeak(
  emulsion: { grain: number; grainSize: number; skyDensity: number; fwhm: number; beta: number },
  curve: Curve,
): number {
  const alpha = emulsion.fwhm / (2 * Math.sqrt(2 ** (1 / emulsion.beta) - 1))
  const footprint = Math.sqrt((Math.PI * alpha * alpha) / (2 * emulsion.beta - 1))
  // Correlated grain averages out more slowly: (Σw)²/Σw² = 2√π σ for a Gaussian kernel, in each of two axes.
  const correlation = Math.max(1, 2 * Math.sqrt(Math.PI) * emulsion.grainSize)
  const sigma = emulsion.grain * Math.sqrt(emulsion.skyDensity) * correlation
  const density = (LIMIT_SIGNAL_TO_NOISE * sigma) / footprint
  return Math.max(SMALLEST_LIMIT_PEAK, 10 ** (density / curve.skySlope) - 1)
}

/** The signal that saturation leaves unused: an image that reaches 97 % of the range above the sky is flat-topped. */
const SATURATED_SHARE = 0.97

export interface RenditionRequest {
  curve: Curve
  digitizer: Digitizer
  shape: ImageShape
  width: number
  height: number
  /** Whether a place (pixels from 0) lies under a border. */
  covered(x: number, y: number): boolean
}

/** Intensity at the brightest spot of an image, with what its neighbouring spots add. */
function topIntensity(spots: readonly Spot[], shape: ImageShape): number {
  const brightest = spots.reduce((best, spot) => (spot.peak > best.peak ? spot : best))
  const alpha = shape.fwhmPx / (2 * Math.sqrt(2 ** (1 / shape.beta) - 1))
  return spots.reduce((sum, spot) => {
    const r2 = (spot.x - brightest.x) ** 2 + (spot.y - brightest.y) ** 2
    return sum + (spot.peak / spot.stretch) * (1 + r2 / (alpha * alpha)) ** -shape.beta
  }, 0)
}

export function renditionOf(
  spots: readonly (() => Spot[])[],
  images: readonly StarImage[],
  request: RenditionRequest,
): Rendition {
  const { curve, digitizer } = request
  const sky = scanValue(curve.density(1), digitizer)
  const range = Math.abs(scanValue(digitizer.dMax, digitizer) - sky)
  const peakDensity = Float64Array.from(spots, (make) =>
    curve.density(1 + topIntensity(make(), request.shape)),
  )
  const peak = peakDensity.map((density) => Math.abs(scanValue(density, digitizer) - sky))
  return {
    peakDensity,
    peak,
    saturated: Array.from(peak, (height) => height > SATURATED_SHARE * range),
    onPlate: images.map(
      ({ x, y }) =>
        x >= 0.5 &&
        y >= 0.5 &&
        x < request.width + 0.5 &&
        y < request.height + 0.5 &&
        !request.covered(x - 1, y - 1),
    ),
  }
}
