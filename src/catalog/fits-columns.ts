// A FITS binary table as columns of numbers and identifiers: the first table of the file whose columns serve.
import { throwIfCancelled, UserError } from '../errors.ts'
import { openFits } from '../fits/hdu.ts'
import { getNumber, getString, type Header } from '../fits/header.ts'
import { readFitsTable, type TableColumn } from '../fits/table.ts'
import {
  BATCH_ROWS,
  type BatchOptions,
  type CellKind,
  type ChooseKinds,
  type Column,
  idOf,
  numberOf,
  type TableBatches,
  type TableField,
} from '../formats/columntable.ts'

/** @throws UserError: no binary table, none that serves, text or arrays where numbers are expected. */
export async function* fitsBatches(
  path: string,
  choose: ChooseKinds,
  { signal, batchRows = BATCH_ROWS }: BatchOptions = {},
): TableBatches {
  const { index, fields, kinds, header } = await findTable(path, choose)
  const rows = getNumber(header, 'NAXIS2') ?? 0
  const wanted = fields.flatMap(({ name }, i) => (kinds[i] === 'skip' ? [] : [name]))
  const remarks = remarksOf(header)
  let from = 0
  do {
    throwIfCancelled(signal)
    const block = { from, count: batchRows }
    const table = await readFitsTable(path, { hdu: index, columns: wanted, rows: block })
    const byName = new Map(table.columns.map((column) => [column.name.toUpperCase(), column]))
    const columns = fields.map(({ name }, i): Column => {
      const column = byName.get(name.toUpperCase())
      if (kinds[i] === 'skip' || column === undefined) return undefined
      return converted(column, kinds[i]!, { rows: table.rows, from, path })
    })
    yield { fields, rows: table.rows, columns, remarks }
    from += batchRows
  } while (from < rows)
}

interface Found {
  index: number
  fields: TableField[]
  kinds: CellKind[]
  header: Header
}

async function findTable(path: string, choose: ChooseKinds): Promise<Found> {
  const file = await openFits(path)
  try {
    let refusal: UserError | undefined
    for (const { kind, index, header } of file.hdus) {
      if (kind !== 'bintable') continue
      const fields = fieldsOf(header)
      try {
        return { index, fields, kinds: choose(fields), header }
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        refusal ??= error
      }
    }
    throw refusal ?? new UserError(`${path} has no binary table`, 'give a FITS file with a table of stars')
  } finally {
    await file.close()
  }
}

function fieldsOf(header: Header): TableField[] {
  return Array.from({ length: getNumber(header, 'TFIELDS') ?? 0 }, (_, i) => ({
    name: getString(header, `TTYPE${i + 1}`)?.trim() ?? '',
    unit: getString(header, `TUNIT${i + 1}`)?.trim() ?? '',
    text: getString(header, `TCOMM${i + 1}`)?.trim() ?? '',
  }))
}

/** The cards by which a release can be told: comments, names, and a REF_EPOCH. */
function remarksOf(header: Header): string[] {
  return header.cards.flatMap(({ keyword, value, comment, kind }) => {
    if (kind === 'commentary') return [comment]
    if (kind === 'broken' || /^T(TYPE|FORM|UNIT|COMM|UCD|NULL|DISP)/.test(keyword)) return []
    return [`${keyword} = ${value ?? ''} ${comment}`]
  })
}

interface Block {
  rows: number
  from: number
  path: string
}

function converted(column: TableColumn, kind: CellKind, block: Block): NonNullable<Column> {
  const { name, data, repeat } = column
  if (data.length !== block.rows || (repeat !== 1 && typeof data[0] !== 'string')) {
    throw new UserError(
      `${block.path}: the column ${name} holds arrays`,
      'give a table with one number a star in it',
    )
  }
  return kind === 'id' ? identifiers(column) : reals(column, block)
}

function identifiers({ data, nullValue }: TableColumn): BigInt64Array {
  if (data instanceof BigInt64Array && nullValue === undefined) return data
  return BigInt64Array.from({ length: data.length }, (_, i) => {
    const value = data[i]!
    if (typeof value === 'bigint') return value === nullValue ? 0n : value
    if (typeof value === 'string') return idOf(value)
    const isExact =
      typeof value === 'number' && Number.isSafeInteger(value) && !(data instanceof Float32Array)
    return isExact && value !== nullValue ? BigInt(value) : 0n
  })
}

function reals({ name, data, nullValue }: TableColumn, { from, path }: Block): Float64Array {
  if (data instanceof Float64Array) return data
  if (!Array.isArray(data) && !(data instanceof BigInt64Array)) {
    const numbers = new Float64Array(data)
    return nullValue === undefined
      ? numbers
      : numbers.map((value) => (value === Number(nullValue) ? Number.NaN : value))
  }
  return Float64Array.from({ length: data.length }, (_, i) => {
    const value = data[i]!
    if (value === nullValue) return Number.NaN
    const number = typeof value === 'string' ? numberOf(value) : Number(value)
    if (number === undefined) {
      throw new UserError(
        `${path}: row ${from + i + 1}: "${String(value).slice(0, 60)}" under ${name} is not a number`,
        'mend or remove that row; a blank cell stands for no value',
      )
    }
    return number
  })
}
