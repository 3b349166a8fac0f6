// An estimate of what a file of stars covers, from nothing but its stars: where they are about as dense as nearby, and how
// faint they go. It is wrong where the sky itself is empty, and at an edge it is good to half a cell.
import { cellCount, FINEST_ORDER } from '../../math/healpix.ts'
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

const COARSE_ORDER = 9 // 7′; its 3 million cells are counted whatever comes
const MOST_FINE_CELLS = 2 ** 17 // of finer orders, as a small field has them: some 8 MB
const STARS_PER_CELL = 16 // a third of which is four standard deviations away
const COVERED_SHARE = 1 / 3
const NEAR_BY = 3 // orders: 64 cells
const ENOUGH_NEAR = 16
const BIN_MAG = 0.5
const BINS = 80 // from G = -10 to 30
const FIRST_MAG = -10

/** Cells with stars in ascending order, and their stars. */
interface Level {
  order: number
  cells: Uint32Array
  counts: Uint32Array
}

/** Counts in cells as fine as a bounded number of them allows. */
export function coverageCounter(): CoverageCounter {
  const coarse = new Uint32Array(cellCount(COARSE_ORDER))
  const toCoarse = 4 ** (FINEST_ORDER - COARSE_ORDER)
  let fineOrder = FINEST_ORDER
  let fine = new Map<number, number>()
  const mags = new Float64Array(BINS)
  return {
    add({ columns, length }, cells) {
      for (let i = 0; i < length; i++) {
        coarse[Math.floor(cells[i]! / toCoarse)]!++
        const bin = Math.floor((columns.phot_g_mean_mag[i]! - FIRST_MAG) / BIN_MAG)
        if (bin >= 0 && bin < BINS) mags[bin]!++
      }
      if (fineOrder === COARSE_ORDER) return
      const shrink = 4 ** (FINEST_ORDER - fineOrder)
      for (const cell of cells) addTo(fine, Math.floor(cell / shrink), 1)
      while (fine.size > MOST_FINE_CELLS && fineOrder > COARSE_ORDER) {
        fineOrder--
        const parents = new Map<number, number>()
        if (fineOrder > COARSE_ORDER) {
          for (const [cell, count] of fine) addTo(parents, Math.floor(cell / 4), count)
        }
        fine = parents
      }
    },
    estimate() {
      const finest = fineOrder === COARSE_ORDER ? levelOfAll(coarse) : levelOfMap(fine, fineOrder)
      const level = usefulLevel(finest)
      return { order: level.order, pixels: coveredCells(level), limitMag: fullestBin(mags) }
    },
  }
}

function addTo(counts: Map<number, number>, cell: number, count: number): void {
  counts.set(cell, (counts.get(cell) ?? 0) + count)
}

function levelOfAll(all: Uint32Array): Level {
  const counts = all.filter((count) => count > 0)
  const cells = new Uint32Array(counts.length)
  for (let cell = 0, n = 0; cell < all.length; cell++) if (all[cell]! > 0) cells[n++] = cell
  return { order: COARSE_ORDER, cells, counts }
}

function levelOfMap(counts: ReadonlyMap<number, number>, order: number): Level {
  const cells = Uint32Array.from(counts.keys()).sort()
  return { order, cells, counts: cells.map((cell) => counts.get(cell)!) }
}

function coarser({ order, cells, counts }: Level): Level {
  const parents = new Uint32Array(cells.length)
  const sums = new Uint32Array(cells.length)
  let n = -1
  for (let i = 0; i < cells.length; i++) {
    const parent = Math.floor(cells[i]! / 4)
    if (n < 0 || parents[n] !== parent) parents[++n] = parent
    sums[n]! += counts[i]!
  }
  return { order: order - 1, cells: parents.slice(0, n + 1), counts: sums.slice(0, n + 1) }
}

/** The finest cells of which those with stars have enough of them on average. */
function usefulLevel(finest: Level): Level {
  const stars = finest.counts.reduce((sum, count) => sum + count, 0)
  for (let level = finest; level.order > 0; level = coarser(level)) {
    if (stars / level.cells.length >= STARS_PER_CELL) return level
  }
  // So few stars cover nothing that could be told: the cells that they lie in.
  return finest
}

/** Cells with a third of the stars that are usual nearby; where the sky is sparse, larger cells are judged. */
function coveredCells({ order, cells, counts }: Level): number[] {
  const usual = median(counts)
  const span = 4 ** Math.min(NEAR_BY, order)
  const covered: number[] = []
  for (let from = 0, to = 0; from < cells.length; from = to) {
    const region = Math.floor(cells[from]! / span)
    while (to < cells.length && Math.floor(cells[to]! / span) === region) to++
    const near = { order, cells: cells.subarray(from, to), counts: counts.subarray(from, to) }
    // At the edge of a field a region has few cells, and it is not they that say what is usual.
    covered.push(...(to - from < ENOUGH_NEAR ? cellsAbove(near, COVERED_SHARE * usual) : coveredNearby(near)))
  }
  return covered
}

function coveredNearby(near: Level): number[] {
  let level = near
  while (median(level.counts) < STARS_PER_CELL && level.order > 1 && near.order - level.order < NEAR_BY - 1) {
    level = coarser(level)
  }
  const parts = 4 ** (near.order - level.order)
  return cellsAbove(level, COVERED_SHARE * median(level.counts)).flatMap((cell) =>
    Array.from({ length: parts }, (_, n) => cell * parts + n),
  )
}

function cellsAbove({ cells, counts }: Level, least: number): number[] {
  return [...cells].filter((_, i) => counts[i]! >= least)
}

/** Upper edge of the fullest bin: the counts of stars grow to the faint end until some are missing. */
function fullestBin(mags: Float64Array): number | null {
  const most = Math.max(...mags)
  return most === 0 ? null : FIRST_MAG + (mags.indexOf(most) + 1) * BIN_MAG
}
