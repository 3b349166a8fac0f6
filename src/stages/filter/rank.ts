// The solver's list: bright first, but spread over the plate, so that one crowded or dirty corner cannot fill it.
import type { FilterInput } from '../filter.ts'

const CELLS = 10 // along the longer side
const DOUBT_MAGNITUDES = 2 // by how much an image that is hardly like a star is put back

/** Rows without a reason against them: every cell's brightest first, then every cell's second, and so on. */
export function rankUniformly(
  { detections: d, width, height }: FilterInput,
  reject: Int32Array,
  pStar: Float64Array,
): Int32Array {
  const cell = Math.max(width, height) / CELLS
  const columns = Math.ceil(width / cell)
  const key = (i: number) => d.magInst[i]! + DOUBT_MAGNITUDES * (1 - pStar[i]!)
  const good = Array.from({ length: d.length }, (_, i) => i).filter((i) => reject[i] === 0)
  good.sort((a, b) => key(a) - key(b) || a - b)
  const takenFromCell = new Map<number, number>()
  const turn = new Map<number, number>()
  for (const i of good) {
    const at = Math.floor((d.y[i]! - 0.5) / cell) * columns + Math.floor((d.x[i]! - 0.5) / cell)
    const nth = takenFromCell.get(at) ?? 0
    takenFromCell.set(at, nth + 1)
    turn.set(i, nth)
  }
  good.sort((a, b) => turn.get(a)! - turn.get(b)! || key(a) - key(b) || a - b)
  return Int32Array.from(good)
}
