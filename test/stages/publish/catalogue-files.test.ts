// The three files of the catalogue hold the same rows: judged by fitsverify, astropy (FITS, VOTable) and hyparquet.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { afterAll, expect, test } from 'vitest'
import { CATALOGUE_COLUMNS, type CatalogueColumns, type ColumnValues } from '../../../src/columns.ts'
import type { Solution } from '../../../src/solution.ts'
import {
  type CatalogueMeta,
  writeCatalogueFiles,
  writeDetections,
} from '../../../src/stages/publish/catalogue-files.ts'
import { catalogueMeta, detectionsMeta } from '../../../src/stages/publish/catalogue-meta.ts'

const folder = mkdtempSync(join(tmpdir(), 'catalogue files "quoted" é '))
afterAll(() => rmSync(folder, { recursive: true }))

const META: CatalogueMeta = {
  plateId: 'B 2312 <"&\'> é',
  epochYr: 1951.911,
  header: [
    ['REFCAT', 'gaia-dr3', 'reference catalogue'],
    ['REFEPOCH', 2016, 'its epoch, Julian year'],
    ['NOTHING', null, 'not determined'],
  ],
  rejectBits: [
    { bit: 0, name: 'EDGE', text: 'touches the edge of the scan' },
    {
      bit: 3,
      name: 'SHARP',
      text: "narrower than this plate's stars of its magnitude, and a long sentence at that",
    },
  ],
  description: 'Stars of a plate <&>, ICRS at its epoch',
}
/** A plate whose exposures have these epochs, the first that of the plate. */
function solutionOf(...epochsYr: number[]): Solution {
  const reference = { name: 'gaia-dr3', epoch_yr: 2016, stars: 9 }
  const exposures = epochsYr.map((epoch_yr) => ({ epoch_yr, reference, model: { name: 'affine' } }))
  return { plate: { id: 'B 1', epoch_yr: epochsYr[0] }, exposures } as unknown as Solution
}
const GAIA_ID = 598685936751287041n // odd, beyond 2^53: a double would lose the last digit
const BIG_ID = 9223372036854775807n

/** Rows with values that are hard to keep: thirds, NaN, infinities that never should be, the largest integers. */
function rowsOf(count: number): CatalogueColumns {
  const make = (format: string, salt: number): ColumnValues => {
    const real = (i: number) => ((i * 7 + salt) % 5 === 0 ? Number.NaN : (i + 1) / 3 + salt * 1e-7)
    if (format === 'D') return Float64Array.from({ length: count }, (_, i) => real(i))
    if (format === 'E') return Float32Array.from({ length: count }, (_, i) => real(i))
    if (format === 'K') return BigInt64Array.from({ length: count }, (_, i) => [GAIA_ID, 0n, BIG_ID][i % 3]!)
    if (format === 'L') return Uint8Array.from({ length: count }, (_, i) => i % 2)
    if (format === 'J') return Int32Array.from({ length: count }, (_, i) => (i % 2 ? 2 ** 31 - 1 : -i))
    return Int16Array.from({ length: count }, (_, i) => (i % 2 ? 32767 : -i))
  }
  return Object.fromEntries(
    CATALOGUE_COLUMNS.map(({ name, format }, n) => [name, make(format, n)]),
  ) as CatalogueColumns
}

function python(code: string, ...args: string[]): string {
  return execFileSync('/usr/bin/python3', ['-W', 'error', '-c', code, ...args], { encoding: 'utf8' })
}

function fitsverify(path: string): string {
  return execFileSync('fitsverify', ['-q', path], { encoding: 'utf8' })
}

/** Every value as hexadecimal bits, so that one lost bit fails. */
const AS_HEX = `
import sys, numpy as np
def dump(t):
    for name in t.dtype.names:
        a = np.ma.getdata(t[name])
        if a.dtype.kind == 'f': a = np.where(np.ma.getmaskarray(t[name]), np.nan, a).astype(a.dtype)
        k = a.dtype.kind + str(a.dtype.itemsize)
        if a.dtype.kind == 'f': a = np.where(np.isnan(a), a.dtype.type(np.nan), a)
        print(name, k, a.astype(a.dtype.newbyteorder('>')).tobytes().hex())
`
const HEX_OF_FITS = `${AS_HEX}
from astropy.table import Table
dump(Table.read(sys.argv[1], hdu='CATALOGUE').as_array())
`
const HEX_OF_VOTABLE = `${AS_HEX}
from astropy.io.votable import parse_single_table
dump(parse_single_table(sys.argv[1], verify='exception').array)
`

function hexOf(columns: CatalogueColumns): string {
  return CATALOGUE_COLUMNS.map(({ name, format }) => {
    const values = columns[name]
    const bytes: Record<string, number> = { D: 8, E: 4, K: 8, J: 4, I: 2, L: 1 }
    const size = bytes[format]!
    const view = new DataView(new ArrayBuffer(values.length * size))
    values.forEach((value: number | bigint, i: number) => {
      if (format === 'D') view.setFloat64(i * 8, value as number)
      else if (format === 'E') view.setFloat32(i * 4, value as number)
      else if (format === 'K') view.setBigInt64(i * 8, value as bigint)
      else if (format === 'J') view.setInt32(i * 4, value as number)
      else if (format === 'I') view.setInt16(i * 2, value as number)
      else view.setInt8(i, value as number)
    })
    const kind = format === 'D' || format === 'E' ? 'f' : format === 'L' ? 'b' : 'i'
    return `${name} ${kind}${size} ${Buffer.from(view.buffer).toString('hex')}`
  }).join('\n')
}

test('astropy reads every bit of catalogue.fits and catalogue.vot, and fitsverify has nothing to say', async () => {
  const columns = rowsOf(31)
  await writeCatalogueFiles(folder, columns, META)
  expect(fitsverify(join(folder, 'catalogue.fits'))).toContain('OK')
  const expected = hexOf(columns)
  expect(python(HEX_OF_FITS, join(folder, 'catalogue.fits')).trim()).toBe(expected)
  expect(python(HEX_OF_VOTABLE, join(folder, 'catalogue.vot')).trim()).toBe(expected)
})

test('catalogue.fits carries units, UCDs, sentences, the plate, its epoch and the dictionary of reject', async () => {
  await writeCatalogueFiles(folder, rowsOf(3), META)
  const seen = python(
    `import sys
from astropy.io import fits
h = fits.getheader(sys.argv[1], 'CATALOGUE')
for n in range(1, h['TFIELDS'] + 1): print(h['TTYPE%d' % n], h.get('TUNIT%d' % n, '-'), h['TUCD%d' % n])
print(repr(h['PLATE']), h['PLTEPOCH'], h['REFCAT'], h['REJBIT0'], h['REJBIT3'], 'NOTHING' in h)
print(' '.join(h['COMMENT']))`,
    join(folder, 'catalogue.fits'),
  )
  for (const { name, unit, ucd, text } of CATALOGUE_COLUMNS) {
    expect(seen).toContain(`${name} ${unit || '-'} ${ucd}\n`)
    expect(seen).toContain(`${name}: ${text}`)
  }
  expect(seen).toContain('1951.911 gaia-dr3 EDGE SHARP False')
  expect(seen).toContain('reject bit 3 (value 8) SHARP')
})

test('one epoch is claimed for all rows only where all exposures have it', async () => {
  const claimed = async (solution: Solution) => {
    await writeCatalogueFiles(folder, rowsOf(3), catalogueMeta(solution))
    await writeDetections(
      join(folder, 'detections.fits'),
      { det_id: Int32Array.of(1) },
      detectionsMeta(solution),
    )
    const [fits, vot, detections] = ['catalogue.fits', 'catalogue.vot', 'detections.fits'].map((name) =>
      readFileSync(join(folder, name), 'latin1'),
    )
    expect(fitsverify(join(folder, 'catalogue.fits'))).toContain('OK')
    return [
      fits!.includes('PLTEPOCH='),
      / epoch="J|name="epoch" datatype="double" unit="yr" ucd="time.epoch" ref/.test(vot!),
      detections!.includes('PLTEPOCH='),
    ]
  }
  expect(await claimed(solutionOf(1910.5, 1910.5))).toEqual([true, true, true])
  expect(await claimed(solutionOf(1910.5, 1931.5))).toEqual([false, false, false])
})

test('the VOTable validates without a warning, with the epoch in its coordinate and time systems', async () => {
  await writeCatalogueFiles(folder, rowsOf(4), META)
  const seen = python(
    `import sys, io
from astropy.io.votable import validate, parse
out = io.StringIO()
ok = validate(sys.argv[1], output=out)
print('VALID', ok, out.getvalue())
v = parse(sys.argv[1], verify='exception')
r = v.resources[0]
print(v.version, r.coordinate_systems[0].system, r.coordinate_systems[0].epoch, r.time_systems[0].timescale, r.params[0].value)
t = r.tables[0]
print([ (f.name, f.ref) for f in t.fields if f.ref ])
print([ (i.name, i.value) for i in r.infos ])
sc = t.to_table()
print(sc['ra'].unit, sc['x'].unit, sc['resid_ra'].unit, sc['peak'].unit)`,
    join(folder, 'catalogue.vot'),
  )
  expect(seen).toContain('VALID True')
  expect(seen).toContain('found no violations')
  expect(seen).toMatch(/1\.4 ICRS J1951\.911 UTC 1951\.911/)
  expect(seen).toContain("('ra', 'sky')")
  expect(seen).toContain("('PLATE', 'B 2312 <\"&\\'> é')")
  expect(seen).toContain('deg pix arcsec adu')
})

test('Parquet comes back the same: NaN as null, int64 exact, types and metadata', async () => {
  const columns = rowsOf(31)
  await writeCatalogueFiles(folder, columns, META)
  const file = await asyncBufferFromFile(join(folder, 'catalogue.parquet'))
  const metadata = await parquetMetadataAsync(file)
  const rows = await parquetReadObjects({ file })
  expect(rows.length).toBe(31)
  for (const { name, format } of CATALOGUE_COLUMNS) {
    const expected = Array.from(columns[name] as ArrayLike<number | bigint>, (value): unknown => {
      if (format === 'L') return value === 1
      return typeof value === 'number' && Number.isNaN(value) ? null : value
    })
    expect(
      rows.map((row) => row[name]),
      name,
    ).toEqual(expected)
  }
  const types = Object.fromEntries(metadata.schema.slice(1).map(({ name, type }) => [name, type]))
  expect(types).toMatchObject({
    ra: 'DOUBLE',
    ra_error: 'FLOAT',
    source_id: 'INT64',
    used: 'BOOLEAN',
    x: 'DOUBLE',
  })
  const pairs = Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]))
  expect(pairs).toMatchObject({
    plate: META.plateId,
    epoch_yr: '1951.911',
    frame: 'ICRS',
    REFCAT: 'gaia-dr3',
  })
  expect(JSON.parse(pairs.columns!)[5]).toEqual({
    name: 'ra',
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
    text: "Right ascension, ICRS, at the plate's epoch",
  })
})

test.each([0, 1])('%i rows make three readable files, also without an epoch', async (count) => {
  await writeCatalogueFiles(folder, rowsOf(count), { ...META, epochYr: null, rejectBits: [], header: [] })
  expect(fitsverify(join(folder, 'catalogue.fits'))).toContain('OK')
  expect(python(HEX_OF_FITS, join(folder, 'catalogue.fits')).trim()).toBe(hexOf(rowsOf(count)).trim())
  expect(python(HEX_OF_VOTABLE, join(folder, 'catalogue.vot')).trim()).toBe(hexOf(rowsOf(count)).trim())
  expect(readFileSync(join(folder, 'catalogue.vot'), 'utf8')).not.toContain('epoch="')
  const file = await asyncBufferFromFile(join(folder, 'catalogue.parquet'))
  expect(await parquetReadObjects({ file })).toHaveLength(count)
})

test('the same rows give the same bytes', async () => {
  const names = ['catalogue.fits', 'catalogue.parquet', 'catalogue.vot']
  const write = async () => {
    await writeCatalogueFiles(folder, rowsOf(200), META)
    return names.map((name) => readFileSync(join(folder, name)).toString('base64'))
  }
  expect(await write()).toEqual(await write())
})

test('the elements of the VOTable stand in the order of its XML schema', async () => {
  await writeCatalogueFiles(folder, rowsOf(2), META)
  const seen = python(
    `import sys, xml.etree.ElementTree as E
r = E.parse(sys.argv[1]).getroot()[0]
print([e.tag.split('}')[1] for e in r])`,
    join(folder, 'catalogue.vot'),
  )
  expect(seen).toContain(
    "['DESCRIPTION', 'INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'COOSYS', 'TIMESYS', 'PARAM', 'TABLE']",
  )
})

test('detections are written with the columns that were measured, and only those', async () => {
  const path = join(folder, 'detections.fits')
  await writeDetections(
    path,
    { det_id: Int32Array.of(1, 2), x: Float64Array.of(1.5, Number.NaN), reject: Int32Array.of(0, 8) },
    META,
  )
  expect(fitsverify(path)).toContain('OK')
  const seen = python(
    `import sys
from astropy.table import Table
t = Table.read(sys.argv[1], hdu='DETECTIONS')
print(t.colnames, list(t['reject']), t.meta['REJBIT3'])`,
    path,
  )
  expect(seen).toContain("['det_id', 'x', 'reject'] [0, 8] SHARP")
})

test('columns of unequal length, numbers too large and numbers for identifiers are refused', async () => {
  const good = rowsOf(3)
  const write = (changed: Partial<CatalogueColumns>) =>
    writeCatalogueFiles(folder, { ...good, ...changed }, META)
  await expect(write({ y: new Float64Array(2) })).rejects.toThrow('column y has 2 rows, not 3')
  await expect(write({ sex_flags: Int32Array.of(1, 2, 40_000) })).rejects.toThrow('sex_flags: 40000')
  await expect(write({ source_id: new Float64Array(3) })).rejects.toThrow('source_id')
  await expect(write({ det_id: Float64Array.of(1, 2, Number.NaN) })).rejects.toThrow('det_id: NaN')
})
