// One group of images on its pixels: fitted together; where light is left over that one more image explains, that image
// is added.
import { type Minimum, marquardt } from '../../../math/marquardt.ts'
import { COMMON, linearise, lnWidthOf, type Patch, PER_IMAGE, render } from './model.ts'
import { type ImageShape, levelOf, lightAt, lightOf, radiusAt } from './shape.ts'
import { type ShapeTable, tabulatedLevel, tabulatedLight } from './table.ts'
import { addTies, type Tie } from './ties.ts'

/** Relative to the patch's origin. */
export interface FittedImage {
  x: number
  y: number
  light: number
  xError: number
  yError: number
  /** Of ln of its light. */
  lightError: number
}

export interface GroupFit {
  images: FittedImage[]
  sky: number
  /** Rms residual in units of the noise, robust. */
  misfit: number
  cost: number
  /** Images added to those that it began with: the last ones of the list. */
  added: number
  converged: boolean
}

export interface FitOptions {
  /** At most so many images are added. */
  mostAdded: number
  /** What an added image must lower the cost by, in units of the misfit's square … */
  worth: number
  /** … and what for each unit of the images' own signal: no profile is as exact as a bright image. */
  worthOfSignal: number
  widthPx: number
  /** Images that are not fitted here: none is added on top of them. */
  taken: readonly Taken[]
  /** Between the images that it begins with. */
  ties?: readonly Tie[]
}

export interface Taken {
  x: number
  y: number
  light: number
  fitted: boolean
}

const FIT = { maxIterations: 15, tolerance: 1e-3 }

/** A group that fits as well as this needs no further image. */
const GOOD_MISFIT = 1.0

export function fitGroup(
  table: ShapeTable,
  patch: Patch,
  start: { sky: number; images: { x: number; y: number; light: number }[] },
  options: FitOptions,
): GroupFit | undefined {
  const first = Float64Array.from([
    ...[start.sky, 0, 0, 0],
    ...start.images.flatMap(({ x, y, light }) => [x, y, Math.log(light)]),
  ])
  const run = (p: Float64Array) => {
    const longestStep = Float64Array.from(p, (_, k) => longest(k, options.widthPx))
    const sum = (q: Float64Array, m: Float64Array, g: Float64Array) =>
      linearise(table, patch, q, m, g) + addTies(options.ties ?? [], q, m, g)
    return marquardt(p, sum, { ...FIT, longestStep })
  }
  if (patch.value.length < first.length + 4) return undefined
  const plain = run(first)
  if (plain === undefined) return undefined
  let found: Minimum = plain
  let added = 0
  while (added < options.mostAdded && patch.value.length > found.parameters.length + 8) {
    const freedom = patch.value.length - found.parameters.length
    if (2 * found.cost < GOOD_MISFIT ** 2 * freedom) break
    const better = oneMore(table, patch, found, run, options)
    if (better === undefined) break
    found = better
    added++
  }
  return resultOf(patch, found, added)
}

/** Of the worth, to first order: less is not tried. */
const HOPE = 0.3
/** Blends of equal images fit as badly as this. */
const BAD_MISFIT = 1.4

/** The fit with one more image, where that is worth it: where light is left over, or else the brightest image in two. */
function oneMore(
  table: ShapeTable,
  patch: Patch,
  found: Minimum,
  run: (p: Float64Array) => Minimum | undefined,
  { worth: least, worthOfSignal, widthPx, taken }: FitOptions,
): Minimum | undefined {
  const worth = least + worthOfSignal * signalOf(table, patch, found.parameters)
  const freedom = patch.value.length - found.parameters.length - PER_IMAGE
  const misfit = (2 * found.cost) / freedom
  const left = brightestLeft(table, patch, found.parameters, widthPx, taken)
  const starts = [
    left.gain > HOPE * worth * Math.sqrt(misfit) ? left.start : undefined,
    misfit > BAD_MISFIT ** 2 ? halves(table, found.parameters) : undefined,
  ]
  for (const start of starts) {
    const tried = start && run(start)
    if (
      !tried ||
      !separate(table, tried.parameters, { widthPx, taken }) ||
      !within(patch, tried.parameters, widthPx)
    )
      continue
    // The noise of a group that fits badly is what it fits by.
    const unit = Math.max(1, Math.sqrt((2 * tried.cost) / freedom))
    if (found.cost - tried.cost > worth * unit) return tried
  }
  return undefined
}

/** Sum of the squares of what the fitted images add to the sky and to other images, in units of the noise. */
function signalOf(table: ShapeTable, patch: Patch, p: Float64Array): number {
  const { level } = render(table, patch, p)
  const { foreign, sigma } = patch
  return level.reduce(
    (sum, v, m) => sum + ((v - p[0]! - tabulatedLevel(table, foreign[m]!)) / sigma[m]!) ** 2,
    0,
  )
}

/** Of one iteration: far from the minimum the straight continuation of a profile leads nowhere. */
function longest(k: number, widthPx: number): number {
  if (k === 0) return Number.POSITIVE_INFINITY
  if (k < COMMON) return 0.5
  return (k - COMMON) % PER_IMAGE === 2 ? 1 : 0.5 * widthPx
}

function resultOf(patch: Patch, found: Minimum, added: number): GroupFit {
  const { parameters: p, covariance, cost, converged } = found
  const n = p.length
  const freedom = Math.max(1, patch.value.length - n)
  const misfit = Math.sqrt((2 * cost) / freedom)
  const images = Array.from({ length: (n - COMMON) / PER_IMAGE }, (_, i) => {
    const at = COMMON + PER_IMAGE * i
    const error = (k: number) => misfit * Math.sqrt(covariance[k * n + k]!)
    const place = { x: p[at]!, y: p[at + 1]!, xError: error(at), yError: error(at + 1) }
    return { ...place, light: Math.exp(p[at + 2]!), lightError: error(at + 2) }
  })
  return { images, sky: p[0]!, misfit, cost, added, converged }
}

/**
 * Two images nearer than this are one that does not look like the plate's: in widths, and in radii of the brighter
 * one's upper half, whose flat top hides what is in it.
 */
const LEAST_SEPARATION = 0.5
const LEAST_BESIDE_TOP = 0.8

/** The last image stands apart from all others. */
function separate(
  { shape }: ShapeTable,
  p: Float64Array,
  { widthPx, taken }: Pick<FitOptions, 'widthPx' | 'taken'>,
): boolean {
  const last = p.length - PER_IMAGE
  if (isTaken(taken, p[last]!, p[last + 1]!, widthPx)) return false
  for (let at = COMMON; at < last; at += PER_IMAGE) {
    const top = halfRadius(shape, Math.exp(Math.max(p[at + 2]!, p[last + 2]!)))
    const apart = Math.hypot(p[at]! - p[last]!, p[at + 1]! - p[last + 1]!)
    if (apart < LEAST_SEPARATION * widthPx + LEAST_BESIDE_TOP * top) return false
  }
  return true
}

/** All images lie among the pixels. */
function within({ x, y }: Patch, p: Float64Array, widthPx: number): boolean {
  for (let at = COMMON; at < p.length; at += PER_IMAGE) {
    if (!x.some((v, m) => Math.hypot(v - p[at]!, y[m]! - p[at + 1]!) < 0.5 * widthPx)) return false
  }
  return true
}

/** Radius where an image falls to half of its top, less that of a faint one, px. */
function halfRadius(shape: ImageShape, light: number): number {
  const half = (a: number) => radiusAt(shape, a, 0.5 * levelOf(shape, a * lightAt(shape, 0)))
  return half(light) - half(FAINT)
}

const FAINT = 0.01 // light far below where the scan levels off

function isTaken(taken: readonly Taken[], x: number, y: number, widthPx: number): boolean {
  return taken.some((image) => Math.hypot(image.x - x, image.y - y) < widthPx)
}

/** The brightest image as two, along its long axis. */
function halves(table: ShapeTable, p: Float64Array): Float64Array {
  let main = COMMON
  for (let at = COMMON; at < p.length; at += PER_IMAGE) if (p[at + 2]! > p[main + 2]!) main = at
  const a = Math.exp(p[main + 2]!)
  const angle = 0.5 * Math.atan2(-p[3]!, -p[2]!)
  const top = levelOf(table.shape, a * lightAt(table.shape, 0))
  const apart = 0.5 * radiusAt(table.shape, a, 0.5 * top)
  const [dx, dy] = [apart * Math.cos(angle), apart * Math.sin(angle)]
  const q = Float64Array.from([...p, p[main]! + dx, p[main + 1]! + dy, p[main + 2]! - Math.LN2])
  q[main]! -= dx
  q[main + 1]! -= dy
  q[main + 2]! -= Math.LN2
  q.fill(0, 1, COMMON)
  return q
}

const LEAST_RESIDUAL = 1.5 // sigmas at the pixel where an image is tried

/** The place where one more image would lower the squares most, to first order, as the start of a fit. */
function brightestLeft(
  table: ShapeTable,
  patch: Patch,
  p: Float64Array,
  widthPx: number,
  taken: readonly Taken[],
): { start: Float64Array | undefined; gain: number } {
  const { level, light } = render(table, patch, p)
  const { x, y, value, sigma } = patch
  const { shape } = table
  const scale = Math.exp(-2 * lnWidthOf(p)) / shape.alphaPx ** 2
  const reach = 0.8 * widthPx
  // How strongly added light shows, where there is light already.
  const response = light.map(
    (u) => shape.plateau * (1 + Math.max(u, 0) ** shape.gamma) ** (-1 / shape.gamma - 1),
  )
  const residual = value.map((v, m) => Math.max(-5, Math.min(5, (v - level[m]!) / sigma[m]!)))
  let best = 0
  let found: [number, number, number] | undefined
  for (let c = 0; c < x.length; c++) {
    if (residual[c]! < LEAST_RESIDUAL || isTaken(taken, x[c]!, y[c]!, widthPx)) continue
    let dot = 0
    let square = 0
    for (let m = 0; m < x.length; m++) {
      const [dx, dy] = [x[m]! - x[c]!, y[m]! - y[c]!]
      if (dx > reach || dx < -reach || dy > reach || dy < -reach) continue
      const t = (response[m]! * tabulatedLight(table, (dx * dx + dy * dy) * scale)) / sigma[m]!
      dot += t * residual[m]!
      square += t * t
    }
    if (!(dot > 0) || !((dot * dot) / square > best)) continue
    best = (dot * dot) / square
    found = [x[c]!, y[c]!, Math.log(Math.max(dot / square, 1e-6))]
  }
  return { start: found && Float64Array.from([...p, ...found]), gain: best / 2 }
}

const FLAT = 0.7 // of the plateau: from here on the width tells more than the peak

/** Light of an image of this peak and this full width at half maximum, as a start. */
export function lightFrom(shape: ImageShape, peak: number, fwhmPx: number): number {
  const top = lightOf(shape, Math.min(peak, FLAT * shape.plateau)) / lightAt(shape, 0)
  if (peak < FLAT * shape.plateau) return top
  const half = lightOf(shape, 0.5 * Math.min(peak, shape.plateau))
  return Math.max(top, half / lightAt(shape, (fwhmPx / 2 / shape.alphaPx) ** 2))
}
