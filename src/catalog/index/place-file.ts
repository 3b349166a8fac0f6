// Puts a finished index into its folder, whole or not at all, and sweeps away what killed runs have left.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../../errors.ts'
import { whyNot } from '../../folders.ts'
import { ageMs } from '../store/numbered-file.ts'

/** Work folders and unfinished copies begin like this; an older one than this belongs to no living run. */
const UNFINISHED = '.unfinished-'
const ABANDONED_MS = 24 * 3600_000

/** Only files that are certainly its own are swept away. */
const INDEX_NAME = /^J\d{4}[\d.]*-[\d.]+arcmin-.*-[0-9a-f]{8}\.fits$/

/** A new folder for the work on one index. @throws UserError where none can be made */
export async function makeWorkFolder(parent: string): Promise<string> {
  const path = join(parent, `${UNFINISHED}${randomBytes(6).toString('hex')}`)
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw new UserError(
      `the folder ${path} cannot be made: ${whyNot(error)}`,
      'check the rights of the folder, or name another one with --catalog or --tmp-dir',
    )
  }
  return path
}

/** Removes what runs that were killed have left in the folder: of finished files, those that are not `known`. */
export async function removeAbandoned(folder: string, known: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const isLeft = name.startsWith(UNFINISHED) || (INDEX_NAME.test(name) && !known.has(name))
    if (isLeft && (await ageMs(path)) > ABANDONED_MS) await rm(path, { recursive: true, force: true })
  }
}

/**
 * Gives a finished file its name in the folder. Where another run has just made the same, its file stays.
 * @returns the bytes and checksum of the file that has the name now
 */
export async function placeFile(made: string, path: string): Promise<{ bytes: number; sha256: string }> {
  const copy = join(dirname(path), `${UNFINISHED}${randomBytes(6).toString('hex')}`)
  try {
    await link(made, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error
      await copyFile(made, copy) // --tmp-dir on another disk
      await link(copy, path)
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(copy, { force: true })
  }
  return { bytes: (await stat(path)).size, sha256: await sha256Of(path) }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return hash.digest('hex')
}
