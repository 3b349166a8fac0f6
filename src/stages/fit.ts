// Stage 7, pairs → plate constants. The model is chosen by stars that took no part in its fit, in blocks on the plate;
// weights follow the centring error as this plate shows it; wild pairs lose their weight instead of being cut.

import { median } from '../math/robust.ts'
import type { PlateConstants, PlateFrame } from '../models/plate-constants.ts'
import { PLATE_MODELS, type PlateModel } from '../models/polynomial.ts'
import { atOnce, type Steps } from '../steps.ts'
import { crossValidate, type HeldOut } from './fit/crossvalidate.ts'
import { type RobustFit, robustFitInSteps } from './fit/robust-fit.ts'

/** One entry per pair in every column. */
export interface FitInput {
  /** Place on the plate, px. */
  x: Float64Array
  y: Float64Array
  /** Standard coordinates of the reference star at the plate's epoch, radians. */
  xi: Float64Array
  eta: Float64Array
  /** Variance of the reference place, per axis, rad². */
  referenceVariance: Float64Array
  /** Magnitude that the centring error is a function of. */
  magnitude: Float64Array
  /** 1 where the pair may take part in the fit; the others are only judged. */
  trusted: Uint8Array
  frame: PlateFrame
  ra0: number
  dec0: number
  maxDegree: number
}

export interface ModelTrial {
  name: string
  terms: number
  /** Rms of held-out stars per axis, radians. */
  heldOutRms: number
}

export interface FitResult {
  constants: PlateConstants
  fit: RobustFit
  heldOut: HeldOut
  /** Every model that was tried, and what held-out stars said of it. */
  trials: ModelTrial[]
}

/** Pairs per plate constant below which a model is not tried: a fit through fewer has no stars left to judge it. */
const PAIRS_PER_TERM = 4

/** A richer model stays out unless held-out stars gain by this many standard errors of their own gain. */
const PARSIMONY_SIGMAS = 2

/** @returns undefined when even the simplest model has too few pairs */
export function fit(input: FitInput): FitResult | undefined {
  return atOnce(fitInSteps(input))
}

/** As `fit`, one round of one model a step. */
export function* fitInSteps(input: FitInput): Steps<FitResult | undefined> {
  const trusted = input.trusted.reduce((sum, t) => sum + t, 0)
  const affordable = PLATE_MODELS.filter(
    (model) => model.degree <= input.maxDegree && trusted >= PAIRS_PER_TERM * model.terms,
  )
  const tried: { model: PlateModel; full: RobustFit; heldOut: HeldOut }[] = []
  for (const model of affordable) {
    const full = yield* robustFitInSteps(input, model)
    const heldOut = full && crossValidate(input, model, full)
    yield
    if (full && heldOut) tried.push({ model, full, heldOut })
  }
  const richest = tried.at(-1)
  if (richest === undefined) return undefined
  // All models are judged by the same stars with the same errors, or the comparison would drown in its own noise.
  const { sigma } = richest.full
  const scored = tried.map((t) => ({ ...t, squares: boundedSquares(t.heldOut, sigma, input.trusted) }))
  let best = scored[0]!
  for (const trial of scored.slice(1)) {
    if (isGain(best.squares, trial.squares)) best = trial
  }
  const trials = scored.map(({ model, squares }) => ({
    name: model.name,
    terms: 2 * model.terms,
    heldOutRms: Math.sqrt(mean(squares) / 2) * median(sigma),
  }))
  const constants: PlateConstants = {
    model: best.model,
    frame: input.frame,
    ra0: input.ra0,
    dec0: input.dec0,
    xi: best.full.xi,
    eta: best.full.eta,
    covariance: best.full.covariance,
  }
  return { constants, fit: best.full, heldOut: best.heldOut, trials }
}

/**
 * What models are compared by: per trusted pair the squared held-out residual in units of its error, bounded where the
 * robust fit gives no weight, so that one wild pair cannot choose the model.
 */
function boundedSquares(heldOut: HeldOut, sigma: Float64Array, trusted: Uint8Array): Float64Array {
  const BOUND = 5 // sigmas
  const squares: number[] = []
  for (let i = 0; i < sigma.length; i++) {
    if (trusted[i] !== 1) continue
    const own = heldOut.residuals.map(
      ({ xi, eta }) => Math.min(BOUND, Math.hypot(xi[i]!, eta[i]!) / sigma[i]!) ** 2,
    )
    squares.push(mean(own))
  }
  return Float64Array.from(squares)
}

/** Whether the richer model predicts held-out stars better by more than the scatter of the gain over the stars allows. */
function isGain(simple: Float64Array, rich: Float64Array): boolean {
  const gain = simple.map((value, i) => value - rich[i]!)
  const centre = mean(gain)
  const error = Math.sqrt(mean(gain.map((g) => (g - centre) ** 2)) / gain.length)
  return centre > PARSIMONY_SIGMAS * error
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}
