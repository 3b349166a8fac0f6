// Adds stars to a store: new tiles are written beside the old ones and count from the moment that a new manifest names
// them. Several processes may do so at once; whoever comes second merges again with what the first has left.
import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { throwIfCancelled, UserError } from '../../errors.ts'
import { type Cell, finestRange } from '../../math/healpix.ts'
import { addCoverage, addSource } from './coverage.ts'
import {
  COUNTED_MAGNITUDES,
  type Coverage,
  commitManifest,
  emptyManifest,
  type Manifest,
  readManifest,
  type Source,
  type TileEntry,
} from './manifest.ts'
import {
  cut,
  JOINED_TILE_ROWS,
  laidOut,
  lastOfEach,
  MAX_TILE_ROWS,
  type Piece,
  quarters,
  sortedByMagnitude,
  withStrangersApart,
} from './rows.ts'
import { concatenated, STORED_NAMES, type StarTable } from './star-table.ts'
import { keptYoung, strays } from './strays.ts'
import { isReplaced, missingTile, readTile } from './tile-read.ts'
import { writeTile } from './tile-write.ts'

export interface Filling {
  /** Folder of the release, made when it is not there. */
  folder: string
  release: string
  refEpochYr: number
  /** Stars by cells; each piece is held in memory, with the stars that the store has in its cell. */
  pieces: AsyncIterable<Piece> | Iterable<Piece>
  /** What the stars cover, asked when all pieces have been seen. */
  coverage: () => Coverage[]
  /** `rows` are those of the pieces. */
  source: () => Omit<Source, 'rows'>
  signal?: AbortSignal | undefined
}

/** A state of the store that is being made: the manifest it began from, and what is different. */
interface Draft {
  base: Manifest
  tiles: Map<string, TileEntry>
  /** Files of this draft, which nobody else knows. */
  own: Set<string>
}

const keyOf = ({ order, pixel }: Cell): string => `${order}/${pixel}`
const GUARD_TRIES = 200

/**
 * Adds stars, all of them or none: a process that is killed leaves the store as it was. Rows replace older ones of the
 * same source.
 * @returns the rows of the pieces, and those of the store
 * @throws UserError: no room, no right to write, another release in the folder, a damaged tile; Cancelled.
 */
export async function fillStore(filling: Filling): Promise<{ added: number; rows: number }> {
  const { folder, signal } = filling
  await makeTilesFolder(folder)
  const draft = draftOf(await currentManifest(filling))
  const keepYoung = keptYoung()
  let added = 0
  try {
    for await (const piece of filling.pieces) {
      throwIfCancelled(signal)
      for (const part of withStrangersApart(piece)) {
        added += part.stars.length
        await addPieceOfNewest(draft, part, filling)
      }
      await keepYoung([...draft.own].map((file) => join(folder, file)))
    }
    for (let tries = 0; ; tries++) {
      throwIfCancelled(signal)
      const next = await nextManifest(draft, filling, added)
      if (next === undefined) await redraft(draft, filling)
      else if (await commitManifest(folder, next)) {
        const replaced = draft.base.tiles.filter((tile) => draft.tiles.get(keyOf(tile)) !== tile)
        draft.own.clear() // they are the store's now
        for (const { file } of replaced) await rm(join(folder, file), { force: true })
        return { added, rows: next.rows }
      }
      if (tries === GUARD_TRIES)
        throw new UserError(`other processes keep changing ${folder}`, 'run it again when they are done')
      await pause(5 * (tries % 10), undefined, signal ? { signal } : {}).catch(() => throwIfCancelled(signal))
    }
  } catch (error) {
    for (const file of draft.own) await rm(join(folder, file), { force: true })
    // An empty folder must not pass for a store; one that holds anything stays.
    for (const empty of [join(folder, 'tiles'), folder]) await rmdir(empty).catch(() => {})
    throw error
  }
}

async function makeTilesFolder(folder: string): Promise<void> {
  const tiles = join(folder, 'tiles')
  try {
    await mkdir(tiles, { recursive: true })
  } catch (error) {
    throw cannotWrite(tiles, error)
  }
  await strays(folder, await readManifest(folder), true)
}

async function currentManifest({ folder, release, refEpochYr }: Filling): Promise<Manifest> {
  const found = (await readManifest(folder)) ?? emptyManifest(release, refEpochYr)
  if (found.release !== release || found.ref_epoch !== refEpochYr) {
    throw new UserError(
      `${folder} holds ${found.release} at J${found.ref_epoch}, and these stars are ${release} at J${refEpochYr}`,
      'keep them in a store of their own: name another folder with --catalog',
    )
  }
  return found
}

const draftOf = (base: Manifest): Draft => ({
  base,
  tiles: new Map(base.tiles.map((tile) => [keyOf(tile), tile])),
  own: new Set(),
})

/** Adds a piece; where another process has replaced a tile meanwhile, again from the newest state. */
async function addPieceOfNewest(draft: Draft, piece: Piece, filling: Filling): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await addPiece(draft, piece, filling)
    } catch (error) {
      if (!isReplaced(error) || tries === GUARD_TRIES) throw error
      const { generation } = await currentManifest(filling)
      if (generation === draft.base.generation) throw missingTile(error)
      await redraft(draft, filling)
    }
  }
}

/** Merges a piece into the tiles of the draft: into the one tile that holds its cell, or those within it. */
async function addPiece(draft: Draft, piece: Piece, filling: Filling): Promise<void> {
  if (piece.stars.length === 0) return
  const holder = ancestorTile(draft, piece.cell)
  const touched = holder === undefined ? tilesWithin(draft, piece.cell) : [holder]
  if (holder === undefined && touched.length > 0 && rowsOf(touched) + piece.stars.length > MAX_TILE_ROWS) {
    for (const quarter of quarters(piece)) await addPiece(draft, quarter, filling)
    return
  }
  const { cell, tiles } = joinedUpwards(draft, holder ?? piece.cell, touched, piece.stars.length)
  const old = await Promise.all(tiles.map((tile) => wholeTile(filling, tile)))
  const stars = lastOfEach([...old.flat(), piece.stars])
  for (const tile of tiles) await drop(draft, tile, filling.folder)
  for (const part of cut({ cell, stars })) await addTile(draft, part, filling)
}

function ancestorTile(draft: Draft, { order, pixel }: Cell): TileEntry | undefined {
  for (let k = order; k >= 0; k--) {
    const tile = draft.tiles.get(keyOf({ order: k, pixel: Math.floor(pixel / 4 ** (order - k)) }))
    if (tile !== undefined) return tile
  }
  return undefined
}

function tilesWithin(draft: Draft, cell: Cell): TileEntry[] {
  const [first, end] = finestRange(cell)
  return [...draft.tiles.values()].filter((tile) => {
    const [from, to] = finestRange(tile)
    return from >= first && to <= end
  })
}

const rowsOf = (tiles: readonly TileEntry[]): number => tiles.reduce((sum, { rows }) => sum + rows, 0)

/** The largest cell around `cell` whose stars together make one tile. */
function joinedUpwards(draft: Draft, { order, pixel }: Cell, touched: TileEntry[], added: number) {
  let found = { cell: { order, pixel }, tiles: touched }
  for (let k = order - 1; k >= 0; k--) {
    const cell = { order: k, pixel: Math.floor(pixel / 4 ** (order - k)) }
    const tiles = tilesWithin(draft, cell)
    if (rowsOf(tiles) + added > JOINED_TILE_ROWS) break
    found = { cell, tiles }
  }
  return found
}

async function wholeTile({ folder, signal }: Filling, tile: TileEntry): Promise<StarTable[]> {
  const batches: StarTable[] = []
  for await (const batch of readTile(folder, tile, STORED_NAMES, undefined, signal)) batches.push(batch)
  return batches
}

async function addTile(draft: Draft, { cell, stars }: Piece, filling: Filling): Promise<void> {
  const sorted = sortedByMagnitude(stars)
  const suffix = randomBytes(4).toString('hex')
  const file = `tiles/N${String(cell.order).padStart(2, '0')}-${cell.pixel}-${suffix}.arrow`
  const path = join(filling.folder, file)
  draft.own.add(file)
  try {
    const about = { cell, release: filling.release, refEpochYr: filling.refEpochYr }
    // Another process that failed may have taken the empty folder away.
    await mkdir(join(filling.folder, 'tiles'), { recursive: true })
    const written = await writeTile(`${path}.part`, laidOut(sorted), about)
    await rename(`${path}.part`, path)
    draft.tiles.set(keyOf(cell), {
      ...cell,
      file,
      rows: sorted.length,
      bytes: written.bytes,
      sha256: written.sha256,
      footer_bytes: written.footerBytes,
      footer_crc32: written.footerCrc32,
      g_counts: countsToMagnitudes(sorted.columns.phot_g_mean_mag),
    })
  } catch (error) {
    await rm(`${path}.part`, { force: true })
    throw cannotWrite(path, error)
  }
}

function countsToMagnitudes(sortedMags: ArrayLike<number>): number[] {
  return COUNTED_MAGNITUDES.map((limit) => {
    let count = 0
    while (count < sortedMags.length && sortedMags[count]! <= limit) count++
    return count
  })
}

async function drop(draft: Draft, tile: TileEntry, folder: string): Promise<void> {
  draft.tiles.delete(keyOf(tile))
  if (draft.own.delete(tile.file)) await rm(join(folder, tile.file), { force: true })
}

/** The draft as the successor of the newest state; undefined when others have changed the tiles that it replaces. */
async function nextManifest(draft: Draft, filling: Filling, added: number): Promise<Manifest | undefined> {
  const newest = await currentManifest(filling)
  if (newest.generation !== draft.base.generation) {
    const files = new Set(newest.tiles.map(({ file }) => file))
    const isSame =
      newest.tiles.length === draft.base.tiles.length && draft.base.tiles.every(({ file }) => files.has(file))
    if (!isSame) return undefined
  }
  const tiles = [...draft.tiles.values()].sort((a, b) => finestRange(a)[0] - finestRange(b)[0])
  return {
    ...newest,
    generation: newest.generation + 1,
    rows: rowsOf(tiles),
    tiles,
    coverage: addCoverage(newest.coverage, filling.coverage()),
    sources: addSource(newest.sources, { ...filling.source(), rows: added }),
  }
}

/** Begins again from the newest state, with the tiles of the draft as pieces. */
async function redraft(draft: Draft, filling: Filling): Promise<void> {
  const pieces = [...draft.tiles.values()].filter(({ file }) => draft.own.has(file))
  const fresh = draftOf(await currentManifest(filling))
  try {
    for (const tile of pieces) {
      const stars = concatenated(await wholeTile(filling, tile))
      await addPieceOfNewest(fresh, { cell: tile, stars }, filling)
    }
  } catch (error) {
    for (const file of fresh.own) draft.own.add(file) // to be removed with the others
    throw error
  }
  for (const { file } of pieces) await rm(join(filling.folder, file), { force: true })
  Object.assign(draft, fresh)
}

function cannotWrite(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || error instanceof UserError) return error
  return new UserError(
    `${path} cannot be written (${code})`,
    code === 'ENOSPC'
      ? 'free some space, or name another folder with --catalog'
      : 'check the rights of the folder, or name another one with --catalog',
  )
}
