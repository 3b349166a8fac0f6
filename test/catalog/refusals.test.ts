// Catalogues that cannot be used: a sentence for each, with what was found and what to do.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { readReferenceStars } from '../../src/catalog/read.ts'
import { UserError } from '../../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), "bad cata logue's é "))
afterAll(() => rmSync(folder, { recursive: true }))

function save(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

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

/** Stars that do not compress well. */
function noise(): string {
  const row = (i: number) => `${(i * 0.618033988749895) % 360},${Math.sin(i) * 90},1,2`
  return `ra,dec,pmra,pmdec\n${Array.from({ length: 3000 }, (_, i) => row(i)).join('\n')}\n`
}

test.each([
  ['missing', () => join(folder, 'nowhere.csv'), /nowhere\.csv does not exist/],
  ['a folder', () => folder, /is a folder/],
  ['empty', () => save('empty.csv', ''), /is empty/],
  ['an empty gzip', () => save('empty.gz', gzipSync('')), /holds nothing once unpacked/],
  ['a gzip cut short', () => save('cut.gz', gzipSync(noise()).subarray(0, 30_000)), /cannot be unpacked/],
  ['blanks', () => save('blank.csv', ' \n\n'), /nothing but blanks/],
  [
    'a picture',
    () => save('a.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0])),
    /no format that is known/,
  ],
  ['a web page', () => save('page.csv', '<!DOCTYPE html><html>login</html>'), /is a web page/],
  ['other XML', () => save('x.xml', '<?xml version="1.0"?><svg/>'), /XML but no VOTable/],
  ['JSON', () => save('x.json', '{"ra": 1}'), /JSON/],
  ['a ZIP', () => save('x.zip', 'PK\u0003\u0004'), /ZIP/],
  [
    'prose',
    () => save('x.txt', 'It was a dark and stormy night.\nThe rain fell.\n'),
    /no columns of right ascension.*: It, was, a/,
  ],
  [
    'a table of other things',
    () => csv({ name: 'x', price: '1' }),
    /no columns of right ascension and declination; its columns are: name, price/,
  ],
  ['without names', () => save('x.csv', '1,2,3\n4,5,6\n'), /its columns are: 1, 2, 3/],
  [
    'without proper-motion columns',
    () => csv({ ra: '1', dec: '2' }),
    /has no proper motions \(no columns pmra and pmdec\), so its stars cannot be moved to the plate's epoch/,
  ],
  [
    'with empty proper motions',
    () => csv({ ...ROW, pmra: '', pmdec: '' }),
    /has no proper motions \(pmra or pmdec is empty in all 1 rows\)/,
  ],
  ['without rows', () => save('x.csv', 'ra,dec,pmra,pmdec\n'), /has columns but no stars/],
  ['with garbage', () => csv({ ...ROW, dec: '12:30:00' }), /line 2: "12:30:00" under dec is not a number/],
  [
    'with a right ascension beyond 360',
    () => csv({ ...ROW, ra: '361' }),
    /row 1: the right ascension is 361/,
  ],
  ['with a negative right ascension', () => csv({ ...ROW, ra: '-1' }), /row 1: the right ascension is -1/],
  [
    'with a declination beyond the pole',
    () => csv({ ...ROW, dec: '90.001' }),
    /row 1: the declination is 90\.001/,
  ],
  ['with a nonsense epoch', () => csv({ ...ROW, ref_epoch: '16' }), /reference epoch is 16/],
  [
    'of two epochs',
    () => save('x.csv', 'ra,dec,pmra,pmdec,ref_epoch\n1,2,3,4,2015.5\n1,2,3,4,2016\n'),
    /several reference epochs \(2015\.5, and 2016 in row 2\)/,
  ],
  ['a Parquet cut short', () => save('x.parquet', 'PAR1xxxx'), /cannot be read as Parquet/],
])('a catalogue that is %s is refused in a sentence', async (_, make, message) => {
  const path = make()
  const error = await readReferenceStars(path).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect(error.message).toMatch(message)
  expect(error.message).toContain(path)
  expect(error.todo.length).toBeGreaterThan(10)
})

test('FITS files that are no catalogue are refused in a sentence', async () => {
  execFileSync('/usr/bin/python3', [
    '-c',
    `import sys, numpy as np
from astropy.io import fits
from astropy.table import Table
out = sys.argv[1]
fits.PrimaryHDU(np.zeros((4, 4))).writeto(out + '/image.fits', overwrite=True)
Table({'ra': [1.0], 'dec': [2.0]}).write(out + '/nopm.fits', overwrite=True)
Table({'ra': [[1.0, 2.0]], 'dec': [2.0], 'pmra': [1.0], 'pmdec': [2.0]}).write(out + '/arrays.fits', overwrite=True)
Table({'ra': ['x'], 'dec': [2.0], 'pmra': [1.0], 'pmdec': [2.0]}).write(out + '/text.fits', overwrite=True)
t = fits.BinTableHDU(Table({'RA_ICRS': ['10.25 '], 'DE_ICRS': [2.0], 'pmRA': [1.0], 'pmDE': [2.0], 'Source': [2**60 + 1]}))
t.header['TITLE'] = 'I/345/gaia2'
other = fits.BinTableHDU(Table({'a': [1]}))
fits.HDUList([fits.PrimaryHDU(), other, t]).writeto(out + '/second.fits', overwrite=True)
`,
    folder,
  ])
  const expected: [string, RegExp][] = [
    ['image.fits', /image\.fits has no binary table/],
    ['nopm.fits', /has no proper motions/],
    ['arrays.fits', /the column ra holds arrays/],
    ['text.fits', /row 1: "x" under ra is not a number/],
  ]
  for (const [name, message] of expected) {
    await expect(readReferenceStars(join(folder, name))).rejects.toThrow(UserError)
    await expect(readReferenceStars(join(folder, name))).rejects.toThrow(message)
  }
  const stars = await readReferenceStars(join(folder, 'second.fits'))
  expect([stars.name, stars.raDeg[0], stars.sourceId[0]]).toEqual(['gaia-dr2', 10.25, 2n ** 60n + 1n])
})
