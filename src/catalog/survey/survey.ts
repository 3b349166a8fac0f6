// What a store holds, from its manifest alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { skyShare } from '../../math/moc.ts'
import { COUNTED_MAGNITUDES, type Coverage, type Source } from '../store/manifest.ts'
import type { StarStore } from '../store/star-store.ts'

export interface Surveyed {
  release: string
  folder: string
  refEpochYr: number
  rows: number
  bytes: number
  tiles: { count: number; orders: [least: number, most: number] | null; medianRows: number; mostRows: number }
  /** Deepest first; the parts of the sky do not overlap. */
  coverage: {
    limitMag: number | null
    estimated: boolean
    areaDeg2: number
    skyShare: number
    moc: Coverage['moc']
  }[]
  /** Stars with G ≤ `limitMag`, and in the last entry those without or beyond: all. */
  counts: { limitMag: number | null; stars: number }[]
  sources: Source[]
  /** Indexes of astrometry.net that were made from the store. */
  indexes: number
}

/** Area of the sky, square degrees. */
export const SKY_DEG2 = 129600 / Math.PI

/** Sums up one release. */
export async function surveyStore({ folder, manifest }: StarStore): Promise<Surveyed> {
  const { tiles, coverage } = manifest
  const rows = tiles.map((tile) => tile.rows).sort((a, b) => a - b)
  const orders = tiles.map(({ order }) => order)
  return {
    release: manifest.release,
    folder,
    refEpochYr: manifest.ref_epoch,
    rows: manifest.rows,
    bytes: tiles.reduce((sum, { bytes }) => sum + bytes, 0),
    tiles: {
      count: tiles.length,
      orders: tiles.length === 0 ? null : [least(orders), most(orders)],
      medianRows: rows[rows.length >> 1] ?? 0,
      mostRows: rows.at(-1) ?? 0,
    },
    coverage: coverage.map(({ limit_mag, estimated, moc }) => {
      const share = skyShare(moc)
      return { limitMag: limit_mag, estimated, areaDeg2: share * SKY_DEG2, skyShare: share, moc }
    }),
    counts: [
      ...COUNTED_MAGNITUDES.map((limitMag, k) => ({
        limitMag,
        stars: tiles.reduce((sum, tile) => sum + (tile.g_counts[k] ?? 0), 0),
      })),
      { limitMag: null, stars: manifest.rows },
    ],
    sources: manifest.sources,
    indexes: await countIndexes(folder),
  }
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b))
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b))

/** How many entries the list of indexes has, where there is one. */
async function countIndexes(folder: string): Promise<number> {
  try {
    const list: unknown = JSON.parse(await readFile(join(folder, 'indexes.json'), 'utf8'))
    const entries = Array.isArray(list) ? list : (list as { indexes?: unknown }).indexes
    return Array.isArray(entries) ? entries.length : 0
  } catch {
    return 0 // none, or one that is just being written: a count is no reason to fail
  }
}
