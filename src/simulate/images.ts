// Which images the stars leave on the plate: one per star and exposure, its true place, brightness and spots of light.
import { propagate } from '../math/epoch.ts'
import { separationDeg } from '../math/sphere.ts'
import { PIVOT_COLOUR, type PlateConstants } from './geometry.ts'
import { exposureMapping, skyCentre } from './pointing.ts'
import type { Random } from './random.ts'
import { TRUTH_EPOCH_YR, type TrueStar } from './sky.ts'
import type { Spot } from './starlight.ts'

/** One exposure of the plate. */
export interface Exposure {
  epochYr: number
  /** Shift on the plate (before it is turned in the scan) of a star at its centre, micrometres. */
  offsetUm: [x: number, y: number]
  /** Tangent point of the exposure, where the telescope was moved and not the plate; degrees. */
  pointing?: { raDeg: number; decDeg: number }
  /** The stars are turned by this about the centre of their field, counter-clockwise on the plate, degrees. */
  turnDeg: number
  /** Fainter than the first exposure by this. */
  magStep: number
  /** Of the images of a grating: 1 and -1; 0 for direct images. */
  order: number
}

/** How the light of one image is spread: a single spot, a trail, a spectrum, or a disc out of focus. */
export interface Spread {
  kind: 'point' | 'trail' | 'spectrum' | 'disc'
  /** Of a trail or a spectrum; diameter of a disc. */
  lengthPx: number
  /** Inner over outer diameter of a disc. */
  hole?: number
  angleRad: number
}

/** The true image of one star in one exposure. Pixels are FITS pixels. */
export interface StarImage {
  star: TrueStar
  exposure: number
  /** At the epoch of the exposure, degrees. */
  raDeg: number
  decDeg: number
  /** Where the optics put it. */
  x: number
  y: number
  /** Where the emulsion and the grain put it: the optical place plus the jitter. */
  xImage: number
  yImage: number
  /** Plate magnitude in this exposure. */
  mag: number
  /** Intensity at the top of a point image of this star, sky units. */
  peak: number
}

export interface ImageRequest {
  stars: readonly TrueStar[]
  exposures: readonly Exposure[]
  constants: PlateConstants
  colourTerm: number
  /** Plate magnitude of the faintest images, and the intensity at their top. */
  limitMag: number
  limitPeak: number
  jitterUm: number
  width: number
  height: number
  /** From the centre of the plate to beyond its corners. */
  radiusDeg: number
  /** Images are kept this far outside the scan: their light may reach it. */
  marginPx: number
}

const FAINTER_THAN_LIMIT = 1.5 // stars below the limit still make the sky uneven
const JITTER_AT_LIMIT = 3 // times that at the bright end

/** Jitter of an image, micrometres per axis: that of bright images, tripling towards the limit. */
function jitterSigma(mag: number, request: ImageRequest): number {
  const above = Math.max(0, Math.min(1, 1 - (request.limitMag - mag) / 5))
  return request.jitterUm * (1 + (JITTER_AT_LIMIT - 1) * above)
}

/** The images on or near the plate, brightest first within each exposure. */
export function starImages(request: ImageRequest, random: Random): StarImage[] {
  const images: StarImage[] = []
  const farDeg = 2 * request.radiusDeg
  request.exposures.forEach((exposure, index) => {
    const toPixel = exposureMapping(exposure, request.constants)
    const centre = skyCentre(exposure, request.constants)
    const sorted = [...request.stars].sort((a, b) => a.gMag - b.gMag)
    for (const star of sorted) {
      const mag = star.gMag + request.colourTerm * (star.bpRp - PIVOT_COLOUR) + exposure.magStep
      if (mag > request.limitMag + FAINTER_THAN_LIMIT) continue
      // Stars of another exposure's field: a distortion that grows with the cube might bring them back onto the plate.
      if (separationDeg(star.raDeg, star.decDeg, centre.raDeg, centre.decDeg) > farDeg) continue
      const place = propagate(star, exposure.epochYr - TRUTH_EPOCH_YR)
      const pixel = toPixel(place.raDeg, place.decDeg, mag, star.bpRp)
      const sigmaPx = jitterSigma(mag, request) / request.constants.pixelUm
      const [jitterX, jitterY] = [random.gauss() * sigmaPx, random.gauss() * sigmaPx]
      if (!pixel) continue
      const { x, y } = pixel
      const margin = request.marginPx
      if (x < -margin || y < -margin || x > request.width + margin || y > request.height + margin) continue
      const peak = request.limitPeak * 10 ** (0.4 * (request.limitMag - mag))
      images.push({
        star,
        exposure: index,
        ...place,
        x,
        y,
        xImage: x + jitterX,
        yImage: y + jitterY,
        mag,
        peak,
      })
    }
  })
  return images
}

const SPOTS_PER_FWHM = 3

/**
 * Relative intensity of a spectrum on a blue-sensitive emulsion, at t from 0 (red end) to 1 (violet end): the continuum
 * of the star's colour, cut off at both ends, with the Balmer lines of hot stars or the G band, H and K of cool ones.
 */
function spectrumIntensity(t: number, bpRp: number): number {
  const ends = Math.exp(-(((t - 0.5) / 0.3) ** 4))
  const slope = Math.exp((t - 0.5) * 1.5 * (PIVOT_COLOUR - bpRp))
  const hot = bpRp < 0.5
  const lines = hot ? [0.32, 0.56, 0.68, 0.76, 0.81] : [0.55, 0.79, 0.83]
  const depth = hot ? 0.6 : 0.45
  const absorbed = lines.reduce(
    (rest, line) => rest * (1 - depth * Math.exp(-(((t - line) / 0.012) ** 2))),
    1,
  )
  return ends * slope * absorbed
}

/**
 * The spots of light that make up an image, pixels counted from 0. The light of a trail or a spectrum is that of the
 * point image; its middle is the true place. Brighter spectra are longer because their faint ends reach the emulsion.
 */
export function spotsOf(
  image: StarImage,
  spread: Spread,
  shape: { fwhmPx: number; stretch: number; angle: number },
): Spot[] {
  const base = { x: image.xImage - 1, y: image.yImage - 1, stretch: shape.stretch, angle: shape.angle }
  if (spread.kind === 'point') return [{ ...base, peak: image.peak }]
  if (spread.kind === 'disc') return discSpots({ ...base, peak: image.peak }, spread, shape.fwhmPx)
  const count = Math.max(2, Math.ceil((spread.lengthPx / shape.fwhmPx) * SPOTS_PER_FWHM))
  const parts = Array.from({ length: count }, (_, i) => (i + 0.5) / count)
  const weights = parts.map((t) => (spread.kind === 'trail' ? 1 : spectrumIntensity(t, image.star.bpRp)))
  const total = weights.reduce((sum, w) => sum + w, 0)
  const [c, s] = [Math.cos(spread.angleRad), Math.sin(spread.angleRad)]
  return parts.map((t, i) => ({
    ...base,
    x: base.x + (t - 0.5) * spread.lengthPx * c,
    y: base.y + (t - 0.5) * spread.lengthPx * s,
    peak: (image.peak * weights[i]!) / total,
  }))
}

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))
const DISC_SPOTS_PER_FWHM = 2 // along either axis

/** The light of a point, spread evenly over a disc or a ring: spots along a spiral, each for an equal area (Vogel 1979). */
function discSpots(point: Spot, { lengthPx, hole = 0 }: Spread, fwhmPx: number): Spot[] {
  const across = (DISC_SPOTS_PER_FWHM * lengthPx) / fwhmPx
  const count = Math.max(7, Math.ceil((Math.PI / 4) * across ** 2 * (1 - hole ** 2)))
  return Array.from({ length: count }, (_, i) => {
    const radius = (lengthPx / 2) * Math.sqrt(hole ** 2 + ((1 - hole ** 2) * (i + 0.5)) / count)
    const angle = i * GOLDEN_ANGLE
    return {
      ...point,
      x: point.x + radius * Math.cos(angle),
      y: point.y + radius * Math.sin(angle),
      peak: point.peak / count,
    }
  })
}
