// Non-linear least squares by Levenberg and Marquardt, for a few parameters and many observations: the caller adds up the
// normal equations of one linearisation, and nothing of the size of the observations is kept.

/** The normal equations JᵀWJ δ = −JᵀW r of a linearisation, and the cost ½ rᵀW r (or its robust like). */
export interface NormalEquations {
  /** n × n, row by row; only the lower triangle is read. */
  matrix: Float64Array
  /** JᵀW r. */
  gradient: Float64Array
  cost: number
}

export interface Minimum {
  parameters: Float64Array
  cost: number
  /** At the minimum, n × n. */
  covariance: Float64Array
  iterations: number
  /** The last step changed the cost by less than the tolerance. */
  converged: boolean
}

export interface MarquardtOptions {
  maxIterations: number
  /** Ends when the cost falls by less than this part of itself. */
  tolerance: number
  /** The longest step in each parameter: a step that is longer in any is shortened as a whole. */
  longestStep?: Float64Array
}

const FIRST_DAMPING = 1e-3
const LEAST_DAMPING = 1e-9
const MOST_DAMPING = 1e7

/**
 * Minimises a sum of squares from a start. Damping is relative to the diagonal (Marquardt 1963, J. SIAM 11, 431), so the
 * units of the parameters do not matter.
 *
 * @param linearise  adds the normal equations at these parameters to zeroed arrays and returns the cost; not finite means
 *   that the parameters are impossible and the step is refused
 * @returns undefined where the start is impossible or the observations do not determine the parameters
 */
export function marquardt(
  start: Float64Array,
  linearise: (parameters: Float64Array, matrix: Float64Array, gradient: Float64Array) => number,
  { maxIterations, tolerance, longestStep }: MarquardtOptions,
): Minimum | undefined {
  const n = start.length
  const at = (parameters: Float64Array): NormalEquations => {
    const matrix = new Float64Array(n * n)
    const gradient = new Float64Array(n)
    return { matrix, gradient, cost: linearise(parameters, matrix, gradient) }
  }
  let parameters = Float64Array.from(start)
  let here = at(parameters)
  if (!Number.isFinite(here.cost)) return undefined
  let damping = FIRST_DAMPING
  let iterations = 0
  let converged = false
  while (iterations < maxIterations && !converged) {
    iterations++
    const factor = cholesky(damped(here.matrix, n, damping), n)
    const step = factor && shortened(solveCholesky(factor, here.gradient, n), longestStep)
    const trial = step && parameters.map((value, k) => value - step[k]!)
    const there = trial && at(trial)
    if (trial && there && there.cost <= here.cost) {
      converged = here.cost - there.cost <= tolerance * here.cost
      parameters = trial
      here = there
      damping = Math.max(LEAST_DAMPING, damping / 10)
    } else {
      damping *= 10
      // No step, however short, goes down: this is the minimum, as far as numbers tell.
      if (damping > MOST_DAMPING) converged = true
    }
  }
  const factor = cholesky(damped(here.matrix, n, 0), n)
  if (factor === undefined) return undefined
  return { parameters, cost: here.cost, covariance: inverseCholesky(factor, n), iterations, converged }
}

function shortened(step: Float64Array, longest: Float64Array | undefined): Float64Array {
  if (longest === undefined) return step
  const excess = step.reduce((most, value, k) => Math.max(most, Math.abs(value) / longest[k]!), 1)
  return step.map((value) => value / excess)
}

function damped(matrix: Float64Array, n: number, damping: number): Float64Array {
  const copy = Float64Array.from(matrix)
  for (let k = 0; k < n; k++) copy[k * n + k]! *= 1 + damping
  return copy
}

/** L of A = L Lᵀ, in place; undefined where A is not positive definite to machine precision. */
export function cholesky(a: Float64Array, n: number): Float64Array | undefined {
  for (let j = 0; j < n; j++) {
    const diagonal = a[j * n + j]!
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (i > j) a[i * n + j] = sum / a[j * n + j]!
      else if (sum > 1e-13 * diagonal) a[j * n + j] = Math.sqrt(sum)
      else return undefined
    }
  }
  return a
}

/** x of L Lᵀ x = b. */
export function solveCholesky(l: Float64Array, b: Float64Array, n: number): Float64Array {
  const x = Float64Array.from(b)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!
    x[i]! /= l[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!
    x[i]! /= l[i * n + i]!
  }
  return x
}

function inverseCholesky(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n)
  const unit = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    unit.fill(0)
    unit[j] = 1
    const column = solveCholesky(l, unit, n)
    for (let i = 0; i < n; i++) inverse[i * n + j] = column[i]!
  }
  return inverse
}
