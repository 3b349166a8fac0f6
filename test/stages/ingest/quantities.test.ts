import { describe, expect, it } from 'vitest'
import { separationDeg } from '../../../src/math/sphere.ts'
import { placeOfPixel } from '../../../src/stages/ingest/wcs.ts'
import { type Cards, codes, offBy, plateOf } from './headers.ts'

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
