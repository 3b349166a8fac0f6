// A store is filled in every order and way, and gives back the same stars; its tiles stay of a handy size.
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { JOINED_TILE_ROWS, MAX_TILE_ROWS } from '../../../src/catalog/store/rows.ts'
import { openStores, starsInCone, storeCovers } from '../../../src/catalog/store/star-store.ts'
import { pickRows } from '../../../src/catalog/store/star-table.ts'
import { Cancelled } from '../../../src/errors.ts'
import { type Cone, cellCount, FINEST_ORDER } from '../../../src/math/healpix.ts'
import { mocOfCells } from '../../../src/math/moc.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import {
  emptyStoreEachTest,
  fill,
  fullyCovered,
  isSoundAndTidy,
  type Place,
  piecesOf,
  placeIn,
  rowTexts,
  SKY,
  starsAt,
  starsInCell,
  untidy,
} from './stars.ts'

const made = emptyStoreEachTest()

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
      await fill(made.folder, piecesOf(half, 2))
    }
    const { tiles } = (await made.store()).manifest
    expect(tiles.map(({ order, pixel }) => `${order}/${pixel}`)).toEqual(
      Array.from({ length: 12 }, (_, n) => `0/${n}`),
    )
    await isSoundAndTidy(made.folder)
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
      await fill(made.folder, piecesOf(batch(count, 1 + total), 3))
      total += count
      const { tiles, rows } = (await made.store()).manifest
      expect(rows).toBe(total)
      expect(Math.max(...tiles.map((tile) => tile.rows))).toBeLessThanOrEqual(MAX_TILE_ROWS)
      if (total <= JOINED_TILE_ROWS)
        expect(tiles).toHaveLength(
          new Set(tiles.map(({ pixel, order }) => Math.floor(pixel / 4 ** order))).size,
        )
    }
    expect((await made.store()).manifest.tiles.length).toBeGreaterThan(1)
    await isSoundAndTidy(made.folder)
  })

  it('of a cell whose stars are all at one place go down to the finest order, whole', async () => {
    const place: Place = [45.0001, 0.0001]
    const stars = starsAt(
      randomStream(1, 'heap'),
      Array.from({ length: MAX_TILE_ROWS + 1000 }, () => place),
    )
    await fill(made.folder, piecesOf(stars, 0))
    const { tiles, rows } = (await made.store()).manifest
    expect(rows).toBe(stars.length)
    expect(tiles.map(({ order }) => order)).toEqual([FINEST_ORDER])
    await isSoundAndTidy(made.folder)
  })
})

describe('what is covered', () => {
  it('grows with what is added, per depth, and is asked for by depth', async () => {
    const cells = [0, 1, 2, 3].map((pixel) => ({ order: 2, pixel }))
    const pieces = [{ cell: cells[0]!, stars: starsInCell(1, cells[0]!, 5) }]
    await fill(made.folder, pieces, {
      coverage: [{ limit_mag: 15, moc: mocOfCells(cells), estimated: false }],
    })
    await fill(made.folder, [], { coverage: fullyCovered(cells[1]!) })
    await fill(made.folder, [], {
      coverage: [{ limit_mag: 15, moc: mocOfCells([{ order: 1, pixel: 0 }]), estimated: true }],
    })
    const { coverage } = (await made.store()).manifest
    expect(coverage.map(({ limit_mag, estimated, moc }) => [limit_mag, estimated, moc.length])).toEqual([
      [null, false, 1],
      [15, false, 2],
    ])
    const centre = (pixel: number): Cone => {
      const { columns } = starsInCell(50, { order: 5, pixel: pixel * 64 + 21 }, 1)
      return { raDeg: columns.ra[0]!, decDeg: columns.dec[0]!, radiusDeg: 0.1 }
    }
    const shares = [null, 15, 15.1].map((limit) =>
      [0, 1, 4].map(async (pixel) => storeCovers(await made.store(), centre(pixel), limit)),
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
    await fill(made.folder, [{ cell, stars: starsInCell(0, cell, 3) }])
    const { fillStore } = await import('../../../src/catalog/store/fill.ts')
    const other = {
      folder: made.folder,
      release: 'gaia-dr3',
      refEpochYr: 2016,
      pieces: [],
      coverage: () => [],
    }
    const source = () => ({ kind: 'import' as const, name: '', detail: '', first: '', last: '', by: '' })
    await expect(fillStore({ ...other, source })).rejects.toThrow(/holds gaia-dr2 at J2015.5/)
    expect((await openStores(made.root)).map(({ manifest }) => manifest.release)).toEqual(['gaia-dr2'])
  })

  it('is as it was after Ctrl-C, with nothing left over', async () => {
    const cell = { order: 0, pixel: 0 }
    await fill(made.folder, [{ cell, stars: starsInCell(0, cell, 30) }])
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
    await expect(fill(made.folder, stopping(), { coverage: [], signal: controller.signal })).rejects.toThrow(
      Cancelled,
    )
    expect((await made.store()).manifest).toMatchObject({ generation: 1, rows: 30 })
    await isSoundAndTidy(made.folder)
  })

  it('gets rid of what killed processes left behind a day ago, and of nothing younger', async () => {
    const cell = { order: 0, pixel: 0 }
    await fill(made.folder, [{ cell, stars: starsInCell(0, cell, 3) }])
    for (const name of ['old.arrow', 'young.arrow.part'])
      await writeFile(join(made.folder, 'tiles', name), 'left')
    const old = new Date(Date.now() - 25 * 3600_000)
    for (const file of ['tiles/old.arrow', (await made.store()).manifest.tiles[0]!.file])
      await utimes(join(made.folder, file), old, old)
    await fill(made.folder, [])
    expect(await untidy(made.folder)).toEqual(['tiles/young.arrow.part'])
    expect((await starsInCone(await made.store(), SKY)).length).toBe(3)
  })

  it('filled by several at once in one process holds what all of them brought', async () => {
    const cells = [0, 1, 2, 3].map((n) => ({ order: 2, pixel: 40 + n }))
    const batches = Array.from({ length: 6 }, (_, seed) =>
      cells.map((cell) => ({ cell, stars: starsInCell(1 + 4 * seed + (cell.pixel % 4), cell, 200) })),
    )
    await Promise.all(batches.map((pieces) => fill(made.folder, pieces)))
    expect((await made.store()).manifest.rows).toBe(6 * 4 * 200)
    const expected = batches
      .flat()
      .flatMap(({ stars }) => rowTexts(stars))
      .sort()
    expect(rowTexts(await starsInCone(await made.store(), SKY))).toEqual(expected)
    await isSoundAndTidy(made.folder)
    expect(cellCount(2)).toBe(192)
  })
})
