// The mean motion of a field's stars: the textbook's formulae in galactic coordinates by astropy, and Gaia's bright stars.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReferenceStars, usableAsReference } from '../../src/catalog/read.ts'
import { MEAN_MOTION_ERROR_MAS_YR, type MeanMotion, meanMotion } from '../../src/math/mean-motion.ts'
import { tukeyWeight } from '../../src/math/robust.ts'
import { DEG, placeOf, unitVector, type Vector } from '../../src/math/sphere.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { python } from './python.ts'
import { hasAstropy } from './space-motion.ts'

const GAIA = new URL('../../../shared/gaia/', import.meta.url).pathname

/** μ_l cos b and μ_b as textbooks have them (Binney & Merrifield 1998, §10.3), turned to the equator by astropy. */
const IN_GALACTIC_COORDINATES = `
from astropy.coordinates import SkyCoord, Galactic
import astropy.units as u
ra, dec, vt = np.array(given).T
g = SkyCoord(ra * u.deg, dec * u.deg).galactic
l, b = g.l.rad, g.b.rad
t, s = vt - 10, np.abs(np.sin(b))
amplitude = lambda c: np.exp(np.stack([t**0, t, t**2, s, s**2], 1) @ np.array(c))
U = amplitude([1.107, -0.281, 0.001, 1.361, -0.694])
V = amplitude([1.475, -0.124, 0.023, 1.967, -0.817])
W = amplitude([0.894, -0.223, 0.010, 1.729, -1.062])
A, B = 14.93 / 4.74047, -11.86 / 4.74047
pml = U * np.sin(l) - V * np.cos(l) + (A * np.cos(2 * l) + B) * np.cos(b)
pmb = (U * np.cos(l) + V * np.sin(l)) * np.sin(b) - W * np.cos(b) - A * np.sin(2 * l) * np.sin(b) * np.cos(b)
mas = u.mas / u.yr
moving = SkyCoord(l=g.l, b=g.b, pm_l_cosb=pml * mas, pm_b=pmb * mas, frame=Galactic).icrs
answer([moving.pm_ra_cosdec.to_value(mas), moving.pm_dec.to_value(mas)])
`

describe('the mean motion of the stars of a magnitude', () => {
  it.skipIf(!hasAstropy)(
    'agrees with the formulae in galactic coordinates all over the sky, to 0.001 mas/yr',
    () => {
      const random = randomStream(31, 'mean motion')
      const places = Array.from({ length: 500 }, () => [
        random.between(0, 360),
        Math.asin(random.between(-1, 1)) / DEG,
        random.between(5, 12.5),
      ])
      const [ra, dec] = python<[number[], number[]]>(IN_GALACTIC_COORDINATES, places)
      const worst = Math.max(
        ...places.map(([raDeg, decDeg, vt], i) => {
          const mean = meanMotion(raDeg!, decDeg!, vt!)
          return Math.hypot(mean.pmRaMasYr - ra[i]!, mean.pmDecMasYr - dec[i]!)
        }),
      )
      expect(worst, `${worst} mas/yr`).toBeLessThan(0.001)
    },
  )

  it('leads from the apex of the Sun to the antapex, all round the great circle between them', () => {
    const apex = unitVector(270 * DEG, 30 * DEG) // Herschel's: 18h, +30°
    const [across, up] = [unitVector(0, 0), unitVector(270 * DEG, -60 * DEG)]
    for (let turn = 0; turn < 360; turn += 30) {
      const [sin, cos] = [Math.sin(turn * DEG), Math.cos(turn * DEG)]
      const at = placeOf([0, 1, 2].map((k) => cos * across[k]! + sin * up[k]!) as unknown as Vector)
      const mean = meanMotion(at.ra / DEG, at.dec / DEG, 7)
      const east = unitVector(at.ra + Math.PI / 2, 0)
      const north = unitVector(at.ra, at.dec + Math.PI / 2)
      const away = [0, 1, 2].reduce(
        (sum, k) => sum - apex[k]! * (mean.pmRaMasYr * east[k]! + mean.pmDecMasYr * north[k]!),
        0,
      )
      expect(away, `${turn}°: ${away} mas/yr`).toBeGreaterThan(5)
      expect(away, `${turn}°: ${away} mas/yr`).toBeLessThan(40)
    }
  })

  it('is one vector at the pole, seen from every right ascension', () => {
    const vectors = [0, 77, 180, 300].map((raDeg) => {
      const { pmRaMasYr: east, pmDecMasYr: north } = meanMotion(raDeg, 90, 10)
      const [sin, cos] = [Math.sin(raDeg * DEG), Math.cos(raDeg * DEG)]
      return [-east * sin - north * cos, east * cos - north * sin]
    })
    for (const [x, y] of vectors) {
      expect(x).toBeCloseTo(vectors[0]![0]!, 9)
      expect(y).toBeCloseTo(vectors[0]![1]!, 9)
    }
  })

  it('falls, with its scatter, with the magnitude, and beyond the range of the fit stays that of its end', () => {
    const size = ({ pmRaMasYr, pmDecMasYr }: MeanMotion) => Math.hypot(pmRaMasYr, pmDecMasYr)
    const at = (vt: number) => meanMotion(190, 30, vt)
    for (let vt = 5; vt < 12.4; vt += 0.5) {
      expect(size(at(vt + 0.5)), `VT ${vt}`).toBeLessThan(size(at(vt)))
      expect(at(vt + 0.5).scatterMasYr, `VT ${vt}`).toBeLessThan(at(vt).scatterMasYr)
    }
    expect(at(-1)).toEqual(at(5))
    expect(at(16)).toEqual(at(12.5))
  })
})

describe.skipIf(!existsSync(GAIA))('the bright stars of Gaia', () => {
  it.each([
    ['m67-dr3', 10.5],
    ['serpens-dr2', 10.5],
  ])('fainter than the fit reached have that mean motion and scatter: %s', async (name, brightest) => {
    const stars = await readReferenceStars(join(GAIA, `${name}.csv`))
    const rows = [...usableAsReference(stars)].filter((i) => {
      const isMember =
        name === 'm67-dr3' && Math.hypot(stars.pmRaMasYr[i]! + 10.97, stars.pmDecMasYr[i]! + 2.92) < 1.5
      const vt = vtOf(stars.gMag[i]!, stars.bpRp[i]!)
      return vt > brightest && vt < 12.5 && !isMember
    })
    const means = rows.map((i) =>
      meanMotion(stars.raDeg[i]!, stars.decDeg[i]!, vtOf(stars.gMag[i]!, stars.bpRp[i]!)),
    )
    const scatter = means.map((mean) => mean.scatterMasYr)
    const east = location(
      rows.map((i, k) => stars.pmRaMasYr[i]! - means[k]!.pmRaMasYr),
      scatter,
    )
    const north = location(
      rows.map((i, k) => stars.pmDecMasYr[i]! - means[k]!.pmDecMasYr),
      scatter,
    )
    const allowed = Math.hypot(MEAN_MOTION_ERROR_MAS_YR, east.error)
    const within = rows.flatMap((i, k) => [
      Math.abs(stars.pmRaMasYr[i]! - means[k]!.pmRaMasYr) / scatter[k]!,
      Math.abs(stars.pmDecMasYr[i]! - means[k]!.pmDecMasYr) / scatter[k]!,
    ])
    const share = within.filter((u) => u < 1).length / within.length
    console.log(
      `${name}: ${rows.length} stars of 10.5 < VT < 12.5, off by ${east.mean.toFixed(1)} and ${north.mean.toFixed(1)} ± ` +
        `${east.error.toFixed(1)} mas/yr; ${(100 * share).toFixed(0)} % within the scatter`,
    )
    expect(rows.length).toBeGreaterThan(60)
    expect(Math.abs(east.mean) / allowed).toBeLessThan(2.5)
    expect(Math.abs(north.mean) / allowed).toBeLessThan(2.5)
    expect(share).toBeGreaterThan(0.6)
    expect(share).toBeLessThan(0.85)
  })
})

/** G − V of Gaia DR2's documentation (§5.3.7, table 5.7), V taken for VT: they differ by less than 0.1 here. */
function vtOf(gMag: number, bpRp: number): number {
  return gMag + 0.0176 + bpRp * (0.00686 + 0.1732 * bpRp)
}

/** Robust mean and its error. */
function location(values: number[], sigma: number[]): { mean: number; error: number } {
  let mean = 0
  let weights = 1
  for (let round = 0; round < 20; round++) {
    const weight = values.map((v, k) => tukeyWeight(Math.abs(v - mean) / sigma[k]!, 4.685) / sigma[k]! ** 2)
    weights = weight.reduce((a, b) => a + b)
    mean = values.reduce((sum, v, k) => sum + weight[k]! * v, 0) / weights
  }
  return { mean, error: 1 / Math.sqrt(weights) }
}
