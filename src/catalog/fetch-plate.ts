// The stars that a plate needs, fetched on demand: its field, to about its own depth.
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Cone } from '../math/healpix.ts'
import { fetchField, idsOf, mocOfField } from './fetch.ts'
import { sharedGaia } from './gaia.ts'
import { DEEPEST } from './suitable-store.ts'
import type { GaiaService } from './tap/gaia-service.ts'

const FIRST_TRY = 14
/** Star counts grow by about this power of ten per magnitude. */
const GROWTH_PER_MAG = 0.35
const TRIES = 5
const LIMIT_STEP = 0.5

/** Far below the limits of every service. */
const QUERY_ROWS = 100_000

/** A plate has Tycho-2 to fall back on: services that do not answer are not waited for as long as a fetch would. */
const IMPATIENT = { openAttempts: 1, answerSeconds: 20, syncSeconds: 60, attempts: 3 }

export interface PlateFetch {
  /** Of the store. */
  folder: string
  field: Cone
  /** Stars. */
  wanted: number
  config: Config
  /** Of platepipe. */
  version: string
  signal: AbortSignal
  onStep: (text: string) => void
}

/**
 * Fetches what the store lacks of the field of a plate.
 * @returns what was fetched, for the record
 * @throws UserError when no service answers; Cancelled
 */
export async function fetchForPlate(input: PlateFetch): Promise<Record<string, unknown>> {
  const { folder, field, wanted, config, version, signal, onStep } = input
  const options = { signal, onStep }
  const { release } = config
  const choice = { release, mirrors: config.mirror, version, settings: IMPATIENT }
  const service = await sharedGaia({ ...choice, ...options })
  const limitMag = await limitFor(service, field, wanted, options)
  const depth = limitMag === null ? 'all stars' : `stars to G = ${limitMag}`
  onStep(`fetching ${depth} within ${field.radiusDeg.toFixed(2)}° from ${service.name}`)
  const { stars, queries } = await fetchField({
    ...{
      openService: async () => service,
      cone: field,
      limitMag,
      queryRows: QUERY_ROWS,
      by: `platepipe ${version} reduce`,
      signal,
      onStep,
    },
    folder: join(folder, config.release),
    onProgress: (done, count) => onStep(`fetched ${count} stars, ${Math.round(100 * done)} % of the field`),
  })
  return { service: service.name, release: config.release, limit_mag: limitMag, stars, queries }
}

/** The limit, in steps of half a magnitude, to which a service has the wanted stars in the field; null: no limit. */
async function limitFor(
  service: GaiaService,
  cone: Cone,
  wanted: number,
  options: { signal: AbortSignal; onStep: (text: string) => void },
): Promise<number | null> {
  const field = mocOfField(cone)
  let limit = FIRST_TRY
  for (let n = 0; n < TRIES; n++) {
    const count = await service.countRange(idsOf(field, limit), options)
    const step = Math.log10(wanted / Math.max(count, 1)) / GROWTH_PER_MAG
    if (step <= 0 && step > -2 * LIMIT_STEP) break
    limit = Math.ceil((limit + step) / LIMIT_STEP) * LIMIT_STEP
    if (limit >= DEEPEST) return null
  }
  return limit
}
