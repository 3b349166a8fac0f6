// Parquet files as other programs make them: types, nulls, codecs, row groups, damage.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, expect, test } from 'vitest'
import { Cancelled, UserError } from '../../src/errors.ts'
import type { ChooseKinds } from '../../src/formats/columntable.ts'
import { readParquet } from '../../src/formats/parquet.ts'

const folder = mkdtempSync(join(tmpdir(), 'parquet-'))
const path = join(folder, 'stars.parquet')
afterAll(() => rmSync(folder, { recursive: true }))

const choose: ChooseKinds = (fields) =>
  fields.map(({ name }) => (name === 'id' ? 'id' : name === 'note' ? 'skip' : 'number'))

const COLUMNS: ColumnSource[] = [
  { name: 'id', data: [598685936751287041n, null, 3n], type: 'INT64' },
  { name: 'note', data: ['a', 'b', 'c'], type: 'STRING' },
  { name: 'ra', data: new Float64Array([1 / 3, 359.9999999999, 0]), type: 'DOUBLE' },
  { name: 'g', data: [Math.fround(12.3), null, Number.NaN], type: 'FLOAT' },
  { name: 'n', data: new Int32Array([1, -2, 3]), type: 'INT32' },
  { name: 'text', data: ['1.5', '', 'null'], type: 'STRING' },
]
const EXPECTED = [
  [598685936751287041n, 0n, 3n],
  undefined,
  [1 / 3, 359.9999999999, 0],
  [Math.fround(12.3), Number.NaN, Number.NaN],
  [1, -2, 3],
  [1.5, Number.NaN, Number.NaN],
]

/** A ZSTD frame of one raw block (RFC 8878, §3.1.1). */
function zstdFrame(bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12)
  head.writeUInt32LE(0xfd2fb528, 0)
  head[4] = 0xa0 // single segment, four bytes of content size
  head.writeUInt32LE(bytes.length, 5)
  head.writeUIntLE((bytes.length << 3) | 1, 9, 3)
  return new Uint8Array(Buffer.concat([head, bytes]))
}

const CODECS = {
  UNCOMPRESSED: (bytes: Uint8Array) => bytes,
  SNAPPY: undefined,
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  ZSTD: zstdFrame,
  BROTLI: (bytes: Uint8Array) => new Uint8Array(brotliCompressSync(bytes)),
}

test.each(Object.keys(CODECS) as (keyof typeof CODECS)[])(
  'reads numbers, nulls and identifiers, %s',
  async (codec) => {
    for (const rowGroupSize of [100, 1]) {
      const compress = CODECS[codec]
      const options = { columnData: COLUMNS, codec, rowGroupSize }
      const buffer = parquetWriteBuffer(
        compress ? { ...options, compressors: { [codec]: compress } } : options,
      )
      writeFileSync(path, new Uint8Array(buffer))
      const table = await readParquet(path, choose)
      expect(table.rows).toBe(3)
      expect(table.fields.map(({ name }) => name)).toEqual(['id', 'note', 'ra', 'g', 'n', 'text'])
      expect(table.columns.map((column) => column && Array.from(column as ArrayLike<unknown>))).toEqual(
        EXPECTED,
      )
    }
  },
)

test('identifiers stored as text or as double are exact or 0', async () => {
  const columns: [Omit<ColumnSource, 'name'>, bigint][] = [
    [{ data: ['Gaia DR3 598685936751287041'], type: 'STRING' }, 598685936751287041n],
    [{ data: [5.98685936751287e17], type: 'DOUBLE' }, 0n],
    [{ data: [12345], type: 'INT32' }, 12345n],
  ]
  for (const [source, expected] of columns) {
    writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'id', ...source }] })))
    const table = await readParquet(path, choose)
    expect(Array.from(table.columns[0] as BigInt64Array)).toEqual([expected])
  }
})

test('metadata become remarks, and a file without rows has its columns', async () => {
  const columnData: ColumnSource[] = [{ name: 'ra', data: [], type: 'DOUBLE' }]
  const kvMetadata = [{ key: 'title', value: 'Gaia DR3' }]
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata })))
  expect(await readParquet(path, choose)).toMatchObject({ rows: 0, remarks: ['title = Gaia DR3'] })
})

test('a damaged file, text for a number and a cancelled run are told apart', async () => {
  const whole = new Uint8Array(parquetWriteBuffer({ columnData: COLUMNS }))
  for (const cut of [whole.subarray(0, 40), whole.subarray(0, whole.length - 3), whole.subarray(0, 6)]) {
    writeFileSync(path, cut)
    await expect(readParquet(path, choose)).rejects.toThrow(UserError)
    await expect(readParquet(path, choose)).rejects.toThrow(/stars\.parquet cannot be read as Parquet/)
  }
  const scrambled = Uint8Array.from(whole, (byte, i) => (i > 3 && i < 120 ? 255 - byte : byte))
  writeFileSync(path, scrambled)
  await expect(readParquet(path, choose)).rejects.toThrow(UserError)
  const text: ColumnSource[] = [{ name: 'ra', data: ['1', 'x'], type: 'STRING' }]
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData: text })))
  await expect(readParquet(path, choose)).rejects.toThrow(/ra holds "x" in row 2/)
  writeFileSync(path, whole)
  await expect(readParquet(path, choose, AbortSignal.abort())).rejects.toThrow(Cancelled)
})
