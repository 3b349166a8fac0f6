// The light of one star on the emulsion: Moffat core, faint aureole, halation ring, diffraction spikes.
import { clipBox, type Strip } from './strip.ts'

/** The shape that all images of a plate share; lengths in pixels. */
export interface ImageShape {
  fwhmPx: number
  /** Exponent of the Moffat profile (1 + r²/α²)^−β. */
  beta: number
  /** Fraction of the light returned by the back of the glass, and the radius where it comes back. */
  halation: number
  halationPx: number
  /** Strength of diffraction spikes, 0 for none. */
  spikes: number
  /** Direction of the first spike, radians. */
  spikeAngle: number
}

/** One spot of light: pixels from 0, intensity at its top in units of the sky, stretched along `angle`. */
export interface Spot {
  x: number
  y: number
  peak: number
  stretch: number
  angle: number
}

/** Light below this fraction of the sky changes the density by less than a tenth of the grain. */
const FAINTEST = 0.002
/** Scattered light: 0.4 % of the peak in a Moffat of six times the width that falls as r⁻³. */
const AUREOLE = { strength: 0.004, width: 6, beta: 1.5 }
const INNER_HALATION = 0.1 // of the ring's brightness inside it: light that returns below the critical angle
const SPIKE_WIDTH = 0.35 // of the FWHM, standard deviation

function moffatAlpha(fwhmPx: number, beta: number): number {
  return fwhmPx / (2 * Math.sqrt(2 ** (1 / beta) - 1))
}

function moffatRadius(peak: number, level: number, alpha: number, beta: number): number {
  return peak <= level ? 0 : alpha * Math.sqrt((peak / level) ** (1 / beta) - 1)
}

/** The light in the core of a star whose image has this peak, in sky intensities times square pixels. */
export function totalLight(peak: number, shape: ImageShape): number {
  const alpha = moffatAlpha(shape.fwhmPx, shape.beta)
  return (peak * Math.PI * alpha * alpha) / (shape.beta - 1)
}

/** Intensity just outside the halation ring; it falls as r⁻⁴ from there, so that the ring holds `halation` of the light. */
function ringIntensity(peak: number, shape: ImageShape): number {
  return (shape.halation * totalLight(peak, shape)) / (Math.PI * shape.halationPx ** 2)
}

/** How far from its centre the light of a spot matters, pixels. */
export function spotRadius(peak: number, stretch: number, shape: ImageShape): number {
  const alpha = moffatAlpha(shape.fwhmPx, shape.beta)
  const core = moffatRadius(peak, FAINTEST, alpha, shape.beta) * stretch
  const aureole = moffatRadius(peak * AUREOLE.strength, FAINTEST, alpha * AUREOLE.width, AUREOLE.beta)
  const ring = ringIntensity(peak, shape)
  const halation = ring > FAINTEST ? shape.halationPx * (ring / FAINTEST) ** 0.25 : 0
  return Math.ceil(Math.max(core, aureole, halation, spikeLength(peak, shape)) + 1)
}

/** Spikes fall as 1/r; they end where they are lost in the sky. */
function spikeLength(peak: number, shape: ImageShape): number {
  const strength = shape.spikes * peak
  return strength > 10 * FAINTEST ? shape.fwhmPx * ((strength / (10 * FAINTEST)) ** 0.5 - 1) : 0
}

/** Adds the light of a spot to the plane of a strip. */
export function addSpot(light: Float32Array, strip: Strip, spot: Spot, shape: ImageShape): void {
  const alpha = moffatAlpha(shape.fwhmPx, shape.beta)
  const core = moffatRadius(spot.peak, FAINTEST, alpha, shape.beta) * Math.max(1, spot.stretch)
  addMoffat(
    light,
    strip,
    { ...spot, peak: spot.peak / spot.stretch },
    { alpha, beta: shape.beta, radius: core },
  )
  const wide = { peak: spot.peak * AUREOLE.strength, alpha: alpha * AUREOLE.width }
  const aureole = moffatRadius(wide.peak, FAINTEST, wide.alpha, AUREOLE.beta)
  if (aureole > 0) {
    const round = { ...spot, peak: wide.peak, stretch: 1 }
    addMoffat(light, strip, round, { alpha: wide.alpha, beta: AUREOLE.beta, radius: aureole })
  }
  if (ringIntensity(spot.peak, shape) > FAINTEST) addHalation(light, strip, spot, shape)
  if (spikeLength(spot.peak, shape) > shape.fwhmPx) addSpikes(light, strip, spot, shape)
}

interface Moffat {
  alpha: number
  beta: number
  radius: number
}

function addMoffat(light: Float32Array, strip: Strip, spot: Spot, moffat: Moffat): void {
  const { alpha, beta, radius } = moffat
  const box = clipBox(strip, spot.x - radius, spot.x + radius, spot.y - radius, spot.y + radius)
  const [c, s] = [Math.cos(spot.angle), Math.sin(spot.angle)]
  const [scaleU, scaleV] = [1 / (alpha * spot.stretch) ** 2, 1 / (alpha * alpha)]
  for (let y = box.y0; y <= box.y1; y++) {
    const dy = y - spot.y
    const row = (y - strip.y0) * strip.width
    for (let x = box.x0; x <= box.x1; x++) {
      const dx = x - spot.x
      const u = dx * c + dy * s
      const v = dy * c - dx * s
      const q = 1 + u * u * scaleU + v * v * scaleV
      const power = beta === 3 ? 1 / (q * q * q) : beta === 1.5 ? 1 / (q * Math.sqrt(q)) : q ** -beta
      // Lowered to meet the sky without a step: a cut edge would pull the centre of light towards the nearer pixels.
      const value = spot.peak * power - FAINTEST
      if (value > 0) light[row + x]! += value
    }
  }
}

function addHalation(light: Float32Array, strip: Strip, spot: Spot, shape: ImageShape): void {
  const ring = ringIntensity(spot.peak, shape)
  const radius = shape.halationPx * (ring / FAINTEST) ** 0.25
  const box = clipBox(strip, spot.x - radius, spot.x + radius, spot.y - radius, spot.y + radius)
  const soft = Math.max(0.03, 1 / shape.halationPx) // the ring's inner edge is as sharp as the glass is even
  for (let y = box.y0; y <= box.y1; y++) {
    const dy = y - spot.y
    const row = (y - strip.y0) * strip.width
    for (let x = box.x0; x <= box.x1; x++) {
      const u = Math.sqrt((x - spot.x) ** 2 + dy * dy) / shape.halationPx
      const outside = 1 / (1 + Math.exp(-(u - 1) / soft))
      light[row + x]! += ring * (INNER_HALATION * (1 - outside) + outside / Math.max(u, 1) ** 4)
    }
  }
}

function addSpikes(light: Float32Array, strip: Strip, spot: Spot, shape: ImageShape): void {
  const length = spikeLength(spot.peak, shape)
  const box = clipBox(strip, spot.x - length, spot.x + length, spot.y - length, spot.y + length)
  const width = SPIKE_WIDTH * shape.fwhmPx
  const strength = shape.spikes * spot.peak
  for (const turn of [0, Math.PI / 2]) {
    const [c, s] = [Math.cos(shape.spikeAngle + turn), Math.sin(shape.spikeAngle + turn)]
    for (let y = box.y0; y <= box.y1; y++) {
      const dy = y - spot.y
      const row = (y - strip.y0) * strip.width
      for (let x = box.x0; x <= box.x1; x++) {
        const dx = x - spot.x
        const across = (dy * c - dx * s) / width
        if (across > 4 || across < -4) continue
        const along = Math.abs(dx * c + dy * s) / shape.fwhmPx
        light[row + x]! += (strength / (1 + along) ** 2) * Math.exp(-0.5 * across * across)
      }
    }
  }
}

/** Radius where core and aureole of a star fall to `level` sky intensities: that of the image one sees, pixels. */
export function isophotalRadius(peak: number, level: number, shape: ImageShape): number {
  const alpha = moffatAlpha(shape.fwhmPx, shape.beta)
  const core = moffatRadius(peak, level, alpha, shape.beta)
  return Math.max(core, moffatRadius(peak * AUREOLE.strength, level, alpha * AUREOLE.width, AUREOLE.beta))
}
