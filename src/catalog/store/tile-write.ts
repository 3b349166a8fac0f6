// A tile of the store: one Apache Arrow IPC file, its stars in slices of magnitude and, within a slice, by their cells on the
// sky, cut into batches: a search reads only the batches that are bright enough and near enough. Its schema carries a checksum for every column of every batch.
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import {
  type DataType,
  Field,
  Float32,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableToIPC,
  Uint8,
} from 'apache-arrow'
import type { Cell } from '../../math/healpix.ts'
import type { LaidOut } from './rows.ts'
import { STORED_COLUMNS, STORED_NAMES, type StoredType } from './star-table.ts'
import { BATCH_ROWS, checksum, TILE_KEYS, TRAILER_BYTES } from './tile-format.ts'

const TYPES: Record<StoredType, () => DataType> = {
  int64: () => new Int64(),
  float64: () => new Float64(),
  float32: () => new Float32(),
  uint8: () => new Uint8(),
}

export interface WrittenTile {
  bytes: number
  sha256: string
  /** Of what stands between the last batch and the end of the file: places and checksums of everything else. */
  footerBytes: number
  footerCrc32: number
}

/**
 * Writes a tile.
 * @param path  a file that nobody reads yet
 */
export async function writeTile(
  path: string,
  { stars, cells }: LaidOut,
  about: { cell: Cell; release: string; refEpochYr: number },
): Promise<WrittenTile> {
  const fields = STORED_NAMES.map((name) => {
    const { type, unit, text } = STORED_COLUMNS[name]
    return new Field(name, TYPES[type](), false, new Map(Object.entries({ unit, description: text })))
  })
  const starts = Array.from({ length: Math.ceil(stars.length / BATCH_ROWS) }, (_, n) => n * BATCH_ROWS)
  const part = (name: (typeof STORED_NAMES)[number], start: number) =>
    stars.columns[name].subarray(start, start + BATCH_ROWS)
  const sums = Uint32Array.from(
    starts.flatMap((start) => STORED_NAMES.map((name) => checksum(part(name, start)))),
  )
  const metadata = new Map([
    [TILE_KEYS.cell, `${about.cell.order}/${about.cell.pixel}`],
    [TILE_KEYS.release, about.release],
    [TILE_KEYS.refEpoch, String(about.refEpochYr)],
    [TILE_KEYS.sums, Buffer.from(sums.buffer).toString('base64')],
    [TILE_KEYS.brightest, starts.map((start) => least(part('phot_g_mean_mag', start))).join(',')],
    [TILE_KEYS.cells, starts.map((start) => spanOf(cells.subarray(start, start + BATCH_ROWS))).join(',')],
  ])
  const schema = new Schema(fields, metadata)
  const type = new Struct(fields)
  const batches = starts.map((start) => {
    const children = fields.map(({ name, type: columnType }) => {
      const values = part(name as (typeof STORED_NAMES)[number], start)
      // The library's types want one known type of column.
      return makeData({
        type: columnType as Float64,
        length: values.length,
        nullCount: 0,
        data: values as Float64Array,
      })
    })
    const length = Math.min(BATCH_ROWS, stars.length - start)
    return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children }))
  })
  const file = tableToIPC(new Table(schema, batches), 'file')
  await writeFile(path, file, { flag: 'wx', flush: true })
  const footerBytes = new DataView(file.buffer, file.byteOffset).getInt32(
    file.byteLength - TRAILER_BYTES,
    true,
  )
  return {
    bytes: file.byteLength,
    sha256: createHash('sha256').update(file).digest('hex'),
    footerBytes,
    footerCrc32: crc32(file.subarray(file.byteLength - TRAILER_BYTES - footerBytes)),
  }
}

/** The least that is a number; NaN where none is. */
function least(values: Iterable<number | bigint>): number {
  let found = Number.NaN
  for (const value of values)
    if (!(Number(value) >= found) && !Number.isNaN(Number(value))) found = Number(value)
  return found
}

function spanOf(cells: Uint32Array): string {
  let [first, last] = [cells[0]!, cells[0]!]
  for (const cell of cells) {
    if (cell < first) first = cell
    if (cell > last) last = cell
  }
  return `${first}-${last}`
}
