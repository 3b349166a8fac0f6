// The offset histogram: on a plate with two exposures, most bright stars have a partner at one offset and one difference
// of magnitude; on a single one, the offsets to other images are spread as the images are.
import { madSigma, median } from '../../math/robust.ts'
import type { TriageInput } from '../triage.ts'

export interface RepeatedOffset {
  dx: number
  dy: number
  pairs: number
  stars: number
  /** Pairs that the neighbourhood of the offset lets expect. */
  expected: number
  magnitudeStep: number
}

const BRIGHT = 150
/** Partners may be much fainter: a short second exposure, or the ghost of a Pickering wedge. */
const PARTNERS = 3000
const REACH = 0.3 // of the shorter side
const MIN_SHARE = 0.25 // of the bright stars must have a partner at the offset
const SIGMAS = 8
const MAX_STEP_SCATTER = 0.5 // mag: partners of one exposure differ by one step
const SURROUNDINGS = 8 // cells around the offset that tell what chance gives

/** The strongest offset that stands out of its own surroundings, or undefined. */
export function repeatedOffset(input: TriageInput): RepeatedOffset | undefined {
  const { detections: d, ranked, width, height, fwhmPx } = input
  const byMagnitude = Array.from(ranked).sort((a, b) => d.magInst[a]! - d.magInst[b]! || a - b)
  const bright = byMagnitude.slice(0, BRIGHT)
  const reach = REACH * Math.min(width, height)
  const cell = Math.max(1.5, 0.5 * fwhmPx)
  const side = Math.ceil(reach / cell)
  const stride = 2 * side + 1
  const counts = new Uint16Array(stride * stride)
  const offsets: { at: number; dx: number; dy: number; step: number }[] = []
  for (const a of bright) {
    for (const b of byMagnitude.slice(0, PARTNERS)) {
      const dx = d.x[b]! - d.x[a]!
      const dy = d.y[b]! - d.y[a]!
      // From the brighter to the fainter: both ways would count every pair twice, at opposite offsets.
      const step = d.magInst[b]! - d.magInst[a]!
      if (a === b || step < 0 || Math.hypot(dx, dy) > reach || Math.hypot(dx, dy) < fwhmPx) continue
      const at = (Math.round(dy / cell) + side) * stride + Math.round(dx / cell) + side
      counts[at]!++
      offsets.push({ at, dx, dy, step })
    }
  }
  const best = densest(counts, stride)
  if (best === undefined) return undefined
  const around = sumAround(counts, stride, best, SURROUNDINGS) - sumAround(counts, stride, best, 2)
  const expected = (9 * around) / ((2 * SURROUNDINGS + 1) ** 2 - 25)
  const members = offsets.filter(
    ({ at }) =>
      Math.abs((at % stride) - (best % stride)) <= 1 &&
      Math.abs(Math.floor(at / stride) - Math.floor(best / stride)) <= 1,
  )
  // Where the exposures are alike, the fainter of the two lies on either side: half of the pairs at each offset.
  const enough = Math.max(MIN_SHARE * bright.length, expected + SIGMAS * Math.sqrt(expected + 1))
  if (members.length < enough) return undefined
  const steps = members.map((m) => m.step)
  if (madSigma(steps) > MAX_STEP_SCATTER) return undefined
  return {
    dx: median(members.map((m) => m.dx)),
    dy: median(members.map((m) => m.dy)),
    pairs: members.length,
    stars: bright.length,
    expected,
    magnitudeStep: median(steps),
  }
}

/** The cell whose 3 × 3 neighbourhood holds most; undefined where there are no pairs. */
function densest(counts: Uint16Array, stride: number): number | undefined {
  let best: { at: number; sum: number } | undefined
  counts.forEach((count, at) => {
    if (count === 0) return
    const sum = sumAround(counts, stride, at, 1)
    if (best === undefined || sum > best.sum) best = { at, sum }
  })
  return best?.at
}

function sumAround(counts: Uint16Array, stride: number, at: number, radius: number): number {
  const cx = at % stride
  const cy = Math.floor(at / stride)
  let sum = 0
  for (let y = Math.max(0, cy - radius); y <= Math.min(stride - 1, cy + radius); y++) {
    for (let x = Math.max(0, cx - radius); x <= Math.min(stride - 1, cx + radius); x++) {
      sum += counts[y * stride + x]!
    }
  }
  return sum
}
