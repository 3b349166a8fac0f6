// Files as tables of the store's columns: the same stars whatever the format and the size of the batches; names, units,
// gaps, epochs.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, expect, test } from 'vitest'
import {
  type ImportOptions,
  type ImportTally,
  newTally,
  readStarBatches,
} from '../../../src/catalog/import/star-batches.ts'
import {
  blankStarTable,
  concatenated,
  STORED_COLUMNS,
  STORED_NAMES,
  type StarTable,
  type StoredName,
} from '../../../src/catalog/store/star-table.ts'
import { Cancelled } from '../../../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), "import's é "))
afterAll(() => rmSync(folder, { recursive: true }))
const GAIA = new URL('../../../../shared/gaia/', import.meta.url).pathname

function save(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function read(path: string, options: ImportOptions = {}, tally: ImportTally = newTally()) {
  const tables: StarTable[] = []
  for await (const stars of readStarBatches(path, { batchRows: 777, ...options }, tally)) {
    expect(stars.length).toBeLessThanOrEqual(options.batchRows ?? 777)
    expect(stars.length).toBeGreaterThan(0)
    tables.push(stars)
  }
  return {
    stars: tables.length === 0 ? blankStarTable(0) : concatenated(tables),
    tally,
    batches: tables.length,
  }
}

function expectSame(seen: StarTable, expected: StarTable): void {
  expect(seen.length).toBe(expected.length)
  for (const name of STORED_NAMES) {
    const [a, b] = [seen.columns[name], expected.columns[name]]
    const wrong = Array.from({ length: seen.length }).findIndex((_, i) => !Object.is(a[i], b[i]))
    expect(wrong, `${name}: first row that differs (${a[wrong]} for ${b[wrong]})`).toBe(-1)
  }
}

/** The stars of a plain CSV file with Gaia's names, by JavaScript's own means. */
function byHand(path: string): StarTable {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  const names = header.split(',')
  const stars = blankStarTable(lines.length)
  const given = STORED_NAMES.filter((name) => names.includes(name))
  for (const [row, line] of lines.entries()) {
    const cells = line.split(',')
    const cell = (name: string) => cells[names.indexOf(name)] ?? ''
    for (const name of given) {
      const text = cell(name)
      if (name === 'source_id') stars.columns.source_id[row] = BigInt(text)
      else if (text !== '') stars.columns[name][row] = Number(text)
    }
    if (!names.includes('bp_rp') && cell('phot_bp_mean_mag') !== '' && cell('phot_rp_mean_mag') !== '') {
      stars.columns.bp_rp[row] = Number(cell('phot_bp_mean_mag')) - Number(cell('phot_rp_mean_mag'))
    }
  }
  return stars
}

const TO_OTHER_FORMATS = `
import sys
from astropy.table import Table
source, out = sys.argv[1:]
t = Table.read(source, format='ascii.csv')
t.write(out + '/stars.fits', overwrite=True)
for f in ('tabledata', 'binary', 'binary2'):
    t.write(out + '/' + f + '.vot', format='votable', tabledata_format=f, overwrite=True)
t.write(out + '/stars.ecsv', format='ascii.ecsv', delimiter=',', overwrite=True)
`

test.each(['m67-dr3', 'serpens-dr2'])(
  '%s: every stored value of every star, from CSV, FITS, VOTables, ECSV and Parquet, plain and packed',
  async (name) => {
    if (!existsSync(GAIA)) {
      console.log('skipped: ../shared/gaia is not there')
      return
    }
    const source = join(GAIA, `${name}.csv`)
    const expected = byHand(source)
    const fromCsv = await read(source)
    expectSame(fromCsv.stars, expected)
    expect(fromCsv.batches).toBe(Math.ceil(expected.length / 777))
    execFileSync('/usr/bin/python3', ['-c', TO_OTHER_FORMATS, source, folder])
    const [header = '', ...lines] = readFileSync(source, 'utf8').trimEnd().split('\n')
    const cells = lines.map((line) => line.split(','))
    const columnData = header.split(',').map((column, i): ColumnSource => {
      if (column === 'source_id')
        return { name: column, data: cells.map((row) => BigInt(row[i]!)), type: 'INT64' }
      return { name: column, data: cells.map((row) => (row[i] ? Number(row[i]) : null)), type: 'DOUBLE' }
    })
    save('stars.parquet', new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 3000 })))
    for (const file of [
      'stars.fits',
      'tabledata.vot',
      'binary.vot',
      'binary2.vot',
      'stars.ecsv',
      'stars.parquet',
    ]) {
      for (const batchRows of [777, 100_000]) {
        expectSame((await read(join(folder, file), { batchRows })).stars, expected)
      }
      const packed = save('packed', gzipSync(readFileSync(join(folder, file))))
      const workDir = mkdtempSync(join(folder, 'work-'))
      const { stars, tally } = await read(packed, { workDir })
      expectSame(stars, expected)
      expect([tally.release, tally.refEpochYr]).toEqual([fromCsv.tally.release, fromCsv.tally.refEpochYr])
      expect(readdirSync(workDir)).toEqual([])
    }
  },
)

/** A number for each column of the store, different in each and exact in single precision. */
const VALUES = new Map(
  STORED_NAMES.map((name, i): [StoredName, number] => [
    name,
    i + 1 + (STORED_COLUMNS[name].type === 'uint8' ? 0 : 0.5),
  ]),
)

const VIZIER: Partial<Record<StoredName, string>> = {
  ...{ source_id: 'Source', ra: 'RA_ICRS', dec: 'DE_ICRS', parallax: 'Plx', pmra: 'pmRA', pmdec: 'pmDE' },
  ...{ radial_velocity: 'RV', ra_error: 'e_RA_ICRS', dec_error: 'e_DE_ICRS', parallax_error: 'e_Plx' },
  ...{ pmra_error: 'e_pmRA', pmdec_error: 'e_pmDE', radial_velocity_error: 'e_RV', ra_dec_corr: 'RADEcor' },
  ...{ ra_parallax_corr: 'RAPlxcor', ra_pmra_corr: 'RApmRAcor', ra_pmdec_corr: 'RApmDEcor' },
  ...{ dec_parallax_corr: 'DEPlxcor', dec_pmra_corr: 'DEpmRAcor', dec_pmdec_corr: 'DEpmDEcor' },
  ...{ parallax_pmra_corr: 'PlxpmRAcor', parallax_pmdec_corr: 'PlxpmDEcor', pmra_pmdec_corr: 'pmRApmDEcor' },
  ...{ phot_g_mean_mag: 'Gmag', phot_bp_mean_mag: 'BPmag', phot_rp_mean_mag: 'RPmag', bp_rp: 'BP-RP' },
  ...{ ruwe: 'RUWE', astrometric_excess_noise: 'epsi', astrometric_params_solved: 'Solved' },
  visibility_periods_used: 'Nper',
}

test.each([
  ["Gaia's names", (name: StoredName) => name],
  ["VizieR's names", (name: StoredName) => VIZIER[name]!],
])('every column of the store is recognised by %s', async (_, nameOf) => {
  const value = (name: StoredName) => (name === 'source_id' ? '598685936751287041' : VALUES.get(name))
  const header = ['RandomI', ...STORED_NAMES.map(nameOf), 'ref_epoch', 'EpochX'].join(',')
  const { stars } = await read(
    save('names.csv', `${header}\n9,${STORED_NAMES.map(value).join(',')},2016.0,9\n`),
  )
  for (const name of STORED_NAMES) {
    expect(stars.columns[name][0], name).toBe(name === 'source_id' ? 598685936751287041n : VALUES.get(name))
  }
})

test('columns with names of their own are taken by a map, and units are turned into those of the store', async () => {
  const path = save(
    'own.vot',
    `<VOTABLE><RESOURCE><TABLE><FIELD name="ALPHA_J2000" datatype="double" unit="rad"/>
    <FIELD name="DELTA" datatype="double" unit="deg"/><FIELD name="G" datatype="double" unit="mag"/>
    <FIELD name="ra" datatype="double" unit="deg"/><FIELD name="sigma" datatype="double" unit="arcsec"/>
    <DATA><TABLEDATA><TR><TD>1</TD><TD>2</TD><TD>14</TD><TD>77</TD><TD>0.5</TD></TR></TABLEDATA></DATA>
    </TABLE></RESOURCE></VOTABLE>`,
  )
  const map = new Map(
    Object.entries({ ra: 'ALPHA_J2000', dec: 'delta', phot_g_mean_mag: 'G', ra_error: 'sigma' }),
  )
  const { columns } = (await read(path, { map, release: 'gaia-dr3' })).stars
  expect(columns.ra[0]).toBeCloseTo(180 / Math.PI, 12)
  expect([columns.dec[0], columns.phot_g_mean_mag[0], columns.ra_error[0]]).toEqual([2, 14, 500])
  await expect(read(path, { map: new Map([['ra', 'alpha']]) })).rejects.toThrow(
    /own\.vot has no column alpha; its columns are: ALPHA_J2000, DELTA, G, ra, sigma/,
  )
})

const DR3_HEADER = ['%ECSV 1.0', '---', "delimiter: ','", 'datatype:']
  .concat(
    ['designation', 'source_id', 'ref_epoch', 'ra', 'dec', 'pmra', 'phot_g_mean_mag', 'flag'].flatMap(
      (name) => [
        '-',
        `  name: ${name}`,
        '  datatype: float64',
        ...(name === 'pmra' ? ['  unit: arcsec.yr**-1'] : []),
      ],
    ),
  )
  .map((line) => `# ${line}\n`)
  .join('')

test('a bulk file of Gaia: ECSV header, quotes, null, carriage returns, several members of gzip', async () => {
  const header = 'designation,source_id,ref_epoch,ra,dec,pmra,phot_g_mean_mag,flag\r\n'
  const row = (id: number) =>
    `"Gaia DR3 ${id}, b",${id},2016.0,${id / 70},-0.5,${id % 2 ? 'null' : '0.25'},14.5,"False"\r\n`
  const ids = Array.from({ length: 3000 }, (_, i) => i + 1)
  const text = DR3_HEADER + header + ids.map(row).join('')
  const cuts = [0, 100, 5000, 5003, 90_000, text.length]
  const members = cuts.slice(1).map((end, i) => gzipSync(text.slice(cuts[i], end)))
  const { stars, tally } = await read(save('GaiaSource_1.csv.gz', Buffer.concat(members)))
  expect(Array.from(stars.columns.source_id)).toEqual(ids.map(BigInt))
  expect(Array.from(stars.columns.ra)).toEqual(ids.map((id) => id / 70))
  expect(Array.from(stars.columns.pmra)).toEqual(ids.map((id) => (id % 2 ? Number.NaN : 250)))
  expect([tally.rows, tally.withoutMotion, tally.refEpochYr, tally.release]).toEqual([
    3000,
    3000,
    2016,
    'gaia-dr3',
  ])
})

test('rows without a place are left out and counted, rows without motion or magnitude are counted', async () => {
  const rows = ['1,2,3,4,15', ',2,3,4,15', '1,,3,4,15', '360,-90,,4,', '5,6,1,1,']
  const { stars, tally } = await read(save('gaps.csv', `ra,dec,pmra,pmdec,gmag\n${rows.join('\n')}\n`))
  expect(Array.from(stars.columns.ra)).toEqual([1, 0, 5])
  expect(tally).toMatchObject({ files: 1, rows: 3, withoutPlace: 2, withoutMotion: 1, withoutMagnitude: 2 })
  expect([...tally.assumptions].join()).toMatch(/J2015.5 was assumed.*no source identifiers/)
})

const epochs = (...years: (number | string)[]) =>
  `ra,dec,ref_epoch\n${years.map((year) => `1,2,${year}\n`).join('')}`

test('all rows and all files of an import are of one epoch', async () => {
  const many = Array.from({ length: 1000 }, () => 2015.5)
  await expect(read(save('a.csv', epochs(...many, '', 2016)))).rejects.toThrow(
    /several reference epochs \(2015\.5, and 2016 in row 1002\)/,
  )
  const tally = newTally()
  await read(save('b.csv', epochs(...many)), {}, tally)
  await read(save('c.csv', epochs(2015.5)), {}, tally)
  expect([tally.files, tally.rows]).toEqual([2, 1001])
  await expect(read(save('d.csv', epochs(2016)), {}, tally)).rejects.toThrow(
    /d\.csv holds gaia-dr3 at J2016, the files before it gaia-dr2 at J2015\.5/,
  )
})

test('the release that the user names stands where the file does not say', async () => {
  const silent = save('silent.csv', 'ra,dec\n1,2\n')
  expect((await read(silent, { release: 'gaia-dr3' })).tally).toMatchObject({
    release: 'gaia-dr3',
    refEpochYr: 2016,
    assumptions: new Set(['the catalogue has no source identifiers']),
  })
  await expect(read(silent, { release: 'ours' })).rejects.toThrow(/that of ours is not known/)
  const stated = save('stated.csv', epochs(2015.5))
  expect((await read(stated, { release: 'ours' })).tally).toMatchObject({
    release: 'ours',
    refEpochYr: 2015.5,
  })
  await expect(read(stated, { release: 'gaia-dr3' })).rejects.toThrow(
    /J2015\.5, and that of gaia-dr3 is J2016\.0/,
  )
})

test.each([
  ['without places', 'x,y\n1,2\n', /no columns of right ascension and declination; its columns are: x, y/],
  ['without rows', 'ra,dec\n', /has columns but no stars/],
  [
    'with a place outside the sphere further on',
    `ra,dec\n${'1,2\n'.repeat(900)}1,91\n`,
    /row 901: the declination is 91/,
  ],
  ['with text for a number further on', `ra,dec\n${'1,2\n'.repeat(900)}1,b\n`, /line 902: "b" under dec/],
])('a file %s is refused in a sentence', async (_, text, message) => {
  await expect(read(save('bad.csv', text))).rejects.toThrow(message)
})

test('a file that a service cut off is said to be so; a cancelled import stops', async () => {
  const { tally } = await read(save('cut.csv', `ra,dec\n${'1,2\n'.repeat(2000)}`))
  expect([...tally.assumptions].join()).toMatch(/exactly 2000 rows/)
  await expect(read(join(folder, 'cut.csv'), { signal: AbortSignal.abort() })).rejects.toThrow(Cancelled)
})
