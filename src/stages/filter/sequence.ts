// The stellar sequence of one plate: size, peak and elongation of its star images as functions of magnitude, learnt from
// the detections themselves. The mode in each step of magnitude is taken, not the mean: flaws are spread widely, stars
// are alike.
import type { Detections } from '../../detections.ts'
import { imagesOfLight } from '../../edges.ts'
import { MAD_TO_SIGMA, median } from '../../math/robust.ts'

export interface StellarSequence {
  /** Instrumental magnitudes, ascending. */
  magnitude: Float64Array
  /** log10 of the width (px) and of the peak, and the ellipticity, of a star of each magnitude. */
  logSize: Float64Array
  logPeak: Float64Array
  ellipticity: Float64Array
  /** Spread of stars about each. */
  logSizeSigma: Float64Array
  logPeakSigma: Float64Array
  ellipticitySigma: Float64Array
}

const STEP_MIN = 25 // detections: fewer have no mode
const STEPS_MAX = 30

// Spreads below which a deviation means nothing, whatever the plate: 2.5 % in size, 2.5 % in peak, 0.02 in ellipticity.
const MIN_LOG_SIGMA = 0.0108
const MIN_ELLIPTICITY_SIGMA = 0.02

export function stellarSequence(d: Detections): StellarSequence {
  const rows = imagesOfLight(d) ?? Array.from({ length: d.length }, (_, i) => i)
  const clean = rows.filter((i) => {
    const measured = Number.isFinite(d.magInst[i]!) && d.fwhm[i]! > 0.5 && d.peak[i]! > 0
    return measured && (d.sexFlags[i]! & 0b1010) === 0 && d.ellipticity[i]! < 0.6
  })
  clean.sort((a, b) => d.magInst[a]! - d.magInst[b]!)
  const steps = Math.max(1, Math.min(STEPS_MAX, Math.floor(clean.length / STEP_MIN)))
  const knots: Knot[] = []
  for (let s = 0; s < steps; s++) {
    const group = clean.slice(
      Math.floor((s * clean.length) / steps),
      Math.floor(((s + 1) * clean.length) / steps),
    )
    const middle = median(group.map((i) => d.magInst[i]!))
    // A step is a magnitude wide and more where stars are few, and peaks rise through it: the mode is that of a line.
    const size = modeAlongLine(group, d.magInst, middle, (i) => Math.log10(d.fwhm[i]!))
    const peak = modeAlongLine(group, d.magInst, middle, (i) => Math.log10(d.peak[i]!))
    const ellipticity = modeAndSpread(group.map((i) => d.ellipticity[i]!))
    const knot = { magnitude: middle, size, peak, ellipticity }
    // The ends of the sequence lie on the lines of its outer steps: the brightest holds all that saturates.
    if (s === 0 && group.length > 1) knots.push(along(knot, d.magInst[group[0]!]!))
    knots.push(knot)
    if (s === steps - 1 && group.length > 1) knots.push(along(knot, d.magInst[group.at(-1)!]!))
  }
  const column = (value: (knot: Knot) => number) => Float64Array.from(knots, value)
  const sequence: StellarSequence = {
    magnitude: column((k) => k.magnitude),
    logSize: column((k) => k.size.mode),
    logPeak: column((k) => k.peak.mode),
    ellipticity: column((k) => k.ellipticity.mode),
    logSizeSigma: column((k) => Math.max(MIN_LOG_SIGMA, k.size.sigma)),
    logPeakSigma: column((k) => Math.max(MIN_LOG_SIGMA, k.peak.sigma)),
    ellipticitySigma: column((k) => Math.max(MIN_ELLIPTICITY_SIGMA, k.ellipticity.sigma)),
  }
  for (const smoothed of [
    sequence.logSize,
    sequence.logSizeSigma,
    sequence.logPeakSigma,
    sequence.ellipticitySigma,
  ]) {
    smoothed.set(runningMedian3(smoothed))
  }
  return sequence
}

interface Line {
  mode: number
  sigma: number
  /** Per magnitude. */
  slope: number
}

/** The sequence at one magnitude. */
interface Knot {
  magnitude: number
  size: Line
  peak: Line
  ellipticity: { mode: number; sigma: number }
}

/** The knot at another magnitude of its step. */
function along(knot: Knot, magnitude: number): Knot {
  const moved = (line: Line) => ({ ...line, mode: line.mode + line.slope * (magnitude - knot.magnitude) })
  return { ...knot, magnitude, size: moved(knot.size), peak: moved(knot.peak) }
}

/**
 * Among the brightest stars, few and saturated, the sequence is a guess: worse by its own spread for each so many
 * magnitudes that a star is brighter than the middle of the brightest step.
 */
const GUESS_MAG = 0.5

/** How far a detection lies from the sequence, in its spreads; NaN where nothing could be measured. */
export function zScore(
  s: StellarSequence,
  d: Detections,
  i: number,
): { size: number; peak: number; ellipticity: number } {
  const m = d.magInst[i]!
  const at = (column: Float64Array) => interpolate(s.magnitude, column, m)
  const guess = 1 + Math.max(0, s.magnitude[Math.min(1, s.magnitude.length - 1)]! - m) / GUESS_MAG
  return {
    size: (Math.log10(d.fwhm[i]!) - at(s.logSize)) / (guess * at(s.logSizeSigma)),
    peak: (Math.log10(d.peak[i]!) - at(s.logPeak)) / (guess * at(s.logPeakSigma)),
    ellipticity: (d.ellipticity[i]! - at(s.ellipticity)) / at(s.ellipticitySigma),
  }
}

/** Mode and spread about a line through the step, whose slope is that of the medians of its bright and its faint half. */
function modeAlongLine(
  group: readonly number[],
  magnitude: Float64Array,
  middle: number,
  measure: (i: number) => number,
): Line {
  const half = group.length >> 1
  const [bright, faint] = [group.slice(0, half), group.slice(group.length - half)]
  const rise = median(faint.map(measure)) - median(bright.map(measure))
  const run = median(faint.map((i) => magnitude[i]!)) - median(bright.map((i) => magnitude[i]!))
  const slope = run > 0 ? rise / run : 0
  return { ...modeAndSpread(group.map((i) => measure(i) - slope * (magnitude[i]! - middle))), slope }
}

/**
 * The half-sample mode (Bickel & Frühwirth 2006): halve the sample to its densest half until three are left. The
 * spread is that of the densest half of the sample, scaled as for a normal distribution.
 */
export function modeAndSpread(values: number[]): { mode: number; sigma: number } {
  let v = values.filter(Number.isFinite).sort((a, b) => a - b)
  if (v.length === 0) return { mode: Number.NaN, sigma: Number.NaN }
  let sigma: number | undefined
  while (v.length > 3) {
    const half = Math.ceil(v.length / 2)
    let best = 0
    for (let k = 0; k + half <= v.length; k++) {
      if (v[k + half - 1]! - v[k]! < v[best + half - 1]! - v[best]!) best = k
    }
    v = v.slice(best, best + half)
    // Half of a normal distribution lies within ±0.6745 σ.
    sigma ??= ((v[v.length - 1]! - v[0]!) / 2) * MAD_TO_SIGMA
  }
  return { mode: median(v), sigma: sigma ?? 0 }
}

function runningMedian3(column: Float64Array): Float64Array {
  return column.map((value, i) =>
    i === 0 || i === column.length - 1 ? value : median([column[i - 1]!, value, column[i + 1]!]),
  )
}

/** Linear between the steps; beyond the brightest the last slope goes on, beyond the faintest the value stays. */
function interpolate(x: Float64Array, y: Float64Array, where: number): number {
  const last = x.length - 1
  if (last === 0 || where >= x[last]!) return y[last]!
  if (where <= x[0]!) {
    const reach = Math.min(last, 2)
    const span = x[reach]! - x[0]!
    return span > 0 ? y[0]! + ((y[reach]! - y[0]!) / span) * (where - x[0]!) : y[0]!
  }
  let k = 1
  while (x[k]! < where) k++
  const span = x[k]! - x[k - 1]!
  return span > 0 ? y[k - 1]! + ((where - x[k - 1]!) / span) * (y[k]! - y[k - 1]!) : y[k]!
}
