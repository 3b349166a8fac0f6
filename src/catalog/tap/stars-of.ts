// The table that a service sent as stars, in the order of their numbers: checked star by star.
import type { ColumnTable } from '../../formats/columntable.ts'
import { blankStarTable, STORED_COLUMNS, type StarTable, type StoredName } from '../store/star-table.ts'
import { TapFault } from './faults.ts'
import type { SourceRange } from './gaia-service.ts'

/** G is a single real in Gaia's tables: 18.1 may come as 18.1000004. */
const MAG_ROUNDING = 1e-5

/**
 * @param columns  what each column of the table is, in its order
 * @throws TapFault for a star outside of the range, twice there, fainter than asked for, or without a place
 */
export function starsOf(
  table: ColumnTable,
  columns: readonly { name: StoredName }[],
  range: SourceRange,
  service: string,
): StarTable {
  const stars = blankStarTable(table.rows)
  const order = ascending(table.columns[columns.findIndex(({ name }) => name === 'source_id')])
  columns.forEach(({ name }, i) => {
    const from = table.columns[i]!
    const to = stars.columns[name]
    if (to instanceof BigInt64Array) {
      if (from instanceof BigInt64Array) to.set(permuted(from, order))
      return
    }
    if (from instanceof BigInt64Array) return
    // A count that is not known is 0, and none is above 255.
    const isCount = STORED_COLUMNS[name].type === 'uint8'
    const values = order === undefined ? from : permuted(from, order)
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!
      to[row] = isCount ? (value > 0 ? Math.min(255, value) : 0) : value
    }
  })
  check(stars, range, service)
  return stars
}

/** The rows in ascending order of their numbers; undefined where they are so already. */
function ascending(ids: ColumnTable['columns'][number]): Uint32Array | undefined {
  if (!(ids instanceof BigInt64Array)) return undefined
  if (ids.every((id, row) => row === 0 || ids[row - 1]! <= id)) return undefined
  const order = Uint32Array.from(ids, (_, row) => row)
  return order.sort((a, b) => (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : 0))
}

function permuted<A extends BigInt64Array | Float64Array>(values: A, order: Uint32Array | undefined): A {
  if (order === undefined) return values
  const result = values.slice() as A
  for (let row = 0; row < order.length; row++) result[row] = values[order[row]!]!
  return result
}

function check({ length, columns }: StarTable, range: SourceRange, service: string): void {
  const { source_id: ids, ra, dec, phot_g_mean_mag: gMag } = columns
  const wrong = (what: string) => new TapFault(`${service} sent ${what}`, 'once')
  for (let row = 0; row < length; row++) {
    const id = ids[row]!
    if (id < range.firstId || id > range.lastId) {
      throw wrong(`a star numbered ${id}, outside of ${range.firstId} to ${range.lastId}`)
    }
    if (row > 0 && ids[row - 1] === id) throw wrong(`the star ${id} twice`)
    if (!(ra[row]! >= 0 && ra[row]! <= 360 && Math.abs(dec[row]!) <= 90)) {
      throw wrong(`the star ${id} at the impossible place ${ra[row]}, ${dec[row]}`)
    }
    if (range.limitMag !== null && !(gMag[row]! <= range.limitMag + MAG_ROUNDING)) {
      throw wrong(`the star ${id} of magnitude ${gMag[row]}, fainter than ${range.limitMag}`)
    }
  }
}
