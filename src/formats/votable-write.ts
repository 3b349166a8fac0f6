// Writes one table as VOTable 1.4 with TABLEDATA: plain text that every reader takes, numbers as short as they can be
// and still come back bit by bit; an undetermined number is an empty cell (VOTable 1.4, §4.7 and §5.1).
import { open } from 'node:fs/promises'
import { type PublishedColumn, VOTABLE_DATATYPE } from '../columns.ts'
import { writeError } from '../fits/io.ts'

export interface VotableDocument {
  name: string
  description: string
  /** Julian year of the places; null where it is not known. */
  epochYr: number | null
  infos: { name: string; value: string; text: string }[]
  columns: { column: PublishedColumn; values: ArrayLike<number> | BigInt64Array }[]
  rows: number
}

const SKY = 'sky' // ID of the coordinate system
const TIME = 'time' // ID of the time system
const CHUNK_CHARS = 1 << 20

export async function writeVotable(path: string, document: VotableDocument): Promise<void> {
  const handle = await open(path, 'w')
  try {
    let text = headOf(document)
    const cells = document.columns.map(({ column, values }) => cellWriter(column, values))
    for (let row = 0; row < document.rows; row++) {
      text += '<TR>'
      for (const cell of cells) text += cell(row)
      text += '</TR>\n'
      if (text.length > CHUNK_CHARS) {
        await handle.appendFile(text) // whole: a plain write may stop half-way on a disk that is almost full
        text = ''
      }
    }
    await handle.appendFile(`${text}</TABLEDATA></DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n`)
  } catch (error) {
    throw writeError(path, error)
  } finally {
    await handle.close()
  }
}

function headOf({ name, description, epochYr, infos, columns, rows }: VotableDocument): string {
  const epoch = epochYr === null ? '' : ` epoch="J${epochYr}"`
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"',
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    ' xsi:schemaLocation="http://www.ivoa.net/xml/VOTable/v1.3 http://www.ivoa.net/xml/VOTable/v1.3">',
    '<RESOURCE type="results">',
    `<DESCRIPTION>${escaped(description)}</DESCRIPTION>`,
    ...infos.map((info) => {
      const start = `<INFO name="${escaped(info.name)}" value="${escaped(info.value)}"`
      return info.text === '' ? `${start}/>` : `${start}>${escaped(info.text)}</INFO>`
    }),
    `<COOSYS ID="${SKY}" system="ICRS"${epoch}/>`,
  ]
  if (epochYr !== null) {
    // A Julian year is a calendar of its own, hence no timeorigin (VOTable 1.4, §3.2).
    lines.push(
      `<TIMESYS ID="${TIME}" timescale="UTC" refposition="TOPOCENTER"/>`,
      `<PARAM name="epoch" datatype="double" unit="yr" ucd="time.epoch" ref="${TIME}" value="${epochYr}">`,
      '<DESCRIPTION>Epoch of the exposure and of the places, Julian year</DESCRIPTION></PARAM>',
    )
  }
  lines.push(
    `<TABLE name="${escaped(name)}" nrows="${rows}">`,
    ...columns.map(({ column }) => fieldOf(column)),
  )
  return `${lines.join('\n')}\n<DATA><TABLEDATA>\n`
}

function fieldOf(column: PublishedColumn): string {
  const attributes = [
    `name="${column.name}" ID="${column.name}" datatype="${VOTABLE_DATATYPE[column.format]}"`,
    ...(column.unit === '' ? [] : [`unit="${column.unit}"`]),
    `ucd="${column.ucd}"`,
    ...(column.sky ? [`ref="${SKY}"`] : []),
  ]
  return `<FIELD ${attributes.join(' ')}><DESCRIPTION>${escaped(column.text)}</DESCRIPTION></FIELD>`
}

function cellWriter(
  { format }: PublishedColumn,
  values: ArrayLike<number> | BigInt64Array,
): (row: number) => string {
  if (format === 'L') return (row) => (values[row] ? '<TD>T</TD>' : '<TD>F</TD>')
  if (format === 'D') return (row) => realCell(values[row] as number, String)
  if (format === 'E') return (row) => realCell(values[row] as number, shortest32)
  return (row) => `<TD>${values[row]}</TD>`
}

function realCell(value: number, print: (value: number) => string): string {
  if (Number.isNaN(value)) return '<TD/>'
  if (!Number.isFinite(value)) return value > 0 ? '<TD>+Inf</TD>' : '<TD>-Inf</TD>'
  return `<TD>${print(value)}</TD>`
}

/** Nine digits bring back every float32 (IEEE 754: ⌈1 + 24 log₁₀ 2⌉). */
function shortest32(value: number): string {
  return String(Number(Math.fround(value).toPrecision(9)))
}

function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
  )
}
