// Writes one table as Parquet, through hyparquet-writer; an undetermined number is null, so that averages and sorting in
// DuckDB, Polars and pandas leave it out.
import type { DecodedArray } from 'hyparquet'
import { type BasicType, type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import type { ColumnFormat, PublishedColumn } from '../columns.ts'
import { writeWhole } from '../fits/io.ts'

const PARQUET_TYPE: Record<ColumnFormat, BasicType> = {
  D: 'DOUBLE',
  E: 'FLOAT',
  I: 'INT32', // Parquet has nothing shorter
  J: 'INT32',
  K: 'INT64',
  L: 'BOOLEAN',
}
const ROW_GROUP_ROWS = 100_000

export interface ParquetDocument {
  columns: { column: PublishedColumn; values: ArrayLike<number> | BigInt64Array }[]
  keyValues: Record<string, string>
}

export async function writeParquet(path: string, { columns, keyValues }: ParquetDocument): Promise<void> {
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ column, values }) => sourceOf(column, values)),
    kvMetadata: Object.entries(keyValues).map(([key, value]) => ({ key, value })),
    rowGroupSize: ROW_GROUP_ROWS,
    createdBy: 'platepipe',
  })
  await writeWhole(path, new Uint8Array(buffer))
}

function sourceOf(
  { name, format }: PublishedColumn,
  values: ArrayLike<number> | BigInt64Array,
): ColumnSource {
  const type = PARQUET_TYPE[format]
  const isReal = format === 'D' || format === 'E'
  return { name, type, nullable: isReal, data: decoded(format, values) }
}

function decoded(format: ColumnFormat, values: ArrayLike<number> | BigInt64Array): DecodedArray {
  if (values instanceof BigInt64Array) return values
  if (format === 'L') return Array.from(values, (value) => value !== 0)
  if (format === 'I' || format === 'J') return Int32Array.from(values)
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value))
}
