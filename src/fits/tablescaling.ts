// TSCAL, TZERO and TNULL of a table column. Unsigned integers, which FITS stores with a TZERO, stay exact.
import type { TableColumnData } from './columns.ts'

export interface ColumnScaling {
  code: string
  scale: number
  zero: number
  nullValue: bigint | number | undefined
}

interface Scaled {
  data: TableColumnData
  /** In the values of `data`; undefined where no-value has become NaN. */
  nullValue: bigint | number | undefined
  problem?: string
}

const UINT64_ZERO = 2 ** 63

/** physical = zero + scale · stored, in the narrowest type that holds it exactly. */
export function applyScaling(stored: TableColumnData, scaling: ColumnScaling): Scaled {
  const { code, scale, zero, nullValue } = scaling
  if (Array.isArray(stored)) return { data: stored, nullValue: undefined }
  if (scale === 1 && zero === 0)
    return { data: stored, nullValue: 'EDA'.includes(code) ? undefined : nullValue }
  if (stored instanceof BigInt64Array) return scaleInt64(stored, scaling)
  const offset = (value: number) => value + zero
  const shifted = (data: TableColumnData): Scaled => ({
    data,
    nullValue: nullValue === undefined ? undefined : Number(nullValue) + zero,
  })
  if (scale === 1 && code === 'B' && zero === -128) return shifted(Int16Array.from(stored, offset))
  if (scale === 1 && code === 'I' && zero === 32768) return shifted(Int32Array.from(stored, offset))
  const none = code === 'E' || code === 'D' ? undefined : nullValue
  const nullNumber = none === undefined ? Number.NaN : Number(none)
  const data = Float64Array.from(stored, (value) =>
    value === nullNumber ? Number.NaN : zero + scale * value,
  )
  return { data, nullValue: undefined }
}

function scaleInt64(stored: BigInt64Array, { scale, zero, nullValue }: ColumnScaling): Scaled {
  const none = nullValue === undefined ? undefined : BigInt(nullValue)
  if (scale === 1 && zero === UINT64_ZERO) {
    const toUnsigned = (value: bigint) => BigInt.asIntN(64, value + 2n ** 63n)
    const data = BigInt64Array.from(stored, toUnsigned)
    const shiftedNull = none === undefined ? undefined : toUnsigned(none)
    if (!stored.some((value) => value >= 0n && value !== none)) return { data, nullValue: shiftedNull }
    return { data, nullValue: shiftedNull, problem: 'unsigned values from 2^63 on have become negative' }
  }
  const data = Float64Array.from(stored, (value) =>
    value === none ? Number.NaN : zero + scale * Number(value),
  )
  return { data, nullValue: undefined, problem: 'scaled 64-bit integers are rounded beyond 2^53' }
}

/** The format that `data` would be written with: the stored one unless scaling changed the type. */
export function scaledFormat(
  format: string,
  repeat: number,
  stored: TableColumnData,
  data: TableColumnData,
): string {
  if (data.constructor === stored.constructor) return format
  if (data instanceof Float64Array) return `${repeat}D`
  return data instanceof Int32Array ? `${repeat}J` : `${repeat}I`
}
