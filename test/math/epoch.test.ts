import { describe, expect, it } from 'vitest'
import { type Astrometry, propagate } from '../../src/math/epoch.ts'
import { DEG, MAS, separation } from '../../src/math/sphere.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { python } from './python.ts'

// Gaia DR3 at 2016.0; Polaris is of Hipparcos, moved.
const BARNARD = [269.44850252, 4.73942005, -801.551, 10362.394, 546.976, -110.47] as const
const PROXIMA = [217.39232147, -62.67607512, -3781.741, 769.465, 768.067, -21.94] as const
const STARS_61_CYG = [316.74848107, 38.76386129, 4164.209, 3249.614, 285.995, -65.8] as const
const KAPTEYN = [77.95993749, -45.04381264, 6491.223, -5708.614, 254.199, 245.05] as const
const POLARIS = [37.95456067, 89.26410897, 44.48, -11.85, 7.54, -17.4] as const

const star = (a: readonly number[]): Astrometry => ({
  raDeg: a[0]!,
  decDeg: a[1]!,
  pmRaMasYr: a[2]!,
  pmDecMasYr: a[3]!,
  parallaxMas: a[4]!,
  radialVelocityKmS: a[5]!,
})

const SPANS_YR = [-150, -128, -64, -1, 1, 50, 150]

/** Of each star the largest distance, mas, from astropy's apply_space_motion over the spans. */
function distancesFromAstropy(stars: readonly Astrometry[]): number[] {
  const code = `
import astropy.units as u
from astropy.coordinates import SkyCoord, Distance
from astropy.time import Time
s = {k: np.array([x[k] for x in given['stars']], float) for k in given['stars'][0]}
here = SkyCoord(ra=s['raDeg']*u.deg, dec=s['decDeg']*u.deg, pm_ra_cosdec=s['pmRaMasYr']*u.mas/u.yr,
    pm_dec=s['pmDecMasYr']*u.mas/u.yr, distance=Distance(parallax=s['parallaxMas']*u.mas),
    radial_velocity=s['radialVelocityKmS']*u.km/u.s, obstime=Time(2016.0, format='jyear', scale='tdb'))
out = []
for dt in given['spans']:
    there = here.apply_space_motion(new_obstime=Time(2016.0 + dt, format='jyear', scale='tdb'))
    out.append([there.ra.rad.tolist(), there.dec.rad.tolist()])
answer(out)
`
  const moved = python<[number[], number[]][]>(code, { stars, spans: SPANS_YR })
  return stars.map((one, i) => {
    const distances = SPANS_YR.map((dt, k) => {
      const own = propagate(one, dt)
      return separation(own.raDeg * DEG, own.decDeg * DEG, moved[k]![0][i]!, moved[k]![1][i]!) / MAS
    })
    return Math.max(...distances)
  })
}

describe('a star moved over ±150 years', () => {
  it("agrees with astropy's rigorous space motion for Gaia's stars, to the pole and across 0h", () => {
    const random = randomStream(4, 'epoch')
    const stars = Array.from({ length: 400 }, (_, i) => {
      const dec = i % 4 === 0 ? 90 - 10 ** random.between(-5, 0) : Math.asin(random.between(-1, 1)) / DEG
      const motion = 10 ** random.between(0, 2.7) // up to 500 mas/yr
      const angle = random.between(0, 2 * Math.PI)
      return star([
        i % 5 === 0 ? 1e-5 * random.gauss() + (random.next() < 0.5 ? 0 : 359.9999) : random.between(0, 360),
        i % 8 === 0 ? -dec : dec,
        motion * Math.cos(angle),
        motion * Math.sin(angle),
        motion / random.between(4, 40), // 20 to 200 km/s across the line of sight
        60 * random.gauss(),
      ])
    }).map((one) => ({ ...one, raDeg: ((one.raDeg % 360) + 360) % 360 }))
    const worst = Math.max(...distancesFromAstropy(stars))
    console.log(`space motion, 400 stars: worst ${worst.toFixed(4)} mas`)
    expect(worst).toBeLessThan(0.03)
  })

  // What is left out, the light's travel, tells only on fast stars near by.
  it('keeps to astropy within 0.3 mas for 61 Cygni, 3 mas for Barnard, 6 mas for Kapteyn', () => {
    const limits = [
      ["Barnard's star", BARNARD, 3],
      ['Proxima Centauri', PROXIMA, 0.1],
      ['61 Cygni A', STARS_61_CYG, 0.3],
      ["Kapteyn's star", KAPTEYN, 6],
      ['Polaris', POLARIS, 0.001],
    ] as const
    const distances = distancesFromAstropy(limits.map(([, columns]) => star(columns)))
    limits.forEach(([name, , limitMas], i) => {
      console.log(`space motion, ${name}: worst ${distances[i]!.toFixed(4)} mas over ±150 yr`)
      expect(distances[i], name).toBeLessThan(limitMas)
    })
  })

  it('passes over the pole and comes out on the other side', () => {
    const before = star([30, 90 - 1 / 3600, 0, 1000, Number.NaN, Number.NaN])
    const { raDeg, decDeg } = propagate(before, 3)
    expect(raDeg).toBeCloseTo(210, 9)
    expect((90 - decDeg) * 3600).toBeCloseTo(2, 8)
  })

  it('at the pole itself moves along its own meridian', () => {
    const { raDeg, decDeg } = propagate(star([77, 90, 0, -3600, 0, 0]), 100)
    expect(raDeg).toBeCloseTo(77, 9)
    expect(decDeg).toBeCloseTo(90 - Math.atan(360 * (DEG / 3600)) / DEG, 11)
  })

  it('stays where it is in no time, and without any known motion', () => {
    expect(propagate(star(BARNARD), 0).decDeg).toBeCloseTo(BARNARD[1], 13)
    const still = propagate(star([0, -90, Number.NaN, Number.NaN, Number.NaN, Number.NaN]), -130)
    expect(still.decDeg).toBe(-90)
  })

  it('returns right ascensions in [0, 360) only', () => {
    for (const drift of [-1e-6, -1e-9, -1e-12, -1e-13, 0, 1e-9]) {
      const { raDeg } = propagate(star([0, 0, drift, 0, 0, 0]), 1)
      expect(raDeg).toBeGreaterThanOrEqual(0)
      expect(raDeg).toBeLessThan(360)
    }
  })
})
