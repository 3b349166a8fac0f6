// Reads parts of a tile: of the Arrow file, the batches down to a limiting magnitude, and of these the columns that are
// asked for. What is read is checked against the tile's checksums; a tile that fails is refused.
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Footer } from 'apache-arrow/ipc/metadata/file'
import { Message, type RecordBatch } from 'apache-arrow/ipc/metadata/message'
import { throwIfCancelled, UserError } from '../../errors.ts'
import type { TileEntry } from './manifest.ts'
import { type ArrayOf, blankColumn, type StarTable, type StoredName } from './star-table.ts'
import { checksum, TILE_KEYS, TRAILER_BYTES } from './tile-format.ts'

/** Some columns of some stars. */
export interface StarColumns<N extends StoredName> {
  length: number
  columns: Pick<StarTable['columns'], N>
}

interface Batch {
  offset: number
  metadataBytes: number
  /** G; NaN where no star of it has one. */
  brightest: number
  /** First and last cell of order 12. */
  cells: [first: number, last: number]
  /** CRC-32 of each column of the file. */
  sums: Uint32Array
}

/** Columns that lie this close in the file are read together. */
const GAP_BYTES = 1 << 16

/**
 * The stars of a tile down to `limitMag`, batch by batch, with fainter ones that lie between them; stars without a magnitude
 * only where there is no limit.
 * @param reaches  whether a range of cells of order 12, both ends included, is wanted; batches of others are passed over
 * @throws UserError for a tile that is damaged; an Error with code ENOENT or ESTALE when another process has replaced it
 */
export async function* readTile<N extends StoredName>(
  folder: string,
  entry: TileEntry,
  names: readonly N[],
  limitMag = Number.POSITIVE_INFINITY,
  signal?: AbortSignal,
  reaches?: (first: number, last: number) => boolean,
): AsyncGenerator<StarColumns<N>> {
  const path = join(folder, entry.file)
  const handle = await open(path)
  try {
    const { batches, fileColumns } = await readFooter(handle, entry, path)
    for (const batch of batches) {
      throwIfCancelled(signal)
      if (!(batch.brightest <= limitMag) && limitMag !== Number.POSITIVE_INFINITY) continue
      if (reaches !== undefined && !reaches(...batch.cells)) continue
      yield await readBatch(handle, path, batch, names, fileColumns)
    }
  } finally {
    await handle.close()
  }
}

/** A tile that the newest manifest names, and that is not there: nobody has replaced it, it was lost. */
export function missingTile(error: unknown): unknown {
  const { path } = error as NodeJS.ErrnoException
  return path === undefined ? error : damaged(path, 'it is not there')
}

/** Whether reading failed because another process has put a newer tile in place of this one. */
export function isReplaced(error: unknown): boolean {
  return ['ENOENT', 'ESTALE'].includes((error as NodeJS.ErrnoException).code ?? '')
}

async function readFooter(
  handle: FileHandle,
  entry: TileEntry,
  path: string,
): Promise<{ batches: Batch[]; fileColumns: string[] }> {
  const { size } = await handle.stat()
  if (size !== entry.bytes) throw damaged(path, `it has ${size} bytes, and the manifest says ${entry.bytes}`)
  const tailBytes = entry.footer_bytes + TRAILER_BYTES
  const tail = await readAt(handle, size - tailBytes, tailBytes, path)
  if (crc32(tail) !== entry.footer_crc32) throw damaged(path, 'the checksum of its footer is wrong')
  const footer = Footer.decode(tail.subarray(0, entry.footer_bytes))
  const { schema } = footer
  const fileColumns = schema.fields.map(({ name }) => name)
  const sums = Buffer.from(schema.metadata.get(TILE_KEYS.sums) ?? '', 'base64')
  const brightest = (schema.metadata.get(TILE_KEYS.brightest) ?? '').split(',').map(Number)
  const cells = (schema.metadata.get(TILE_KEYS.cells) ?? '').split(',')
  const batches = Array.from({ length: footer.numRecordBatches }, (_, n): Batch => {
    const block = footer.getRecordBatch(n)!
    const own = new Uint8Array(sums.subarray(4 * n * fileColumns.length, 4 * (n + 1) * fileColumns.length))
    return {
      offset: block.offset,
      metadataBytes: block.metaDataLength,
      brightest: brightest[n]!,
      cells: cells[n]!.split('-').map(Number) as [number, number],
      sums: new Uint32Array(own.buffer),
    }
  })
  return { batches, fileColumns }
}

/** Before the metadata of a message stand the mark of a continuation and the length. */
const MESSAGE_PREFIX_BYTES = 8

async function readBatch<N extends StoredName>(
  handle: FileHandle,
  path: string,
  batch: Batch,
  names: readonly N[],
  fileColumns: readonly string[],
): Promise<StarColumns<N>> {
  const metadata = await readAt(handle, batch.offset, batch.metadataBytes, path)
  const header = recordBatchOf(metadata, path)
  const bodyAt = batch.offset + batch.metadataBytes
  const wanted = names
    .map((name) => ({ name, at: fileColumns.indexOf(name) }))
    .filter(({ at }) => at >= 0)
    // Two buffers a column: a map of what is null, which is empty here, and the values.
    .map((column) => ({ ...column, ...header.buffers[2 * column.at + 1]! }))
    .map(({ name, at, offset, length }) => ({ name, at, from: bodyAt + offset, bytes: length }))
    .sort((a, b) => a.from - b.from)
  const columns: Partial<Record<StoredName, ArrayOf<StoredName>>> = {}
  for (const name of names) if (!fileColumns.includes(name)) columns[name] = blankColumn(name, header.length)
  for (let first = 0; first < wanted.length; ) {
    let last = first
    const endOf = (n: number) => wanted[n]!.from + wanted[n]!.bytes
    while (last + 1 < wanted.length && wanted[last + 1]!.from - endOf(last) <= GAP_BYTES) last++
    const { from } = wanted[first]!
    const bytes = await readAt(handle, from, endOf(last) - from, path)
    for (const column of wanted.slice(first, last + 1)) {
      const values = columnOf(column.name, bytes, column.from - from, header.length, path)
      if (checksum(values) !== batch.sums[column.at]) {
        throw damaged(path, `the checksum of its column ${column.name} is wrong`)
      }
      columns[column.name] = values
    }
    first = last + 1
  }
  return { length: header.length, columns: columns as StarColumns<N>['columns'] }
}

function recordBatchOf(metadata: Uint8Array, path: string): RecordBatch {
  try {
    const message = Message.decode(metadata.subarray(MESSAGE_PREFIX_BYTES))
    if (message.isRecordBatch()) return message.header()
  } catch {
    // Told below: the library's own words would not help anybody.
  }
  throw damaged(path, 'the description of a batch is unreadable')
}

function columnOf(name: StoredName, bytes: Uint8Array, at: number, length: number, path: string) {
  const column = blankColumn(name, 0)
  const Values = column.constructor as new (
    buffer: ArrayBufferLike,
    from: number,
    length: number,
  ) => ArrayOf<StoredName>
  if (at < 0 || at + length * column.BYTES_PER_ELEMENT > bytes.byteLength) {
    throw damaged(path, `its column ${name} lies outside the file`)
  }
  return new Values(bytes.buffer, at, length)
}

async function readAt(handle: FileHandle, from: number, bytes: number, path: string): Promise<Uint8Array> {
  // A damaged description may ask for anything.
  if (!(from >= 0 && bytes >= 0 && bytes < 2 ** 31)) throw damaged(path, 'a part of it lies outside the file')
  const buffer = new Uint8Array(bytes)
  let done = 0
  while (done < bytes) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, from + done)
    if (bytesRead === 0) throw damaged(path, 'it ends too early')
    done += bytesRead
  }
  return buffer
}

function damaged(path: string, why: string): UserError {
  return new UserError(
    `the tile ${path} of the star store is damaged: ${why}`,
    'run platepipe catalog verify --repair, which drops damaged tiles, then fetch or import their stars again',
  )
}
