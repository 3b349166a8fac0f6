// Held-out residuals: the plate is cut into blocks, the blocks are dealt to folds, and each fold's stars are predicted
// by a fit to the others. Neighbouring stars share errors, so single stars left out would flatter the model.
import { solveLinearEach } from '../../math/leastsquares.ts'
import type { PlateModel } from '../../models/polynomial.ts'
import type { FitInput } from '../fit.ts'
import { designOf, type RobustFit } from './robust-fit.ts'

export interface HeldOut {
  /** Plate − reference of each pair, predicted by a fit it took no part in, radians; once per dealing of the blocks. */
  residuals: { xi: Float64Array; eta: Float64Array }[]
  /** Coefficients fitted without each fold of the first dealing. */
  folds: { xi: Float64Array; eta: Float64Array }[]
}

export const FOLDS = 5
const BLOCKS = 5 // per axis: with these dealings every row and every column of blocks holds every fold once

/** Steps of the fold from row to row: with both, the folds are the same for a scan that is mirrored or turned. */
const DEALINGS = [2, 3]

/** The fold of a place on the plate: a Latin square of blocks over the scan. */
export function foldAt(
  frame: { x0: number; y0: number; halfPx: number },
  x: number,
  y: number,
  rowStep = DEALINGS[0]!,
): number {
  const block = (offset: number) =>
    Math.min(BLOCKS - 1, Math.max(0, Math.floor(((offset / frame.halfPx + 1) / 2) * BLOCKS)))
  return (block(x - frame.x0) + rowStep * block(y - frame.y0)) % FOLDS
}

/**
 * Predicts every pair from the other folds, with the weights of the full fit.
 * @returns undefined when a fold without its stars does not determine the model
 */
export function crossValidate(input: FitInput, model: PlateModel, full: RobustFit): HeldOut | undefined {
  const design = designOf(input, model)
  const dealt = DEALINGS.map((rowStep) => predictFolds(input, model, full, design, rowStep))
  if (dealt.some((d) => d === undefined)) return undefined
  return { residuals: dealt.map((d) => d!.residuals), folds: dealt[0]!.folds }
}

function predictFolds(
  input: FitInput,
  model: PlateModel,
  full: RobustFit,
  design: Float64Array,
  rowStep: number,
): { residuals: HeldOut['residuals'][number]; folds: HeldOut['folds'] } | undefined {
  const n = input.x.length
  const xi = new Float64Array(n)
  const eta = new Float64Array(n)
  const fold = Uint8Array.from({ length: n }, (_, i) =>
    foldAt(input.frame, input.x[i]!, input.y[i]!, rowStep),
  )
  const folds: HeldOut['folds'] = []
  for (let f = 0; f < FOLDS; f++) {
    const weight = full.weight.map((w, i) => (fold[i] === f ? 0 : w / (full.sigma[i]! * full.sigma[i]!)))
    const solved = solveLinearEach(design, model.terms, [input.xi, input.eta], weight)
    if (solved === undefined) return undefined
    const [a, b] = solved.coefficients as [Float64Array, Float64Array]
    folds.push({ xi: a, eta: b })
    for (let i = 0; i < n; i++) {
      if (fold[i] !== f) continue
      let sumXi = 0
      let sumEta = 0
      for (let k = 0; k < model.terms; k++) {
        const term = design[i * model.terms + k]!
        sumXi += a[k]! * term
        sumEta += b[k]! * term
      }
      xi[i] = sumXi - input.xi[i]!
      eta[i] = sumEta - input.eta[i]!
    }
  }
  return { residuals: { xi, eta }, folds }
}
