// Files that an import must not take at their word: places of another epoch, a last line that may be cut, a map that makes
// one column two.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { parseColumnNames } from '../../../src/catalog/import/map-option.ts'
import { type ImportOptions, newTally, readStarBatches } from '../../../src/catalog/import/star-batches.ts'
import { readReferenceStars } from '../../../src/catalog/read.ts'
import { concatenated, type StarTable } from '../../../src/catalog/store/star-table.ts'
import { propagate } from '../../../src/math/epoch.ts'
import { separationDeg } from '../../../src/math/sphere.ts'

const folder = mkdtempSync(join(tmpdir(), 'platepipe-odd-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

function save(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function read(path: string, options: ImportOptions = {}) {
  const tally = newTally()
  const tables: StarTable[] = []
  for await (const stars of readStarBatches(path, { batchRows: 777, ...options }, tally)) tables.push(stars)
  return { stars: concatenated(tables), tally, batches: tables.length }
}

test("VizieR's places at J2000.0 go back to the epoch of the release, with its errors and correlations", async () => {
  const stars = [
    { raDeg: 10, decDeg: 20, pmRaMasYr: 300, pmDecMasYr: -200, parallaxMas: 20, radialVelocityKmS: -50 },
    { raDeg: 359.9999999, decDeg: -60, pmRaMasYr: 5, pmDecMasYr: 3, parallaxMas: 0.1, radialVelocityKmS: 0 },
    { raDeg: 77, decDeg: 89.5, pmRaMasYr: 400, pmDecMasYr: 3000, parallaxMas: 90, radialVelocityKmS: 110 },
  ]
  const rows = stars.map((star) => {
    const at2000 = propagate(star, 2000 - 2016)
    const motion = [star.pmRaMasYr, star.pmDecMasYr, star.parallaxMas, star.radialVelocityKmS]
    return [at2000.raDeg, at2000.decDeg, ...motion, 0.5, 0.1, 0.3, 2016].join(',')
  })
  const header = 'RAJ2000,DEJ2000,pmRA,pmDE,Plx,RV,e_RA_ICRS,e_pmRA,RADEcor,ref_epoch'
  const text = `${header}\n${rows.join('\n')}\n30,40,,,,,0.5,0.1,0.3,2016\n`
  const { stars: seen, tally } = await read(save('vizier.csv', text))
  expect([tally.release, tally.refEpochYr]).toEqual(['gaia-dr3', 2016])
  expect([...tally.assumptions].join()).toMatch(/moved to J2000\.0, and moved back to J2016 /)
  const { ra, dec, ra_error, ra_dec_corr } = seen.columns
  for (const [i, { raDeg, decDeg }] of stars.entries()) {
    expect(separationDeg(ra[i]!, dec[i]!, raDeg, decDeg) * 3.6e6, `star ${i}, mas`).toBeLessThan(1e-6)
  }
  expect([ra[3], dec[3]]).toEqual([30, 40]) // without a motion it was never moved
  expect([...ra_error]).toEqual([0.5, 0.5, 0.5, 0.5])
  expect([...ra_dec_corr]).toEqual(Array(4).fill(Math.fround(0.3)))
})

test('a last line without an end is said to be so where the lines before it have one', async () => {
  const told = async (text: string) => [...(await read(save('end.csv', text))).tally.assumptions].join()
  expect(await told('ra,dec\n1,2\n1,2.5')).toMatch(
    /the last line of .*end\.csv has no end: the file may be cut off/,
  )
  expect(await told('ra,dec\n1,2\n1,2.5\n')).not.toMatch(/no end/)
  const packed = await read(save('end.csv.gz', gzipSync(`ra,dec\n${'1,2\n'.repeat(776)}1,2`)))
  expect(packed.batches).toBe(1) // the last row ends a full batch
  expect([...packed.tally.assumptions].join()).toMatch(/no end/)
  const whole = await readReferenceStars(
    save('whole.csv', 'source_id,ra,dec,pmra,pmdec\n7,1,2,3,4\n-7,1,2,3,4'),
  )
  expect(whole.assumptions.join()).toMatch(/whole\.csv has no end/)
  expect(whole.assumptions.join()).toMatch(/1 of 2 stars have no whole number as source_id/)
})

test('one column is not given two meanings by a map', async () => {
  const path = save('shared.csv', 'ra,dec\n1,2\n')
  const map = (text: string) => ({ map: parseColumnNames(text) })
  await expect(read(path, map('ra=dec,dec=dec'))).rejects.toThrow(/the column dec of .* is both ra and dec/)
  await expect(read(path, map('ra=dec'))).rejects.toThrow(/the column dec of .* is both ra and dec/)
  expect((await read(path, map('ra=dec,dec=ra'))).stars.columns.ra[0]).toBe(2)
})
