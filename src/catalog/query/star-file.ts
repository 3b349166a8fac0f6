// Stars of the store as a file for other programs: CSV, FITS, VOTable or Parquet, under its name only when it is whole.
import { randomBytes } from 'node:crypto'
import { constants, rmSync } from 'node:fs'
import { access, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ColumnFormat, PublishedColumn } from '../../columns.ts'
import { throwIfCancelled, UserError } from '../../errors.ts'
import { writeError } from '../../fits/io.ts'
import type { QueriedStars } from '../query.ts'
import { STORED_COLUMNS, STORED_NAMES, type StarTable, type StoredType } from '../store/star-table.ts'

type Writer = (path: string, found: QueriedStars, signal: AbortSignal) => Promise<void>

const WRITERS: Record<string, Writer> = {
  csv: writeCsv,
  fits: writeFits,
  vot: writeVot,
  parquet: writeParquetFile,
}

function writerFor(path: string): Writer {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  if (Object.hasOwn(WRITERS, ending)) return WRITERS[ending]!
  throw new UserError(
    `${path} has an ending that names no format`,
    `end it in .${Object.keys(WRITERS)
      .join(', .')
      .replace(/, (?=\.\w+$)/, ' or ')}`,
  )
}

/** Before any search. @throws UserError for an ending that is unknown, or a folder that is missing or may not be written */
export async function checkStarFile(path: string): Promise<void> {
  writerFor(path)
  try {
    await access(dirname(path), constants.W_OK)
  } catch (error) {
    throw writeError(path, error)
  }
}

/**
 * Writes the stars in the format that the ending of the file names. An earlier file of that name is replaced by a whole
 * one or not at all.
 * @throws UserError for an unknown ending, or where the disk refuses; Cancelled
 */
export async function writeStars(path: string, found: QueriedStars, signal: AbortSignal): Promise<void> {
  const write = writerFor(path)
  const part = `${path}.${randomBytes(6).toString('hex')}.part`
  const unfinished = [part, `${part}.part`] // the second is that of the writer of FITS
  const removeAtExit = () => {
    for (const file of unfinished) rmSync(file, { force: true })
  }
  process.on('exit', removeAtExit) // a second Ctrl-C waits for nothing
  try {
    await writeFile(part, '', { flag: 'wx' }) // what the folder refuses is told before any row is laid out
    throwIfCancelled(signal)
    await write(part, found, signal)
    throwIfCancelled(signal)
    await rename(part, path)
  } catch (error) {
    for (const file of unfinished) await rm(file, { force: true }).catch(() => undefined)
    throw underFinalName(writeError(path, error), part, path)
  } finally {
    process.off('exit', removeAtExit)
  }
}

/** A failure that names the unfinished file names the one that was asked for. */
function underFinalName(error: unknown, part: string, path: string): unknown {
  if (!(error instanceof UserError)) return error
  return new UserError(error.message.replaceAll(part, path), error.todo)
}

const FORMATS: Record<StoredType, ColumnFormat> = { int64: 'K', float64: 'D', float32: 'E', uint8: 'I' }
const MAX_TEXT = 68 // of a FITS string

type Values = StarTable['columns'][keyof StarTable['columns']]

function publishedColumns({ stars, epochYr }: QueriedStars): { column: PublishedColumn; values: Values }[] {
  const columns = STORED_NAMES.map((name) => {
    const { type, unit, ucd, text } = STORED_COLUMNS[name]
    const values = stars.columns[name]
    const format = values instanceof Float64Array ? 'D' : FORMATS[type]
    return { column: { name, unit, format, ucd, text: text.slice(0, MAX_TEXT) }, values }
  })
  const text = `Epoch of place, motion, parallax and velocity: J${epochYr}`
  const epoch: PublishedColumn = { name: 'ref_epoch', unit: 'yr', format: 'D', ucd: 'time.epoch', text }
  return [...columns, { column: epoch, values: new Float64Array(stars.length).fill(epochYr) }]
}

async function writeCsv(path: string, found: QueriedStars, signal: AbortSignal): Promise<void> {
  const handle = await open(path, 'w')
  try {
    for (const text of csvLines(found)) {
      throwIfCancelled(signal)
      await handle.appendFile(text)
    }
  } finally {
    await handle.close()
  }
}

async function writeParquetFile(path: string, found: QueriedStars): Promise<void> {
  const { writeParquet } = await import('../../formats/parquet-write.ts')
  const keyValues = { release: found.release, ref_epoch: String(found.epochYr) }
  await writeParquet(path, { columns: publishedColumns(found), keyValues })
}

async function writeVot(path: string, found: QueriedStars): Promise<void> {
  const { release, epochYr } = found
  const { writeVotable } = await import('../../formats/votable-write.ts')
  await writeVotable(path, {
    name: 'STARS',
    description: `${release} from the star store of platepipe, as the stars were at J${epochYr}`,
    epochYr,
    infos: [],
    columns: publishedColumns(found),
    rows: found.stars.length,
  })
}

async function writeFits(path: string, found: QueriedStars): Promise<void> {
  const { writeFitsTables } = await import('../../fits/table.ts')
  const columns = publishedColumns(found).map(({ column: { name, unit, format }, values }) => {
    const data = values instanceof Uint8Array ? Int16Array.from(values) : values
    return { name, unit, format: `1${format}`, data, repeat: 1 }
  })
  await writeFitsTables(path, [{ name: 'STARS', columns }])
}

/** The stars as CSV, in pieces of many lines; an unknown value is an empty cell. */
export function* csvLines({ stars, epochYr }: Pick<QueriedStars, 'stars' | 'epochYr'>): Generator<string> {
  yield `${[...STORED_NAMES, 'ref_epoch'].join(',')}\n`
  const columns = STORED_NAMES.map((name) => {
    const values = stars.columns[name]
    return { values, print: values instanceof Float32Array ? shortest : String }
  })
  let text = ''
  for (let row = 0; row < stars.length; row++) {
    for (const { values, print } of columns) text += `${cell(values[row]!, print)},`
    text += `${epochYr}\n`
    if (text.length > 1 << 16) {
      yield text
      text = ''
    }
  }
  yield text
}

function cell(value: number | bigint, print: (value: number) => string): string {
  if (typeof value === 'bigint') return String(value)
  return Number.isNaN(value) ? '' : print(value)
}

/** The shortest decimal number that is this single real. */
function shortest(value: number): string {
  for (let digits = 6; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits))
    if (Math.fround(text) === value) return String(text)
  }
  return String(value)
}
