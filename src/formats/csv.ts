// Tables as text: CSV, and what catalogue services make of it (tabs, semicolons, bars or blanks between the fields,
// comment lines, VizieR's lines of units and dashes, ECSV headers, the word null). Read as a stream.
import { throwIfCancelled, UserError } from '../errors.ts'
import {
  type CellKind,
  type ChooseKinds,
  type ColumnTable,
  type GrowingColumns,
  growingColumns,
  idOf,
  numberOf,
  type TableField,
} from './columntable.ts'

const SEPARATORS = [',', '\t', ';', '|'] as const
const MAX_REMARKS = 1000 // a header of ECSV has a few hundred lines
const MAX_LINE_CHARS = 2 ** 22

/** Between fields: one of SEPARATORS, or any run of blanks. */
type Separator = (typeof SEPARATORS)[number] | ' '

interface Open {
  path: string
  separator: Separator
  fields: TableField[]
  kinds: CellKind[]
  rows: number
  growing: GrowingColumns
}

/**
 * Reads the columns that `choose` asks for. Cells that are empty, `null` or `nan` become NaN (0 for an identifier).
 * @throws UserError naming the line: text instead of a number, more or fewer fields than names.
 */
export async function readCsv(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  choose: ChooseKinds,
  signal?: AbortSignal,
): Promise<ColumnTable> {
  const remarks: string[] = []
  let open: Open | undefined
  let line = 0
  for await (const text of lines(bytes, signal)) {
    line++
    if (open !== undefined && open.rows > 0) {
      if (text !== '' && text.charCodeAt(0) !== 35) addRow(open, text, line)
      continue
    }
    if (text.trim() === '') continue
    if (text.startsWith('#')) {
      if (remarks.length < MAX_REMARKS) remarks.push(utf8(text.slice(1).trim()))
    } else if (open === undefined) {
      open = openTable(path, text, remarks, choose)
      if (open.kinds.length > 0 && looksNumeric(text, open.separator)) addRow(open, text, line)
    } else if (!isUnitsOrDashes(open, text)) {
      addRow(open, text, line)
    }
  }
  if (open === undefined) return { fields: [], rows: 0, columns: [], remarks }
  return { fields: open.fields, rows: open.rows, columns: open.growing.finish(open.rows), remarks }
}

/** Lines without their ends, one byte a character: numbers are ASCII, and names are decoded where they are used. */
async function* lines(
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  let carry = ''
  let first = true
  for await (const chunk of bytes) {
    throwIfCancelled(signal)
    let text = carry + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    if (first && text.length >= 3) {
      if (text.startsWith('\u00ef\u00bb\u00bf')) text = text.slice(3) // the byte-order mark of UTF-8
      first = false
    }
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      yield text.slice(from, text.charCodeAt(end - 1) === 13 ? end - 1 : end)
      from = end + 1
    }
    carry = text.slice(from)
    if (carry.length > MAX_LINE_CHARS) {
      throw new UserError(
        'a line of the table is longer than 4 million characters',
        'give a CSV file with one star a line',
      )
    }
  }
  if (carry !== '') yield carry.endsWith('\r') ? carry.slice(0, -1) : carry
}

function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}

/** The cells of a line; quotes protect separators and, doubled, themselves (RFC 4180). */
function split(text: string, separator: Separator): string[] {
  if (separator === ' ') return text.trim().split(/\s+/)
  if (!text.includes('"')) return text.split(separator)
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (const c of text) {
    if (c === '"') {
      quoted = !quoted
      cell += c
    } else if (c === separator && !quoted) {
      cells.push(cell)
      cell = ''
    } else cell += c
  }
  return [...cells, cell].map((raw) => {
    const trimmed = raw.trim()
    return /^".*"$/s.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed
  })
}

function looksNumeric(text: string, separator: Separator): boolean {
  return split(text, separator).every((cell) => numberOf(cell) !== undefined)
}

function openTable(path: string, text: string, remarks: string[], choose: ChooseKinds): Open {
  const separator = SEPARATORS.find((candidate) => text.includes(candidate)) ?? ' '
  // TOPCAT's plain text has the names in the last comment: then the first line is numbers already.
  const named = looksNumeric(text, separator) ? split(remarks.at(-1) ?? '', separator) : []
  const cells = split(text, separator)
  const names = named.length === cells.length ? named : cells
  const units = ecsvUnits(remarks)
  const fields = names.map((cell) => {
    const name = utf8(cell.trim())
    const text = remarks.find((remark) => remark.startsWith(`Column\t${name}\t`)) ?? ''
    return { name, unit: units.get(name) ?? '', text }
  })
  const kinds = choose(fields)
  return { path, separator, fields, kinds, rows: 0, growing: growingColumns(kinds) }
}

/** Units in an ECSV header: `- {name: ra, unit: deg, datatype: float64}`. */
function ecsvUnits(remarks: string[]): Map<string, string> {
  const units = new Map<string, string>()
  for (const remark of remarks) {
    const match = /^- \{.*?\bname: ([^,}]+), unit: ([^,}]+)/.exec(remark)
    if (match) units.set(match[1]!.trim(), match[2]!.trim().replaceAll(/^['"]|['"]$/g, ''))
  }
  return units
}

/** VizieR puts a line of units and a line of dashes between the names and the first star; the units are kept. */
function isUnitsOrDashes(open: Open, text: string): boolean {
  const cells = split(text, open.separator).map((cell) => cell.trim())
  if (cells.every((cell) => /^-*$/.test(cell)) && text.includes('--')) return true
  if (cells.length !== open.fields.length) return false
  const wanted = open.kinds.flatMap((kind, i) => (kind === 'number' ? [cells[i]!] : []))
  const units = wanted.some((cell) => /^(deg|mas|mas\/yr|mag|arcsec)$/.test(cell))
  if (!units || !wanted.every((cell) => !/\d\.\d/.test(cell))) return false
  open.fields.forEach((field, i) => {
    field.unit = cells[i]!
  })
  return true
}

function addRow(open: Open, text: string, line: number): void {
  const { separator, kinds, growing, rows } = open
  growing.reserve(rows)
  if (separator === ' ' || text.includes('"')) {
    const cells = split(text, separator)
    checkCount(open, cells, line)
    for (let i = 0; i < kinds.length; i++) if (kinds[i] !== 'skip') addCell(open, i, cells[i]!, line)
  } else {
    let from = 0
    for (let i = 0; i < kinds.length; i++) {
      const end = text.indexOf(separator, from)
      const last = i === kinds.length - 1
      if (last ? end >= 0 : end < 0) checkCount(open, text.split(separator), line)
      if (kinds[i] !== 'skip') addCell(open, i, text.slice(from, end < 0 ? undefined : end), line)
      from = end + 1
    }
  }
  open.rows++
}

/** Empty cells after the last name are harmless; anything else means that values would land under wrong names. */
function checkCount(open: Open, cells: string[], line: number): void {
  const expected = open.kinds.length
  if (cells.length >= expected && cells.slice(expected).every((cell) => cell.trim() === '')) return
  throw new UserError(
    `${open.path}: line ${line} has ${cells.length} fields where the first line names ${expected} columns`,
    cells.length < expected
      ? 'the file may be cut short: get it again, or mend that line'
      : 'mend that line; decimal commas and separators inside a field must be quoted',
  )
}

function addCell(open: Open, column: number, cell: string, line: number): void {
  const values = open.growing.columns[column]!
  if (values instanceof BigInt64Array) {
    values[open.rows] = idOf(cell)
    return
  }
  const value = numberOf(cell)
  if (value === undefined) {
    throw new UserError(
      `${open.path}: line ${line}: "${utf8(cell.trim()).slice(0, 60)}" under ${open.fields[column]!.name} is not a number`,
      'mend or remove that line; an empty cell or null stands for no value',
    )
  }
  values[open.rows] = value
}
