// astrometry.net's solve-field: one attempt on one list of stars. It exits 0 when it did not solve; only the .solved
// and .wcs files count, and old ones are removed first.
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { getNumber, parseHeader } from '../fits/header.ts'
import { writeWhole } from '../fits/io.ts'
import { readFitsTable } from '../fits/table.ts'
import { refuseFullDisk } from './disk.ts'
import { endOf, type ProgramRun, runProgram } from './run.ts'

export interface SolveFieldCall {
  program: string
  workDir: string
  /** Prefix of the files it leaves in workDir. */
  name: string
  /** A FITS table in workDir with columns X, Y and RANK (ascending: best first). */
  xyName: string
  width: number
  height: number
  /** Names in workDir, or absolute paths. */
  indexFiles: readonly string[]
  /** How much of the list is used. */
  listLength: number
  cpuSeconds: number
  wallSeconds: number
  /** Expected error of a star's place on the scan, px. */
  pixelError: number
  place?: { raDeg: number; decDeg: number; radiusDeg: number } | undefined
  scaleArcsecPerPx?: readonly [low: number, high: number] | undefined
  /** A FITS header in workDir whose WCS is to be verified before anything else is tried. */
  verifyName?: string | undefined
  signal?: AbortSignal | undefined
}

export interface LinearWcs {
  crval: [number, number]
  crpix: [number, number]
  cd: [number, number, number, number]
}

export interface SolveFieldResult {
  run: ProgramRun
  solution: { wcs: LinearWcs; logOdds: number; matched: number; indexFile: string } | null
  /** What it complained of when it broke off; null when it ran to its end, solved or not. */
  failure: string | null
}

const INSTALL =
  'install astrometry.net (Debian and Ubuntu: apt-get install astrometry.net astrometry-data-tycho2) or set --solve-field'

/** Runs one attempt. Rejects with a UserError when solve-field cannot be started. */
export async function runSolveField(call: SolveFieldCall): Promise<SolveFieldResult> {
  const file = (ending: string) => join(call.workDir, `${call.name}.${ending}`)
  for (const ending of ['solved', 'wcs', 'match', 'axy']) await rm(file(ending), { force: true })
  const config = [
    'inparallel', // without it the CPU limit is counted per index
    `cpulimit ${Math.ceil(call.cpuSeconds)}`,
    ...[...new Set(call.indexFiles.map(dirname))].map((dir) => `add_path ${dir}`),
    ...call.indexFiles.map((index) => `index ${basename(index)}`),
  ]
  await writeWhole(file('cfg'), `${config.join('\n')}\n`)
  const run = await runProgram({
    program: call.program,
    args: [...argumentsOf(call), call.xyName],
    cwd: call.workDir,
    timeoutSeconds: call.wallSeconds,
    signal: call.signal,
    installHint: INSTALL,
  })
  const solution = await readSolution(file, run.output)
  if (solution === null) await refuseFullDisk('solve-field', call.workDir, run.output)
  const failure = solution === null && !run.timedOut ? await failureOf(run, file) : null
  return { run, solution, failure }
}

function argumentsOf(call: SolveFieldCall): string[] {
  const { name, place, scaleArcsecPerPx: scale } = call
  const known = [
    ...(place === undefined
      ? []
      : ['--ra', `${place.raDeg}`, '--dec', `${place.decDeg}`, '--radius', `${place.radiusDeg}`]),
    ...(scale === undefined
      ? []
      : ['--scale-units', 'app', '--scale-low', `${scale[0]}`, '--scale-high', `${scale[1]}`]),
    ...(call.verifyName === undefined ? [] : ['--verify', call.verifyName]),
  ]
  const list = [
    '--width',
    `${call.width}`,
    '--height',
    `${call.height}`,
    '--x-column',
    'X',
    '--y-column',
    'Y',
  ]
  const output = ['--dir', '.', '--out', name, '--overwrite', '--no-plots', '--new-fits', 'none']
  const unwanted = ['--rdls', 'none', '--corr', 'none', '--index-xyls', 'none', '--temp-dir', '.']
  return [
    ...['--config', `${name}.cfg`],
    ...list,
    ...['--sort-column', 'RANK', '--sort-ascending'],
    // The list is already clean and spread over the plate; these would start its Python.
    ...['--no-remove-lines', '--uniformize', '0'],
    ...['--cpulimit', `${Math.ceil(call.cpuSeconds)}`, '--pixel-error', call.pixelError.toFixed(2)],
    ...['--no-tweak', '--crpix-center', '--objs', `${call.listLength}`],
    ...output,
    ...unwanted,
    ...known,
  ]
}

/** Null where it ended as it does when it finds no solution: without an error, and with the list that it searched with. */
async function failureOf(run: ProgramRun, file: (ending: string) => string): Promise<string | null> {
  if (run.exitCode !== 0) return complaintOf(run)
  if (existsSync(file('solved'))) return 'it says that it solved, but left no WCS that can be read'
  return existsSync(file('axy')) ? null : 'it ended without an error, but left no files'
}

/** Its first complaint: later lines only repeat that a command failed. */
function complaintOf(run: ProgramRun): string {
  const complaint = run.output
    .split('\n')
    .find((line) => /couldn't|failed|error|not found|cannot|no such/i.test(line))
  return `${endOf(run)}${complaint === undefined ? '' : `: ${complaint.trim()}`}`
}

async function readSolution(
  file: (ending: string) => string,
  output: string,
): Promise<SolveFieldResult['solution']> {
  const solved = await readFile(file('solved')).catch(() => null)
  const wcsBytes = await readFile(file('wcs')).catch(() => null)
  if (solved === null || solved[0] !== 1 || wcsBytes === null) return null
  const header = parseHeader(wcsBytes)
  const numbers = ['CRVAL1', 'CRVAL2', 'CRPIX1', 'CRPIX2', 'CD1_1', 'CD1_2', 'CD2_1', 'CD2_2'].map((key) =>
    getNumber(header, key),
  )
  if (numbers.some((value) => value === undefined || !Number.isFinite(value))) return null
  const [v1, v2, p1, p2, cd11, cd12, cd21, cd22] = numbers as number[]
  const match = await readFitsTable(file('match')).catch(() => null)
  const first = (name: string): number => {
    const column = match?.columns.find((c) => c.name === name)
    return column === undefined ? Number.NaN : Number(column.data[0])
  }
  return {
    wcs: { crval: [v1!, v2!], crpix: [p1!, p2!], cd: [cd11!, cd12!, cd21!, cd22!] },
    logOdds: first('LOGODDS'),
    matched: first('NMATCH'),
    indexFile: indexOf(output),
  }
}

/** The index that it solved with. The WCS of a header is checked with each of them, and the best check counts. */
function indexOf(output: string): string {
  const found = /solved with index ([^\s]+?)\.?\s*$/m.exec(output)?.[1]
  if (found !== undefined) return found
  const checked = output.split('Verifying WCS with index ').slice(1)
  const checks = checked.map((text) => ({
    path: /^\d+ of \d+ \((.*)\)/.exec(text)?.[1] ?? '',
    logOdds: Number(/--> log-odds (\S+)/.exec(text)?.[1] ?? Number.NEGATIVE_INFINITY),
  }))
  checks.sort((a, b) => b.logOdds - a.logOdds)
  return basename(checks[0]?.path ?? '')
}
