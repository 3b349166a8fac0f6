// What a store holds, from its manifests alone.
import { skyShare } from '../../math/moc.ts'
import { indexFolder, readIndexes } from '../index/manifest.ts'
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
  indexes: { count: number; epochsYr: number[]; bytes: number }
}

/** Area of the sky, square degrees. */
export const SKY_DEG2 = 129600 / Math.PI

/** Sums up one release. @throws UserError for a damaged manifest of indexes */
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
    indexes: await surveyIndexes(folder),
  }
}

const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b))
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b))

async function surveyIndexes(folder: string): Promise<Surveyed['indexes']> {
  const indexes = await readIndexes(indexFolder(folder))
  return {
    count: indexes.length,
    epochsYr: [...new Set(indexes.map(({ epoch_yr }) => epoch_yr))].sort((a, b) => a - b),
    bytes: indexes.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}
