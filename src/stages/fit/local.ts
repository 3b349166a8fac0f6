// The smooth field that is left over the plate: splines with a prior of zero mean, least-squares collocation in the words
// of geodesy (Moritz 1980, Advanced Physical Geodesy). How stiff and how fine, held-out stars choose; mostly none.
import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { median } from '../../math/robust.ts'
import { type LocalField, localAt, splinesAt, splinesOf } from '../../models/local-field.ts'
import type { Steps } from '../../steps.ts'
import type { FitInput } from '../fit.ts'
import { FOLDS, foldAt } from './crossvalidate.ts'
import { scaledPlaces } from './frames.ts'
import type { RobustFit } from './robust-fit.ts'
import { gainSigmas } from './select.ts'

export interface LocalTrial {
  knots: number
  /** Scatter of the field that the prior expects, in units of the median error of a star. */
  stiffness: number
  sigmas: number
}

export interface LocalResult {
  field: LocalField | null
  /** How fine, and the scatter of the coefficients that the prior expects, radians; null where no field was adopted. */
  chosen: { knots: number; scatter: number } | null
  /** Held-out field of every pair, radians; zero where none was adopted. */
  heldOut: { xi: Float64Array; eta: Float64Array }
  trials: LocalTrial[]
}

const KNOTS = [3, 5, 8, 12]
const PRIORS = [0.1, 0.3, 1, 3] // scatter of a coefficient, in median errors of a star
const MIN_PAIRS = 100
const PAIRS_PER_SPLINE = 1.5
const SCALED = { x0: 0, y0: 0, halfPx: 1 } // the frame of places that are scaled already
const BLOCKS_PER_KNOT = 2 // held-out blocks finer than the field's own scale: the field is to be found between stars
const MIN_GAIN_SIGMAS = 4 // the best of sixteen trials
// A field that other programs cannot hold in a WCS must be worth it: as a share of the squared residuals.
const MIN_GAIN_SHARE = 0.03
const BOUND = 5

/** Looks for a field in the residuals of a fit; the stars that judge it took no part in finding it. */
export function* localFieldInSteps(
  input: Pick<FitInput, 'x' | 'y' | 'frame' | 'exposures' | 'trusted'>,
  fit: Pick<RobustFit, 'residualXi' | 'residualEta' | 'sigma' | 'weight'>,
): Steps<LocalResult> {
  const { u, v } = scaledPlaces(input)
  const rows = Array.from(fit.weight.keys()).filter((i) => fit.weight[i]! > 0)
  const judges = Array.from(input.trusted.keys()).filter((i) => input.trusted[i] === 1)
  const none = { xi: new Float64Array(u.length), eta: new Float64Array(u.length) }
  const trials: LocalTrial[] = []
  if (rows.length < MIN_PAIRS) return { field: null, chosen: null, heldOut: none, trials }
  const typical = median(rows.map((i) => fit.sigma[i]!))
  const before = squaresOf(judges, fit, none)
  const without = before.reduce((sum, square) => sum + square, 0)
  const most = (1 - MIN_GAIN_SHARE) * without
  let best: { knots: number; prior: number; total: number; heldOut: LocalResult['heldOut'] } | null = null
  for (const knots of KNOTS) {
    if (rows.length < PAIRS_PER_SPLINE * splinesOf(knots)) continue
    const fold = Uint8Array.from(u, (own, i) => foldAt(SCALED, own, v[i]!, undefined, blocksFor(knots)))
    const parts = Array.from({ length: FOLDS }, (_, f) =>
      normalOf(
        knots,
        u,
        v,
        fit,
        rows.filter((i) => fold[i] === f),
      ),
    )
    yield
    for (const prior of PRIORS) {
      const heldOut = { xi: new Float64Array(u.length), eta: new Float64Array(u.length) }
      for (let f = 0; f < FOLDS; f++) {
        const field = solve(knots, sumOf(parts.filter((_, g) => g !== f)), prior * typical)
        fold.forEach((own, i) => {
          if (own !== f) return
          const at = localAt(field, u[i]!, v[i]!)
          heldOut.xi[i] = at.xi
          heldOut.eta[i] = at.eta
        })
        yield
      }
      const after = squaresOf(judges, fit, heldOut)
      const sigmas = gainSigmas(before, after)
      trials.push({ knots, stiffness: prior, sigmas })
      const total = after.reduce((sum, square) => sum + square, 0)
      if (sigmas > MIN_GAIN_SIGMAS && total < (best?.total ?? most)) best = { knots, prior, total, heldOut }
    }
  }
  if (best === null) return { field: null, chosen: null, heldOut: none, trials }
  const solved = solve(best.knots, normalOf(best.knots, u, v, fit, rows), best.prior * typical, true)
  // The errors of the stars were measured with the field in them; without it they and the prior's scatter are smaller.
  const smaller = best.total / without
  const field = { ...solved, covariance: solved.covariance.map((value) => value * smaller) }
  const chosen = { knots: best.knots, scatter: best.prior * typical }
  return { field, chosen, heldOut: best.heldOut, trials }
}

/** The field of a known kind through the residuals of some of the pairs. */
export function fieldThrough(
  { knots, scatter }: { knots: number; scatter: number },
  input: Pick<FitInput, 'x' | 'y' | 'frame' | 'exposures'>,
  fit: Pick<RobustFit, 'residualXi' | 'residualEta' | 'sigma' | 'weight'>,
  rows: readonly number[],
): LocalField {
  const { u, v } = scaledPlaces(input)
  return solve(knots, normalOf(knots, u, v, fit, rows), scatter)
}

/** Into how many blocks per axis a plate is cut that judges such a field. */
export const blocksFor = (knots: number): number => BLOCKS_PER_KNOT * knots

interface Normal {
  a: Float64Array
  xi: Float64Array
  eta: Float64Array
}

/** Normal equations of the splines through the negative residuals of the rows. */
function normalOf(
  knots: number,
  u: Float64Array,
  v: Float64Array,
  fit: Pick<RobustFit, 'residualXi' | 'residualEta' | 'sigma' | 'weight'>,
  rows: readonly number[],
): Normal {
  const n = splinesOf(knots)
  const normal = { a: new Float64Array(n * n), xi: new Float64Array(n), eta: new Float64Array(n) }
  const at = splinesAt(knots, 0, 0)
  for (const i of rows) {
    const { index, value } = splinesAt(knots, u[i]!, v[i]!, at)
    const w = fit.weight[i]! / fit.sigma[i]! ** 2
    for (let k = 0; k < index.length; k++) {
      const own = w * value[k]!
      normal.xi[index[k]!]! -= own * fit.residualXi[i]!
      normal.eta[index[k]!]! -= own * fit.residualEta[i]!
      for (let l = 0; l < index.length; l++) normal.a[index[k]! * n + index[l]!]! += own * value[l]!
    }
  }
  return normal
}

function sumOf(parts: readonly Normal[]): Normal {
  const add = (key: keyof Normal) =>
    parts[0]![key].map((_, k) => parts.reduce((sum, part) => sum + part[key][k]!, 0))
  return { a: add('a'), xi: add('xi'), eta: add('eta') }
}

/** The most probable field for coefficients of the given scatter, radians; with their covariance if it is wanted. */
function solve(knots: number, { a, xi, eta }: Normal, scatter: number, withErrors = false): LocalField {
  const n = splinesOf(knots)
  // In units of the scatter, so that the matrix is of the order of one.
  const matrix = new Matrix(n, n)
  for (let k = 0; k < n; k++) {
    // One half serves both, or rounding would leave the matrix unsymmetric.
    for (let l = 0; l <= k; l++) {
      const value = a[k * n + l]! * scatter ** 2 + (k === l ? 1 : 0)
      matrix.set(k, l, value)
      matrix.set(l, k, value)
    }
  }
  const right = new Matrix(n, 2)
  for (let k = 0; k < n; k++) {
    right.set(k, 0, xi[k]! * scatter)
    right.set(k, 1, eta[k]! * scatter)
  }
  const cholesky = new CholeskyDecomposition(matrix)
  const solved = cholesky.solve(right)
  const inverse = withErrors ? cholesky.solve(Matrix.eye(n)).to1DArray() : []
  return {
    knots,
    xi: Float64Array.from(solved.getColumn(0), (c) => c * scatter),
    eta: Float64Array.from(solved.getColumn(1), (c) => c * scatter),
    covariance: Float64Array.from(inverse, (c) => c * scatter ** 2),
  }
}

function squaresOf(
  judges: readonly number[],
  { residualXi, residualEta, sigma }: Pick<RobustFit, 'residualXi' | 'residualEta' | 'sigma'>,
  field: LocalResult['heldOut'],
): Float64Array {
  return Float64Array.from(judges, (i) => {
    const own = Math.hypot(residualXi[i]! + field.xi[i]!, residualEta[i]! + field.eta[i]!)
    return Math.min(BOUND, own / sigma[i]!) ** 2
  })
}
