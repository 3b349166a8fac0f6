import { truncateSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { verifyChecksums } from '../../src/fits/checksum.ts'
import { openFits } from '../../src/fits/hdu.ts'
import { addCard, addCommentary, emptyHeader, getString } from '../../src/fits/header.ts'
import { readFitsTable, type TableColumn, writeFitsTables } from '../../src/fits/table.ts'
import {
  astropyMakes,
  astropyReads,
  fitsverify,
  fromRepr,
  hasPlates,
  PLATES,
  scratchFolder,
} from './judges.ts'

const folder = scratchFolder()

const COLUMNS: TableColumn[] = [
  { name: 'flag', format: 'L', repeat: 1, data: [true, false, true] },
  { name: 'byte', format: 'B', repeat: 1, data: Uint8Array.of(0, 128, 255) },
  { name: 'short', format: 'I', repeat: 1, data: Int16Array.of(-32768, 0, 32767), nullValue: -32768 },
  { name: 'long', format: 'J', repeat: 1, data: Int32Array.of(-2147483648, 0, 2147483647), unit: 'pix' },
  {
    name: 'source_id',
    format: 'K',
    repeat: 1,
    data: BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n, 2n ** 63n - 1n),
    ucd: 'meta.id',
    comment: 'source of the reference',
    nullValue: 0n,
  },
  { name: 'mag', format: 'E', repeat: 1, data: Float32Array.of(0.1, Number.NaN, -1e30), unit: 'mag' },
  {
    name: 'ra',
    format: '1D',
    repeat: 1,
    data: Float64Array.of(1 / 3, Number.NaN, -1e300),
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
  },
  { name: 'name', format: 'A', repeat: 1, data: ['M 67', '', 'Præsepe'] },
  { name: 'band', format: '4A', repeat: 1, data: ['B', 'VR', 'IIIa'] },
  { name: 'pair', format: '2D', repeat: 2, data: Float64Array.of(1, 2, 3, 4, 5, 6) },
  { name: 'ids', format: '2K', repeat: 2, data: BigInt64Array.of(1n, 2n, 3n, 4n, 2n ** 62n + 1n, 6n) },
  {
    name: 'flags',
    format: '3L',
    repeat: 3,
    data: [true, true, false, false, true, false, false, false, true],
  },
]

test('a table with every column type passes fitsverify and reads the same in astropy and here', async () => {
  const path = join(folder, 'all.fits')
  const header = emptyHeader()
  addCard(header, 'EPOCH_YR', 1951.911, 'epoch of the plate')
  addCommentary(header, 'COMMENT', 'written for a test')
  addCard(header, 'TFIELDS', 99, 'belongs to another table')
  await writeFitsTables(path, [{ name: 'CATALOGUE', columns: COLUMNS, header }])
  expect(fitsverify(path)).toBe('verification OK')

  const hdu = astropyReads(path)[1]!
  expect([hdu.name, hdu.datasum, hdu.checksum]).toEqual(['CATALOGUE', 1, 1])
  const values = (name: string) => hdu.columns![name]!.values
  expect(values('flag')).toEqual([true, false, true])
  expect(values('byte')).toEqual(['0', '128', '255'])
  expect(values('short')).toEqual(['-32768', '0', '32767'])
  expect(values('long')).toEqual(['-2147483648', '0', '2147483647'])
  expect(values('source_id')).toEqual(['-9223372036854775808', '9007199254740993', '9223372036854775807'])
  expect(values('mag').map((text) => fromRepr(text as string))).toEqual([
    Math.fround(0.1),
    Number.NaN,
    Math.fround(-1e30),
  ])
  expect(values('ra').map((text) => fromRepr(text as string))).toEqual([1 / 3, Number.NaN, -1e300])
  expect(values('name')).toEqual(['M 67', '', 'Pr?sepe'])
  expect(values('band')).toEqual(['B', 'VR', 'IIIa'])
  expect(values('ids')).toEqual(['1', '2', '3', '4', '4611686018427387905', '6'])
  expect(values('flags')).toEqual([true, true, false, false, true, false, false, false, true])
  expect([hdu.columns!.ra!.unit, hdu.columns!.short!.null]).toEqual(['deg', '-32768'])
  const card = (keyword: string) => hdu.cards.find(([name]) => name === keyword)
  expect(card('TTYPE5')).toEqual(['TTYPE5', 'source_id', 'source of the reference'])
  expect([card('TUCD7')![1], card('EPOCH_YR')![1], card('TFIELDS')![1]]).toEqual([
    'pos.eq.ra;meta.main',
    '1951.911',
    '12',
  ])

  const table = await readFitsTable(path)
  expect([table.name, table.rows, table.columns.length]).toEqual(['CATALOGUE', 3, 12])
  COLUMNS.forEach((column, i) => {
    const back = table.columns[i]!
    const expected = column.name === 'name' ? ['M 67', '', 'Pr?sepe'] : column.data
    expect(back.data, column.name).toEqual(expected)
    const told = [back.name, back.repeat, back.unit, back.ucd, back.comment]
    expect(told).toEqual([column.name, column.repeat, column.unit, column.ucd, column.comment])
    expect(Number(back.nullValue ?? -1)).toBe(Number(column.nullValue ?? -1))
  })
})

test('a table that was read can be written again as it is', async () => {
  const [first, second] = [join(folder, 'first.fits'), join(folder, 'second.fits')]
  await writeFitsTables(first, [{ name: 'A', columns: COLUMNS }])
  const { name, columns, header } = await readFitsTable(first)
  await writeFitsTables(second, [{ name, columns, header }])
  expect(fitsverify(second)).toBe('verification OK')
  expect((await readFitsTable(second)).columns).toEqual(columns)
})

test('several tables, an empty one and a primary header lie in one file', async () => {
  const path = join(folder, 'several.fits')
  const primary = emptyHeader()
  addCard(primary, 'PLATE', "O'Brien")
  const empty: TableColumn[] = [
    { name: 'x', format: 'D', repeat: 1, data: new Float64Array(0), unit: 'pix' },
    { name: 's', format: 'A', repeat: 1, data: [] },
  ]
  const some: TableColumn[] = [{ name: 'n', format: 'J', repeat: 1, data: Int32Array.of(1, 2) }]
  await writeFitsTables(
    path,
    [
      { name: 'EMPTY', columns: empty },
      { name: 'SOME', columns: some },
    ],
    primary,
  )
  expect(fitsverify(path)).toBe('verification OK')
  expect((await readFitsTable(path)).rows).toBe(0)
  expect((await readFitsTable(path, { name: 'some' })).columns[0]!.data).toEqual(Int32Array.of(1, 2))
  expect((await readFitsTable(path, { hdu: 2 })).name).toBe('SOME')
  const file = await openFits(path)
  expect(getString(file.hdus[0]!.header, 'PLATE')).toBe("O'Brien")
  for (const hdu of file.hdus) {
    expect(await verifyChecksums(file, hdu)).toEqual({ dataSumAgrees: true, checksumAgrees: true })
  }
  await file.close()
})

test('a header alone, without data, is a legal file', async () => {
  const path = join(folder, 'wcs.fits')
  const primary = emptyHeader()
  addCard(primary, 'IMAGEW', 1059)
  addCard(primary, 'NOTE', 'long '.repeat(30).trim(), 'continued')
  await writeFitsTables(path, [], primary)
  expect(fitsverify(path)).toBe('verification OK')
  expect(astropyReads(path)[0]!.cards.find(([name]) => name === 'NOTE')![1]).toBe('long '.repeat(30).trim())
})

test('a table longer than one strip keeps every row in its place', async () => {
  const rows = 300_000
  const path = join(folder, 'long.fits')
  const columns: TableColumn[] = [
    {
      name: 'id',
      format: 'K',
      repeat: 1,
      data: BigInt64Array.from({ length: rows }, (_, i) => 2n ** 60n + BigInt(i)),
    },
    { name: 'x', format: 'D', repeat: 1, data: Float64Array.from({ length: rows }, (_, i) => i / 7) },
    { name: 's', format: '9A', repeat: 1, data: Array.from({ length: rows }, (_, i) => `s${i}`) },
  ]
  await writeFitsTables(path, [{ name: 'LONG', columns }])
  expect(fitsverify(path)).toBe('verification OK')
  const started = performance.now()
  const table = await readFitsTable(path, { columns: ['X', 'id'] })
  const seconds = (performance.now() - started) / 1000
  console.log(`${rows} rows, two of three columns, in ${seconds.toFixed(3)} s`)
  expect(table.columns.map(({ name }) => name)).toEqual(['x', 'id'])
  expect(table.columns[0]!.data).toEqual(columns[1]!.data)
  expect(table.columns[1]!.data).toEqual(columns[0]!.data)
})

describe('tables of other makers', () => {
  it('come with scaling, nulls, arrays, unsigned integers, and a word on what is not read', async () => {
    const path = astropyMakes(join(folder, 'astropy.fits'), 'table')
    const table = await readFitsTable(path)
    const column = (name: string) => table.columns.find((candidate) => candidate.name === name)!
    expect(column('flag').data).toEqual([true, false, true])
    expect(column('byte').data).toEqual(Uint8Array.of(0, 128, 255))
    expect(column('short')).toMatchObject({ data: Int16Array.of(-32768, 7, 32767), nullValue: 7 })
    expect(column('long').unit).toBe('pix')
    expect(column('id').data).toEqual(BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n, 2n ** 63n - 1n))
    expect(column('single').data).toEqual(Float32Array.of(0.1, Number.NaN, -1e30))
    expect(column('double')).toMatchObject({
      data: Float64Array.of(0.1, Number.NaN, 1e300),
      comment: 'seventh',
      ucd: 'pos.eq.ra',
    })
    expect(column('name').data).toEqual(['M 67', '', '12345678'])
    expect(column('triple')).toMatchObject({ repeat: 3, data: Float32Array.from({ length: 9 }, (_, i) => i) })
    expect(column('ids').data).toEqual(BigInt64Array.of(1n, 2n ** 62n + 1n, 3n, 4n, 5n, 6n))
    expect(column('ushort')).toMatchObject({ data: Int32Array.of(0, 40000, 65535), format: '1J' })
    expect(column('ulong')).toMatchObject({ data: Float64Array.of(0, 3e9, 4294967295), format: '1D' })
    expect(table.header.problems.map((problem) => problem.slice(0, 11))).toEqual([
      'column bits',
      'column list',
      'column wave',
    ])

    const scaled = await readFitsTable(path, { name: 'SCALED' })
    expect(scaled.columns[0]!.data).toEqual(Float64Array.of(10.5, Number.NaN, 12.25))
  })

  it('are refused in words when a column is missing or of another kind', async () => {
    const path = astropyMakes(join(folder, 'refused.fits'), 'table')
    await expect(readFitsTable(path, { columns: ['none'] })).rejects.toThrow(/column none is not there/)
    await expect(readFitsTable(path, { columns: ['list'] })).rejects.toThrow(/PJ.*is not read/)
    await expect(readFitsTable(path, { name: 'NONE' })).rejects.toThrow(
      /no binary table NONE; it has 0: no data; 1 ALL: bintable, 3 rows/,
    )
    await expect(readFitsTable(path, { hdu: 0 })).rejects.toThrow(/no binary table as HDU 0/)
    truncateSync(path, 6000)
    await expect(readFitsTable(path)).rejects.toMatchObject({ name: 'UserError' })
  })

  test.skipIf(!hasPlates)('SuperCOSMOS object tables read as in astropy', async () => {
    const path = join(PLATES, 'supercosmos-2012.fits')
    const table = await readFitsTable(path, { name: 'IAM_DATA' })
    const judged = astropyReads(path)[2]!
    let compared = 0
    for (const column of table.columns) {
      const theirs = judged.columns![column.name]!.values.map((text) => fromRepr(text as string))
      expect(Array.from(column.data as Float64Array), column.name).toEqual(theirs)
      compared += theirs.length
    }
    console.log(`${compared} values in ${table.columns.length} columns are the same in astropy`)
    expect(compared).toBe(1076 * 32)
  })
})

describe('writing refuses', () => {
  const bad: [string, Partial<TableColumn>, RegExp][] = [
    ['a number beyond the type', { format: 'I', data: Float64Array.of(40000) }, /40000 cannot be stored/],
    [
      'NaN in integers without a null value',
      { format: 'J', data: Float64Array.of(Number.NaN) },
      /NaN cannot be stored/,
    ],
    [
      'int64 in a column that would round it',
      { format: 'D', data: BigInt64Array.of(1n) },
      /need the format K/,
    ],
    ['strings in a numeric column', { format: 'D', data: ['1'] }, /numbers are wanted/],
    ['a string that is too long', { format: '2A', data: ['abc'] }, /does not fit 2A/],
    ['a format that is none', { format: 'Z', data: Float64Array.of(1) }, /cannot be written/],
    ['columns of different lengths', { format: 'D', data: Float64Array.of(1, 2) }, /has 2 rows, not 1/],
  ]
  it.each(bad)('%s, and leaves no file', async (_, column, message) => {
    const path = join(folder, 'bad.fits')
    const first: TableColumn = { name: 'n', format: 'J', repeat: 1, data: Int32Array.of(1) }
    const second = { name: 'bad', repeat: 1, ...column } as TableColumn
    await expect(writeFitsTables(path, [{ name: 'T', columns: [first, second] }])).rejects.toThrow(message)
    await expect(stat(path)).rejects.toThrow(/ENOENT/)
    await expect(stat(`${path}.part`)).rejects.toThrow(/ENOENT/)
  })

  it('but turns NaN into the null value of an integer column', async () => {
    const path = join(folder, 'null.fits')
    const columns: TableColumn[] = [
      { name: 'n', format: 'J', repeat: 1, data: Float64Array.of(1, Number.NaN), nullValue: -99 },
      { name: 'k', format: 'K', repeat: 1, data: Float64Array.of(1, Number.NaN), nullValue: -1n },
    ]
    await writeFitsTables(path, [{ name: 'T', columns }])
    const table = await readFitsTable(path)
    expect(table.columns[0]!.data).toEqual(Int32Array.of(1, -99))
    expect(table.columns[1]!.data).toEqual(BigInt64Array.of(1n, -1n))
  })
})
