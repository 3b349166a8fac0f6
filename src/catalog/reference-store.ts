// Reference stars from the store, to the depth of the plate. What the store lacks of the field is fetched, unless the run
// is offline; where it cannot be had, Tycho-2 serves.
import { readdir } from 'node:fs/promises'
import type { Config } from '../config.ts'
import { Cancelled, UserError } from '../errors.ts'
import { type Reason, reason } from '../issues.ts'
import type { Cone } from '../math/healpix.ts'
import { fetchForPlate } from './fetch-plate.ts'
import { indexesFor } from './index/choose.ts'
import type { Hint, ReferenceField, ReferenceOptions, ReferenceSource } from './reference.ts'
import { tycho2Source } from './reference-tycho2.ts'
import { usableAsReference } from './stars.ts'
import { COUNTED_MAGNITUDES } from './store/manifest.ts'
import { asReferenceStars, REFERENCE_COLUMNS } from './store/reference-stars.ts'
import { expectedCounts, openStores, type StarStore, starsInCone } from './store/star-store.ts'
import { bestStore, type Suitability } from './suitable-store.ts'

/** Reference stars wanted for every star that a plate shows: some of its own are artefacts, some of these too faint. */
const WANTED_PER_STAR = 4
const MIN_WANTED = 400

const NEARLY_ALL = 0.98

/** Tycho-2's indexes solve fields from about this size: smaller ones need stars before they can be solved. */
const TYCHO2_FIELD_DEG = 1

/** A place that is known worse than this many diagonals of the field is too vague to fetch stars for. */
const FETCHED_DIAGONALS = 2

/** @throws UserError where a store was named that is none, or its manifest is damaged. */
export async function storeSource(
  folder: string,
  config: Config,
  { workDir, signal, onStep, version }: ReferenceOptions,
): Promise<ReferenceSource> {
  let stores = await openStores(folder)
  // An empty folder may be filled on demand; one with other things in it was hardly meant.
  const isForeign = stores.length === 0 && (await readdir(folder).catch(() => [])).length > 0
  if (config.catalog !== undefined && (isForeign || (stores.length === 0 && config.offline))) {
    throw new UserError(
      `the folder ${folder} holds no store of reference stars`,
      'fill it with platepipe catalog fetch or platepipe catalog import, or give a file with --catalog',
    )
  }
  let trouble: string | null = null
  let chosen: Chosen | null = null
  let instead: ReferenceSource | null = null
  const fetches: Record<string, unknown>[] = []

  /** Makes sure, as far as may be, that the store has the field; null where it has too little of it. */
  const storeOf = async (field: Cone, plateStars: number): Promise<Suitability | null> => {
    const wanted = wantedStars(plateStars)
    const best = bestStore(stores, field, wanted, config.release)
    if (!config.offline && trouble === null && !best?.enough) {
      try {
        const fetch = { folder, field, wanted, config, version, signal, onStep }
        fetches.push(await fetchForPlate(fetch))
        stores = await openStores(folder)
        return bestStore(stores, field, wanted, config.release)
      } catch (error) {
        if (!(error instanceof UserError) || error instanceof Cancelled) throw error
        trouble = error.message
      }
    }
    return best
  }

  const read = async (store: StarStore, field: Cone, plateStars: number): Promise<ReferenceField> => {
    const options = { limitMag: depthFor(store, field, plateStars), names: REFERENCE_COLUMNS, signal }
    const stars = asReferenceStars(await starsInCone(store, field, options), store.manifest)
    return { stars, usable: usableAsReference(stars) }
  }

  return {
    isFile: false,
    indexes: (epochYr) => indexesFor(folder, epochYr),
    forSolving: async ({ place, fieldDeg, plateStars }: Hint) => {
      if (place === null || fieldDeg === null) return null
      const region = { ...place, radiusDeg: Math.min(180, place.radiusDeg + fieldDeg / 2) }
      // The plate's stars are spread over its own field, and the region is larger.
      const regionStars = plateStars * Math.max(1, (2 * region.radiusDeg) / fieldDeg) ** 2
      const isSmall = fieldDeg < TYCHO2_FIELD_DEG && place.radiusDeg < FETCHED_DIAGONALS * fieldDeg
      const wanted = wantedStars(regionStars)
      const best = isSmall
        ? await storeOf(region, regionStars)
        : bestStore(stores, region, wanted, config.release)
      if (best === null) return null
      return await read(best.store, region, Math.min(regionStars, MAX_SOLVING_STARS))
    },
    around: async (field, plateStars) => {
      const best = await storeOf(field, plateStars)
      if (best === null) {
        chosen = null
        instead = tycho2Source(config, workDir, signal, whyNoStore(folder, stores, config, trouble))
        return await instead.around(field, plateStars)
      }
      instead = null
      const found = await read(best.store, field, plateStars)
      chosen = { ...best, plateStars, found }
      return found
    },
    tooFew: (count, field) =>
      instead?.tooFew(count, field) ?? [
        reason(
          count === 0 ? 'REFERENCE_NOT_COVERING' : 'REFERENCE_TOO_FEW',
          `the store ${folder} has ${count} usable stars within ${field.radiusDeg.toFixed(2)}° of the plate's centre at ` +
            `${field.raDeg.toFixed(3)} ${field.decDeg.toFixed(3)}`,
          { stars: count, ra: field.raDeg, dec: field.decDeg, radius_deg: field.radiusDeg },
        ),
      ],
    reasons: (epochYr) =>
      instead?.reasons(epochYr) ??
      (chosen === null ? [] : [...lacking(folder, chosen, trouble), ...assumed(chosen)]),
    lacked: () => (chosen === null ? whyNoStore(folder, stores, config, trouble) : null),
    record: () =>
      instead?.record() ?? {
        store: folder,
        release: chosen?.store.manifest.release ?? null,
        generation: chosen?.store.manifest.generation ?? null,
        covered_share: chosen?.share ?? null,
        stars: chosen?.found.usable.length ?? null,
        fetched: fetches,
        trouble,
      },
  }
}

/** What served the plate. */
interface Chosen extends Suitability {
  plateStars: number
  found: ReferenceField
}

const MAX_SOLVING_STARS = 25_000

function wantedStars(plateStars: number): number {
  return Math.max(MIN_WANTED, WANTED_PER_STAR * plateStars)
}

/** The brightest limit to which the store has the stars that are wanted; undefined: all of them. */
function depthFor(store: StarStore, field: Cone, plateStars: number): number | undefined {
  const { counts } = expectedCounts(store, field)
  const enough = counts.findIndex((count) => count >= wantedStars(plateStars))
  return enough < 0 ? undefined : COUNTED_MAGNITUDES[enough]
}

function whyNoStore(
  folder: string,
  stores: readonly StarStore[],
  { offline }: Config,
  trouble: string | null,
): string {
  const lacking =
    stores.length === 0 ? `there is no store in ${folder}` : `the store ${folder} does not cover the field`
  if (offline) return `${lacking}, and the run is offline`
  return trouble === null ? lacking : `${lacking}, and no stars could be fetched (${trouble})`
}

/** What the store has too little of: of the field, or of faint stars. */
function lacking(folder: string, chosen: Chosen, trouble: string | null): Reason[] {
  const { store, share, found, plateStars } = chosen
  const { release } = store.manifest
  const stars = found.usable.length
  const why = trouble === null ? '' : `; no more could be fetched (${trouble})`
  const evidence = { share, stars, plate_stars: plateStars, release }
  if (share < NEARLY_ALL) {
    const part = `covers ${Math.round(100 * share)} % of the field with ${stars} stars of ${release}`
    return [reason('REFERENCE_PARTLY_COVERING', `the store ${folder} ${part}${why}`, evidence)]
  }
  if (chosen.enough || (stars >= plateStars && trouble === null)) return []
  const depth = `has ${stars} stars of ${release} in the field, and the plate shows ${plateStars}`
  return [reason('REFERENCE_SHALLOW', `the store ${folder} ${depth}${why}`, evidence)]
}

function assumed({ store, found }: Chosen): Reason[] {
  const { assumptions, name } = found.stars
  if (assumptions.length === 0) return []
  return [
    reason('REFERENCE_ERRORS_ASSUMED', assumptions.join('; '), { catalogue: store.folder, release: name }),
  ]
}
