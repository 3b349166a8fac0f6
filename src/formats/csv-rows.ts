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
}

/** Quotes protect separators and, doubled, themselves (RFC 4180), but not the end of a line. */
function separated(bytes: Buffer, from: number, row: Row): number {
  const { separator, wanted } = row
  const harmless = Math.max(separator, QUOTE) // digits come after a comma: one look is enough for most characters
  let at = from
  let cell = 0
  let hasSurplus = false
  for (;;) {
    const start = at
    let c = bytes[at]!
    while (c > harmless || (c !== separator && c !== NEWLINE)) {
      if (c === QUOTE) at = afterQuotes(bytes, at)
      else at++
      c = bytes[at]!
    }
    if (cell >= wanted.length || wanted[cell] === 1) {
      const end = c === NEWLINE && at > start && bytes[at - 1] === RETURN ? at - 1 : at
      if (cell < wanted.length) readCell(bytes, start, end, cell, row)
      else hasSurplus ||= !isBlank(bytes, start, end)
    }
    cell++
    at++
    if (c === NEWLINE) break
  }
  if (cell < wanted.length || hasSurplus) throw wrongCount(cell, row)
  return at
}

/** Where the quoted run that begins at `at` is over; the end of the line ends it too. */
function afterQuotes(bytes: Buffer, at: number): number {
  let next = at + 1
  while (bytes[next] !== QUOTE && bytes[next] !== NEWLINE) next++
  return bytes[next] === QUOTE ? next + 1 : next
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  return bytes.toString('latin1', from, to).trim() === ''
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
  return [...cells, cell].map(unquoted)
}

function unquoted(raw: string): string {
  const trimmed = raw.trim()
  return /^".*"$/s.test(trimmed) ? trimmed.slice(1, -1).replaceAll('""', '"') : trimmed
}

function readCell(bytes: Buffer, from: number, to: number, cell: number, row: Row): void {
  const { columns, rows } = row.growing
  const values = columns[cell]!
  if (values instanceof BigInt64Array) values[rows] = idAt(bytes, from, to)
  else if (from === to) values[rows] = Number.NaN
  else if (!readDecimal(bytes, from, to, values, rows)) {
    storeText(unquoted(bytes.toString('latin1', from, to)), cell, row)
  }
}

const BILLION = 1_000_000_000n
const LARGEST = 2n ** 63n - 1n

/** Most identifiers have 16 to 19 digits: they are made of two numbers, without a string. */
function idAt(bytes: Buffer, from: number, to: number): bigint {
  const middle = to - 9
  if (middle <= from || to - from > 19) return idOf(unquoted(bytes.toString('latin1', from, to)))
  let high = 0
  let low = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return idOf(unquoted(bytes.toString('latin1', from, to)))
    if (at < middle) high = high * 10 + digit
    else low = low * 10 + digit
  }
  const id = BigInt(high) * BILLION + BigInt(low)
  return id > LARGEST ? 0n : id
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
