// What the commands `platepipe catalog …` share: their checked options, the folder of the store, the field.
import { resolve } from 'node:path'
import type * as z from 'zod'
import { CATALOG_COMMANDS, CATALOG_PARAMETERS } from '../catalog/parameters.ts'
import { defaultStoreFolder } from '../catalog/store/star-store.ts'
import { UserError } from '../errors.ts'
import type { Cone } from '../math/healpix.ts'
import { checkedValue, type Parameter } from '../parameter.ts'
import { type ParameterTable, pick, rawValues } from './options.ts'

type Parameters = typeof CATALOG_PARAMETERS
export type CatalogConfig = { [K in keyof Parameters]: z.output<Parameters[K]['schema']> }
export type CatalogCommand = keyof typeof CATALOG_COMMANDS

/** The options of a command as commander's table. */
export const tableOf = (command: CatalogCommand): ParameterTable =>
  pick(CATALOG_PARAMETERS, CATALOG_COMMANDS[command])

/** The options that were given, checked, and the defaults of the others. @throws UserError naming the first bad one. */
export function catalogConfig(command: CatalogCommand, options: Record<string, unknown>): CatalogConfig {
  const raw = rawValues(tableOf(command), options)
  const entries = Object.entries<Parameter<unknown>>(CATALOG_PARAMETERS)
  const config = Object.fromEntries(
    entries.map(([name, parameter]) => [name, checkedValue(parameter, raw[name])]),
  ) as CatalogConfig
  if (config.quiet && config.verbose) {
    throw new UserError('--quiet and --verbose were both given', 'give one of them, or neither')
  }
  return config
}

export function storeFolderOf({ catalog }: CatalogConfig): string {
  return catalog === undefined ? defaultStoreFolder() : resolve(catalog)
}

/** The field of --ra, --dec and --radius; undefined where none of them was given. */
export function coneOf({ ra, dec, radius }: CatalogConfig): Cone | undefined {
  if (ra === undefined && dec === undefined && radius === undefined) return undefined
  const lacking = Object.entries({ '--ra': ra, '--dec': dec, '--radius': radius }).filter(
    ([, value]) => value === undefined,
  )
  if (lacking.length > 0) {
    throw new UserError(
      `the field is not complete: ${lacking.map(([flag]) => flag).join(' and ')} lacking`,
      'give --ra, --dec and --radius, in degrees',
    )
  }
  return { raDeg: ra!, decDeg: dec!, radiusDeg: radius! }
}

export function neededCone(config: CatalogConfig): Cone {
  const cone = coneOf(config)
  if (cone !== undefined) return cone
  throw new UserError(
    'no field was given',
    'give its centre and radius with --ra, --dec and --radius, in degrees',
  )
}
