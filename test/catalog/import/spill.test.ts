// Stars sorted into tiles out of memory: none lost, none doubled, each in its tile, whatever the memory and the batches.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type SpillOptions, spillRows } from '../../../src/catalog/import/spill.ts'
import { blankStarTable, STORED_NAMES, type StarTable } from '../../../src/catalog/store/star-table.ts'
import { Cancelled, UserError } from '../../../src/errors.ts'
import { type Cell, cellAt, FINEST_ORDER, finestRange } from '../../../src/math/healpix.ts'
import { randomStream } from '../../../src/simulate/random.ts'

const dir = mkdtempSync(join(tmpdir(), 'spill-'))
afterAll(() => rmSync(dir, { recursive: true }))

type Place = [raDeg: number, decDeg: number]

/** Stars at these places with something else in every column; source_id is one more than the place's index. */
function starsAt(places: readonly Place[], first = 0): StarTable {
  const stars = blankStarTable(places.length)
  for (const [i, [ra, dec]] of places.entries()) {
    for (const [k, name] of STORED_NAMES.entries()) {
      if (name === 'source_id') stars.columns[name][i] = BigInt(first + i + 1) << 33n
      else stars.columns[name][i] = (first + i + k) % 200 === 7 ? Number.NaN : (first + i) * 40 + k
    }
    stars.columns.ra[i] = ra
    stars.columns.dec[i] = dec
  }
  return stars
}

async function* batchesOf(places: readonly Place[], size: number): AsyncGenerator<StarTable> {
  for (let at = 0; at < places.length; at += size) yield starsAt(places.slice(at, at + size), at)
}

const cellsOf = ({ columns, length }: StarTable): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => cellAt(FINEST_ORDER, columns.ra[i]!, columns.dec[i]!))

interface Tile {
  cell: Cell
  stars: StarTable
}

async function spill(places: readonly Place[], options: Partial<SpillOptions> = {}, size = 1000) {
  const tiles: Tile[] = []
  for await (const tile of spillRows(batchesOf(places, size), {
    dir,
    cellsOf,
    maxTileRows: 1000,
    ...options,
  })) {
    tiles.push(tile)
  }
  expect(readdirSync(dir)).toEqual([])
  return tiles
}

/** Every star once and whole, in its cell; tiles apart, in the order of the sky, none too large. */
function expectSorted(tiles: readonly Tile[], places: readonly Place[], maxTileRows: number): void {
  const all = starsAt(places)
  const seen = new Uint8Array(places.length)
  let end = 0
  for (const { cell, stars } of tiles) {
    const range = finestRange(cell)
    expect(range[0]).toBeGreaterThanOrEqual(end)
    end = range[1]
    expect(stars.length).toBeGreaterThan(0)
    if (cell.order < FINEST_ORDER) expect(stars.length).toBeLessThanOrEqual(maxTileRows)
    for (const [row, pixel] of cellsOf(stars).entries()) {
      const star = Number(stars.columns.source_id[row]! >> 33n) - 1
      seen[star]!++
      const wrong = STORED_NAMES.filter(
        (name) => !Object.is(stars.columns[name][row], all.columns[name][star]),
      )
      if (wrong.length > 0 || pixel < range[0] || pixel >= range[1]) {
        throw new Error(`star ${star} in ${cell.order}/${cell.pixel}: wrong ${wrong.join(', ') || 'place'}`)
      }
    }
  }
  expect(seen.every((count) => count === 1)).toBe(true)
}

function wholeSky(count: number): Place[] {
  const random = randomStream(1, 'sky')
  return Array.from({ length: count }, () => [
    random.between(0, 360),
    (Math.asin(random.between(-1, 1)) * 180) / Math.PI,
  ])
}

function smallField(count: number, widthDeg: number): Place[] {
  const random = randomStream(2, 'field')
  return Array.from({ length: count }, () => [
    132.8 + random.between(0, widthDeg),
    11.8 + random.between(0, widthDeg),
  ])
}

test('stars of the whole sky are in tiles of at most as many rows as asked for', async () => {
  const places = wholeSky(30_000)
  const tiles = await spill(places)
  expectSorted(tiles, places, 1000)
  // 2500 stars in each of the 12 largest cells, 625 in each of their quarters.
  expect(new Set(tiles.map(({ cell }) => cell.order))).toEqual(new Set([1]))
  expect(tiles).toHaveLength(48)
})

test('a field that lies in one file is cut again, with little memory too', async () => {
  const places = smallField(20_000, 0.3)
  const roomy = await spill(places, { maxTileRows: 300 })
  expectSorted(roomy, places, 300)
  expect(Math.max(...roomy.map(({ cell }) => cell.order))).toBeGreaterThan(8)
  const cramped = await spill(places, { maxTileRows: 300, memoryBytes: 20_000 }, 37)
  expect(cramped).toEqual(roomy)
})

test('poles, 0h, one star, no star, the same place many times', async () => {
  const corners: Place[] = [
    [0, 90],
    [0, -90],
    [0, 0],
    [359.9999999999, 0],
    [180, 90],
  ]
  const tiles = await spill(corners, { maxTileRows: 1 })
  expectSorted(tiles, corners, 1)
  expect(await spill([[10, 20]])).toMatchObject([{ cell: { order: 0 }, stars: { length: 1 } }])
  expect(await spill([])).toEqual([])
  const same = await spill(
    Array.from({ length: 50 }, (): Place => [10, 20]),
    { maxTileRows: 7, memoryBytes: 1000 },
  )
  expect(same).toHaveLength(1)
  expect(same[0]!.cell.order).toBe(FINEST_ORDER)
  expect(Array.from(same[0]!.stars.columns.source_id, (id) => Number(id >> 33n))).toEqual(
    Array.from({ length: 50 }, (_, i) => i + 1),
  )
})

test('a cell that must be split is split, however few its stars', async () => {
  const places = wholeSky(500)
  const tiles = await spill(places, { mustSplit: ({ order, pixel }) => order < 5 && pixel === 0 })
  expectSorted(tiles, places, 1000)
  expect(tiles.some(({ cell }) => cell.pixel === 0 && cell.order < 5)).toBe(false)
  expect(tiles.filter(({ cell }) => cell.order === 0)).toHaveLength(11)
})

test('the files are gone when reading fails, when it is cancelled and when nobody wants more', async () => {
  async function* failing(): AsyncGenerator<StarTable> {
    yield* batchesOf(wholeSky(5000), 1000)
    expect(readdirSync(dir)).toHaveLength(1)
    throw new UserError('found', 'do')
  }
  const drain = async (tiles: AsyncIterable<Tile>) => {
    for await (const _ of tiles);
  }
  const options = { dir, cellsOf, maxTileRows: 100, memoryBytes: 1e6 }
  await expect(drain(spillRows(failing(), options))).rejects.toThrow('found')
  expect(readdirSync(dir)).toEqual([])

  const cancel = new AbortController()
  const cancelled = async () => {
    for await (const _ of spillRows(batchesOf(wholeSky(5000), 1000), { ...options, signal: cancel.signal })) {
      cancel.abort()
    }
  }
  await expect(cancelled()).rejects.toThrow(Cancelled)
  expect(readdirSync(dir)).toEqual([])

  for await (const _ of spillRows(batchesOf(wholeSky(5000), 1000), options)) break
  expect(readdirSync(dir)).toEqual([])
})

test('a folder that cannot be written is told in a sentence', async () => {
  async function* removing(): AsyncGenerator<StarTable> {
    for await (const stars of batchesOf(wholeSky(5000), 1000)) {
      yield stars
      for (const name of readdirSync(dir)) rmSync(join(dir, name), { recursive: true })
    }
  }
  const tiles = spillRows(removing(), { dir, cellsOf, maxTileRows: 100, memoryBytes: 1e5 })
  const error = await tiles.next().catch((thrown) => thrown)
  expect(error).toBeInstanceOf(UserError)
  expect(error.message).toMatch(/cannot be sorted in .*spill-.*ENOENT/)
  const nowhere = spillRows(batchesOf([[1, 2]], 1), { dir: join(dir, 'no'), cellsOf, maxTileRows: 100 })
  await expect(nowhere.next()).rejects.toThrow(UserError)
})

test.skipIf(!existsSync('/dev/full'))('a full disk is told in a sentence', async () => {
  const { append } = await import('../../../src/catalog/import/buckets.ts')
  expect(() => append('/dev/full', new Uint8Array(10))).toThrow(
    /cannot be sorted in \/dev\/full \(the disk is full\)/,
  )
})
