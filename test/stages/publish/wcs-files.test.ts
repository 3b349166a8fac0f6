// wcs.fits and scamp.head as files: that other programs take them. That they hold the right plate is tested with the models.
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCard, getNumber, parseHeader } from '../../../src/fits/header.ts'
import { toSip, toTpv } from '../../../src/models/wcs-polynomials.ts'
import { writeWcsFiles } from '../../../src/stages/publish/wcs-files.ts'
import { truePlate } from '../../models/true-plate.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platepipe-test-wcs-files-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const plate = truePlate({ width: 800, height: 600, degree: 3, raDeg: 0.01, decDeg: -60, mirrored: true })
const input = (suffix: string, plateId = 'B 2312') => ({
  outDir: folder,
  suffix,
  sip: toSip(plate, 800, 600),
  tpv: toTpv(plate, 800, 600),
  width: 800,
  height: 600,
  epochYr: 1888.1,
  plateId,
})

describe('wcs.fits', () => {
  it('passes fitsverify without a warning, whatever the name of the plate', async () => {
    const names = ['B 2312', "l'été ∞ 🌌", "it''s a very long name ".repeat(8)]
    for (const [n, name] of names.entries()) {
      await writeWcsFiles(input(`-${n}`, name))
      const verdict = execFileSync('fitsverify', ['-q', join(folder, `wcs-${n}.fits`)], { encoding: 'utf8' })
      expect(verdict, name).toContain('verification OK')
    }
  })

  it('says how far it departs from the plate constants, and names plate and epoch', async () => {
    await writeWcsFiles(input(''))
    const header = parseHeader(await readFile(join(folder, 'wcs.fits')))
    expect(findCard(header, 'PLATE')!.value).toBe('B 2312')
    expect(getNumber(header, 'PLTEPOCH')).toBe(1888.1)
    expect(findCard(header, 'COMMENT')!.comment).toMatch(/Departure of SIP .* \d\.\de-\d+ px/)
  })

  it('turns the sky by LONPOLE where the tangent point is a pole, for which readers have another default', async () => {
    await writeWcsFiles(input('-pole'))
    expect(getNumber(parseHeader(await readFile(join(folder, 'wcs-pole.fits'))), 'LONPOLE')).toBe(180)
    expect(await readFile(join(folder, 'scamp-pole.head'), 'utf8')).toMatch(/^LONPOLE = +180 /m)
  })
})

describe('scamp.head', () => {
  it('has one card a line, ends with END, and fits into 80 ASCII characters', async () => {
    await writeWcsFiles(input(''))
    const lines = (await readFile(join(folder, 'scamp.head'), 'latin1')).trimEnd().split('\n')
    expect(lines.at(-1)).toBe('END')
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]{3,80}$/)
    expect(lines.filter((line) => /^PV[12]_\d+ /.test(line))).toHaveLength(20)
  })

  it('is read by SWarp, which lays the scan where the plate constants do', async () => {
    await writeWcsFiles({ ...input('-swarp') })
    // A scan of one bright pixel; its resampled place, through the TPV header, against astropy's reading of the SIP one.
    const code = `
import sys, subprocess, numpy as np, warnings
warnings.simplefilter('ignore')
from astropy.io import fits
from astropy.wcs import WCS
folder = sys.argv[1]
image = np.zeros((600, 800), np.float32); image[449, 599] = 1000
fits.writeto(folder + '/scan.fits', image, overwrite=True)
head = open(folder + '/scamp-swarp.head').read()
open(folder + '/scan.head', 'w').write(head)
run = subprocess.run(['SWarp', 'scan.fits', '-IMAGEOUT_NAME', 'out.fits', '-WEIGHTOUT_NAME', 'w.fits', '-SUBTRACT_BACK', 'N',
    '-RESAMPLING_TYPE', 'BILINEAR', '-WRITE_XML', 'N', '-VERBOSE_TYPE', 'QUIET', '-NTHREADS', '1'], cwd=folder, capture_output=True, text=True)
if run.returncode: sys.exit(run.stderr)
out = fits.open(folder + '/out.fits')[0]
y, x = np.indices(out.data.shape)
s = out.data.sum()
spot = WCS(out.header).all_pix2world([[(x * out.data).sum() / s + 1, (y * out.data).sum() / s + 1]], 1)
truth = WCS(fits.getheader(folder + '/wcs-swarp.fits')).all_pix2world([[600, 450]], 1)
from astropy.coordinates import angular_separation
print(float(np.degrees(angular_separation(*np.radians(spot[0]), *np.radians(truth[0]))) * 3600))
`
    const arcsec = Number(execFileSync('/usr/bin/python3', ['-c', code, folder], { encoding: 'utf8' }))
    console.log(`SWarp lays a pixel ${(arcsec / 2).toFixed(4)} px from its place`)
    expect(arcsec / 2).toBeLessThan(0.015) // its own grid of places is single precision
  })

  it('of several exposures has a number in its name', async () => {
    await writeWcsFiles(input('-0'))
    await writeWcsFiles(input('-1'))
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['wcs-1.fits', 'scamp-1.head']))
  })
})
