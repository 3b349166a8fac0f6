// Reads VOTables (IVOA, any 1.x) as a stream: TABLEDATA, BINARY and BINARY2; the first table whose columns serve.
import { SaxesParser } from 'saxes'
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
import { type BinaryField, decodeBinary } from './votable-binary.ts'

const MAX_REMARKS = 1000

type Field = TableField & BinaryField & { coosys: string }
type Attributes = Record<string, string>

/** The table being read, and what was learnt on the way to it. */
interface Reading {
  path: string
  choose: ChooseKinds
  fields: Field[]
  /** Undefined until the data of a table that serves begin. */
  kinds: CellKind[] | undefined
  growing: GrowingColumns
  rows: number
  /** Index of the cell within its row. */
  cell: number
  /** Why no table served so far. */
  refusal: UserError | undefined
  done: { rows: number; columns: ColumnTable['columns'] } | undefined
  epochs: Map<string, number>
  remarks: string[]
}

/**
 * Reads the columns that `choose` asks for; where it throws a UserError, the next table of the file is tried.
 * @throws UserError: not well-formed, an error document of a service, data kept in another file, garbage in a cell.
 */
export async function readVotable(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  choose: ChooseKinds,
  signal?: AbortSignal,
): Promise<ColumnTable> {
  const reading: Reading = {
    path,
    choose,
    fields: [],
    kinds: undefined,
    growing: growingColumns([]),
    rows: 0,
    cell: 0,
    refusal: undefined,
    done: undefined,
    epochs: new Map(),
    remarks: [],
  }
  const parser = parserFor(reading)
  const decoder = new TextDecoder()
  for await (const chunk of bytes) {
    throwIfCancelled(signal)
    parser.write(decoder.decode(chunk, { stream: true }))
  }
  parser.write(decoder.decode()).close()
  if (reading.done === undefined) {
    if (reading.refusal) throw reading.refusal
    throw new UserError(`${path} is a VOTable without a table of data`, 'give a VOTable that holds rows')
  }
  const fields = reading.fields.map(({ name, unit, text, coosys }) => {
    return { name, unit, text, epochYr: reading.epochs.get(coosys) }
  })
  return { fields, ...reading.done, remarks: reading.remarks }
}

function parserFor(reading: Reading): SaxesParser {
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
    open.push({ name, attributes })
    keepsText = beginElement(reading, name, attributes)
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
function beginElement(reading: Reading, name: string, attributes: Attributes): boolean {
  switch (name) {
    case 'TR':
      reading.cell = 0
      if (reading.kinds) reading.growing.reserve(reading.rows)
      return false
    case 'TD':
      return (reading.kinds?.[reading.cell] ?? 'skip') !== 'skip'
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
    case 'BINARY':
    case 'BINARY2':
      beginData(reading)
      return false
    case 'STREAM':
      checkStream(reading, attributes)
      return reading.kinds !== undefined
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
    reading.kinds = reading.choose(reading.fields)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    reading.refusal ??= error
    return
  }
  reading.growing = growingColumns(reading.kinds)
  reading.rows = 0
}

function checkStream(reading: Reading, attributes: Attributes): void {
  if (reading.kinds === undefined) return
  if (attributes.href !== undefined || (attributes.encoding ?? 'base64') !== 'base64') {
    throw new UserError(
      `${reading.path} keeps its rows elsewhere or in an encoding other than base64 (${attributes.href ?? attributes.encoding})`,
      'save the VOTable with its data in it, as TABLEDATA or BINARY2 in base64',
    )
  }
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
      if (reading.kinds) addCell(reading, text)
      reading.cell++
      break
    case 'TR':
      if (reading.kinds) endRow(reading)
      break
    case 'TABLEDATA':
      if (reading.kinds === undefined) break
      reading.done = { rows: reading.rows, columns: reading.growing.finish(reading.rows) }
      reading.kinds = undefined
      break
    case 'STREAM':
      if (reading.kinds === undefined) break
      reading.done = decodeBinary(
        Buffer.from(text, 'base64'),
        reading.fields,
        reading.kinds,
        parent === 'BINARY' ? 'BINARY' : 'BINARY2',
        reading.path,
      )
      reading.kinds = undefined
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

function addCell(reading: Reading, text: string): void {
  const column = reading.growing.columns[reading.cell]
  if (column === undefined) return
  const field = reading.fields[reading.cell]!
  if (column instanceof BigInt64Array) {
    column[reading.rows] = idOf(text)
    return
  }
  const value = numberOf(text)
  if (value === undefined) {
    throw new UserError(
      `${reading.path}: row ${reading.rows + 1}: "${text.trim().slice(0, 60)}" under ${field.name} is not a number`,
      'mend or remove that row; an empty cell stands for no value',
    )
  }
  const isNull = field.nullValue !== undefined && value === Number(field.nullValue)
  column[reading.rows] = isNull ? Number.NaN : value
}

function endRow(reading: Reading): void {
  if (reading.cell !== reading.fields.length) {
    throw new UserError(
      `${reading.path}: row ${reading.rows + 1} has ${reading.cell} cells where the table has ${reading.fields.length} fields`,
      'mend that row, or get the file again',
    )
  }
  reading.rows++
}
