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

export interface ColumnTable {
  fields: TableField[]
  rows: number
  /** One per field: NaN for an empty number, 0 for an empty identifier, undefined where skipped. */
  columns: (Float64Array | BigInt64Array | undefined)[]
  /** Comments, titles and descriptions, by which a release of a catalogue can be told. */
  remarks: string[]
}

/** Asked once, as soon as the names of the columns are known; may throw when they do not suffice. */
export type ChooseKinds = (fields: TableField[]) => CellKind[]

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
  columns: (Float64Array | BigInt64Array | undefined)[]
  /** Makes room for row `row`. */
  reserve(row: number): void
  /** Cuts the columns to their rows. */
  finish(rows: number): (Float64Array | BigInt64Array | undefined)[]
}

export function growingColumns(kinds: readonly CellKind[], firstRows = 4096): GrowingColumns {
  let room = firstRows
  const grown = (old: Float64Array | BigInt64Array | undefined) => {
    if (old === undefined) return undefined
    if (old instanceof BigInt64Array) {
      const larger = new BigInt64Array(room)
      larger.set(old)
      return larger
    }
    const larger = new Float64Array(room)
    larger.set(old)
    return larger
  }
  const result: GrowingColumns = {
    columns: kinds.map((kind) =>
      kind === 'number' ? new Float64Array(room) : kind === 'id' ? new BigInt64Array(room) : undefined,
    ),
    reserve(row) {
      if (row < room) return
      room = Math.max(2 * room, row + 1)
      result.columns = result.columns.map(grown)
    },
    finish: (rows) => result.columns.map((column) => column?.slice(0, rows)),
  }
  return result
}
