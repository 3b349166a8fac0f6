// What every reader of a table of numbers returns: columns as typed arrays, and what the file says about them.

/** What a reader shall make of a column: a real number, a 64-bit identifier, or nothing. */
export type CellKind = 'number' | 'id' | 'skip'

export interface TableField {
  name: string
  /** Empty where the file gives none. */
  unit: string
  /** The file's description of the column, or empty. */
  text: string
  /** Julian year of the coordinate system that the column refers to, where the file says so. */
  epochYr?: number | undefined
}

export type Column = Float64Array | BigInt64Array | undefined

export interface ColumnTable {
  fields: TableField[]
  rows: number
  /** One per field: NaN for an empty number, 0 for an empty identifier, undefined where skipped. */
  columns: Column[]
  /** Comments, titles and descriptions, by which a release of a catalogue can be told. */
  remarks: string[]
  /** The last line of a text has no end, while those before it have one: the file may be cut off. */
  unended?: boolean | undefined
}

/** Asked once, as soon as the names of the columns are known; may throw when they do not suffice. */
export type ChooseKinds = (fields: TableField[]) => CellKind[]

/**
 * A table in runs of rows, so that memory does not grow with the file. At least one comes, without rows if need be.
 * The remarks are complete with the last.
 */
export type TableBatches = AsyncGenerator<ColumnTable, void, undefined>

export interface BatchOptions {
  signal?: AbortSignal | undefined
  /** The most rows that one batch shall have. */
  batchRows?: number | undefined
}

export const BATCH_ROWS = 32_768 // columns of 256 KiB: in cache while they are filled, few enough batches

/** All rows of a table in one. */
export async function collect(batches: TableBatches): Promise<ColumnTable> {
  const parts: ColumnTable[] = []
  for await (const batch of batches) parts.push(batch)
  if (parts.length === 1) return parts[0]!
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const columns = parts[0]!.columns.map((first, i): Column => {
    if (first === undefined) return undefined
    const whole = first instanceof BigInt64Array ? new BigInt64Array(rows) : new Float64Array(rows)
    let at = 0
    for (const part of parts) {
      whole.set(part.columns[i] as never, at)
      part.columns[i] = undefined // so that the table is not held twice
      at += part.rows
    }
    return whole
  })
  return { ...parts.at(-1)!, rows, columns }
}

/** The table in runs of at most `batchRows` rows; itself where it has no more. */
export function* inBatches(table: ColumnTable, batchRows: number): Generator<ColumnTable> {
  if (table.rows <= batchRows) yield table
  else {
    for (let from = 0; from < table.rows; from += batchRows) {
      const to = Math.min(table.rows, from + batchRows)
      yield { ...table, rows: to - from, columns: table.columns.map((column) => column?.slice(from, to)) }
    }
  }
}

const EMPTY = new Set(['', 'null', 'nan', 'na', 'n/a', 'none', '-', '--', '---', 'masked', '\\n', '""'])

/** The number in a cell, NaN for an empty one, undefined for text that is neither. */
export function numberOf(cell: string): number | undefined {
  const value = Number(cell)
  if (Number.isFinite(value)) {
    // Number() takes '' and blanks as 0, and reads 0x10, 0b1 and 0o7, which no table of stars means.
    if (value === 0 && cell.trim() === '') return Number.NaN
    return Number.isInteger(value) && /[xob]/i.test(cell) ? undefined : value
  }
  const trimmed = cell.trim()
  if (EMPTY.has(trimmed.toLowerCase())) return Number.NaN
  const fortran = /^[+-]?\d*\.?\d*[dD][+-]?\d+$/.test(trimmed)
    ? Number(trimmed.replace(/d/i, 'e'))
    : Number.NaN
  return Number.isFinite(fortran) ? fortran : undefined
}

/** The whole number in a cell, exact to 64 bits; of `Gaia DR3 604…` its number; 0n where there is none. */
export function idOf(cell: string): bigint {
  const digits = /^\s*(?:[A-Za-z][\w ]*\s)?(\d{1,19})\s*$/.exec(cell)?.[1]
  if (digits === undefined) return 0n
  const id = BigInt(digits)
  return id === BigInt.asIntN(64, id) ? id : 0n
}

/** Columns that grow while rows of unknown number arrive. */
export interface GrowingColumns {
  columns: Column[]
  /** Rows that are complete. */
  rows: number
  /** Makes room for one more row. */
  reserve(): void
  /** The complete rows, cut to their number; it begins anew. */
  take(): { rows: number; columns: Column[] }
}

const FIRST_ROWS = 4096

export function growingColumns(kinds: readonly CellKind[]): GrowingColumns {
  let room = 0
  const resized = (kind: CellKind, i: number): Column => {
    if (kind === 'skip') return undefined
    const larger = kind === 'id' ? new BigInt64Array(room) : new Float64Array(room)
    larger.set((growing.columns[i] ?? []) as never)
    return larger
  }
  const make = (rows: number) => {
    room = rows
    growing.columns = kinds.map(resized)
  }
  const growing: GrowingColumns = {
    columns: [],
    rows: 0,
    reserve() {
      if (growing.rows >= room) make(2 * room)
    },
    take() {
      const { rows } = growing
      const columns = growing.columns.map((column) => (rows === room ? column : column?.slice(0, rows)))
      // The cells of a row that is not yet complete go to the front.
      growing.columns = growing.columns.map((column) => column?.subarray(rows, rows + 1))
      growing.rows = 0
      make(Math.max(room, FIRST_ROWS))
      return { rows, columns }
    },
  }
  make(FIRST_ROWS)
  return growing
}
