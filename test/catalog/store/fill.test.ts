// A store is filled in every order and way, and gives back the same stars; its tiles stay of a handy size.
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JOINED_TILE_ROWS, MAX_TILE_ROWS } from '../../../src/catalog/store/rows.ts'
import { openStore, openStores, starsInCone, storeCovers } from '../../../src/catalog/store/star-store.ts'
import { concatenated, pickRows, type StarTable } from '../../../src/catalog/store/star-table.ts'
import { verifyStore } from '../../../src/catalog/survey/verify.ts'
import { Cancelled } from '../../../src/errors.ts'
import { type Cell, type Cone, cellAt, cellCount, FINEST_ORDER } from '../../../src/math/healpix.ts'
import { mocOfCells } from '../../../src/math/moc.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { fill, fullyCovered, isWithin, type Place, placeIn, rowTexts, starsAt, starsInCell } from './stars.ts'

const SKY: Cone = { raDeg: 0, decDeg: 0, radiusDeg: 180 }

let root: string
let folder: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'platepipe-fill-'))
  folder = join(root, 'gaia-dr2')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const store = async () => (await openStore(folder))!

/** Stars by their cells of an order. */
function piecesOf(stars: StarTable, order: number): { cell: Cell; stars: StarTable }[] {
  const rows = new Map<number, number[]>()
  for (let i = 0; i < stars.length; i++) {
    const pixel = cellAt(order, stars.columns.ra[i]!, stars.columns.dec[i]!)
    if (!rows.has(pixel)) rows.set(pixel, [])
    rows.get(pixel)!.push(i)
  }
  return [...rows].map(([pixel, own]) => ({ cell: { order, pixel }, stars: pickRows(stars, own) }))
}

/** Files of the tiles folder that the manifest does not name, and the other way round. */
async function untidy(): Promise<string[]> {
  const files = (await readdir(join(folder, 'tiles'))).map((name) => `tiles/${name}`)
  const named = (await store()).manifest.tiles.map(({ file }) => file)
  return [...files.filter((file) => !named.includes(file)), ...named.filter((file) => !files.includes(file))]
}

async function isSoundAndTidy(): Promise<void> {
  const { damaged, manifestFaults } = await verifyStore(await store())
  expect({ damaged, manifestFaults, untidy: await untidy() }).toEqual({
    damaged: [],
    manifestFaults: [],
    untidy: [],
  })
}

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
    await fill(folder, piecesOf(all, 2))
    const { manifest } = await store()
    expect(manifest.rows).toBe(all.length)
    expect(Math.max(...manifest.tiles.map(({ rows }) => rows))).toBeLessThanOrEqual(MAX_TILE_ROWS)
    expect(manifest.tiles.filter(({ order }) => order > 2).length).toBeGreaterThanOrEqual(4) // the cluster's
    await isSoundAndTidy()

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
      const stars = await starsInCone(await store(), cone, { limitMag })
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
    await fill(folder, pieces)
    await fill(folder, piecesOf(some, 0))
    expect((await store()).manifest.rows).toBe(some.length)
    await isSoundAndTidy()
    expect(rowTexts(await starsInCone(await store(), SKY))).toEqual(rowTexts(some))
  })
})

describe('tiles', () => {
  it('of few stars are joined, up to the cells of order 0', async () => {
    const stars = starsAt(
      randomStream(1, 'thin'),
      Array.from({ length: 3000 }, (_, n) => placeIn(randomStream(n, 'thin place'), SKY)),
    )
    for (const part of [0, 1]) {
      const half = pickRows(
        stars,
        Array.from({ length: 1500 }, (_, n) => 2 * n + part),
      )
      await fill(folder, piecesOf(half, 2))
    }
    const { tiles } = (await store()).manifest
    expect(tiles.map(({ order, pixel }) => `${order}/${pixel}`)).toEqual(
      Array.from({ length: 12 }, (_, n) => `0/${n}`),
    )
    await isSoundAndTidy()
  })

  it('are cut when they grow too large, and join what is small beside them', async () => {
    const cell = { order: 5, pixel: 4321 }
    const [raDeg, decDeg] = [starsInCell(1, cell, 1).columns.ra[0]!, starsInCell(1, cell, 1).columns.dec[0]!]
    const random = randomStream(3, 'growing')
    const batch = (count: number, from: number) =>
      starsAt(
        random,
        Array.from({ length: count }, () => placeIn(random, { raDeg, decDeg, radiusDeg: 0.4 })),
        from,
      )
    let total = 0
    for (const count of [60_000, 60_000, 60_000]) {
      await fill(folder, piecesOf(batch(count, 1 + total), 3))
      total += count
      const { tiles, rows } = (await store()).manifest
      expect(rows).toBe(total)
      expect(Math.max(...tiles.map((tile) => tile.rows))).toBeLessThanOrEqual(MAX_TILE_ROWS)
      if (total <= JOINED_TILE_ROWS)
        expect(tiles).toHaveLength(
          new Set(tiles.map(({ pixel, order }) => Math.floor(pixel / 4 ** order))).size,
        )
    }
    expect((await store()).manifest.tiles.length).toBeGreaterThan(1)
    await isSoundAndTidy()
  })

  it('of a cell whose stars are all at one place go down to the finest order, whole', async () => {
    const place: Place = [45.0001, 0.0001]
    const stars = starsAt(
      randomStream(1, 'heap'),
      Array.from({ length: MAX_TILE_ROWS + 1000 }, () => place),
    )
    await fill(folder, piecesOf(stars, 0))
    const { tiles, rows } = (await store()).manifest
    expect(rows).toBe(stars.length)
    expect(tiles.map(({ order }) => order)).toEqual([FINEST_ORDER])
    await isSoundAndTidy()
  })
})

describe('a tile', () => {
  it('has the same bytes whatever the sequence in which its stars came', async () => {
    const cell = { order: 0, pixel: 6 }
    const stars = starsInCell(6, cell, 6000)
    // Equal magnitudes, equal right ascensions, no numbers: nothing but the place is left to sort by.
    for (let i = 0; i < 60; i++) {
      stars.columns.source_id[i] = 0n
      stars.columns.phot_g_mean_mag[i] = 12
      stars.columns.ra[i] = stars.columns.ra[0]!
      stars.columns.dec[i] = stars.columns.dec[0]! + i / 1000
    }
    const sums: string[] = []
    for (const rows of [
      [0, 1, 2],
      [2, 1, 0],
    ]) {
      for (const part of rows) {
        const own = Array.from({ length: 2000 }, (_, n) => 3 * n + part)
        await fill(folder, [{ cell, stars: pickRows(stars, part === 1 ? own.reverse() : own) }])
      }
      sums.push((await store()).manifest.tiles.map(({ sha256 }) => sha256).join())
      await rm(folder, { recursive: true })
    }
    expect(sums[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(sums[1]).toBe(sums[0])
  })
})

describe('stars of an odd kind', () => {
  it('without a number are told apart by their places', async () => {
    const cell = { order: 0, pixel: 4 } // holds the cell that the number 0 would name, too
    const stars = starsInCell(4, cell, 300)
    stars.columns.source_id.fill(0n)
    await fill(folder, [{ cell, stars: concatenated([stars, stars]) }])
    expect((await store()).manifest.rows).toBe(300)
    await isSoundAndTidy()
    expect(rowTexts(await starsInCone(await store(), SKY))).toEqual(rowTexts(stars))
  })

  it('with numbers of another catalogue, or negative ones, are kept where they are', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 500)
    stars.columns.source_id.forEach((_, i) => {
      stars.columns.source_id[i] = i % 2 === 0 ? BigInt(1 + i) : -BigInt(1 + i) * 2n ** 40n
    })
    await fill(folder, piecesOf(stars, 6))
    await isSoundAndTidy()
    expect(rowTexts(await starsInCone(await store(), SKY))).toEqual(rowTexts(stars))
  })

  it('are replaced by newer rows of the same source', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 50)
    await fill(folder, [{ cell, stars }])
    const newer = pickRows(stars, [3, 4, 5])
    newer.columns.phot_g_mean_mag.fill(5)
    await fill(folder, [{ cell, stars: newer }])
    const bright = await starsInCone(await store(), SKY, { limitMag: 5 })
    expect([...bright.columns.source_id].sort()).toEqual([...newer.columns.source_id].sort())
    expect((await store()).manifest.rows).toBe(50)
  })

  it('without a magnitude come with no limit, and with none other', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 50)
    stars.columns.phot_g_mean_mag.fill(Number.NaN)
    await fill(folder, [{ cell, stars }])
    expect((await starsInCone(await store(), SKY)).length).toBe(50)
    expect((await starsInCone(await store(), SKY, { limitMag: 25 })).length).toBe(0)
    await isSoundAndTidy()
  })

  it('that lie in another cell than their piece go where they belong; those without a place nowhere', async () => {
    const [home, other] = [
      starsInCell(2, { order: 0, pixel: 2 }, 40),
      starsInCell(8, { order: 0, pixel: 8 }, 40),
    ]
    const lost = starsInCell(2, { order: 0, pixel: 2 }, 3)
    lost.columns.ra.fill(Number.NaN)
    const stars = concatenated([home, other, lost])
    expect(await fill(folder, [{ cell: { order: 0, pixel: 2 }, stars }])).toEqual({ added: 80, rows: 80 })
    await isSoundAndTidy()
    expect(rowTexts(await starsInCone(await store(), SKY))).toEqual(rowTexts(concatenated([home, other])))
  })

  it('of equal magnitude on both sides of a batch’s end are all found by a search to that magnitude', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 9000)
    stars.columns.phot_g_mean_mag.fill(18)
    await fill(folder, [{ cell, stars }])
    expect((await starsInCone(await store(), SKY, { limitMag: 18 })).length).toBe(9000)
  })
})

describe('what is covered', () => {
  it('grows with what is added, per depth, and is asked for by depth', async () => {
    const cells = [0, 1, 2, 3].map((pixel) => ({ order: 2, pixel }))
    const pieces = [{ cell: cells[0]!, stars: starsInCell(1, cells[0]!, 5) }]
    await fill(folder, pieces, { coverage: [{ limit_mag: 15, moc: mocOfCells(cells), estimated: false }] })
    await fill(folder, [], { coverage: fullyCovered(cells[1]!) })
    await fill(folder, [], {
      coverage: [{ limit_mag: 15, moc: mocOfCells([{ order: 1, pixel: 0 }]), estimated: true }],
    })
    const { coverage } = (await store()).manifest
    expect(coverage.map(({ limit_mag, estimated, moc }) => [limit_mag, estimated, moc.length])).toEqual([
      [null, false, 1],
      [15, false, 2],
    ])
    const centre = (pixel: number): Cone => {
      const { columns } = starsInCell(50, { order: 5, pixel: pixel * 64 + 21 }, 1)
      return { raDeg: columns.ra[0]!, decDeg: columns.dec[0]!, radiusDeg: 0.1 }
    }
    const shares = [null, 15, 15.1].map((limit) =>
      [0, 1, 4].map(async (pixel) => storeCovers(await store(), centre(pixel), limit)),
    )
    expect(await Promise.all(shares.map((row) => Promise.all(row)))).toEqual([
      [0, 1, 0],
      [1, 1, 0],
      [0, 1, 0],
    ])
  })
})

describe('a store', () => {
  it('refuses stars of another release or epoch', async () => {
    const cell = { order: 0, pixel: 0 }
    await fill(folder, [{ cell, stars: starsInCell(0, cell, 3) }])
    const { fillStore } = await import('../../../src/catalog/store/fill.ts')
    const other = { folder, release: 'gaia-dr3', refEpochYr: 2016, pieces: [], coverage: () => [] }
    const source = () => ({ kind: 'import' as const, name: '', detail: '', first: '', last: '', by: '' })
    await expect(fillStore({ ...other, source })).rejects.toThrow(/holds gaia-dr2 at J2015.5/)
    expect((await openStores(root)).map(({ manifest }) => manifest.release)).toEqual(['gaia-dr2'])
  })

  it('is as it was after Ctrl-C, with nothing left over', async () => {
    const cell = { order: 0, pixel: 0 }
    await fill(folder, [{ cell, stars: starsInCell(0, cell, 30) }])
    const controller = new AbortController()
    const pieces = [1, 2, 3].map((pixel) => ({
      cell: { order: 0, pixel },
      stars: starsInCell(pixel, { order: 0, pixel }, 30),
    }))
    function* stopping() {
      yield pieces[0]!
      yield pieces[1]!
      controller.abort()
      yield pieces[2]!
    }
    await expect(fill(folder, stopping(), { coverage: [], signal: controller.signal })).rejects.toThrow(
      Cancelled,
    )
    expect((await store()).manifest).toMatchObject({ generation: 1, rows: 30 })
    await isSoundAndTidy()
  })

  it('gets rid of what killed processes left behind a day ago, and of nothing younger', async () => {
    const cell = { order: 0, pixel: 0 }
    await fill(folder, [{ cell, stars: starsInCell(0, cell, 3) }])
    for (const name of ['old.arrow', 'young.arrow.part']) await writeFile(join(folder, 'tiles', name), 'left')
    const old = new Date(Date.now() - 25 * 3600_000)
    for (const file of ['tiles/old.arrow', (await store()).manifest.tiles[0]!.file])
      await utimes(join(folder, file), old, old)
    await fill(folder, [])
    expect(await untidy()).toEqual(['tiles/young.arrow.part'])
    expect((await starsInCone(await store(), SKY)).length).toBe(3)
  })

  it('filled by several at once in one process holds what all of them brought', async () => {
    const cells = [0, 1, 2, 3].map((n) => ({ order: 2, pixel: 40 + n }))
    const batches = Array.from({ length: 6 }, (_, seed) =>
      cells.map((cell) => ({ cell, stars: starsInCell(1 + 4 * seed + (cell.pixel % 4), cell, 200) })),
    )
    await Promise.all(batches.map((pieces) => fill(folder, pieces)))
    expect((await store()).manifest.rows).toBe(6 * 4 * 200)
    const expected = batches
      .flat()
      .flatMap(({ stars }) => rowTexts(stars))
      .sort()
    expect(rowTexts(await starsInCone(await store(), SKY))).toEqual(expected)
    await isSoundAndTidy()
    expect(cellCount(2)).toBe(192)
  })
})
