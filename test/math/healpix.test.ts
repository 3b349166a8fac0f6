// HEALPix cells against astropy-healpix (Debian: python3-astropy-healpix), an implementation that shares no code with ours.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  ancestor,
  type Cell,
  type Cone,
  cellAreaDeg2,
  cellAt,
  cellCentre,
  cellCount,
  cellRadiusDeg,
  cellsInCone,
  children,
  FINEST_ORDER,
  finestRange,
  insideCone,
  mayReach,
} from '../../src/math/healpix.ts'
import { DEG, placeOf, separationDeg, unitVector } from '../../src/math/sphere.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'
import { python } from './python.ts'

const ORDERS = Array.from({ length: FINEST_ORDER + 1 }, (_, order) => order)
const GAIA = ['../shared/gaia/serpens-dr2.csv', '../shared/gaia/m67-dr3.csv']

function hasJudge(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import astropy_healpix'], { stdio: 'ignore' })
    return true
  } catch {
    console.log(
      'healpix: not compared with astropy-healpix, which is not installed (python3-astropy-healpix)',
    )
    return false
  }
}

const JUDGE = `
from astropy_healpix import HEALPix
from astropy import units as u
scheme = lambda order: HEALPix(nside=2 ** order, order='nested')
`

type Place = [raDeg: number, decDeg: number]

const anywhere = (random: Random): Place => [random.between(0, 360), Math.asin(random.between(-1, 1)) / DEG]

/** Both poles, the places where the scheme's pieces meet, 0h from either side, and near all of them. */
function awkwardPlaces(): Place[] {
  const belt = Math.asin(2 / 3) / DEG // where the equatorial part meets the polar caps
  const decs = [90, 90 - 1e-9, 89.9999, belt + 1e-9, belt, belt - 1e-9, 1e-12, 0]
  const ras = [0, 1e-12, 22.5, 45, 45 + 1e-9, 90 - 1e-9, 90, 135, 180, 270, 315, 360 - 1e-9, 360]
  return [...decs, ...decs.map((dec) => -dec)].flatMap((dec) => ras.map((ra): Place => [ra, dec]))
}

/** The place moved by this share of the way to the centre of a cell. */
function towards([raDeg, decDeg]: Place, cell: Cell, share: number): Place {
  const from = unitVector(raDeg * DEG, decDeg * DEG)
  const to = cellCentre(cell)
  const { ra, dec } = placeOf([0, 1, 2].map((k) => from[k]! + share * (to[k]! - from[k]!)) as never)
  return [ra / DEG, dec / DEG]
}

const ordersText = (text: (order: number) => string): string =>
  ORDERS.map((k) => `${k}: ${text(k)}`).join(', ')

describe.skipIf(!hasJudge())('cells of HEALPix agree with astropy-healpix', () => {
  const cellsOfJudge = (byOrder: readonly (readonly Place[])[]) =>
    python<number[][]>(
      `${JUDGE}
def cells(order, places):
    ra, dec = np.array(places).T
    return scheme(order).lonlat_to_healpix(ra * u.deg, dec * u.deg)
answer([cells(order, places) for order, places in enumerate(given)])`,
      byOrder,
    )

  it('in the cell of a place, at every order', () => {
    const random = randomStream(1, 'healpix')
    const places = ORDERS.map(() => Array.from({ length: 4000 }, () => anywhere(random)))
    const ours = places.map((list, order) => list.map(([ra, dec]) => cellAt(order, ra, dec)))
    expect(ours).toEqual(cellsOfJudge(places))
  })

  it('at edges, poles and 0h: the cell is one that the place belongs to', () => {
    const places = awkwardPlaces()
    const cells = ORDERS.map((order) => places.map(([ra, dec]) => cellAt(order, ra, dec)))
    const nudged = cells.map((list, order) =>
      list.map((pixel, n) => towards(places[n]!, { order, pixel }, 1e-5)),
    )
    expect(cells).toEqual(cellsOfJudge(nudged))
  })

  it('in centres, to a microarcsecond', () => {
    const random = randomStream(2, 'centres')
    const byOrder = ORDERS.map((order) => [
      ...[0, 1, cellCount(order) - 1],
      ...Array.from({ length: 200 }, () => random.whole(cellCount(order))),
    ])
    const judged = python<Place[][]>(
      `${JUDGE}
answer([np.transpose([a.deg for a in scheme(order).healpix_to_lonlat(cells)]) for order, cells in enumerate(given)])`,
      byOrder,
    )
    const worstUas = byOrder.map((pixels, order) => {
      let worstDeg = 0
      pixels.forEach((pixel, n) => {
        const centre = placeOf(cellCentre({ order, pixel }))
        const [ra, dec] = judged[order]![n]!
        worstDeg = Math.max(worstDeg, separationDeg(centre.ra / DEG, centre.dec / DEG, ra, dec))
      })
      return worstDeg * 3.6e9
    })
    console.log(`healpix: centres, µas by order: ${ordersText((k) => worstUas[k]!.toExponential(1))}`)
    expect(Math.max(...worstUas)).toBeLessThan(1)
  })

  it('in the greatest distance of a corner from the centre, and no edge is farther', () => {
    const orders = [0, 1, 2, 3, 4, 5, 6]
    const farthestDeg = python<number[]>(
      `${JUDGE}
def farthest(order):
    cells = np.arange(12 * 4 ** order)
    ra, dec = [a.to_value(u.rad) for a in scheme(order).boundaries_lonlat(cells, 4)]
    ra0, dec0 = [a.rad[:, None] for a in scheme(order).healpix_to_lonlat(cells)]
    half = np.sin((dec - dec0) / 2) ** 2 + np.cos(dec) * np.cos(dec0) * np.sin((ra - ra0) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(half.max())))
answer([farthest(order) for order in given])`,
      orders,
    )
    const beyond = orders.map((order) => cellRadiusDeg(order) / farthestDeg[order]! - 1)
    console.log(
      `healpix: radius over that of astropy-healpix, less one: ${beyond.map((x) => x.toExponential(1))}`,
    )
    for (const more of beyond) {
      expect(more).toBeGreaterThan(-1e-9)
      expect(more).toBeLessThan(1e-3)
    }
  })

  it('and none that reaches into a cone is missed', () => {
    const random = randomStream(3, 'cones')
    const byOrder = ORDERS.map((order) => {
      const size = Math.sqrt(cellAreaDeg2(order))
      return Array.from({ length: 40 }, (_, n): Cone => {
        const radiusDeg = n === 0 && order < 3 ? 180 : Math.min(90, size * 10 ** random.between(-2, 0.8))
        const [raDeg, decDeg] = n % 5 === 1 ? [0, 90] : n % 5 === 2 ? [359.999, -89.9999] : anywhere(random)
        return { raDeg, decDeg: n % 5 === 3 ? decDeg / 1e6 : decDeg, radiusDeg }
      })
    })
    // The judge's cells of points of each cone, half of them on its edge.
    const judged = python<number[][][]>(
      `${JUDGE}
def within(order, cone):
    rng = np.random.default_rng(1)
    r = np.radians(cone['radiusDeg']) * np.concatenate([np.sqrt(rng.random(2000)), np.full(2000, 1 - 1e-9), [0]])
    a = rng.random(len(r)) * 2 * np.pi
    ra, dec = np.radians(cone['raDeg']), np.radians(cone['decDeg'])
    east = np.array([-np.sin(ra), np.cos(ra), 0])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    centre = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    v = np.cos(r)[:, None] * centre + np.sin(r)[:, None] * (np.cos(a)[:, None] * east + np.sin(a)[:, None] * north)
    places = np.arctan2(v[:, 1], v[:, 0]) * u.rad, np.arctan2(v[:, 2], np.hypot(v[:, 0], v[:, 1])) * u.rad
    return np.unique(scheme(order).lonlat_to_healpix(*places)).tolist()
answer([[within(order, cone) for cone in cones] for order, cones in enumerate(given)])`,
      byOrder,
    )
    const more = byOrder.map((cones, order) => {
      let [mine, theirs] = [0, 0]
      cones.forEach((cone, n) => {
        const found = cellsInCone(order, cone)
        const known = new Set(found)
        const reached = judged[order]![n]!
        expect(reached.filter((pixel) => !known.has(pixel))).toEqual([])
        expect(found).toEqual([...known].sort((a, b) => a - b))
        expect(found.every((pixel) => mayReach({ order, pixel }, cone))).toBe(true)
        mine += found.length
        theirs += reached.length
      })
      return mine / theirs
    })
    console.log(`healpix: cells found per cell reached, by order: ${ordersText((k) => more[k]!.toFixed(2))}`)
    expect(Math.max(...more)).toBeLessThan(1.2)
  })
})

describe('cells', () => {
  it('of the next order lie within theirs, and their ranges make it up', () => {
    const random = randomStream(5, 'children')
    for (let n = 0; n < 200; n++) {
      const order = random.whole(FINEST_ORDER)
      const cell = { order, pixel: random.whole(cellCount(order)) }
      const four = children(cell)
      expect(four.map((child) => ancestor(child, order))).toEqual([cell, cell, cell, cell])
      const [first, end] = finestRange(cell)
      expect(four.flatMap(finestRange)).toEqual([
        first,
        ...four.slice(1).flatMap((child) => [finestRange(child)[0], finestRange(child)[0]]),
        end,
      ])
    }
  })

  it('know the place from any finer cell', () => {
    const random = randomStream(6, 'ancestors')
    for (let n = 0; n < 500; n++) {
      const [ra, dec] = anywhere(random)
      const finest = { order: FINEST_ORDER, pixel: cellAt(FINEST_ORDER, ra, dec) }
      const order = random.whole(FINEST_ORDER)
      expect(ancestor(finest, order).pixel).toBe(cellAt(order, ra, dec))
    }
  })

  it('do not tell 0h from 24h, nor depend on right ascension at a pole beyond the four around it', () => {
    for (const dec of [-90, -41.8, -10, 0, 33, 60, 90]) expect(cellAt(8, 360, dec)).toBe(cellAt(8, 0, dec))
    for (const ra of [-720, -360, 720]) expect(cellAt(8, 12.5 + ra, 40)).toBe(cellAt(8, 12.5, 40))
    const atPole = Array.from({ length: 360 }, (_, ra) => cellAt(FINEST_ORDER, ra, 90))
    expect(new Set(atPole.map((pixel) => (pixel + 1) % 4 ** FINEST_ORDER))).toEqual(new Set([0]))
    expect(cellAt(3, Number.NaN, 10)).toBeNaN()
    expect(cellAt(3, 10, Number.NaN)).toBeNaN()
  })

  it('at 90° of right ascension, dec 60°, are there, and not at the pole', () => {
    const { ra, dec } = placeOf(cellCentre({ order: 8, pixel: cellAt(8, 90, 60) }))
    expect(separationDeg(ra / DEG, dec / DEG, 90, 60)).toBeLessThan(cellRadiusDeg(8))
  })
})

describe('a cone', () => {
  it('of no radius holds its centre and nothing a microarcsecond away', () => {
    const inside = insideCone({ raDeg: 123.4, decDeg: -56.7, radiusDeg: 0 })
    expect(inside(unitVector(123.4 * DEG, -56.7 * DEG))).toBe(true)
    expect(inside(unitVector(123.4 * DEG, (-56.7 + 1 / 3.6e9) * DEG))).toBe(false)
  })

  it('is sharp to a microarcsecond at its edge, however small', () => {
    for (const radiusDeg of [1 / 3600, 0.01, 1, 60, 120]) {
      const inside = insideCone({ raDeg: 0, decDeg: 0, radiusDeg })
      const step = 1 / 3.6e9
      expect(inside(unitVector((radiusDeg - step) * DEG, 0))).toBe(true)
      expect(inside(unitVector((radiusDeg + step) * DEG, 0))).toBe(false)
    }
  })

  it('of 180° is the whole sky', () => {
    expect(cellsInCone(2, { raDeg: 10, decDeg: 20, radiusDeg: 180 })).toHaveLength(cellCount(2))
  })
})

describe.skipIf(!GAIA.every(existsSync))('Gaia’s own numbers (../shared, where it is there)', () => {
  it.each(GAIA)('%s: name the cell of the place, or one that the place is hardly outside of', (path) => {
    const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
    const names = head!.split(',')
    const at = (name: string) => names.indexOf(name)
    let [others, farthestDeg] = [0, 0]
    for (const line of lines) {
      const values = line.split(',')
      const [ra, dec] = [Number(values[at('ra')]), Number(values[at('dec')])]
      const pixel = Number(BigInt(values[at('source_id')]!) >> 35n)
      if (pixel === cellAt(FINEST_ORDER, ra, dec)) continue
      others++
      const { ra: ra0, dec: dec0 } = placeOf(cellCentre({ order: FINEST_ORDER, pixel }))
      farthestDeg = Math.max(farthestDeg, separationDeg(ra, dec, ra0 / DEG, dec0 / DEG))
    }
    const beyondArcsec = (farthestDeg - cellRadiusDeg(FINEST_ORDER)) * 3600
    console.log(
      `${path}, ${lines.length} stars: ${others} have the number of another cell, the farthest ` +
        `${(farthestDeg * 3600).toFixed(1)}″ from its centre, ${beyondArcsec.toFixed(1)}″ beyond the radius of a cell`,
    )
    expect(others).toBeLessThan(0.02 * lines.length)
    expect(farthestDeg).toBeLessThan(0.05)
  })
})
