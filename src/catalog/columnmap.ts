// Which column of a catalogue is which quantity, by catalogs/columns.json: names are data, not code.
import { readFileSync } from 'node:fs'
import { UserError } from '../errors.ts'
import type { CellKind, TableField } from '../formats/columntable.ts'
import type { Correlation } from './stars.ts'

/** What a column can be, in the unit that its name ends with. */
export type Role =
  | 'sourceId'
  | 'refEpochYr'
  | 'raDeg'
  | 'decDeg'
  | 'raErrorMas'
  | 'decErrorMas'
  | 'pmRaMasYr'
  | 'pmDecMasYr'
  | 'pmRaErrorMasYr'
  | 'pmDecErrorMasYr'
  | 'parallaxMas'
  | 'parallaxErrorMas'
  | 'radialVelocityKmS'
  | 'radialVelocityErrorKmS'
  | Correlation
  | 'gMag'
  | 'bpRp'
  | 'bpMag'
  | 'rpMag'
  | 'ruwe'
  | 'excessNoiseMas'
  | 'paramsSolved'
  | 'visibilityPeriods'

interface ColumnMap {
  columns: Record<Role, { names: string[]; quantity: string }>
  placesAt2000: { raDeg: string[]; decDeg: string[] }
  /** Per quantity: the number by which a value in that unit is multiplied. */
  units: Record<string, Record<string, number>>
  releases: Record<string, { epochYr: number; mentions: string }>
  columnsOfOneRelease: Record<string, string[]>
}

export const COLUMN_MAP: ColumnMap = JSON.parse(
  readFileSync(new URL('../../catalogs/columns.json', import.meta.url), 'utf8'),
)

/** Letter case does not count, and `BP-RP` is `bp_rp`. */
export function plainName(name: string): string {
  return name.trim().toLowerCase().replaceAll(/[-. ]/g, '_')
}

export interface MappedColumn {
  /** Index among the fields. */
  index: number
  name: string
  /** Multiplies a value into the unit of the role's name. */
  factor: number
  /** The unit as written, where it is not one that is known for the quantity. */
  unknownUnit: string | undefined
}

export interface MappedColumns {
  roles: Map<Role, MappedColumn>
  /** The places are VizieR's, moved to the epoch 2000.0. */
  placesAt2000: boolean
}

/** Names of the file's columns for some of the roles, by its user. */
export type GivenNames = ReadonlyMap<Role, string>

/** @throws UserError when a name that was given is none of the table's. */
export function mapColumns(
  fields: readonly TableField[],
  given: GivenNames = new Map(),
  path = 'the table',
): MappedColumns {
  const indexOf = new Map<string, number>()
  fields.forEach(({ name }, index) => {
    if (!indexOf.has(plainName(name))) indexOf.set(plainName(name), index)
  })
  const find = (names: readonly string[]) =>
    names.map((name) => indexOf.get(plainName(name))).find((index) => index !== undefined)
  const roles = new Map<Role, MappedColumn>()
  for (const [role, { names, quantity }] of Object.entries(COLUMN_MAP.columns) as [
    Role,
    ColumnMap['columns'][Role],
  ][]) {
    const name = given.get(role)
    const index = name === undefined ? find(names) : indexOfGiven(fields, name, find, path)
    if (index !== undefined) roles.set(role, mapped(fields[index]!, index, quantity))
  }
  if (roles.has('raDeg') && roles.has('decDeg')) return { roles, placesAt2000: false }
  const ra = find(COLUMN_MAP.placesAt2000.raDeg)
  const dec = find(COLUMN_MAP.placesAt2000.decDeg)
  if (ra === undefined || dec === undefined) return { roles, placesAt2000: false }
  roles.set('raDeg', mapped(fields[ra]!, ra, 'angle'))
  roles.set('decDeg', mapped(fields[dec]!, dec, 'angle'))
  return { roles, placesAt2000: true }
}

function indexOfGiven(
  fields: readonly TableField[],
  name: string,
  find: (names: readonly string[]) => number | undefined,
  path: string,
): number {
  const exact = fields.findIndex((field) => field.name === name)
  const index = exact >= 0 ? exact : find([name])
  if (index !== undefined) return index
  throw new UserError(
    `${path} has no column ${name}; its columns are: ${listNames(fields)}`,
    'name a column of the file after the = in --map',
  )
}

const SHOWN_COLUMNS = 40

/** The names of the columns, for a message. */
function listNames(fields: readonly TableField[]): string {
  const names = fields.map(({ name }) => name || '(no name)')
  const shown = names.slice(0, SHOWN_COLUMNS).join(', ') + (names.length > SHOWN_COLUMNS ? ', …' : '')
  return shown || 'none'
}

/**
 * What to read of each column, where places are there.
 * @throws UserError naming the columns there are when there are none of places.
 */
export function kindsOf(
  path: string,
  fields: readonly TableField[],
  { roles }: MappedColumns,
  isWanted: (role: Role) => boolean,
): CellKind[] {
  if (!roles.has('raDeg') || !roles.has('decDeg')) {
    throw new UserError(
      `${path} has no columns of right ascension and declination; its columns are: ${listNames(fields)}`,
      'name them ra and dec as in the Gaia archive, or RA_ICRS and DE_ICRS as in VizieR',
    )
  }
  const kinds: CellKind[] = fields.map(() => 'skip')
  for (const [role, { index }] of roles) {
    if (isWanted(role)) kinds[index] = role === 'sourceId' ? 'id' : 'number'
  }
  return kinds
}

function mapped(field: TableField, index: number, quantity: string): MappedColumn {
  const factors = COLUMN_MAP.units[quantity] ?? {}
  const unit = plainUnit(field.unit)
  const factor = factors[unit]
  const isUnknown = unit !== '' && factor === undefined && Object.keys(factors).length > 0
  return { index, name: field.name, factor: factor ?? 1, unknownUnit: isUnknown ? field.unit : undefined }
}

/** `mas.yr**-1`, `mas yr^-1` and ESA's `Angular Velocity[mas/year]` in one spelling. */
function plainUnit(unit: string): string {
  const inner = /\[([^\]]*)\]\s*$/.exec(unit)?.[1] ?? unit
  return inner
    .toLowerCase()
    .replaceAll(/[\s'".*^()]/g, '')
    .replace(/(yr|year|a|s)-1$/, '/$1')
    .replace('//', '/')
    .replace(/years$/, 'year')
}
