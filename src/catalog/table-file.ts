// A file of stars as a table in runs of rows: CSV, FITS table, VOTable or Parquet, each plain or packed with gzip.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { throwIfCancelled, UserError } from '../errors.ts'
import type { BatchOptions, ChooseKinds, TableBatches } from '../formats/columntable.ts'
import { csvBatches } from '../formats/csv.ts'
import { parquetBatches } from '../formats/parquet.ts'
import { votableBatches } from '../formats/votable.ts'
import { fitsBatches } from './fits-columns.ts'
import { sniff, streamOf } from './sniff.ts'

export interface FileOptions extends BatchOptions {
  /** Receives an unpacked copy where one is needed, which is gone again at the end. */
  workDir?: string | undefined
}

/**
 * @throws UserError: missing, empty, of no known format, damaged, and what `choose` throws; Cancelled.
 */
export async function* tableBatches(
  path: string,
  choose: ChooseKinds,
  { workDir = tmpdir(), ...options }: FileOptions = {},
): TableBatches {
  const { content, gzipped } = await sniff(path)
  throwIfCancelled(options.signal)
  if (content === 'text') yield* csvBatches(streamOf(path, gzipped), path, choose, options)
  else if (content === 'votable') yield* votableBatches(streamOf(path, gzipped), path, choose, options)
  else {
    const read = content === 'fits' ? fitsBatches : parquetBatches
    if (gzipped) yield* unpacked(read, path, choose, { ...options, workDir })
    else yield* read(path, choose, options)
  }
}

/** FITS and Parquet are read at random places, hence from a file. */
async function* unpacked(
  read: typeof fitsBatches,
  path: string,
  choose: ChooseKinds,
  { workDir, ...options }: FileOptions & { workDir: string },
): TableBatches {
  const folder = await mkdtemp(join(workDir, 'platepipe-catalogue-'))
  const plain = join(folder, 'catalogue')
  try {
    await writeFile(plain, streamOf(path, true), options.signal ? { signal: options.signal } : {})
    yield* read(plain, choose, options)
  } catch (error) {
    throwIfCancelled(options.signal)
    throw ofTheUsersFile(error, plain, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Messages name the file that the user gave, not the unpacked copy. */
function ofTheUsersFile(error: unknown, plain: string, path: string): unknown {
  if (error instanceof UserError) return new UserError(error.message.replaceAll(plain, path), error.todo)
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return error
  return new UserError(
    `there is no room to unpack ${path} in ${plain}`,
    'free some space, or name a folder with room in TMPDIR',
  )
}
