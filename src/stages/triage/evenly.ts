// Images spread over the plate as evenly as its stars allow: of a small part of the plate that is far denser than the rest, a
// patch of mould or damaged emulsion or a cluster, only the brightest. On a sparse plate such patches have most of all images.
import { median } from '../../math/robust.ts'

const CELLS = 8 // on each side
const MOST_OVER_MEDIAN = 3
const FEWEST = 5 // in a cell, how few the others ever have

/**
 * @param order rows of the images, the best first; their order is kept
 * @returns those left; as many as there were where no cell is far denser than the others
 */
export function spreadEvenly(
  order: readonly number[],
  { x, y }: { x: ArrayLike<number>; y: ArrayLike<number> },
  { width, height }: { width: number; height: number },
): number[] {
  const within = (place: number, size: number) =>
    Math.min(CELLS - 1, Math.max(0, Math.floor((place / size) * CELLS)))
  const cellOf = (row: number) => within(y[row]!, height) * CELLS + within(x[row]!, width)
  const counts = new Int32Array(CELLS * CELLS)
  for (const row of order) counts[cellOf(row)]!++
  const most = Math.max(FEWEST, MOST_OVER_MEDIAN * median(counts))
  const taken = new Int32Array(CELLS * CELLS)
  return order.filter((row) => taken[cellOf(row)]!++ < most)
}
