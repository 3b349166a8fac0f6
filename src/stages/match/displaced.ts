// A solution may be right in one part of the plate and wrong in another: a plate that was broken and laid together badly, a
// distortion beyond the model, a fit drawn to a cluster. There, images and reference stars are both left without a partner,
// and match when the part is moved. (Under a label or an inscription they are left over too, but no move matches them.)
import type { Detections } from '../../detections.ts'
import { quantile } from '../../math/robust.ts'
import { type MagnitudeRelation, predictedMagnitude } from '../../models/magnitudes.ts'
import { type PlateConstants, pixelOf } from '../../models/plate-constants.ts'
import { MAX_MAGNITUDE_SIGMA, type Pairs, type ProjectedStars } from '../match.ts'
import { negativeBinomialTail } from './chance.ts'

export interface DisplacedInput {
  detections: Detections
  /** Rows of the detections that may be paired. */
  candidates: Int32Array
  pairs: Pairs
  projected: ProjectedStars
  constants: PlateConstants
  magnitudes: MagnitudeRelation | null
  width: number
  height: number
  /** How well pairs agree, and how far from its place an overexposed image may still lie, px. */
  radiusPx: number
  reachPx: number
}

export interface DisplacedPart {
  /** Middle of the part, px. */
  x: number
  y: number
  /** Move that brings its reference stars to its images, px. */
  dx: number
  dy: number
  /** Images that the move explains. */
  stars: number
}

const DIVISIONS = [1, 2, 4] // parts per axis
const LEAST_CELL_PX = 3
const LEAST_CELLS = 30 // across the moves to each side: coarser ones would tell nothing
const MOST_IMAGES = 200 // of a part
const MOST_STARS = 1500 // in and around it
const TRIED = DIVISIONS.reduce((sum, parts) => sum + parts * parts, 0)
const FARTHEST = 0.5 // of the scan's longer side
const FAINTEST = 0.9 // quantile of the pairs' magnitudes: what is fainter is left over everywhere
const MIN_STARS = 6
const MAX_PROBABILITY = 1e-3 // that chance shows a move anywhere on a plate
const SURROUNDINGS = 6 // cells about a move that tell what chance gives
const RING_CELLS = (2 * SURROUNDINGS + 1) ** 2 - 25

interface Place {
  x: number
  y: number
  magnitude: number
}

/**
 * The parts of the plate that match only when they are moved. Looked for in the whole plate, where few stars serve, and in
 * quarters and sixteenths, over which a turn or a stretch is small; told for the division that explains most.
 */
export function displacedParts(input: DisplacedInput): DisplacedPart[] {
  const images = leftOverImages(input)
  const stars = leftOverStars(input)
  const divided = DIVISIONS.map((parts) => displacedIn(input, images, stars, parts))
  const total = (found: readonly DisplacedPart[]) => found.reduce((sum, part) => sum + part.stars, 0)
  return divided.reduce((best, found) => (total(found) > total(best) ? found : best))
}

function displacedIn(
  input: DisplacedInput,
  images: readonly Place[],
  stars: readonly Place[],
  parts: number,
): DisplacedPart[] {
  const { width, height } = input
  const farthest = FARTHEST * Math.max(width, height)
  const found: DisplacedPart[] = []
  for (let part = 0; part < parts * parts; part++) {
    const [x0, y0] = [((part % parts) * width) / parts, (Math.floor(part / parts) * height) / parts]
    const [x1, y1] = [x0 + width / parts, y0 + height / parts]
    const within = (p: Place, margin: number) =>
      p.x >= x0 - margin && p.x < x1 + margin && p.y >= y0 - margin && p.y < y1 + margin
    const own = images.filter((p) => within(p, 0)).slice(0, MOST_IMAGES)
    const around = stars.filter((p) => within(p, farthest)).slice(0, MOST_STARS)
    if (own.length < MIN_STARS || around.length < MIN_STARS) continue
    const move = commonMove(own, around, farthest, input)
    if (move !== undefined) found.push({ x: (x0 + x1) / 2, y: (y0 + y1) / 2, ...move })
  }
  return found
}

/** Images without a pair, bright first; those too faint to be matched everywhere are left out. */
function leftOverImages({ detections: d, candidates, pairs, magnitudes }: DisplacedInput): Place[] {
  const paired = new Set(pairs.detection)
  const limit = quantile(
    Array.from(pairs.detection, (row) => d.magInst[row]!).filter(Number.isFinite),
    FAINTEST,
  )
  return Array.from(candidates)
    .filter((row) => !paired.has(row) && d.magInst[row]! <= limit)
    .sort((a, b) => d.magInst[a]! - d.magInst[b]! || a - b)
    .map((row) => ({
      x: d.x[row]!,
      y: d.y[row]!,
      magnitude: magnitudes === null ? Number.NaN : predictedMagnitude(magnitudes, d.brightness[row]!),
    }))
}

/** Reference stars without a pair, where the solution puts them, bright first. */
function leftOverStars({ projected, pairs, constants }: DisplacedInput): Place[] {
  const { gMag } = projected.stars
  const paired = new Set(pairs.reference)
  const limit = quantile(Array.from(pairs.reference, (row) => gMag[row]!).filter(Number.isFinite), FAINTEST)
  return Array.from(projected.rows)
    .filter((row) => !paired.has(row) && gMag[row]! <= limit)
    .sort((a, b) => gMag[a]! - gMag[b]! || a - b)
    .flatMap((row) => {
      const at = pixelOf(constants, projected.xi[row]!, projected.eta[row]!)
      return at === undefined ? [] : [{ ...at, magnitude: gMag[row]! }]
    })
}

/** The move that explains more of the images than chance does; undefined where there is none. */
function commonMove(
  images: readonly Place[],
  stars: readonly Place[],
  farthest: number,
  { magnitudes, radiusPx, reachPx }: DisplacedInput,
): Pick<DisplacedPart, 'dx' | 'dy' | 'stars'> | undefined {
  const cell = Math.max(LEAST_CELL_PX, 3 * radiusPx)
  const searched = Math.ceil(farthest / cell)
  if (searched < LEAST_CELLS) return undefined
  const side = searched + SURROUNDINGS + 1
  const stride = 2 * side + 1
  const counts = new Uint16Array(stride * stride)
  const lastImage = new Int32Array(stride * stride).fill(-1)
  const tolerance = magnitudes === null ? Number.POSITIVE_INFINITY : MAX_MAGNITUDE_SIGMA * magnitudes.scatter
  images.forEach((image, k) => {
    for (const star of stars) {
      if (Math.abs(star.magnitude - image.magnitude) > tolerance) continue
      const [i, j] = [Math.round((image.x - star.x) / cell), Math.round((image.y - star.y) / cell)]
      if (Math.abs(i) > side || Math.abs(j) > side) continue
      const at = (j + side) * stride + i + side
      if (lastImage[at] === k) continue // an image counts once for a move
      lastImage[at] = k
      counts[at]!++
    }
  })
  const squareAt = squareSums(counts, stride)
  let best: { i: number; j: number; stars: number; expected: number; sigmas: number } | undefined
  for (let j = -searched; j <= searched; j++) {
    for (let i = -searched; i <= searched; i++) {
      const distance = Math.hypot(i, j) * cell
      if (counts[(j + side) * stride + i + side] === 0 || distance > farthest || distance < 2 * reachPx)
        continue
      const found = squareAt(i + side, j + side, 1)
      if (found < MIN_STARS) continue
      const ring = squareAt(i + side, j + side, SURROUNDINGS) - squareAt(i + side, j + side, 2)
      const expected = (9 * ring) / RING_CELLS
      const sigmas = (found - expected) / Math.sqrt(expected + 1)
      if (best === undefined || sigmas > best.sigmas) best = { i, j, stars: found, expected, sigmas }
    }
  }
  if (best === undefined) return undefined
  const { expected } = best
  // One to one: on a blot beside a lone star, every speck would be moved to that star.
  const { i, j } = best
  const matched = { images: new Set<Place>(), stars: new Set<Place>() }
  for (const image of images) {
    for (const star of stars) {
      const isMagnitude = !(Math.abs(star.magnitude - image.magnitude) > tolerance)
      const [di, dj] = [(image.x - star.x) / cell - i, (image.y - star.y) / cell - j]
      if (!isMagnitude || Math.abs(di) > 1.5 || Math.abs(dj) > 1.5) continue
      matched.images.add(image)
      matched.stars.add(star)
    }
  }
  const found = Math.min(matched.images.size, matched.stars.size)
  // A mean as known from that many cells: a negative binomial law, as in the chance test; every cell of every part is a trial.
  const shape = (expected * RING_CELLS) / 9 + 0.5
  const probability = negativeBinomialTail(found, (9 * shape) / RING_CELLS, shape)
  if (probability * counts.length * TRIED > MAX_PROBABILITY) return undefined
  const { dx, dy } = centroid(counts, stride, (best.j + side) * stride + best.i + side)
  return { dx: dx * cell, dy: dy * cell, stars: Math.max(0, Math.round(found - expected)) }
}

/** Mean of the cell and its neighbours by their counts, in cells from the middle. */
function centroid(counts: Uint16Array, stride: number, at: number): { dx: number; dy: number } {
  const side = (stride - 1) / 2
  let [sum, dx, dy] = [0, 0, 0]
  for (const y of [-1, 0, 1]) {
    for (const x of [-1, 0, 1]) {
      const count = counts[at + y * stride + x] ?? 0
      sum += count
      dx += count * ((at % stride) + x - side)
      dy += count * (Math.floor(at / stride) + y - side)
    }
  }
  return { dx: dx / sum, dy: dy / sum }
}

/** Sums over squares of cells about a cell, from one table of sums. */
function squareSums(
  counts: Uint16Array,
  stride: number,
): (column: number, row: number, radius: number) => number {
  const wide = stride + 1
  const table = new Float64Array(wide * wide)
  for (let y = 0; y < stride; y++) {
    let row = 0
    for (let x = 0; x < stride; x++) {
      row += counts[y * stride + x]!
      table[(y + 1) * wide + x + 1] = table[y * wide + x + 1]! + row
    }
  }
  const at = (x: number, y: number) => table[y * wide + x]!
  return (column, row, radius) => {
    const [x0, x1] = [Math.max(0, column - radius), Math.min(stride, column + radius + 1)]
    const [y0, y1] = [Math.max(0, row - radius), Math.min(stride, row + radius + 1)]
    return at(x1, y1) - at(x0, y1) - at(x1, y0) + at(x0, y0)
  }
}
