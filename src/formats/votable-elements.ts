// What the elements of a VOTable mean to its reader: fields, epochs, remarks, rows as text, the beginning of binary rows.
import { SaxesParser } from 'saxes'
import { UserError } from '../errors.ts'
import {
  type ChooseKinds,
  type ColumnTable,
  type GrowingColumns,
  growingColumns,
  idOf,
  numberOf,
  type TableField,
} from './columntable.ts'
import { type BinaryDecoder, type BinaryField, binaryDecoder } from './votable-binary.ts'

const MAX_REMARKS = 1000

type Field = TableField & BinaryField & { coosys: string }
type Attributes = Record<string, string>

/** The table being read, and what was learnt on the way to it. */
export interface Reading {
  path: string
  choose: ChooseKinds
  fields: Field[]
  /** Undefined but within the data of the table that serves; it begins with no rows. */
  growing: GrowingColumns | undefined
  /** Rows handed out already. */
  rowsGiven: number
  /** Index of the cell within its row. */
  cell: number
  /** Rows as text are on their way: the parser sees all of them. */
  inText: boolean
  /** The text fed last ended before the > of a tag did. */
  inTag: boolean
  /** Within STREAM; its decoder where its rows are wanted. */
  stream: { decoder: BinaryDecoder | undefined } | undefined
  /** Why no table served so far. */
  refusal: UserError | undefined
  /** The rows of the table that served that have not been handed out when it ended. */
  done: { rows: number; columns: ColumnTable['columns'] } | undefined
  epochs: Map<string, number>
  remarks: string[]
}

/** A parser whose events fill `reading`. */
export function parserFor(reading: Reading): SaxesParser {
  const parser = new SaxesParser({ position: true })
  const open: { name: string; attributes: Attributes }[] = []
  let text = ''
  let keepsText = false
  parser.on('error', (error) => {
    throw new UserError(
      `${reading.path} is not well-formed XML (at line:column ${error.message.slice(0, 200)})`,
      'the file may be cut short: get it again',
    )
  })
  parser.on('opentag', (tag) => {
    const name = localName(tag.name)
    const attributes = tag.attributes as Attributes
    keepsText = beginElement(reading, name, open.at(-1)?.name ?? '', attributes)
    open.push({ name, attributes })
    text = ''
  })
  const addText = (more: string) => {
    if (keepsText) text += more
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const { name, attributes } = open.pop()!
    endElement(reading, name, open.at(-1)?.name ?? '', keepsText ? text : '', attributes)
    keepsText = false
  })
  return parser
}

function localName(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}

/** Says whether the text of the element is wanted. */
function beginElement(reading: Reading, name: string, parent: string, attributes: Attributes): boolean {
  switch (name) {
    case 'TR':
      reading.cell = 0
      reading.growing?.reserve()
      return false
    case 'TD':
      return reading.growing?.columns[reading.cell] !== undefined
    case 'COOSYS': {
      const epoch = Number(/^J?(\d{4}(?:\.\d*)?)$/.exec(attributes.epoch ?? '')?.[1])
      if (Number.isFinite(epoch)) reading.epochs.set(attributes.ID ?? '', epoch)
      return false
    }
    case 'TABLE':
      if (reading.done === undefined) reading.fields = []
      remark(reading, `TABLE ${attributes.name ?? attributes.ID ?? ''}`)
      return false
    case 'FIELD':
      if (reading.done === undefined) reading.fields.push(fieldOf(attributes))
      return false
    case 'VALUES': {
      const field = reading.fields.at(-1)
      if (field && /^[+-]?\d+$/.test(attributes.null ?? '')) field.nullValue = BigInt(attributes.null!)
      return false
    }
    case 'TABLEDATA':
      reading.inText = true
      beginData(reading)
      return false
    case 'BINARY':
    case 'BINARY2':
      beginData(reading)
      return false
    case 'STREAM':
      beginStream(reading, parent, attributes)
      return reading.growing !== undefined
    case 'FITS':
      if (reading.done === undefined) {
        throw new UserError(
          `${reading.path} is a VOTable that wraps a FITS table`,
          'give the FITS table itself, or save the VOTable as TABLEDATA or BINARY2',
        )
      }
      return false
    default:
      return name === 'DESCRIPTION' || name === 'INFO' || name === 'PARAM'
  }
}

function fieldOf(attributes: Attributes): Field {
  return {
    name: attributes.name ?? attributes.ID ?? '',
    unit: attributes.unit ?? '',
    text: '',
    datatype: attributes.datatype ?? 'char',
    arraysize: attributes.arraysize,
    nullValue: undefined,
    coosys: attributes.ref ?? '',
  }
}

function remark(reading: Reading, text: string): void {
  if (reading.remarks.length < MAX_REMARKS) reading.remarks.push(text.trim())
}

function beginData(reading: Reading): void {
  if (reading.done !== undefined) return
  try {
    reading.growing = growingColumns(reading.choose(reading.fields))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    reading.refusal ??= error
  }
}

function beginStream(reading: Reading, parent: string, attributes: Attributes): void {
  const { path, fields, growing } = reading
  reading.stream = { decoder: undefined }
  if (growing === undefined) return
  if (attributes.href !== undefined || (attributes.encoding ?? 'base64') !== 'base64') {
    throw new UserError(
      `${path} keeps its rows elsewhere or in an encoding other than base64 (${attributes.href ?? attributes.encoding})`,
      'save the VOTable with its data in it, as TABLEDATA or BINARY2 in base64',
    )
  }
  const serialisation = parent === 'BINARY' ? 'BINARY' : 'BINARY2'
  reading.stream.decoder = binaryDecoder(fields, growing, serialisation, path)
}

function endElement(
  reading: Reading,
  name: string,
  parent: string,
  text: string,
  attributes: Attributes,
): void {
  switch (name) {
    case 'TD':
      addCell(reading, text)
      reading.cell++
      break
    case 'TR':
      endRow(reading)
      break
    case 'TABLEDATA':
      reading.inText = false
      endData(reading)
      break
    case 'STREAM':
      reading.stream?.decoder?.push(text)
      reading.stream?.decoder?.end()
      reading.stream = undefined
      endData(reading)
      break
    case 'DESCRIPTION':
      if (parent === 'FIELD') {
        const field = reading.fields.at(-1)
        if (field && reading.done === undefined) field.text = text.trim()
      } else remark(reading, text)
      break
    case 'INFO':
    case 'PARAM':
      remark(reading, `${attributes.name ?? ''} = ${attributes.value ?? ''} ${text}`)
      if (attributes.name === 'QUERY_STATUS' && attributes.value?.toUpperCase() === 'ERROR') {
        throw new UserError(
          `${reading.path} is the error message of a catalogue service: ${text.trim().slice(0, 300)}`,
          'mend the query and get the catalogue again',
        )
      }
      break
  }
}

function endData(reading: Reading): void {
  if (reading.growing === undefined) return
  reading.done = reading.growing.take()
  reading.growing = undefined
}

function addCell({ growing, fields, cell, path, rowsGiven }: Reading, text: string): void {
  const column = growing?.columns[cell]
  if (growing === undefined || column === undefined) return
  const field = fields[cell]!
  if (column instanceof BigInt64Array) {
    column[growing.rows] = idOf(text)
    return
  }
  const value = numberOf(text)
  if (value === undefined) {
    throw new UserError(
      `${path}: row ${rowsGiven + growing.rows + 1}: "${text.trim().slice(0, 60)}" under ${field.name} is not a number`,
      'mend or remove that row; an empty cell stands for no value',
    )
  }
  const isNull = field.nullValue !== undefined && value === Number(field.nullValue)
  column[growing.rows] = isNull ? Number.NaN : value
}

function endRow({ growing, cell, fields, path, rowsGiven }: Reading): void {
  if (growing === undefined) return
  if (cell !== fields.length) {
    throw new UserError(
      `${path}: row ${rowsGiven + growing.rows + 1} has ${cell} cells where the table has ${fields.length} fields`,
      'mend that row, or get the file again',
    )
  }
  growing.rows++
}
