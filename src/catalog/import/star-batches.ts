// A file of stars of any size as tables of the store's columns, a run of rows at a time.
import { UserError } from '../../errors.ts'
import type { ColumnTable } from '../../formats/columntable.ts'
import { kindsOf, type MappedColumns, mapColumns } from '../columnmap.ts'
import {
  checkPlaces,
  coloursOf,
  cutOff,
  identifiersOf,
  lastLineUnended,
  ofVizier,
  quantitiesOf,
  unknownUnits,
} from '../quantities.ts'
import {
  blankColumn,
  pickRows,
  STORED_COLUMNS,
  STORED_NAMES,
  type StarTable,
  type StoredName,
} from '../store/star-table.ts'
import { type FileOptions, tableBatches } from '../table-file.ts'
import { epochOfFile, type ImportTally, nextEpochs } from './import-tally.ts'
import { type ColumnNames, refuseShared, rolesGiven } from './map-option.ts'
import { backFrom2000 } from './places-at-2000.ts'
import { ROLES } from './roles.ts'

export { type ImportTally, newTally } from './import-tally.ts'

export interface ImportOptions extends FileOptions {
  /** The file's own names for some of the columns of the store (see `parseColumnNames`). */
  map?: ColumnNames | undefined
  /** Name of the release, such as `gaia-dr2`, where the file need not say so itself. */
  release?: string | undefined
}

/**
 * Reads the stars of one file. Values stay as they are but for their unit; magnitudes, colours and correlations are
 * rounded to single precision as the store keeps them. Rows without a place are left out and counted, rows without
 * proper motion are counted and stay.
 * @param tally  counts on over several files, which must be of one release and epoch
 * @throws UserError: what `tableBatches` throws, no places, places outside the sphere, another release or epoch than
 *   that of the option, of the rows or of the files before; Cancelled.
 */
export async function* readStarBatches(
  path: string,
  options: ImportOptions,
  tally: ImportTally,
): AsyncGenerator<StarTable, void, undefined> {
  const { map, release, ...fileOptions } = options
  const given = rolesGiven(map ?? new Map())
  const choose = (fields: ColumnTable['fields']) => {
    const mapped = mapColumns(fields, given, path)
    refuseShared(mapped, given, path)
    return kindsOf(path, fields, mapped, () => true)
  }
  let rows = 0
  let remarks: string[] = []
  let unended = false
  for await (const table of tableBatches(path, choose, fileOptions)) {
    remarks = table.remarks
    unended = table.unended === true
    if (table.rows === 0) continue
    const mapped = mapColumns(table.fields, given)
    const refEpochs = quantitiesOf(table, mapped)('refEpochYr')
    if (rows === 0) {
      for (const text of unknownUnits(mapped)) tally.assumptions.add(text)
      epochOfFile(tally, { path, table, mapped, refEpochs, release })
      if (mapped.placesAt2000) {
        const back = `, and moved back to J${tally.refEpochYr} with the proper motions`
        tally.assumptions.add(ofVizier(tally.release) + back)
      }
      if (!mapped.roles.has('sourceId')) tally.assumptions.add('the catalogue has no source identifiers')
    } else nextEpochs(tally, { path, refEpochs, firstRow: rows })
    const stars = starsOf(table, mapped)
    checkPlaces(stars.columns.ra, stars.columns.dec, path, rows)
    if (mapped.placesAt2000) backFrom2000(stars, tally.refEpochYr)
    rows += table.rows
    const placed = withPlaces(stars)
    count(tally, stars, placed)
    if (mapped.roles.has('sourceId')) tally.withoutNumber += withoutNumber(placed)
    if (placed.length > 0) yield placed
  }
  if (rows === 0) {
    throw new UserError(`${path} has columns but no stars`, 'give a file that holds stars')
  }
  const cut = cutOff({ rows, remarks })
  if (cut) {
    tally.cutOff.push(`${path}: ${cut}`)
    tally.assumptions.add(cut)
  }
  if (unended) tally.assumptions.add(lastLineUnended(path))
  tally.files++
}

/** All rows; those without a place too. */
function starsOf(table: ColumnTable, mapped: MappedColumns): StarTable {
  const quantity = quantitiesOf(table, mapped)
  const columns: Partial<Record<StoredName, unknown>> = {}
  for (const name of STORED_NAMES) {
    if (name === 'source_id') columns[name] = identifiersOf(table, mapped) ?? blankColumn(name, table.rows)
    else {
      const values = name === 'bp_rp' ? coloursOf(quantity) : quantity(ROLES[name])
      columns[name] = stored(name, values, table.rows)
    }
  }
  return { length: table.rows, columns: columns as StarTable['columns'] }
}

function stored(name: StoredName, values: Float64Array<ArrayBuffer> | undefined, rows: number) {
  if (values === undefined) return blankColumn(name, rows)
  switch (STORED_COLUMNS[name].type) {
    case 'float64':
      return values
    case 'float32':
      return new Float32Array(values)
    default:
      return Uint8Array.from(values, (value) => (value >= 0 && value < 256 ? value : 0))
  }
}

function withPlaces(stars: StarTable): StarTable {
  const { ra, dec } = stars.columns
  const rows: number[] = []
  for (let i = 0; i < stars.length; i++) if (!Number.isNaN(ra[i]! + dec[i]!)) rows.push(i)
  return rows.length === stars.length ? stars : pickRows(stars, rows)
}

function count(tally: ImportTally, stars: StarTable, placed: StarTable): void {
  const { pmra, pmdec, phot_g_mean_mag: mag } = placed.columns
  tally.rows += placed.length
  tally.withoutPlace += stars.length - placed.length
  for (let i = 0; i < placed.length; i++) {
    if (Number.isNaN(pmra[i]! + pmdec[i]!)) tally.withoutMotion++
    if (Number.isNaN(mag[i]!)) tally.withoutMagnitude++
  }
}

function withoutNumber({ columns }: StarTable): number {
  return columns.source_id.reduce((count, id) => count + (id === 0n ? 1 : 0), 0)
}
