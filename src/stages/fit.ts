// Stage 7, pairs → plate constants. The model is chosen by stars that took no part in its fit, in blocks on the plate;
// weights follow the centring error as this plate shows it; wild pairs lose their weight instead of being cut.

import { median } from '../math/robust.ts'
import { alternativeOf, type Choice, FAMILY_NAMES, modelOf, SIMPLEST } from '../models/models.ts'
import type { PlateConstants, PlateFrame } from '../models/plate-constants.ts'
import type { PartContext, PlateModel } from '../models/plate-model.ts'
import type { ReferenceStar } from '../models/term.ts'
import { atOnce, type Steps } from '../steps.ts'
import { blocksOf, crossValidate, foldPairs, type HeldOut } from './fit/crossvalidate.ts'
import { blocksFor, fieldThrough, type LocalTrial, localFieldInSteps } from './fit/local.ts'
import { type Period, strongestPeriodInSteps } from './fit/periods.ts'
import { type RobustFit, robustFitInSteps } from './fit/robust-fit.ts'
import { type Selection, selectInSteps } from './fit/select.ts'

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
  /** Instrumental magnitude (`magWin`), that the centring error is a function of. */
  magnitude: Float64Array
  /** Magnitude of the image on the scale of the reference stars, and the star's colour; NaN where unknown. */
  mag: Float64Array
  bpRp: Float64Array
  /** 1 where the pair may take part in the fit; the others are only judged. */
  trusted: Uint8Array
  frame: PlateFrame
  /** Where several exposures are fitted together: whose each pair is, from 0, and the frame of each exposure. */
  exposures?: { of: Uint8Array; frames: readonly PlateFrame[] } | undefined
  ra0: number
  dec0: number
  /** From which magnitudes and colours are counted. */
  star: ReferenceStar
  /** What earlier rounds found of the plate's axes, centre, tilt and scanner. */
  context: PartContext
  maxDegree: number
  /** A model that was chosen before and is to be kept; chosen anew without it. */
  chosen?: Choice | undefined
  /** Whether terms of magnitude, colour and scanner may be tried: not with the first pairs. */
  full: boolean
  /** Whether a local field may be tried: with the last pairs. */
  local: boolean
}

export interface ModelTrial {
  name: string
  /** Plate constants of both axes. */
  terms: number
  /** Rms of held-out stars per axis, radians. */
  heldOutRms: number
}

export interface FitResult {
  constants: PlateConstants
  fit: RobustFit
  heldOut: HeldOut
  choice: Choice
  context: PartContext
  /** Every model that was tried, and what held-out stars said of it; empty where an earlier choice was kept. */
  trials: ModelTrial[]
  significance: Selection['significance']
  localTrials: LocalTrial[]
}

/** Pairs per plate constant of an axis below which a model is not tried: fewer leave no stars to judge it. */
const PAIRS_PER_TERM = 4

/** Terms of magnitude and colour need stars over their whole range. */
const MIN_PAIRS_FOR_STARS = 60

const MAX_PERIODS = 3

/** @returns undefined when even the simplest model has too few pairs */
export function fit(input: FitInput): FitResult | undefined {
  return atOnce(fitInSteps(input))
}

/** As `fit`, one round of one model a step. */
export function* fitInSteps(input: FitInput): Steps<FitResult | undefined> {
  let { context } = input
  let choice = input.chosen
  let selection: Selection | undefined
  if (choice === undefined) {
    const weights = yield* weightsOfRichest(input)
    if (weights === undefined) return undefined
    selection = yield* select(input, weights, { ...context, periods: [] }, SIMPLEST)
    if (selection === undefined) return undefined
    choice = selection.best.choice
    if (input.full) {
      const found = yield* findPeriods(input, choice, context)
      if (found !== null) {
        context = { ...context, periods: found.periods }
        const again = yield* select(input, found.weights, context, found.choice)
        if (again !== undefined) {
          selection = again
          choice = again.best.choice
        }
      }
    }
  }
  const model = modelOf(choice, context)
  const own = yield* robustFitInSteps(input, model)
  if (own === undefined) return undefined
  let heldOut = crossValidate(input, model, foldPairs(input, own, model.terms))
  if (heldOut === undefined) return undefined
  yield
  const local = input.local ? yield* localFieldInSteps(input, own) : null
  const kind = local?.chosen ?? null
  if (kind !== null) heldOut = heldOutWith(kind, input, model, own) ?? heldOut
  const constants: PlateConstants = {
    model,
    frame: input.frame,
    ra0: input.ra0,
    dec0: input.dec0,
    xi: own.xi,
    eta: own.eta,
    star: input.star,
    fitted: { coefficients: own.coefficients, covariance: own.covariance },
    local: local?.field ?? null,
  }
  const typical = median(own.sigma)
  return {
    constants,
    fit: own,
    heldOut,
    choice,
    context,
    trials: (selection?.trials ?? []).map(({ model: { name, coefficients }, squares }) => ({
      name,
      terms: coefficients.length,
      heldOutRms: Math.sqrt(mean(squares) / 2) * typical,
    })),
    significance: selection?.significance ?? [],
    localTrials: local?.trials ?? [],
  }
}

const select = (input: FitInput, weights: RobustFit, context: PartContext, from: Choice) =>
  selectInSteps(input, weights, context, from, (choice) => isAllowed({ ...input, context }, choice))

function trustedOf(input: FitInput): number {
  return input.trusted.reduce((sum, t) => sum + t, 0)
}

function isAllowed(input: FitInput, choice: Choice): boolean {
  // The tilt and the centre found so far add powers, but no degree in the sense of the option.
  const { degree, coefficients } = modelOf(choice, { ...input.context, tilt: [0, 0], centre: [0, 0] })
  const trusted = trustedOf(input)
  if (degree > input.maxDegree || trusted < (PAIRS_PER_TERM * coefficients.length) / 2) return false
  const { geometry, ...others } = choice
  if ((others.colour > 0 || others.refraction > 0) && !input.bpRp.some(Number.isFinite)) return false
  const { periods, tileEdges, exposures } = input.context
  if (exposures < 2 && FAMILY_NAMES.some((family) => alternativeOf(choice, family).ofSeveral)) return false
  if (others.periodic > 0 && periods.length === 0) return false
  if (others.steps > 0 && tileEdges.x.length + tileEdges.y.length === 0) return false
  const ofStars = Object.values(others).some((index) => index > 0)
  return !ofStars || (input.full && trusted >= MIN_PAIRS_FOR_STARS)
}

/**
 * The fit of the richest model that the pairs can pay for and determine (a catalogue may give one colour to all stars):
 * what is wild against it is wild against all.
 */
function* weightsOfRichest(input: FitInput): Steps<RobustFit | undefined> {
  const rich: Choice = { ...SIMPLEST, magnitude: 1, coma: 2, colour: 1 }
  for (const geometry of [7, 6, 4, 0]) {
    for (const choice of [
      { ...rich, geometry },
      { ...rich, geometry, colour: 0 },
      { ...SIMPLEST, geometry },
    ]) {
      const weights = isAllowed(input, choice)
        ? yield* robustFitInSteps(input, modelOf(choice, input.context))
        : undefined
      if (weights !== undefined) return weights
    }
  }
  return undefined
}

interface Periods {
  periods: Period[]
  choice: Choice
  weights: RobustFit
}

/** Waves, the strongest first, until the residuals have none; null where there is none at all. */
function* findPeriods(input: FitInput, chosen: Choice, before: PartContext): Steps<Periods | null> {
  let found: Periods | null = null
  let weights = yield* robustFitInSteps(input, modelOf(chosen, before))
  const choice = { ...chosen, periodic: 1 }
  const periods: Period[] = []
  while (weights !== undefined && periods.length < MAX_PERIODS) {
    const period: Period | null = yield* strongestPeriodInSteps(input, weights)
    if (period === null) break
    periods.push(period)
    const context = { ...before, periods: [...periods] }
    if (!isAllowed({ ...input, context }, choice)) break
    weights = yield* robustFitInSteps(input, modelOf(choice, context))
    if (weights !== undefined) found = { periods: context.periods, choice, weights }
  }
  return found
}

/** Held-out residuals of a model with a local field, which is found anew without each fold, in blocks fine enough for it. */
function heldOutWith(
  kind: { knots: number; scatter: number },
  input: FitInput,
  model: PlateModel,
  own: RobustFit,
): HeldOut | undefined {
  const folded = foldPairs(input, own, model.terms, Math.max(blocksOf(input), blocksFor(kind.knots)))
  return crossValidate(input, model, folded, (left, rows) =>
    fieldThrough(
      kind,
      input,
      { ...own, ...left },
      rows.filter((i) => own.weight[i]! > 0),
    ),
  )
}

function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}
