import { describe, expect, it } from 'vitest'
import {
  DEG,
  fold180,
  fold360,
  MAS,
  placeOf,
  separation,
  separationDeg,
  unitVector,
} from '../../src/math/sphere.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { python } from './python.ts'

const MICROARCSEC = MAS / 1000

describe('unit vectors', () => {
  it('come back as the same place, at the poles, at 0h and anywhere', () => {
    const random = randomStream(1, 'sphere')
    const places = [
      [0, 0],
      [0, 90],
      [123, -90],
      [359.9999999, 89.9999999],
      [360 - 1e-13, -89.9999999],
      ...Array.from({ length: 500 }, () => [random.between(0, 360), Math.asin(random.between(-1, 1)) / DEG]),
    ] as [number, number][]
    let worst = 0
    for (const [raDeg, decDeg] of places) {
      const { ra, dec } = placeOf(unitVector(raDeg * DEG, decDeg * DEG))
      expect(ra).toBeGreaterThanOrEqual(0)
      expect(ra).toBeLessThan(2 * Math.PI)
      worst = Math.max(worst, separation(ra, dec, raDeg * DEG, decDeg * DEG) / MICROARCSEC)
    }
    console.log(`unit vectors: worst round trip ${worst.toExponential(1)} µas`)
    expect(worst).toBeLessThan(1e-3)
  })

  it('have a length of their own: a place does not depend on it', () => {
    const { ra, dec } = placeOf([-3e-5, 4e-5, 5e-5])
    expect(ra / DEG).toBeCloseTo(126.869897645844, 11)
    expect(dec / DEG).toBeCloseTo(45, 11)
  })

  it('a hair west of 0h lies below 24h, never on it', () => {
    const { ra } = placeOf([1, -1e-17, 0])
    expect(ra).toBeGreaterThanOrEqual(0)
    expect(ra).toBeLessThan(2 * Math.PI)
  })
})

describe('the angle between two places', () => {
  it("agrees with astropy's at every distance from a nanoarcsecond to the antipode", () => {
    const random = randomStream(2, 'separation')
    const pairs: number[][] = []
    for (let exponent = -15; exponent <= 0; exponent++) {
      for (let k = 0; k < 40; k++) {
        const ra = random.between(0, 2 * Math.PI)
        const dec = k % 4 === 0 ? (Math.PI / 2) * (k % 8 === 0 ? 1 : -1) : Math.asin(random.between(-1, 1))
        const step = 10 ** exponent
        const other = Math.min(Math.PI / 2, Math.max(-Math.PI / 2, dec + step * random.gauss()))
        pairs.push([ra, dec, ra + step * random.gauss(), other])
        pairs.push([ra, dec, ra + Math.PI + step * random.gauss(), -other]) // near the antipode
      }
    }
    // In extended precision: haversines, which keep their digits up to a right angle, and Vincenty's formula beyond.
    const code = `
from astropy.coordinates import angular_separation
a1, d1, a2, d2 = np.array(given, dtype=np.longdouble).T
vincenty = angular_separation(a1, d1, a2, d2)
h = np.sin((d2 - d1) / 2) ** 2 + np.cos(d1) * np.cos(d2) * np.sin((a2 - a1) / 2) ** 2
haversine = 2 * np.arcsin(np.sqrt(np.minimum(h, 1)))
answer(np.where(h < 0.5, haversine, vincenty).astype(float))
`
    const truth = python<number[]>(code, pairs)
    let worst = 0
    let worstRelative = 0
    pairs.forEach(([a, b, c, d], i) => {
      const off = Math.abs(separation(a!, b!, c!, d!) - truth[i]!)
      worst = Math.max(worst, off)
      if (truth[i]! > 0) worstRelative = Math.max(worstRelative, off / truth[i]!)
    })
    console.log(
      `separation: worst ${(worst / MICROARCSEC).toExponential(1)} µas, relative ${worstRelative.toExponential(1)}`,
    )
    expect(worst / MICROARCSEC).toBeLessThan(1e-3)
    expect(worstRelative).toBeLessThan(1e-14)
  })

  it('is zero for identical places, half a turn for opposite ones, and right across 0h', () => {
    expect(separation(1, 0.5, 1, 0.5)).toBe(0)
    expect(separationDeg(0, 90, 77, 90)).toBeLessThan(1e-13)
    expect(separationDeg(10, 20, 190, -20)).toBeCloseTo(180, 12)
    expect(separationDeg(359.5, 0, 0.5, 0)).toBeCloseTo(1, 12)
  })

  it('of a place that is not a number is not a number', () => {
    expect(separation(Number.NaN, 0, 0, 0)).toBeNaN()
  })
})

describe('folding', () => {
  it('keeps [0, 360) and [−180, 180), ends included', () => {
    expect([0, 360, -360, 720.5, -0.5].map(fold360).map(Math.abs)).toEqual([0, 0, 0, 0.5, 359.5])
    expect([180, -180, 540, 179, -181].map(fold180)).toEqual([-180, -180, -180, 179, 179])
  })

  it('never rounds up to the excluded end', () => {
    for (const tiny of [-1e-13, -1e-15, -1e-20, -Number.MIN_VALUE]) {
      expect(fold360(tiny)).toBeLessThan(360)
      expect(fold360(tiny)).toBeGreaterThanOrEqual(0)
      expect(fold180(180 + tiny)).toBeLessThan(180)
    }
  })
})
