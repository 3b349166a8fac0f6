// The catalogue as FITS, Parquet and VOTable, and the detections as FITS: the same rows, units, UCDs and sentences, all
// from src/columns.ts. No date and no chance number: the same rows give the same bytes.
import { join } from 'node:path'
import {
  CATALOGUE_COLUMNS,
  type CatalogueColumns,
  type ColumnValues,
  DETECTION_COLUMNS,
  type DetectionColumns,
  type PublishedColumn,
} from '../../columns.ts'
import { addCard, addCommentary, type CardValue, emptyHeader, type Header } from '../../fits/header.ts'
import { type TableColumn, writeFitsTables } from '../../fits/table.ts'
import { writeParquet } from '../../formats/parquet-write.ts'
import { writeVotable } from '../../formats/votable-write.ts'

export interface CatalogueMeta {
  plateId: string
  /** Julian year; null where it is not known. */
  epochYr: number | null
  /** Further cards: keyword, value, comment; also INFO of the VOTable and metadata of Parquet. */
  header: (readonly [keyword: string, value: CardValue, comment: string])[]
  /** What the bits of the column `reject` mean. */
  rejectBits: readonly { bit: number; name: string; text: string }[]
  description: string
}

/** A column with its values in the type of its format. */
interface Filled {
  column: PublishedColumn
  values: ColumnValues
}

/**
 * Writes catalogue.fits, catalogue.parquet and catalogue.vot into outDir.
 * @throws RangeError for columns of unequal length, or a value that its type cannot hold: mistakes of ours.
 */
export async function writeCatalogueFiles(
  outDir: string,
  columns: CatalogueColumns,
  meta: CatalogueMeta,
): Promise<void> {
  const { filled, rows } = fill(CATALOGUE_COLUMNS, columns)
  await writeFitsTables(join(outDir, 'catalogue.fits'), [fitsTable('CATALOGUE', filled, meta)])
  await writeParquet(join(outDir, 'catalogue.parquet'), {
    columns: filled,
    keyValues: keyValues(filled, meta),
  })
  await writeVotable(join(outDir, 'catalogue.vot'), {
    name: 'catalogue',
    description: meta.description,
    epochYr: meta.epochYr,
    infos: infosOf(meta),
    columns: filled,
    rows,
  })
}

/** Writes the detections as a FITS table, extension DETECTIONS; columns that are not given are left out. */
export async function writeDetections(
  path: string,
  columns: DetectionColumns,
  meta: CatalogueMeta,
): Promise<void> {
  const given = DETECTION_COLUMNS.filter(({ name }) => columns[name] !== undefined)
  const { filled } = fill(given, columns as Record<string, ColumnValues>)
  await writeFitsTables(path, [fitsTable('DETECTIONS', filled, meta)])
}

function fill(
  columns: readonly PublishedColumn[],
  given: Record<string, ColumnValues>,
): { filled: Filled[]; rows: number } {
  const filled = columns.map((column) => ({ column, values: typed(column, given[column.name]!) }))
  const rows = filled[0]?.values.length ?? 0
  const odd = filled.find(({ values }) => values.length !== rows)
  if (odd) throw new RangeError(`column ${odd.column.name} has ${odd.values.length} rows, not ${rows}`)
  return { filled, rows }
}

const WHOLE: Record<string, { min: number; max: number }> = {
  I: { min: -32_768, max: 32_767 },
  J: { min: -2_147_483_648, max: 2_147_483_647 },
  L: { min: 0, max: 1 },
}

function typed({ name, format }: PublishedColumn, values: ColumnValues): ColumnValues {
  if ((format === 'K') !== values instanceof BigInt64Array) {
    throw new RangeError(`column ${name}: int64 values are BigInt, and no others are`)
  }
  if (values instanceof BigInt64Array) return values
  if (format === 'D') return values instanceof Float64Array ? values : Float64Array.from(values)
  if (format === 'E') return values instanceof Float32Array ? values : Float32Array.from(values)
  const { min, max } = WHOLE[format]!
  const bad = values.find((value) => !(Number.isInteger(value) && value >= min && value <= max))
  if (bad !== undefined) throw new RangeError(`column ${name}: ${bad} does not fit its format ${format}`)
  if (format === 'I') return Int16Array.from(values)
  return format === 'J' ? Int32Array.from(values) : Uint8Array.from(values)
}

function fitsTable(
  name: string,
  filled: Filled[],
  meta: CatalogueMeta,
): { name: string; columns: TableColumn[]; header: Header } {
  return { name, columns: filled.map(fitsColumn), header: fitsHeader(filled, meta) }
}

function fitsColumn({ column, values }: Filled): TableColumn {
  return {
    name: column.name,
    format: column.format,
    unit: column.unit === '' ? undefined : column.unit,
    ucd: column.ucd,
    comment: shortened(column.text),
    data: column.format === 'L' ? Array.from(values as Uint8Array, (value) => value === 1) : values,
    repeat: 1,
  }
}

const CARD_COMMENT_CHARS = 47 // what a card has left beside a name of up to 18 characters

function shortened(text: string): string {
  if (text.length <= CARD_COMMENT_CHARS) return text
  const room = text.slice(0, CARD_COMMENT_CHARS - 3)
  return `${room.slice(0, Math.max(room.lastIndexOf(' '), 1))} ...`
}

function fitsHeader(filled: Filled[], meta: CatalogueMeta): Header {
  const header = emptyHeader()
  addCard(header, 'PLATE', meta.plateId, 'name of the plate')
  if (meta.epochYr !== null) addCard(header, 'PLTEPOCH', meta.epochYr, 'epoch of the exposure, Julian year')
  if (filled.some(({ column }) => column.sky)) addCard(header, 'RADESYS', 'ICRS', 'frame of ra and dec')
  for (const [keyword, value, comment] of meta.header) {
    if (value !== null) addCard(header, keyword, value, comment)
  }
  for (const { bit, name, text } of meta.rejectBits) {
    addCard(header, `REJBIT${bit}`, name, shortened(text))
  }
  addCommentary(header, 'COMMENT', meta.description)
  for (const { column } of filled) addCommentary(header, 'COMMENT', `${column.name}: ${column.text}`)
  for (const { bit, name, text } of meta.rejectBits) {
    addCommentary(header, 'COMMENT', `reject bit ${bit} (value ${2 ** bit}) ${name}: ${text}`)
  }
  return header
}

function infosOf(meta: CatalogueMeta): { name: string; value: string; text: string }[] {
  return [
    { name: 'PLATE', value: meta.plateId, text: 'name of the plate' },
    ...meta.header.flatMap(([name, value, text]) =>
      value === null ? [] : [{ name, value: String(value), text }],
    ),
    ...meta.rejectBits.map(({ bit, name, text }) => ({
      name: `REJBIT${bit}`,
      value: name,
      text: `bit ${bit} (value ${2 ** bit}) of the column reject: ${text}`,
    })),
  ]
}

function keyValues(filled: Filled[], meta: CatalogueMeta): Record<string, string> {
  const columns = filled.map(({ column: { name, unit, ucd, text } }) => ({ name, unit, ucd, text }))
  return {
    description: meta.description,
    plate: meta.plateId,
    ...(meta.epochYr === null ? {} : { epoch_yr: String(meta.epochYr) }),
    frame: 'ICRS',
    ...Object.fromEntries(
      meta.header.flatMap(([keyword, value]) => (value === null ? [] : [[keyword, String(value)]])),
    ),
    columns: JSON.stringify(columns),
    reject_bits: JSON.stringify(meta.rejectBits),
  }
}
