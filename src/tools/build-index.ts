// build-astrometry-index: an astrometry.net index of one field, from a FITS table of places and magnitudes.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { refuseFullDisk } from './disk.ts'
import { type ProgramRun, runProgram } from './run.ts'

export interface BuildIndexCall {
  program: string
  workDir: string
  /** A FITS table in workDir with columns RA, DEC (deg) and MAG. */
  starsName: string
  indexName: string
  /** Smallest and largest quad, arcmin. */
  quadArcmin: readonly [low: number, high: number]
  indexId: number
  timeoutSeconds: number
  signal?: AbortSignal | undefined
}

/** Preset 0 of the program has cells of NSIDE 1760 for quads from 2 arcmin: the cell follows the quad. */
const NSIDE_TIMES_ARCMIN = 3520

/** @returns the run, and whether an index came out of it (too few stars in too few cells give none) */
export async function buildIndex(call: BuildIndexCall): Promise<{ run: ProgramRun; built: boolean }> {
  const path = join(call.workDir, call.indexName)
  await rm(path, { force: true })
  const [low, high] = call.quadArcmin
  const run = await runProgram({
    program: call.program,
    args: [
      ...['-i', call.starsName, '-o', call.indexName, '-S', 'MAG', '-E', '-t', '.'],
      ...['-l', low.toFixed(4), '-u', high.toFixed(4)],
      ...['-N', `${Math.max(1, Math.round(NSIDE_TIMES_ARCMIN / low))}`, '-I', `${call.indexId}`],
    ],
    cwd: call.workDir,
    timeoutSeconds: call.timeoutSeconds,
    signal: call.signal,
    installHint:
      'install astrometry.net (Debian and Ubuntu: apt-get install astrometry.net) or set --build-index',
  })
  const size = await stat(path).then(
    (s) => s.size,
    () => 0,
  )
  const built = size > 0 && run.exitCode === 0
  if (!built) await refuseFullDisk('build-astrometry-index', call.workDir, run.output)
  return { run, built }
}
