// The model of a few images that overlap, on the pixels around them: places, light, sky, and a common departure from the
// plate's shape; with its derivatives, summed up to normal equations.
import { LEVEL_STEPS, type ShapeTable, STEPS_PER_ALPHA, tabulatedLevel, tabulatedLight } from './table.ts'

/** Pixels around some images; places on the scan less an origin. */
export interface Patch {
  x: Float64Array
  y: Float64Array
  value: Float64Array
  /** Standard deviation of each value. */
  sigma: Float64Array
  /** Light of images that are not fitted here. */
  foreign: Float64Array
}

/** Parameters: sky, ln of the width's factor, e₁ and e₂ beyond the plate's; then x, y, ln light of each image. */
export const COMMON = 4
export const PER_IMAGE = 3

/** How freely a group of images may differ from the plate's shape: standard deviations of ln width, e₁ and e₂ … */
const PRIOR_SIGMA = [0, 0.1, 0.15, 0.15]
/** … and how far at most: a blend must not pass for a wide or a long image. The parameters t mean limit · tanh(t / limit). */
const LIMIT = [0, 0.2, 0.4, 0.4]

/** Beyond this many sigmas a pixel counts in proportion, not in square: specks, hairs and what the profile cannot follow. */
export const HUBER = 2.5

/** Light that leaves less than this part of the noise is no part of the model. */
const NEGLIGIBLE = 0.02

/** The quadratic form of the ellipse that all images of a group share; undefined where it is none. */
function ellipse({ shape }: ShapeTable, p: Float64Array) {
  const [, w, t1, t2] = LIMIT.map((limit, k) => Math.tanh(p[k]! / limit))
  const scale = Math.exp(-2 * LIMIT[1]! * w!) / shape.alphaPx ** 2
  const [e1, e2] = [LIMIT[2]! * t1! + shape.e1, LIMIT[3]! * t2! + shape.e2]
  if (!(e1 * e1 + e2 * e2 < 0.99)) return undefined
  const slopes = [1 - w! * w!, 1 - t1! * t1!, 1 - t2! * t2!] as const
  return { scale, xx: scale * (1 + e1), yy: scale * (1 - e1), xy: scale * e2, slopes }
}

/** ln of the width over the plate's, that a parameter stands for. */
export function lnWidthOf(p: Float64Array): number {
  return LIMIT[1]! * Math.tanh(p[1]! / LIMIT[1]!)
}

/** Adds the normal equations of a group of images on a patch, and returns the cost: see `marquardt`. */
export function linearise(
  table: ShapeTable,
  patch: Patch,
  p: Float64Array,
  matrix: Float64Array,
  gradient: Float64Array,
): number {
  const n = p.length
  const images = (n - COMMON) / PER_IMAGE
  const form = ellipse(table, p)
  if (form === undefined) return Number.NaN
  const { scale, xx, yy, xy, slopes } = form
  const [toWidth, toE1, toE2] = slopes
  const light = Float64Array.from({ length: images }, (_, i) => Math.exp(p[COMMON + PER_IMAGE * i + 2]!))
  const row = new Float64Array(n)
  const into = Int32Array.from({ length: n }, (_, k) => k)
  let cost = 0
  for (let k = 1; k < COMMON; k++) {
    const pull = p[k]! / PRIOR_SIGMA[k]!
    cost += 0.5 * pull * pull
    matrix[k * n + k]! += 1 / PRIOR_SIGMA[k]! ** 2
    gradient[k]! += pull / PRIOR_SIGMA[k]!
  }
  const last = table.light.length - 1
  const { plateau } = table.shape
  const { x, y, value, sigma, foreign } = patch
  for (let m = 0; m < value.length; m++) {
    let u = foreign[m]!
    row[1] = 0
    row[2] = 0
    row[3] = 0
    let used = COMMON
    for (let i = 0; i < images; i++) {
      const from = COMMON + PER_IMAGE * i
      const dx = x[m]! - p[from]!
      const dy = y[m]! - p[from + 1]!
      const q = xx * dx * dx + 2 * xy * dx * dy + yy * dy * dy
      const at = Math.sqrt(q) * STEPS_PER_ALPHA
      if (at >= last) continue
      const k = Math.floor(at)
      const a = light[i]!
      const sum = a * (table.light[k]! + (at - k) * (table.light[k + 1]! - table.light[k]!))
      if (sum * plateau < NEGLIGIBLE * sigma[m]!) continue
      const slope = a * (table.lightSlope[k]! + (at - k) * (table.lightSlope[k + 1]! - table.lightSlope[k]!))
      u += sum
      row[1]! -= 2 * q * slope * toWidth
      row[2]! += slope * scale * (dx * dx - dy * dy) * toE1
      row[3]! += slope * scale * 2 * dx * dy * toE2
      row[used] = -2 * slope * (xx * dx + xy * dy)
      row[used + 1] = -2 * slope * (yy * dy + xy * dx)
      row[used + 2] = sum
      into[used] = from
      into[used + 1] = from + 1
      into[used + 2] = from + 2
      used += PER_IMAGE
    }
    const at = (u / (1 + u)) * LEVEL_STEPS
    const k = Math.min(Math.floor(at), LEVEL_STEPS - 1)
    const level = table.level[k]! + (at - k) * (table.level[k + 1]! - table.level[k]!)
    const response = table.levelSlope[k]! + (at - k) * (table.levelSlope[k + 1]! - table.levelSlope[k]!)
    const unit = 1 / sigma[m]!
    const r = (p[0]! + level - value[m]!) * unit
    const far = Math.abs(r)
    const weight = far <= HUBER ? 1 : HUBER / far
    cost += far <= HUBER ? 0.5 * r * r : HUBER * (far - 0.5 * HUBER)
    row[0] = unit
    for (let j = 1; j < used; j++) row[j]! *= response * unit
    for (let j = 0; j < used; j++) {
      const w = weight * row[j]!
      const line = into[j]!
      gradient[line]! += w * r
      for (let l = 0; l <= j; l++) matrix[line * n + into[l]!]! += w * row[l]!
    }
  }
  return cost
}

/** The level of the model on every pixel of the patch, the sky included, and the light there. */
export function render(
  table: ShapeTable,
  patch: Patch,
  p: Float64Array,
): { level: Float64Array; light: Float64Array } {
  const light = Float64Array.from(patch.foreign)
  const form = ellipse(table, p)!
  for (let from = COMMON; from < p.length; from += PER_IMAGE) {
    const a = Math.exp(p[from + 2]!)
    for (let m = 0; m < light.length; m++) {
      const dx = patch.x[m]! - p[from]!
      const dy = patch.y[m]! - p[from + 1]!
      light[m]! += a * tabulatedLight(table, form.xx * dx * dx + 2 * form.xy * dx * dy + form.yy * dy * dy)
    }
  }
  return { level: light.map((u) => p[0]! + tabulatedLevel(table, u)), light }
}
