// The thumbnail of a plate as a function of the place on the scan.
import type { Sky } from './sky-map.ts'

/** Level at a place (FITS pixels), bilinear between the middles of cells; NaN outside and at blank cells. */
export function sampler({
  cellPx,
  columns,
  rows,
  levels,
}: Sky['thumbnail']): (x: number, y: number) => number {
  return (x, y) => {
    const [u, v] = [(x - 0.5) / cellPx - 0.5, (y - 0.5) / cellPx - 0.5]
    const [i, j] = [Math.floor(u), Math.floor(v)]
    if (!(i >= 0 && j >= 0 && i < columns - 1 && j < rows - 1)) return Number.NaN
    const [p, q] = [u - i, v - j]
    const at = j * columns + i
    return (
      (1 - q) * ((1 - p) * levels[at]! + p * levels[at + 1]!) +
      q * ((1 - p) * levels[at + columns]! + p * levels[at + columns + 1]!)
    )
  }
}
