// The folder of a result: written beside its place, then renamed, so that an earlier result is replaced only as a whole
// and only by a run that finished.
import { randomBytes } from 'node:crypto'
import { access, mkdir, mkdtemp, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UserError } from './errors.ts'

export interface ResultFolder {
  /** Where the files are written. */
  staging: string
  /** Where they will be. */
  final: string
  /** Puts the staged files in place of an earlier result. */
  promote(): Promise<void>
  /** Removes what was staged; an earlier result stays. */
  discard(): Promise<void>
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Makes the staging folder, so that a place that cannot be written to is told before hours of work.
 * @param force  replace a folder that is not a result of platepipe
 */
export async function openResultFolder(
  outDir: string,
  plateId: string,
  force: boolean,
): Promise<ResultFolder> {
  const final = join(outDir, plateId)
  const tag = randomBytes(4).toString('hex')
  const staging = join(outDir, `.${plateId}.partial-${tag}`)
  const retired = join(outDir, `.${plateId}.replaced-${tag}`)
  try {
    await mkdir(outDir, { recursive: true })
    await mkdir(staging)
  } catch (error) {
    throw new UserError(
      `the output folder ${outDir} cannot be written to (${(error as NodeJS.ErrnoException).code})`,
      'give another one with --out, or change its permissions',
    )
  }
  const discard = () => rm(staging, { recursive: true, force: true })
  if (!force && (await isForeign(final))) {
    await discard()
    throw new UserError(
      `${final} exists and is not an earlier result of platepipe (it has no solution.json)`,
      'give another folder with --out, another name with --id, or replace it with --force',
    )
  }
  return {
    staging,
    final,
    discard,
    promote: async () => {
      const replaces = await exists(final)
      if (replaces) await rename(final, retired)
      try {
        await rename(staging, final)
      } catch (error) {
        if (replaces) await rename(retired, final)
        throw error
      }
      if (replaces) await rm(retired, { recursive: true, force: true })
    },
  }
}

/** Something else stands at the place: a file, or a folder with other things in it. */
async function isForeign(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => null)
  if (there === null) return false
  if (!there.isDirectory()) return true
  const names = await readdir(path)
  return names.length > 0 && !names.includes('solution.json')
}

/** A folder for the programs' files; its path has no link in it, because solve-field follows none. */
export async function makeWorkFolder(tmpDir: string | undefined): Promise<string> {
  const parent = tmpDir ?? tmpdir()
  try {
    await mkdir(parent, { recursive: true })
    return await mkdtemp(join(await realpath(parent), 'platepipe-'))
  } catch (error) {
    throw new UserError(
      `no work folder can be made in ${parent} (${(error as NodeJS.ErrnoException).code})`,
      'name a folder that can be written to with --tmp-dir',
    )
  }
}
