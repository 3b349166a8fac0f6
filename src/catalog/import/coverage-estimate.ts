// An estimate of what a file of stars covers, from nothing but its stars: where they are about as dense as nearby, and how
// faint they go. It is wrong where the sky itself is empty, and at an edge it is good to half a cell.
import { FINEST_ORDER } from '../../math/healpix.ts'
import { median } from '../../math/robust.ts'
import type { StarTable } from '../store/star-table.ts'

/** Always an estimate. */
export interface CoverageEstimate {
  order: number
  /** Nested HEALPix cells of that order, ascending. */
  pixels: number[]
  /** G to which the stars seem to be all there; null when they have no G. */
  limitMag: number | null
}

export interface CoverageCounter {
  /** @param cells  the cell of order 12 of every row */
  add(stars: StarTable, cells: Uint32Array): void
  estimate(): CoverageEstimate
}

const MOST_CELLS = 2 ** 20 // some 60 MB; the whole sky has fewer of order 8
const STARS_PER_CELL = 16 // a third of which is four standard deviations away
const COVERED_SHARE = 1 / 3
const NEAR_BY = 3 // orders: 64 cells
const ENOUGH_NEAR = 16
const BIN_MAG = 0.5
const BINS = 80 // from G = -10 to 30
const FIRST_MAG = -10

type Counts = Map<number, number>

/** Counts in cells as fine as a bounded number of them allows. */
export function coverageCounter(): CoverageCounter {
  let order = FINEST_ORDER
  let counts: Counts = new Map()
  const mags = new Float64Array(BINS)
  return {
    add({ columns, length }, cells) {
      const shrink = 4 ** (FINEST_ORDER - order)
      for (let i = 0; i < length; i++) {
        const cell = Math.floor(cells[i]! / shrink)
        counts.set(cell, (counts.get(cell) ?? 0) + 1)
        const bin = Math.floor((columns.phot_g_mean_mag[i]! - FIRST_MAG) / BIN_MAG)
        if (bin >= 0 && bin < BINS) mags[bin]!++
      }
      while (counts.size > MOST_CELLS) {
        counts = coarser(counts)
        order--
      }
    },
    estimate() {
      const levels = [counts]
      const level = (k: number): Counts => {
        while (levels.length <= order - k) levels.push(coarser(levels.at(-1)!))
        return levels[order - k]!
      }
      const chosen = orderOf(level, order)
      return { order: chosen, pixels: coveredCells(level, chosen), limitMag: fullestBin(mags) }
    },
  }
}

function coarser(counts: Counts): Counts {
  const parents: Counts = new Map()
  for (const [cell, count] of counts) {
    const parent = Math.floor(cell / 4)
    parents.set(parent, (parents.get(parent) ?? 0) + count)
  }
  return parents
}

const sum = (counts: Counts): number => [...counts.values()].reduce((all, count) => all + count, 0)

/** The finest order at which a cell with stars has enough of them on average. */
function orderOf(level: (order: number) => Counts, finest: number): number {
  const stars = sum(level(finest))
  for (let order = finest; order > 0; order--) {
    if (stars / level(order).size >= STARS_PER_CELL) return order
  }
  // So few stars cover nothing that could be told: the cells that they lie in.
  return finest
}

/** Cells with a third of the stars that are usual nearby; where the sky is sparse, larger cells are judged. */
function coveredCells(level: (order: number) => Counts, order: number): number[] {
  const counts = level(order)
  const usual = median([...counts.values()])
  const regions = new Map<number, number[]>()
  const span = 4 ** Math.min(NEAR_BY, order)
  for (const cell of counts.keys()) {
    const region = Math.floor(cell / span)
    const cells = regions.get(region)
    if (cells) cells.push(cell)
    else regions.set(region, [cell])
  }
  const covered: number[] = []
  for (const cells of regions.values()) {
    if (cells.length < ENOUGH_NEAR)
      covered.push(...cells.filter((cell) => counts.get(cell)! >= COVERED_SHARE * usual))
    else covered.push(...coveredInRegion(cells, level, order))
  }
  return covered.sort((a, b) => a - b)
}

function coveredInRegion(cells: number[], level: (order: number) => Counts, order: number): number[] {
  for (let up = 0; ; up++) {
    const counts = level(order - up)
    const larger = [...new Set(cells.map((cell) => Math.floor(cell / 4 ** up)))]
    const usual = median(larger.map((cell) => counts.get(cell)!))
    if (usual < STARS_PER_CELL && up + 1 < NEAR_BY && order - up > 0) continue
    return larger
      .filter((cell) => counts.get(cell)! >= COVERED_SHARE * usual)
      .flatMap((cell) => Array.from({ length: 4 ** up }, (_, n) => cell * 4 ** up + n))
  }
}

/** Upper edge of the fullest bin: the counts of stars grow to the faint end until some are missing. */
function fullestBin(mags: Float64Array): number | null {
  const most = Math.max(...mags)
  return most === 0 ? null : FIRST_MAG + (mags.indexOf(most) + 1) * BIN_MAG
}
