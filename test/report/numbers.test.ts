import { describe, expect, it } from 'vitest'
import {
  angle,
  brief,
  count,
  degrees,
  fixed,
  pixelSize,
  probability,
  roundBelow,
  sexagesimal,
  small,
} from '../../src/report/numbers.ts'

describe('numbers as a person reads them', () => {
  it('show what was not determined as a dash, never as 0', () => {
    for (const show of [brief, count, probability, small, (v: number) => fixed(v, 2)]) {
      expect([show(null as unknown as number), show(Number.NaN), show(Number.POSITIVE_INFINITY)]).toEqual([
        '–',
        '–',
        '–',
      ])
    }
  })

  it('have three figures for a residual, whatever its size', () => {
    expect([0.10649, 1.234, 12.34, 123.4, 0, -0.5].map(brief)).toEqual([
      '0.106',
      '1.23',
      '12.3',
      '123',
      '0',
      '−0.500',
    ])
  })

  it('have no minus sign where rounding leaves zero', () => {
    expect([fixed(-0.0004, 3), fixed(-0.0006, 3), fixed(-0.4, 0)]).toEqual(['0.000', '−0.001', '0'])
  })

  it('have their thousands apart', () => {
    expect([count(7), count(999), count(1000), count(1234567)]).toEqual([
      '7',
      '999',
      '1\u202f000',
      '1\u202f234\u202f567',
    ])
  })

  it('give a probability down to where numbers end', () => {
    expect([1, 0.25, 0.001, 4.2e-77, 1e-20, 0, 1e-310].map(probability)).toEqual([
      '1.000',
      '0.250',
      '0.001',
      '4·10⁻⁷⁷',
      '10⁻²⁰',
      '< 10⁻³⁰⁰',
      '< 10⁻³⁰⁰',
    ])
  })

  it('give a departure as a power of ten where it is tiny', () => {
    expect([0, 1.2e-7, 0.0004, 0.003, 0.25, -3e-9].map(small)).toEqual([
      '0',
      '10⁻⁷',
      '0.0004',
      '0.003',
      '0.25',
      '−3·10⁻⁹',
    ])
  })

  it('name one side of a square pixel and both of another', () => {
    expect([pixelSize([15.0001, 14.9999]), pixelSize([25.3, 24.1])]).toEqual(['15.0', '25.3 × 24.1'])
  })
})

describe('places in sexagesimal', () => {
  it.each([
    [132.834, 11.8118, '08 51 20.16 +11 48 42.5'],
    [0, 0, '00 00 00.00 +00 00 00.0'],
    [359.9999999, -0.0000001, '00 00 00.00 -00 00 00.0'],
    [15 * (23 + 59 / 60 + 59.996 / 3600), 0, '00 00 00.00 +00 00 00.0'],
    [-15, 20, '23 00 00.00 +20 00 00.0'],
    [180, -89.99999, '12 00 00.00 -90 00 00.0'],
    [180, 90, '12 00 00.00 +90 00 00.0'],
    [10, -0.9999999, '00 40 00.00 -01 00 00.0'],
  ])('%f %f is %s', (ra, dec, text) => {
    expect(sexagesimal(ra, dec)).toBe(text)
  })

  it('and in degrees keep a sign that other programs read', () => {
    expect([degrees(83.914144, -4.6113), degrees(1, 0)]).toEqual(['83.91414 -4.61130', '1.00000 +0.00000'])
  })
})

describe('round lengths', () => {
  it('are 1, 2 or 5 times a power of ten, not above what is asked for', () => {
    expect([1, 1.99, 2, 4.9, 5, 9.99, 0.3, 0.05, 1234, 1e-7].map(roundBelow)).toEqual([
      1, 1, 2, 2, 5, 5, 0.2, 0.05, 1000, 1e-7,
    ])
  })

  it('are told in the unit that suits them', () => {
    expect([0.05, 20, 300, 7200, 3600, 60].map(angle)).toEqual(['0.05″', '20″', '5′', '2°', '1°', '1′'])
  })
})
