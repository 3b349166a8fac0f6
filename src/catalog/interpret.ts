// A table with Gaia columns as reference stars: roles, units, epoch, errors; what was lacking and what was taken instead.
import { UserError } from '../errors.ts'
import type { CellKind, ColumnTable, TableField } from '../formats/columntable.ts'
import { assumedErrors, errorFormula } from './assumed-errors.ts'
import { type MappedColumns, mapColumns, type Role } from './columnmap.ts'
import { findRelease, type Release } from './release.ts'
import type { ReferenceStars } from './stars.ts'

const SHOWN_COLUMNS = 40

/**
 * What to read of each column.
 * @throws UserError naming the columns there are when places or proper motions have none.
 */
export function chooseColumns(path: string, fields: readonly TableField[]): CellKind[] {
  const { roles } = mapColumns(fields)
  if (!roles.has('raDeg') || !roles.has('decDeg')) {
    const names = fields.map(({ name }) => name || '(no name)')
    const shown = names.slice(0, SHOWN_COLUMNS).join(', ') + (names.length > SHOWN_COLUMNS ? ', …' : '')
    throw new UserError(
      `${path} has no columns of right ascension and declination; its columns are: ${shown || 'none'}`,
      'name them ra and dec as in the Gaia archive, or RA_ICRS and DE_ICRS as in VizieR',
    )
  }
  if (!roles.has('pmRaMasYr') || !roles.has('pmDecMasYr')) {
    throw noProperMotions(path, 'no columns pmra and pmdec')
  }
  const kinds: CellKind[] = fields.map(() => 'skip')
  for (const [role, { index }] of roles) kinds[index] = role === 'sourceId' ? 'id' : 'number'
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
  const column = (role: Role) => realColumn(table, mapped, role)
  const blank = () => new Float64Array(table.rows).fill(Number.NaN)
  const release = releaseOfTable(table, mapped, path)
  const gMag = column('gMag') ?? blank()
  const assumptions = release.assumption ? [release.assumption] : []
  for (const { name, unknownUnit } of mapped.roles.values()) {
    if (unknownUnit)
      assumptions.push(`the unit of ${name}, "${unknownUnit}", is not known: that of Gaia was taken`)
  }
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
    bpRp: colours(column('bpRp'), column('bpMag'), column('rpMag')) ?? blank(),
    ruwe: column('ruwe') ?? blank(),
    assumptions,
  }
  checkPlaces(stars, path)
  countMotions(stars, path)
  sayIfCut(table, assumptions)
  if (gMag.every(Number.isNaN)) assumptions.push('the catalogue has no magnitudes G')
  takeErrors(stars)
  if (mapped.placesAt2000) moveTo2000(stars, release)
  return stars
}

function realColumn(table: ColumnTable, mapped: MappedColumns, role: Role): Float64Array | undefined {
  const found = mapped.roles.get(role)
  const values = found && table.columns[found.index]
  if (!(values instanceof Float64Array)) return undefined
  return found!.factor === 1 ? values : values.map((value) => value * found!.factor)
}

function releaseOfTable(table: ColumnTable, mapped: MappedColumns, path: string): Release {
  return findRelease({
    path,
    refEpochs: realColumn(table, mapped, 'refEpochYr'),
    fields: table.fields,
    raField: table.fields[mapped.roles.get('raDeg')!.index]!,
    remarks: table.remarks,
  })
}

function identifiers(table: ColumnTable, mapped: MappedColumns, assumptions: string[]): BigInt64Array {
  const found = mapped.roles.get('sourceId')
  const ids = found && table.columns[found.index]
  if (!(ids instanceof BigInt64Array)) {
    assumptions.push('the catalogue has no source identifiers')
    return new BigInt64Array(table.rows)
  }
  const lacking = ids.reduce((count, id) => count + (id === 0n ? 1 : 0), 0)
  if (lacking > 0) {
    assumptions.push(`${lacking} of ${table.rows} stars have no whole number as ${found!.name}: 0 was taken`)
  }
  return ids
}

function colours(
  bpRp: Float64Array | undefined,
  bp: Float64Array | undefined,
  rp: Float64Array | undefined,
): Float64Array | undefined {
  if (bp === undefined || rp === undefined) return bpRp
  return bp.map((mag, i) => (bpRp !== undefined && !Number.isNaN(bpRp[i]!) ? bpRp[i]! : mag - rp[i]!))
}

function checkPlaces({ raDeg, decDeg }: ReferenceStars, path: string): void {
  for (let i = 0; i < raDeg.length; i++) {
    if (raDeg[i]! < 0 || raDeg[i]! > 360) {
      throw new UserError(
        `${path}: row ${i + 1}: the right ascension is ${raDeg[i]}`,
        'give right ascensions in degrees from 0 to 360',
      )
    }
    if (Math.abs(decDeg[i]!) > 90) {
      throw new UserError(
        `${path}: row ${i + 1}: the declination is ${decDeg[i]}`,
        'give declinations in degrees from -90 to 90',
      )
    }
    if (raDeg[i] === 360) raDeg[i] = 0
  }
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

const ESA_SYNCHRONOUS_ROWS = 2000

/** A catalogue that a service cut short looks whole, but lacks stars, perhaps on one side of the field. */
function sayIfCut({ rows, remarks }: ColumnTable, assumptions: string[]): void {
  if (remarks.some((remark) => /QUERY_STATUS\W+OVERFLOW/i.test(remark))) {
    assumptions.push(
      `the service cut the catalogue off at ${rows} rows (QUERY_STATUS=OVERFLOW): stars are missing`,
    )
  } else if (rows === ESA_SYNCHRONOUS_ROWS) {
    assumptions.push(
      `the catalogue has exactly ${rows} rows, where synchronous queries of the Gaia archive are cut off without a word`,
    )
  }
}

/** Fills in the errors that are not there; an error that is not above zero is none. */
function takeErrors(stars: ReferenceStars): void {
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
  const years = 2000 - release.refEpochYr
  for (let i = 0; i < stars.length; i++) {
    stars.raErrorMas[i] = Math.hypot(stars.raErrorMas[i]!, stars.pmRaErrorMasYr[i]! * years)
    stars.decErrorMas[i] = Math.hypot(stars.decErrorMas[i]!, stars.pmDecErrorMasYr[i]! * years)
  }
  stars.refEpochYr = 2000
  stars.assumptions.push(
    `the places RAJ2000 and DEJ2000 were taken to be those of ${release.name} moved to J2000.0`,
  )
}
