// Stage 7, pairs → plate constants. The model is chosen by stars that took no part in its fit, in blocks on the plate;
// weights follow the centring error as this plate shows it; wild pairs lose their weight instead of being cut.

import { median, rms } from '../math/robust.ts'
import type { PlateConstants, PlateFrame } from '../models/plate-constants.ts'
import { PLATE_MODELS, type PlateModel } from '../models/polynomial.ts'
import { crossValidate, type HeldOut } from './fit/crossvalidate.ts'
import { type RobustFit, robustFit } from './fit/robust-fit.ts'

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

/** A richer model must lower the held-out residuals by this share, or the simpler one stays. */
const PARSIMONY = 0.002

/** @returns undefined when even the simplest model has too few pairs */
export function fit(input: FitInput): FitResult | undefined {
  const trusted = input.trusted.reduce((sum, t) => sum + t, 0)
  const affordable = PLATE_MODELS.filter(
    (model) => model.degree <= input.maxDegree && trusted >= PAIRS_PER_TERM * model.terms,
  )
  const trials: ModelTrial[] = []
  let best: { model: PlateModel; full: RobustFit; heldOut: HeldOut; score: number } | undefined
  for (const model of affordable) {
    const full = robustFit(input, model)
    if (full === undefined) continue
    const heldOut = crossValidate(input, model, full)
    if (heldOut === undefined) continue
    const score = trimmedScore(heldOut, full)
    trials.push({ name: model.name, terms: 2 * model.terms, heldOutRms: score })
    if (best === undefined || score < best.score * (1 - PARSIMONY)) best = { model, full, heldOut, score }
  }
  if (best === undefined) return undefined
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
 * What models are compared by: the rms of held-out residuals, each divided by its star's error and bounded where the
 * robust fit gives no weight, so that one wild pair cannot choose the model; times the typical error, radians.
 */
function trimmedScore(heldOut: HeldOut, full: RobustFit): number {
  const BOUND = 5 // sigmas
  const scaled: number[] = []
  for (let i = 0; i < heldOut.xi.length; i++) {
    for (const residual of [heldOut.xi[i]!, heldOut.eta[i]!]) {
      if (Number.isFinite(residual)) scaled.push(Math.max(-BOUND, Math.min(BOUND, residual / full.sigma[i]!)))
    }
  }
  return rms(scaled) * median(full.sigma)
}
