import { describe, expect, it } from 'vitest'
import {
  julianDate,
  julianYear,
  parseDate,
  parseTime,
  yearOfJulianDate,
} from '../../../src/stages/ingest/dates.ts'

const codes = (text: string, options = {}) => parseDate(text, options).problems.map((p) => p.code)
const year = (text: string, options = {}) => parseDate(text, options).epochYr

describe('Julian years', () => {
  it('agree with their definition', () => {
    expect(julianDate(2000, 1, 1, 43200)).toBe(2451545)
    expect(julianDate(1858, 11, 17)).toBe(2400000.5)
    expect(julianYear(2451545)).toBe(2000)
    expect(julianYear(2433282.5)).toBeCloseTo(1950, 9) // 1950-01-01 0h
  })
  it('are read from Julian dates and modified ones, of plates only', () => {
    expect(yearOfJulianDate(2433980.5, false)).toBeCloseTo(1951.911, 3)
    expect(yearOfJulianDate(33980, true)).toBeCloseTo(1951.911, 3)
    expect(yearOfJulianDate(33980, false)).toBeUndefined()
    expect(yearOfJulianDate(2470000, false)).toBeUndefined()
    expect(yearOfJulianDate(2380000, false)).toBeUndefined()
  })
})

describe('a date of a plate', () => {
  const noon = (y: number, m: number, d: number) => julianYear(julianDate(y, m, d, 43200))
  it.each([
    ['1951-11-29', 1951, 11, 29],
    ['29/11/51', 1951, 11, 29],
    ['29/11/1951', 1951, 11, 29],
    ['29.11.1951', 1951, 11, 29],
    ['1951.11.29', 1951, 11, 29],
    ['1951.11.29-30', 1951, 11, 29],
    ['29/30.11.1951', 1951, 11, 29],
    ['19511129', 1951, 11, 29],
    ['1951 Nov 29', 1951, 11, 29],
    ['29 November 1951', 1951, 11, 29],
    ['Nov. 29, 1951', 1951, 11, 29],
    ['28/02/00', 1900, 2, 28],
    ['05/03/05', 1905, 3, 5],
    ['1888-02-29', 1888, 2, 29],
  ])('%s is %i-%i-%i, at noon for want of a time', (text, y, m, d) => {
    const reading = parseDate(text)
    expect(reading.epochYr).toBe(noon(y, m, d))
    expect(reading.hasTime).toBe(false)
    expect(reading.toleranceYr).toBeCloseTo(0.00137, 5)
  })
  it('takes the century of two digits from another card, and says so when it cannot', () => {
    expect(codes('29/11/51')).toEqual(['DATE_AMBIGUOUS'])
    expect(codes('29/11/51', { nearYr: 1951.911 })).toEqual([])
    expect(Math.floor(year('29/11/98', { nearYr: 1898 }))).toBe(1898)
    expect(Math.floor(year('29/11/51', { nearYr: 2051 }))).toBe(1951)
    expect(Math.floor(year('01/02/03', { nearYr: 2003.1 }))).toBe(2003)
    expect(codes('01/02/38')).toEqual([]) // 1838 and 2038 are no years of plates
  })
  it('knows a month that comes first', () => {
    expect(year('11/29/1951')).toBe(noon(1951, 11, 29))
    expect(codes('11/29/1951')).toEqual(['DATE_AMBIGUOUS'])
    expect(codes('11/12/1951')).toEqual(['DATE_AMBIGUOUS'])
  })
  it('keeps the date and drops an impossible time', () => {
    for (const text of [
      '1951-07-05T04:95:00',
      '1951-07-05T04:05:75',
      '1951-07-05T99:00:00',
      '1951-07-05Tabc',
    ]) {
      const reading = parseDate(text)
      expect(reading.epochYr).toBe(noon(1951, 7, 5))
      expect(reading.hasTime).toBe(false)
      expect(reading.problems.map((p) => p.code)).toEqual(['TIME_INVALID'])
    }
  })
  it('reads hours beyond 24 as the morning after', () => {
    const reading = parseDate('1951-07-05T26:15:00')
    expect(reading.epochYr).toBe(julianYear(julianDate(1951, 7, 6, 2.25 * 3600)))
    expect(reading.problems.map((p) => p.code)).toEqual(['TIME_INVALID'])
  })
  it('takes the time from another card', () => {
    expect(year('29/11/51', { time: '12:07:00.00' })).toBe(julianYear(julianDate(1951, 11, 29, 43620)))
    expect(codes('1951-11-29', { time: 'ST 08:58' })).toEqual(['TIME_INVALID'])
    // Its own time comes first.
    expect(year('1951-11-29T01:00:00', { time: '12:00' })).toBe(julianYear(julianDate(1951, 11, 29, 3600)))
  })
  it.each([
    '2051-11-29',
    '1839-01-01',
    '0051-01-01',
    '9999',
    'yesterday',
    '',
    '51',
    '1951-13-01',
    '2026-08-16',
  ])('is not "%s"', (text) => {
    expect(year(text)).toBeNaN()
    expect(codes(text)).toEqual(['DATE_INVALID'])
  })
  it('keeps a month without a day, and a year without a month', () => {
    expect(year('1951-02-30')).toBeCloseTo(1951.123, 3)
    expect(codes('1951-02-30')).toEqual(['DATE_INVALID'])
    expect(parseDate('1951-02-00').toleranceYr).toBeCloseTo(0.038, 3)
    expect(codes('1900-02-29')).toEqual(['DATE_INVALID'])
    expect(parseDate('1951')).toMatchObject({ epochYr: 1951.5, toleranceYr: 0.5 })
    expect(parseDate('1951-00-00')).toMatchObject({ epochYr: 1951.5, toleranceYr: 0.5 })
  })
})

describe('a time of day', () => {
  it.each([
    ['12:07:00.00', 43620],
    ['12:07', 43620],
    ['12h07m', 43620],
    ['12 07 30', 43650],
    ['UT 00:00:30', 30],
    ['12:07.5', 43650],
    ['01-55-12', 6912],
    ['23:59:60', 86400],
    ['5', 18000],
  ])('%s is %i seconds', (text, seconds) => {
    expect(parseTime(text).secondsOfDay).toBe(seconds)
  })
  it.each(['04:95:00', '48:00', 'dawn', '12:07:99', 'LST 08:58'])('is not %s', (text) => {
    expect(parseTime(text).secondsOfDay).toBeNaN()
  })
})
