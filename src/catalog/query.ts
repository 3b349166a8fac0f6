// Stars of the store for other programs: a cone, to a magnitude, at the epoch of the release or another.
import type { Cone } from '../math/healpix.ts'
import { inSteps } from '../steps.ts'
import { atAnotherEpoch } from './query/at-another-epoch.ts'
import { type StarStore, starsInCone } from './store/star-store.ts'
import { pickRows, type StarTable } from './store/star-table.ts'

export interface QueriedStars {
  stars: StarTable
  /** Julian year of the places, motions, parallaxes and radial velocities, and of their errors. */
  epochYr: number
  release: string
  /** Stars that could not be moved to the epoch and were left out. */
  withoutMotion: number
}

/**
 * The stars of a cone, brightest first.
 * @param epochYr  the epoch to which they are moved, errors and all; undefined: that of the release
 * @throws UserError for a damaged tile; Cancelled
 */
export async function queryStore(
  store: StarStore,
  cone: Cone,
  options: { limitMag?: number | undefined; epochYr?: number | undefined; signal: AbortSignal },
): Promise<QueriedStars> {
  const found = (await starsInCone(store, cone, options)) as StarTable
  const { release, ref_epoch: refEpochYr } = store.manifest
  const mags = found.columns.phot_g_mean_mag
  const fainter = (a: number, b: number) => (Number.isNaN(a) ? 99 : a) - (Number.isNaN(b) ? 99 : b)
  const rows = Int32Array.from({ length: found.length }, (_, i) => i).sort((a, b) =>
    fainter(mags[a]!, mags[b]!),
  )
  const sorted = pickRows(found, rows)
  const { epochYr = refEpochYr, signal } = options
  if (epochYr === refEpochYr) return { stars: sorted, epochYr, release, withoutMotion: 0 }
  const stars = await inSteps(atAnotherEpoch(sorted, epochYr - refEpochYr), signal)
  return { stars, epochYr, release, withoutMotion: found.length - stars.length }
}
