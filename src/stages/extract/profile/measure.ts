// Profile fits of a plate's images, with their neighbours, group by group.
import type { Detections } from '../../../detections.ts'
import { median } from '../../../math/robust.ts'
import { type FittedImage, fitGroup, type GroupFit, lightFrom } from './fit.ts'
import { groupImages, type Images } from './group.ts'
import { setSigma } from './learn.ts'
import { knownLight, type Spot } from './light.ts'
import { cutPatch, type Disc, type PositiveScan, type Strip } from './patch.ts'
import { binFor, type PlateShape } from './plate-shape.ts'
import { type ImageShape, levelOf, lightAt, radiusAt, widthOf } from './shape.ts'
import { tabulate } from './table.ts'
import type { Tie } from './ties.ts'

/** One entry per detection; NaN where no profile was fitted. */
export interface Profiles {
  x: Float64Array
  y: Float64Array
  /** Formal errors, for the grain as it is correlated and the misfit as it is. */
  xErrorPx: Float64Array
  yErrorPx: Float64Array
  /** Light at the top: 1 makes a level of 2^(−1/γ) of the plateau. */
  light: Float64Array
  /** Rms residual of its group in units of the noise. */
  misfit: Float64Array
  /** Images in its group, and how many of them no detection stands for. */
  groupSize: Uint8Array
  added: Uint8Array
}

export interface Measured extends Profiles {
  /** Of ln of the light. */
  lightError: Float64Array
  /** Images that no detection stands for, each beside the first detection of its group. */
  beside: (Spot & { row: number })[]
}

/** Two rows that are images of one star. */
export interface RowTie extends Omit<Tie, 'image'> {
  row: number
}

export interface MeasureInput {
  /** Of these, places, backgrounds, peaks and widths. */
  detections: Pick<Detections, 'length' | 'x' | 'y' | 'background' | 'peak' | 'fwhm'>
  signal: AbortSignal
  /** Light of each image, as a start; without it, what peak and width tell. */
  light?: Float64Array
  ties?: readonly RowTie[]
}

const FLANK = 0.08 // of the top: where the flank ends
const WIDEST_FLANK = 5 // widths: of larger images, halation and spikes are the rest
export const SKY_RING = 1 // widths around the flank
export const TRACE = 0.1 // of the noise: less light is none
export const MOST_REACH = 20 // widths: light beyond is sky

const MOST_ADDED = 3
const WORTH_OF_SIGNAL = 0.0005
const WORTH = 25 // half the fall of χ² that shows an image: chance brings this in none of 10¹⁵ trials

export async function measureProfiles(
  scan: PositiveScan,
  { detections: d, signal, light, ties = [] }: MeasureInput,
  plate: PlateShape,
): Promise<Measured> {
  const { shape, noise } = plate
  const widthPx = widthOf(shape)
  const table = tabulate(shape)
  const images = startImages(d, shape, widthPx, noise.skySigma, light)
  const radius = images.light.map((a) => flankOf(shape, a, widthPx))
  const groups = groupImages(images, radius)
  const known = knownLight(images, table, TRACE * noise.skySigma, MOST_REACH * widthPx)
  const result = emptyProfiles(d.length)
  const tiesOf = tiesWithin(ties)

  const fitOne = (strip: Strip, rows: Int32Array): void => {
    const discs = [...rows].map((i) => discOf(i))
    const origin = { x: Math.round(d.x[rows[0]!]!), y: Math.round(d.y[rows[0]!]!) }
    const bin = binFor(plate, widthPx, Math.max(...discs.map((disc) => disc.radius)))
    const patch = cutPatch(strip, discs, origin, bin)
    if (patch.value.length === 0) return
    const sky = median(Float64Array.from(rows, (i) => d.background[i]!))
    setSigma(patch, noise, sky, shape.plateau, plate.noiseOfBin[bin])
    const taken = known.addForeign(patch, rows, discs, origin)
    const start = [...rows].map((i) => ({
      x: d.x[i]! - origin.x,
      y: d.y[i]! - origin.y,
      light: images.light[i]!,
    }))
    const options = { mostAdded: MOST_ADDED, worth: WORTH, worthOfSignal: WORTH_OF_SIGNAL, widthPx, taken }
    const fit = fitGroup(table, patch, { sky, images: start }, { ...options, ties: tiesOf(rows) })
    if (fit === undefined) return
    inOrder(fit, rows.length).forEach((image, k) => {
      const spot = { x: origin.x + image.x, y: origin.y + image.y, light: image.light }
      if (k >= rows.length) {
        known.found(rows[0]!, spot)
        result.beside.push({ row: rows[0]!, ...spot })
        return
      }
      known.fitted(rows[k]!, spot)
      store(result, rows[k]!, spot, image, fit, plate.grain)
    })
  }
  const discOf = (i: number): Disc => ({
    x: d.x[i]!,
    y: d.y[i]!,
    radius: radius[i]! + SKY_RING * widthPx,
    thinFrom: radius[i]!,
  })

  const middle = groups.map((rows) => median(Float64Array.from(rows, (i) => d.y[i]!)))
  const reach = groups.map((rows, g) =>
    Math.max(...[...rows].map((i) => Math.abs(d.y[i]! - middle[g]!) + discOf(i).radius)),
  )
  const farthest = reach.reduce((a, b) => Math.max(a, b), 0)
  const brightest = groups.map((rows) => Math.max(...[...rows].map((i) => images.light[i]!)))
  await scan.visit(middle, farthest + 2, signal, (strip, windows) => {
    // The brightest first: their neighbours then know their light.
    const order = [...windows].sort((a, b) => brightest[b]! - brightest[a]! || a - b)
    for (const g of order) fitOne(strip, groups[g]!)
  })
  return result
}

/** The ties between rows that are fitted together. */
function tiesWithin(ties: readonly RowTie[]): (rows: Int32Array) => Tie[] {
  const ofRow = new Map(ties.map((tie) => [tie.row, tie]))
  return (rows) =>
    [...rows].flatMap((row, image) => {
      const tie = ofRow.get(row)
      const to = tie === undefined ? -1 : rows.indexOf(tie.to)
      return tie === undefined || to < 0 ? [] : [{ ...tie, image, to }]
    })
}

function startImages(
  d: MeasureInput['detections'],
  shape: ImageShape,
  widthPx: number,
  skySigma: number,
  known?: Float64Array,
): Images {
  if (known !== undefined) return { length: d.length, x: d.x, y: d.y, light: known }
  const light = Float64Array.from({ length: d.length }, (_, i) => {
    const fwhm = Math.max(d.fwhm[i]! || widthPx, 0.5 * widthPx)
    return lightFrom(shape, Math.max(d.peak[i]!, skySigma), fwhm)
  })
  return { length: d.length, x: d.x, y: d.y, light }
}

/** Radius out to the foot of an image's flank, where its place is told, px. */
export function flankOf(shape: ImageShape, light: number, widthPx: number): number {
  const foot = radiusAt(shape, light, FLANK * levelOf(shape, light * lightAt(shape, 0))) + 0.5 * widthPx
  return Math.min(WIDEST_FLANK * widthPx, Math.max(widthPx, foot))
}

/** Where an image was divided, the detection is the brighter part. */
function inOrder(fit: GroupFit, detected: number): FittedImage[] {
  const images = [...fit.images]
  for (let k = detected; k < images.length; k++) {
    const more = images[k]!
    const apart = images.slice(0, detected).map((image) => Math.hypot(image.x - more.x, image.y - more.y))
    const nearest = apart.indexOf(Math.min(...apart))
    if (more.light <= images[nearest]!.light) continue
    images[k] = images[nearest]!
    images[nearest] = more
  }
  return images
}

function store(
  result: Measured,
  i: number,
  place: { x: number; y: number },
  image: FittedImage,
  fit: GroupFit,
  grain: number,
): void {
  result.x[i] = place.x
  result.y[i] = place.y
  result.xErrorPx[i] = grain * image.xError
  result.yErrorPx[i] = grain * image.yError
  result.light[i] = image.light
  result.lightError[i] = image.lightError
  result.misfit[i] = fit.misfit
  result.groupSize[i] = fit.images.length
  result.added[i] = fit.added
}

function emptyProfiles(n: number): Measured {
  const nothing = () => new Float64Array(n).fill(Number.NaN)
  return {
    ...{ x: nothing(), y: nothing(), xErrorPx: nothing(), yErrorPx: nothing() },
    ...{ light: nothing(), lightError: nothing(), misfit: nothing() },
    ...{ groupSize: new Uint8Array(n), added: new Uint8Array(n), beside: [] },
  }
}
