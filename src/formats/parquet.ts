// Reads flat columns of numbers and identifiers from Parquet files, through hyparquet.
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { throwIfCancelled, UserError } from '../errors.ts'
import {
  BATCH_ROWS,
  type BatchOptions,
  type ChooseKinds,
  type Column,
  type ColumnTable,
  collect,
  idOf,
  inBatches,
  numberOf,
  type TableBatches,
} from './columntable.ts'

/**
 * Reads the columns that `choose` asks for, one row group after the other. Null becomes NaN, or 0 for an identifier.
 * @throws UserError: damaged, or a column that holds no numbers.
 */
export async function* parquetBatches(
  path: string,
  choose: ChooseKinds,
  { signal, batchRows = BATCH_ROWS }: BatchOptions = {},
): TableBatches {
  const file = await asyncBufferFromFile(path)
  const metadata = await guarded(path, () => parquetMetadataAsync(file))
  const fields = parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    unit: '',
    text: '',
  }))
  const kinds = choose(fields)
  const remarks = remarksOf(metadata)
  const emptyColumns = (rows: number) =>
    kinds.map((kind): Column => {
      if (kind === 'skip') return undefined
      return kind === 'id' ? new BigInt64Array(rows) : new Float64Array(rows)
    })
  let firstRow = 0
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows)
    const columns = emptyColumns(rows)
    for (const [i, { name }] of fields.entries()) {
      throwIfCancelled(signal)
      if (columns[i] === undefined || rows === 0) continue
      await readColumn({ path, file, metadata, name, firstRow, rows }, columns[i])
    }
    firstRow += rows
    if (rows > 0) yield* inBatches({ fields, rows, columns, remarks }, batchRows)
  }
  if (firstRow === 0) yield { fields, rows: 0, columns: emptyColumns(0), remarks }
}

/** All rows of `parquetBatches` in one table. */
export function readParquet(path: string, choose: ChooseKinds, signal?: AbortSignal): Promise<ColumnTable> {
  return collect(parquetBatches(path, choose, { signal }))
}

interface ColumnPart {
  path: string
  file: AsyncBuffer
  metadata: FileMetaData
  name: string
  firstRow: number
  rows: number
}

/** One column at a time: hyparquet makes plain arrays of what it decodes, ten times the size of typed ones. */
async function readColumn(part: ColumnPart, column: NonNullable<Column>): Promise<void> {
  const { path, file, metadata, name, firstRow, rows } = part
  // hyparquet calls back outside of its promise: what goes wrong there is kept, and thrown afterwards.
  let failure: unknown
  await guarded(path, () =>
    parquetRead({
      file,
      metadata,
      columns: [name],
      rowStart: firstRow,
      rowEnd: firstRow + rows,
      compressors,
      onChunk({ columnData, rowStart }) {
        if (failure !== undefined) return
        try {
          fill(column, columnData, Number(rowStart), firstRow, `${path}: ${name}`)
        } catch (error) {
          failure = error
        }
      },
    }),
  )
  if (failure !== undefined) throw failure
}

/** hyparquet throws plain errors for damaged files; a user needs to know which file. */
async function guarded<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UserError || error.name === 'Cancelled') throw error
    throw new UserError(
      `${path} cannot be read as Parquet (${error.message})`,
      'the file may be cut short or damaged: get it again',
    )
  }
}

/** Values from row `rowStart` of the file on, into a column that begins with row `firstRow`. */
function fill(
  column: NonNullable<Column>,
  values: ArrayLike<unknown>,
  rowStart: number,
  firstRow: number,
  label: string,
): void {
  const shift = rowStart - firstRow
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (column instanceof BigInt64Array) column[i + shift] = idIn(value)
    else {
      const number = numberIn(value)
      if (number === undefined) {
        throw new UserError(
          `${label} holds "${String(value).slice(0, 60)}" in row ${rowStart + i + 1}, which is not a number`,
          'mend or remove that row; null stands for no value',
        )
      }
      column[i + shift] = number
    }
  }
}

function idIn(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'string') return idOf(value)
  return Number.isSafeInteger(value) ? BigInt(value as number) : 0n
}

function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (value === null || value === undefined) return Number.NaN
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'string' ? numberOf(value) : undefined
}

function remarksOf(metadata: FileMetaData): string[] {
  return (metadata.key_value_metadata ?? []).map(
    ({ key, value }) => `${key} = ${(value ?? '').slice(0, 10_000)}`,
  )
}
