// A star as one record of bytes, for the files in which an import sorts its stars: source_id, doubles, singles, counts, and
// the cell of the star, in memory's own byte order.
import { blankStarTable, type StarTable, storedNamesOf } from '../store/star-table.ts'

const DOUBLES = storedNamesOf('float64')
const SINGLES = storedNamesOf('float32')
const COUNTS = storedNamesOf('uint8')

// Every part begins on a boundary of its own size.
const SINGLES_AT = 8 + 8 * DOUBLES.length
const CELL_AT = SINGLES_AT + 4 * SINGLES.length
const COUNTS_AT = CELL_AT + 4
export const RECORD_BYTES = Math.ceil((COUNTS_AT + COUNTS.length) / 8) * 8

/** Records one after the other in memory. */
export interface Records {
  length: number
  bytes: Uint8Array<ArrayBuffer>
  words: Uint32Array
  doubles: Float64Array
  singles: Float32Array
}

export function newRecords(length: number): Records {
  const buffer = new ArrayBuffer(length * RECORD_BYTES)
  return {
    length,
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    doubles: new Float64Array(buffer),
    singles: new Float32Array(buffer),
  }
}

/** Cell of order 12 of a record. */
export const cellOfRecord = ({ words }: Records, record: number): number =>
  words[(record * RECORD_BYTES + CELL_AT) / 4]!

/** Copies rows of a table into records: `put(row, cell, records, record)`. */
export function rowWriter({ columns }: StarTable) {
  const { source_id } = columns
  const ids = new Uint32Array(source_id.buffer, source_id.byteOffset, 2 * source_id.length)
  const doubles = DOUBLES.map((name) => columns[name] as Float64Array)
  const singles = SINGLES.map((name) => columns[name] as Float32Array)
  const counts = COUNTS.map((name) => columns[name] as Uint8Array)
  return (row: number, cell: number, records: Records, record: number): void => {
    const at = record * RECORD_BYTES
    records.words[at / 4] = ids[2 * row]!
    records.words[at / 4 + 1] = ids[2 * row + 1]!
    for (let k = 0; k < doubles.length; k++) records.doubles[at / 8 + 1 + k] = doubles[k]![row]!
    for (let k = 0; k < singles.length; k++) records.singles[(at + SINGLES_AT) / 4 + k] = singles[k]![row]!
    records.words[(at + CELL_AT) / 4] = cell
    for (let k = 0; k < counts.length; k++) records.bytes[at + COUNTS_AT + k] = counts[k]![row]!
  }
}

const RUN = 512 // records that stay in the processor's cache while all columns are filled from them

/** The records named, in that order, as a table. */
export function tableOfRecords(records: Records, chosen: Int32Array): StarTable {
  const stars = blankStarTable(chosen.length)
  const { columns, length } = stars
  const ids = new Uint32Array(columns.source_id.buffer)
  for (let from = 0; from < length; from += RUN) {
    const to = Math.min(length, from + RUN)
    for (let i = from; i < to; i++) {
      const at = (chosen[i]! * RECORD_BYTES) / 4
      ids[2 * i] = records.words[at]!
      ids[2 * i + 1] = records.words[at + 1]!
    }
    for (let k = 0; k < DOUBLES.length; k++) {
      const column = columns[DOUBLES[k]!] as Float64Array
      for (let i = from; i < to; i++) column[i] = records.doubles[(chosen[i]! * RECORD_BYTES) / 8 + 1 + k]!
    }
    for (let k = 0; k < SINGLES.length; k++) {
      const column = columns[SINGLES[k]!] as Float32Array
      const first = SINGLES_AT / 4 + k
      for (let i = from; i < to; i++) column[i] = records.singles[(chosen[i]! * RECORD_BYTES) / 4 + first]!
    }
    for (let k = 0; k < COUNTS.length; k++) {
      const column = columns[COUNTS[k]!] as Uint8Array
      for (let i = from; i < to; i++) column[i] = records.bytes[chosen[i]! * RECORD_BYTES + COUNTS_AT + k]!
    }
  }
  return stars
}
