// Reads flat columns of numbers and identifiers from Parquet files, through hyparquet.
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { throwIfCancelled, UserError } from '../errors.ts'
import { type ChooseKinds, type ColumnTable, growingColumns, idOf, numberOf } from './columntable.ts'

/**
 * Reads the columns that `choose` asks for. Null becomes NaN, or 0 for an identifier.
 * @throws UserError: damaged, or a column that holds no numbers.
 */
export async function readParquet(
  path: string,
  choose: ChooseKinds,
  signal?: AbortSignal,
): Promise<ColumnTable> {
  const file = await asyncBufferFromFile(path)
  const metadata = await guarded(path, () => parquetMetadataAsync(file))
  const fields = parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    unit: '',
    text: '',
  }))
  const kinds = choose(fields)
  const rows = Number(metadata.num_rows)
  const growing = growingColumns(kinds, rows)
  const wanted = new Map(fields.flatMap(({ name }, i) => (kinds[i] === 'skip' ? [] : [[name, i] as const])))
  // hyparquet calls back outside of its promise: what goes wrong there is kept, and thrown afterwards.
  let failure: unknown
  if (wanted.size > 0 && rows > 0) {
    await guarded(path, () =>
      parquetRead({
        file,
        metadata,
        columns: [...wanted.keys()],
        compressors,
        onChunk({ columnName, columnData, rowStart }) {
          const column = growing.columns[wanted.get(columnName) ?? -1]
          if (column === undefined || failure !== undefined) return
          try {
            throwIfCancelled(signal)
            fill(column, columnData, Number(rowStart), `${path}: ${columnName}`)
          } catch (error) {
            failure = error
          }
        },
      }),
    )
  }
  if (failure !== undefined) throw failure
  return { fields, rows, columns: growing.finish(rows), remarks: remarksOf(metadata) }
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

function fill(
  column: Float64Array | BigInt64Array,
  values: ArrayLike<unknown>,
  rowStart: number,
  label: string,
): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (column instanceof BigInt64Array) {
      if (typeof value === 'bigint') column[rowStart + i] = value
      else if (typeof value === 'string') column[rowStart + i] = idOf(value)
      else column[rowStart + i] = Number.isSafeInteger(value) ? BigInt(value as number) : 0n
      continue
    }
    let number: number | undefined
    if (typeof value === 'number') number = value
    else if (value === null || value === undefined) number = Number.NaN
    else if (typeof value === 'bigint') number = Number(value)
    else if (typeof value === 'string') number = numberOf(value)
    if (number === undefined) {
      throw new UserError(
        `${label} holds "${String(value).slice(0, 60)}" in row ${rowStart + i + 1}, which is not a number`,
        'mend or remove that row; null stands for no value',
      )
    }
    column[rowStart + i] = number
  }
}

function remarksOf(metadata: FileMetaData): string[] {
  return (metadata.key_value_metadata ?? []).map(
    ({ key, value }) => `${key} = ${(value ?? '').slice(0, 10_000)}`,
  )
}
