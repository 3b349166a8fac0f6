// Files of records, one per cell of an order, in which stars that come in any order are put by their place. Few bytes are
// held of each, and one file is open at a time.
import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../errors.ts'
import { FINEST_ORDER } from '../../math/healpix.ts'
import { newRecords, RECORD_BYTES, type Records } from './star-records.ts'

const MOST_HELD_ROWS = 4096 // a write of 0.7 MB: more makes it no faster

const MOST_READ_BYTES = 2 ** 30 // Node refuses 2 GiB

interface Bucket {
  /** Rows in its file and in memory. */
  rows: number
  held: Records
  heldRows: number
}

export interface Buckets {
  order: number
  /** Rows by cell. */
  counts: Map<number, number>
  /** Room for a record of a star in this cell of order 12: filled by the caller before anything else is asked for. */
  room(finestCell: number): { records: Records; record: number }
  /** Writes what is held; after it, no more room is given. */
  finish(): void
  /** The records of a cell, whose file is gone then. */
  take(pixel: number): Records
  /** The same in runs of at most `rows`. */
  takeInRuns(pixel: number, rows: number): Generator<Records>
}

/** @param memoryBytes  the most that is held when all cells of `cells` hold stars */
export function openBuckets(folder: string, order: number, cells: number, memoryBytes: number): Buckets {
  const heldRows = Math.max(1, Math.min(MOST_HELD_ROWS, Math.floor(memoryBytes / cells / RECORD_BYTES)))
  const buckets = new Map<number, Bucket>()
  const counts = new Map<number, number>()
  const coarser = 4 ** (FINEST_ORDER - order)
  const pathOf = (pixel: number) => join(folder, `${order}-${pixel}`)
  const flush = (pixel: number, bucket: Bucket) => {
    append(pathOf(pixel), bucket.held.bytes.subarray(0, bucket.heldRows * RECORD_BYTES))
    bucket.heldRows = 0
  }
  return {
    order,
    counts,
    room(finestCell) {
      const pixel = Math.floor(finestCell / coarser)
      let bucket = buckets.get(pixel)
      if (bucket === undefined) {
        bucket = { rows: 0, held: newRecords(heldRows), heldRows: 0 }
        buckets.set(pixel, bucket)
      } else if (bucket.heldRows === heldRows) flush(pixel, bucket)
      bucket.rows++
      return { records: bucket.held, record: bucket.heldRows++ }
    },
    finish() {
      for (const [pixel, bucket] of buckets) {
        flush(pixel, bucket)
        counts.set(pixel, bucket.rows)
      }
      buckets.clear()
    },
    take(pixel) {
      const [records] = runsOf(pathOf(pixel), Number.POSITIVE_INFINITY)
      return records!
    },
    takeInRuns: (pixel, rows) => runsOf(pathOf(pixel), rows),
  }
}

/** Written synchronously: a write waits for the disk either way, and rows keep their order without further care. */
export function append(path: string, bytes: Uint8Array): void {
  try {
    const file = openSync(path, 'a')
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw cannotSort(path, error)
  }
}

export function cannotSort(path: string, error: unknown): UserError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new UserError(
      `${path}, where the stars would be sorted, cannot be written to (${code})`,
      'check the rights of the folder, or name another one with --catalog or --tmp-dir',
    )
  }
  return new UserError(
    `the stars cannot be sorted in ${path} (${code === 'ENOSPC' ? 'the disk is full' : code})`,
    `name a folder with room: sorting takes ${RECORD_BYTES} bytes for every star`,
  )
}

function* runsOf(path: string, rows: number): Generator<Records> {
  const file = openSync(path, 'r')
  try {
    const all = fstatSync(file).size / RECORD_BYTES
    for (let from = 0; from < all; from += rows) {
      const records = newRecords(Math.min(rows, all - from))
      for (let at = 0; at < records.bytes.length; ) {
        const length = Math.min(records.bytes.length - at, MOST_READ_BYTES)
        const got = readSync(file, records.bytes, at, length, from * RECORD_BYTES + at)
        if (got === 0) throw new Error(`${path} has lost rows`)
        at += got
      }
      yield records
    }
  } finally {
    closeSync(file)
    rmSync(path, { force: true })
  }
}
