// The peaks of an offset histogram: boxes of offset and magnitude step that hold more pairs than their surroundings
// and the ring of equally long offsets let expect, by the Poisson probability of finding one anywhere.
import type { OffsetHistogram, OffsetPeak } from './offset-histogram.ts'
import { log10Poisson } from './poisson.ts'
import { median } from './robust.ts'

const HALF_WINDOW_MAG = 0.4 // steps of one exposure scatter by half of this: photographic magnitudes are measured to 0.1 to 0.2
const STEP_BIN_MAG = 0.1
const LEAST_PAIRS = 3
const AROUND_BOXES = 3 // boxes on each side whose pairs are the surroundings
const MAX_PEAKS = 60

interface Candidate {
  cell: number
  /** Entries of the histogram. */
  members: number[]
  expected: number
  log10: number
}

/** @returns the peaks that chance makes with a probability below 10^limit, the surest first */
export function offsetPeaks(histogram: OffsetHistogram, limit: number): OffsetPeak[] {
  const { start, side, cellPx } = histogram
  const total = histogram.dx.length
  if (total < LEAST_PAIRS) return []
  const stride = 2 * side + 1
  const share = stepShares(histogram.dmag)
  const surroundings = surroundingsOf(histogram)
  // Any octave of length is as likely as any other, so that a short offset is one of few.
  const octaves = Math.max(1, Math.log2(histogram.reachPx / Math.max(histogram.leastPx, cellPx)))
  const halves = histogram.half ? 0.5 : 1
  const trials = (row: number, column: number) => {
    const cells = Math.max(9, Math.PI * ((row - side) ** 2 + (column - side) ** 2))
    return Math.log10(halves * octaves * cells * (share.range + 1))
  }
  const candidates: Candidate[] = []
  const steps: number[] = []
  for (let row = 1; row < stride - 1; row++) {
    for (let column = 1; column < stride - 1; column++) {
      const cell = row * stride + column
      if (start[cell + 1] === start[cell]) continue
      steps.length = 0
      for (let y = -stride; y <= stride; y += stride) {
        for (let k = start[cell + y - 1]!; k < start[cell + y + 2]!; k++) steps.push(histogram.dmag[k]!)
      }
      if (steps.length < LEAST_PAIRS) continue
      steps.sort((a, b) => a - b)
      const [low, pairs] = fullestWindow(steps)
      if (pairs < LEAST_PAIRS) continue
      const expected = 9 * surroundings(row, column) * share.within(low, low + 2 * HALF_WINDOW_MAG)
      if (pairs < 2 * expected) continue
      const tried = trials(row, column)
      if (log10Poisson(pairs, expected) + tried >= limit) continue
      // An image with many others in one box, the middle of a cluster or of a flaw, is one pair.
      const members = distinctPairs(histogram, cell, low)
      const log10 = log10Poisson(members.length, expected) + tried
      if (log10 < limit) candidates.push({ cell, members, expected, log10 })
    }
  }
  candidates.sort((a, b) => a.log10 - b.log10 || a.cell - b.cell)
  const peaks: OffsetPeak[] = []
  for (const candidate of candidates) {
    if (peaks.length >= MAX_PEAKS) break
    const peak = peakOf(histogram, candidate)
    const reach = 2 * 3 * cellPx
    const known = peaks.some(
      (p) =>
        Math.hypot(p.dx - peak.dx, p.dy - peak.dy) < reach &&
        Math.abs(p.magStep - peak.magStep) < 2 * HALF_WINDOW_MAG,
    )
    if (!known) peaks.push(peak)
  }
  return peaks
}

/** The start of the window of magnitude steps with most entries, and their number. */
function fullestWindow(sortedSteps: readonly number[]): [low: number, count: number] {
  let begin = 0
  let best = 0
  let low = 0
  for (let end = 0; end < sortedSteps.length; end++) {
    while (sortedSteps[end]! - sortedSteps[begin]! > 2 * HALF_WINDOW_MAG) begin++
    if (end - begin + 1 > best) {
      best = end - begin + 1
      low = sortedSteps[begin]!
    }
  }
  return [low, best]
}

/** The entries of a box within a window of magnitude steps, no image twice on either side. */
function distinctPairs(
  { start, side, from, to, dmag }: OffsetHistogram,
  cell: number,
  low: number,
): number[] {
  const stride = 2 * side + 1
  const members: number[] = []
  const [seenFrom, seenTo] = [new Set<number>(), new Set<number>()]
  for (let y = -stride; y <= stride; y += stride) {
    for (let k = start[cell + y - 1]!; k < start[cell + y + 2]!; k++) {
      const within = dmag[k]! >= low && dmag[k]! <= low + 2 * HALF_WINDOW_MAG
      if (!within || seenFrom.has(from[k]!) || seenTo.has(to[k]!)) continue
      seenFrom.add(from[k]!)
      seenTo.add(to[k]!)
      members.push(k)
    }
  }
  return members
}

function peakOf(histogram: OffsetHistogram, { members, expected, log10 }: Candidate): OffsetPeak {
  return {
    dx: median(members.map((k) => histogram.dx[k]!)),
    dy: median(members.map((k) => histogram.dy[k]!)),
    magStep: median(members.map((k) => histogram.dmag[k]!)),
    ...{ pairs: members.length, expected, log10Chance: log10 },
    from: Int32Array.from(members, (k) => histogram.from[k]!),
    to: Int32Array.from(members, (k) => histogram.to[k]!),
  }
}

/** Which share of all pairs has its magnitude step within given bounds, and how many windows the steps span. */
function stepShares(dmag: Float32Array) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const step of dmag) {
    if (step < low) low = step
    if (step > high) high = step
  }
  const bins = Math.max(1, Math.ceil((high - low) / STEP_BIN_MAG) + 1)
  const below = new Float64Array(bins + 1)
  for (const step of dmag) below[Math.floor((step - low) / STEP_BIN_MAG) + 1]!++
  for (let k = 1; k <= bins; k++) below[k]! += below[k - 1]!
  const at = (step: number) => below[Math.min(bins, Math.max(0, Math.round((step - low) / STEP_BIN_MAG)))]!
  return {
    range: (high - low) / (2 * HALF_WINDOW_MAG),
    // One pair more than there are: a step that no pair has is not impossible.
    within: (from: number, to: number) => (at(to + STEP_BIN_MAG) - at(from) + 1) / (dmag.length + 1),
  }
}

/**
 * Pairs per cell that the surroundings of an offset let expect: the larger of those in the square around its box and in the
 * ring of equally long offsets. Both are this plate's own: clusters make pairs at all short offsets, scratches along a line.
 */
function surroundingsOf(histogram: OffsetHistogram): (row: number, column: number) => number {
  const { start, side, cellPx, reachPx, leastPx, half } = histogram
  const stride = 2 * side + 1
  const isSearched = (row: number, column: number) => {
    const [x, y] = [(column - side) * cellPx, (row - side) * cellPx]
    const apart = Math.hypot(x, y)
    return apart <= reachPx - cellPx && apart >= leastPx + cellPx && !(half && x < cellPx)
  }
  const pairsUpTo = new Float64Array((stride + 1) * (stride + 1))
  const cellsUpTo = new Float64Array((stride + 1) * (stride + 1))
  const rings = Math.ceil(reachPx / (3 * cellPx)) + 2
  const ringOf = (row: number, column: number) =>
    Math.min(rings - 1, Math.floor(Math.hypot(column - side, row - side) / 3))
  const ringPairs = new Float64Array(rings)
  const ringCells = new Float64Array(rings)
  for (let row = 0; row < stride; row++) {
    for (let column = 0; column < stride; column++) {
      const cell = row * stride + column
      const searched = isSearched(row, column)
      const count = searched ? start[cell + 1]! - start[cell]! : 0
      const at = (row + 1) * (stride + 1) + column + 1
      pairsUpTo[at] = count + pairsUpTo[at - 1]! + pairsUpTo[at - stride - 1]! - pairsUpTo[at - stride - 2]!
      cellsUpTo[at] =
        Number(searched) + cellsUpTo[at - 1]! + cellsUpTo[at - stride - 1]! - cellsUpTo[at - stride - 2]!
      if (!searched) continue
      ringPairs[ringOf(row, column)]! += count
      ringCells[ringOf(row, column)]!++
    }
  }
  const sum = (upTo: Float64Array, row: number, column: number, reach: number) => {
    const [top, bottom] = [Math.max(0, row - reach), Math.min(stride, row + reach + 1)]
    const [left, right] = [Math.max(0, column - reach), Math.min(stride, column + reach + 1)]
    const at = (r: number, c: number) => upTo[r * (stride + 1) + c]!
    return at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left)
  }
  const around = 3 * AROUND_BOXES + 1
  return (row, column) => {
    const box = (upTo: Float64Array) => sum(upTo, row, column, 2)
    const square = (upTo: Float64Array) => sum(upTo, row, column, around) - box(upTo)
    const local = square(pairsUpTo) / Math.max(1, square(cellsUpTo))
    let [pairs, cells] = [0, 0]
    const ring = ringOf(row, column)
    for (let k = Math.max(0, ring - 1); k <= Math.min(rings - 1, ring + 1); k++) {
      pairs += ringPairs[k]!
      cells += ringCells[k]!
    }
    // The box itself is no part of its surroundings.
    const ringed = (pairs - box(pairsUpTo)) / Math.max(1, cells - box(cellsUpTo))
    return Math.max(local, ringed, 0)
  }
}
