// What the writer and the reader of a tile agree on. Without the Arrow library, which a search need not load whole.
import { crc32 } from 'node:zlib'

/** Stars per batch: a search reads whole batches, and a tile of 10⁵ stars has 25 of them. */
export const BATCH_ROWS = 4096

/** Keys of the schema's metadata. */
export const TILE_KEYS = {
  cell: 'platepipe:cell',
  release: 'platepipe:release',
  refEpoch: 'platepipe:ref_epoch',
  /** Base64 of little-endian uint32: CRC-32 of each column of each batch, batch by batch. */
  sums: 'platepipe:crc32',
  /** Brightest G of each batch, comma-separated; NaN when none of its stars has a G. */
  brightest: 'platepipe:brightest_g',
  /** First and last cell of order 12 in each batch, as `12-345`, comma-separated. */
  cells: 'platepipe:cells',
}

/** Length of an Arrow file's last part: the footer's length as int32, and the magic word. */
export const TRAILER_BYTES = 4 + 'ARROW1'.length

/** CRC-32 of the bytes of a column. */
export function checksum(values: ArrayBufferView): number {
  return crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
}
