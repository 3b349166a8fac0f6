// The folder of a result: written beside its place, then renamed, so that an earlier result is replaced only as a whole
// and only by a run that finished. And the folder for work files. Neither outlives the run.
import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readdir, realpath, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { UserError } from './errors.ts'
import { codeOf, makeFolders, whyNot } from './folders.ts'

export interface ResultFolder {
  /** Where the files are written. */
  staging: string
  /** Where they will be. */
  final: string
  /** Puts the staged files in place of an earlier result. */
  promote(): Promise<void>
  /** Removes what was staged; an earlier result stays. */
  discard(): Promise<void>
  /** Discards, and fails with the error that is given. */
  abandon(error: unknown): Promise<never>
}

/** Folders that must be gone when the run ends, however it ends. */
const temporary = new Set<string>()

/** Earlier results that are out of their place until the new one is in it: where they are, and where they belong. */
const outOfPlace = new Map<string, string>()

/** For an end that leaves no time to wait: earlier results go back, and every folder that is not to stay is removed. */
export function removeTemporaries(): void {
  for (const [retired, final] of outOfPlace) if (existsSync(retired)) renameSync(retired, final)
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true })
  outOfPlace.clear()
  temporary.clear()
}

async function removeTemporary(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  temporary.delete(folder)
}

const MAX_NAME_BYTES = 255 // of the usual file systems
const MAX_TAGGED_BYTES = 200 // leaves room for the endings below

/**
 * Makes the staging folder, so that a place that cannot be written to is told before hours of work.
 * @param force  replace a folder that is not a result of platepipe
 * @throws UserError where the folder cannot be made, or something else stands at its place
 */
export async function openResultFolder(
  outDir: string,
  plateId: string,
  force: boolean,
): Promise<ResultFolder> {
  const bytes = Buffer.from(plateId)
  if (bytes.length > MAX_NAME_BYTES) {
    throw new UserError(
      `the name of the plate takes ${bytes.length} bytes, and a folder's may take ${MAX_NAME_BYTES}: ${plateId}`,
      'give a shorter one with --id',
    )
  }
  const final = join(outDir, plateId)
  const short = bytes
    .subarray(0, MAX_TAGGED_BYTES)
    .toString()
    .replace(/\ufffd+$/, '')
  const tag = randomBytes(4).toString('hex')
  const staging = join(outDir, `.${short}.partial-${tag}`)
  const retired = join(outDir, `.${short}.replaced-${tag}`)
  try {
    await makeFolders(resolve(outDir))
    await mkdir(staging)
  } catch (error) {
    throw new UserError(
      `results cannot be written to the folder ${outDir}: ${whyNot(error)}`,
      'give another folder with --out, or mend this one',
    )
  }
  temporary.add(staging)
  const discard = () => removeTemporary(staging)
  if (!force && (await isForeign(final))) {
    await discard()
    throw new UserError(
      `${final} exists and is not an earlier result of platepipe (it has no solution.json)`,
      'give another folder with --out, another name with --id, or replace it with --force',
    )
  }
  const abandon = async (error: unknown): Promise<never> => {
    await discard()
    throw error
  }
  return { staging, final, discard, abandon, promote: () => promote(staging, final, retired) }
}

/** Something else stands at the place: a file, a link that leads nowhere, or a folder with other things in it. */
async function isForeign(path: string): Promise<boolean> {
  if ((await lstat(path).catch(() => null)) === null) return false
  const names = await readdir(path).catch(() => null)
  return names === null || (names.length > 0 && !names.includes('solution.json'))
}

const MAX_ROUNDS = 20 // as many runs of one plate would have to end in the same moment

/** Another run of the same plate may do the same at the same time: the one that comes last stays, whole. */
async function promote(staging: string, final: string, retired: string): Promise<void> {
  for (let round = 1; ; round++) {
    outOfPlace.set(retired, final)
    const replaces = await renamed(final, retired)
    try {
      await rename(staging, final)
    } catch (error) {
      const overtaken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error)) && round < MAX_ROUNDS
      if (!overtaken) {
        if (replaces) await rename(retired, final)
        throw error
      }
      await rm(retired, { recursive: true, force: true })
      continue
    } finally {
      outOfPlace.delete(retired)
    }
    temporary.delete(staging)
    await rm(retired, { recursive: true, force: true })
    return
  }
}

/** Whether there was something to rename. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

/**
 * A folder for the programs' files; its path has no link in it, because solve-field follows none.
 * @param keep  leave it there when the run ends
 */
export async function makeWorkFolder(tmpDir: string | undefined, keep = false): Promise<string> {
  const parent = tmpDir ?? tmpdir()
  try {
    await makeFolders(resolve(parent))
    const folder = await mkdtemp(join(await realpath(parent), 'platepipe-'))
    if (!keep) temporary.add(folder)
    return folder
  } catch (error) {
    throw new UserError(
      `work files cannot be written to the folder ${parent}: ${whyNot(error)}`,
      'name a folder on a disk with room with --tmp-dir',
    )
  }
}

/** Removes a work folder, unless it was made to be kept. */
export async function removeWorkFolder(folder: string): Promise<void> {
  if (temporary.has(folder)) await removeTemporary(folder)
}
