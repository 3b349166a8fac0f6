// The folders that an import makes, so that one which fails leaves none of them empty.
import { existsSync } from 'node:fs'
import { mkdir, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../../errors.ts'

/** Makes a folder. @throws UserError where it may not be made. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error
    throw new UserError(
      `the folder ${path} cannot be made (${error.code})`,
      'check the rights of the folders above it, or name another one with --catalog or --tmp-dir',
    )
  })
}

/**
 * Notes which of these folders, and of those above them, are not there yet.
 * @returns removes those that have come meanwhile and are empty. Folders in which another process has put anything stay.
 */
export function emptyFoldersOf(paths: readonly string[]): () => Promise<void> {
  const missing = paths.flatMap(withParents).filter((path) => !existsSync(path))
  return async () => {
    for (const path of missing) await rmdir(path).catch(() => {})
  }
}

/** A folder and those above it, the deepest first. */
function withParents(path: string): string[] {
  const above = dirname(path)
  return above === path ? [path] : [path, ...withParents(above)]
}
