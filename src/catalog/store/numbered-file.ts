// A text that several processes change: every state is a new file with a number in its name, which appears whole and only
// if nobody else has made that number. The highest number counts; no lock can be left behind.
import { randomBytes } from 'node:crypto'
import { link, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../errors.ts'

/**
 * Kept besides the newest state: three, and all of the last minutes. A writer that has read an older state, or sees an old
 * listing of a network disk (up to a minute), must find the next number taken.
 */
const KEPT_STATES = 3
const KEPT_MS = 3 * 60_000

const nameOf = (stem: string, number: number): string => `${stem}-${String(number).padStart(8, '0')}.json`

async function numbersOf(folder: string, stem: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw new UserError(
      `the folder ${folder} of the star store cannot be read (${error.code})`,
      'check the rights of the folder, or name another store with --catalog',
    )
  })
  return names.flatMap((name) => {
    const digits = name.startsWith(`${stem}-`) ? name.slice(stem.length + 1) : ''
    return /^\d{8}\.json$/.test(digits) ? Number(digits.slice(0, 8)) : []
  })
}

export interface NumberedText {
  path: string
  number: number
  text: string
}

/** The newest state; null where there is none. */
export async function readNewest(folder: string, stem: string): Promise<NumberedText | null> {
  for (;;) {
    const numbers = await numbersOf(folder, stem)
    if (numbers.length === 0) return null
    const number = Math.max(...numbers)
    const path = join(folder, nameOf(stem, number))
    try {
      return { path, number, text: await readFile(path, 'utf8') }
    } catch (error) {
      // Gone: others have made newer ones since.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/**
 * Makes `text` the state of that number; false when another process was quicker.
 * @throws UserError where the folder cannot be written to.
 */
export async function commitNumber(
  folder: string,
  stem: string,
  number: number,
  text: string,
): Promise<boolean> {
  const temporary = join(folder, `.${stem}-${randomBytes(6).toString('hex')}.part`)
  try {
    await writeFile(temporary, text, { flag: 'wx', flush: true })
    await link(temporary, join(folder, nameOf(stem, number)))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    throw new UserError(
      `the folder ${folder} of the star store cannot be written to (${code})`,
      code === 'ENOSPC' ? 'free some space' : 'check the rights of the folder; it must allow hard links',
    )
  } finally {
    await rm(temporary, { force: true })
  }
  for (const old of await numbersOf(folder, stem)) {
    const path = join(folder, nameOf(stem, old))
    if (old <= number - KEPT_STATES && (await ageMs(path)) > KEPT_MS) await rm(path, { force: true })
  }
  return true
}

/** Time since a file or folder was changed; 0 where it is gone. */
export function ageMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
}
