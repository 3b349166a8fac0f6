// The plate's own image shape, from a few dozen images that stand alone: faint ones tell the profile, bright ones the wings
// and how the scan levels off.
import { marquardt } from '../../../math/marquardt.ts'
import { MAD_TO_SIGMA, median } from '../../../math/robust.ts'
import { COMMON, HUBER, type Patch, render } from './model.ts'
import { type ImageShape, levelOf } from './shape.ts'
import { type ShapeTable, tabulate } from './table.ts'

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
}

/** Variance of a pixel: that of the sky, and what the grain of an image and the profile's faults add with its level. */
export interface NoiseLaw {
  skySigma: number
  /** Standard deviation that is added at the plateau; its square grows with the level. */
  imageSigma: number
}

const GLOBALS = 8
const PER_SAMPLE = 4
/** Standard deviations about the start, of ln α, ln β, ln ω, ln β', ln plateau, ln γ, e₁, e₂: what no image tells stays there. */
const PRIOR_SIGMA = [0.5, 0.5, 2, 0.2, 0.3, 0.7, 0.2, 0.2]
const STEP = 1e-4

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

/** @returns undefined where the images do not determine a shape */
export function learnShape(
  samples: readonly Sample[],
  start: ImageShape,
  skySigma: number,
): Learned | undefined {
  let noise: NoiseLaw = { skySigma, imageSigma: skySigma }
  let fit = fitTogether(samples, start, start, noise)
  if (fit === undefined) return undefined
  noise = noiseOf(samples, fit, noise)
  // Images that are no single star are dropped.
  const misfit = misfits(samples, fit, noise)
  const limit = 2 * median(misfit)
  const kept = samples.map((_, n) => n).filter((n) => misfit[n]! <= limit)
  const better = kept.map((n) => ({ ...samples[n]!, ...placeOf(fit!.parameters, n) }))
  fit = fitTogether(better, fit.shape, start, noise)
  if (fit === undefined) return undefined
  noise = noiseOf(better, fit, noise)
  return { shape: fit.shape, noise, images: better.length, misfit: misfits(better, fit, noise) }
}

interface Together {
  shape: ImageShape
  parameters: Float64Array
}

function placeOf(p: Float64Array, n: number): { sky: number; x: number; y: number; light: number } {
  const at = GLOBALS + PER_SAMPLE * n
  return { sky: p[at]!, x: p[at + 1]!, y: p[at + 2]!, light: Math.exp(p[at + 3]!) }
}

const alone = (p: Float64Array, at: number): Float64Array =>
  Float64Array.of(p[at]!, 0, 0, 0, p[at + 1]!, p[at + 2]!, p[at + 3]!)

function fitTogether(
  samples: readonly Sample[],
  from: ImageShape,
  prior: ImageShape,
  noise: NoiseLaw,
): Together | undefined {
  const expected = toGlobals(prior)
  const start = Float64Array.from([
    ...toGlobals(from),
    ...samples.flatMap(({ sky, x, y, light }) => [sky, x, y, Math.log(light)]),
  ])
  for (const { patch, sky } of samples) setSigma(patch, noise, sky, from.plateau)
  const n = start.length
  const sum = (p: Float64Array, matrix: Float64Array, gradient: Float64Array): number => {
    let cost = 0
    for (let k = 0; k < GLOBALS; k++) {
      const pull = (p[k]! - expected[k]!) / PRIOR_SIGMA[k]!
      cost += 0.5 * pull * pull
      matrix[k * n + k]! += 1 / PRIOR_SIGMA[k]! ** 2
      gradient[k]! += pull / PRIOR_SIGMA[k]!
    }
    if (Math.hypot(p[6]!, p[7]!) > 0.6) return Number.NaN
    const base = tabulate(toShape(p))
    const varied = Array.from({ length: GLOBALS }, (_, k) => {
      const q = p.slice(0, GLOBALS)
      q[k]! += STEP
      return tabulate(toShape(q))
    })
    samples.forEach(({ patch }, s) => {
      const at = GLOBALS + PER_SAMPLE * s
      cost += addSample(base, varied, patch, p, at, matrix, gradient)
    })
    return cost
  }
  const found = marquardt(start, sum, { maxIterations: 25, tolerance: 1e-3 })
  return found && { shape: toShape(found.parameters), parameters: found.parameters }
}

/** Adds one image of the sample to the normal equations of all, by differences, and returns its cost. */
function addSample(
  base: ShapeTable,
  varied: readonly ShapeTable[],
  patch: Patch,
  p: Float64Array,
  at: number,
  matrix: Float64Array,
  gradient: Float64Array,
): number {
  const n = p.length
  const own = alone(p, at)
  const { level } = render(base, patch, own)
  const moved = [COMMON, COMMON + 1, COMMON + 2].map((k) => {
    const q = Float64Array.from(own)
    q[k]! += STEP
    return render(base, patch, q).level
  })
  const levels = [...varied.map((table) => render(table, patch, own).level), level, ...moved]
  const row = new Float64Array(GLOBALS + PER_SAMPLE)
  const into = Int32Array.from(row, (_, k) => (k < GLOBALS ? k : at + k - GLOBALS))
  let cost = 0
  for (let m = 0; m < level.length; m++) {
    const unit = 1 / patch.sigma[m]!
    const r = (level[m]! - patch.value[m]!) * unit
    const far = Math.abs(r)
    const weight = far <= HUBER ? 1 : HUBER / far
    cost += far <= HUBER ? 0.5 * r * r : HUBER * (far - 0.5 * HUBER)
    for (let k = 0; k < row.length; k++) row[k] = ((levels[k]![m]! - level[m]!) / STEP) * unit
    row[GLOBALS] = unit // the sky
    for (let k = 0; k < row.length; k++) {
      const w = weight * row[k]!
      gradient[into[k]!]! += w * r
      for (let l = 0; l <= k; l++) matrix[into[k]! * n + into[l]!]! += w * row[l]!
    }
  }
  return cost
}

/** The residuals of all images, in units of the scan, with the level that the model has there as part of the plateau. */
function residuals(samples: readonly Sample[], { shape, parameters }: Together): [number[], number[]] {
  const off: number[] = []
  const level: number[] = []
  const table = tabulate(shape)
  samples.forEach(({ patch }, s) => {
    const p = alone(parameters, GLOBALS + PER_SAMPLE * s)
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
  const table = tabulate(fit.shape)
  return Float64Array.from(samples, ({ patch }, s) => {
    const p = alone(fit.parameters, GLOBALS + PER_SAMPLE * s)
    setSigma(patch, noise, p[0]!, fit.shape.plateau)
    const { level } = render(table, patch, p)
    let sum = 0
    for (let m = 0; m < level.length; m++) sum += ((patch.value[m]! - level[m]!) / patch.sigma[m]!) ** 2
    return Math.sqrt(sum / level.length)
  })
}
