import { beforeAll, describe, expect, it } from 'vitest'
import { type Astrometry, propagate } from '../../src/math/epoch.ts'
import { DEG, MAS, separation } from '../../src/math/sphere.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'
import {
  astropyMoves,
  drawStar,
  FAST_STARS,
  hasAstropy,
  hipparcosMoves,
  type Moved,
  star,
} from './space-motion.ts'

const SPANS_YR = [-150, -128, -64, -10, -1, 1, 10, 50, 100, 150]

const anywhere = (random: Random): [raDeg: number, decDeg: number] => [
  random.between(0, 360),
  Math.asin(random.between(-1, 1)) / DEG,
]

const many = (count: number, draw: (random: Random, i: number) => Astrometry): Astrometry[] => {
  const random = randomStream(4, 'epoch')
  return Array.from({ length: count }, (_, i) => draw(random, i))
}

/** Gaia's stars: up to 500 mas/yr. */
const gaiaLike = (random: Random) => drawStar(random, ...anywhere(random), 10 ** random.between(0, 2.7))

const aroundPole = (random: Random, i: number) => {
  const dec = 90 - 10 ** random.between(-1.5, 1.5) / 3600
  return drawStar(random, random.between(0, 360), i % 2 === 0 ? dec : -dec, 10 ** random.between(0, 3.3))
}

const CATEGORIES: readonly (readonly [name: string, stars: Astrometry[]])[] = [
  ["Gaia's stars", many(300, gaiaLike)],
  [
    '0.5 to 5″/yr, up to 600 km/s along the line of sight',
    many(200, (random) => ({
      ...drawStar(random, ...anywhere(random), 10 ** random.between(2.7, 3.7)),
      radialVelocityKmS: 200 * random.gauss(),
    })),
  ],
  ['0.03 to 30″ from a pole', many(200, aroundPole)],
  [
    'within 5″ of 0h',
    many(100, (random) =>
      drawStar(random, random.gauss() / 3600, anywhere(random)[1], 10 ** random.between(0, 3)),
    ),
  ],
  [
    '1000 km/s and more along the line of sight',
    many(50, (random) => ({
      ...gaiaLike(random),
      radialVelocityKmS: random.between(-1500, 1500),
    })),
  ],
  ['no radial velocity', many(100, (random) => ({ ...gaiaLike(random), radialVelocityKmS: Number.NaN }))],
  ['no parallax', many(100, (random) => ({ ...gaiaLike(random), parallaxMas: Number.NaN }))],
  [
    'no parallax, 0.5 to 5″/yr',
    many(50, (random) => ({
      ...drawStar(random, ...anywhere(random), 10 ** random.between(2.7, 3.7)),
      parallaxMas: Number.NaN,
    })),
  ],
  [
    'zero and negative parallaxes',
    many(100, (random, i) => ({
      ...gaiaLike(random),
      parallaxMas: i % 2 === 0 ? 0 : -random.next(),
    })),
  ],
  [
    'parallaxes too small for the motion',
    many(100, (random) => ({
      ...gaiaLike(random),
      parallaxMas: 10 ** random.between(-6, -2),
    })),
  ],
  [
    'no parallax and no radial velocity',
    many(100, (random) => ({ ...gaiaLike(random), parallaxMas: Number.NaN, radialVelocityKmS: Number.NaN })),
  ],
  [
    'at the poles themselves',
    many(20, (random, i) =>
      drawStar(random, random.between(0, 360), i % 2 === 0 ? 90 : -90, 10 ** random.between(0, 3)),
    ),
  ],
  [
    'no motion',
    many(20, (random) => ({ ...gaiaLike(random), pmRaMasYr: Number.NaN, pmDecMasYr: Number.NaN })),
  ],
  ...FAST_STARS.map(([name, star]) => [name, [star]] as [string, Astrometry[]]),
]

/** Largest distance of places, mas, and largest errors of motion, parallax and radial velocity, from the judge's. */
function worst(stars: readonly Astrometry[], judged: readonly Moved[], first: number, model?: 'standard') {
  const out = { mas: 0, masYr: 0, parallaxMas: 0, kmS: 0 }
  SPANS_YR.forEach((dt, k) => {
    const { ra, dec, pm_ra, pm_dec, parallax, rv } = judged[k]!
    stars.forEach((star, n) => {
      const i = first + n
      const own = propagate(star, dt, model)
      const apart = (a: number, b: number | null) => (Number.isNaN(a) || b === null ? 0 : Math.abs(a - b))
      out.mas = Math.max(out.mas, separation(own.raDeg * DEG, own.decDeg * DEG, ra[i]!, dec[i]!) / MAS)
      out.masYr = Math.max(out.masYr, apart(own.pmRaMasYr, pm_ra[i]!), apart(own.pmDecMasYr, pm_dec[i]!))
      if (star.parallaxMas < 0.01) return // the judge returns its own parallax
      out.parallaxMas = Math.max(out.parallaxMas, apart(own.parallaxMas, parallax[i]!))
      out.kmS = Math.max(out.kmS, apart(own.radialVelocityKmS, rv[i]!))
    })
  })
  return out
}

const inWords = ({ mas, masYr, parallaxMas, kmS }: ReturnType<typeof worst>): string =>
  `place ${mas.toExponential(1)} mas, motion ${masYr.toExponential(1)} mas/yr, ` +
  `parallax ${parallaxMas.toExponential(1)} mas, radial velocity ${kmS.toExponential(1)} km/s`

describe.skipIf(!hasAstropy)('a star moved over ±1 to ±150 years', () => {
  let judged: Moved[]
  beforeAll(() => {
    judged = astropyMoves(
      CATEGORIES.flatMap(([, stars]) => stars),
      SPANS_YR,
    )
  })

  it.each(CATEGORIES)("agrees with astropy's rigorous space motion: %s", (name, stars) => {
    const first = CATEGORIES.slice(
      0,
      CATEGORIES.findIndex((category) => category[0] === name),
    ).flatMap((category) => category[1]).length
    const found = worst(stars, judged, first)
    console.log(`space motion, ${name} (${stars.length}): ${inWords(found)}`)
    expect(found.mas).toBeLessThan(0.01)
    expect(found.masYr).toBeLessThan(1e-4)
    expect(found.parallaxMas).toBeLessThan(1e-9)
    expect(found.kmS).toBeLessThan(1e-6)
  })

  it('agrees without light-time with the equations of the Hipparcos Catalogue', () => {
    const stars = [...FAST_STARS.map(([, star]) => star), ...many(100, gaiaLike), ...many(50, aroundPole)]
    const found = worst(stars, hipparcosMoves(stars, SPANS_YR), 0, 'standard')
    console.log(`space motion without light-time (${stars.length}): ${inWords(found)}`)
    expect(found.mas).toBeLessThan(1e-5)
    expect(found.masYr).toBeLessThan(1e-6)
    expect(found.parallaxMas).toBeLessThan(1e-9)
    expect(found.kmS).toBeLessThan(1e-6)
  })
})

describe('a moved star', () => {
  it.each(['light-time', 'standard'] as const)('comes back over the same years: %s', (model) => {
    const stars = [...FAST_STARS.map(([, star]) => star), ...many(100, gaiaLike), ...many(50, aroundPole)]
    for (const star of stars) {
      const back = propagate(propagate(star, -150, model), 150, model)
      expect(
        separation(back.raDeg * DEG, back.decDeg * DEG, star.raDeg * DEG, star.decDeg * DEG) / MAS,
      ).toBeLessThan(1e-6)
      expect(Math.hypot(back.pmRaMasYr - star.pmRaMasYr, back.pmDecMasYr - star.pmDecMasYr)).toBeLessThan(
        1e-5,
      )
      expect(Math.abs(back.parallaxMas - star.parallaxMas)).toBeLessThan(1e-9)
      expect(Math.abs(back.radialVelocityKmS - star.radialVelocityKmS)).toBeLessThan(1e-8)
    }
  })

  it('passes over the pole and comes out on the other side, its motion turned to the south', () => {
    const before = star([30, 90 - 1 / 3600, 0, 1000, 20, Number.NaN])
    const after = propagate(before, 3)
    expect(after.raDeg).toBeCloseTo(210, 9)
    expect((90 - after.decDeg) * 3600).toBeCloseTo(2, 7)
    expect(after.pmDecMasYr).toBeCloseTo(-1000, 3)
    expect(after.radialVelocityKmS).toBeNaN()
  })

  it('at the pole itself moves along its own meridian', () => {
    const { raDeg, decDeg } = propagate(star([77, 90, 0, -3600, 0, 0]), 100, 'standard')
    expect(raDeg).toBeCloseTo(77, 9)
    expect(decDeg).toBeCloseTo(90 - Math.atan(360 * (DEG / 3600)) / DEG, 9)
  })

  it('stays where it is in no time, and without any known motion', () => {
    const [, barnard] = FAST_STARS[0]!
    expect(propagate(barnard, 0).decDeg).toBeCloseTo(barnard.decDeg, 13)
    expect(propagate(barnard, 0).pmDecMasYr).toBeCloseTo(barnard.pmDecMasYr, 8)
    const still = propagate(star([0, -90, Number.NaN, Number.NaN, Number.NaN, Number.NaN]), -130)
    expect(still.decDeg).toBe(-90)
    expect(still.pmRaMasYr).toBeNaN()
    expect(still.parallaxMas).toBeNaN()
  })

  it('has a right ascension in [0, 360) only', () => {
    for (const drift of [-1e-6, -1e-9, -1e-12, -1e-13, 0, 1e-9]) {
      const { raDeg } = propagate(star([0, 0, drift, 0, 0, 0]), 1)
      expect(raDeg).toBeGreaterThanOrEqual(0)
      expect(raDeg).toBeLessThan(360)
    }
  })
})
