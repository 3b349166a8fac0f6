// The BINARY and BINARY2 serialisations of VOTable (1.4, §§5.3 and 5.4): rows of big-endian fields, without padding;
// BINARY2 puts a bit mask of nulls in front of every row. Their base64 comes in pieces cut anywhere.
import { UserError } from '../errors.ts'
import { type GrowingColumns, idOf, numberOf } from './columntable.ts'

export interface BinaryField {
  datatype: string
  arraysize: string | undefined
  /** The integer that stands for no value (VALUES null=…). */
  nullValue: bigint | undefined
}

const ELEMENT_BITS: Record<string, number> = {
  boolean: 8,
  bit: 1,
  unsignedByte: 8,
  short: 16,
  int: 32,
  long: 64,
  char: 8,
  unicodeChar: 16,
  float: 32,
  double: 64,
  floatComplex: 64,
  doubleComplex: 128,
}

interface Layout {
  field: BinaryField
  bits: number
  /** Elements; undefined: each row says how many, in four bytes. */
  count: number | undefined
}

function layoutOf(field: BinaryField, path: string): Layout {
  const bits = ELEMENT_BITS[field.datatype]
  if (bits === undefined) {
    throw new UserError(
      `${path} has a column of the unknown datatype ${field.datatype}`,
      'save the VOTable as TABLEDATA',
    )
  }
  const size = field.arraysize ?? '1'
  const count = size.endsWith('*') ? undefined : size.split('x').reduce((n, part) => n * Number(part), 1)
  return { field, bits, count }
}

export interface BinaryDecoder {
  /** Takes the next piece of base64 and decodes the rows that are whole by now. */
  push(base64: string): void
  /** @throws UserError when the bytes end within a row. */
  end(): void
}

/** Decodes into `growing` what is not skipped there. */
export function binaryDecoder(
  fields: readonly BinaryField[],
  growing: GrowingColumns,
  serialisation: 'BINARY' | 'BINARY2',
  path: string,
): BinaryDecoder {
  const layouts = fields.map((field) => layoutOf(field, path))
  const maskBytes = serialisation === 'BINARY2' ? Math.ceil(fields.length / 8) : 0
  let begun = Buffer.alloc(0)
  let characters = ''
  let rows = 0
  return {
    push(base64) {
      // Some writers end lines with &#13;, of which only a part may be here yet.
      const text = (characters + base64).replaceAll(/\s+|&#?\w+;/g, '')
      const complete = text.includes('&') ? text.indexOf('&') : text.length
      const whole = complete - (complete % 4)
      characters = text.slice(whole)
      const bytes = Buffer.concat([begun, Buffer.from(text.slice(0, whole), 'base64')])
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const ends = new Int32Array(layouts.length)
      let at = 0
      while (at < bytes.length) {
        if (!findEnds(view, at + maskBytes, layouts, ends)) break
        growing.reserve()
        decodeRow(view, at, { layouts, ends, maskBytes, growing })
        growing.rows++
        rows++
        at = ends.at(-1)!
      }
      begun = bytes.subarray(at)
    },
    end() {
      if (begun.length === 0 && characters.replace(/=+$/, '') === '') return
      throw new UserError(
        `${path}: its ${serialisation} data end within row ${rows + 1}`,
        'the file may be cut short: get it again',
      )
    },
  }
}

/** Where each field of the row ends; false when the bytes end before the row does. */
function findEnds(view: DataView, from: number, layouts: readonly Layout[], ends: Int32Array): boolean {
  let at = from
  for (let i = 0; i < layouts.length; i++) {
    const { bits, count } = layouts[i]!
    let elements = count
    if (elements === undefined) {
      if (at + 4 > view.byteLength) return false
      elements = view.getUint32(at)
      at += 4
    }
    at += Math.ceil((elements * bits) / 8)
    if (at > view.byteLength) return false
    ends[i] = at
  }
  return true
}

interface RowLayout {
  layouts: readonly Layout[]
  ends: Int32Array
  maskBytes: number
  growing: GrowingColumns
}

function decodeRow(view: DataView, mask: number, { layouts, ends, maskBytes, growing }: RowLayout): void {
  let from = mask + maskBytes
  for (let i = 0; i < layouts.length; i++) {
    const { field, count } = layouts[i]!
    const column = growing.columns[i]
    const end = ends[i]!
    if (column !== undefined) {
      const at = count === undefined ? from + 4 : from
      const isNull = maskBytes > 0 && (view.getUint8(mask + (i >> 3)) & (0x80 >> (i & 7))) !== 0
      if (column instanceof BigInt64Array) {
        column[growing.rows] = isNull ? 0n : idAt(view, at, end - at, field)
      } else {
        column[growing.rows] = isNull ? Number.NaN : numberAt(view, at, end - at, field)
      }
    }
    from = end
  }
}

function textAt(view: DataView, at: number, length: number, wide: boolean): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset + at, length)
  // UCS-2 is big-endian here, little-endian in Node.
  const text = wide ? Buffer.from(bytes).swap16().toString('utf16le') : bytes.toString('utf8')
  return text.replace(/\0.*$/s, '')
}

function idAt(view: DataView, at: number, length: number, field: BinaryField): bigint {
  if (field.datatype === 'long') return length === 8 ? view.getBigInt64(at) : 0n
  if (field.datatype === 'int') return length === 4 ? BigInt(view.getInt32(at)) : 0n
  if (field.datatype === 'char' || field.datatype === 'unicodeChar') {
    return idOf(textAt(view, at, length, field.datatype === 'unicodeChar'))
  }
  return 0n // a real number has lost the last digits of an identifier
}

function numberAt(view: DataView, at: number, length: number, field: BinaryField): number {
  const unlessNull = (value: number) =>
    field.nullValue !== undefined && BigInt(value) === field.nullValue ? Number.NaN : value
  switch (field.datatype) {
    case 'double':
      return view.getFloat64(at)
    case 'float':
      return view.getFloat32(at)
    case 'long': {
      const value = view.getBigInt64(at)
      return value === field.nullValue ? Number.NaN : Number(value)
    }
    case 'int':
      return unlessNull(view.getInt32(at))
    case 'short':
      return unlessNull(view.getInt16(at))
    case 'unsignedByte':
      return unlessNull(view.getUint8(at))
    default:
      return numberOf(textAt(view, at, length, field.datatype === 'unicodeChar')) ?? Number.NaN
  }
}
