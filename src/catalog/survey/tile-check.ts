// Whether a tile of a store is what its manifest says: every byte, every column, every star.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Table, tableFromIPC } from 'apache-arrow'
import { UserError } from '../../errors.ts'
import { finestRange } from '../../math/healpix.ts'
import type { TileEntry } from '../store/manifest.ts'
import { COUNTED_MAGNITUDES } from '../store/manifest.ts'
import { finestCells, type LaidOut, lastOfEach, sliceStarts } from '../store/rows.ts'
import {
  blankStarTable,
  STORED_COLUMNS,
  STORED_NAMES,
  type StarTable,
  type StoredName,
  type StoredType,
} from '../store/star-table.ts'
import { isReplaced, readTile } from '../store/tile-read.ts'

/** What is wrong with a tile; null: nothing. `missing`: there is no such file, which another process may have replaced. */
export type TileFinding = { missing: boolean; what: string } | null

const ARROW_TYPES: Record<StoredType, string> = {
  int64: 'Int64',
  float64: 'Float64',
  float32: 'Float32',
  uint8: 'Uint8',
}

/** Without these a star is none. */
const NEEDED: readonly StoredName[] = ['source_id', 'ra', 'dec', 'phot_g_mean_mag']

const wrong = (what: string): TileFinding => ({ missing: false, what })

/**
 * Reads a tile whole, with Apache Arrow's own reader and with the store's, and compares it with its entry.
 * @throws UserError where the file may not be read: that says nothing about the stars in it
 */
export async function checkTile(folder: string, tile: TileEntry): Promise<TileFinding> {
  const path = join(folder, tile.file)
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return { missing: true, what: 'the file is missing' }
    if (code === 'EIO') return wrong('the disk cannot read it (EIO)')
    if (code === 'EISDIR') return wrong('it is a folder')
    throw new UserError(`${path} cannot be read (${code})`, 'check the rights of the store’s files')
  }
  if (bytes.length !== tile.bytes) return wrong(`it has ${bytes.length} bytes instead of ${tile.bytes}`)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== tile.sha256) return wrong('its bytes have changed: the checksum (SHA-256) is another')
  const stars = starsOf(bytes)
  const what = typeof stars === 'string' ? stars : starsWrong(stars, tile)
  if (typeof stars === 'string' || what !== undefined) return wrong(what!)
  return readsOtherwise(folder, tile, stars)
}

/** The stars of an Arrow file, or what is wrong with its columns. */
function starsOf(bytes: Uint8Array): StarTable | string {
  let table: Table
  try {
    table = tableFromIPC(bytes)
  } catch (error) {
    return `it is no Arrow file that can be read (${(error as Error).message.split('\n')[0]})`
  }
  const stars = blankStarTable(table.numRows)
  for (const name of NEEDED) if (table.getChild(name) === null) return `it has no column ${name}`
  for (const name of STORED_NAMES) {
    const column = table.getChild(name)
    if (column === null) continue // a column that is younger than the tile
    const type = ARROW_TYPES[STORED_COLUMNS[name].type]
    if (String(column.type) !== type) return `its column ${name} is ${column.type} instead of ${type}`
    if (column.nullCount > 0) return `its column ${name} has nulls`
    ;(stars.columns[name] as Float64Array).set(column.toArray() as Float64Array)
  }
  return stars
}

function starsWrong(stars: StarTable, tile: TileEntry): string | undefined {
  if (stars.length !== tile.rows) return `it has ${stars.length} stars instead of ${tile.rows}`
  const { phot_g_mean_mag: mags } = stars.columns
  const [first, end] = finestRange(tile)
  const cells = finestCells(stars)
  const strangers = cells.filter((cell) => cell < first || cell >= end).length
  if (strangers > 0) return `${strangers} of its stars lie outside its cell ${tile.order}/${tile.pixel}`
  const row = firstOutOfOrder({ stars, cells })
  if (row !== undefined) return `its stars are not in the order of a tile (row ${row + 1})`
  const twice = stars.length - lastOfEach([stars]).length
  if (twice > 0) return `${twice} of its sources are there twice`
  const counts = COUNTED_MAGNITUDES.map((limit) => mags.filter((mag) => mag <= limit).length)
  if (counts.some((count, k) => count !== tile.g_counts[k]) || tile.g_counts.length !== counts.length)
    return 'the manifest counts other numbers of stars by magnitude'
  return undefined
}

/** The first row that is brighter than a slice before its own, or in a cell before that of the row before it in its slice. */
function firstOutOfOrder({ stars, cells }: LaidOut): number | undefined {
  // Stars without a magnitude come last.
  const mags = Array.from(stars.columns.phot_g_mean_mag, (mag) => (Number.isNaN(mag) ? 99 : mag))
  const starts = sliceStarts(stars.length)
  let before = Number.NEGATIVE_INFINITY
  for (let n = 0; n + 1 < starts.length; n++) {
    let faintest = before
    for (let i = starts[n]!; i < starts[n + 1]!; i++) {
      if (mags[i]! < before || (i > starts[n]! && cells[i]! < cells[i - 1]!)) return i
      faintest = Math.max(faintest, mags[i]!)
    }
    before = faintest
  }
  return undefined
}

/** What the store's own reader, which reads parts of the file by its own checksums, has to say. */
async function readsOtherwise(folder: string, tile: TileEntry, stars: StarTable): Promise<TileFinding> {
  let at = 0
  try {
    for await (const { length, columns } of readTile(folder, tile, STORED_NAMES)) {
      for (const name of STORED_NAMES) {
        const own = stars.columns[name].subarray(at, at + length)
        if (columns[name].some((value, i) => !Object.is(value, own[i])))
          return wrong(`its column ${name} reads differently in parts`)
      }
      at += length
    }
  } catch (error) {
    if (isReplaced(error)) return { missing: true, what: 'the file has just gone' }
    if (!(error instanceof UserError)) throw error
    return wrong(error.message.replace(/^.* is damaged: /, ''))
  }
  return at === stars.length ? null : wrong(`${at} of its ${stars.length} stars can be read in parts`)
}
