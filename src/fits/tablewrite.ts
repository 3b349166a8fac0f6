// Writes binary tables: one primary without data, then one extension per table, each with checksums.
import { setChecksums, startSum } from './checksum.ts'
import {
  encodeField,
  type FieldFormat,
  isReadable,
  parseFormat,
  type RowStrip,
  type TableColumnData,
} from './columns.ts'
import { BLOCK_BYTES, type Card, formatHeader, type Header, toAscii } from './header.ts'
import { emptyPrimary } from './imagesink.ts'
import { createOutput, type OutputFile } from './io.ts'
import { cardsOf, outputHeader } from './outputheader.ts'
import type { TableColumn } from './table.ts'

export interface NewTable {
  name: string
  columns: TableColumn[]
  /** Further cards; those that describe storage are replaced. */
  header?: Header | undefined
}

const STRIP_BYTES = 4 * 2 ** 20

/**
 * Writes the tables in order; with none, a file of `primaryHeader` alone. It appears under `path` only when whole.
 * @throws UserError where it may not be written; RangeError for a value that its column cannot hold.
 */
export async function writeFitsTables(
  path: string,
  tables: NewTable[],
  primaryHeader?: Header,
): Promise<void> {
  const output = await createOutput(path)
  try {
    const primary = emptyPrimary(true, primaryHeader)
    await output.write(primary, 0)
    let position = primary.byteLength
    for (const table of tables) position = await writeTable(output, position, table)
    await output.finish()
  } catch (error) {
    await output.discard()
    throw error
  }
}

/** A column ready to be laid into rows. */
interface Field {
  data: TableColumnData
  format: FieldFormat
  offset: number
  tform: string
}

async function writeTable(output: OutputFile, start: number, table: NewTable): Promise<number> {
  const fields: Field[] = []
  let rowBytes = 0
  for (const column of table.columns) {
    const field = prepareField(column, rowBytes)
    fields.push(field)
    rowBytes += field.format.bytes
  }
  const rows = countRows(table, fields)
  const header = tableHeader(table, fields, rowBytes, rows)
  setChecksums(header, 0)
  const dataOffset = start + formatHeader(header).byteLength
  const sum = startSum()
  const stripRows = Math.max(1, Math.floor(STRIP_BYTES / Math.max(1, rowBytes)))
  let position = dataOffset
  for (let firstRow = 0; firstRow < rows; firstRow += stripRows) {
    const count = Math.min(stripRows, rows - firstRow)
    const bytes = Buffer.alloc(count * rowBytes)
    const strip: RowStrip = { bytes, rowBytes, firstRow, rows: count }
    for (const { data, format, offset } of fields) encodeField(data, format, strip, offset)
    sum.add(bytes)
    await output.write(bytes, position)
    position += bytes.byteLength
  }
  const left = (position - dataOffset) % BLOCK_BYTES
  if (left > 0) {
    await output.write(Buffer.alloc(BLOCK_BYTES - left), position)
    position += BLOCK_BYTES - left
  }
  setChecksums(header, sum.value())
  await output.write(formatHeader(header), start)
  return position
}

function prepareField(column: TableColumn, offset: number): Field {
  const { name, repeat } = column
  const format = parseFormat(column.format)
  if (format === undefined || !isReadable(format.code)) {
    throw new RangeError(`column ${name}: the format ${column.format} cannot be written`)
  }
  if (format.code === 'A') {
    const strings = (column.data as string[]).map(toAscii)
    // A bare `A` asks for the width of the longest string.
    const longest = strings.reduce((most, text) => Math.max(most, text.length), 1)
    const width = /^\s*\d/.test(column.format) ? format.repeat : longest
    if (longest > width && strings.some((text) => text.length > width)) {
      throw new RangeError(`column ${name}: a string of ${longest} characters does not fit ${width}A`)
    }
    return { data: strings, format: { code: 'A', repeat: width, bytes: width }, offset, tform: `${width}A` }
  }
  if (/^\s*\d/.test(column.format) && format.repeat !== repeat) {
    throw new RangeError(`column ${name}: the format ${column.format} and repeat ${repeat} disagree`)
  }
  const sized = parseFormat(`${repeat}${format.code}`)!
  return {
    data: convertData(column, format.code),
    format: sized,
    offset,
    tform: `${repeat}${format.code}`,
  }
}

const INTEGER_RANGE: Record<string, [number, number]> = {
  B: [0, 255],
  I: [-32768, 32767],
  J: [-2147483648, 2147483647],
}

/** The data as they are if their type is that of the format; otherwise converted where no value changes. */
function convertData({ name, data, nullValue }: TableColumn, code: string): TableColumnData {
  if (code === 'L') {
    if (Array.isArray(data) && typeof (data[0] ?? false) === 'boolean') return data
    throw new RangeError(`column ${name}: logical values are wanted`)
  }
  if (Array.isArray(data)) throw new RangeError(`column ${name}: numbers are wanted for the format ${code}`)
  if (code === 'K') {
    if (data instanceof BigInt64Array) return data
    const none = nullValue === undefined ? undefined : BigInt(nullValue)
    const toInt64 = (value: number) => (Number.isNaN(value) && none !== undefined ? none : BigInt(value))
    return BigInt64Array.from(Array.from(data, toInt64))
  }
  if (data instanceof BigInt64Array) throw new RangeError(`column ${name}: int64 values need the format K`)
  const range = INTEGER_RANGE[code]
  if (range === undefined) return data
  const none = nullValue === undefined ? Number.NaN : Number(nullValue)
  const values =
    data instanceof Float64Array ? data.map((value) => (Number.isNaN(value) ? none : value)) : data
  const bad = (values as Float64Array).find(
    (value) => !(Number.isInteger(value) && value >= range[0] && value <= range[1]),
  )
  if (bad === undefined) return values
  throw new RangeError(`column ${name}: ${bad} cannot be stored with the format ${code}`)
}

function countRows({ name, columns }: NewTable, fields: Field[]): number {
  const counts = columns.map(({ data, repeat }, i) => {
    const perRow = fields[i]!.format.code === 'A' ? 1 : repeat
    return perRow === 0 ? 0 : data.length / perRow
  })
  const rows = counts[0] ?? 0
  const odd = counts.findIndex((count) => count !== rows || !Number.isInteger(count))
  if (odd < 0) return rows
  throw new RangeError(`table ${name}: column ${columns[odd]!.name} has ${counts[odd]} rows, not ${rows}`)
}

function tableHeader(table: NewTable, fields: Field[], rowBytes: number, rows: number): Header {
  const cards: Card[] = cardsOf([
    ['XTENSION', 'BINTABLE', 'binary table extension'],
    ['BITPIX', 8, 'bits per data value'],
    ['NAXIS', 2, 'number of axes'],
    ['NAXIS1', rowBytes, 'bytes in a row'],
    ['NAXIS2', rows, 'number of rows'],
    ['PCOUNT', 0, 'no heap'],
    ['GCOUNT', 1, 'one group'],
    ['TFIELDS', fields.length, 'number of columns'],
    ['EXTNAME', table.name, 'name of this table'],
  ])
  table.columns.forEach((column, i) => {
    const n = i + 1
    cards.push(...cardsOf([[`TTYPE${n}`, column.name, column.comment ?? '']]))
    cards.push(...cardsOf([[`TFORM${n}`, fields[i]!.tform, '']]))
    if (column.unit) cards.push(...cardsOf([[`TUNIT${n}`, column.unit, '']]))
    if (column.ucd) cards.push(...cardsOf([[`TUCD${n}`, column.ucd, '']]))
    if (column.nullValue !== undefined && 'BIJK'.includes(fields[i]!.format.code)) {
      cards.push(...cardsOf([[`TNULL${n}`, column.nullValue, 'no value']]))
    }
  })
  return outputHeader(cards, table.header)
}
