// wcs.fits and scamp.head as files: that other programs take them. That they hold the right plate is tested with the models.
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findCard, getNumber, parseHeader } from '../../../src/fits/header.ts'
import { DEG } from '../../../src/math/sphere.ts'
import { type PlateMapping, sipOf, toSip, toTpv, tpvOf } from '../../../src/models/wcs-polynomials.ts'
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

/** A plate of 800 × 600 px of 2″, scanned by a carriage that errs by a wave along y. */
function wavy(amplitudePx: number, periodPx: number): PlateMapping {
  const pixel = (2 / 3600) * DEG
  return {
    ra0: 0.01 * DEG,
    dec0: -60 * DEG,
    standardAt: (x, y) => {
      const wave = amplitudePx * Math.sin((2 * Math.PI * y) / periodPx)
      return { xi: pixel * (x - 400), eta: pixel * (y - 300 + wave) }
    },
  }
}

const wavyInput = (suffix: string, mapping: PlateMapping) => ({
  ...input(suffix),
  sip: sipOf(mapping, 800, 600),
  tpv: tpvOf(mapping, 800, 600),
})

const commentsOf = async (name: string): Promise<string> => {
  const lines = (await readFile(join(folder, name), 'latin1')).match(/COMMENT .{72}/g) ?? []
  return lines.map((line) => line.slice(8).trim()).join(' ')
}

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

  it('says so where it can only approximate the plate constants, and where it is good for one kind of star only', async () => {
    await writeWcsFiles({ ...wavyInput('-wavy', wavy(0.4, 60)), referenceStar: { mag: 14.25, bpRp: 0.9 } })
    const header = parseHeader(await readFile(join(folder, 'wcs-wavy.fits')))
    expect([getNumber(header, 'REFMAG'), getNumber(header, 'REFBPRP')]).toEqual([14.25, 0.9])
    expect(await commentsOf('wcs-wavy.fits')).toMatch(
      /SIP .*: [34]\.\de-1 px.* places in catalogue\.fits are by the plate/,
    )
    const verdict = execFileSync('fitsverify', ['-q', join(folder, 'wcs-wavy.fits')], { encoding: 'utf8' })
    expect(verdict).toContain('verification OK')
    const head = await readFile(join(folder, 'scamp-wavy.head'), 'latin1')
    expect(head).toMatch(/^REFMAG +=.*14\.25/m)
    expect(head).toMatch(/^COMMENT .*TPV .*: [34]\.\de-1 px/m)
    expect(head).toMatch(/catalogue\.fits/)

    await writeWcsFiles({ ...input('-cubic'), referenceStar: { mag: null, bpRp: null } })
    const cubic = parseHeader(await readFile(join(folder, 'wcs-cubic.fits')))
    expect(getNumber(cubic, 'REFMAG')).toBeUndefined()
    for (const name of ['wcs-cubic.fits', 'scamp-cubic.head'])
      expect(await readFile(join(folder, name), 'latin1')).not.toMatch(/catalogue\.fits/)
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

  it.each([
    ['of degree 3', () => input('-swarp'), 3],
    ['of degree 7', () => wavyInput('-swarp', wavy(1.5, 800)), 7],
  ])('is read by SWarp, which lays the scan where the plate constants do: %s', async (_, made, degree) => {
    const files = made()
    await writeWcsFiles(files)
    expect(files.tpv.degree).toBe(degree)
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
