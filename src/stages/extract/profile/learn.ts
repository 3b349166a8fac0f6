// The plate's own image shape, from a few dozen images that stand alone: faint ones tell the profile, bright ones the wings
// and how the scan levels off.
import { marquardt } from '../../../math/marquardt.ts'
import { MAD_TO_SIGMA, median } from '../../../math/robust.ts'
import { COMMON, HUBER, type Patch, PER_IMAGE, render } from './model.ts'
import { type ImageShape, levelOf } from './shape.ts'
import { type ShapeTable, tabulate } from './table.ts'

/** An image of the same star in another exposure: its shift, px, and ln of its light over that of the first. */
export interface Companion {
  dx: number
  dy: number
  lnRatio: number
}

/** One image of the sample: its pixels, and where to start (relative to the patch's origin). */
export interface Sample {
  patch: Patch
  x: number
  y: number
  sky: number
  /** Light at the top. */
  light: number
}

export interface Learned {
  shape: ImageShape
  noise: NoiseLaw
  /** Images that the shape was learnt from. */
  images: number
  /** Of each image: rms residual in its own noise. */
  misfit: Float64Array
  /** What every star has besides, measured on the same images. */
  companions: Companion[]
}

/** Variance of a pixel: that of the sky, and what the grain of an image and the profile's faults add with its level. */
export interface NoiseLaw {
  skySigma: number
  /** Standard deviation that is added at the plateau; its square grows with the level. */
  imageSigma: number
}

const SHAPE = 8 // parameters of it
const PER_SAMPLE = 4
/** Standard deviations about the start, of ln α, ln β, ln ω, ln β', ln plateau, ln γ, e₁, e₂: what no image tells stays there. */
const PRIOR_SIGMA = [0.5, 0.5, 2, 0.2, 0.3, 0.7, 0.2, 0.2]
const STEP = 1e-4

const PER_COMPANION = 3
/** Standard deviations of a companion about the start: of its shift, in widths of the core α, and of ln of its light. */
const COMPANION_SIGMA = [0.5, 0.5, 1]

const toGlobals = (s: ImageShape): number[] => [
  ...[s.alphaPx, s.beta, s.wing, s.wingBeta, s.plateau, s.gamma].map(Math.log),
  ...[s.e1, s.e2],
]

function toShape(p: ArrayLike<number>): ImageShape {
  const [alphaPx, beta, wing, wingBeta, plateau, gamma] = [0, 1, 2, 3, 4, 5].map((k) => Math.exp(p[k]!))
  return {
    ...{ alphaPx: alphaPx!, beta: beta!, wing: wing!, wingBeta: wingBeta! },
    ...{ plateau: plateau!, gamma: gamma!, e1: p[6]!, e2: p[7]! },
  }
}

/** Sets the standard deviation of every value of a patch, from the level that was measured there. */
export function setSigma(patch: Patch, noise: NoiseLaw, sky: number, plateau: number, factor = 1): void {
  for (let m = 0; m < patch.value.length; m++) {
    const level = Math.min(1, Math.max(0, (patch.value[m]! - sky) / plateau))
    patch.sigma[m] = factor * Math.sqrt(noise.skySigma ** 2 + noise.imageSigma ** 2 * level)
  }
}

/**
 * @param companions  what every star has besides, as a start; none on a plate with one exposure
 * @returns undefined where the images do not determine a shape
 */
export function learnShape(
  samples: readonly Sample[],
  start: ImageShape,
  skySigma: number,
  companions: readonly Companion[] = [],
): Learned | undefined {
  const expected = { shape: start, companions }
  let noise: NoiseLaw = { skySigma, imageSigma: skySigma }
  let fit = fitTogether(samples, expected, expected, noise)
  if (fit === undefined) return undefined
  noise = noiseOf(samples, fit, noise)
  // Images that are no single star are dropped.
  const misfit = misfits(samples, fit, noise)
  const limit = 2 * median(misfit)
  const kept = samples.map((_, n) => n).filter((n) => misfit[n]! <= limit)
  const better = kept.map((n) => ({ ...samples[n]!, ...placeOf(fit!, n) }))
  fit = fitTogether(better, lookOf(fit), expected, noise)
  if (fit === undefined) return undefined
  noise = noiseOf(better, fit, noise)
  return {
    ...{ shape: toShape(fit.globals), noise, images: better.length, misfit: misfits(better, fit, noise) },
    companions: companionsOf(fit.globals),
  }
}

/** The plate's parameters, those of its companions after those of its shape, and those of every image. */
interface Together {
  globals: Float64Array
  samples: Float64Array
}

interface Look {
  shape: ImageShape
  companions: readonly Companion[]
}

const globalsOf = ({ shape, companions }: Look): number[] => [
  ...toGlobals(shape),
  ...companions.flatMap(({ dx, dy, lnRatio }) => [dx, dy, lnRatio]),
]

const lookOf = ({ globals }: Together): Look => ({
  shape: toShape(globals),
  companions: companionsOf(globals),
})

const companionsOf = (globals: Float64Array): Companion[] =>
  Array.from({ length: (globals.length - SHAPE) / PER_COMPANION }, (_, k) => {
    const [dx, dy, lnRatio] = globals.subarray(SHAPE + PER_COMPANION * k)
    return { dx: dx!, dy: dy!, lnRatio: lnRatio! }
  })

function placeOf({ samples }: Together, n: number): { sky: number; x: number; y: number; light: number } {
  const at = PER_SAMPLE * n
  return { sky: samples[at]!, x: samples[at + 1]!, y: samples[at + 2]!, light: Math.exp(samples[at + 3]!) }
}

/** A star and its companions, as the parameters of a group of images. */
function starOf(globals: Float64Array, own: ArrayLike<number>, at = 0): Float64Array {
  const p = new Float64Array(COMMON + PER_IMAGE + globals.length - SHAPE)
  p[0] = own[at]!
  for (let k = COMMON; k < p.length; k++) {
    const part = (k - COMMON) % PER_IMAGE
    const beyond = k - COMMON - PER_IMAGE
    p[k] = own[at + 1 + part]! + (beyond < 0 ? 0 : globals[SHAPE + beyond]!)
  }
  return p
}

function fitTogether(
  samples: readonly Sample[],
  from: Look,
  prior: Look,
  noise: NoiseLaw,
): Together | undefined {
  const expected = globalsOf(prior)
  const spread = [...PRIOR_SIGMA, ...prior.companions.flatMap(() => companionSigma(prior.shape))]
  const common = expected.length
  const start = Float64Array.from([
    ...globalsOf(from),
    ...samples.flatMap(({ sky, x, y, light }) => [sky, x, y, Math.log(light)]),
  ])
  for (const { patch, sky } of samples) setSigma(patch, noise, sky, from.shape.plateau)
  const n = start.length
  const sum = (p: Float64Array, matrix: Float64Array, gradient: Float64Array): number => {
    let cost = 0
    for (let k = 0; k < common; k++) {
      const pull = (p[k]! - expected[k]!) / spread[k]!
      cost += 0.5 * pull * pull
      matrix[k * n + k]! += 1 / spread[k]! ** 2
      gradient[k]! += pull / spread[k]!
    }
    if (Math.hypot(p[6]!, p[7]!) > 0.6) return Number.NaN
    const globals = p.slice(0, common)
    const base = { globals, table: tabulate(toShape(globals)) }
    const varied = Array.from({ length: common }, (_, k): Model => {
      const q = Float64Array.from(globals)
      q[k]! += STEP
      return { globals: q, table: k < SHAPE ? tabulate(toShape(q)) : base.table }
    })
    samples.forEach(({ patch }, s) => {
      cost += addSample(base, varied, patch, p, common + PER_SAMPLE * s, matrix, gradient)
    })
    return cost
  }
  const found = marquardt(start, sum, { maxIterations: 25, tolerance: 1e-3 })
  return found && { globals: found.parameters.slice(0, common), samples: found.parameters.slice(common) }
}

function companionSigma({ alphaPx }: ImageShape): number[] {
  const [x, y, light] = COMPANION_SIGMA as [number, number, number]
  return [x * alphaPx, y * alphaPx, light]
}

interface Model {
  globals: Float64Array
  table: ShapeTable
}

/** Adds one image of the sample to the normal equations of all, by differences, and returns its cost. */
function addSample(
  base: Model,
  varied: readonly Model[],
  patch: Patch,
  p: Float64Array,
  at: number,
  matrix: Float64Array,
  gradient: Float64Array,
): number {
  const n = p.length
  const common = varied.length
  const { level } = render(base.table, patch, starOf(base.globals, p, at))
  const moved = [1, 2, 3].map((k) => {
    const own = p.slice(at, at + PER_SAMPLE)
    own[k]! += STEP
    return render(base.table, patch, starOf(base.globals, own)).level
  })
  const ofPlate = varied.map(({ globals, table }) => render(table, patch, starOf(globals, p, at)).level)
  const levels = [...ofPlate, level, ...moved]
  const row = new Float64Array(common + PER_SAMPLE)
  const into = Int32Array.from(row, (_, k) => (k < common ? k : at + k - common))
  let cost = 0
  for (let m = 0; m < level.length; m++) {
    const unit = 1 / patch.sigma[m]!
    const r = (level[m]! - patch.value[m]!) * unit
    const far = Math.abs(r)
    const weight = far <= HUBER ? 1 : HUBER / far
    cost += far <= HUBER ? 0.5 * r * r : HUBER * (far - 0.5 * HUBER)
    for (let k = 0; k < row.length; k++) row[k] = ((levels[k]![m]! - level[m]!) / STEP) * unit
    row[common] = unit // the sky
    for (let k = 0; k < row.length; k++) {
      const w = weight * row[k]!
      gradient[into[k]!]! += w * r
      for (let l = 0; l <= k; l++) matrix[into[k]! * n + into[l]!]! += w * row[l]!
    }
  }
  return cost
}

/** The residuals of all images, in units of the scan, with the level that the model has there as part of the plateau. */
function residuals(samples: readonly Sample[], fit: Together): [number[], number[]] {
  const off: number[] = []
  const level: number[] = []
  const shape = toShape(fit.globals)
  const table = tabulate(shape)
  samples.forEach(({ patch }, s) => {
    const p = starOf(fit.globals, fit.samples, PER_SAMPLE * s)
    const { light } = render(table, patch, p)
    for (let m = 0; m < light.length; m++) {
      const above = levelOf(shape, light[m]!)
      off.push(patch.value[m]! - p[0]! - above)
      level.push(above / shape.plateau)
    }
  })
  return [off, level]
}

const DARK = 0.02 // of the plateau: sky, as far as noise goes

function noiseOf(samples: readonly Sample[], fit: Together, before: NoiseLaw): NoiseLaw {
  const [off, level] = residuals(samples, fit)
  const size = (kept: (level: number) => boolean) =>
    MAD_TO_SIGMA * median(off.filter((_, m) => kept(level[m]!)).map(Math.abs))
  const sky = size((l) => l < DARK)
  const skySigma = sky > 0 ? sky : before.skySigma
  const inside = off.filter((_, m) => level[m]! > 0.1)
  if (inside.length < 50) return { ...before, skySigma }
  const scaled = off
    .map((r, m) => ((MAD_TO_SIGMA * r) ** 2 - skySigma * skySigma) / Math.max(level[m]!, 0.1))
    .filter((_, m) => level[m]! > 0.1)
  const image = median(scaled)
  return { skySigma, imageSigma: Math.sqrt(Math.max(image, 0)) }
}

function misfits(samples: readonly Sample[], fit: Together, noise: NoiseLaw): Float64Array {
  const shape = toShape(fit.globals)
  const table = tabulate(shape)
  return Float64Array.from(samples, ({ patch }, s) => {
    const p = starOf(fit.globals, fit.samples, PER_SAMPLE * s)
    setSigma(patch, noise, p[0]!, shape.plateau)
    const { level } = render(table, patch, p)
    let sum = 0
    for (let m = 0; m < level.length; m++) sum += ((patch.value[m]! - level[m]!) / patch.sigma[m]!) ** 2
    return Math.sqrt(sum / level.length)
  })
}
