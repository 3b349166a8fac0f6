// Sorts any number of stars into tiles of the sky in constant memory: once through the stars, which go into files by coarse
// cells; then one file, or the few files of a coarse tile, at a time.
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfCancelled } from '../../errors.ts'
import { ancestor, type Cell, cellCount, children, FINEST_ORDER, finestRange } from '../../math/healpix.ts'
import type { StarTable } from '../store/star-table.ts'
import { type Buckets, cannotSort, openBuckets } from './buckets.ts'
import {
  cellOfRecord,
  newRecords,
  RECORD_BYTES,
  type Records,
  rowWriter,
  tableOfRecords,
} from './star-records.ts'

export interface SpillOptions {
  /** Receives a folder of files, 176 bytes a star, which is gone again at the end, however it ends. */
  dir: string
  /** The nested HEALPix cell of order 12 of every row. */
  cellsOf: (stars: StarTable) => Uint32Array
  /** A cell with more rows is split in four, down to cells of order 12. */
  maxTileRows: number
  /** About what is held at once, for either pass; beside it, one batch of rows and one tile. */
  memoryBytes?: number | undefined
  /** Asked for a cell with few enough rows: must it be split all the same? */
  mustSplit?: ((cell: Cell) => boolean) | undefined
  signal?: AbortSignal | undefined
}

const MEMORY_BYTES = 64 * 2 ** 20
const FIRST_ORDER = 3 // 768 files
const FINER_BY = 3 // a file that is too large becomes 64

/**
 * Each tile with stars once, in the nested order of their cells; in a tile, the stars by their cells of order 12, and those
 * of one such cell as they came. The order of the batches and the memory allowed do not change anything else.
 * @throws UserError when the files cannot be written; Cancelled
 */
export async function* spillRows(
  batches: AsyncIterable<StarTable>,
  options: SpillOptions,
): AsyncGenerator<{ cell: Cell; stars: StarTable }, void, undefined> {
  const { cellsOf, memoryBytes = MEMORY_BYTES, signal } = options
  const folder = await mkdtemp(join(options.dir, 'platepipe-import-')).catch((error) => {
    throw cannotSort(options.dir, error)
  })
  try {
    const buckets = openBuckets(folder, FIRST_ORDER, cellCount(FIRST_ORDER), memoryBytes)
    for await (const stars of batches) {
      throwIfCancelled(signal)
      const cells = cellsOf(stars)
      const put = rowWriter(stars)
      for (let row = 0; row < stars.length; row++) {
        const { records, record } = buckets.room(cells[row]!)
        put(row, cells[row]!, records, record)
      }
    }
    buckets.finish()
    const sorting: Sorting = { ...options, memoryBytes, folder }
    for (let pixel = 0; pixel < cellCount(0); pixel++) yield* tilesIn({ order: 0, pixel }, buckets, sorting)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Sorting extends SpillOptions {
  memoryBytes: number
  folder: string
}

interface Tile {
  cell: Cell
  stars: StarTable
}

/** The tiles of a cell that is no finer than the buckets. */
function* tilesIn(cell: Cell, buckets: Buckets, sorting: Sorting): Generator<Tile> {
  const { memoryBytes, signal } = sorting
  throwIfCancelled(signal)
  const within = [...buckets.counts.keys()]
    .filter((pixel) => ancestor({ order: buckets.order, pixel }, cell.order).pixel === cell.pixel)
    .sort((a, b) => a - b)
  const rows = within.reduce((sum, pixel) => sum + buckets.counts.get(pixel)!, 0)
  if (rows === 0) return
  if (isTile(cell, rows, sorting)) {
    yield { cell, stars: sorted(joined(within.map((pixel) => buckets.take(pixel)))).table() }
  } else if (cell.order < buckets.order) {
    for (const child of children(cell)) yield* tilesIn(child, buckets, sorting)
  } else if (rows * RECORD_BYTES <= memoryBytes || cell.order === FINEST_ORDER) {
    yield* split(cell, sorted(buckets.take(cell.pixel)), sorting)
  } else yield* tilesIn(cell, finerBuckets(cell, buckets, sorting), sorting)
}

function isTile(cell: Cell, rows: number, { maxTileRows, mustSplit }: Sorting): boolean {
  if (cell.order === FINEST_ORDER) return true
  return rows <= maxTileRows && !(mustSplit?.(cell) ?? false)
}

const RUN_ROWS = 16_384

/** A bucket that is larger than the memory allowed, as buckets of finer cells. */
function finerBuckets(cell: Cell, buckets: Buckets, { folder, memoryBytes, signal }: Sorting): Buckets {
  const finer = openBuckets(folder, cell.order + FINER_BY, 4 ** FINER_BY, memoryBytes)
  for (const run of buckets.takeInRuns(cell.pixel, RUN_ROWS)) {
    throwIfCancelled(signal)
    for (let i = 0; i < run.length; i++) {
      const { records, record } = finer.room(cellOfRecord(run, i))
      records.bytes.set(run.bytes.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES), record * RECORD_BYTES)
    }
  }
  finer.finish()
  return finer
}

function joined(parts: readonly Records[]): Records {
  if (parts.length === 1) return parts[0]!
  const all = newRecords(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const { bytes } of parts) {
    all.bytes.set(bytes, at)
    at += bytes.length
  }
  return all
}

/** Records by cell, and those of one cell as they came. */
interface Sorted {
  /** How many records come before those of this cell of order 12. */
  before(finestCell: number): number
  table(from?: number, to?: number): StarTable
}

const ROOM = 2 ** 25 // records that a key has room for beside a cell of order 12, which is below 2^28

function sorted(records: Records): Sorted {
  const keys = new Float64Array(records.length)
  for (let i = 0; i < keys.length; i++) keys[i] = cellOfRecord(records, i) * ROOM + i
  keys.sort()
  return {
    before(finestCell) {
      let low = 0
      let high = keys.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (keys[middle]! < finestCell * ROOM) low = middle + 1
        else high = middle
      }
      return low
    },
    table(from = 0, to = keys.length) {
      return tableOfRecords(
        records,
        Int32Array.from(keys.subarray(from, to), (key) => key % ROOM),
      )
    },
  }
}

function* split(cell: Cell, records: Sorted, sorting: Sorting): Generator<Tile> {
  throwIfCancelled(sorting.signal)
  const [first, end] = finestRange(cell)
  const [from, to] = [records.before(first), records.before(end)]
  if (from === to) return
  if (isTile(cell, to - from, sorting)) yield { cell, stars: records.table(from, to) }
  else for (const child of children(cell)) yield* split(child, records, sorting)
}
