// How large a rate may be, by the number of times that a thing was seen.

/** log of n over k. */
function logChoose(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i)
  return sum
}

/** Probability of k or fewer of n, where each has probability p. */
function atMostOf(k: number, n: number, p: number): number {
  if (p >= 1) return k >= n ? 1 : 0
  let sum = 0
  for (let i = 0; i <= k; i++)
    sum += Math.exp(logChoose(n, i) + (i === 0 ? 0 : i * Math.log(p)) + (n - i) * Math.log1p(-p))
  return sum
}

/** The rate that k of n exceeds with a probability of 95 %: the one-sided bound of Clopper & Pearson 1934, Biometrika 26, 404. */
export function upperBound(k: number, n: number): number {
  if (k >= n) return 1
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (atMostOf(k, n, middle) > 0.05) low = middle
    else high = middle
  }
  return high
}

export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '–'

/** "3 of 120 (2.5 %, surely below 6.3 %)". */
export const rate = (k: number, n: number): string =>
  n === 0 ? 'none of 0' : `${k} of ${n} (${percent(k / n)}; 95 % sure: below ${percent(upperBound(k, n))})`

/** "3 (2.5 %, < 6.3 %)", for tables whose rows tell of how many. */
export const shareOf = (k: number, n: number): string =>
  n === 0 ? '–' : `${k} (${percent(k / n)}, < ${percent(upperBound(k, n))})`
