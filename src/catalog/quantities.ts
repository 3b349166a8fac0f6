// The columns of a table by what they are, in our units; and what every reader of stars checks and says of them.
import { UserError } from '../errors.ts'
import type { ColumnTable } from '../formats/columntable.ts'
import type { MappedColumns, Role } from './columnmap.ts'
import { CORRELATIONS } from './stars.ts'

interface Numbers {
  readonly length: number
  [row: number]: number
}

/** Values of one quantity, NaN where not known; undefined where the table has no such column. */
export type Quantities = (role: Role) => Float64Array<ArrayBuffer> | undefined

export function quantitiesOf(table: ColumnTable, mapped: MappedColumns): Quantities {
  return (role) => {
    const found = mapped.roles.get(role)
    const values = found && table.columns[found.index]
    if (!(values instanceof Float64Array)) return undefined
    return found!.factor === 1
      ? (values as Float64Array<ArrayBuffer>)
      : values.map((value) => value * found!.factor)
  }
}

/** 0 where there is no number, or a negative one, which no catalogue has; undefined where there is no column. */
export function identifiersOf(table: ColumnTable, mapped: MappedColumns) {
  const found = mapped.roles.get('sourceId')
  const ids = found && table.columns[found.index]
  if (!(ids instanceof BigInt64Array)) return undefined
  const isNegative = (id: bigint) => id < 0n
  const known = ids.some(isNegative) ? ids.map((id) => (isNegative(id) ? 0n : id)) : ids
  return known as BigInt64Array<ArrayBuffer>
}

/** BP - RP, from the two magnitudes where it is not given itself. */
export function coloursOf(quantity: Quantities): Float64Array<ArrayBuffer> | undefined {
  const [bpRp, bp, rp] = [quantity('bpRp'), quantity('bpMag'), quantity('rpMag')]
  if (bp === undefined || rp === undefined) return bpRp
  return bp.map((mag, i) => (bpRp !== undefined && !Number.isNaN(bpRp[i]!) ? bpRp[i]! : mag - rp[i]!))
}

/**
 * A right ascension of 360 becomes 0.
 * @param firstRow  rows of the file before these
 * @throws UserError for a place outside the sphere
 */
export function checkPlaces(raDeg: Numbers, decDeg: Numbers, path: string, firstRow = 0): void {
  for (let i = 0; i < raDeg.length; i++) {
    if (raDeg[i]! < 0 || raDeg[i]! > 360) {
      throw new UserError(
        `${path}: row ${firstRow + i + 1}: the right ascension is ${raDeg[i]}`,
        'give right ascensions in degrees from 0 to 360',
      )
    }
    if (Math.abs(decDeg[i]!) > 90) {
      throw new UserError(
        `${path}: row ${firstRow + i + 1}: the declination is ${decDeg[i]}`,
        'give declinations in degrees from -90 to 90',
      )
    }
    if (raDeg[i] === 360) raDeg[i] = 0
  }
}

/** A sentence for every column whose unit is not known. */
export function unknownUnits({ roles }: MappedColumns): string[] {
  return [...roles.values()].flatMap(({ name, unknownUnit }) =>
    unknownUnit ? [`the unit of ${name}, "${unknownUnit}", is not known: that of Gaia was taken`] : [],
  )
}

const ESA_SYNCHRONOUS_ROWS = 2000

/** A catalogue that a service cut short looks whole, but lacks stars, perhaps on one side of the field. */
export function cutOff({ rows, remarks }: Pick<ColumnTable, 'rows' | 'remarks'>): string | undefined {
  if (remarks.some((remark) => /QUERY_STATUS\W+OVERFLOW/i.test(remark))) {
    return `the service cut the catalogue off at ${rows} rows (QUERY_STATUS=OVERFLOW): stars are missing`
  }
  if (rows !== ESA_SYNCHRONOUS_ROWS) return undefined
  return `the catalogue has exactly ${rows} rows, where synchronous queries of the Gaia archive are cut off without a word`
}

/** A table of text whose last line lacks the end that the lines before it have. */
export const lastLineUnended = (path: string): string =>
  `the last line of ${path} has no end: the file may be cut off, and its last star wrong`

/** VizieR's places are Gaia's moved to this epoch. */
export const VIZIER_EPOCH_YR = 2000

export const ofVizier = (release: string): string =>
  `the places RAJ2000 and DEJ2000 were taken to be those of ${release} moved to J2000.0`

/** Errors of places moved over `years`: they carry that of the motion. */
export function grownErrors(place: Numbers, motion: Numbers, years: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(place, (error, i) => Math.hypot(error, motion[i]! * years))
}

/** Correlations of a place that was moved are no longer those that were published. */
export const PLACE_CORRELATIONS = CORRELATIONS.filter((name) => /^(ra|dec)/.test(name))
