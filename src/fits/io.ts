// Reading and writing bytes at places in large files; offsets are plain numbers (exact to 2^53). A file that is being
// written stands beside its final name until it is whole. The usual ways for a disk to fail become user errors.
import { type FileHandle, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { UserError } from '../errors.ts'

const CHUNK_BYTES = 2 ** 30 // one read or write call of the system takes less than 2 GiB

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException)?.code ?? ''
}

/** Opens a file for reading. @throws UserError when it is missing, a folder, or not readable. */
export async function openForReading(path: string): Promise<{ handle: FileHandle; sizeBytes: number }> {
  try {
    const found = await stat(path) // before it is opened: a pipe would be waited for
    if (found.isFile()) return { handle: await open(path, 'r'), sizeBytes: found.size }
    if (found.isDirectory()) throw new UserError(`${path} is a folder`, 'name a file in it')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new UserError(`${path}: there is no such file`, adviceOnName(path))
    if (code === 'EACCES' || code === 'EPERM') {
      throw new UserError(`${path} may not be read`, 'check the permissions of the file and its folders')
    }
    throw error
  }
  throw new UserError(
    `${path} is a pipe or a device, not a file`,
    'give a file on a disk: it is read more than once, at many places',
  )
}

/** A name that is not UTF-8 (from an old system) reaches Node with its odd bytes replaced: nothing can find it. */
function adviceOnName(path: string): string {
  return path.includes('\ufffd')
    ? 'its name is not UTF-8: rename it, or give it another name with a link (ln -s)'
    : 'check the path'
}

/** Fills `target` from `position` on; returns how many bytes there were, fewer only at the end of the file. */
export async function readAt(handle: FileHandle, target: Uint8Array, position: number): Promise<number> {
  let done = 0
  while (done < target.byteLength) {
    const length = Math.min(CHUNK_BYTES, target.byteLength - done)
    const { bytesRead } = await handle.read(target, done, length, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return done
}

/** A file that appears under its name only when it is finished. */
export interface OutputFile {
  write(bytes: Uint8Array, position: number): Promise<void>
  /** Flushes and gives the file its name. */
  finish(): Promise<void>
  /** Closes and removes what was written; harmless after finish. */
  discard(): Promise<void>
}

/** The usual ways for a disk to refuse, in words; any other error as it is. */
export function writeError(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UserError(
      `the disk filled up while writing ${path}`,
      'free some space, or choose a folder on another disk (--out for results, --tmp-dir for work files)',
    )
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new UserError(`${path} cannot be written: its folder does not exist`, 'make the folder first')
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new UserError(`${path} may not be written`, 'choose an output folder that you may write to')
  }
  if (code === 'EISDIR' || code === 'ENOTEMPTY') {
    return new UserError(`${path} cannot be written: a folder has that name`, 'choose another name')
  }
  return error
}

/** Writes a small file at once. @throws UserError where there is no room, or it may not be written. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (error) {
    throw writeError(path, error)
  }
}

/** Creates `path` (over an older file) through `path`.part. @throws UserError where it may not be written. */
export async function createOutput(path: string): Promise<OutputFile> {
  const partPath = `${path}.part`
  const attempt = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step()
    } catch (error) {
      throw writeError(path, error)
    }
  }
  const handle = await attempt(() => open(partPath, 'w'))
  let isOpen = true
  const close = async () => {
    if (isOpen) await handle.close()
    isOpen = false
  }
  return {
    write: (bytes, position) =>
      attempt(async () => {
        let done = 0
        while (done < bytes.byteLength) {
          const length = Math.min(CHUNK_BYTES, bytes.byteLength - done)
          done += (await handle.write(bytes, done, length, position + done)).bytesWritten
        }
      }),
    finish: () =>
      attempt(async () => {
        await close()
        await rename(partPath, path)
      }),
    discard: async () => {
      await close()
      await rm(partPath, { force: true })
    },
  }
}
