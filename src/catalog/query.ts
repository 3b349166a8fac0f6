// Stars of the store for other programs: a cone, to a magnitude, at the epoch of the release or another, as CSV, FITS,
// VOTable or Parquet.
import { writeFile } from 'node:fs/promises'
import type { ColumnFormat, PublishedColumn } from '../columns.ts'
import { UserError } from '../errors.ts'
import type { Cone } from '../math/healpix.ts'
import { atEpoch } from './at-epoch.ts'
import { usableAsReference } from './stars.ts'
import { asReferenceStars } from './store/reference-stars.ts'
import { type StarStore, starsInCone } from './store/star-store.ts'
import {
  pickRows,
  STORED_COLUMNS,
  STORED_NAMES,
  type StarTable,
  type StoredType,
} from './store/star-table.ts'

export interface QueriedStars {
  stars: StarTable
  /** Julian year of the places. */
  epochYr: number
  release: string
  /** Stars that could not be moved to the epoch and were left out. */
  withoutMotion: number
}

/**
 * The stars of a cone, brightest first.
 * @param epochYr  the epoch to which they are moved, errors and all; undefined: that of the release
 */
export async function queryStore(
  store: StarStore,
  cone: Cone,
  options: { limitMag?: number | undefined; epochYr?: number | undefined; signal?: AbortSignal },
): Promise<QueriedStars> {
  const { release, ref_epoch: refEpochYr } = store.manifest
  const found = (await starsInCone(store, cone, options)) as StarTable
  const mags = found.columns.phot_g_mean_mag
  const fainter = (a: number, b: number) => (Number.isNaN(a) ? 99 : a) - (Number.isNaN(b) ? 99 : b)
  const rows = Int32Array.from({ length: found.length }, (_, i) => i).sort((a, b) =>
    fainter(mags[a]!, mags[b]!),
  )
  const { epochYr } = options
  if (epochYr === undefined) {
    return { stars: pickRows(found, rows), epochYr: refEpochYr, release, withoutMotion: 0 }
  }
  const sorted = pickRows(found, rows)
  const reference = asReferenceStars(sorted, store.manifest)
  const usable = usableAsReference(reference)
  const moved = atEpoch(reference, usable, epochYr)
  const stars = pickRows(sorted, usable)
  stars.columns.ra.set(moved.raDeg)
  stars.columns.dec.set(moved.decDeg)
  stars.columns.ra_error.set(moved.raErrorMas)
  stars.columns.dec_error.set(moved.decErrorMas)
  return { stars, epochYr, release, withoutMotion: found.length - usable.length }
}

const FORMATS: Record<StoredType, ColumnFormat> = { int64: 'K', float64: 'D', float32: 'E', uint8: 'I' }
const MAX_TEXT = 68 // of a FITS string

function published(epochYr: number): PublishedColumn[] {
  const columns = STORED_NAMES.map((name): PublishedColumn => {
    const { type, unit, ucd, text } = STORED_COLUMNS[name]
    return { name, unit, format: FORMATS[type], ucd, text: text.slice(0, MAX_TEXT) }
  })
  const text = `Epoch of ra and dec: J${epochYr}`
  return [...columns, { name: 'ref_epoch', unit: 'yr', format: 'D', ucd: 'time.epoch', text }]
}

/** Writes the stars in the format that the ending of the file names. @throws UserError for an ending that is unknown. */
export async function writeStars(path: string, { stars, epochYr, release }: QueriedStars): Promise<void> {
  const epochs = new Float64Array(stars.length).fill(epochYr)
  const columns = published(epochYr).map((column) => ({
    column,
    values: column.name === 'ref_epoch' ? epochs : stars.columns[column.name as keyof StarTable['columns']],
  }))
  const ending = /\.(csv|fits|vot|parquet)$/i.exec(path)?.[1]?.toLowerCase()
  if (ending === 'csv') await writeFile(path, [...csvLines({ stars, epochYr })].join(''))
  else if (ending === 'parquet') {
    const { writeParquet } = await import('../formats/parquet-write.ts')
    await writeParquet(path, { columns, keyValues: { release, ref_epoch: String(epochYr) } })
  } else if (ending === 'vot') {
    const description = `${release} from the star store of platepipe, places at J${epochYr}`
    const { writeVotable } = await import('../formats/votable-write.ts')
    await writeVotable(path, { name: 'STARS', description, epochYr, infos: [], columns, rows: stars.length })
  } else if (ending === 'fits') {
    const { writeFitsTables } = await import('../fits/table.ts')
    await writeFitsTables(path, [
      {
        name: 'STARS',
        columns: columns.map(({ column: { name, unit, format }, values }) => {
          const values16 = values instanceof Uint8Array ? Int16Array.from(values) : values
          return { name, unit, format: `1${format}`, data: values16, repeat: 1 }
        }),
      },
    ])
  } else {
    throw new UserError(
      `${path} has an ending that names no format`,
      'end it in .csv, .fits, .vot or .parquet',
    )
  }
}

/** The stars as CSV, in pieces of many lines; an unknown value is an empty cell. */
export function* csvLines({ stars, epochYr }: Pick<QueriedStars, 'stars' | 'epochYr'>): Generator<string> {
  yield `${[...STORED_NAMES, 'ref_epoch'].join(',')}\n`
  const columns = STORED_NAMES.map((name) => ({
    values: stars.columns[name],
    type: STORED_COLUMNS[name].type,
  }))
  let text = ''
  for (let row = 0; row < stars.length; row++) {
    for (const { values, type } of columns) text += `${cell(values[row]!, type)},`
    text += `${epochYr}\n`
    if (text.length > 1 << 16) {
      yield text
      text = ''
    }
  }
  yield text
}

function cell(value: number | bigint, type: StoredType): string {
  if (typeof value === 'bigint') return String(value)
  if (Number.isNaN(value)) return ''
  if (type !== 'float32') return String(value)
  return shortest(value)
}

/** The shortest decimal number that is this single real. */
function shortest(value: number): string {
  for (let digits = 6; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits))
    if (Math.fround(text) === value) return String(text)
  }
  return String(value)
}
