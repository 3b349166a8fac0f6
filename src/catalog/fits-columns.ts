// A FITS binary table as columns of numbers and identifiers: the first table of the file whose columns serve.
import { UserError } from '../errors.ts'
import { openFits } from '../fits/hdu.ts'
import { getNumber, getString, type Header } from '../fits/header.ts'
import { readFitsTable, type TableColumn } from '../fits/table.ts'
import {
  type CellKind,
  type ChooseKinds,
  type ColumnTable,
  idOf,
  numberOf,
  type TableField,
} from '../formats/columntable.ts'

/** @throws UserError: no binary table, none that serves, text or arrays where numbers are expected. */
export async function readFitsColumns(path: string, choose: ChooseKinds): Promise<ColumnTable> {
  const { index, fields, kinds, header } = await findTable(path, choose)
  const wanted = fields.flatMap(({ name }, i) => (kinds[i] === 'skip' ? [] : [name]))
  const table = await readFitsTable(path, { hdu: index, columns: wanted })
  const byName = new Map(table.columns.map((column) => [column.name.toUpperCase(), column]))
  const columns = fields.map(({ name }, i) => {
    const column = byName.get(name.toUpperCase())
    return kinds[i] === 'skip' || column === undefined
      ? undefined
      : converted(column, kinds[i]!, table.rows, path)
  })
  return { fields, rows: table.rows, columns, remarks: remarksOf(header) }
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

function converted(
  { name, data, repeat, nullValue }: TableColumn,
  kind: CellKind,
  rows: number,
  path: string,
): Float64Array | BigInt64Array {
  if (data.length !== rows || (repeat !== 1 && typeof data[0] !== 'string')) {
    throw new UserError(
      `${path}: the column ${name} holds arrays`,
      'give a table with one number a star in it',
    )
  }
  if (kind === 'id') {
    return BigInt64Array.from({ length: rows }, (_, i) => {
      const value = data[i]!
      if (typeof value === 'bigint') return value === nullValue ? 0n : value
      if (typeof value === 'string') return idOf(value)
      const isExact =
        typeof value === 'number' && Number.isSafeInteger(value) && !(data instanceof Float32Array)
      return isExact && value !== nullValue ? BigInt(value) : 0n
    })
  }
  return Float64Array.from({ length: rows }, (_, i) => {
    const value = data[i]!
    if (value === nullValue) return Number.NaN
    const number = typeof value === 'string' ? numberOf(value) : Number(value)
    if (number === undefined) {
      throw new UserError(
        `${path}: row ${i + 1}: "${String(value).slice(0, 60)}" under ${name} is not a number`,
        'mend or remove that row; a blank cell stands for no value',
      )
    }
    return number
  })
}
