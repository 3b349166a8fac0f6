// The BINARY and BINARY2 serialisations of VOTable (1.4, §§5.3 and 5.4): rows of big-endian fields, without padding;
// BINARY2 puts a bit mask of nulls in front of every row.
import { UserError } from '../errors.ts'
import { type CellKind, growingColumns, idOf, numberOf } from './columntable.ts'

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

function layoutOf(field: BinaryField): Layout {
  const bits = ELEMENT_BITS[field.datatype]
  if (bits === undefined) throw new RangeError(`unknown datatype ${field.datatype}`)
  const size = field.arraysize ?? '1'
  const count = size.endsWith('*') ? undefined : size.split('x').reduce((n, part) => n * Number(part), 1)
  return { field, bits, count }
}

/**
 * Decodes whole rows.
 * @throws UserError when the bytes end within a row.
 */
export function decodeBinary(
  bytes: Uint8Array,
  fields: readonly BinaryField[],
  kinds: readonly CellKind[],
  serialisation: 'BINARY' | 'BINARY2',
  path: string,
): { rows: number; columns: (Float64Array | BigInt64Array | undefined)[] } {
  const layouts = fields.map(layoutOf)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const maskBytes = serialisation === 'BINARY2' ? Math.ceil(fields.length / 8) : 0
  const growing = growingColumns(kinds)
  let at = 0
  let rows = 0
  try {
    while (at < bytes.byteLength) {
      growing.reserve(rows)
      const mask = at
      at += maskBytes
      for (let i = 0; i < layouts.length; i++) {
        const { field, bits, count } = layouts[i]!
        let elements = count
        if (elements === undefined) {
          elements = view.getUint32(at)
          at += 4
        }
        const length = Math.ceil((elements * bits) / 8)
        if (at + length > bytes.byteLength) throw new RangeError('beyond the end')
        const column = growing.columns[i]
        const isNull = maskBytes > 0 && (bytes[mask + (i >> 3)]! & (0x80 >> (i & 7))) !== 0
        if (column instanceof BigInt64Array) {
          column[rows] = isNull ? 0n : idAt(view, at, length, field)
        } else if (column !== undefined) {
          column[rows] = isNull ? Number.NaN : numberAt(view, at, length, field)
        }
        at += length
      }
      rows++
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UserError(
      `${path}: its ${serialisation} data end within row ${rows + 1} (${error.message})`,
      'the file may be cut short: get it again',
    )
  }
  return { rows, columns: growing.finish(rows) }
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
