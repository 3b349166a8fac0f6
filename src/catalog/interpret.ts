// A table with Gaia columns as reference stars: roles, units, epoch, errors; what was lacking and what was taken instead.
import { UserError } from '../errors.ts'
import type { CellKind, ColumnTable, TableField } from '../formats/columntable.ts'
import { assumedErrors, errorFormula } from './assumed-errors.ts'
import { kindsOf, type MappedColumns, mapColumns, type Role } from './columnmap.ts'
import {
  checkPlaces,
  coloursOf,
  cutOff,
  grownErrors,
  identifiersOf,
  lastLineUnended,
  ofVizier,
  PLACE_CORRELATIONS,
  type Quantities,
  quantitiesOf,
  unknownUnits,
  VIZIER_EPOCH_YR,
} from './quantities.ts'
import { findRelease, type Release } from './release.ts'
import { CORRELATIONS, type ReferenceStars } from './stars.ts'

/** What a reduction does not ask for. */
const UNUSED: ReadonlySet<Role> = new Set<Role>(['excessNoiseMas', 'paramsSolved', 'visibilityPeriods'])

/**
 * What to read of each column.
 * @throws UserError naming the columns there are when places or proper motions have none.
 */
export function chooseColumns(path: string, fields: readonly TableField[]): CellKind[] {
  const mapped = mapColumns(fields)
  const kinds = kindsOf(path, fields, mapped, (role) => !UNUSED.has(role))
  if (!mapped.roles.has('pmRaMasYr') || !mapped.roles.has('pmDecMasYr')) {
    throw noProperMotions(path, 'no columns pmra and pmdec')
  }
  return kinds
}

function noProperMotions(path: string, why: string): UserError {
  return new UserError(
    `${path} has no proper motions (${why}), so its stars cannot be moved to the plate's epoch`,
    'get the catalogue again with the columns pmra and pmdec',
  )
}

/**
 * @param path  for messages, and for the release where only the file's name tells it
 * @throws UserError: no rows, no proper motion in any row, a place outside the sphere, several epochs.
 */
export function interpret(table: ColumnTable, path: string): ReferenceStars {
  const mapped = mapColumns(table.fields)
  if (table.rows === 0) {
    throw new UserError(`${path} has columns but no stars`, 'get the stars of the field of the plate')
  }
  const column = quantitiesOf(table, mapped)
  const blank = () => new Float64Array(table.rows).fill(Number.NaN)
  const release = releaseOfTable(table, mapped, column, path)
  const gMag = column('gMag') ?? blank()
  const assumptions = release.assumption ? [release.assumption] : []
  assumptions.push(...unknownUnits(mapped))
  const stars: ReferenceStars = {
    name: release.name,
    refEpochYr: release.refEpochYr,
    length: table.rows,
    sourceId: identifiers(table, mapped, assumptions),
    raDeg: column('raDeg')!,
    decDeg: column('decDeg')!,
    raErrorMas: column('raErrorMas') ?? blank(),
    decErrorMas: column('decErrorMas') ?? blank(),
    pmRaMasYr: column('pmRaMasYr')!,
    pmDecMasYr: column('pmDecMasYr')!,
    pmRaErrorMasYr: column('pmRaErrorMasYr') ?? blank(),
    pmDecErrorMasYr: column('pmDecErrorMasYr') ?? blank(),
    parallaxMas: column('parallaxMas') ?? blank(),
    radialVelocityKmS: column('radialVelocityKmS') ?? blank(),
    gMag,
    bpRp: coloursOf(column) ?? blank(),
    ruwe: column('ruwe') ?? blank(),
    ...optionalColumns(column),
    assumptions,
  }
  checkPlaces(stars.raDeg, stars.decDeg, path)
  countMotions(stars, path)
  const cut = cutOff(table)
  if (cut) assumptions.push(cut)
  if (table.unended) assumptions.push(lastLineUnended(path))
  if (gMag.every(Number.isNaN)) assumptions.push('the catalogue has no magnitudes G')
  takeErrors(stars)
  if (mapped.placesAt2000) moveTo2000(stars, release)
  return stars
}

/** Correlations, and errors of parallax and radial velocity: only those that the table has. */
function optionalColumns(column: Quantities): Partial<ReferenceStars> {
  const names = ['parallaxErrorMas', 'radialVelocityErrorKmS', ...CORRELATIONS] as const
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = column(name)
      return values ? [[name, values]] : []
    }),
  )
}

function releaseOfTable(
  table: ColumnTable,
  mapped: MappedColumns,
  column: Quantities,
  path: string,
): Release {
  return findRelease({
    path,
    refEpochs: column('refEpochYr'),
    fields: table.fields,
    raField: table.fields[mapped.roles.get('raDeg')!.index]!,
    remarks: table.remarks,
  })
}

function identifiers(table: ColumnTable, mapped: MappedColumns, assumptions: string[]): BigInt64Array {
  const ids = identifiersOf(table, mapped)
  if (ids === undefined) {
    assumptions.push('the catalogue has no source identifiers')
    return new BigInt64Array(table.rows)
  }
  const lacking = ids.reduce((count, id) => count + (id === 0n ? 1 : 0), 0)
  if (lacking > 0) {
    const { name } = mapped.roles.get('sourceId')!
    assumptions.push(`${lacking} of ${table.rows} stars have no whole number as ${name}: 0 was taken`)
  }
  return ids
}

function countMotions(stars: ReferenceStars, path: string): void {
  let without = 0
  for (let i = 0; i < stars.length; i++) {
    if (Number.isNaN(stars.pmRaMasYr[i]! + stars.pmDecMasYr[i]!)) without++
  }
  if (without === stars.length) throw noProperMotions(path, `pmra or pmdec is empty in all ${without} rows`)
  if (without > 0) {
    stars.assumptions.push(
      `${without} of ${stars.length} stars have no proper motion and are no reference stars`,
    )
  }
}

/** Fills in the errors that are not there; an error that is not above zero is none. */
export function takeErrors(stars: ReferenceStars): void {
  const sets = [
    { names: ['raErrorMas', 'decErrorMas'], what: 'place', of: stars.raDeg },
    { names: ['pmRaErrorMasYr', 'pmDecErrorMasYr'], what: 'motion', of: stars.pmRaMasYr },
  ] as const
  for (const { names, what, of } of sets) {
    let known = 0
    let taken = 0
    for (let i = 0; i < stars.length; i++) {
      if (Number.isNaN(of[i]!)) continue
      known++
      const lacking = names.filter((name) => !(stars[name][i]! > 0))
      if (lacking.length === 0) continue
      const assumed = assumedErrors(stars.name, stars.gMag[i]!)
      for (const name of lacking) stars[name][i] = assumed[name]
      taken++
    }
    if (taken === 0) continue
    const who = taken === known ? 'the catalogue gives no' : `${taken} of ${known} stars lack the`
    const error = what === 'place' ? 'standard errors of places' : 'standard errors of proper motions'
    stars.assumptions.push(`${who} ${error}: taken as ${errorFormula(stars.name, what)}`)
  }
}

/** VizieR's places of 2000.0 carry the error of the motion over the years since Gaia's own epoch. */
function moveTo2000(stars: ReferenceStars, release: Release): void {
  const years = VIZIER_EPOCH_YR - release.refEpochYr
  stars.raErrorMas = grownErrors(stars.raErrorMas, stars.pmRaErrorMasYr, years)
  stars.decErrorMas = grownErrors(stars.decErrorMas, stars.pmDecErrorMasYr, years)
  for (const name of PLACE_CORRELATIONS) delete stars[name]
  stars.refEpochYr = VIZIER_EPOCH_YR
  stars.assumptions.push(ofVizier(release.name))
}
