// Binary tables as columns. Rows are read in strips; what is kept are the columns asked for.
import { UserError } from '../errors.ts'
import { decodeField, isReadable, makeColumn, parseFormat, type TableColumnData } from './columns.ts'
import { type FitsFile, type Hdu, listHdus, openFits } from './hdu.ts'
import { emptyHeader, findCard, getNumber, getString, type Header } from './header.ts'
import { readAt } from './io.ts'
import { applyScaling, scaledFormat } from './tablescaling.ts'

export type { TableColumnData } from './columns.ts'
export { type NewTable, writeFitsTables } from './tablewrite.ts'

export interface TableColumn {
  name: string
  /** TFORM, e.g. `1D`, `3E`, `K`, `12A`. */
  format: string
  unit?: string | undefined
  /** One value per row, or repeat·rows of them row by row; a string column has one string per row. */
  data: TableColumnData
  repeat: number
  comment?: string | undefined
  /** TUCDn. */
  ucd?: string | undefined
  /** TNULLn: the integer that stands for "no value". */
  nullValue?: bigint | number | undefined
}

export interface FitsTable {
  name: string
  rows: number
  columns: TableColumn[]
  /** `header.problems` also says which columns were left out and why. */
  header: Header
}

export interface TableChoice {
  /** 1 is the first extension. */
  hdu?: number | undefined
  /** EXTNAME; letter case does not count. */
  name?: string | undefined
  /** Only these columns; letter case does not count. */
  columns?: string[] | undefined
  /** Only these rows, the first of the table being 0; those beyond its end are not there. */
  rows?: { from: number; count: number } | undefined
}

const STRIP_BYTES = 4 * 2 ** 20

/**
 * Reads the first binary table of a file, or the one chosen. TSCAL and TZERO are applied (then the data are Float64Array,
 * TNULL becoming NaN; unsigned integers stay exact), TNULL of unscaled integers is left in place and given as nullValue.
 * @throws UserError: no such file, table or column; a column of a type that is not read; truncated data.
 */
export async function readFitsTable(path: string, options: TableChoice = {}): Promise<FitsTable> {
  const file = await openFits(path)
  try {
    return await readTable(file, chooseTable(file, options), options)
  } finally {
    await file.close()
  }
}

/** The table HDU by index or name; the first one by default. */
function chooseTable(file: FitsFile, { hdu: index, name }: TableChoice): Hdu {
  const wanted = name?.toUpperCase()
  const hdu = file.hdus.find((candidate) => {
    if (index !== undefined) return candidate.index === index
    if (candidate.kind !== 'bintable') return false
    return wanted === undefined || candidate.name.toUpperCase() === wanted
  })
  const what = index === undefined ? (name ?? '') : `as HDU ${index}`
  if (hdu === undefined || hdu.kind !== 'bintable') {
    throw new UserError(
      `${file.path} has no binary table${what === '' ? '' : ` ${what}`}; it has ${listHdus(file.hdus)}`,
      'give a FITS file with a binary table, or choose another of its HDUs',
    )
  }
  if (hdu.truncated) {
    const held = Math.max(0, file.sizeBytes - hdu.dataOffset)
    throw new UserError(
      `${file.path}: the table in HDU ${hdu.index} is cut off: it needs ${hdu.dataBytes} bytes, the file holds ${held}`,
      'copy or download the file again',
    )
  }
  return hdu
}

/** One column of the table as its header describes it. */
interface Field {
  name: string
  format: string
  index: number
  offset: number
  bytes: number
  code: string
  repeat: number
}

function listFields({ header, axes }: Hdu, path: string): Field[] {
  const fields: Field[] = []
  let offset = 0
  const count = getNumber(header, 'TFIELDS') ?? 0
  for (let index = 1; index <= count; index++) {
    const format = getString(header, `TFORM${index}`)?.trim() ?? ''
    const parsed = parseFormat(format)
    if (parsed === undefined) {
      throw new UserError(
        `${path}: TFORM${index} is ${format === '' ? 'missing' : `'${format}'`}`,
        'repair the table: every column needs a TFORM such as 1D',
      )
    }
    fields.push({ name: getString(header, `TTYPE${index}`)?.trim() ?? '', format, index, offset, ...parsed })
    offset += parsed.bytes
  }
  if (offset === axes[0]) return fields
  throw new UserError(
    `${path}: the columns take ${offset} bytes a row, NAXIS1 says ${axes[0]}`,
    'repair the table, or write it again',
  )
}

function chooseFields(fields: Field[], wanted: string[] | undefined, path: string): Field[] {
  return (wanted ?? fields.map(({ name }) => name)).map((name, i) => {
    if (wanted === undefined) return fields[i]!
    const field = fields.find((candidate) => candidate.name.toUpperCase() === name.toUpperCase())
    if (field !== undefined && isReadable(field.code)) return field
    const found = field === undefined ? 'is not there' : `has the format ${field.format}, which is not read`
    throw new UserError(
      `${path}: the column ${name} ${found}`,
      `choose among ${fields.map((candidate) => candidate.name).join(', ')}`,
    )
  })
}

async function readTable(file: FitsFile, hdu: Hdu, choice: TableChoice): Promise<FitsTable> {
  const rowBytes = hdu.axes[0] ?? 0
  const from = choice.rows?.from ?? 0
  const rows = Math.max(
    0,
    Math.min((hdu.axes[1] ?? 0) - from, choice.rows?.count ?? Number.POSITIVE_INFINITY),
  )
  const header = { ...emptyHeader(), cards: hdu.header.cards, problems: [...hdu.header.problems] }
  const fields = chooseFields(listFields(hdu, file.path), choice.columns, file.path).filter((field) => {
    const readable = isReadable(field.code)
    if (!readable)
      header.problems.push(`column ${field.name} (${field.format}) is of a type that is not read`)
    return readable
  })
  const stored = fields.map((field) => makeColumn(field, rows))
  const stripRows = Math.max(1, Math.floor(STRIP_BYTES / Math.max(1, rowBytes)))
  const buffer = Buffer.alloc(Math.min(stripRows, Math.max(1, rows)) * rowBytes)
  for (let firstRow = 0; firstRow < rows; firstRow += stripRows) {
    const count = Math.min(stripRows, rows - firstRow)
    const bytes = buffer.subarray(0, count * rowBytes)
    await readAt(file.handle, bytes, hdu.dataOffset + (from + firstRow) * rowBytes)
    fields.forEach((field, i) => {
      decodeField(stored[i]!, field, { bytes, rowBytes, firstRow, rows: count }, field.offset)
    })
  }
  const columns = fields.map((field, i) => describeColumn(header, field, stored[i]!))
  return { name: hdu.name, rows, columns, header }
}

function describeColumn(header: Header, field: Field, stored: TableColumnData): TableColumn {
  const { name, index, format, code, repeat } = field
  const text = (keyword: string) => getString(header, `${keyword}${index}`)
  const nullCard = findCard(header, `TNULL${index}`)?.value
  const nullValue = typeof nullCard === 'number' || typeof nullCard === 'bigint' ? nullCard : undefined
  const scale = getNumber(header, `TSCAL${index}`) ?? 1
  const zero = getNumber(header, `TZERO${index}`) ?? 0
  const scaled = applyScaling(stored, { code, scale, zero, nullValue })
  if (scaled.problem !== undefined) header.problems.push(`column ${name}: ${scaled.problem}`)
  return {
    name,
    format: scaledFormat(format, repeat, stored, scaled.data),
    unit: text('TUNIT'),
    data: scaled.data,
    repeat: code === 'A' ? 1 : repeat,
    comment: findCard(header, `TTYPE${index}`)?.comment || text('TCOMM'),
    ucd: text('TUCD'),
    nullValue: scaled.nullValue,
  }
}
