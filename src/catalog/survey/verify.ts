// Checks a store from its manifest to its last star, and can take out of it what is damaged.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { throwIfCancelled, UserError } from '../../errors.ts'
import { finestRange } from '../../math/healpix.ts'
import { difference, intersection, type Moc, mocOfCells, union } from '../../math/moc.ts'
import { commitManifest, type Manifest, readManifest, type TileEntry } from '../store/manifest.ts'
import type { StarStore } from '../store/star-store.ts'
import { type Stray, strays } from '../store/strays.ts'
import { checkTile, type TileFinding } from './tile-check.ts'

export interface Damage {
  /** Of the tile, relative to the folder of the release. */
  file: string
  /** `order/pixel` */
  cell: string
  rows: number
  what: string
}

export interface Verified {
  release: string
  folder: string
  /** Number of the manifest that was checked. */
  generation: number
  tiles: number
  rows: number
  bytes: number
  damaged: Damage[]
  /** What the manifest itself says wrongly; a repair counts again. */
  manifestFaults: string[]
  strays: Stray[]
  /** What a repair has dropped, and what of the sky is no longer covered; null where none was needed or wanted. */
  repaired: { tiles: number; rows: number; lost: Moc; generation: number } | null
}

export interface Verifying {
  repair?: boolean
  signal?: AbortSignal | undefined
  onStep?: ((text: string) => void) | undefined
}

/** Whether the store can be relied on as it is now. */
export function isSound({ damaged, manifestFaults, repaired }: Verified): boolean {
  return repaired !== null || (damaged.length === 0 && manifestFaults.length === 0)
}

/**
 * Reads every tile of a release whole, one after the other. With `repair`, the store then goes on without the damaged
 * tiles, and no longer says that it covers their cells; everything else stays. Other processes may fill the store
 * meanwhile: what they add is checked too.
 * @throws UserError for a damaged manifest, or files that may not be read; Cancelled
 */
export async function verifyStore(store: StarStore, options: Verifying = {}): Promise<Verified> {
  const { folder } = store
  const findings = new Map<string, TileFinding>()
  let manifest = store.manifest
  for (;;) {
    await checkAll(folder, manifest, findings, options)
    const newest = await newestOf(folder)
    const isSettled = newest.generation === manifest.generation
    manifest = newest
    if (isSettled) break
  }
  const damagedTiles = manifest.tiles.flatMap((tile) => {
    const finding = findings.get(tile.file)
    return finding ? [{ tile, what: finding.what }] : []
  })
  const overlaps = overlapping(manifest.tiles).map((tile) => ({
    tile,
    what: 'its cell lies in that of another tile',
  }))
  const damaged = [
    ...damagedTiles,
    ...overlaps.filter(({ tile }) => !damagedTiles.some((one) => one.tile === tile)),
  ]
  const faults = manifestFaults(manifest)
  const wantsRepair = options.repair === true && (damaged.length > 0 || faults.length > 0)
  if (wantsRepair) refuseIfGone(folder, manifest)
  const broken = new Set(damaged.map(({ tile }) => tile.file))
  const repaired = wantsRepair ? await dropTiles(folder, broken) : null
  return {
    release: manifest.release,
    folder,
    generation: manifest.generation,
    tiles: manifest.tiles.length,
    rows: manifest.rows,
    bytes: manifest.tiles.reduce((sum, { bytes }) => sum + bytes, 0),
    damaged: damaged.map(({ tile, what }) => ({
      file: tile.file,
      cell: `${tile.order}/${tile.pixel}`,
      rows: tile.rows,
      what,
    })),
    manifestFaults: faults,
    strays: (await strays(folder, await newestOf(folder), options.repair === true)).filter(
      ({ file }) => !broken.has(file),
    ),
    repaired,
  }
}

async function checkAll(
  folder: string,
  manifest: Manifest,
  findings: Map<string, TileFinding>,
  { signal, onStep }: Verifying,
): Promise<void> {
  for (const [n, tile] of manifest.tiles.entries()) {
    throwIfCancelled(signal)
    if (findings.has(tile.file)) continue // a tile's file never changes, only its being in the manifest
    onStep?.(`tile ${n + 1} of ${manifest.tiles.length} of ${manifest.release}`)
    findings.set(tile.file, await checkTile(folder, tile))
  }
}

async function newestOf(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder)
  if (manifest !== null) return manifest
  throw new UserError(
    `the manifests of ${folder} have gone`,
    'see whether the folder was removed or its disk unmounted',
  )
}

/** Tiles whose cells lie within those of others. */
function overlapping(tiles: readonly TileEntry[]): TileEntry[] {
  const sorted = [...tiles].sort((a, b) => finestRange(a)[0] - finestRange(b)[0] || a.order - b.order)
  let covered = 0
  return sorted.filter((tile) => {
    const [first, end] = finestRange(tile)
    const overlaps = first < covered
    covered = Math.max(covered, end)
    return overlaps
  })
}

function manifestFaults({ tiles, rows }: Manifest): string[] {
  const sum = rowsOf(tiles)
  return rows === sum ? [] : [`it counts ${rows} stars, and its tiles ${sum}`]
}

const rowsOf = (tiles: readonly TileEntry[]): number => tiles.reduce((sum, tile) => sum + tile.rows, 0)

/** All tiles at once are not damaged, but elsewhere. */
function refuseIfGone(folder: string, { tiles }: Manifest): void {
  if (tiles.length === 0 || tiles.some(({ file }) => existsSync(join(folder, file)))) return
  throw new UserError(
    `not one of the ${tiles.length} tiles of ${folder} is there`,
    'mount their disk, or bring them back; or delete the folder, and fetch or import the stars again',
  )
}

/** Commits a state without these files; again when another process was quicker. */
async function dropTiles(folder: string, files: ReadonlySet<string>): Promise<Verified['repaired']> {
  for (;;) {
    const newest = await newestOf(folder)
    const dropped = newest.tiles.filter(({ file }) => files.has(file))
    const tiles = newest.tiles.filter(({ file }) => !files.has(file))
    const gone = mocOfCells(dropped)
    const lost = intersection(gone, union(...newest.coverage.map(({ moc }) => moc)))
    const coverage = newest.coverage
      .map((one) => ({ ...one, moc: difference(one.moc, gone) }))
      .filter(({ moc }) => moc.length > 0)
    const generation = newest.generation + 1
    if (await commitManifest(folder, { ...newest, generation, tiles, rows: rowsOf(tiles), coverage }))
      return { tiles: dropped.length, rows: rowsOf(dropped), lost, generation }
  }
}
