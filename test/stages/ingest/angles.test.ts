import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { separationDeg } from '../../../src/math/sphere.ts'
import { parseDecDeg, parseRaDeg } from '../../../src/stages/ingest/angles.ts'
import { equinoxYear, precessToJ2000 } from '../../../src/stages/ingest/precession.ts'

describe('a right ascension', () => {
  it.each([
    ['08 51 20.1', 132.83375],
    ['08:51:20.1', 132.83375],
    ['  8h51m20.1s', 132.83375],
    ['132.83375', 132.83375],
    [132.83375, 132.83375],
    ['132d50m01.5s', 132.83375],
    ['23:59:60', 0],
    ['05:24.5', 81.125],
    [360, 0],
    [0, 0],
  ])('%s is %f°', (value, degrees) => {
    expect(parseRaDeg(value)).toBeCloseTo(degrees, 9)
  })
  it('is in hours where the card says so', () => expect(parseRaDeg(8.5, true)).toBe(127.5))
  it.each(['25:00:00', '08:61:00', '400', -1, 'M67', '', Number.NaN, '08:-51:20', '1:2:3:4', '-01:00:00'])(
    'is not %s',
    (value) => expect(parseRaDeg(value)).toBeNaN(),
  )
})

describe('a declination', () => {
  it.each([
    ['+11 48 43.00', 11.8119444],
    ['-04:57:05.94', -4.95165],
    ['-00 30 00', -0.5],
    ['- 0 30', -0.5],
    ['−13° 34′ 8″', -13.5688889],
    [-90, -90],
    ['+90:00:00', 90],
  ])('%s is %f°', (value, degrees) => {
    expect(parseDecDeg(value)).toBeCloseTo(degrees, 6)
  })
  it.each(['+91:00:00', 90.0001, '11:61:00', 'north', ''])('is not %s', (value) =>
    expect(parseDecDeg(value)).toBeNaN(),
  )
})

describe('precession', () => {
  it('agrees with astropy to 2″, poles and 0h included', () => {
    const cases: [number, number, number][] = []
    for (const equinox of [1855, 1875, 1900, 1950])
      for (const [ra, dec] of [
        [0, 0],
        [359.99, 45],
        [132.8, 11.8],
        [83.9, -4.6],
        [200, 89.9],
        [10, -89.9],
      ])
        cases.push([ra, dec, equinox])
    const script = `
import sys, json
from astropy.coordinates import SkyCoord, FK4, FK5
out = []
for ra, dec, equinox in json.load(sys.stdin):
    c = SkyCoord(ra, dec, unit='deg', frame=FK4(equinox='B%g' % equinox)).transform_to(FK5(equinox='J2000'))
    out.append([c.ra.deg, c.dec.deg])
print(json.dumps(out))`
    const expected = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script], { input: JSON.stringify(cases), encoding: 'utf8' }),
    ) as [number, number][]
    let worst = 0
    for (const [i, [ra, dec, equinox]] of cases.entries()) {
      const place = precessToJ2000(ra, dec, equinox)
      worst = Math.max(worst, 3600 * separationDeg(place.raDeg, place.decDeg, ...expected[i]))
    }
    console.log(`precession of ${cases.length} places to J2000: worst ${worst.toFixed(2)}″ from astropy`)
    expect(worst).toBeLessThan(2)
  })
  it('leaves J2000 alone', () => {
    const place = precessToJ2000(83.9, -4.6, 2000)
    expect(place.raDeg).toBeCloseTo(83.9, 12)
    expect(place.decDeg).toBeCloseTo(-4.6, 12)
  })
  it('knows equinoxes by year and by letter', () => {
    expect([2000, '2000.0', 'J2000', 'B1950', 'J1875', 'B1950.0'].map(equinoxYear)).toEqual([
      2000, 2000, 2000, 1950, 1875, 1950,
    ])
    expect([undefined, '', 'FK5', 5, 3000].map(equinoxYear)).toEqual(Array(5).fill(undefined))
  })
})
