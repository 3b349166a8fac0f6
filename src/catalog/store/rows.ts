// Rows of stars on their way into tiles: which cell each belongs to, each source once, bright ones first, cut into tiles.
import { type Cell, cellAt, cellCentre, children, FINEST_ORDER, finestRange } from '../../math/healpix.ts'
import { DEG, unitVector } from '../../math/sphere.ts'
import { concatenated, pickRows, type StarTable } from './star-table.ts'
import { BATCH_ROWS } from './tile-format.ts'

/** A tile of more stars is cut in four. */
export const MAX_TILE_ROWS = 150_000
/** Tiles that together have no more are joined. */
export const JOINED_TILE_ROWS = 100_000

/** Gaia's cell is that of a first place of the source: its later place may lie in the next one, but not far away. */
const ID_MARGIN_DEG = 0.05

/**
 * The cell of order 12 of every star: that of its source_id (divided by 2³⁵, as in Gaia's numbers), or of its place where
 * the number is none of Gaia's; NOWHERE for a star without a place.
 */
export function finestCells({ length, columns }: StarTable): Uint32Array {
  const words = new Uint32Array(columns.source_id.buffer, columns.source_id.byteOffset, 2 * length)
  const cells = new Uint32Array(length)
  for (let i = 0; i < length; i++) {
    const byNumber = words[2 * i + 1]! >>> 3 // the upper half of source_id, which is little-endian in memory
    const byPlace = cellAt(FINEST_ORDER, columns.ra[i]!, columns.dec[i]!)
    const trusts = byNumber === byPlace || isNear(byNumber, columns.ra[i]!, columns.dec[i]!)
    cells[i] = trusts ? byNumber : Number.isNaN(byPlace) ? NOWHERE : byPlace
  }
  return cells
}

const FINEST_COUNT = finestRange({ order: 0, pixel: 11 })[1]
/** A number that no cell has. */
const NOWHERE = 2 ** 32 - 1

function isNear(pixel: number, raDeg: number, decDeg: number): boolean {
  if (pixel >= FINEST_COUNT) return false
  const place = unitVector(raDeg * DEG, decDeg * DEG)
  const centre = cellCentre({ order: FINEST_ORDER, pixel })
  return Math.hypot(...centre.map((x, k) => x - place[k]!)) < ID_MARGIN_DEG * DEG
}

/**
 * Of every star whether its number is Gaia's, so that it tells the star from all others: files with numbers of their own
 * begin each with 1.
 * @param cells  as `finestCells` gives them
 */
export function hasGaiasNumber({ length, columns }: StarTable, cells: Uint32Array): Uint8Array {
  const { buffer, byteOffset } = columns.source_id
  const words = new Uint32Array(buffer, byteOffset, 2 * length)
  return Uint8Array.from(cells, (cell, i) => {
    const high = words[2 * i + 1]!
    return high >>> 3 === cell && (high | words[2 * i]!) !== 0 ? 1 : 0
  })
}

/**
 * Each source once: of rows with the same number of Gaia's the last one stays, and where the number is not Gaia's, of
 * those with the same number at the same place.
 */
export function lastOfEach(tables: readonly StarTable[]): StarTable {
  const all = concatenated(tables)
  const { source_id: ids, ra, dec } = all.columns
  if (new Set(ids).size === all.length) return all
  const isGaias = hasGaiasNumber(all, finestCells(all))
  const last = new Map<bigint | string, number>()
  for (let i = 0; i < all.length; i++) last.set(isGaias[i] ? ids[i]! : `${ids[i]} ${ra[i]} ${dec[i]}`, i)
  return last.size === all.length ? all : pickRows(all, Int32Array.from(last.values()).sort())
}

/** Bright stars first, stars without a magnitude last; equal ones by their numbers and places. */
export function sortedByMagnitude(stars: StarTable): StarTable {
  const { phot_g_mean_mag: mags, source_id: ids, ra, dec } = stars.columns
  const rows = Float64Array.from(mags, (mag, i) => monotone(mag) * ROOM + i)
  rows.sort()
  const order = Int32Array.from(rows, (key) => key % ROOM)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && Object.is(mags[order[to]!], mags[order[from]!])) to++
    if (to - from > 1) {
      const tied = order.subarray(from, to)
      tied.sort((a, b) =>
        ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : ra[a]! - ra[b]! || dec[a]! - dec[b]!,
      )
    }
    from = to
  }
  return pickRows(stars, order)
}

/**
 * Slices of magnitude: 4096 stars, as many again, then twice as many each time, so that none is much larger than all that are
 * brighter. Beginnings of the slices, and the end.
 */
export function sliceStarts(length: number): number[] {
  const starts = [0]
  for (let end = BATCH_ROWS; end < length; end *= 2) starts.push(end)
  return [...starts, length]
}

/** Stars in the order of a tile. */
export interface LaidOut {
  stars: StarTable
  /** As `finestCells` gives them. */
  cells: Uint32Array
}

/**
 * The stars as a tile keeps them, from stars sorted by magnitude: slice after slice, and within a slice by their cells. A
 * search to a limit reads the first slices; a search for a small field reads a few batches of each.
 */
export function laidOut(sorted: StarTable): LaidOut {
  const cells = finestCells(sorted)
  const order = new Int32Array(sorted.length)
  const starts = sliceStarts(sorted.length)
  for (let n = 0; n + 1 < starts.length; n++) {
    const [from, to] = [starts[n]!, starts[n + 1]!]
    const keys = Float64Array.from({ length: to - from }, (_, i) => cells[from + i]! * ROOM + i)
    keys.sort()
    keys.forEach((key, i) => {
      order[from + i] = from + (key % ROOM)
    })
  }
  return { stars: pickRows(sorted, order), cells: Uint32Array.from(order, (row) => cells[row]!) }
}

/** Rows that a key of 53 bits has room for beside 32 bits of magnitude. */
const ROOM = 2 ** 21
const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** A whole number of 32 bits that grows with a single real; the largest for NaN. */
function monotone(value: number): number {
  if (Number.isNaN(value)) return 2 ** 32 - 1
  single[0] = value
  return bits[0]! >= 2 ** 31 ? 2 ** 32 - 1 - bits[0]! : bits[0]! + 2 ** 31
}

export interface Piece {
  cell: Cell
  stars: StarTable
}

/** Cuts the stars of a cell into tiles of at most MAX_TILE_ROWS; cells without stars give none. */
export function cut({ cell, stars }: Piece): Piece[] {
  if (stars.length === 0) return []
  if (stars.length <= MAX_TILE_ROWS || cell.order === FINEST_ORDER) return [{ cell, stars }]
  return quarters({ cell, stars }).flatMap(cut)
}

/** The stars of a cell in the four cells of the next order, those without stars too. */
export function quarters({ cell, stars }: Piece): Piece[] {
  const cells = finestCells(stars)
  return children(cell).map((child) => {
    const [first, end] = finestRange(child)
    const rows: number[] = []
    cells.forEach((pixel, row) => {
      if (pixel >= first && pixel < end) rows.push(row)
    })
    return { cell: child, stars: pickRows(stars, rows) }
  })
}

/**
 * A piece, and pieces of their own for those of its stars that lie in other cells, which would be lost where a tile is
 * cut. Stars without a place are left out.
 */
export function withStrangersApart({ cell, stars }: Piece): Piece[] {
  const [first, end] = finestRange(cell)
  const cells = finestCells(stars)
  const isAtHome = (pixel: number) => pixel >= first && pixel < end
  if (cells.every(isAtHome)) return [{ cell, stars }]
  const rows = new Map<number, number[]>([[-1, []]])
  cells.forEach((pixel, row) => {
    const home = isAtHome(pixel) ? -1 : pixel
    if (pixel === NOWHERE) return
    if (!rows.has(home)) rows.set(home, [])
    rows.get(home)!.push(row)
  })
  return [...rows].map(([home, own]) => ({
    cell: home === -1 ? cell : { order: FINEST_ORDER, pixel: home },
    stars: pickRows(stars, own),
  }))
}
