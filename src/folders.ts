// Folders that receive files: made with those above them, and in words why one cannot be.
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

/**
 * Makes a folder (an absolute path) with those above it. Node's own way (`recursive`) never ends where the system refuses
 * with ENOENT, as it does below /proc.
 */
export async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) {
      await makeFolders(dirname(path))
      await mkdir(path).catch(passIfMade)
    } else if (!(await isFolder(path))) throw error
  }
}

/** Another run may have made it in the meantime. */
function passIfMade(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

const REASONS: Record<string, string> = {
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'its file system is mounted read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota is used up',
  EEXIST: 'a file or a broken link has that name',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'no folder can be made there',
  ELOOP: 'the links in its path lead in a circle',
  ENAMETOOLONG: 'its name is too long',
}

/** Why a folder cannot be made, in words where the system's code is known. */
export function whyNot(error: unknown): string {
  return REASONS[codeOf(error)] ?? codeOf(error)
}
