// The plate, strip by strip: light, emulsion, grain, marks, and the scanner's integers.

import { throwIfCancelled } from '../errors.ts'
import type { ImageSink } from '../fits/image.ts'
import type { Background } from './background.ts'
import { type Curve, grainNoise } from './emulsion.ts'
import type { Mark } from './marks.ts'
import { noiseRow } from './random.ts'
import { addSpot, type ImageShape, type Spot, spotRadius } from './starlight.ts'
import { assignToStrips, type RowSpan, type Strip, stripsOf } from './strip.ts'

/** How the scanner turns density into numbers. */
export interface Digitizer {
  values: 'transmission' | 'density'
  polarity: 'negative' | 'positive'
  bits: 8 | 16
  /** Greatest density of the emulsion; density scans reach a little beyond it. */
  dMax: number
}

const SCANNER_NOISE = 0.0012 // of full scale, one pixel
const HEADROOM = 0.02 // of full scale, kept free at either end

function fullScale(digitizer: Digitizer): number {
  return digitizer.bits === 8 ? 255 : 65535
}

/** The value of a pixel of that density, without noise and not yet an integer. */
export function scanValue(density: number, digitizer: Digitizer): number {
  const full = fullScale(digitizer)
  const usable = 1 - 2 * HEADROOM
  const dense = digitizer.values === 'density'
  // A density scan is bright where the plate is dense, a transmission scan where it is clear.
  const bright = dense ? density / (digitizer.dMax + 0.3) : Math.exp(-Math.LN10 * density)
  const value = full * (HEADROOM + usable * bright)
  return dense === (digitizer.polarity === 'positive') ? value : full - value
}

export interface PlateScene {
  width: number
  height: number
  /** Called once for each strip that an image touches: images are many, their spots short-lived. */
  images: readonly { spots(): Spot[]; reach: RowSpan }[]
  shape: ImageShape
  /** Light of objects other than stars. */
  addObjects(light: Float32Array, strip: Strip): void
  background: Background
  curve: Curve
  grain: number
  grainPx: number
  marks: readonly Mark[]
  /** Adds the light of a réseau. */
  drawReseau: ((light: Float32Array, strip: Strip) => void) | undefined
  digitizer: Digitizer
  seed: number
}

/** First and last row that the spots of an image light. */
export function reachOf(spots: readonly Spot[], shape: ImageShape): RowSpan {
  let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const spot of spots) {
    const radius = spotRadius(spot.peak, Math.max(1, spot.stretch), shape)
    top = Math.min(top, spot.y - radius)
    bottom = Math.max(bottom, spot.y + radius)
  }
  return { top, bottom }
}

/** Renders the scene into the sink. Memory is that of one strip, whatever the size of the plate. */
export async function renderPlate(
  scene: PlateScene,
  sink: ImageSink,
  io: { signal?: AbortSignal | undefined; onProgress?: ((text: string) => void) | undefined },
): Promise<void> {
  const strips = stripsOf(scene.width, scene.height)
  const imagesOf = assignToStrips(
    strips,
    scene.images.map((image) => image.reach),
  )
  const marksOf = assignToStrips(strips, scene.marks)
  const full = fullScale(scene.digitizer)
  const scannerSeed = scene.seed ^ 0x51ed270b
  const electronics = new Float32Array(scene.width)
  for (const [k, strip] of strips.entries()) {
    throwIfCancelled(io.signal)
    const pixels = strip.width * strip.rows
    const plane = new Float32Array(pixels) // light first, density later
    for (const index of imagesOf[k]!) {
      for (const spot of scene.images[index]!.spots()) addSpot(plane, strip, spot, scene.shape)
    }
    scene.drawReseau?.(plane, strip)
    scene.addObjects(plane, strip)
    scene.background.expose(plane, strip)
    scene.curve.apply(plane)
    const planes = { opaque: new Float32Array(pixels), clear: new Float32Array(pixels) }
    for (const index of marksOf[k]!) scene.marks[index]!.draw(planes, strip)
    const noise = grainNoise(strip, scene.seed, scene.grainPx)
    const rows = new Float64Array(pixels)
    for (let row = 0; row < strip.rows; row++) {
      noiseRow(electronics, scannerSeed, 0, strip.y0 + row)
      for (let x = 0; x < strip.width; x++) {
        const i = row * strip.width + x
        const silver = plane[i]! * (1 - planes.clear[i]!)
        const density = silver + scene.grain * Math.sqrt(silver) * noise[i]! + planes.opaque[i]!
        const value = scanValue(density, scene.digitizer) + SCANNER_NOISE * full * electronics[x]!
        rows[i] = Math.min(full, Math.max(0, Math.round(value)))
      }
    }
    await sink.writeRows(rows)
    io.onProgress?.(`plate drawn down to row ${strip.y0 + strip.rows} of ${scene.height}`)
  }
}
