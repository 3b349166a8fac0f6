// Periodic errors of the scanner: a least-squares periodogram of the residuals along x and along y of the scan, both
// directions of the residual together (Lomb 1976, Ap&SS 39, 447; Scargle 1982, ApJ 263, 835).
import type { PartContext } from '../../models/plate-model.ts'
import type { Steps } from '../../steps.ts'
import type { FitInput } from '../fit.ts'
import type { RobustFit } from './robust-fit.ts'

export type Period = PartContext['periods'][number]

/** Far below 1 in a million: residuals that agree between neighbours for other reasons look like waves, too. */
const MAX_FALSE_ALARM = 1e-7

const OVERSAMPLING = 6 // frequencies per 1/length of the plate
const FEWEST_CYCLES = 2.5 // over the plate: polynomials follow slower waves, or look like them
const PAIRS_PER_CYCLE = 8
const MOST_CYCLES = 100
const FREQUENCIES_PER_STEP = 40

/** The strongest wave in the residuals of a fit; null where none stands out of the noise. */
export function* strongestPeriodInSteps(
  input: Pick<FitInput, 'x' | 'y' | 'frame'>,
  fit: Pick<RobustFit, 'residualXi' | 'residualEta' | 'sigma' | 'weight'>,
): Steps<Period | null> {
  const rows = Array.from(fit.weight.keys()).filter((i) => fit.weight[i]! > 0)
  const most = Math.min(MOST_CYCLES, rows.length / PAIRS_PER_CYCLE)
  if (most <= FEWEST_CYCLES) return null
  const length = 2 * input.frame.halfPx
  let best: { axis: 'x' | 'y'; cycles: number; power: number } | null = null
  for (const axis of ['x', 'y'] as const) {
    const power = periodogram(rows, input[axis], fit)
    for (let k = 0; FEWEST_CYCLES + k / OVERSAMPLING <= most; k++) {
      const cycles = FEWEST_CYCLES + k / OVERSAMPLING
      const own = power(cycles / length)
      if (best === null || own > best.power) best = { axis, cycles, power: own }
      if (k % FREQUENCIES_PER_STEP === 0) yield
    }
  }
  if (best === null) return null
  const { axis } = best
  const power = periodogram(rows, input[axis], fit)
  const cycles = peakNear(best.cycles, 1 / OVERSAMPLING, (c) => power(c / length))
  // Δχ² of four coefficients: P(> z) = (1 + z/2) exp(−z/2), for each independent frequency of either axis.
  const z = power(cycles / length)
  const falseAlarm = 2 * most * (1 + z / 2) * Math.exp(-z / 2)
  return falseAlarm > MAX_FALSE_ALARM ? null : { axis, periodPx: length / cycles }
}

/** Δχ² by a sine and a cosine of a frequency (per pixel), with a mean, in both ξ and η, as a function of the frequency. */
function periodogram(
  rows: readonly number[],
  place: Float64Array,
  {
    residualXi,
    residualEta,
    sigma,
    weight,
  }: Pick<RobustFit, 'residualXi' | 'residualEta' | 'sigma' | 'weight'>,
): (frequency: number) => number {
  const s = Float64Array.from(rows, (i) => 2 * Math.PI * place[i]!)
  const w = Float64Array.from(rows, (i) => weight[i]! / sigma[i]! ** 2)
  const xi = Float64Array.from(rows, (i) => residualXi[i]!)
  const eta = Float64Array.from(rows, (i) => residualEta[i]!)
  return (frequency) => {
    let [W, C, S, CC, CS, SS] = [0, 0, 0, 0, 0, 0]
    let [X, XC, XS, Y, YC, YS] = [0, 0, 0, 0, 0, 0]
    for (let k = 0; k < s.length; k++) {
      const own = w[k]!
      const cos = Math.cos(s[k]! * frequency)
      const sin = Math.sin(s[k]! * frequency)
      W += own
      C += own * cos
      S += own * sin
      CC += own * cos * cos
      CS += own * cos * sin
      SS += own * sin * sin
      X += own * xi[k]!
      XC += own * xi[k]! * cos
      XS += own * xi[k]! * sin
      Y += own * eta[k]!
      YC += own * eta[k]! * cos
      YS += own * eta[k]! * sin
    }
    const cc = CC - (C * C) / W
    const cs = CS - (C * S) / W
    const ss = SS - (S * S) / W
    const determinant = cc * ss - cs * cs
    if (!(determinant > 1e-9 * W * W)) return 0
    const gain = (mean: number, c: number, d: number) => {
      const p = c - (mean * C) / W
      const q = d - (mean * S) / W
      return (ss * p * p - 2 * cs * p * q + cc * q * q) / determinant
    }
    return gain(X, XC, XS) + gain(Y, YC, YS)
  }
}

const GOLDEN = (Math.sqrt(5) - 1) / 2
const GOLDEN_ROUNDS = 30

/** The place of the maximum within ± reach of a start, by golden section. */
function peakNear(start: number, reach: number, value: (at: number) => number): number {
  let [low, high] = [start - reach, start + reach]
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
  let [atA, atB] = [value(a), value(b)]
  for (let round = 0; round < GOLDEN_ROUNDS; round++) {
    if (atA > atB) {
      ;[high, b, atB] = [b, a, atA]
      a = high - GOLDEN * (high - low)
      atA = value(a)
    } else {
      ;[low, a, atA] = [a, b, atB]
      b = low + GOLDEN * (high - low)
      atB = value(b)
    }
  }
  return (low + high) / 2
}
