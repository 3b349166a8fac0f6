// SExtractor: writes its configuration, runs it, and reads its table back. An exit status of 0 proves nothing (an
// unknown keyword and a negative plate exit 0 too): only a complete table counts.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { writeWhole } from '../fits/io.ts'
import { type FitsTable, readFitsTable } from '../fits/table.ts'
import { refuseFullDisk } from './disk.ts'
import { byHand, endOf, type ProgramRun, runProgram } from './run.ts'

const NAMES = ['source-extractor', 'sex', 'sextractor'] // Debian, upstream, older distributions

const INSTALL =
  'install it (Debian and Ubuntu: apt-get install source-extractor) or give its path with --sextractor'

/** What platepipe asks of SExtractor for each detection. */
const COLUMNS = [
  'NUMBER',
  'X_IMAGE_DBL',
  'Y_IMAGE_DBL',
  'XWIN_IMAGE',
  'YWIN_IMAGE',
  'ERRX2WIN_IMAGE',
  'ERRY2WIN_IMAGE',
  'FLUX_AUTO',
  'MAG_AUTO',
  'MAGERR_AUTO',
  'FLUX_MAX',
  'BACKGROUND',
  'FWHM_IMAGE',
  'FLUX_RADIUS',
  'A_IMAGE',
  'B_IMAGE',
  'THETA_IMAGE',
  'ELLIPTICITY',
  'ISOAREA_IMAGE',
  'ISO0',
  'ISO1',
  'ISO2',
  'ISO3',
  'ISO4',
  'ISO5',
  'ISO6',
  'ISO7',
  'XMIN_IMAGE',
  'XMAX_IMAGE',
  'YMIN_IMAGE',
  'YMAX_IMAGE',
  'SNR_WIN',
  'FLAGS',
  'FLAGS_WIN',
] as const

export interface SextractorCall {
  program?: string | undefined
  /** Names of files in workDir: relative, so that blanks in a user's folder names never reach its parser. */
  imageName: string
  /** 0 where the scan must not be used, 1 elsewhere. */
  weightName?: string | undefined
  /** Prefix of the files it leaves in workDir. */
  name: string
  workDir: string
  /** Further configuration keywords. */
  settings: Record<string, string | number>
  /** Rows of the detection filter, normalised by SExtractor. */
  kernel: readonly (readonly number[])[]
  timeoutSeconds: number
  signal?: AbortSignal | undefined
}

export interface SextractorResult {
  table: FitsTable
  run: ProgramRun
  /** Its complaints, one sentence each. */
  warnings: string[]
}

/** Runs SExtractor on a positive image. Rejects with a UserError when it is missing or leaves no table. */
export async function runSextractor(call: SextractorCall): Promise<SextractorResult> {
  const file = (ending: string) => `${call.name}.${ending}`
  const write = (ending: string, text: string) => writeWhole(join(call.workDir, file(ending)), text)
  const catalogPath = join(call.workDir, file('cat.fits'))
  await rm(catalogPath, { force: true }) // a table left by an earlier run must never be taken for this one's
  await write('param', `${COLUMNS.join('\n')}\n`)
  await write('conv', `CONV NORM\n${call.kernel.map((row) => row.join(' ')).join('\n')}\n`)
  const weights: Record<string, string> = call.weightName
    ? { WEIGHT_TYPE: 'MAP_WEIGHT', WEIGHT_IMAGE: call.weightName, WEIGHT_THRESH: '0' }
    : {}
  const settings = {
    CATALOG_NAME: file('cat.fits'),
    CATALOG_TYPE: 'FITS_1.0',
    PARAMETERS_NAME: file('param'),
    FILTER: 'Y',
    FILTER_NAME: file('conv'),
    VERBOSE_TYPE: 'QUIET',
    WRITE_XML: 'N',
    NTHREADS: 1,
    ...weights,
    ...call.settings,
  }
  const config = Object.entries(settings).map(([key, value]) => `${key} ${value}`)
  await write('sex', `${config.join('\n')}\n`)
  const run = await startFirstFound(call, ['-c', file('sex')])
  const warnings = run.output
    .split(/[\r\n]+/)
    .map((line) => line.replace(/^.*?> */, '').trim())
    .filter((line) => /warning|error|overflow|keyword/i.test(line))
  if (run.timedOut) {
    throw new UserError(
      `SExtractor did not finish within ${call.timeoutSeconds} s`,
      'see whether the disk or the machine hangs, or allow more time with --extract-time',
    )
  }
  if (run.exitCode !== 0) {
    await refuseFullDisk('SExtractor', call.workDir, run.output)
    const lastWords = warnings.at(-1) ?? run.output.trim().split('\n').at(-1) ?? ''
    throw failed(run, `failed (${endOf(run)}${lastWords === '' ? '' : `: ${lastWords}`})`)
  }
  return { table: await readProduct(catalogPath, run), run, warnings }
}

function failed(run: ProgramRun, how: string): UserError {
  return new UserError(`SExtractor ${how}`, `${byHand(run)}; or name another SExtractor with --sextractor`)
}

/** Its table, if it is whole and has what was asked for. */
async function readProduct(path: string, run: ProgramRun): Promise<FitsTable> {
  if (!existsSync(path)) throw failed(run, 'ended without an error, but wrote no table')
  let table: FitsTable
  try {
    table = await readFitsTable(path)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw failed(run, `wrote a table that cannot be read: ${error.message}`)
  }
  const lacking = COLUMNS.filter((name) => !table.columns.some((column) => column.name === name))
  if (lacking.length > 0) throw failed(run, `wrote a table without the columns ${lacking.join(', ')}`)
  return table
}

async function startFirstFound(call: SextractorCall, args: string[]): Promise<ProgramRun> {
  const names = call.program ? [call.program] : NAMES
  let missing: unknown
  for (const program of names) {
    try {
      return await runProgram({
        program,
        args: [call.imageName, ...args],
        cwd: call.workDir,
        timeoutSeconds: call.timeoutSeconds,
        signal: call.signal,
        installHint: INSTALL,
      })
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      missing = error
    }
  }
  if (call.program) throw missing
  throw new UserError(`SExtractor was not found on PATH (looked for ${names.join(', ')})`, INSTALL)
}
