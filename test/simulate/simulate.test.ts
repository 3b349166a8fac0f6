// Whole simulated plates: the same bytes for the same seed, files that others can read, places that SExtractor finds.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReferenceStars } from '../../src/catalog/read.ts'
import { Cancelled, UserError } from '../../src/errors.ts'
import { propagate } from '../../src/math/epoch.ts'
import { separationDeg } from '../../src/math/sphere.ts'
import type { SimulateOptions } from '../../src/simulate/options.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { plateOf, readTruth, SMALL, withFolder } from './plates.ts'

async function digests(options: Partial<SimulateOptions>): Promise<Record<string, string>> {
  return withFolder(async (outDir) => {
    await simulate(options, { outDir })
    const names = (await readdir(outDir)).sort()
    const sums = await Promise.all(
      names.map(async (name) =>
        createHash('sha256')
          .update(await readFile(join(outDir, name)))
          .digest('hex'),
      ),
    )
    return Object.fromEntries(names.map((name, i) => [name, sums[i]!]))
  })
}

describe('the same seed and options', () => {
  const damaged = { ...SMALL, damage: 4, rebate: 0.3, mirror: true, header: 'wrong' as const }

  it('give the same bytes in every file', async () => {
    const first = await digests(damaged)
    expect(Object.keys(first)).toEqual([
      'sim-5-artefacts.fits',
      'sim-5-reference.csv',
      'sim-5-truth.fits',
      'sim-5.fits',
      'sim-5.json',
    ])
    expect(await digests(damaged)).toEqual(first)
  })

  it('another seed gives another plate', async () => {
    const [first, second] = [
      await digests({ ...SMALL, name: 'a' }),
      await digests({ ...SMALL, name: 'a', seed: 6 }),
    ]
    for (const name of ['a.fits', 'a-truth.fits', 'a-reference.csv'])
      expect(first[name]).not.toBe(second[name])
  })

  it('more dust leaves the stars where they are', async () => {
    const [clean, dusty] = [await digests({ ...SMALL }), await digests({ ...SMALL, dust: 30 })]
    expect(dusty['sim-5-truth.fits']).toBe(clean['sim-5-truth.fits'])
    expect(dusty['sim-5.fits']).not.toBe(clean['sim-5.fits'])
  })
})

describe('the files', () => {
  it('pass fitsverify without a warning', async () => {
    await withFolder(async (outDir) => {
      const result = await simulate({ ...SMALL, damage: 3, header: 'full', wcs: true }, { outDir })
      for (const path of [result.scan, result.truth, result.artefacts]) {
        const output = execFileSync('fitsverify', ['-q', path], { encoding: 'utf8' })
        expect(output).toContain('verification OK')
      }
    })
  })

  it('hold a reference catalogue that platepipe itself reads, with errors, gaps and stars beyond the edge', async () => {
    await withFolder(async (outDir) => {
      const result = await simulate({ ...SMALL, width: 800 }, { outDir })
      const stars = await readReferenceStars(result.reference)
      expect(stars.length).toBe(result.counts.reference)
      expect(stars.refEpochYr).toBe(2015.5)
      const still = Array.from(stars.pmRaMasYr).filter(Number.isNaN).length
      console.log(`${stars.length} reference stars, ${still} without motion`)
      expect(still).toBeGreaterThan(0)
      expect(still).toBeLessThan(stars.length / 10)
      const { raDeg, decDeg } = result.constants
      const away = Array.from(stars.raDeg, (ra, i) => separationDeg(ra, stars.decDeg[i]!, raDeg, decDeg))
      expect(Math.max(...away)).toBeGreaterThan(0.3)
    })
  })

  it('agree: a reference star moved to the epoch lies at its place in the truth, within its errors', async () => {
    await withFolder(async (outDir) => {
      const result = await simulate({ ...SMALL, width: 800, epoch: 1900 }, { outDir })
      const stars = await readReferenceStars(result.reference)
      const script = `
import json, sys
from astropy.io import fits
t = fits.getdata(sys.argv[1], 1)
print(json.dumps({str(i): [float(r), float(d)] for i, r, d in zip(t['source_id'], t['ra'], t['dec'])}))`
      const truth: Record<string, [number, number]> = JSON.parse(
        execFileSync('/usr/bin/python3', ['-c', script, result.truth], { encoding: 'utf8' }),
      )
      const pulls: number[] = []
      for (let i = 0; i < stars.length; i++) {
        const place = truth[String(stars.sourceId[i])]
        if (!place || Number.isNaN(stars.pmRaMasYr[i]!)) continue
        const moved = propagate(
          {
            raDeg: stars.raDeg[i]!,
            decDeg: stars.decDeg[i]!,
            pmRaMasYr: stars.pmRaMasYr[i]!,
            pmDecMasYr: stars.pmDecMasYr[i]!,
            parallaxMas: Number.NaN,
            radialVelocityKmS: Number.NaN,
          },
          1900 - 2015.5,
        )
        const sigma = Math.hypot(stars.decErrorMas[i]!, 115.5 * stars.pmDecErrorMasYr[i]!)
        pulls.push(((moved.decDeg - place[1]) * 3600_000) / sigma)
      }
      const rms = Math.sqrt(pulls.reduce((sum, p) => sum + p * p, 0) / pulls.length)
      console.log(`${pulls.length} stars, rms pull in declination ${rms.toFixed(3)}`)
      expect(pulls.length).toBeGreaterThan(200)
      expect(rms).toBeGreaterThan(0.9)
      expect(rms).toBeLessThan(1.1)
    })
  })
})

/** Places and heights of SExtractor's detections on the plate made positive. */
function detections(scan: string, folder: string, negative: boolean): [number, number][] {
  const script = `
import json, subprocess, sys
from astropy.io import fits
scan, folder, negative = sys.argv[1], sys.argv[2], sys.argv[3] == 'true'
d = fits.getdata(scan).astype('f4')
fits.writeto(folder + '/p.fits', 65535 - d if negative else d)
open(folder + '/p.param', 'w').write('XWIN_IMAGE\\nYWIN_IMAGE\\n')
open(folder + '/p.sex', 'w').write('FILTER N\\nDETECT_THRESH 1.5\\nDETECT_MINAREA 6\\nSATUR_LEVEL 64000\\nBACK_SIZE 128\\n')
subprocess.run(['source-extractor', 'p.fits', '-c', 'p.sex', '-CATALOG_TYPE', 'FITS_1.0', '-CATALOG_NAME', 'p.cat',
  '-PARAMETERS_NAME', 'p.param', '-MEMORY_PIXSTACK', '3000000', '-VERBOSE_TYPE', 'QUIET'], cwd=folder, check=True)
c = fits.getdata(folder + '/p.cat', 1)
print(json.dumps([[float(x), float(y)] for x, y in zip(c['XWIN_IMAGE'], c['YWIN_IMAGE'])]))`
  const text = execFileSync('/usr/bin/python3', ['-c', script, scan, folder, String(negative)], {
    encoding: 'utf8',
  })
  return JSON.parse(text)
}

describe('SExtractor', () => {
  const cases: [string, Partial<SimulateOptions>][] = [
    ['a negative transmission scan', { polarity: 'negative' }],
    [
      'a positive density scan, turned and mirrored',
      { polarity: 'positive', values: 'density', mirror: true, rotation: 40 },
    ],
  ]
  it.each(cases)('finds more than 95 in 100 bright clean stars within 0.3 px: %s', async (_, options) => {
    await withFolder(async (outDir) => {
      const result = await simulate(
        { ...SMALL, seed: 12, width: 1600, field: 1.2, limit: 15.5, distortion: 10, tilt: 5, ...options },
        { outDir },
      )
      const found = detections(result.scan, outDir, options.polarity === 'negative')
      const truth = await readTruth(result.truth)
      const recipe = JSON.parse(await readFile(result.recipe, 'utf8'))
      const [x, y, mag] = [truth.number('x'), truth.number('y'), truth.number('mag')]
      const [on, saturated, blended] = [
        truth.flag('on_plate'),
        truth.flag('saturated'),
        truth.flag('blended'),
      ]
      const distances: number[] = []
      for (let i = 0; i < truth.rows; i++) {
        if (!on[i] || saturated[i] || blended[i] || mag[i]! > recipe.limit_mag - 2.5) continue
        distances.push(Math.min(...found.map(([a, b]) => Math.hypot(a - x[i]!, b - y[i]!))))
      }
      const near = distances.filter((d) => d < 0.3)
      const rms = Math.sqrt(near.reduce((sum, d) => sum + d * d, 0) / near.length / 2)
      console.log(`${near.length} of ${distances.length} within 0.3 px, rms per axis ${rms.toFixed(3)} px`)
      expect(distances.length).toBeGreaterThan(40)
      expect(near.length / distances.length).toBeGreaterThan(0.95)
      expect(rms).toBeLessThan(0.15)
    })
  })
})

describe('polarity', () => {
  it('positive is the mirror image of negative in brightness, bit for bit up to the scanner noise', async () => {
    const negative = await plateOf({ ...SMALL, polarity: 'negative' })
    const positive = await plateOf({ ...SMALL, polarity: 'positive' })
    const sums = negative.pixels.map((v, i) => v + positive.pixels[i]!)
    const mean = sums.reduce((sum, v) => sum + v, 0) / sums.length
    expect(Math.abs(mean - 65535)).toBeLessThan(5)
    const brightest = Math.max(...negative.truth.number('peak'))
    expect(brightest).toBeGreaterThan(10_000)
  })

  it('8 bits reach from 0 to 255 at most', async () => {
    const plate = await plateOf({ ...SMALL, bits: '8' })
    expect(plate.pixels.every((v) => v >= 0 && v <= 255 && Number.isInteger(v))).toBe(true)
    expect(new Set(plate.pixels).size).toBeGreaterThan(50)
  })
})

describe('stars from elsewhere', () => {
  const gaia = '../shared/gaia/serpens-dr2.csv'
  it.skipIf(!existsSync(gaia))(
    'come from a Gaia file, centred on it (skipped without ../shared)',
    async () => {
      const { result, truth } = await plateOf({ seed: 1, stars: gaia, field: 0.4, width: 500 })
      expect(separationDeg(result.constants.raDeg, result.constants.decDeg, 235.486, 11.093)).toBeLessThan(
        0.05,
      )
      expect(truth.rows).toBeGreaterThan(100)
    },
  )

  it('come from Tycho-2, with faint ones added', async () => {
    const { result, truth } = await plateOf({ ...SMALL, stars: 'tycho2', ra: 130.1, dec: 19.6, field: 1.5 })
    const bright = Array.from(truth.number('phot_g_mean_mag')).filter((g) => g < 7.5).length
    console.log(`Praesepe: ${bright} stars brighter than 7.5, ${result.counts.images} in all`)
    expect(bright).toBeGreaterThan(10)
    expect(result.counts.images).toBeGreaterThan(1000)
  })
})

describe('what goes wrong', () => {
  const mistakes: [string, Record<string, unknown>][] = [
    ['--seed is -1', { seed: -1 }],
    ['--fwhm is 0', { fwhm: 0 }],
    ['--ra was given without --dec', { ra: 10 }],
    ['is 288000 px wide', { field: 4, scale: 0.05 }],
    ['--offsets has "1.2.3,4"', { ...SMALL, kind: 'multi', offsets: '0,0 1.2.3,4' }],
    ['simulate has no option "nonsense"', { nonsense: 1 }],
  ]
  it.each(mistakes)('a mistake of the user is said: %s', async (message, options) => {
    await withFolder(async (outDir) => {
      const attempt = simulate(options, { outDir })
      await expect(attempt).rejects.toThrow(UserError)
      await expect(attempt).rejects.toThrow(message)
      expect(await readdir(outDir)).toEqual([])
    })
  })

  it('a catalogue without the field says where its middle is', async () => {
    await withFolder(async (outDir) => {
      const { reference } = await simulate({ ...SMALL, name: 'source' }, { outDir })
      const attempt = simulate({ stars: reference, ra: 10, dec: 10, width: 100, field: 0.1 }, { outDir })
      await expect(attempt).rejects.toThrow(/has 0 stars within/)
    })
  })

  it('a folder that cannot be written is named', async () => {
    await expect(simulate(SMALL, { outDir: '/dev/null/x' })).rejects.toThrow(
      'nothing can be written into /dev/null/x',
    )
  })

  it('a cancelled run leaves nothing behind', async () => {
    await withFolder(async (outDir) => {
      const abort = new AbortController()
      const attempt = simulate(
        { ...SMALL, width: 3000 },
        {
          outDir,
          signal: abort.signal,
          onProgress: (text) => text.startsWith('plate') && abort.abort(),
        },
      )
      await expect(attempt).rejects.toThrow(Cancelled)
      expect(await readdir(outDir)).toEqual([])
    })
  })
})
