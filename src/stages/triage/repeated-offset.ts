// The pair-offset histogram: on a plate with two exposures, many pairs of stars share one offset and one difference of
// magnitude; on a single one, offsets are spread as the stars are.
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

const STARS = 400
const REACH = 0.3 // of the shorter side
const MIN_SHARE = 0.2 // of the stars must have a partner at the offset
const SIGMAS = 8
const MAX_STEP_SCATTER = 0.5 // mag: partners of one exposure differ by one step

/** The strongest offset that stands out of its own surroundings, or undefined. */
export function repeatedOffset(input: TriageInput): RepeatedOffset | undefined {
  const { detections: d, ranked, width, height, fwhmPx } = input
  const rows = ranked.slice(0, STARS)
  const reach = REACH * Math.min(width, height)
  const cell = Math.max(1.5, 0.5 * fwhmPx)
  const side = Math.ceil(reach / cell)
  const stride = 2 * side + 1
  // Half a plane is enough: the offset from a to b and that from b to a say the same.
  const counts = new Uint16Array(stride * (side + 1))
  const offsets: { at: number; dx: number; dy: number; step: number }[] = []
  for (let a = 0; a < rows.length; a++) {
    for (let b = 0; b < rows.length; b++) {
      const dx = d.x[rows[b]!]! - d.x[rows[a]!]!
      const dy = d.y[rows[b]!]! - d.y[rows[a]!]!
      if (a === b || dy < 0 || (dy === 0 && dx < 0) || Math.hypot(dx, dy) > reach) continue
      const cx = Math.round(dx / cell) + side
      const cy = Math.round(dy / cell)
      if (cx < 0 || cx >= stride || cy > side) continue
      const at = cy * stride + cx
      counts[at]!++
      offsets.push({ at, dx, dy, step: d.magInst[rows[b]!]! - d.magInst[rows[a]!]! })
    }
  }
  const sumAround = (cx: number, cy: number, radius: number): number => {
    let sum = 0
    for (let y = cy - radius; y <= cy + radius; y++) {
      for (let x = cx - radius; x <= cx + radius; x++) {
        // The other half-plane is the mirror image of this one.
        const [mx, my] = y < 0 ? [2 * side - x, -y] : [x, y]
        if (mx >= 0 && mx < stride && my <= side) sum += counts[my * stride + mx]!
      }
    }
    return sum
  }
  let best: { cx: number; cy: number; sum: number } | undefined
  for (let cy = 0; cy <= side; cy++) {
    for (let cx = 0; cx < stride; cx++) {
      const offsetPx = Math.hypot(cx - side, cy) * cell
      if (counts[cy * stride + cx] === 0 || offsetPx < 1.5 * fwhmPx) continue
      const sum = sumAround(cx, cy, 1)
      if (best === undefined || sum > best.sum) best = { cx, cy, sum }
    }
  }
  if (best === undefined) return undefined
  const OUTER = 8
  const expected =
    (9 * (sumAround(best.cx, best.cy, OUTER) - sumAround(best.cx, best.cy, 2))) / ((2 * OUTER + 1) ** 2 - 25)
  const members = offsets.filter((o) => {
    const cx = o.at % stride
    const cy = Math.floor(o.at / stride)
    return Math.abs(cx - best.cx) <= 1 && Math.abs(cy - best.cy) <= 1
  })
  const enough = Math.max(MIN_SHARE * rows.length, expected + SIGMAS * Math.sqrt(expected + 1))
  if (members.length < enough) return undefined
  const steps = members.map((m) => m.step)
  if (madSigma(steps) > MAX_STEP_SCATTER) return undefined
  return {
    dx: median(members.map((m) => m.dx)),
    dy: median(members.map((m) => m.dy)),
    pairs: members.length,
    stars: rows.length,
    expected,
    magnitudeStep: median(steps),
  }
}
