import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/errors.ts'
import { openFits } from '../../../src/fits/hdu.ts'
import { addCard, type CardValue, emptyHeader } from '../../../src/fits/header.ts'
import { separationDeg } from '../../../src/math/sphere.ts'
import type { Plate } from '../../../src/plate.ts'
import { plateIdOf } from '../../../src/plate.ts'
import { linearGsss, readGsss } from '../../../src/stages/ingest/gsss.ts'
import { type IngestOptions, readPlateHeader } from '../../../src/stages/ingest/header.ts'
import { placeOfPixel } from '../../../src/stages/ingest/wcs.ts'
import { havePlates, PLATES } from './scans.ts'

type Cards = Record<string, CardValue>

function plateOf(cards: Cards, options: IngestOptions = {}, width = 1000, height = 800): Plate {
  const header = emptyHeader()
  for (const [keyword, value] of Object.entries(cards)) addCard(header, keyword, value)
  return readPlateHeader({ header, scanPath: 'scan.fits', width, height, bitpix: 16 }, options)
}

async function realHeader(name: string, options: IngestOptions = {}): Promise<Plate> {
  const fits = await openFits(`${PLATES}/${name}`)
  const { header, axes, bitpix } = fits.hdus[0]
  await fits.close()
  return readPlateHeader({ header, scanPath: name, width: axes[0], height: axes[1], bitpix }, options)
}

const codes = (plate: Plate) => plate.notes.map((note) => note.code)
const offBy = (plate: Plate, raDeg: number, decDeg: number) =>
  60 * separationDeg(plate.place!.value.raDeg, plate.place!.value.decDeg, raDeg, decDeg)

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

describe('the epoch', () => {
  const yearOf = (cards: Cards) => plateOf(cards).epochYr
  it('is that of mid-exposure where the length is known', () => {
    const start = yearOf({ 'DATE-OBS': '1951-11-29', UT: '12:07:00' })!
    const mid = yearOf({ 'DATE-OBS': '1951-11-29', UT: '12:07:00', EXPTIME: 3000 })!
    expect(start.source).toBe('DATE-OBS+UT')
    expect((mid.value - start.value) * 365.25 * 86400).toBeCloseTo(1500, 0)
  })
  it('is never the day on which the file was made', () => {
    expect(yearOf({ DATE: '1951-11-29', 'DATE-SCN': '1951-11-29' })).toBeNull()
  })
  it('is not an EPOCH that is the equinox', () => {
    expect(yearOf({ EPOCH: 2000 })).toBeNull()
    expect(yearOf({ EPOCH: 1950, 'DATE-OBS': '1931-05-05' })!.value).toBeCloseTo(1931.34, 2)
    expect(yearOf({ EPOCH: 1987.5, EQUINOX: 1987.5 })).toBeNull()
    expect(codes(plateOf({ EPOCH: 1950, 'DATE-OBS': '1931-05-05' }))).toContain('EPOCH_IS_EQUINOX')
    // A plate that was taken at the equinox's date may have both.
    expect(codes(plateOf({ EPOCH: 1950, 'DATE-OBS': '1950-01-01T00:00:00' }))).not.toContain(
      'EPOCH_IS_EQUINOX',
    )
  })
  it('is an EPOCH that is a date, and decides the century of two digits', () => {
    expect(yearOf({ EPOCH: 1951.911 })).toEqual({ value: 1951.911, source: 'EPOCH' })
    const plate = plateOf({ EPOCH: 1898.911, 'DATE-OBS': '29/11/98' })
    expect(plate.epochYr!.value).toBeCloseTo(1898.911, 2)
    expect(codes(plate)).toEqual(['PLACE_UNKNOWN', 'SCALE_UNKNOWN'])
  })
  it('keeps the date of an impossible time, drops impossible dates, and says so', () => {
    const plate = plateOf({ 'DATE-OBS': '1951-07-05T04:95:00' })
    expect(plate.epochYr!.value).toBeCloseTo(1951.507, 3)
    expect(codes(plate)).toContain('TIME_INVALID')
    for (const cards of [
      { 'DATE-OBS': '2051-11-29' },
      { 'JD-AVG': 12 * 365 },
      { YEAR: 2051.5 },
      { 'DATE-OBS': 'evening' },
    ] as Cards[]) {
      const bad = plateOf(cards)
      expect(bad.epochYr).toBeNull()
      expect(codes(bad)).toEqual(expect.arrayContaining(['DATE_INVALID', 'EPOCH_UNKNOWN']))
    }
  })
  it('says where two dates disagree', () => {
    const plate = plateOf({ 'DATE-OBS': '1931-05-05', YEAR: 1935.1 })
    expect(plate.epochYr!.source).toBe('DATE-OBS')
    expect(codes(plate)).toContain('DATE_CONFLICT')
    expect(codes(plateOf({ 'DATE-OBS': '1931-05-05', YEAR: 1931 }))).not.toContain('DATE_CONFLICT')
  })
  it('is precise before it is rough', () => {
    expect(yearOf({ YEAR: 1931, DATEORIG: '1931-05-05' })!.source).toBe('DATEORIG')
    expect(yearOf({ DATEORIG: '1931-05-05', 'TMS-ORIG': '25:10:00' })!.source).toBe('DATEORIG') // of an unknown zone
    expect(yearOf({ DATEORIG: '1931-05-05', 'TMS-ORIG': '20:10:00', 'TZ-ORIG': 'UT' })!.source).toBe(
      'DATEORIG+TMS-ORIG',
    )
  })
})

describe('the place', () => {
  it('is precessed where it is of an old equinox', () => {
    for (const equinox of [1950, 'B1950.0'] as const) {
      const plate = plateOf({ RA: '05:32:49', DEC: '-05:25:16', EQUINOX: equinox }) // θ¹ Orionis C
      expect(offBy(plate, 83.8186, -5.3897)).toBeLessThan(0.1)
      expect(codes(plate)).toContain('PLACE_PRECESSED')
    }
    const old = plateOf({ RA: '05:29:04', DEC: '-05:28:30', EQUINOX: 1875 })
    expect(offBy(old, 83.8186, -5.3897)).toBeLessThan(1.5)
  })
  it('is dropped where it is out of range, with an issue', () => {
    for (const cards of [
      { RA: '25:32:49', DEC: '-05:25:16' },
      { RA: 83.8, DEC: 95 },
      { RA: 'M42', DEC: 'Orion' },
    ] as Cards[]) {
      const plate = plateOf(cards)
      expect(plate.place).toBeNull()
      expect(codes(plate)).toEqual(expect.arrayContaining(['PLACE_INVALID', 'PLACE_UNKNOWN']))
    }
    expect(plateOf({ RA: '25:32:49', DEC: '-05', RA_DEG: 83.8, DEC_DEG: -5 }).place!.source).toBe('RA_DEG')
    expect(plateOf({ RA: 0, DEC: 0 }).place).toBeNull()
  })
  it('is in degrees or hours as the card has it', () => {
    expect(plateOf({ RA: 83.8, DEC: -5 }).place!.value.raDeg).toBeCloseTo(83.8, 9)
    expect(plateOf({ OBJCTRA: '5 35 12', OBJCTDEC: '-5 0 0' }).place!.value.raDeg).toBeCloseTo(83.8, 9)
    expect(plateOf({ OBJCTRA: 5.5866667, OBJCTDEC: -5 }).place!.value.raDeg).toBeCloseTo(83.8, 5)
  })
  it('of a cutout is what was asked for, and not the centre of its plate', () => {
    const plate = plateOf({
      PLTRAH: 5,
      PLTRAM: 42,
      PLTRAS: 23.86,
      PLTDECSN: '-',
      PLTDECD: 4,
      PLTDECM: 56,
      PLTDECS: 47.9,
      OBJCTRA: '05 41 06',
      OBJCTDEC: '-02 27 30',
    })
    expect(plate.place!.source).toBe('OBJCTRA')
    expect(
      plateOf({ PLTRAH: 5, PLTRAM: 42, PLTRAS: 23.86, PLTDECSN: '-', PLTDECD: 4, PLTDECM: 56, PLTDECS: 47.9 })
        .place,
    ).toMatchObject({
      source: 'PLTRAH…',
      value: { radiusErrorDeg: 4.7 },
    })
  })
  it('says where two places disagree', () => {
    const plate = plateOf({ RA_DEG: 83.8, DEC_DEG: -5, 'RA-ORIG': '18:00', 'DEC-ORIG': '+40:00' })
    expect(codes(plate)).toContain('PLACE_CONFLICT')
  })
})

describe('a header solution', () => {
  const TAN: Cards = {
    CTYPE1: 'RA---TAN',
    CTYPE2: 'DEC--TAN',
    CRVAL1: 83.8,
    CRVAL2: -5,
    CRPIX1: 500,
    CRPIX2: 400,
  }
  it('is read from CD, PC and CDELT alike', () => {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)]
    const cd = plateOf({ ...TAN, CD1_1: -0.001 * c, CD1_2: 0.001 * s, CD2_1: 0.001 * s, CD2_2: 0.001 * c })
      .headerWcs!
    const pc = plateOf({ ...TAN, CDELT1: -0.001, CDELT2: 0.001, PC1_1: c, PC1_2: -s, PC2_1: s, PC2_2: c })
      .headerWcs!
    const rota = plateOf({ ...TAN, CDELT1: -0.001, CDELT2: 0.001, CROTA2: (-0.3 * 180) / Math.PI }).headerWcs!
    expect([cd.source, pc.source, rota.source]).toEqual(['CD', 'PC', 'CDELT'])
    for (const wcs of [pc, rota]) for (let k = 0; k < 4; k++) expect(wcs.cd[k]).toBeCloseTo(cd.cd[k], 12)
  })
  it('may have its axes swapped', () => {
    const swapped = plateOf({
      CTYPE1: 'DEC--TAN',
      CTYPE2: 'RA---TAN',
      CRVAL1: -5,
      CRVAL2: 83.8,
      CRPIX1: 500,
      CRPIX2: 400,
      CD1_1: 0,
      CD1_2: 0.001,
      CD2_1: -0.001,
      CD2_2: 0,
    }).headerWcs!
    expect(swapped).toMatchObject({ crval: [83.8, -5], cd: [-0.001, 0, 0, 0.001] })
  })
  it('is dropped where it makes no sense', () => {
    expect(plateOf({ ...TAN, CD1_1: 1, CD2_2: 1 }).headerWcs).toBeNull()
    expect(codes(plateOf({ ...TAN, CD1_1: 1, CD2_2: 1 }))).toContain('SCALE_INVALID')
    expect(plateOf({ ...TAN, CRVAL2: 123, CD1_1: -0.001, CD2_2: 0.001 }).headerWcs).toBeNull()
    expect(
      plateOf({ ...TAN, CTYPE1: 'GLON-TAN', CTYPE2: 'GLAT-TAN', CD1_1: -0.001, CD2_2: 0.001 }).headerWcs,
    ).toBeNull()
    expect(plateOf({ ...TAN, CTYPE1: 'PIXEL', CD1_1: -0.001, CD2_2: 0.001 }).headerWcs).toBeNull()
  })
  it('of 1950 is turned and moved to 2000', () => {
    const plate = plateOf(
      { ...TAN, CRVAL1: 83.20417, CRVAL2: -5.42111, CD1_1: -0.001, CD2_2: 0.001, EQUINOX: 1950 },
      {},
      999,
      799,
    )
    expect(offBy(plate, 83.8186, -5.3897)).toBeLessThan(0.1)
    // The pixel 300 px north of the centre: 1950 place plus 0.3°, precessed on its own.
    const direct = plateOf({ RA: 83.20417, DEC: -5.12111, EQUINOX: 1950 })
    const place = placeOfPixel(plate.headerWcs!, 500, 700)
    expect(
      3600 * separationDeg(place.raDeg, place.decDeg, direct.place!.value.raDeg, direct.place!.value.decDeg),
    ).toBeLessThan(0.1)
  })
})

describe('the scale', () => {
  it('drops what is impossible, and says where two disagree', () => {
    expect(codes(plateOf({ PIXSIZE1: -3, PLTSCALE: 60 }))).toContain('SCALE_INVALID')
    expect(codes(plateOf({ PIXSIZE1: 10, PLTSCALE: 0.001 }))).toContain('SCALE_INVALID')
    expect(codes(plateOf({ PIXSIZE1: 10, PLTSCALE: 60, FOCLEN: 2.0 }))).toContain('SCALE_CONFLICT')
    const both = plateOf({ PIXSIZE1: 10, PLTSCALE: 60, FOCLEN: 2.0 }).scaleRangeArcsecPerPx!
    expect(both[0]).toBeLessThan(0.6)
    expect(both[1]).toBeGreaterThan(1.03)
  })
  it.each([
    [1.7, [1.615, 1.785]],
    [
      [1.5, 1.9],
      [1.5, 1.9],
    ],
    [{ low: 1.5, high: 1.9 }, [1.5, 1.9]],
  ] as const)('is the option %j before all', (scaleArcsecPerPx, range) => {
    const plate = plateOf({ PIXSIZE1: 10, PLTSCALE: 60 }, { scaleArcsecPerPx })
    expect(plate.scaleArcsecPerPx!.source).toBe('option')
    for (const k of [0, 1]) expect(plate.scaleRangeArcsecPerPx![k]).toBeCloseTo(range[k], 6)
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
