// The stars of one index: how deep it must go, which of the store's stars these are, and where they were at its epoch.
import { createHash } from 'node:crypto'
import { propagate } from '../../math/epoch.ts'
import { finestRange } from '../../math/healpix.ts'
import { intersection, type Moc, mocText, skyShare } from '../../math/moc.ts'
import { COUNTED_MAGNITUDES, type Manifest, type TileEntry } from '../store/manifest.ts'
import { type StarStore, starsInCone } from '../store/star-store.ts'
import { cellsOn, type Region, SKY_DEG2 } from './regions.ts'
import { STARS_PER_CELL } from './scales.ts'

/** Stars are crowded here and sparse there: with this many times the mean, most cells get their STARS_PER_CELL. */
const SPARE = 3

/** Faint stars are many, and each place is only as good as the plate's: what else moves a star is left out. */
const NAMES = ['ra', 'dec', 'pmra', 'pmdec', 'phot_g_mean_mag'] as const

export interface IndexStars {
  length: number
  /** At the epoch of the index. */
  raDeg: Float64Array
  decDeg: Float64Array
  gMag: Float64Array
}

/**
 * The magnitude G down to which a region has enough stars for quads from `lowArcmin`; null: all that there are.
 * @param covered  what the store covers in all
 * @param faintest  never fainter than this; null: no such limit
 */
export function depthOf(
  manifest: Manifest,
  covered: Moc,
  region: Region,
  lowArcmin: number,
  faintest: number | null,
): number | null {
  const counts = COUNTED_MAGNITUDES.map(() => 0)
  for (const tile of tilesOf(manifest, region)) {
    const range = [finestRange(tile)]
    const share = skyShare(intersection(range, region.starsMoc)) / skyShare(intersection(range, covered))
    for (const [n, count] of tile.g_counts.entries()) counts[n]! += count * Math.min(1, share)
  }
  const wanted = SPARE * STARS_PER_CELL * cellsOn(skyShare(region.starsMoc) * SKY_DEG2, lowArcmin)
  const at = counts.findIndex((count) => count >= wanted)
  const limit = at < 0 ? null : between(at, counts, wanted)
  return limit === null || faintest === null ? (limit ?? faintest) : Math.min(limit, faintest)
}

/** Counts grow about as a power of ten with the magnitude; rounded up to a tenth. */
function between(at: number, counts: readonly number[], wanted: number): number {
  const upper = COUNTED_MAGNITUDES[at]!
  const [fewer, more] = [counts[at - 1] ?? 0, counts[at]!]
  if (!(fewer > 0) || more === fewer) return upper
  return upper - Math.floor((10 * Math.log(more / wanted)) / Math.log(more / fewer)) / 10
}

function tilesOf({ tiles }: Manifest, { starsMoc }: Region): TileEntry[] {
  return tiles.filter((tile) => touches(starsMoc, ...finestRange(tile)))
}

/** Whether cells from the first up to the end are in the MOC; a store has many tiles, and is asked about many regions. */
function touches(moc: Moc, first: number, end: number): boolean {
  let low = 0
  let high = moc.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (moc[middle]![1] <= first) low = middle + 1
    else high = middle
  }
  return low < moc.length && moc[low]![0] < end
}

/** The state of the store in a region: the same text as long as neither its stars nor its coverage change there. */
export function stateOf(manifest: Manifest, region: Region): string {
  const sums = tilesOf(manifest, region).map(({ sha256 }) => sha256)
  return createHash('sha256')
    .update([...sums.sort(), mocText(region.starsMoc)].join('\n'))
    .digest('hex')
}

/**
 * The stars of a region down to `limitMag` (null: all that have a magnitude) at each place where they were at `epochYr`.
 * Those without a proper motion stay where they are.
 * @throws UserError for a damaged tile; Cancelled
 */
export async function indexStars(
  store: StarStore,
  region: Region,
  {
    limitMag,
    epochYr,
    signal,
  }: { limitMag: number | null; epochYr: number; signal?: AbortSignal | undefined },
): Promise<IndexStars> {
  const dtYr = epochYr - store.manifest.ref_epoch
  const limit = limitMag === null ? {} : { limitMag }
  const parts: IndexStars[] = []
  for (const { cone, wants } of region.parts) {
    const { length, columns } = await starsInCone(store, cone, { ...limit, names: NAMES, signal })
    const rows: number[] = []
    for (let i = 0; i < length; i++) {
      if (!Number.isFinite(columns.phot_g_mean_mag[i]!)) continue
      if (wants(columns.ra[i]!, columns.dec[i]!)) rows.push(i)
    }
    const part = blank(rows.length)
    rows.forEach((row, i) => {
      const moved = propagate(
        {
          raDeg: columns.ra[row]!,
          decDeg: columns.dec[row]!,
          pmRaMasYr: columns.pmra[row]!,
          pmDecMasYr: columns.pmdec[row]!,
          parallaxMas: Number.NaN,
          radialVelocityKmS: Number.NaN,
        },
        dtYr,
      )
      part.raDeg[i] = moved.raDeg
      part.decDeg[i] = moved.decDeg
      part.gMag[i] = columns.phot_g_mean_mag[row]!
    })
    parts.push(part)
  }
  return joined(parts)
}

function blank(length: number): IndexStars {
  const column = () => new Float64Array(length)
  return { length, raDeg: column(), decDeg: column(), gMag: column() }
}

function joined(parts: readonly IndexStars[]): IndexStars {
  const all = blank(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    for (const name of ['raDeg', 'decDeg', 'gMag'] as const) all[name].set(part[name], at)
    at += part.length
  }
  return all
}
