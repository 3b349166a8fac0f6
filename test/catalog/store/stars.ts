// Stars for stores in tests: seeded, with numbers like Gaia's, and stores made of them.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { fillStore } from '../../../src/catalog/store/fill.ts'
import type { Coverage, TileEntry } from '../../../src/catalog/store/manifest.ts'
import { openStore, type StarStore } from '../../../src/catalog/store/star-store.ts'
import {
  blankStarTable,
  pickRows,
  STORED_NAMES,
  type StarTable,
} from '../../../src/catalog/store/star-table.ts'
import { verifyStore } from '../../../src/catalog/survey/verify.ts'
import { type Cell, type Cone, cellAt, FINEST_ORDER, finestRange } from '../../../src/math/healpix.ts'
import { mocOfCells } from '../../../src/math/moc.ts'
import { DEG, placeOf, separationDeg } from '../../../src/math/sphere.ts'
import { type Random, randomStream } from '../../../src/simulate/random.ts'

export type Place = [raDeg: number, decDeg: number]

/** Evenly on the sphere within a cone. */
export function placeIn(random: Random, { raDeg, decDeg, radiusDeg }: Cone): Place {
  const cos = 1 - random.next() * (1 - Math.cos(radiusDeg * DEG))
  const sin = Math.sqrt(1 - cos * cos)
  const angle = random.between(0, 2 * Math.PI)
  const [a, d] = [raDeg * DEG, decDeg * DEG]
  const [e, n] = [sin * Math.sin(angle), sin * Math.cos(angle)]
  const { ra, dec } = placeOf([
    cos * Math.cos(d) * Math.cos(a) - e * Math.sin(a) - n * Math.sin(d) * Math.cos(a),
    cos * Math.cos(d) * Math.sin(a) + e * Math.cos(a) - n * Math.sin(d) * Math.sin(a),
    cos * Math.sin(d) + n * Math.cos(d),
  ])
  return [ra / DEG, dec / DEG]
}

/** Stars at these places, numbered as Gaia numbers them from `from` on; some without a magnitude. */
export function starsAt(random: Random, places: readonly Place[], from = 1): StarTable {
  const stars = blankStarTable(places.length)
  const { columns } = stars
  places.forEach(([ra, dec], i) => {
    columns.source_id[i] = (BigInt(cellAt(FINEST_ORDER, ra, dec)) << 35n) + BigInt(from + i)
    columns.ra[i] = ra
    columns.dec[i] = dec
    columns.phot_g_mean_mag[i] = random.next() < 0.01 ? Number.NaN : 21 + 2.5 * Math.log10(1 - random.next())
    columns.pmra[i] = 10 * random.gauss()
    columns.pmdec[i] = 10 * random.gauss()
    columns.visibility_periods_used[i] = random.whole(30)
  })
  return stars
}

/** `count` stars spread over a cell of the sky. */
export function starsInCell(seed: number, cell: Cell, count: number): StarTable {
  const random = randomStream(seed, 'stars in a cell')
  const places: Place[] = []
  while (places.length < count) {
    const place = placeIn(random, { raDeg: 0, decDeg: 0, radiusDeg: 180 })
    if (cellAt(cell.order, ...place) === cell.pixel) places.push(place)
  }
  return starsAt(random, places, 1 + seed * 1_000_000)
}

export const fullyCovered = (...cells: Cell[]): Coverage[] => [
  { limit_mag: null, moc: mocOfCells(cells), estimated: false },
]

export function fill(
  folder: string,
  pieces: Iterable<{ cell: Cell; stars: StarTable }>,
  options: { coverage?: Coverage[]; signal?: AbortSignal } = {},
): Promise<{ added: number; rows: number }> {
  return fillStore({
    folder,
    release: 'gaia-dr2',
    refEpochYr: 2015.5,
    pieces,
    coverage: () => options.coverage ?? fullyCovered(...[...pieces].map(({ cell }) => cell)),
    source: () => ({
      ...{ kind: 'import', name: 'simulated', detail: 'seeded', by: 'test' },
      ...{ first: '2026-01-01T00:00:00Z', last: '2026-01-01T00:00:00Z' },
    }),
    signal: options.signal,
  })
}

/** A store of the stars of some cells of order 0, a tile each; and its folder is removed by `remove`. */
export async function storeOf(pixels: readonly number[], count: number) {
  const root = await mkdtemp(join(tmpdir(), 'platepipe-store-'))
  const folder = join(root, 'gaia-dr2')
  const pieces = pixels.map((pixel) => {
    const cell = { order: 0, pixel }
    return { cell, stars: starsInCell(pixel, cell, count) }
  })
  await fill(folder, pieces)
  return { root, folder, pieces, remove: () => rm(root, { recursive: true, force: true }) }
}

export const SKY: Cone = { raDeg: 0, decDeg: 0, radiusDeg: 180 }

/** A folder for a store, another one for every test; `store` opens what was filled into it. */
export function emptyStoreEachTest() {
  const made = { root: '', folder: '', store: () => opened(made.folder) }
  beforeEach(async () => {
    made.root = await mkdtemp(join(tmpdir(), 'platepipe-fill-'))
    made.folder = join(made.root, 'gaia-dr2')
  })
  afterEach(() => rm(made.root, { recursive: true, force: true }))
  return made
}

/** A store as `storeOf` makes it, another one for every test. */
export function filledStoreEachTest(pixels: readonly number[], count: number) {
  const made = {
    folder: '',
    pieces: [] as { cell: Cell; stars: StarTable }[],
    store: () => opened(made.folder),
    async tileAt(n: number): Promise<TileEntry & { path: string }> {
      const tile = (await made.store()).manifest.tiles[n]!
      return { ...tile, path: join(made.folder, tile.file) }
    },
  }
  let remove: () => Promise<void>
  beforeEach(async () => {
    const { folder, pieces, ...store } = await storeOf(pixels, count)
    Object.assign(made, { folder, pieces })
    remove = store.remove
  })
  afterEach(() => remove())
  return made
}

const opened = async (folder: string): Promise<StarStore> => (await openStore(folder))!

/** Every value of a star in one line. */
export function rowText({ columns }: { columns: Partial<StarTable['columns']> }, row: number): string {
  return STORED_NAMES.map((name) => columns[name]?.[row]).join(' ')
}

export const rowTexts = (stars: { length: number; columns: Partial<StarTable['columns']> }): string[] =>
  Array.from({ length: stars.length }, (_, row) => rowText(stars, row)).sort()

/** By the arithmetic of one place against one other. */
export function isWithin({ columns }: StarTable, row: number, { raDeg, decDeg, radiusDeg }: Cone): boolean {
  return separationDeg(columns.ra[row]!, columns.dec[row]!, raDeg, decDeg) <= radiusDeg
}

export const isIn = (cell: Cell, finest: number): boolean => {
  const [first, end] = finestRange(cell)
  return finest >= first && finest < end
}

/** Stars by their cells of an order. */
export function piecesOf(stars: StarTable, order: number): { cell: Cell; stars: StarTable }[] {
  const rows = new Map<number, number[]>()
  for (let i = 0; i < stars.length; i++) {
    const pixel = cellAt(order, stars.columns.ra[i]!, stars.columns.dec[i]!)
    if (!rows.has(pixel)) rows.set(pixel, [])
    rows.get(pixel)!.push(i)
  }
  return [...rows].map(([pixel, own]) => ({ cell: { order, pixel }, stars: pickRows(stars, own) }))
}

/** Files of the tiles folder that the manifest does not name, and the other way round. */
export async function untidy(folder: string): Promise<string[]> {
  const files = (await readdir(join(folder, 'tiles'))).map((name) => `tiles/${name}`)
  const named = (await openStore(folder))!.manifest.tiles.map(({ file }) => file)
  return [...files.filter((file) => !named.includes(file)), ...named.filter((file) => !files.includes(file))]
}

/** A store that verifies, and has no file too many or too few. */
export async function isSoundAndTidy(folder: string): Promise<void> {
  const { damaged, manifestFaults } = await verifyStore((await openStore(folder))!)
  expect({ damaged, manifestFaults, untidy: await untidy(folder) }).toEqual({
    damaged: [],
    manifestFaults: [],
    untidy: [],
  })
}
