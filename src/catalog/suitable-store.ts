// Which release of a store serves a plate, and whether it has enough of its field: one decision, for reading and fetching.
import type { Cone } from '../math/healpix.ts'
import { coveredShare, coveredTo } from './store/coverage.ts'
import { coveredAnyhow, expectedCounts, type StarStore } from './store/star-store.ts'

/** Below this share of the field, a handful of stars at its edge would carry the whole plate. */
const LEAST_SHARE = 0.5
/** Cells at the edge of a field are counted whole or not at all. */
const ENOUGH = 0.98
/** Deeper than this, a limit leaves out hardly any star of Gaia. */
export const DEEPEST = 20.5
/** Counts are estimates, and a plate reduced again finds a few stars more: it must not go on fetching for that. */
const LEAST_OF_WANTED = 0.5

export interface Suitability {
  store: StarStore
  /** Share of the field that it covers to whatever magnitude, 0 to 1. */
  share: number
  /** Stars that it has there, about. */
  stars: number
  /** It has the whole field, deep enough, or as deep as stars go. */
  enough: boolean
}

function suitabilityOf(store: StarStore, field: Cone, wanted: number): Suitability {
  const share = coveredAnyhow(store, field)
  const stars = expectedCounts(store, field).all
  const all = coveredShare(coveredTo(store.manifest.coverage, DEEPEST), field)
  return {
    store,
    share,
    stars,
    enough: share >= ENOUGH && (all >= ENOUGH || stars >= wanted * LEAST_OF_WANTED),
  }
}

/**
 * The release that was asked for where it has enough, else another that has, else the one with the most stars; null where
 * all have too little of the field.
 * @param wanted  stars that the plate asks for
 */
export function bestStore(
  stores: readonly StarStore[],
  field: Cone,
  wanted: number,
  release: string,
): Suitability | null {
  const good = stores
    .map((store) => suitabilityOf(store, field, wanted))
    .filter(({ share }) => share >= LEAST_SHARE)
  const isAsked = ({ store }: Suitability) => store.manifest.release === release
  good.sort((a, b) => {
    if (a.enough !== b.enough) return a.enough ? -1 : 1
    if (a.enough && isAsked(a) !== isAsked(b)) return isAsked(a) ? -1 : 1
    return b.stars - a.stars
  })
  return good[0] ?? null
}
