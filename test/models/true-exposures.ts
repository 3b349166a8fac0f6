// Several exposures on one plate, as refine is given each: the same stars, a pointing, rotation, scale and depth of each
// exposure's own, one distortion that stays on the plate or moves with the exposure. No pixels are drawn.
import type { EpochStars } from '../../src/catalog/at-epoch.ts'
import type { Moved } from '../../src/joint-exposures.ts'
import { DEG } from '../../src/math/sphere.ts'
import { toStandard } from '../../src/math/tangent.ts'
import {
  frameOf,
  type PlateConstants,
  pixelOf,
  pixelOfPlace,
  skyAt,
} from '../../src/models/plate-constants.ts'
import { type Refined, type RefineInput, refine } from '../../src/refine.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'
import { CONFIG } from './true-field.ts'
import { centringPx, detectionsAt, drawMagnitude, starsAt, truePlate } from './true-plate.ts'

/** By how much an image is shifted, px, at a scaled place of the telescope's field, of magnitude `m` fainter than 14. */
export type Distortion = (u: number, v: number, m: number) => [dx: number, dy: number]

export interface TrueExposure {
  /** Of the images against those of the first exposure, px. */
  offsetPx: [x: number, y: number]
  turnDeg?: number
  stretch?: number
  /** The images are fainter by this. */
  magStep?: number
  /** Instead of the plate's. */
  distortion?: Distortion
}

export interface TrueExposuresOptions {
  seed: number
  exposures: TrueExposure[]
  /** Stars per exposure that a plate without magnitude steps shows. */
  count: number
  distortion: Distortion
  moved?: Moved
  widthPx?: number
  scaleArcsecPx?: number
  decDeg?: number
  /** Multiplies the errors of all images. */
  noise?: number
}

export interface Exposed {
  input: RefineInput
  /** The place on the sky, radians, of the image at a place of the plate. */
  truth: (x: number, y: number, mag?: number) => { raRad: number; decRad: number }
  frame: PlateConstants['frame']
}

const LIMIT = 16
const DEEPER_MAG = 1

export function trueExposures(options: TrueExposuresOptions): Exposed[] {
  const { seed, count, moved = 'telescope', noise = 1 } = options
  const { widthPx: width = 2000, scaleArcsecPx = 2, decDeg = 20 } = options
  const random = randomStream(seed, 'true exposures')
  const sky = { width, height: width, scaleArcsecPx, decDeg }
  const first = truePlate(sky)
  const stars = starsOf(first, width, count, random)
  const frame = frameOf(width, width)
  const found = options.exposures.map((exposure, k) => {
    const [dx, dy] = exposure.offsetPx
    // The place on the sky that falls on the middle of the scan, but for the distortion.
    const middle = skyAt(first, frame.x0 - dx, frame.y0 - dy)
    const turned = truePlate({ ...sky, rotationDeg: exposure.turnDeg ?? 0 })
    const stretch = 1 + (exposure.stretch ?? 0)
    const linear: PlateConstants = {
      ...turned,
      ...{ ra0: middle.raRad, dec0: middle.decRad },
      xi: turned.xi.map((c) => c * stretch),
      eta: turned.eta.map((c) => c * stretch),
    }
    const distortion = exposure.distortion ?? options.distortion
    // Of the telescope's field on the plate: the first exposure has it in the middle.
    const centre =
      moved === 'plate' ? pixelOfPlace(linear, first.ra0, first.dec0)! : { x: frame.x0, y: frame.y0 }
    const bend = (x: number, y: number, mag: number) => {
      const [u, v] = [(x - centre.x) / frame.halfPx, (y - centre.y) / frame.halfPx]
      return distortion(u, v, mag + (exposure.magStep ?? 0) - 14)
    }
    const images = imagesOf(stars, linear, bend, exposure.magStep ?? 0, noise, width, random)
    const truth = (x: number, y: number, mag = 14) => {
      let [p, q] = [x, y]
      for (let step = 0; step < 20; step++) {
        const [bx, by] = bend(p, q, mag)
        ;[p, q] = [x - bx, y - by]
      }
      return skyAt(linear, p, q)
    }
    return { k, linear, images, truth }
  })
  // One list of detections for all exposures, as of a plate; each exposure may only be paired with its own.
  const all = found.flatMap(({ k, images }) => images.map((image) => ({ ...image, k })))
  const detections = detectionsAt(
    all.map(({ x }) => x),
    all.map(({ y }) => y),
    { magInst: all.map(({ magInst }) => magInst) },
  )
  return found.map(({ k, linear, truth }) => {
    const own = Array.from(all.keys()).filter((row) => all[row]!.k === k)
    const input: RefineInput = {
      start: linear,
      detections,
      ranked: Int32Array.from(own.sort((a, b) => all[a]!.magInst - all[b]!.magInst)),
      reject: Int32Array.from(all, (image) => (image.k === k ? 0 : OTHER)),
      stars,
      ...{ width, height: width },
    }
    return { input, truth, frame }
  })
}

const OTHER = 1 << 20 // a reason that is none of the filter's

function starsOf(plate: PlateConstants, width: number, count: number, random: Random): EpochStars {
  const margin = 0.2 * width
  const area = (1 + 0.4) ** 2
  const deeper = 10 ** (0.35 * DEEPER_MAG)
  const drawn = Array.from({ length: Math.round(count * area * deeper) }, () => ({
    x: random.between(-margin, width + margin),
    y: random.between(-margin, width + margin),
    gMag: drawMagnitude(random, 9, LIMIT + DEEPER_MAG),
    bpRp: 0.9 + 0.4 * random.gauss(),
  }))
  return starsAt(plate, drawn, 2)
}

interface Image {
  x: number
  y: number
  magInst: number
}

function imagesOf(
  stars: EpochStars,
  linear: PlateConstants,
  bend: (x: number, y: number, mag: number) => [number, number],
  magStep: number,
  noise: number,
  width: number,
  random: Random,
): Image[] {
  const images: Image[] = []
  for (let row = 0; row < stars.length; row++) {
    const mag = stars.gMag[row]! + magStep
    const place = toStandard(stars.raDeg[row]! * DEG, stars.decDeg[row]! * DEG, linear.ra0, linear.dec0)
    const pixel = place && pixelOf(linear, place.xi, place.eta)
    const [ex, ey, em] = [random.gauss(), random.gauss(), random.gauss()]
    if (pixel === undefined || mag > LIMIT) continue
    const [bx, by] = bend(pixel.x, pixel.y, stars.gMag[row]!)
    const error = noise * centringPx(mag)
    const [x, y] = [pixel.x + bx + error * ex, pixel.y + by + error * ey]
    if (x < 2 || y < 2 || x > width - 1 || y > width - 1) continue
    images.push({ x, y, magInst: mag - 25 + 0.1 * em })
  }
  return images
}

/** Each exposure refined alone. @throws where one of them cannot be */
export function refinedAlone(exposed: readonly Exposed[]): { input: RefineInput; refined: Refined }[] {
  return exposed.map(({ input }) => {
    const refined = refine(input, CONFIG)
    if (refined === undefined) throw new Error('an exposure cannot be refined alone')
    return { input, refined }
  })
}

/** Rms distance per axis from the truth over the scan, px of the linear scale. */
export function rmsOffPx(
  constants: PlateConstants,
  { truth, frame }: Exposed,
  scaleRadPx: number,
  mag = 14,
): number {
  let sum = 0
  const points = 11
  for (let k = 0; k < points ** 2; k++) {
    const u = ((k % points) / (points - 1)) * 1.9 - 0.95
    const v = (Math.floor(k / points) / (points - 1)) * 1.9 - 0.95
    const [x, y] = [frame.x0 + u * frame.halfPx, frame.y0 + v * frame.halfPx]
    const [own, right] = [skyAt(constants, x, y, mag), truth(x, y, mag)]
    const east = (own.raRad - right.raRad) * Math.cos(right.decRad)
    sum += (east ** 2 + (own.decRad - right.decRad) ** 2) / 2
  }
  return Math.sqrt(sum / points ** 2) / scaleRadPx
}
