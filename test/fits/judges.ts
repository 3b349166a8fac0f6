// Independent programs that judge what src/fits writes, and make what it must read.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const PYTHON = '/usr/bin/python3'
const ASTROPY_SCRIPT = join(import.meta.dirname, 'judge_astropy.py')

/** The folder of real plates; tests that need it are skipped where it is not. */
export const PLATES = join(import.meta.dirname, '../../../shared/plates')
export const hasPlates = existsSync(PLATES)

/** A folder that goes away after the tests of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'platepipe-fits-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What fitsverify has to say: 'verification OK' or its report. */
export function fitsverify(path: string): string {
  try {
    const quiet = execFileSync('fitsverify', ['-q', path], { encoding: 'utf8' })
    if (quiet.startsWith('verification OK')) return 'verification OK'
    return execFileSync('fitsverify', [path], { encoding: 'utf8' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return `${stdout ?? ''}${stderr ?? ''}${runAll(path)}`
  }
}

function runAll(path: string): string {
  try {
    return execFileSync('fitsverify', [path], { encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
  }
}

export interface AstropyHdu {
  kind: string
  name: string
  cards: [string, string | boolean | null, string][]
  datasum: number | null
  checksum: number | null
  pixels?: string[]
  type?: string
  columns?: Record<string, { values: (string | boolean)[]; unit: string | null; null: string | null }>
}

/** Everything astropy reads in a file; without pixels and columns if `headerOnly`. */
export function astropyReads(path: string, headerOnly = false): AstropyHdu[] {
  const args = [ASTROPY_SCRIPT, headerOnly ? 'header' : 'read', path]
  return JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8', maxBuffer: 2 ** 28 }))
}

/** Has astropy write a file by a recipe of judge_astropy.py. */
export function astropyMakes(path: string, recipe: string): string {
  execFileSync(PYTHON, [ASTROPY_SCRIPT, 'make', path, recipe])
  return path
}

/** Python's repr of a float, which judge_astropy.py prints, back to a number. */
export function fromRepr(text: string): number {
  if (text === 'nan') return Number.NaN
  return Number(text.replace('inf', 'Infinity'))
}
