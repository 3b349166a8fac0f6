import { describe, expect, it } from 'vitest'
import { DEG, MAS, separation } from '../../src/math/sphere.ts'
import { arcPerStandard, fromStandard, toStandard } from '../../src/math/tangent.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { python } from './python.ts'

const MICROARCSEC = MAS / 1000

/** Tangent points where formulas break: poles, 0h, the equator; and some between. */
const TANGENT_POINTS = [
  [0, 90],
  [250, 90],
  [0, -90],
  [359.999, 89.5],
  [0, 0],
  [180, 0],
  [132.834, 11.812],
  [83.9, -70],
] as const

/** Places up to `reachDeg` from a tangent point, through standard coordinates so that none is at 90°. */
function placesAround(raDeg: number, decDeg: number, reachDeg: number, count: number) {
  const random = randomStream(3, `tangent ${raDeg} ${decDeg} ${reachDeg}`)
  const reach = Math.tan(reachDeg * DEG)
  return Array.from({ length: count }, () => {
    const r = reach * Math.sqrt(random.next())
    const angle = random.between(0, 2 * Math.PI)
    return { xi: r * Math.cos(angle), eta: r * Math.sin(angle) }
  })
}

describe('the gnomonic projection', () => {
  it("agrees with astropy's TAN, both ways, at the poles, at 0h and on fields of 0.5° to 60°", () => {
    const cases = TANGENT_POINTS.flatMap(([raDeg, decDeg]) =>
      [0.25, 6, 30].map((reachDeg) => ({ raDeg, decDeg, places: placesAround(raDeg, decDeg, reachDeg, 50) })),
    )
    const code = `
from astropy.wcs import WCS
out = []
for case in given:
    w = WCS(naxis=2)
    w.wcs.ctype = ['RA---TAN', 'DEC--TAN']
    w.wcs.crval = [case['raDeg'], case['decDeg']]
    w.wcs.lonpole = 180  # at a tangent point on the pole the default is another
    xy = np.degrees([[p['xi'], p['eta']] for p in case['places']])
    out.append(np.radians(w.wcs_pix2world(xy, 1)))
answer([o.tolist() for o in out])
`
    const skies = python<[number, number][][]>(code, cases)
    let worstSky = 0
    let worstPlane = 0
    cases.forEach(({ raDeg, decDeg, places }, c) => {
      places.forEach(({ xi, eta }, k) => {
        const [ra, dec] = skies[c]![k]!
        const own = fromStandard(xi, eta, raDeg * DEG, decDeg * DEG)
        expect(own.raRad).toBeGreaterThanOrEqual(0)
        expect(own.raRad).toBeLessThan(2 * Math.PI)
        worstSky = Math.max(worstSky, separation(ra, dec, own.raRad, own.decRad))
        const back = toStandard(ra, dec, raDeg * DEG, decDeg * DEG)!
        worstPlane = Math.max(worstPlane, Math.hypot(back.xi - xi, back.eta - eta))
      })
    })
    console.log(
      `gnomonic against astropy: ${(worstSky / MICROARCSEC).toExponential(1)} µas on the sky, ` +
        `${(worstPlane / MICROARCSEC).toExponential(1)} µas on the plane`,
    )
    expect(worstSky / MICROARCSEC).toBeLessThan(0.01)
    expect(worstPlane / MICROARCSEC).toBeLessThan(0.01)
  })

  it('comes back to where it started, within the last digits', () => {
    let worst = 0
    for (const [raDeg, decDeg] of TANGENT_POINTS) {
      for (const { xi, eta } of placesAround(raDeg, decDeg, 45, 200)) {
        const sky = fromStandard(xi, eta, raDeg * DEG, decDeg * DEG)
        const back = toStandard(sky.raRad, sky.decRad, raDeg * DEG, decDeg * DEG)!
        worst = Math.max(worst, Math.hypot(back.xi - xi, back.eta - eta))
      }
    }
    console.log(`gnomonic round trip: ${(worst / MICROARCSEC).toExponential(1)} µas`)
    expect(worst / MICROARCSEC).toBeLessThan(1e-3)
  })

  it('puts the tangent point at zero, ξ to the east and η to the north', () => {
    const [ra0, dec0] = [0, 0.3] // across 0h
    expect(toStandard(ra0, dec0, ra0, dec0)).toEqual({ xi: 0, eta: 0 })
    expect(toStandard(ra0 + 1e-4, dec0, ra0, dec0)!.xi).toBeCloseTo(1e-4 * Math.cos(dec0), 12)
    expect(toStandard(2 * Math.PI - 1e-4, dec0, ra0, dec0)!.xi).toBeCloseTo(-1e-4 * Math.cos(dec0), 12)
    expect(toStandard(ra0, dec0 + 1e-4, ra0, dec0)!.eta).toBeCloseTo(1e-4, 11)
    // At the pole the right ascension of the tangent point still says where north is.
    const atPole = toStandard(0, 89 * DEG, 0, 90 * DEG)!
    expect(atPole.xi).toBeCloseTo(0, 15)
    expect(atPole.eta).toBeCloseTo(-Math.tan(1 * DEG), 14)
  })

  it('has no image 90° away and beyond, and large ones just before', () => {
    for (const [raDeg, decDeg] of TANGENT_POINTS) {
      const towards = (distanceDeg: number) =>
        fromStandard(Math.tan(distanceDeg * DEG), 0, raDeg * DEG, decDeg * DEG)
      const near = towards(89.9)
      const image = toStandard(near.raRad, near.decRad, raDeg * DEG, decDeg * DEG)!
      expect(image.xi).toBeCloseTo(Math.tan(89.9 * DEG), 6)
      const opposite = { ra: (raDeg + 180) * DEG, dec: -decDeg * DEG }
      expect(toStandard(opposite.ra, opposite.dec, raDeg * DEG, decDeg * DEG)).toBeUndefined()
      const beyond = { ra: raDeg * DEG, dec: (decDeg > 0 ? decDeg - 90.001 : decDeg + 90.001) * DEG }
      expect(toStandard(beyond.ra, beyond.dec, raDeg * DEG, decDeg * DEG)).toBeUndefined()
    }
  })

  it('of a place that is not a number is undefined', () => {
    expect(toStandard(Number.NaN, 0, 0, 0)).toBeUndefined()
    expect(toStandard(0, Number.NaN, 0, 0)).toBeUndefined()
  })
})

describe('true arc by standard coordinates', () => {
  it('is what places a little apart are apart, to the east and to the north, poles too', () => {
    let worst = 0
    for (const [raDeg, decDeg] of TANGENT_POINTS) {
      for (const { xi, eta } of placesAround(raDeg, decDeg, 12, 40)) {
        const dec0 = decDeg * DEG
        const here = fromStandard(xi, eta, raDeg * DEG, dec0)
        const h = 1e-5
        const slope = (dx: number, dy: number): [number, number] => {
          const [a, b] = [-1, 1].map((s) => fromStandard(xi + s * dx, eta + s * dy, raDeg * DEG, dec0))
          const turned = Math.sin(b!.raRad - a!.raRad)
          return [(turned * Math.cos(here.decRad)) / (2 * h), (b!.decRad - a!.decRad) / (2 * h)]
        }
        const [[east1, north1], [east2, north2]] = [slope(h, 0), slope(0, h)]
        const own = arcPerStandard(xi, eta, dec0)
        ;[east1, east2, north1, north2].forEach((value, k) => {
          worst = Math.max(worst, Math.abs(own[k]! - value))
        })
      }
    }
    console.log(`true arc by standard coordinates: worst ${worst.toExponential(1)}`)
    expect(worst).toBeLessThan(1e-5)
    arcPerStandard(0, 0, 0.7).forEach((value, k) => {
      expect(value).toBeCloseTo([1, 0, 0, 1][k]!, 14)
    })
    expect(arcPerStandard(0, 0, Math.PI / 2).every(Number.isFinite)).toBe(true)
  })
})
