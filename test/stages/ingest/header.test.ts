import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { openFits } from '../../../src/fits/hdu.ts'
import { addCard, emptyHeader } from '../../../src/fits/header.ts'
import { separationDeg } from '../../../src/math/sphere.ts'
import { plateIdOf } from '../../../src/plate.ts'
import { linearGsss, readGsss } from '../../../src/stages/ingest/gsss.ts'
import { readPlateHeader } from '../../../src/stages/ingest/header.ts'
import { placeOfPixel } from '../../../src/stages/ingest/wcs.ts'
import { type Cards, codes, offBy, plateOf, realHeader } from './headers.ts'
import { havePlates, PLATES } from './scans.ts'

describe.skipIf(!havePlates)('the headers of real plates', () => {
  it('M67 (GSSS): the polynomial gives the place, EPOCH the epoch, and the date needs no guess', async () => {
    const plate = await realHeader('m67-poss1-e-1951.fits')
    console.log(`M67: ${offBy(plate, 132.834, 11.812).toFixed(3)}′ from the true centre`)
    expect(offBy(plate, 132.834, 11.812)).toBeLessThan(0.05)
    expect(plate).toMatchObject({
      dialect: 'gsss',
      exposureSeconds: { value: 3000, source: 'EXPOSURE' },
      pixelUm: { value: [25.28445, 25.28445], source: 'XPIXELSZ' },
      telescope: 'Palomar 48-inch Schmidt',
      headerWcs: { source: 'GSSS', crpix: [530, 530] },
      notes: [],
    })
    expect(plate.epochYr!.source).toBe('EPOCH')
    expect(plate.epochYr!.value).toBeCloseTo(1951.911, 3)
    expect(plate.scaleArcsecPerPx!.value).toBeCloseTo(1.7004, 3)
  })
  it('the Orion plate (DASCH): EPOCH is the equinox, the WCS gives the centre, not the place of its reference pixel', async () => {
    const plate = await realHeader('orion-harvard-b2312-1888.fits')
    expect(offBy(plate, 83.91, -4.62)).toBeLessThan(1)
    expect(plate.epochYr!.value).toBeCloseTo(1888.103, 3)
    expect(plate).toMatchObject({
      dialect: 'dasch',
      epochYr: { source: 'DATE-OBS' },
      telescope: 'Harvard, series b',
    })
    expect(plate.pixelUm!.value[0]).toBeCloseTo(175.808, 3)
    expect(plate.scaleArcsecPerPx!.value).toBeCloseTo(31.87, 2)
    expect(codes(plate)).toEqual(['EPOCH_IS_EQUINOX'])
  })
  it('SuperCOSMOS: the exposure is in its housekeeping lines, the plate scale in quotes', async () => {
    const plate = await realHeader('supercosmos-2012.fits')
    expect(plate).toMatchObject({
      dialect: 'supercosmos',
      exposureSeconds: { value: 900 },
      epochYr: { source: 'MJD-OBS' },
      emulsion: '4415',
      filter: 'OG590',
      notes: [],
    })
    expect(plate.epochYr!.value).toBeCloseTo(1999.1186, 4)
  })
  it.each([
    ['gemini-poss1-o-1954.fits', 109.934, 5.732, 1954.1731],
    ['horsehead-serc-er-1990.fits', 85.275, -2.458, 1990.9736],
    ['supercosmos-2042.fits', 163.614, -70.22, 2000.1615],
    ['supercosmos-2160.fits', 252.922, -39.508, 2001.4],
    ['supercosmos-2300.fits', 284.291, -10.914, 2000.6],
  ])('%s is at %f %f, of %f', async (name, raDeg, decDeg, year) => {
    const plate = await realHeader(name)
    expect(offBy(plate, raDeg, decDeg)).toBeLessThan(0.1)
    expect(Math.abs(plate.epochYr!.value - year)).toBeLessThan(name.startsWith('super') ? 2 : 0.0001)
  })
  it('a date is left aside where an option calls the epoch unknown, and what it was is told', async () => {
    const plate = await realHeader('m67-poss1-e-1951.fits', { epochYr: 'unknown' })
    expect(plate.epochYr).toBeNull()
    expect(codes(plate)).toEqual(['EPOCH_UNKNOWN'])
    expect(plate.notes[0]!.text).toContain('1951.91 (EPOCH)')
    const given = await realHeader('m67-poss1-e-1951.fits', { epochYr: 1960.5 })
    expect(given.epochYr).toEqual({ value: 1960.5, source: 'option' })
  })
  it('a scan without a header has nothing, and says so', async () => {
    const plate = await realHeader('m44-1975.fits')
    expect(plate).toMatchObject({ place: null, epochYr: null, scaleArcsecPerPx: null, headerWcs: null })
    expect(codes(plate)).toEqual(['EPOCH_UNKNOWN', 'PLACE_UNKNOWN', 'SCALE_UNKNOWN'])
  })
  it.each(['gemini-poss1-o-1954.fits', 'horsehead-serc-er-1990.fits'])(
    '%s: the GSSS polynomial agrees with the CD matrix all over the image',
    async (name) => {
      const fits = await openFits(`${PLATES}/${name}`)
      const { header, axes } = fits.hdus[0]
      await fits.close()
      const cd = (await realHeader(name)).headerWcs!
      expect(cd.source).toBe('CD')
      const gsss = linearGsss(readGsss(header)!, (axes[0] + 1) / 2, (axes[1] + 1) / 2)
      const apart = [[1, 1], [axes[0], 1], [axes[0] / 2, axes[1] / 2], [1, axes[1]], axes].map(([x, y]) => {
        const [a, b] = [placeOfPixel(gsss, x, y), placeOfPixel(cd, x, y)]
        return 3600 * separationDeg(a.raDeg, a.decDeg, b.raDeg, b.decDeg)
      })
      console.log(`${name}: GSSS − CD ${apart.map((a) => a.toFixed(3)).join(' ')}″`)
      expect(Math.max(...apart)).toBeLessThan(0.25) // half a pixel is 0.5″
    },
  )
})

describe('APPLAUSE headers', () => {
  const APPLAUSE: Cards = {
    DATEORIG: '1912-03-15',
    'TMS-ORIG': '22:15:00',
    'DATE-OBS': '1912-03-15T21:15:00',
    'DATE-AVG': '1912-03-15T21:45:00',
    'JD-AVG': 2419477.40625,
    EXPTIME: 3600,
    NUMEXP: 1,
    'RA-ORIG': '05:30',
    'DEC-ORIG': '-05:24',
    RA: '05:31:50',
    DEC: '-05:22:30',
    RA_DEG: 82.958,
    DEC_DEG: -5.375,
    METHOD: '1',
    PIXSIZE1: 10.58,
    PIXSIZE2: 10.58,
    SCANRES1: 2400,
    PLTSCALE: 100.5,
    FOCLEN: 2.053,
    TELESCOP: 'Lippert-Astrograph',
    EQUINOX: 2000,
    DATE: '2019-05-05',
  }
  it('give every quantity with its source, and no complaint', () => {
    const plate = plateOf(APPLAUSE)
    expect(plate).toMatchObject({
      dialect: 'applause',
      epochYr: { source: 'JD-AVG' },
      exposureSeconds: { value: 3600, source: 'EXPTIME' },
      exposures: { value: 1, source: 'NUMEXP' },
      method: { value: 1, source: 'METHOD' },
      place: { source: 'RA_DEG', value: { raDeg: 82.958, decDeg: -5.375, radiusErrorDeg: 2 } },
      pixelUm: { value: [10.58, 10.58], source: 'PIXSIZE1' },
      notes: [],
    })
    expect(plate.epochYr!.value).toBeCloseTo(1912.2037, 3)
    expect(plate.scaleArcsecPerPx!.value).toBeCloseTo(1.0633, 4)
    expect(plate.scaleRangeArcsecPerPx![0]).toBeLessThan(1.0633)
  })
  it('give the scale also from the focal length and the scanner’s resolution', () => {
    const plate = plateOf({ SCANRES1: 2400, FOCLEN: 2.053 })
    expect(plate.pixelUm).toMatchObject({ source: 'SCANRES1' })
    expect(plate.scaleArcsecPerPx!.value).toBeCloseTo(1.0633, 3)
    expect(plateOf({ XPIXSZ: 9, FOCALLEN: 1000 }).scaleArcsecPerPx!.value).toBeCloseTo(1.8564, 4) // millimetres
  })
  it('flag what is not one direct exposure', () => {
    expect(codes(plateOf({ ...APPLAUSE, METHOD: '4' }))).toContain('METHOD_NOT_SINGLE')
    expect(plateOf({ ...APPLAUSE, METHOD: 'objective prism' }).method!.value).toBe(4)
    const many = plateOf({ ...APPLAUSE, NUMEXP: 3 })
    expect(many.exposures).toEqual({ value: 3, source: 'NUMEXP' })
    expect(many.notes.map((n) => [n.code, n.severity])).toEqual([['NUMEXP_NOT_ONE', 'flag']])
    expect(codes(plateOf({ ...APPLAUSE, METHOD: '2', NUMEXP: 3 }, { method: 1 }))).toEqual([])
  })
  it('give Julian years of nine decimals at most, however the date is written', () => {
    const days = Array.from({ length: 28 }, (_, day) => `1940-05-${String(day + 1).padStart(2, '0')}`)
    for (const day of days) {
      const plate = plateOf({ 'DATE-OBS': `${day}T21:15:00`, 'DATE-OB2': `${day}T23:15:00`, EXPTIME: 3600 })
      for (const year of [plate.epochYr!.value, ...plate.exposureEpochsYr])
        expect(String(year)).toMatch(/^1940\.\d{1,9}$/)
    }
  })
  it('count the exposures that have dates of their own', () => {
    const plate = plateOf({
      NUMEXP: 1,
      'DATE-OB1': '1912-03-15T21:15:00',
      'DATE-OB2': '1912-03-15T22:15:00',
      'DATE-OB3': '1912-03-16T21:15:00',
    })
    expect(plate.exposures).toEqual({ value: 3, source: 'DATE-OB3' })
    expect(plate.exposureEpochsYr).toHaveLength(3)
    expect(plate.epochYr!.value).toBe(plate.exposureEpochsYr[0])
    expect(codes(plate)).toContain('NUMEXP_NOT_ONE')
  })
})

describe('options', () => {
  it('override the header', () => {
    const plate = plateOf(
      { RA: 10, DEC: 10, 'DATE-OBS': '1931-05-05', PIXSIZE1: 10, PIXSIZE2: 10 },
      { raDeg: 83.8, decDeg: -5, radiusDeg: 0.5, epochYr: 1951.91, pixelUm: 11, id: 'B 2312' },
    )
    expect(plate).toMatchObject({
      id: 'B 2312',
      place: { value: { raDeg: 83.8, decDeg: -5, radiusErrorDeg: 0.5 }, source: 'option' },
      epochYr: { value: 1951.91, source: 'option' },
      pixelUm: { value: [11, 11], source: 'option' },
    })
  })
  it.each([
    [{ raDeg: 400, decDeg: 0 }, /400/],
    [{ raDeg: 10, decDeg: 91 }, /91/],
    [{ raDeg: 10 }, /without the other/],
    [{ epochYr: 51 }, /51/],
    [{ radiusDeg: -1 }, /-1/],
  ] as const)('%j is refused', (options, words) => {
    expect(() => plateOf({}, options)).toThrow(UserError)
    expect(() => plateOf({}, options)).toThrow(words)
  })
  it('name the plate, else its file does', () => {
    expect(
      ['/a/b c.fits.gz', 'x.FIT', 'plate.fits.fz', 'scan.tiff', '.fits', "o'neil é.fits"].map((path) =>
        plateIdOf(path, undefined),
      ),
    ).toEqual(['b c', 'x', 'plate', 'scan', '.fits', "o'neil é"])
  })
})

describe('broken headers', () => {
  it('are counted and survived', () => {
    const header = emptyHeader()
    header.cards.push({ keyword: 'RA', value: undefined, comment: '', kind: 'broken', raw: "RA   = '05:3" })
    addCard(header, 'DEC', null)
    addCard(header, 'EXPTIME', -5)
    addCard(header, 'NUMEXP', 'unknown')
    const plate = readPlateHeader({ header, scanPath: 's.fits', width: 100, height: 100, bitpix: 8 }, {})
    expect(codes(plate)).toEqual(
      expect.arrayContaining(['HEADER_BROKEN_CARDS', 'EXPOSURE_INVALID', 'PLACE_UNKNOWN']),
    )
  })
})
