// What goes into a store comes out of every cone: against a search of all stars one by one.
import { describe, expect, it } from 'vitest'
import { MAX_TILE_ROWS } from '../../../src/catalog/store/rows.ts'
import { starsInCone } from '../../../src/catalog/store/star-store.ts'
import { pickRows, type StarTable } from '../../../src/catalog/store/star-table.ts'
import type { Cone } from '../../../src/math/healpix.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import {
  emptyStoreEachTest,
  fill,
  isSoundAndTidy,
  isWithin,
  type Place,
  piecesOf,
  placeIn,
  rowTexts,
  SKY,
  starsAt,
} from './stars.ts'

const made = emptyStoreEachTest()

describe('stars of the whole sky, a cluster denser than a tile, both poles and 0h', () => {
  const random = randomStream(7, 'sky of the store')
  const cluster: Cone = { raDeg: 359.5, decDeg: 2, radiusDeg: 1.5 }
  const areas: [Cone, number][] = [
    [SKY, 20_000],
    [cluster, 180_000],
    [{ raDeg: 0, decDeg: 90, radiusDeg: 0.3 }, 2000],
    [{ raDeg: 77, decDeg: -90, radiusDeg: 0.3 }, 2000],
  ]
  const onEdges: Place[] = [0, 90, 180, 270].flatMap((ra) =>
    [-90, -60, 0, 60, 90].map((dec): Place => [ra, dec]),
  )
  const places = [
    ...areas.flatMap(([cone, count]) => Array.from({ length: count }, () => placeIn(random, cone))),
    ...onEdges,
  ]
  const all = starsAt(random, places)

  it('come back from any cone, to any magnitude, exactly as they went in', async () => {
    await fill(made.folder, piecesOf(all, 2))
    const { manifest } = await made.store()
    expect(manifest.rows).toBe(all.length)
    expect(Math.max(...manifest.tiles.map(({ rows }) => rows))).toBeLessThanOrEqual(MAX_TILE_ROWS)
    expect(manifest.tiles.filter(({ order }) => order > 2).length).toBeGreaterThanOrEqual(4) // the cluster's
    await isSoundAndTidy(made.folder)

    const cones: Cone[] = [
      ...areas.map(([cone]) => cone),
      ...onEdges.map(([raDeg, decDeg]) => ({ raDeg, decDeg, radiusDeg: 0.01 })),
      ...Array.from({ length: 25 }, () => {
        const [raDeg, decDeg] = placeIn(random, SKY)
        return { raDeg, decDeg, radiusDeg: 10 ** random.between(-0.5, 1.7) }
      }),
      ...Array.from({ length: 25 }, () => {
        const [raDeg, decDeg] = placeIn(random, cluster)
        return { raDeg, decDeg, radiusDeg: 10 ** random.between(-3, 0) }
      }),
    ]
    let found = 0
    for (const [n, cone] of cones.entries()) {
      const limitMag = n % 3 === 0 ? undefined : n % 3 === 1 ? random.between(8, 21) : 18
      const stars = await starsInCone(await made.store(), cone, { limitMag })
      const expected = Array.from({ length: all.length }, (_, row) => row).filter(
        (row) =>
          isWithin(all, row, cone) &&
          (limitMag === undefined || all.columns.phot_g_mean_mag[row]! <= limitMag),
      )
      expect(stars.length).toBe(expected.length)
      const chosen = expected.filter((_, k) => k % 7 === 0 || expected.length < 3000)
      const ids = new Set(chosen.map((row) => all.columns.source_id[row]))
      const among = Array.from({ length: stars.length }, (_, row) => row).filter((row) =>
        ids.has(stars.columns.source_id[row]),
      )
      expect(rowTexts(pickRows(stars as StarTable, among))).toEqual(rowTexts(pickRows(all, chosen)))
      expect([...stars.columns.source_id].sort()).toEqual(
        expected.map((row) => all.columns.source_id[row]).sort(),
      )
      found += stars.length
    }
    expect(found).toBeGreaterThan(100_000)
  })

  it('are the same whichever the cells and the sequence in which they come, and twice is once', async () => {
    const some = pickRows(
      all,
      Array.from({ length: all.length / 4 }, (_, n) => 4 * n),
    )
    const pieces = [...piecesOf(some, 1), ...piecesOf(some, 2).reverse()]
    await fill(made.folder, pieces)
    await fill(made.folder, piecesOf(some, 0))
    expect((await made.store()).manifest.rows).toBe(some.length)
    await isSoundAndTidy(made.folder)
    expect(rowTexts(await starsInCone(await made.store(), SKY))).toEqual(rowTexts(some))
  })
})
