// A store of reference stars: one folder, with a folder for every release (gaia-dr2, gaia-dr3, …) that it holds.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { UserError } from '../../errors.ts'
import { type Cone, finestRange, insideCone, mayReach } from '../../math/healpix.ts'
import { cellsOf, intersection, skyShare, union } from '../../math/moc.ts'
import { DEG, unitVector } from '../../math/sphere.ts'
import { coveredShare, coveredTo, mocOfCone } from './coverage.ts'
import { COUNTED_MAGNITUDES, type Manifest, readManifest } from './manifest.ts'
import { blankColumn, STORED_NAMES, type StoredName } from './star-table.ts'
import { isReplaced, missingTile, readTile, type StarColumns } from './tile-read.ts'

/** Stars whose number puts them in a cell may lie outside its edge. */
const MARGIN_DEG = 0.05

/**
 * The folder of the store when none is named with --catalog: $PLATEPIPE_CATALOG, else `catalogs` in the working folder
 * when it holds a store, else a folder of the user's.
 */
export function defaultStoreFolder(environment = process.env): string {
  const named = environment.PLATEPIPE_CATALOG
  if (named !== undefined && named !== '') return resolve(named)
  if (existsSync('catalogs/gaia-dr2/tiles') || existsSync('catalogs/gaia-dr3/tiles'))
    return resolve('catalogs')
  const data = environment.XDG_DATA_HOME || join(homedir(), '.local', 'share')
  return resolve(data, 'platepipe', 'catalogs')
}

export interface StarStore {
  /** Of the release. */
  folder: string
  manifest: Manifest
}

/** The releases that a store holds, by name. Empty where there is no store. */
export async function openStores(folder: string): Promise<StarStore[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw new UserError(
      `the star store ${folder} cannot be read (${error.code})`,
      'check the rights of the folder, or name another store with --catalog',
    )
  })
  const found: StarStore[] = []
  for (const name of names.sort()) {
    const store = await openStore(join(folder, name))
    if (store !== null) found.push(store)
  }
  return found
}

/** One release; null when the folder holds none. */
export async function openStore(folder: string): Promise<StarStore | null> {
  const manifest = await readManifest(folder)
  return manifest === null ? null : { folder, manifest }
}

/** Share of a cone, 0 to 1, where the store has all stars down to `limitMag` (null: all that there are). */
export function storeCovers(store: StarStore, cone: Cone, limitMag: number | null): number {
  return coveredShare(coveredTo(store.manifest.coverage, limitMag), cone)
}

/** Share of a cone, 0 to 1, that the store covers to whatever magnitude. */
export function coveredAnyhow({ manifest }: StarStore, cone: Cone): number {
  return coveredShare(union(...manifest.coverage.map(({ moc }) => moc)), cone)
}

/**
 * About how many stars the store has in a cone down to each of COUNTED_MAGNITUDES, and in all: the stars of a tile are
 * taken to be spread evenly over what is covered of it.
 */
export function expectedCounts(store: StarStore, cone: Cone): { counts: number[]; all: number } {
  const covered = union(...store.manifest.coverage.map(({ moc }) => moc))
  const field = intersection(mocOfCone(cone), covered)
  const counts = COUNTED_MAGNITUDES.map(() => 0)
  let all = 0
  for (const tile of store.manifest.tiles) {
    if (!mayReach(tile, cone)) continue
    const range = [finestRange(tile)]
    const share = skyShare(intersection(range, field)) / skyShare(intersection(range, covered))
    if (!(share > 0)) continue
    for (const [n, count] of tile.g_counts.entries()) counts[n]! += count * share
    all += tile.rows * share
  }
  return { counts, all }
}

/**
 * The stars of a cone, bright tiles' stars first within each tile.
 * @param names  columns wanted
 * @throws UserError for a damaged tile; Cancelled
 */
export async function starsInCone<N extends StoredName = StoredName>(
  store: StarStore,
  cone: Cone,
  options: { limitMag?: number | undefined; names?: readonly N[]; signal?: AbortSignal | undefined } = {},
): Promise<StarColumns<N>> {
  for (;;) {
    try {
      return await collect(store, cone, options)
    } catch (error) {
      const newer = isReplaced(error) ? await readManifest(store.folder) : null
      if (newer === null || newer.generation === store.manifest.generation) throw missingTile(error)
      store.manifest = newer
    }
  }
}

async function collect<N extends StoredName>(
  { folder, manifest }: StarStore,
  cone: Cone,
  {
    limitMag,
    names,
    signal,
  }: { limitMag?: number | undefined; names?: readonly N[]; signal?: AbortSignal | undefined },
): Promise<StarColumns<N>> {
  const wanted = names ?? (STORED_NAMES as readonly StoredName[] as readonly N[])
  const read: StoredName[] = [...new Set<StoredName>([...wanted, 'ra', 'dec', 'phot_g_mean_mag'])]
  const wide = { ...cone, radiusDeg: Math.min(180, cone.radiusDeg + MARGIN_DEG) }
  const inside = insideCone(cone)
  const band = cone.radiusDeg * (1 + 1e-9) + 1e-12
  // The store's magnitudes are single reals: a star of G = 15.1 is as bright as a limit of 15.1.
  const limit = limitMag === undefined ? Number.POSITIVE_INFINITY : Math.fround(limitMag)
  const reaches = (first: number, last: number) =>
    cellsOf([[first, last + 1]]).some((cell) => mayReach(cell, wide))
  const parts: StarColumns<N>[] = []
  for (const tile of manifest.tiles) {
    if (!mayReach(tile, wide)) continue
    for await (const batch of readTile(folder, tile, read, limit, signal, reaches)) {
      const { ra, dec, phot_g_mean_mag: mag } = batch.columns
      const rows: number[] = []
      for (let i = 0; i < batch.length; i++) {
        if (!(mag[i]! <= limit) && limit !== Number.POSITIVE_INFINITY) continue
        // Most stars of a tile that only reaches into the cone lie north or south of all of it.
        if (Math.abs(dec[i]! - cone.decDeg) > band) continue
        if (inside(unitVector(ra[i]! * DEG, dec[i]! * DEG))) rows.push(i)
      }
      // What is kept of a batch is a copy: the batch itself may go.
      if (rows.length > 0) parts.push(picked(batch, rows, wanted))
    }
  }
  return joined(parts, wanted)
}

function picked<N extends StoredName>(
  batch: StarColumns<StoredName>,
  rows: readonly number[],
  names: readonly N[],
): StarColumns<N> {
  const columns = names.map((name) => {
    const from = batch.columns[name]
    const to = blankColumn(name, rows.length)
    rows.forEach((row, i) => {
      to[i] = from[row]!
    })
    return [name, to]
  })
  return { length: rows.length, columns: Object.fromEntries(columns) }
}

function joined<N extends StoredName>(parts: readonly StarColumns<N>[], names: readonly N[]): StarColumns<N> {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const columns = names.map((name) => {
    const all = blankColumn(name, length)
    let at = 0
    for (const part of parts) {
      ;(all as Float64Array).set(part.columns[name] as Float64Array, at)
      at += part.length
    }
    return [name, all]
  })
  return { length, columns: Object.fromEntries(columns) }
}
