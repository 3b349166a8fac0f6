// Reference stars from files: the same stars whatever the format; names, units and edges.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, expect, test } from 'vitest'
import { readReferenceStars, usableAsReference } from '../../src/catalog/read.ts'
import type { ReferenceStars } from '../../src/catalog/stars.ts'
import { Cancelled } from '../../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), "cata logue's é "))
afterAll(() => rmSync(folder, { recursive: true }))
const GAIA = new URL('../../../shared/gaia/', import.meta.url).pathname
const SKIPPED = 'skipped: ../shared/gaia is not there'

function save(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const NUMERIC = [
  ...['raDeg', 'decDeg', 'raErrorMas', 'decErrorMas', 'pmRaMasYr', 'pmDecMasYr', 'pmRaErrorMasYr'],
  ...['pmDecErrorMasYr', 'parallaxMas', 'radialVelocityKmS', 'gMag', 'bpRp', 'ruwe'],
] as (keyof ReferenceStars)[]

function expectSame(seen: ReferenceStars, expected: ReferenceStars): void {
  expect(seen.length).toBe(expected.length)
  expect([seen.name, seen.refEpochYr, seen.assumptions]).toEqual([
    expected.name,
    expected.refEpochYr,
    expected.assumptions,
  ])
  expect(seen.sourceId).toEqual(expected.sourceId)
  for (const key of NUMERIC) {
    const [a, b] = [seen[key] as Float64Array, expected[key] as Float64Array]
    const wrong = a.findIndex((value, i) => !Object.is(value, b[i]))
    expect(wrong, `${key}: first row that differs (${a[wrong]} for ${b[wrong]})`).toBe(-1)
  }
}

test('m67-dr3: DR3 by its epoch, empty cells, no error columns', async ({ skip }) => {
  if (!existsSync(GAIA)) skip(SKIPPED)
  const stars = await readReferenceStars(join(GAIA, 'm67-dr3.csv'))
  expect([stars.name, stars.refEpochYr, stars.length]).toEqual(['gaia-dr3', 2016, 10718])
  expect(stars.sourceId[0]).toBe(598685936751287040n)
  expect([stars.raDeg[0], stars.decDeg[0]]).toEqual([132.63087291762125, 11.147239149336025])
  expect(stars.pmRaMasYr[0]).toBeNaN()
  expect(stars.pmDecMasYr[1]).toBe(0.8134644861716238)
  expect(usableAsReference(stars).length).toBe(9131)
  expect(usableAsReference(stars)[0]).toBe(1)
  expect(stars.assumptions).toHaveLength(3)
  expect(stars.assumptions.join()).toMatch(
    /1587 of 10718 stars have no proper motion.*no standard errors of places.*of proper motions/s,
  )
})

test('serpens-dr2: DR2, all errors given, nothing assumed', async ({ skip }) => {
  if (!existsSync(GAIA)) skip(SKIPPED)
  const path = join(GAIA, 'serpens-dr2.csv')
  const stars = await readReferenceStars(path)
  expect([stars.name, stars.refEpochYr, stars.length]).toEqual(['gaia-dr2', 2015.5, 10499])
  expect(stars.assumptions).toEqual([])
  expect(usableAsReference(stars).length).toBe(10499)
  expect([stars.raErrorMas[0], stars.pmDecErrorMasYr[0]]).toEqual([0.44173761301923165, 0.8448992758836297])
})

const TO_OTHER_FORMATS = `
import sys
from astropy.table import Table
source, out = sys.argv[1:]
t = Table.read(source, format='ascii.csv')
t['ra'].unit = t['dec'].unit = 'deg'
t['pmra'].unit = 'mas/yr'
t['pmdec'].unit = 'mas yr**-1'
t.write(out + '/stars.fits', overwrite=True)
t.write(out + '/stars-tabledata.vot', format='votable', tabledata_format='tabledata', overwrite=True)
t.write(out + '/stars-binary2.vot', format='votable', tabledata_format='binary2', overwrite=True)
t.write(out + '/stars.ecsv', format='ascii.ecsv', delimiter=',', overwrite=True)
t.write(out + '/stars-blanks.ecsv', format='ascii.ecsv', overwrite=True)
`

test.each(['m67-dr3', 'serpens-dr2'])(
  '%s gives the same stars as FITS, VOTable, ECSV, Parquet, and gzipped',
  async (name) => {
    if (!existsSync(GAIA)) {
      console.log(SKIPPED)
      return
    }
    const source = join(GAIA, `${name}.csv`)
    const expected = await readReferenceStars(source)
    execFileSync('/usr/bin/python3', ['-c', TO_OTHER_FORMATS, source, folder])
    const [header, ...lines] = readFileSync(source, 'utf8').trimEnd().split('\n')
    const cells = lines.map((line) => line.split(','))
    const columnData = header!.split(',').map((name, i): ColumnSource => {
      if (name === 'source_id') return { name, data: cells.map((row) => BigInt(row[i]!)), type: 'INT64' }
      return { name, data: cells.map((row) => (row[i] ? Number(row[i]) : null)), type: 'DOUBLE' }
    })
    save('stars.parquet', new Uint8Array(parquetWriteBuffer({ columnData })))
    const files = [
      'stars.fits',
      'stars-tabledata.vot',
      'stars-binary2.vot',
      'stars.ecsv',
      'stars-blanks.ecsv',
      'stars.parquet',
    ]
    for (const file of files) {
      expectSame(await readReferenceStars(join(folder, file)), expected)
      const packed = save(
        `no name tells what this is.${files.indexOf(file)}`,
        gzipSync(readFileSync(join(folder, file))),
      )
      expectSame(await readReferenceStars(packed), expected)
    }
    expectSame(await readReferenceStars(save('stars.fits.csv.gz', gzipSync(readFileSync(source)))), expected)
  },
)

const ROW = {
  ra: '10.5',
  dec: '-0.5',
  pmra: '3',
  pmdec: '-4',
  source_id: '598685936751287041',
  phot_g_mean_mag: '14',
}

function csv(columns: Record<string, string>, name = 'stars.csv', comments = ''): string {
  return save(name, `${comments}${Object.keys(columns).join(',')}\n${Object.values(columns).join(',')}\n`)
}

test("VizieR's names, in any letter case, and BP - RP from the two magnitudes", async () => {
  const stars = await readReferenceStars(
    csv({
      ...{
        RA_ICRS: '10.5',
        DE_ICRS: '-0.5',
        Source: '598685936751287041',
        e_RA_ICRS: '0.5',
        e_DE_ICRS: '0.25',
      },
      ...{
        Plx: '2',
        pmRA: '3',
        e_pmRA: '0.1',
        pmDE: '-4',
        e_pmDE: '0.2',
        Gmag: '14',
        BPmag: '14.75',
        RPmag: '13.5',
      },
      ...{ RV: '-20', RUWE: '1.1', RAJ2000: '99', DEJ2000: '9', EpochX: '1', ref_epoch: '2016.0' },
    }),
  )
  expect(NUMERIC.map((key) => (stars[key] as Float64Array)[0])).toEqual([
    10.5, -0.5, 0.5, 0.25, 3, -4, 0.1, 0.2, 2, -20, 14, 1.25, 1.1,
  ])
  expect(stars.sourceId[0]).toBe(598685936751287041n)
  expect([stars.name, stars.assumptions]).toEqual(['gaia-dr3', []])
})

test("VizieR's places at J2000.0 are taken as such when there are no others, with errors grown", async () => {
  const stars = await readReferenceStars(
    csv({
      ...{ RAJ2000: '10.5', DEJ2000: '-0.5', Source: '7', e_RA_ICRS: '0.5', e_DE_ICRS: '0.25', pmRA: '3' },
      ...{ e_pmRA: '0.1', pmDE: '-4', e_pmDE: '0.2', Gmag: '14', ref_epoch: '2016.0' },
    }),
  )
  expect([stars.name, stars.refEpochYr]).toEqual(['gaia-dr3', 2000])
  expect(stars.raErrorMas[0]).toBeCloseTo(Math.hypot(0.5, 1.6), 12)
  expect(stars.assumptions.join()).toContain('RAJ2000')
})

test('units of the file are turned into ours; one that is not known is said', async () => {
  const stars = await readReferenceStars(
    save(
      'units.vot',
      `<VOTABLE><RESOURCE><TABLE>
      <FIELD name="ra" datatype="double" unit="rad"/><FIELD name="dec" datatype="double" unit="Angle[deg]"/>
      <FIELD name="pmra" datatype="double" unit="arcsec.yr**-1"/><FIELD name="pmdec" datatype="double" unit="parsec"/>
      <FIELD name="ra_error" datatype="double" unit="deg"/>
      <DATA><TABLEDATA><TR><TD>1</TD><TD>2</TD><TD>0.003</TD><TD>4</TD><TD>1e-6</TD></TR></TABLEDATA></DATA>
      </TABLE></RESOURCE></VOTABLE>`,
    ),
  )
  expect(stars.raDeg[0]).toBeCloseTo(180 / Math.PI, 12)
  expect([stars.decDeg[0], stars.pmRaMasYr[0], stars.pmDecMasYr[0]]).toEqual([2, 3, 4])
  expect(stars.raErrorMas[0]).toBeCloseTo(3.6, 12)
  expect(stars.assumptions.join()).toMatch(/unit of pmdec, "parsec", is not known/)
})

test('a catalogue that a service cut short is said to be so', async () => {
  const rows = (count: number) => `ra,dec,pmra,pmdec\n${'1,2,3,4\n'.repeat(count)}`
  const cut = await readReferenceStars(save('cut.csv', rows(2000)))
  expect(cut.assumptions.join()).toMatch(/exactly 2000 rows/)
  const more = await readReferenceStars(save('cut.csv', rows(2001)))
  expect(more.assumptions.join()).not.toMatch(/rows/)
  const overflow = await readReferenceStars(save('cut.csv', `# QUERY_STATUS = OVERFLOW\n${rows(5)}`))
  expect(overflow.assumptions.join()).toMatch(/cut the catalogue off at 5 rows/)
})

test('places at 0h, 360 degrees and the poles are kept; rows without a place are no reference stars', async () => {
  const lines = ['0,90', '360,-90', '359.9999999,0', ',5', '5,'].map((place) => `${place},1,1`)
  const stars = await readReferenceStars(save('edges.csv', `ra,dec,pmra,pmdec\n${lines.join('\n')}\n`))
  expect(Array.from(stars.raDeg)).toEqual([0, 0, 359.9999999, Number.NaN, 5])
  expect(Array.from(usableAsReference(stars))).toEqual([0, 1, 2])
})

test('a cancelled run stops reading', async () => {
  const path = csv(ROW)
  await expect(readReferenceStars(path, AbortSignal.abort())).rejects.toThrow(Cancelled)
})

test('30 MB of CSV are read', async () => {
  const row =
    '598685936751287040,2016.0,132.63087291762125,11.147239149336025,0.5,0.12,-4.55,0.81,20.907682,1.57,\n'
  const rows = Math.ceil(30e6 / row.length)
  mkdirSync(join(folder, 'large'))
  const path = save(
    'large/stars.csv',
    `source_id,ref_epoch,ra,dec,parallax,ra_error,pmra,pmdec,phot_g_mean_mag,bp_rp,ruwe\n${row.repeat(rows)}`,
  )
  const started = performance.now()
  const stars = await readReferenceStars(path)
  console.log(`30 MB of CSV, ${rows} stars: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  expect(stars.length).toBe(rows)
  rmSync(path)
})
