// Held-out residuals: the plate is cut into blocks, the blocks are dealt to folds, and each fold's stars are predicted
// by a fit to the others. Neighbouring stars share errors, so single stars left out would flatter the model.
import { type LocalField, localAt } from '../../models/local-field.ts'
import { type PlateModel, spread } from '../../models/plate-model.ts'
import { nameOf, type Term } from '../../models/term.ts'
import type { FitInput } from '../fit.ts'
import { frameAt } from './frames.ts'
import { designOf, type RobustFit } from './robust-fit.ts'
import { merged, solveModel, type Triangle, triangleOf } from './triangles.ts'

export interface HeldOut {
  /** Plate − reference of each pair, predicted by a fit it took no part in, radians; once per dealing of the blocks. */
  residuals: { xi: Float64Array; eta: Float64Array }[]
  /** Coefficients per term fitted without each fold of the first dealing, and the local field where there is one. */
  folds: { xi: Float64Array; eta: Float64Array; local?: LocalField }[]
  /** Into how many blocks per axis the plate was cut. */
  blocks: number
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
  blocks = BLOCKS,
): number {
  const block = (offset: number) =>
    Math.min(blocks - 1, Math.max(0, Math.floor(((offset / frame.halfPx + 1) / 2) * blocks)))
  return (block(x - frame.x0) + rowStep * block(y - frame.y0)) % FOLDS
}

/** Each tile of a mosaic has as many blocks as a plate, so that every fold leaves stars in every tile. */
export function blocksOf({ context: { tileEdges } }: FitInput): number {
  return BLOCKS * (1 + Math.max(tileEdges.x.length, tileEdges.y.length))
}

/** The pairs with the weights of one fit, ready to judge any model made of the given terms. */
export interface Folded {
  terms: readonly Term[]
  columnOf: Map<string, number>
  design: Float64Array
  /** Per dealing the fold of each pair, and per fold the triangle of all others. */
  dealings: { fold: Uint8Array; others: Triangle[] }[]
  blocks: number
}

export function foldPairs(
  input: FitInput,
  { weight, sigma }: Pick<RobustFit, 'weight' | 'sigma'>,
  terms: readonly Term[],
  blocks = blocksOf(input),
): Folded {
  const design = designOf(input, terms)
  const w = weight.map((value, i) => value / (sigma[i]! * sigma[i]!))
  const dealings = DEALINGS.map((rowStep) => {
    const fold = Uint8Array.from(input.x, (x, i) =>
      foldAt(frameAt(input, i), x, input.y[i]!, rowStep, blocks),
    )
    const own = Array.from({ length: FOLDS }, (_, f) => {
      const rows = Array.from(fold.keys()).filter((i) => fold[i] === f && w[i]! > 0)
      return triangleOf(design, terms.length, input.xi, input.eta, w, rows)
    })
    const others = own.map((_, f) => merged(own.filter((_, g) => g !== f)))
    return { fold, others }
  })
  return { terms, columnOf: new Map(terms.map((term, k) => [nameOf(term), k])), design, dealings, blocks }
}

/** A local field through the residuals of the pairs in `rows`. */
type FieldThrough = (
  left: { residualXi: Float64Array; residualEta: Float64Array },
  rows: number[],
) => LocalField

/**
 * Predicts every pair from the other folds, with the weights that the pairs were folded with.
 *
 * @param fieldThrough  adds to each fold's constants a local field through the residuals that they leave in the other folds
 * @returns undefined when a fold without its stars does not determine the model
 */
export function crossValidate(
  input: FitInput,
  model: PlateModel,
  folded: Folded,
  fieldThrough?: FieldThrough,
): HeldOut | undefined {
  const columns = model.terms.map((term) => folded.columnOf.get(nameOf(term))!)
  const { blocks } = folded
  const dealt: HeldOut[] = []
  for (const dealing of folded.dealings) {
    const folds: HeldOut['folds'] = []
    for (const [f, triangle] of dealing.others.entries()) {
      const solved = solveModel(triangle, model, columns)
      if (solved === undefined) return undefined
      const own = spread(model, solved.coefficients)
      if (fieldThrough === undefined) folds.push(own)
      else {
        const all = predict(input, folded, new Uint8Array(input.x.length), columns, [own])
        const others = Array.from(dealing.fold.keys()).filter((i) => dealing.fold[i] !== f)
        folds.push({ ...own, local: fieldThrough({ residualXi: all.xi, residualEta: all.eta }, others) })
      }
    }
    dealt.push({ folds, blocks, residuals: [predict(input, folded, dealing.fold, columns, folds)] })
  }
  return { residuals: dealt.flatMap((d) => d.residuals), folds: dealt[0]!.folds, blocks }
}

function predict(
  input: FitInput,
  { design, terms }: Folded,
  fold: Uint8Array,
  columns: number[],
  folds: HeldOut['folds'],
): HeldOut['residuals'][number] {
  const residuals = { xi: new Float64Array(fold.length), eta: new Float64Array(fold.length) }
  for (let i = 0; i < fold.length; i++) {
    const own = folds[fold[i]!]!
    let sumXi = -input.xi[i]!
    let sumEta = -input.eta[i]!
    for (let k = 0; k < columns.length; k++) {
      const value = design[i * terms.length + columns[k]!]!
      sumXi += own.xi[k]! * value
      sumEta += own.eta[k]! * value
    }
    if (own.local !== undefined) {
      const { x0, y0, halfPx } = frameAt(input, i)
      const field = localAt(own.local, (input.x[i]! - x0) / halfPx, (input.y[i]! - y0) / halfPx)
      sumXi += field.xi
      sumEta += field.eta
    }
    residuals.xi[i] = sumXi
    residuals.eta[i] = sumEta
  }
  return residuals
}
