// Whether a program failed for want of room: some say so in words of their own, some end without a word.
import { statfs } from 'node:fs/promises'
import { UserError } from '../errors.ts'

/** A disk with less than this left is full for any program that writes in blocks. */
const MIN_FREE_BYTES = 64 * 1024

const COMPLAINT = /no space left on device|disk quota exceeded|\bENOSPC\b|\bEDQUOT\b/i

/**
 * Called when a program has not delivered.
 * @param output  what the program said
 * @throws UserError when the disk of the folder that it writes to is full
 */
export async function refuseFullDisk(program: string, folder: string, output: string): Promise<void> {
  const freeBytes = await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  )
  if (freeBytes >= MIN_FREE_BYTES && !COMPLAINT.test(output)) return
  throw new UserError(
    `the disk filled up while ${program} wrote to the work folder ${folder}`,
    'free some space, or choose a folder on another disk with --tmp-dir',
  )
}
