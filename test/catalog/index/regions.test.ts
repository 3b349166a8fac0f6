// The parts of the sky of which indexes are made: each star once, those of the margin too, all over the sphere.
import { describe, expect, test } from 'vitest'
import { type Region, regionsOf } from '../../../src/catalog/index/regions.ts'
import { mocOfCone } from '../../../src/catalog/store/coverage.ts'
import { cellAt, insideCone } from '../../../src/math/healpix.ts'
import { EMPTY_MOC, skyShare, union, WHOLE_SKY } from '../../../src/math/moc.ts'
import { DEG, unitVector } from '../../../src/math/sphere.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { type Place, placeIn } from '../store/stars.ts'

/** How many parts of a region want a star of this place: more than one would give it twice. */
function wantedBy(region: Region, [raDeg, decDeg]: Place): number {
  const place = unitVector(raDeg * DEG, decDeg * DEG)
  return region.parts.filter(({ cone, wants }) => insideCone(cone)(place) && wants(raDeg, decDeg)).length
}

const QUADS = 16 // arcmin: the sky in the twelve cells of order 0
const MARGIN_DEG = (4 * QUADS) / 60
const random = randomStream(11, 'regions')
const anywhere = Array.from({ length: 400 }, () => placeIn(random, { raDeg: 0, decDeg: 0, radiusDeg: 180 }))
const awkward: Place[] = [
  [0, 90],
  [0, -90],
  [123, 89.9],
  [123, -89.9],
  [0, 0],
  [359.9999, 1],
  [45, 0.01],
  [90, -41],
]

describe('the sky', () => {
  const regions = regionsOf('sky', QUADS, WHOLE_SKY)

  test('is twelve cells, 48 or 192 for smaller quads, one for large ones', () => {
    expect(regions).toHaveLength(12)
    expect(regionsOf('sky', 4, WHOLE_SKY)).toHaveLength(48)
    expect(regionsOf('sky', 32, WHOLE_SKY).map(({ name }) => name)).toEqual(['sky'])
    expect(skyShare(union(...regions.map(({ moc }) => moc)))).toBe(1)
  })

  test('a star is in the region of its cell once, and so are those within half a margin of it', () => {
    for (const place of [...awkward, ...anywhere]) {
      const region = regions[cellAt(0, ...place)]!
      expect(wantedBy(region, place), `at ${place}`).toBe(1)
      const near = placeIn(random, { raDeg: place[0], decDeg: place[1], radiusDeg: MARGIN_DEG / 2 })
      expect(wantedBy(region, near), `at ${near}, near ${place}`).toBe(1)
    }
  })

  test('a star far outside a region is not in it', () => {
    for (const place of anywhere) {
      const region = regions[cellAt(0, (place[0] + 180) % 360, -place[1])]!
      expect(wantedBy(region, place), `at ${place}`).toBe(0)
    }
  })

  test('as one region has every star once', () => {
    const [whole] = regionsOf('sky', 32, WHOLE_SKY)
    for (const place of [...awkward, ...anywhere]) expect(wantedBy(whole!, place), `at ${place}`).toBe(1)
  })
})

describe('a field', () => {
  const cone = { raDeg: 359.5, decDeg: 60, radiusDeg: 2 }

  test('is one region with its margin, named by its centre', () => {
    const [region, ...others] = regionsOf(cone, 4, WHOLE_SKY)
    expect(others).toEqual([])
    expect(region!.name).toBe('cone 359.5000 +60.0000 2.0000')
    expect(region!.parts.map((part) => part.cone)).toEqual([{ ...cone, radiusDeg: 2 + 16 / 60 }])
  })

  test('that is too large for one index becomes the cells that it reaches', () => {
    const names = regionsOf({ ...cone, radiusDeg: 30 }, 4, WHOLE_SKY).map(({ name }) => name)
    expect(names.length).toBeGreaterThan(4)
    expect(names.length).toBeLessThan(20)
    expect(names).toContain(`cell 1/${cellAt(1, cone.raDeg, cone.decDeg)}`)
  })

  test('has no region where nothing is covered, and only cells where something is', () => {
    expect(regionsOf(cone, 4, EMPTY_MOC)).toEqual([])
    const here = mocOfCone({ raDeg: 10, decDeg: 10, radiusDeg: 1 })
    const regions = regionsOf('sky', 4, here)
    expect(regions.map(({ name }) => name)).toEqual([`cell 1/${cellAt(1, 10, 10)}`])
    expect(regions[0]!.moc).toEqual(here)
  })
})
