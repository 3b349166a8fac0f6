// The tail of the Poisson distribution, where it is far too small for ordinary arithmetic.

/** log₁₀ of the probability of `count` or more where `expected` are expected; 0 where it is not below the mean. */
export function log10Poisson(count: number, expected: number): number {
  if (count <= expected) return 0
  const mu = Math.max(expected, 1e-9)
  let logFactorial = 0
  for (let k = 2; k <= count; k++) logFactorial += Math.log(k)
  // P(X ≥ k) = p(k) (1 + μ/(k+1) + μ²/((k+1)(k+2)) + …)
  let sum = 1
  let term = 1
  for (let k = count + 1; term > 1e-12 * sum && k < count + 10_000; k++) {
    term *= mu / k
    sum += term
  }
  return Math.min(0, (count * Math.log(mu) - mu - logFactorial + Math.log(sum)) / Math.LN10)
}
