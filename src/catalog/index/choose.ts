// Which indexes of a store serve a plate: those of the epoch that is nearest to the plate's, for every part of the sky.
import { join } from 'node:path'
import type { Cone } from '../../math/healpix.ts'
import { difference, EMPTY_MOC, intersection, type Moc, skyShare, union } from '../../math/moc.ts'
import type { IndexFile } from '../indexes.ts'
import { mocOfCone } from '../store/coverage.ts'
import { openStores } from '../store/star-store.ts'
import { type IndexEntry, indexFolder, isThere, readIndexes } from './manifest.ts'

/** An index of a store. */
export interface StoreIndex extends IndexFile {
  release: string
  epochYr: number
  /** The part of the sky that it serves. */
  moc: Moc
}

/** Where the date of a plate is not known, half-way through the age of plates is nearest to all of them. */
const UNKNOWN_EPOCH_YR = 1950

/**
 * The indexes of a store (the folder with its releases), smallest quads first; none where there is no store.
 *
 * Of two that serve the same part of the sky with the same quads, the one whose epoch is nearer is taken, and of two as
 * near that of the later release. None is too far: fields were solved with indexes of 100 years later and more
 * (docs/decisions/indexes.md).
 * @param epochYr  of the plate; null: not known
 * @throws UserError when a manifest is damaged
 */
export async function indexesFor(storeFolder: string, epochYr: number | null): Promise<StoreIndex[]> {
  const wantedYr = epochYr ?? UNKNOWN_EPOCH_YR
  const all: { folder: string; entry: IndexEntry }[] = []
  for (const store of await openStores(storeFolder)) {
    const folder = indexFolder(store.folder)
    for (const entry of await readIndexes(folder)) all.push({ folder, entry })
  }
  const awayYr = ({ entry }: (typeof all)[0]) => Math.abs(entry.epoch_yr - wantedYr)
  all.sort((a, b) => awayYr(a) - awayYr(b) || (a.entry.release < b.entry.release ? 1 : -1))
  const served = new Map<number, Moc>() // by quads, the part of the sky that is looked after
  const found: StoreIndex[] = []
  for (const { folder, entry } of all) {
    const [quads] = entry.quads_arcmin
    const before = served.get(quads) ?? EMPTY_MOC
    if (difference(entry.moc, before).length === 0 || !(await isThere(folder, entry))) continue
    served.set(quads, union(before, entry.moc))
    found.push(storeIndex(folder, entry))
  }
  return found.sort((a, b) => a.smallestQuadArcmin - b.smallestQuadArcmin)
}

function storeIndex(folder: string, entry: IndexEntry): StoreIndex {
  const [smallestQuadArcmin, largestQuadArcmin] = entry.quads_arcmin
  return {
    path: join(folder, entry.file),
    smallestQuadArcmin,
    largestQuadArcmin,
    skyFraction: skyShare(entry.moc),
    release: entry.release,
    epochYr: entry.epoch_yr,
    moc: entry.moc,
  }
}

/** Those that serve a part of a field. */
export function indexesWithin(indexes: readonly StoreIndex[], field: Cone): StoreIndex[] {
  const moc = mocOfCone(field)
  return indexes.filter((index) => intersection(index.moc, moc).length > 0)
}
