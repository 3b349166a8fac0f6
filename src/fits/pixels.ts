// Stored pixels to physical values and back, a strip at a time. FITS is big-endian; strips are swapped in place
// with Buffer.swap16/32/64 and seen through typed arrays, which is several times faster than DataView.
import { endianness } from 'node:os'
import { getNumber, type Header } from './header.ts'

export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64

/** physical = zero + scale · stored; a stored integer equal to `blank` has no value. FITS standard 4.0, 4.4.2.5. */
export interface PixelScaling {
  scale: number
  zero: number
  blank: number | undefined
}

const IS_LITTLE_ENDIAN = endianness() === 'LE'

/** BSCALE, BZERO and BLANK of a header; BLANK counts for integers only. */
export function readScaling(header: Header, bitpix: number): PixelScaling {
  return {
    scale: getNumber(header, 'BSCALE') ?? 1,
    zero: getNumber(header, 'BZERO') ?? 0,
    blank: bitpix > 0 ? getNumber(header, 'BLANK') : undefined,
  }
}

/** Swaps big-endian values in place to the machine's order, or back. */
export function swapBytes(bytes: Buffer, valueBytes: number): void {
  if (!IS_LITTLE_ENDIAN) return
  if (valueBytes === 2) bytes.swap16()
  else if (valueBytes === 4) bytes.swap32()
  else if (valueBytes === 8) bytes.swap64()
}

type StoredPixels = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array | BigInt64Array

/** A typed view of a strip in the machine's order; the buffer must begin at a multiple of 8 bytes. */
function viewPixels(bytes: Buffer, bitpix: Bitpix): StoredPixels {
  const count = bytes.byteLength / (Math.abs(bitpix) / 8)
  const { buffer, byteOffset } = bytes
  if (bitpix === 8) return new Uint8Array(buffer, byteOffset, count)
  if (bitpix === 16) return new Int16Array(buffer, byteOffset, count)
  if (bitpix === 32) return new Int32Array(buffer, byteOffset, count)
  if (bitpix === 64) return new BigInt64Array(buffer, byteOffset, count)
  return bitpix === -32
    ? new Float32Array(buffer, byteOffset, count)
    : new Float64Array(buffer, byteOffset, count)
}

/**
 * Turns the bytes of a strip, as stored, into physical values; the bytes are overwritten. BLANK becomes NaN.
 * Exact for 8, 16 and 32-bit integers with an integer BZERO; 64-bit integers are rounded beyond 2^53.
 */
export function decodePixels(bytes: Buffer, bitpix: Bitpix, scaling: PixelScaling): Float64Array {
  swapBytes(bytes, Math.abs(bitpix) / 8)
  const stored = viewPixels(bytes, bitpix)
  const values =
    stored instanceof BigInt64Array ? Float64Array.from(stored, Number) : new Float64Array(stored)
  const { scale, zero, blank } = scaling
  if (blank !== undefined) {
    for (let i = 0; i < values.length; i++) {
      values[i] = values[i] === blank ? Number.NaN : zero + scale * values[i]!
    }
  } else if (scale !== 1) {
    for (let i = 0; i < values.length; i++) values[i] = zero + scale * values[i]!
  } else if (zero !== 0) {
    for (let i = 0; i < values.length; i++) values[i] = zero + values[i]!
  }
  return values
}

const INTEGER_RANGE: Record<number, [number, number]> = {
  8: [0, 255],
  16: [-32768, 32767],
  32: [-2147483648, 2147483647],
}

/**
 * Turns physical values into the bytes of a strip. Integers are rounded to the nearest (halves up) and cut off at the
 * ends of the range. @throws RangeError for NaN in an integer image, which has no code for it here.
 */
export function encodePixels(values: Float64Array, bitpix: Exclude<Bitpix, 64>, zero: number): Buffer {
  const valueBytes = Math.abs(bitpix) / 8
  const bytes = Buffer.from(new ArrayBuffer(values.length * valueBytes))
  const stored = viewPixels(bytes, bitpix) as
    | Uint8Array
    | Int16Array
    | Int32Array
    | Float32Array
    | Float64Array
  if (bitpix < 0) stored.set(values)
  else {
    const [low, high] = INTEGER_RANGE[bitpix]!
    for (let i = 0; i < values.length; i++) {
      const value = Math.floor(values[i]! - zero + 0.5)
      if (Number.isNaN(value))
        throw new RangeError('an integer image cannot hold NaN: write it with BITPIX -32')
      stored[i] = Math.min(Math.max(value, low), high)
    }
  }
  swapBytes(bytes, valueBytes)
  return bytes
}
