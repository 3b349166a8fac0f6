// The rows of a text table, straight from its bytes: of the cells that are not asked for, nothing is made.
import { UserError } from '../errors.ts'
import {
  type CellKind,
  type GrowingColumns,
  growingColumns,
  idOf,
  numberOf,
  type TableField,
} from './columntable.ts'
import { readDecimal } from './decimal.ts'

/** Between fields: one character, or any run of blanks. */
export type Separator = ',' | '\t' | ';' | '|' | ' '

const NEWLINE = 10
const RETURN = 13
const QUOTE = 34
const HASH = 35
const SHOWN_CHARS = 60

export interface RowReader {
  growing: GrowingColumns
  /**
   * Reads lines from `from` on until `to`, where a line must have ended, or until there are `batchRows` rows.
   * @returns where the next line begins
   * @throws UserError naming the line: text for a number, more or fewer cells than names.
   */
  read(bytes: Buffer, from: number, to: number): number
}

export interface RowLayout {
  path: string
  separator: Separator
  fields: readonly TableField[]
  kinds: readonly CellKind[]
  /** Lines that came before. */
  lines: number
  batchRows: number
}

export function rowReader(layout: RowLayout): RowReader {
  const { kinds, separator, batchRows } = layout
  const readLine = separator === ' ' ? blankSeparated : separated
  const growing = growingColumns(kinds)
  const row: Row = {
    layout,
    separator: separator.charCodeAt(0),
    wanted: Uint8Array.from(kinds, (kind) => (kind === 'skip' ? 0 : 1)),
    growing,
    line: layout.lines,
    isRead: false,
  }
  return {
    growing,
    read(bytes, from, to) {
      let at = from
      while (at < to && growing.rows < batchRows) {
        row.line++
        const first = bytes[at]
        if (first === NEWLINE) at++
        else if (first === RETURN && bytes[at + 1] === NEWLINE) at += 2
        else if (first === HASH) at = bytes.indexOf(NEWLINE, at) + 1
        else {
          growing.reserve()
          at = readLine(bytes, at, row)
          growing.rows++
        }
      }
      return at
    },
  }
}

/** The line being read. */
interface Row {
  layout: RowLayout
  separator: number
  /** 1 for each column that is asked for, else 0. */
  wanted: Uint8Array
  growing: GrowingColumns
  line: number
  /** The last cell was a number or nothing. */
  isRead: boolean
}

/** Quotes protect separators and, doubled, themselves (RFC 4180), but not the end of a line. */
function separated(bytes: Buffer, from: number, row: Row): number {
  const { separator, wanted } = row
  const harmless = Math.max(separator, QUOTE) // digits come after a comma: one look is enough for most characters
  let at = from
  for (let cell = 0; cell < wanted.length; cell++) {
    const start = at
    if (wanted[cell] === 1) at = numberEnd(bytes, at, cell, row)
    let c = bytes[at]!
    while (c > harmless || (c !== separator && c !== NEWLINE)) {
      at = c === QUOTE ? afterQuotes(bytes, at) : at + 1
      c = bytes[at]!
    }
    if (wanted[cell] === 1 && !row.isRead) storeText(textOf(bytes, start, at), cell, row)
    at++
    if (c !== NEWLINE) continue
    if (cell + 1 < wanted.length) throw wrongCount(cell + 1, row)
    return at
  }
  return afterSurplus(bytes, at, row)
}

/** Reads a number where one begins and all of the cell is one; then `row.isRead`, and the cell ends where it says. */
function numberEnd(bytes: Buffer, from: number, cell: number, row: Row): number {
  const { columns, rows } = row.growing
  const values = columns[cell]!
  row.isRead = false
  if (values instanceof BigInt64Array) return identifierEnd(bytes, from, values, row)
  let c = bytes[from]!
  if (c === row.separator) {
    row.isRead = true
    values[rows] = Number.NaN
    return from
  }
  const end = readDecimal(bytes, from, values, rows)
  if (end < 0) return from
  c = bytes[end]!
  row.isRead = c === row.separator || c === NEWLINE || (c === RETURN && bytes[end + 1] === NEWLINE)
  return row.isRead ? end : from
}

const BILLION = 1_000_000_000n
const MOST_DIGITS = 18 // 10^18 is well below 2^63
const EXACT_DIGITS = 9

/** Identifiers are made of two numbers, without a string; those of nineteen digits may be too large. */
function identifierEnd(bytes: Buffer, from: number, values: BigInt64Array, row: Row): number {
  let end = from
  while (bytes[end]! >= 48 && bytes[end]! <= 57) end++
  const digits = end - from
  const c = bytes[end]!
  row.isRead = digits > 0 && digits <= MOST_DIGITS + 1 && (c === row.separator || c === NEWLINE)
  if (!row.isRead) return from
  const middle = Math.max(from, end - EXACT_DIGITS)
  const id = BigInt(wholeNumber(bytes, from, middle)) * BILLION + BigInt(wholeNumber(bytes, middle, end))
  values[row.growing.rows] = id
  if (digits > MOST_DIGITS && values[row.growing.rows] !== id) values[row.growing.rows] = 0n
  return end
}

function wholeNumber(bytes: Buffer, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at++) number = number * 10 + bytes[at]! - 48
  return number
}

/** Empty cells after the last name are harmless. */
function afterSurplus(bytes: Buffer, from: number, row: Row): number {
  const end = bytes.indexOf(NEWLINE, from)
  const surplus = splitLine(bytes.toString('latin1', from, end), row.layout.separator)
  if (surplus.some((cell) => cell.trim() !== '')) throw wrongCount(row.wanted.length + surplus.length, row)
  return end + 1
}

/** Where the quoted run that begins at `at` is over; the end of the line ends it too. */
function afterQuotes(bytes: Buffer, at: number): number {
  let next = at + 1
  while (bytes[next] !== QUOTE && bytes[next] !== NEWLINE) next++
  return bytes[next] === QUOTE ? next + 1 : next
}

function textOf(bytes: Buffer, from: number, to: number): string {
  return unquoted(bytes.toString('latin1', from, to))
}

function blankSeparated(bytes: Buffer, from: number, row: Row): number {
  const end = bytes.indexOf(NEWLINE, from)
  const cells = splitLine(bytes.toString('latin1', from, end), ' ')
  if (cells.length !== row.wanted.length) throw wrongCount(cells.length, row)
  for (const [i, cell] of cells.entries()) if (row.wanted[i] === 1) storeText(cell, i, row)
  return end + 1
}

/** The cells of a line as text, without their quotes. */
export function splitLine(text: string, separator: Separator): string[] {
  const hasQuotes = text.includes('"')
  if (separator === ' ') {
    // astropy puts quotes about `Gaia DR3 604…` in ECSV, which has blanks between its columns.
    return hasQuotes ? (text.match(/"(?:[^"]|"")*"|\S+/g) ?? []).map(unquoted) : text.trim().split(/\s+/)
  }
  if (!hasQuotes) return text.split(separator)
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
  return [...cells, cell].map(unquoted)
}

function unquoted(raw: string): string {
  const trimmed = raw.trim()
  return /^".*"$/s.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed
}

function storeText(text: string, cell: number, { growing, layout, line }: Row): void {
  const values = growing.columns[cell]!
  if (values instanceof BigInt64Array) {
    values[growing.rows] = idOf(text)
    return
  }
  const value = numberOf(text)
  if (value === undefined) {
    const shown = Buffer.from(text.trim(), 'latin1').toString('utf8').slice(0, SHOWN_CHARS)
    throw new UserError(
      `${layout.path}: line ${line}: "${shown}" under ${layout.fields[cell]!.name} is not a number`,
      'mend or remove that line; an empty cell or null stands for no value',
    )
  }
  values[growing.rows] = value
}

/** Empty cells after the last name are harmless; anything else means that values would land under wrong names. */
function wrongCount(cells: number, { layout, line, wanted }: Row): UserError {
  return new UserError(
    `${layout.path}: line ${line} has ${cells} fields where the first line names ${wanted.length} columns`,
    cells < wanted.length
      ? 'the file may be cut short: get it again, or mend that line'
      : 'mend that line; decimal commas and separators inside a field must be quoted',
  )
}
