// Where the reference stars of a plate come from: a file given by the user; else the store, filled from the network where
// it may be; else the Tycho-2 stars of the installed indexes.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Config } from '../config.ts'
import type { Reason } from '../issues.ts'
import type { Cone } from '../math/healpix.ts'
import type { StoreIndex } from './index/choose.ts'
import { fileSource } from './reference-file.ts'
import { storeSource } from './reference-store.ts'
import type { ReferenceStars } from './stars.ts'
import { defaultStoreFolder } from './store/star-store.ts'

export interface ReferenceField {
  stars: ReferenceStars
  /** Rows that have all that a reference star needs. */
  usable: Int32Array
}

/** What is known of a plate before it is solved. */
export interface Hint {
  /** Where its centre may lie; null: anywhere. */
  place: Cone | null
  /** Diagonal of the field, degrees; null: unknown. */
  fieldDeg: number | null
  /** Stars that it shows: reference stars are wanted to about its depth. */
  plateStars: number
}

export interface ReferenceSource {
  /** Stars of which an index of the plate's own field is made; null where there are none before it is solved. */
  forSolving(hint: Hint): Promise<ReferenceField | null>
  /** astrometry.net indexes made of these stars, for the epoch of the plate (null: unknown). */
  indexes(epochYr: number | null): Promise<StoreIndex[]>
  /** The stars around a place on the sky, for a plate that shows `plateStars`. */
  around(field: Cone, plateStars: number): Promise<ReferenceField>
  /** What to tell when `count` stars are too few for a plate in this field. */
  tooFew(count: number, field: Cone): Reason[]
  /** What the catalogue lacked, for a plate of this epoch. */
  reasons(epochYr: number): Reason[]
  /** A file given by the user, not a store or the installed indexes. */
  isFile: boolean
  /** Why no better stars served, for a plate that was not solved; null where nothing was lacking. */
  lacked(): string | null
  /** For run.json: what was read, and what was fetched for it. */
  record(): Record<string, unknown>
}

export interface ReferenceOptions {
  workDir: string
  signal: AbortSignal
  /** What is being read or fetched, for a person. */
  onStep: (text: string) => void
  /** Of platepipe. */
  version: string
}

/** Opens the reference stars that the configuration names. Rejects with a UserError when a file or store is unusable. */
export async function openReference(config: Config, options: ReferenceOptions): Promise<ReferenceSource> {
  const { catalog } = config
  const isStore = catalog === undefined || (await stat(catalog).catch(() => null))?.isDirectory()
  if (!isStore) return await fileSource(catalog, options.workDir, options.signal)
  // Programs run in other folders: a path must not depend on where one is.
  const folder = catalog === undefined ? defaultStoreFolder() : resolve(catalog)
  return await storeSource(folder, config, options)
}
