// Unpacks one image of a tile-compressed FITS file with CFITSIO's funpack.
import { rm, stat, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UserError } from '../errors.ts'
import { refuseFullDisk } from './disk.ts'
import { type ProgramRun, runProgram } from './run.ts'

const TIMEOUT_SECONDS = 1800 // a plate of 1.6 GB takes about half a minute

export interface FunpackCall {
  /** By default the one on PATH. */
  program?: string | undefined
  path: string
  /** 0 is the primary, as funpack counts too. */
  hduIndex: number
  /** Receives `outputName` and a link to the input. */
  workDir: string
  outputName: string
  signal?: AbortSignal | undefined
}

/**
 * Leaves the image of one HDU as the primary of `workDir`/`outputName` and returns that path. The input is reached
 * through a link of a plain name, because CFITSIO takes brackets, commas and exclamation marks in names as orders.
 * @throws UserError when funpack is missing or did not deliver; Cancelled.
 */
export async function funpackImage(call: FunpackCall): Promise<string> {
  const { hduIndex, outputName } = call
  const linkName = `${outputName}.packed.fz`
  const linkPath = join(call.workDir, linkName)
  const outputPath = join(call.workDir, outputName)
  await rm(linkPath, { force: true })
  await rm(outputPath, { force: true }) // funpack does not write over a file
  await symlink(resolve(call.path), linkPath)
  try {
    const run = await runProgram({
      program: call.program ?? 'funpack',
      args: ['-E', String(hduIndex), '-O', outputName, linkName],
      cwd: call.workDir,
      timeoutSeconds: TIMEOUT_SECONDS,
      signal: call.signal,
      installHint:
        'install libcfitsio-bin (Debian, Ubuntu) or cfitsio, name another with --funpack, or unpack the file yourself',
    })
    await needProduct(call, run, outputPath)
    return outputPath
  } finally {
    await rm(linkPath, { force: true })
  }
}

async function needProduct(call: FunpackCall, run: ProgramRun, outputPath: string): Promise<void> {
  const sizeBytes = await stat(outputPath).then(
    (found) => found.size,
    () => 0,
  )
  if (sizeBytes > 0 && run.exitCode === 0) return
  await refuseFullDisk('funpack', call.workDir, run.output)
  await rm(outputPath, { force: true })
  const why = run.timedOut
    ? `took longer than ${TIMEOUT_SECONDS} s`
    : (run.output.trim().split('\n').at(-1) ?? '')
  throw new UserError(
    `${call.path}: funpack could not unpack HDU ${call.hduIndex} (${why || 'it wrote nothing'})`,
    'check the file with fitsverify, or copy it again; there must be room for the unpacked image',
  )
}
