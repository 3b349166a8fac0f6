// What a store says it covers is what was said of its parts, at every depth.
import { describe, expect, it } from 'vitest'
import { addCoverage, coveredShare, coveredTo, mocOfCone } from '../../../src/catalog/store/coverage.ts'
import type { Coverage } from '../../../src/catalog/store/manifest.ts'
import { type Cone, cellCount } from '../../../src/math/healpix.ts'
import { EMPTY_MOC, intersection, mocOfCells, skyShare, union, WHOLE_SKY } from '../../../src/math/moc.ts'
import { DEG } from '../../../src/math/sphere.ts'
import { type Random, randomStream } from '../../../src/simulate/random.ts'

const DEPTHS = [null, 21, 18, 15.5, 12]

const drawn = (random: Random): Coverage[] =>
  Array.from({ length: 1 + random.whole(4) }, () => ({
    limit_mag: random.pick(DEPTHS),
    estimated: random.next() < 0.3,
    moc: mocOfCells(
      Array.from({ length: 8 }, () => {
        const order = random.whole(4)
        return { order, pixel: random.whole(cellCount(order) / 4) }
      }),
    ),
  }))

describe('coverage, added in any sequence', () => {
  it('covers at each depth what its parts cover, sure and in all, and lists nothing that lies within something surer and deeper', () => {
    const random = randomStream(1, 'coverage')
    for (let round = 0; round < 300; round++) {
      const parts = Array.from({ length: 3 }, () => drawn(random))
      const all = parts.reduce<Coverage[]>((sum, part) => addCoverage(sum, part), [])
      for (const depth of [...DEPTHS, 25, 16])
        expect(coveredTo(all, depth)).toEqual(coveredTo(parts.flat(), depth))
      const sure = (some: readonly Coverage[]) => some.filter(({ estimated }) => !estimated)
      // A fetch asks for what is not sure to a depth: an estimate, however deep, must not hide what is.
      for (const depth of [...DEPTHS, 25, 16])
        expect(coveredTo(sure(all), depth)).toEqual(coveredTo(sure(parts.flat()), depth))
      for (const some of [sure(all), all.filter(({ estimated }) => estimated)]) {
        const whole = skyShare(union(EMPTY_MOC, ...some.map(({ moc }) => moc)))
        expect(some.reduce((sum, { moc }) => sum + skyShare(moc), 0)).toBeCloseTo(whole, 12)
      }
      for (const { limit_mag, moc } of all.filter(({ estimated }) => estimated)) {
        expect(intersection(moc, coveredTo(sure(parts.flat()), limit_mag))).toEqual(EMPTY_MOC)
      }
    }
  })

  it('is empty for no parts, and for none deep enough', () => {
    expect(addCoverage([], [])).toEqual([])
    expect(coveredTo([{ limit_mag: 12, estimated: false, moc: WHOLE_SKY }], 12.01)).toEqual(EMPTY_MOC)
    expect(coveredTo([{ limit_mag: 12, estimated: false, moc: WHOLE_SKY }], null)).toEqual(EMPTY_MOC)
    expect(coveredTo([{ limit_mag: null, estimated: false, moc: WHOLE_SKY }], 25)).toEqual(WHOLE_SKY)
  })
})

describe('a cone as cells', () => {
  it.each([0.02, 0.05, 0.3, 2, 20, 90, 180])(
    'of %f° has its area but for the cells at its edge',
    (radiusDeg) => {
      const random = randomStream(2, 'areas')
      const errors = Array.from({ length: 10 }, (_, n) => {
        const cone: Cone = {
          raDeg: random.between(0, 360),
          decDeg: [90, -90, 0, 41.81, random.between(-90, 90)][n % 5]!,
          radiusDeg,
        }
        const share = Math.sin((radiusDeg * DEG) / 2) ** 2
        expect(coveredShare(WHOLE_SKY, cone)).toBe(1)
        expect(coveredShare(EMPTY_MOC, cone)).toBe(0)
        return skyShare(mocOfCone(cone)) / share - 1
      })
      const worst = Math.max(...errors.map(Math.abs))
      console.log(`cone of ${radiusDeg}°: area off by at most ${(100 * worst).toFixed(2)} %`)
      expect(worst).toBeLessThan(radiusDeg < 0.1 ? 0.5 : 0.02) // cells of order 12 are 0.014° wide
    },
  )

  it('of a point is one cell', () => {
    expect(skyShare(mocOfCone({ raDeg: 0, decDeg: 90, radiusDeg: 0 })) * cellCount(12)).toBe(1)
  })
})
