// Where the programs that platepipe starts are, and which versions they are: for doctor and for run.json.
import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, isAbsolute, join, resolve, sep } from 'node:path'
import { Cancelled } from '../errors.ts'
import { runProgram } from './run.ts'

export interface FoundProgram {
  /** As asked for. */
  name: string
  path: string
  /** As the program says; null where it does not say. */
  version: string | null
}

/** A program to look for. */
export interface Wanted {
  /** The first that is found is taken. */
  names: readonly string[]
  /** What makes it print its version; without any it is only looked for. */
  versionArgs?: readonly string[] | undefined
  /** Its first group is the version. */
  versionPattern?: RegExp | undefined
}

/** SExtractor under its names in Debian, upstream and older distributions. */
export const SEXTRACTOR_NAMES = ['source-extractor', 'sex', 'sextractor'] as const

/** How each program says its version; asked without arguments, some print it above their usage. */
export const VERSION_OF = {
  sextractor: { versionArgs: ['--version'], versionPattern: /version\s+(\d\S*)/i },
  solveField: { versionArgs: ['--version'], versionPattern: /(\d+\.\d[\w.-]*)/ },
  buildIndex: { versionArgs: [], versionPattern: /Revision ([^\s,]+)/ },
  queryStarkd: { versionArgs: [], versionPattern: /Revision ([^\s,]+)/ },
  funpack: { versionArgs: ['-V'], versionPattern: /^(\d\S*)/m },
} as const satisfies Record<string, Omit<Wanted, 'names'>>

const VERSION_SECONDS = 10 // a program that does not answer by then is there, but of no known version

async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** The path of a program as a shell would find it; undefined when it is not there or may not be run. */
export async function findProgram(
  name: string,
  searchPath = process.env.PATH ?? '',
): Promise<string | undefined> {
  if (name.includes(sep) || isAbsolute(name)) {
    const path = resolve(name)
    return (await executable(path)) ? path : undefined
  }
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder === '' ? '.' : folder, name)
    if (await executable(path)) return resolve(path)
  }
  return undefined
}

async function askVersion(
  path: string,
  wanted: Wanted,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  if (!wanted.versionArgs || !wanted.versionPattern) return null
  try {
    const run = await runProgram({
      program: path,
      args: wanted.versionArgs,
      cwd: await realpath(tmpdir()),
      timeoutSeconds: VERSION_SECONDS,
      signal,
      installHint: '',
    })
    return wanted.versionPattern.exec(run.output)?.[1] ?? null
  } catch (error) {
    if (error instanceof Cancelled) throw error
    return null
  }
}

/** The first of the wanted names that is installed; undefined when none is. */
export async function describeProgram(
  wanted: Wanted,
  signal?: AbortSignal | undefined,
): Promise<FoundProgram | undefined> {
  for (const name of wanted.names) {
    const path = await findProgram(name)
    if (path !== undefined) return { name, path, version: await askVersion(path, wanted, signal) }
  }
  return undefined
}
