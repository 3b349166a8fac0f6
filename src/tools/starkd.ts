// query-starkd of astrometry.net: lists the stars of an index around a place. Its exit status is not enough (0 without
// a file when there are no stars): the table counts, or its word that there are none.
import { access, rm } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import { type FitsTable, readFitsTable } from '../fits/table.ts'
import { refuseFullDisk } from './disk.ts'
import { endOf, runProgram } from './run.ts'

const TIMEOUT_SECONDS = 120 // the whole sky takes 6 s
const INSTALL =
  'install astrometry.net (Debian and Ubuntu: apt-get install astrometry.net) or set --query-starkd'

export interface StarkdCall {
  program?: string | undefined
  indexPath: string
  raDeg: number
  decDeg: number
  radiusDeg: number
  /** Column of the index that comes along with the places. */
  tag: string
  /** The table to write; an older one is removed first. */
  outPath: string
  workDir: string
  signal?: AbortSignal | undefined
}

/**
 * The stars as a table with RA, DEC (deg, J2000) and the tag; null when the index has none there.
 * @throws UserError when the program is missing or the index cannot be read.
 */
export async function queryStarkd(call: StarkdCall): Promise<FitsTable | null> {
  await rm(call.outPath, { force: true })
  const run = await runProgram({
    program: call.program ?? 'query-starkd',
    args: [
      ...['-r', String(call.raDeg), '-d', String(call.decDeg), '-R', String(call.radiusDeg)],
      ...['-t', call.tag, '-o', call.outPath, call.indexPath],
    ],
    cwd: call.workDir,
    timeoutSeconds: TIMEOUT_SECONDS,
    signal: call.signal,
    installHint: INSTALL,
  })
  const succeeded = run.exitCode === 0 && !run.timedOut
  const written = await access(call.outPath).then(
    () => true,
    () => false,
  )
  if (succeeded && written) return await readFitsTable(call.outPath)
  if (succeeded && /\bGot 0 results/.test(run.output)) return null
  await refuseFullDisk('query-starkd', call.workDir, run.output)
  const lastWords = run.output.trim().split('\n').at(-1) ?? ''
  const why = run.timedOut ? `no answer within ${TIMEOUT_SECONDS} s` : lastWords.slice(0, 300)
  throw new UserError(
    `the stars of ${call.indexPath} cannot be listed (${why || endOf(run)})`,
    'install the index again, or name other folders with --index-dir',
  )
}
