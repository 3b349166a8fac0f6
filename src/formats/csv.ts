// Tables as text: CSV, and what catalogue services make of it (tabs, semicolons, bars or blanks between the fields,
// comment lines, VizieR's lines of units and dashes, ECSV headers, the word null). Read as a stream.
import { throwIfCancelled, UserError } from '../errors.ts'
import {
  BATCH_ROWS,
  type BatchOptions,
  type CellKind,
  type ChooseKinds,
  type ColumnTable,
  collect,
  growingColumns,
  numberOf,
  type TableBatches,
  type TableField,
} from './columntable.ts'
import { type RowReader, rowReader, type Separator, splitLine } from './csv-rows.ts'

const SEPARATORS = [',', '\t', ';', '|'] as const
const MAX_REMARKS = 4000 // the header of a bulk file of Gaia DR3 has more than a thousand lines
const MAX_LINE_BYTES = 2 ** 22
const NEWLINE = 10

/** The lines before the first row, as far as they are read. */
interface Top {
  path: string
  choose: ChooseKinds
  lines: number
  remarks: string[]
  /** Undefined until the names have been read. */
  named: { separator: Separator; fields: TableField[]; kinds: CellKind[] } | undefined
  /** The last line has no end. */
  unended: boolean
}

/**
 * Reads the columns that `choose` asks for. Cells that are empty, `null` or `nan` become NaN (0 for an identifier).
 * @throws UserError naming the line: text instead of a number, more or fewer fields than names.
 */
export async function* csvBatches(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  choose: ChooseKinds,
  { signal, batchRows = BATCH_ROWS }: BatchOptions = {},
): TableBatches {
  const top: Top = { path, choose, lines: 0, remarks: [], named: undefined, unended: false }
  let rows: RowReader | undefined
  let given = 0
  for await (const block of wholeLines(bytes, top, signal)) {
    let at = 0
    while (at < block.length) {
      if (rows === undefined) {
        const end = block.indexOf(NEWLINE, at)
        if (isRow(top, block.toString('latin1', at, end).replace(/\r$/, ''))) {
          rows = rowReader({ path, ...top.named!, lines: top.lines, batchRows })
        } else {
          top.lines++
          at = end + 1
        }
      } else {
        at = rows.read(block, at, block.length)
        if (rows.growing.rows === batchRows) {
          yield batchOf(top, rows)
          given++
        }
      }
    }
  }
  if (rows === undefined || rows.growing.rows > 0 || given === 0) yield batchOf(top, rows)
}

/** All rows of `csvBatches` in one table. */
export function readCsv(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  choose: ChooseKinds,
  signal?: AbortSignal,
): Promise<ColumnTable> {
  return collect(csvBatches(bytes, path, choose, { signal }))
}

function batchOf({ named, remarks, unended }: Top, rows: RowReader | undefined): ColumnTable {
  const read = (rows?.growing ?? growingColumns(named?.kinds ?? [])).take()
  return { fields: named?.fields ?? [], ...read, remarks, ...(unended ? { unended } : {}) }
}

/** The bytes in blocks that end with the end of a line, which the last is given where it has none. */
async function* wholeLines(
  bytes: AsyncIterable<Uint8Array>,
  top: Pick<Top, 'unended'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let begun = Buffer.alloc(0)
  let hasEnds = false
  for await (const chunk of bytes) {
    throwIfCancelled(signal)
    const block = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const first = block.indexOf(NEWLINE) + 1
    const last = block.lastIndexOf(NEWLINE) + 1
    if (begun.length + block.length - last > MAX_LINE_BYTES) {
      throw new UserError(
        'a line of the table is longer than 4 million characters',
        'give a CSV file with one star a line',
      )
    }
    hasEnds ||= first > 0
    // Only the line that two chunks share is copied.
    if (first > 0) yield Buffer.concat([begun, block.subarray(0, first)])
    if (last > first) yield block.subarray(first, last)
    begun = first > 0 ? Buffer.from(block.subarray(last)) : Buffer.concat([begun, block])
  }
  if (begun.length === 0) return
  top.unended = hasEnds
  yield Buffer.concat([begun, Buffer.from('\n')])
}

/** Takes in one line of the top; true when it is the first row, which is not taken in. One character a byte. */
function isRow(top: Top, line: string): boolean {
  const text = top.lines === 0 ? line.replace(/^\u00ef\u00bb\u00bf/, '') : line // the byte-order mark of UTF-8
  if (text.trim() === '') return false
  if (text.startsWith('#')) {
    if (top.remarks.length < MAX_REMARKS) top.remarks.push(utf8(text.slice(1).trim()))
    return false
  }
  if (top.named !== undefined) return !isUnitsOrDashes(top.named, text)
  const separator = SEPARATORS.find((candidate) => text.includes(candidate)) ?? ' '
  const fields = fieldsOf(text, separator, top.remarks)
  top.named = { separator, fields, kinds: top.choose(fields) }
  return looksNumeric(text, separator)
}

function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8')
}

function looksNumeric(text: string, separator: Separator): boolean {
  return splitLine(text, separator).every((cell) => numberOf(cell) !== undefined)
}

function fieldsOf(text: string, separator: Separator, remarks: readonly string[]): TableField[] {
  // TOPCAT's plain text has the names in the last comment: then the first line is numbers already.
  const named = looksNumeric(text, separator) ? splitLine(remarks.at(-1) ?? '', separator) : []
  const cells = splitLine(text, separator)
  const names = named.length === cells.length ? named : cells
  const units = ecsvUnits(remarks)
  return names.map((cell) => {
    const name = utf8(cell.trim())
    const text = remarks.find((remark) => remark.startsWith(`Column\t${name}\t`)) ?? ''
    return { name, unit: units.get(name) ?? '', text }
  })
}

/** Units in an ECSV header: `- {name: ra, unit: deg, datatype: float64}`, or in Gaia's bulk files one key a line. */
function ecsvUnits(remarks: readonly string[]): Map<string, string> {
  const units = new Map<string, string>()
  let column = ''
  for (const remark of remarks) {
    const inLine = /^- \{.*?\bname: ([^,}]+), unit: ([^,}]+)/.exec(remark)
    if (inLine) units.set(inLine[1]!.trim(), plain(inLine[2]!))
    const [, key, value] = /^(name|unit): (.*)$/.exec(remark) ?? []
    if (key === 'name') column = plain(value!)
    else if (key === 'unit') units.set(column, plain(value!))
  }
  return units
}

const plain = (text: string): string => text.trim().replaceAll(/^['"]|['"]$/g, '')

/** VizieR puts a line of units and a line of dashes between the names and the first star; the units are kept. */
function isUnitsOrDashes({ separator, fields, kinds }: NonNullable<Top['named']>, text: string): boolean {
  const cells = splitLine(text, separator).map((cell) => cell.trim())
  if (cells.every((cell) => /^-*$/.test(cell)) && text.includes('--')) return true
  if (cells.length !== fields.length) return false
  const wanted = kinds.flatMap((kind, i) => (kind === 'number' ? [cells[i]!] : []))
  const units = wanted.some((cell) => /^(deg|mas|mas\/yr|mag|arcsec)$/.test(cell))
  if (!units || !wanted.every((cell) => !/\d\.\d/.test(cell))) return false
  fields.forEach((field, i) => {
    field.unit = cells[i]!
  })
  return true
}
