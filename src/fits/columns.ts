// How one field of a binary table row is stored: TFORM to a type, bytes to values and back. FITS standard 4.0, 7.3.
import { endianness } from 'node:os'

export type TableColumnData =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Uint8Array
  | BigInt64Array
  | string[]
  | boolean[]

export type FieldCode = 'L' | 'B' | 'I' | 'J' | 'K' | 'E' | 'D' | 'A'

export interface FieldFormat {
  /** A letter of the standard, of which L B I J K E D A are read and written. */
  code: string
  repeat: number
  bytes: number
}

const CODE_BYTES: Record<string, number> = {
  L: 1,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  E: 4,
  D: 8,
  A: 1,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
}

/** Reads a TFORM such as `1D`, `E`, `12A` or `PE(4)`; undefined where it is none. */
export function parseFormat(tform: string): FieldFormat | undefined {
  const match = /^\s*(\d*)([LXBIJKEDACMPQ])/.exec(tform.toUpperCase())
  if (match === null) return undefined
  const repeat = match[1] === '' ? 1 : Number(match[1])
  const code = match[2]!
  return { code, repeat, bytes: code === 'X' ? Math.ceil(repeat / 8) : repeat * CODE_BYTES[code]! }
}

export function isReadable(code: string): code is FieldCode {
  return 'LBIJKEDA'.includes(code) && code.length === 1
}

const MAKERS: Record<FieldCode, (length: number) => TableColumnData> = {
  L: (length) => new Array<boolean>(length).fill(false),
  B: (length) => new Uint8Array(length),
  I: (length) => new Int16Array(length),
  J: (length) => new Int32Array(length),
  K: (length) => new BigInt64Array(length),
  E: (length) => new Float32Array(length),
  D: (length) => new Float64Array(length),
  A: (length) => new Array<string>(length).fill(''),
}

/** An empty column of `rows` rows in the type of its format; a string column has one string per row. */
export function makeColumn({ code, repeat }: FieldFormat, rows: number): TableColumnData {
  return MAKERS[code as FieldCode](code === 'A' ? rows : rows * repeat)
}

/** A run of table rows: where they begin in a buffer, how long each is, and which rows of the table they are. */
export interface RowStrip {
  bytes: Buffer
  rowBytes: number
  firstRow: number
  rows: number
}

const IS_LITTLE_ENDIAN = endianness() === 'LE'

/** Copies a numeric field of each row into the column and swaps its bytes: one pass over bytes, whatever the type. */
function copyNumbers(data: ArrayBufferView, format: FieldFormat, strip: RowStrip, offset: number): void {
  const size = CODE_BYTES[format.code]!
  const target = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  let to = strip.firstRow * format.bytes
  for (let row = 0; row < strip.rows; row++) {
    let from = row * strip.rowBytes + offset
    for (let element = 0; element < format.repeat; element++) {
      for (let i = 0; i < size; i++)
        target[to + (IS_LITTLE_ENDIAN ? size - 1 - i : i)] = strip.bytes[from + i]!
      from += size
      to += size
    }
  }
}

/** Reads one field of every row of the strip into `data`. */
export function decodeField(
  data: TableColumnData,
  format: FieldFormat,
  strip: RowStrip,
  offset: number,
): void {
  if (!Array.isArray(data)) {
    copyNumbers(data, format, strip, offset)
    return
  }
  for (let row = 0; row < strip.rows; row++) {
    const from = row * strip.rowBytes + offset
    if (format.code === 'A') {
      // A NUL ends a string before its full width; trailing blanks are padding.
      const text = strip.bytes.toString('latin1', from, from + format.bytes)
      const end = text.indexOf('\0')
      const strings = data as string[]
      strings[strip.firstRow + row] = (end < 0 ? text : text.slice(0, end)).trimEnd()
    } else {
      for (let i = 0; i < format.repeat; i++) {
        const logicals = data as boolean[]
        logicals[(strip.firstRow + row) * format.repeat + i] = strip.bytes[from + i] === 0x54
      }
    }
  }
}

/** Writes one field of every row of the strip from `data`. */
export function encodeField(
  data: TableColumnData,
  format: FieldFormat,
  strip: RowStrip,
  offset: number,
): void {
  const { bytes } = strip
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const put = fieldWriter(data, format, view)
  const perRow = format.code === 'A' ? 1 : format.repeat
  const step = format.code === 'A' ? format.bytes : CODE_BYTES[format.code]!
  for (let row = 0; row < strip.rows; row++) {
    const at = row * strip.rowBytes + offset
    const first = (strip.firstRow + row) * perRow
    for (let i = 0; i < perRow; i++) put(at + i * step, first + i)
  }
}

type Put = (at: number, index: number) => void

function fieldWriter(data: TableColumnData, format: FieldFormat, view: DataView): Put {
  if (format.code === 'A') {
    const strings = data as string[]
    return (at, index) => {
      const text = strings[index]!.padEnd(format.bytes)
      for (let i = 0; i < format.bytes; i++) view.setUint8(at + i, text.charCodeAt(i))
    }
  }
  if (format.code === 'L') {
    const logicals = data as boolean[]
    return (at, index) => view.setUint8(at, logicals[index] ? 0x54 : 0x46)
  }
  if (format.code === 'K') {
    const integers = data as BigInt64Array
    return (at, index) => view.setBigInt64(at, integers[index]!)
  }
  const numbers = data as Float64Array
  if (format.code === 'D') return (at, index) => view.setFloat64(at, numbers[index]!)
  if (format.code === 'E') return (at, index) => view.setFloat32(at, numbers[index]!)
  if (format.code === 'J') return (at, index) => view.setInt32(at, numbers[index]!)
  if (format.code === 'I') return (at, index) => view.setInt16(at, numbers[index]!)
  return (at, index) => view.setUint8(at, numbers[index]!)
}
