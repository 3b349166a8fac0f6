import { copyFile, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commitManifest, type Manifest, type TileEntry } from '../../../src/catalog/store/manifest.ts'
import { finestCells, laidOut, sortedByMagnitude } from '../../../src/catalog/store/rows.ts'
import { openStore, starsInCone, storeCovers } from '../../../src/catalog/store/star-store.ts'
import { pickRows, type StarTable } from '../../../src/catalog/store/star-table.ts'
import { writeTile } from '../../../src/catalog/store/tile-write.ts'
import { isSound, verifyStore } from '../../../src/catalog/survey/verify.ts'
import { Cancelled, UserError } from '../../../src/errors.ts'
import { cellCentre } from '../../../src/math/healpix.ts'
import { mocOfCells } from '../../../src/math/moc.ts'
import { DEG, placeOf } from '../../../src/math/sphere.ts'
import { fill, filledStoreEachTest, rowTexts, starsInCell } from '../store/stars.ts'

const PIXELS = [0, 5, 11]
const STARS = 5000 // two batches a tile
const DAMAGED = 1 // the second tile, cell 0/5

const made = filledStoreEachTest(PIXELS, STARS)
const { store, tileAt } = made

/** A cone well within a cell of order 0. */
function coneIn(pixel: number) {
  const { ra, dec } = placeOf(cellCentre({ order: 0, pixel }))
  return { raDeg: ra / DEG, decDeg: dec / DEG, radiusDeg: 5 }
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x10
  await writeFile(path, bytes)
}

/** Writes the tile anew with other stars or another entry, so that the manifest agrees with its bytes. */
async function rewritten(
  n: number,
  change: (stars: StarTable) => StarTable,
  entry: Partial<TileEntry> = {},
): Promise<void> {
  const { manifest } = await store()
  const tile = manifest.tiles[n]!
  const stars = change(laidOut(sortedByMagnitude(made.pieces[n]!.stars)).stars)
  const file = tile.file.replace('.arrow', 'x.arrow')
  const about = { cell: tile, release: manifest.release, refEpochYr: manifest.ref_epoch }
  const written = await writeTile(join(made.folder, file), { stars, cells: finestCells(stars) }, about)
  const changed: TileEntry = {
    ...{ ...tile, file, rows: stars.length, bytes: written.bytes, sha256: written.sha256 },
    ...{ footer_bytes: written.footerBytes, footer_crc32: written.footerCrc32, ...entry },
  }
  await commit(manifest, { tiles: manifest.tiles.map((one, k) => (k === n ? changed : one)) })
}

async function commit(manifest: Manifest, changes: Partial<Manifest>): Promise<void> {
  const next = { ...manifest, generation: manifest.generation + 1, ...changes }
  expect(await commitManifest(made.folder, next)).toBe(true)
}

const reversed = (stars: StarTable) =>
  pickRows(
    stars,
    Array.from({ length: stars.length }, (_, i) => stars.length - 1 - i),
  )

const DAMAGES: [name: string, damage: () => Promise<void>, what: RegExp][] = [
  ['a bit flipped among the stars', async () => flip((await tileAt(DAMAGED)).path, 20_000), /SHA-256/],
  ['a bit flipped in the footer', async () => flip((await tileAt(DAMAGED)).path, -200), /SHA-256/],
  ['a bit flipped in the first bytes', async () => flip((await tileAt(DAMAGED)).path, 1), /SHA-256/],
  [
    'the file cut short',
    async () => {
      const { path, bytes } = await tileAt(DAMAGED)
      await truncate(path, bytes - 1000)
    },
    /bytes instead of/,
  ],
  ['an empty file', async () => truncate((await tileAt(DAMAGED)).path, 0), /0 bytes instead of/],
  ['the file gone', async () => rm((await tileAt(DAMAGED)).path), /is missing/],
  ['stars out of order', () => rewritten(DAMAGED, reversed), /not in the order/],
  [
    'a star of another cell',
    () =>
      rewritten(DAMAGED, (stars) => {
        const other = starsInCell(1, { order: 0, pixel: 3 }, 1)
        const copy = pickRows(
          stars,
          Array.from({ length: stars.length }, (_, i) => i),
        )
        for (const name of ['ra', 'dec'] as const) copy.columns[name][7] = other.columns[name][0]!
        return copy
      }),
    /1 of its stars lie outside its cell 0\/5/,
  ],
  [
    'a source that is there twice',
    () =>
      rewritten(DAMAGED, (stars) =>
        pickRows(
          stars,
          Array.from({ length: stars.length }, (_, i) => (i === 9 ? 8 : i)),
        ),
      ),
    /1 of its sources are there twice/,
  ],
  [
    'a wrong number of rows',
    () => rewritten(DAMAGED, (stars) => stars, { rows: STARS - 1 }),
    /5000 stars instead/,
  ],
  [
    'wrong counts by magnitude',
    () => rewritten(DAMAGED, (stars) => stars, { g_counts: Array(16).fill(3) }),
    /counts other numbers/,
  ],
]

describe('a sound store', () => {
  it('is found sound, every tile read, and nothing in it changes', async () => {
    const before = (await readdir(made.folder, { recursive: true })).sort()
    const steps: string[] = []
    const found = await verifyStore(await store(), { repair: true, onStep: (text) => steps.push(text) })
    expect(found).toMatchObject({
      tiles: 3,
      rows: 3 * STARS,
      damaged: [],
      manifestFaults: [],
      repaired: null,
    })
    expect(isSound(found)).toBe(true)
    expect(steps).toHaveLength(3)
    expect((await readdir(made.folder, { recursive: true })).sort()).toEqual(before)
  })

  it('may grow while it is verified: what comes is checked too', async () => {
    const extra = { order: 0, pixel: 7 }
    let growing: Promise<unknown> | undefined
    const found = await verifyStore(await store(), {
      onStep: () => {
        growing ??= fill(made.folder, [{ cell: extra, stars: starsInCell(7, extra, 10) }])
      },
    })
    expect(found.damaged).toEqual([])
    expect([3, 4]).toContain(found.tiles) // the filling may end later
    await growing
    expect(await verifyStore(await store())).toMatchObject({ tiles: 4, rows: 3 * STARS + 10, damaged: [] })
  })

  it('whose tiles are replaced by another process meanwhile is not taken for damaged', async () => {
    const old = await store()
    const cell = { order: 0, pixel: 5 }
    await fill(made.folder, [{ cell, stars: starsInCell(99, cell, 20) }])
    const found = await verifyStore(old)
    expect(found).toMatchObject({ tiles: 3, rows: 3 * STARS + 20, damaged: [] })
  })

  it('is left at once by Ctrl-C', async () => {
    const signal = AbortSignal.abort()
    await expect(verifyStore(await store(), { signal })).rejects.toThrow(Cancelled)
  })
})

describe.each(DAMAGES)('with %s', (_, damage, what) => {
  it('the tile is named, and nothing is touched', async () => {
    await damage()
    const { generation } = (await store()).manifest
    const found = await verifyStore(await store())
    expect(isSound(found)).toBe(false)
    expect(found.damaged.map(({ cell }) => cell)).toEqual(['0/5'])
    expect(found.damaged[0]!.what).toMatch(what)
    expect((await store()).manifest.generation).toBe(generation)
  })

  it('a repair drops it and what it covered, and keeps the rest to the last star', async () => {
    await damage()
    const found = await verifyStore(await store(), { repair: true })
    expect(found.repaired).toMatchObject({ tiles: 1, lost: mocOfCells([{ order: 0, pixel: 5 }]) })
    expect(isSound(found)).toBe(true)

    const after = await store()
    const again = await verifyStore(after)
    expect(again).toMatchObject({ tiles: 2, rows: 2 * STARS, damaged: [], manifestFaults: [] })
    expect(storeCovers(after, coneIn(5), null)).toBe(0)
    expect((await starsInCone(after, coneIn(5))).length).toBe(0)
    for (const n of [0, 2]) {
      const cone = coneIn(PIXELS[n]!)
      expect(storeCovers(after, cone, null)).toBe(1)
      expect((await starsInCone(after, cone)).length).toBeGreaterThan(0)
    }
    const all = await starsInCone(after, { raDeg: 0, decDeg: 0, radiusDeg: 180 })
    expect(rowTexts(all)).toEqual([0, 2].flatMap((n) => rowTexts(made.pieces[n]!.stars)).sort())

    const { cell, stars } = made.pieces[DAMAGED]!
    await fill(made.folder, [{ cell, stars }])
    expect(await verifyStore(await store())).toMatchObject({ tiles: 3, rows: 3 * STARS, damaged: [] })
  })
})

describe('other damage', () => {
  it('is repaired while others fill the store: nothing of theirs is lost', async () => {
    await flip((await tileAt(DAMAGED)).path, 20_000)
    const cells = [0, 11, 7, 8].map((pixel) => ({ order: 0, pixel }))
    const filled = cells.map((cell) => ({ cell, stars: starsInCell(200 + cell.pixel, cell, 50) }))
    const [found] = await Promise.all([
      verifyStore(await store(), { repair: true }),
      ...filled.map((piece) => fill(made.folder, [piece])),
    ])
    expect(found.damaged.map(({ cell }) => cell)).toEqual(['0/5'])
    const again = await verifyStore(await store())
    expect(again).toMatchObject({
      tiles: 4,
      rows: 2 * STARS + 200,
      damaged: [],
      manifestFaults: [],
    })
    expect(again.strays.map(({ file }) => file)).toEqual(found.damaged.map(({ file }) => file)) // until it is a day old
    expect(storeCovers(await store(), coneIn(5), null)).toBe(0)
    for (const { pixel } of cells) expect(storeCovers(await store(), coneIn(pixel), null)).toBe(1)
  })

  it('two tiles in each other’s places are both found', async () => {
    const [one, other] = [(await tileAt(0)).path, (await tileAt(2)).path]
    await copyFile(one, `${one}.away`)
    await rename(other, one)
    await rename(`${one}.away`, other)
    const found = await verifyStore(await store(), { repair: true })
    expect(found.damaged.map(({ cell }) => cell)).toEqual(['0/0', '0/11'])
    expect(await verifyStore(await store())).toMatchObject({ tiles: 1, rows: STARS, damaged: [] })
  })

  it('a tile within another is dropped, the larger one stays', async () => {
    const { manifest } = await store()
    const inner = { ...manifest.tiles[0]!, order: 1, pixel: 2 }
    const name = inner.file.replace('.arrow', 'y.arrow')
    await copyFile(join(made.folder, inner.file), join(made.folder, name))
    await commit(manifest, { tiles: [...manifest.tiles, { ...inner, file: name }] })
    const found = await verifyStore(await store(), { repair: true })
    expect(found.damaged.map(({ cell }) => cell)).toEqual(['1/2'])
    expect(found.manifestFaults[0]).toMatch(/counts 15000 stars, and its tiles 20000/)
    expect(await verifyStore(await store())).toMatchObject({ tiles: 3, rows: 3 * STARS, damaged: [] })
  })

  it('a manifest that counts wrongly is mended', async () => {
    await commit((await store()).manifest, { rows: 7 })
    expect(isSound(await verifyStore(await store()))).toBe(false)
    expect((await verifyStore(await store(), { repair: true })).repaired).toMatchObject({ tiles: 0 })
    expect((await store()).manifest.rows).toBe(3 * STARS)
  })

  it('a manifest with a flipped bit is refused, and says which file', async () => {
    await flip(join(made.folder, 'manifest-00000001.json'), 300)
    await expect(openStore(made.folder)).rejects.toThrow(/manifest-00000001\.json .* is damaged/)
  })

  it('all tiles gone at once is no damage to repair: a disk that is not mounted looks like that', async () => {
    await rename(join(made.folder, 'tiles'), join(made.folder, 'elsewhere'))
    const gone = verifyStore(await store(), { repair: true })
    await expect(gone).rejects.toThrow(UserError)
    await expect(gone).rejects.toThrow(/not one of the 3 tiles/)
    await rename(join(made.folder, 'elsewhere'), join(made.folder, 'tiles'))
    expect(await verifyStore(await store())).toMatchObject({ tiles: 3, damaged: [] })
  })

  it('files that no manifest knows are told; only old ones are removed, and only when asked', async () => {
    const files = ['tiles/N00-1-left.arrow', 'tiles/N00-2-new.arrow.part', '.manifest-0123456789ab.part']
    for (const file of files) await writeFile(join(made.folder, file), 'left')
    const old = new Date(Date.now() - 25 * 3600_000)
    for (const file of [files[0]!, files[2]!]) await utimes(join(made.folder, file), old, old)
    const found = await verifyStore(await store())
    expect(found.strays.map(({ file, old }) => [file, old])).toEqual([
      [files[2], true],
      [files[0], true],
      [files[1], false],
    ])
    expect(isSound(found)).toBe(true)
    const cleared = await verifyStore(await store(), { repair: true })
    expect(cleared.strays.filter(({ removed }) => removed)).toHaveLength(2)
    expect((await verifyStore(await store())).strays.map(({ file }) => file)).toEqual([files[1]])
  })
})
