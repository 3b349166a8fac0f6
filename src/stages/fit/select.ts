// Which model: step by step, the alternative of one family that held-out stars gain most from, and in the end away with
// whatever they do not pay for. All models are judged by the same stars with the same errors.
import {
  alternativeOf,
  type Choice,
  FAMILIES,
  FAMILY_NAMES,
  type FamilyName,
  modelOf,
} from '../../models/models.ts'
import type { PartContext, PlateModel } from '../../models/plate-model.ts'
import type { Term } from '../../models/term.ts'
import { nameOf } from '../../models/term.ts'
import type { Steps } from '../../steps.ts'
import type { FitInput } from '../fit.ts'
import { crossValidate, type Folded, foldPairs, type HeldOut } from './crossvalidate.ts'
import type { RobustFit } from './robust-fit.ts'

export interface Trial {
  choice: Choice
  model: PlateModel
  heldOut: HeldOut
  /** Per trusted pair the bounded square of its held-out residual in units of its error. */
  squares: Float64Array
}

export interface Selection {
  best: Trial
  /** Every model that was tried, in the order tried. */
  trials: Trial[]
  /** Per family that the best model takes something of: how sure the gain by it is, in standard errors. */
  significance: { family: FamilyName; name: string; sigmas: number }[]
}

/** A richer model stays out unless held-out stars gain by this many standard errors of their own gain. */
const PARSIMONY_SIGMAS = 2

/** The same for what is looked for on every plate but found on few: each of six such families fools one plate in 160. */
const RARE_SIGMAS = 2.5

const thresholdOf = (family: FamilyName) => (family === 'geometry' ? PARSIMONY_SIGMAS : RARE_SIGMAS)

/**
 * @param allowed  whether an alternative may be tried: are there pairs enough, is what it needs known
 * @returns undefined when even the simplest model is not determined
 */
export function* selectInSteps(
  input: FitInput,
  weights: Pick<RobustFit, 'weight' | 'sigma'>,
  context: PartContext,
  from: Choice,
  allowed: (choice: Choice) => boolean,
): Steps<Selection | undefined> {
  const folded = foldPairs(input, weights, everyTerm(context, allowed, from))
  yield
  const known = new Map<string, Trial | null>()
  const attempt = (choice: Choice): Trial | null => {
    const key = FAMILY_NAMES.map((family) => choice[family]).join()
    let trial = known.get(key)
    if (trial === undefined) {
      trial = allowed(choice) ? tried(input, weights.sigma, folded, choice, context) : null
      known.set(key, trial)
    }
    return trial
  }
  const start = attempt(from)
  if (start === null) return undefined
  let best: Trial = start
  for (;;) {
    const richer: Trial | null = yield* bestMove(best, attempt)
    if (richer === null) break
    best = richer
  }
  for (;;) {
    const simpler: Trial | null = yield* simplest(best, attempt)
    if (simpler === null) break
    best = simpler
  }
  const significance = FAMILY_NAMES.filter((family) => best.choice[family] > 0).map((family) => {
    const without = attempt({ ...best.choice, [family]: 0 })
    const sigmas = without === null ? Number.NaN : gainSigmas(without.squares, best.squares)
    return { family, name: alternativeOf(best.choice, family).name, sigmas }
  })
  return { best, trials: [...known.values()].filter((t) => t !== null), significance }
}

/** Every term that an allowed alternative of any family has. */
function everyTerm(context: PartContext, allowed: (choice: Choice) => boolean, from: Choice): Term[] {
  const terms = new Map<string, Term>()
  for (const family of FAMILY_NAMES) {
    FAMILIES[family].forEach((_, index) => {
      const choice = { ...from, [family]: index }
      if (!allowed(choice) && index !== from[family]) return
      for (const term of modelOf(choice, context).terms) terms.set(nameOf(term), term)
    })
  }
  return [...terms.values()]
}

function tried(
  input: FitInput,
  sigma: Float64Array,
  folded: Folded,
  choice: Choice,
  context: PartContext,
): Trial | null {
  const model = modelOf(choice, context)
  const heldOut = crossValidate(input, model, folded)
  if (heldOut === undefined) return null
  return { choice, model, heldOut, squares: boundedSquares(heldOut, sigma, input.trusted) }
}

/** Of the richer alternatives by which held-out stars gain surely enough, that by which they gain most; null when none is. */
function* bestMove(best: Trial, attempt: (choice: Choice) => Trial | null): Steps<Trial | null> {
  let winner: Trial | null = null
  for (const family of FAMILY_NAMES) {
    for (let index = best.choice[family] + 1; index < FAMILIES[family].length; index++) {
      const trial = attempt({ ...best.choice, [family]: index })
      yield
      if (trial === null) continue
      const excess = gainSigmas(best.squares, trial.squares) - thresholdOf(family)
      if (excess > 0 && (winner === null || sum(trial.squares) < sum(winner.squares))) {
        winner = trial
      }
    }
  }
  return winner
}

/** The simplest alternative of one family that held-out stars do not surely lose by; null when all are needed. */
function* simplest(best: Trial, attempt: (choice: Choice) => Trial | null): Steps<Trial | null> {
  for (const family of [...FAMILY_NAMES].reverse()) {
    for (let index = 0; index < best.choice[family]; index++) {
      const trial = attempt({ ...best.choice, [family]: index })
      yield
      if (trial === null) continue
      if (gainSigmas(trial.squares, best.squares) <= thresholdOf(family)) return trial
    }
  }
  return null
}

const BOUND = 5 // sigmas: where the robust fit gives next to no weight, so that one wild pair cannot choose the model

export function boundedSquares(heldOut: HeldOut, sigma: Float64Array, trusted: Uint8Array): Float64Array {
  const squares: number[] = []
  for (let i = 0; i < sigma.length; i++) {
    if (trusted[i] !== 1) continue
    let own = 0
    for (const { xi, eta } of heldOut.residuals) {
      own += Math.min(BOUND, Math.hypot(xi[i]!, eta[i]!) / sigma[i]!) ** 2
    }
    squares.push(own / heldOut.residuals.length)
  }
  return Float64Array.from(squares)
}

/** By how many standard errors of its own scatter over the stars the richer model predicts them better. */
export function gainSigmas(simple: Float64Array, rich: Float64Array): number {
  const n = simple.length
  let total = 0
  for (let i = 0; i < n; i++) total += simple[i]! - rich[i]!
  const mean = total / n
  let scatter = 0
  for (let i = 0; i < n; i++) scatter += (simple[i]! - rich[i]! - mean) ** 2
  return scatter > 0 ? total / Math.sqrt(scatter) : 0
}

function sum(values: Float64Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}
