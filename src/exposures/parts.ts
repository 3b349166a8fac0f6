// A plate with several exposures, parted by their pattern: to each exposure its own images, those of no exposure to all.
import { solveLinearEach } from '../math/leastsquares.ts'
import { REJECT } from '../reject.ts'
import type { FilterResult } from '../stages/filter.ts'
import type { ExposurePattern } from '../stages/triage/exposure-pattern.ts'
import type { StarGroup } from '../stages/triage/star-groups.ts'

/** From a place on the plate in the deepest exposure to that in this one, px: x' = x0 + a x + b y, y' = y0 + c x + d y. */
export interface Shift {
  x0: number
  y0: number
  matrix: [a: number, b: number, c: number, d: number]
}

export interface ExposurePart {
  /** From the deepest exposure; null where the pattern does not tell. */
  shift: Shift | null
  magStep: number | null
  /** As the filter left it, with the images of other exposures rejected. */
  filtered: FilterResult
  /** Rows that belong to it by the pattern; null where there is no pattern. */
  members: Int32Array | null
  /** Rows that belong to other exposures. */
  elsewhere: ReadonlySet<number>
}

/** The whole plate as one part. */
export const wholePlate = (filtered: FilterResult): ExposurePart => ({
  shift: { x0: 0, y0: 0, matrix: [1, 0, 0, 1] },
  magStep: 0,
  filtered,
  members: null,
  elsewhere: new Set(),
})

export function partsOf(
  { exposures, member, groups }: ExposurePattern,
  places: { x: Float64Array; y: Float64Array },
  filtered: FilterResult,
): ExposurePart[] {
  return exposures.map(({ dx, dy, magStep }, k) => ({
    shift: k === 0 ? { x0: 0, y0: 0, matrix: [1, 0, 0, 1] } : shiftOf(groups, k, places, dx, dy),
    magStep,
    members: Int32Array.from(member.keys()).filter((row) => member[row] === k),
    ...withoutOthers(filtered, (row) => member[row] !== -1 && member[row] !== k),
  }))
}

/** What is left for one exposure when the images of others are known. */
export function withoutOthers(
  filtered: FilterResult,
  isElsewhere: (row: number) => boolean,
): Pick<ExposurePart, 'filtered' | 'elsewhere'> {
  const elsewhere = new Set(Array.from(filtered.reject.keys()).filter(isElsewhere))
  const reject = filtered.reject.map((bits, row) =>
    elsewhere.has(row) ? bits | REJECT.OTHER_EXPOSURE : bits,
  )
  return {
    filtered: { ...filtered, reject, ranked: filtered.ranked.filter((row) => !elsewhere.has(row)) },
    elsewhere,
  }
}

const STARS_PER_TERM = 8
const WILD = 3 // boundary of the residuals, in their rms: a wrong group is many times farther off
const ROUNDS = 3

/** A telescope moved near the pole turns the field: the shift is linear over the plate, where the stars are enough to tell. */
function shiftOf(
  groups: readonly StarGroup[],
  k: number,
  { x, y }: { x: Float64Array; y: Float64Array },
  dx: number,
  dy: number,
): Shift {
  const pairs = groups.filter((group) => group[0]! >= 0 && group[k]! >= 0)
  const plain: Shift = { x0: dx, y0: dy, matrix: [1, 0, 0, 1] }
  if (pairs.length < 3 * STARS_PER_TERM) return plain
  const from = pairs.map((group) => group[0]!)
  const to = pairs.map((group) => group[k]!)
  const scale = Math.max(...from.map((row) => Math.max(Math.abs(x[row]!), Math.abs(y[row]!))))
  const design = Float64Array.from(from.flatMap((row) => [1, x[row]! / scale, y[row]! / scale]))
  const targets = [Float64Array.from(to, (row) => x[row]!), Float64Array.from(to, (row) => y[row]!)]
  const weight = new Float64Array(pairs.length).fill(1)
  let shift = plain
  for (let round = 0; round < ROUNDS; round++) {
    const solved = solveLinearEach(design, 3, targets, weight)
    if (solved === undefined) return plain
    const [u, v] = solved.coefficients as [Float64Array, Float64Array]
    shift = { x0: u[0]!, y0: v[0]!, matrix: [u[1]! / scale, u[2]! / scale, v[1]! / scale, v[2]! / scale] }
    const off = from.map((row, n) => {
      const there = shifted(shift, x[row]!, y[row]!)
      return Math.hypot(there.x - x[to[n]!]!, there.y - y[to[n]!]!)
    })
    const rms = Math.sqrt(off.reduce((sum, r) => sum + r * r, 0) / off.length)
    off.forEach((r, n) => {
      weight[n] = r > WILD * rms ? 0 : 1
    })
  }
  return shift
}

export function shifted({ x0, y0, matrix: [a, b, c, d] }: Shift, x: number, y: number) {
  return { x: x0 + a * x + b * y, y: y0 + c * x + d * y }
}

export function unshifted({ x0, y0, matrix: [a, b, c, d] }: Shift, x: number, y: number) {
  const determinant = a * d - b * c
  const [u, v] = [x - x0, y - y0]
  return { x: (d * u - b * v) / determinant, y: (a * v - c * u) / determinant }
}
