// Files of stars into the store, whatever their size: sorted by cells through work files, then added tile by tile, all of
// them or none.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { throwIfCancelled } from '../errors.ts'
import type { Cone } from '../math/healpix.ts'
import { coverageCounter } from './import/coverage-estimate.ts'
import { emptyFoldersOf, makeFolder } from './import/made-folders.ts'
import type { ColumnNames } from './import/map-option.ts'
import { spillRows } from './import/spill.ts'
import { type ImportTally, newTally, readStarBatches } from './import/star-batches.ts'
import { coverageOf, refuseCutOff } from './import/what-is-covered.ts'
import { fillStore } from './store/fill.ts'
import type { Coverage } from './store/manifest.ts'
import { finestCells, hasGaiasNumber, lastOfEach, MAX_TILE_ROWS, type Piece } from './store/rows.ts'
import type { StarTable } from './store/star-table.ts'

export interface ImportInput {
  files: readonly string[]
  /** Of the store: the stars go into the folder of their release in it. */
  folder: string
  map?: ColumnNames | undefined
  /** The release, where the files do not say it themselves. */
  release?: string | undefined
  /** The files are said to be complete in this cone; undefined: what they cover is estimated from the stars. */
  cone?: Cone | undefined
  /** … to this magnitude; undefined: estimated, or with a cone, every star. */
  limitMag?: number | undefined
  tmpDir?: string | undefined
  /** Who imports, for the record. */
  by: string
  signal: AbortSignal
  /** Rows read so far; then, while tiles are written, rows written. */
  onProgress?: ((what: 'read' | 'written', rows: number) => void) | undefined
}

export interface Imported {
  folder: string
  tally: ImportTally
  /** Empty where nothing can be said of it. */
  coverage: Coverage[]
  /** Stars in the store now. */
  rows: number
}

/**
 * Imports files of one release. Constant memory: 300 to 450 MB, whatever the number of stars.
 * @throws UserError: a file that is unusable, several releases, no room; Cancelled. The store is then as it was.
 */
export async function importFiles(input: ImportInput): Promise<Imported> {
  const tally = newTally()
  const batches = batchesOf(input, tally)
  try {
    return await importBatches(input, tally, batches)
  } finally {
    await batches.return() // what it has unpacked must not stay
  }
}

async function importBatches(
  input: ImportInput,
  tally: ImportTally,
  batches: AsyncGenerator<StarTable, void, undefined>,
): Promise<Imported> {
  // The first rows tell which release the files are of, and so where the stars go.
  const first = await batches.next()
  const folder = join(input.folder, tally.release)
  const work = input.tmpDir ?? folder
  const removeEmpty = emptyFoldersOf([folder, work])
  try {
    await makeFolder(work)
    return await sortedInto(folder, work, input, tally, chained(first.done ? [] : [first.value], batches))
  } catch (error) {
    await removeEmpty()
    throw error
  }
}

async function sortedInto(
  folder: string,
  work: string,
  input: ImportInput,
  tally: ImportTally,
  batches: AsyncIterable<StarTable>,
): Promise<Imported> {
  const { signal, onProgress } = input
  const counter = coverageCounter()
  const cellsOf = (stars: StarTable) => {
    const cells = finestCells(stars)
    counter.add(stars, cells)
    tally.foreignNumber += foreignNumbers(stars, cells)
    onProgress?.('read', tally.rows)
    return cells
  }
  const identity = await identityOf(input.files, signal)
  let coverage: Coverage[] = []
  let written = 0
  const { rows } = await fillStore({
    folder,
    release: tally.release,
    refEpochYr: tally.refEpochYr,
    pieces: told(
      onceEach(spillRows(batches, { dir: work, cellsOf, maxTileRows: MAX_TILE_ROWS, signal }), tally),
      (piece) => {
        written += piece.stars.length
        onProgress?.('written', written)
      },
    ),
    coverage: () => {
      coverage = coverageOf(input, tally, counter.estimate())
      return coverage
    },
    source: () => {
      const now = new Date().toISOString()
      return { ...sourceOf(input.files, identity, tally), first: now, last: now, by: input.by }
    },
    signal,
  })
  return { folder, tally, coverage, rows }
}

/** Stars whose number is there and is none of Gaia's. */
function foreignNumbers(stars: StarTable, cells: Uint32Array): number {
  const { source_id: ids } = stars.columns
  return hasGaiasNumber(stars, cells).reduce((n, isGaias, i) => n + (isGaias || ids[i] === 0n ? 0 : 1), 0)
}

/** The stars of every cell once, and how many rows that leaves out. */
async function* onceEach(
  pieces: AsyncIterable<Piece>,
  tally: ImportTally,
): AsyncGenerator<Piece, void, undefined> {
  for await (const { cell, stars } of pieces) {
    const once = lastOfEach([stars])
    tally.replaced += stars.length - once.length
    yield { cell, stars: once }
  }
}

async function* batchesOf(
  input: ImportInput,
  tally: ImportTally,
): AsyncGenerator<StarTable, void, undefined> {
  const { files, map, release, tmpDir, signal } = input
  for (const path of files) {
    const work = tmpDir === undefined ? {} : { workDir: tmpDir }
    yield* readStarBatches(path, { map, release, signal, ...work }, tally)
    refuseCutOff(input, tally)
  }
}

async function* chained<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* first
  yield* rest
}

async function* told<T>(
  items: AsyncIterable<T>,
  tell: (item: T) => void,
): AsyncGenerator<T, void, undefined> {
  for await (const item of items) {
    yield item
    tell(item)
  }
}

/** Files of more bytes together would take minutes to be read once more. */
const HASHED_BYTES = 4e9

/** By what the files can be told again. */
async function identityOf(files: readonly string[], signal: AbortSignal): Promise<string> {
  let bytes = 0
  for (const path of files) bytes += (await stat(path)).size
  if (bytes > HASHED_BYTES) return `${files.length} files of ${bytes} bytes together`
  const sums: string[] = []
  for (const path of files) sums.push(await sha256Of(path, signal))
  if (sums.length === 1) return `SHA-256 ${sums[0]}`
  return `SHA-256 of the list of their SHA-256 ${createHash('sha256').update(sums.join('\n')).digest('hex')}`
}

async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    throwIfCancelled(signal)
    hash.update(chunk)
  }
  return hash.digest('hex')
}

const NAMED_FILES = 3

function sourceOf(files: readonly string[], identity: string, tally: ImportTally) {
  const names = files.slice(0, NAMED_FILES).map((path) => basename(path))
  const more = files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : ''
  return {
    kind: 'import' as const,
    name: names.join(', ') + more,
    detail: [identity, ...tally.assumptions].join('; '),
  }
}
