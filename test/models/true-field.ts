// What refine and accept are given, on a sky that is known: a plate's detections with artefacts among them, reference stars
// deeper than the plate, and a first solution as rough as a solver's.
import type { EpochStars } from '../../src/catalog/at-epoch.ts'
import { parseConfig } from '../../src/config.ts'
import type { Detections } from '../../src/detections.ts'
import { ARCSEC, DEG } from '../../src/math/sphere.ts'
import { PLATE_MODELS } from '../../src/models/models.ts'
import {
  frameOf,
  fromLinearWcs,
  type PlateConstants,
  pixelOfPlace,
} from '../../src/models/plate-constants.ts'
import type { RefineInput } from '../../src/refine.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'
import {
  centringPx,
  detectionsAt,
  drawStars,
  starsAt,
  type TruePlateOptions,
  truePlate,
} from './true-plate.ts'

export interface FieldOptions extends TruePlateOptions {
  seed: number
  /** Stars that the plate shows; the catalogue holds three times as many, down to a magnitude below. */
  count?: number
  /** Detections that are no stars, as a share of the stars. */
  artefactShare?: number
  /** Error of the first solution: shift of the centre in px, relative error of the scale, turn in degrees. */
  startError?: { shiftPx: number; scale: number; turnDeg: number }
  referenceErrorMas?: number
  /** By how much images lie off their places, px, by scaled place, magnitude less 14, colour less 0.9, and place in px. */
  shift?: (image: ShiftedImage) => [dx: number, dy: number]
}

export interface ShiftedImage {
  u: number
  v: number
  m: number
  c: number
  x: number
  y: number
}

export interface TrueField {
  input: RefineInput
  truth: PlateConstants
  /** Per detection its row of the reference stars, −1 for artefacts. */
  star: Int32Array
  scaleRadPx: number
  /** Per detection the error of its place, px; 0 for artefacts. */
  errorPx: { x: number; y: number }[]
}

export const CONFIG = parseConfig({}, {})
export const FWHM_PX = 3
const PLATE_LIMIT = 16
const DEEPER_MAG = 1.36 // three times as many stars, at 0.35 dex per magnitude

export function trueField(options: FieldOptions): TrueField {
  const { seed, count = 250, artefactShare = 0.2, width = 1000, height = 1000, scaleArcsecPx = 2 } = options
  const random = randomStream(seed, 'true field')
  const truth = truePlate({ ...options, width, height, scaleArcsecPx })
  // Beyond the scan too, as a catalogue of a circle has it.
  const wide = drawStars(random, 6 * count, { width: 2 * width, height, faint: PLATE_LIMIT + DEEPER_MAG })
  const colours = randomStream(seed, 'colours')
  const stars = wide.map((s) => ({ ...s, x: s.x - width / 2, bpRp: 0.9 + 0.4 * colours.gauss() }))
  const shown = stars.flatMap((s, row) =>
    s.gMag < PLATE_LIMIT && isOn(s, width, height) ? [{ ...s, row }] : [],
  )
  const { x0, y0, halfPx } = truth.frame
  const found = shown.map((s) => {
    const error = { x: centringPx(s.gMag) * random.gauss(), y: centringPx(s.gMag) * random.gauss() }
    const [u, v] = [(s.x - x0) / halfPx, (s.y - y0) / halfPx]
    const [dx, dy] = options.shift?.({ u, v, m: s.gMag - 14, c: s.bpRp - 0.9, x: s.x, y: s.y }) ?? [0, 0]
    return {
      x: s.x + error.x + dx,
      y: s.y + error.y + dy,
      magInst: s.gMag - 25 + 0.15 * random.gauss(),
      row: s.row,
      error,
    }
  })
  for (let k = 0; k < artefactShare * count; k++) {
    const [artefact] = drawStars(random, 1, { width, height })
    found.push({
      x: artefact!.x,
      y: artefact!.y,
      magInst: artefact!.gMag - 25,
      row: -1,
      error: { x: 0, y: 0 },
    })
  }
  const detections = detectionsAt(
    found.map(({ x }) => x),
    found.map(({ y }) => y),
    { magInst: found.map(({ magInst }) => magInst) },
  )
  const ranked = Int32Array.from(found.keys()).sort((a, b) => found[a]!.magInst - found[b]!.magInst)
  const input = {
    start: roughStart(truth, width, height, random, options.startError),
    detections,
    ranked,
    reject: new Int32Array(detections.length),
    stars: starsAt(truth, stars, options.referenceErrorMas ?? 10),
    width,
    height,
  }
  const star = Int32Array.from(found, ({ row }) => row)
  return { input, truth, star, scaleRadPx: scaleArcsecPx * ARCSEC, errorPx: found.map(({ error }) => error) }
}

const isOn = ({ x, y }: { x: number; y: number }, width: number, height: number): boolean =>
  x > 2 && y > 2 && x < width - 1 && y < height - 1

/** The linear part of the truth, somewhat off. */
function roughStart(
  truth: PlateConstants,
  width: number,
  height: number,
  random: Random,
  { shiftPx, scale, turnDeg } = { shiftPx: 2, scale: 5e-4, turnDeg: 0.03 },
): PlateConstants {
  const { halfPx, x0, y0 } = truth.frame
  const [c, s] = [Math.cos(turnDeg * random.gauss() * DEG), Math.sin(turnDeg * random.gauss() * DEG)]
  const stretch = (1 + scale * random.gauss()) / halfPx / DEG
  const [a, b, d, e] = [truth.xi[1]!, truth.xi[2]!, truth.eta[1]!, truth.eta[2]!]
  const cd = [a * c + b * s, b * c - a * s, d * c + e * s, e * c - d * s].map((v) => v * stretch)
  const crpix = [x0 + shiftPx * random.gauss(), y0 + shiftPx * random.gauss()] as const
  return fromLinearWcs(
    { crval: [truth.ra0 / DEG, truth.dec0 / DEG], crpix, cd },
    frameOf(width, height),
    PLATE_MODELS[0]!,
  )
}

/** The same stars and magnitudes at other places: a field that the plate does not show. */
export function elsewhere(stars: EpochStars, seed: number): EpochStars {
  const random = randomStream(seed, 'elsewhere')
  const [low, high] = [Math.min(...stars.decDeg), Math.max(...stars.decDeg)]
  const [west, east] = [Math.min(...stars.raDeg), Math.max(...stars.raDeg)]
  return {
    ...stars,
    raDeg: stars.raDeg.map(() => random.between(west, east)),
    decDeg: stars.decDeg.map(() => random.between(low, high)),
  }
}

/** The largest distance over the scan, px, between the places of two constants. */
export function worstApartPx(
  own: PlateConstants,
  truth: PlateConstants,
  skyAt: (c: PlateConstants, x: number, y: number) => { raRad: number; decRad: number },
  width: number,
  height: number,
): number {
  let worst = 0
  for (let k = 0; k < 49; k++) {
    const x = 0.5 + ((k % 7) / 6) * width
    const y = 0.5 + (Math.floor(k / 7) / 6) * height
    const sky = skyAt(own, x, y)
    const back = pixelOfPlace(truth, sky.raRad, sky.decRad)
    worst = Math.max(
      worst,
      back === undefined ? Number.POSITIVE_INFINITY : Math.hypot(back.x - x, back.y - y),
    )
  }
  return worst
}

/** Detections with their stars' light gone: for tests that need a few. */
export function firstOf(detections: Detections, count: number): Int32Array {
  return Int32Array.from({ length: Math.min(count, detections.length) }, (_, i) => i)
}
