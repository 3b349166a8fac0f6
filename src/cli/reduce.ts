// platepipe reduce SCAN…: one scan after the other; a bad one does not stop the next.
import { PARAMETERS, parseConfig } from '../config.ts'
import { Cancelled, UserError } from '../errors.ts'
import { type ReduceOutcome, reduce } from '../pipeline.ts'
import { plateIdOf } from '../plate.ts'
import { asUserError, EXIT, reportFailure } from './failure.ts'
import { manifest } from './manifest.ts'
import { nextCommand } from './next-command.ts'
import { rawValues } from './options.ts'
import { chooseProgress } from './progress.ts'
import type { Cancellation } from './signals.ts'
import { summaryLines } from './summary.ts'

const STATUS_EXIT: Record<ReduceOutcome['status'], number> = {
  reduced: EXIT.ok,
  manual: EXIT.manual,
  unsolved: EXIT.unsolved,
  failed: EXIT.unsolved, // nothing on it could be reduced; the reasons say why
}

/** The exit status of several scans: a bug before all, else the largest. */
export function worstExit(statuses: readonly number[]): number {
  return statuses.includes(EXIT.bug) ? EXIT.bug : Math.max(EXIT.ok, ...statuses)
}

/** Two scans of one name would replace each other's result in the same run. */
function checkNames(scans: readonly string[], id: string | undefined): void {
  if (id !== undefined && scans.length > 1) {
    throw new UserError(`--id names one plate but ${scans.length} scans were given`, 'reduce them one by one')
  }
  const seen = new Map<string, string>()
  for (const scan of scans) {
    const name = plateIdOf(scan, undefined)
    const earlier = seen.get(name)
    if (earlier !== undefined) {
      throw new UserError(
        `${earlier} and ${scan} would both be reduced into the folder "${name}"`,
        'reduce them one by one, with --id NAME or with another --out DIR',
      )
    }
    seen.set(name, scan)
  }
}

function errorRecord(error: unknown): { text: string; todo: string | null } {
  const mistake = asUserError(error)
  return { text: mistake?.message ?? String(error), todo: mistake?.todo ?? null }
}

/** Reduces each scan and returns the exit status of them all. */
export async function reduceCommand(
  scans: readonly string[],
  options: Record<string, unknown>,
  cancellation: Cancellation,
): Promise<number> {
  const given = rawValues(PARAMETERS, options)
  const config = parseConfig(given)
  checkNames(scans, config.id)
  const statuses: number[] = []
  for (const scanPath of scans) {
    const progress = chooseProgress(config)
    if (!config.json && !config.quiet) process.stderr.write(`${scanPath}\n`)
    if (config.json) progress.event('start', { scan: scanPath })
    try {
      const { signal } = cancellation
      const outcome = await reduce({
        scanPath,
        outDir: config.out,
        config,
        signal,
        progress,
        version: manifest().version,
      })
      progress.stop(true)
      const exit = STATUS_EXIT[outcome.status]
      statuses.push(exit)
      if (config.json) {
        progress.event('result', { scan: scanPath, out: outcome.outDir, exit, solution: outcome.solution })
      } else if (!config.quiet) {
        const next = nextCommand(outcome.solution, scanPath, given)
        const lines = summaryLines(outcome.solution, outcome.outDir, config.verbose, next)
        process.stdout.write(`${lines.join('\n')}\n`)
      }
    } catch (error) {
      progress.stop(false)
      // Whatever a cancelled run trips over on its way out is part of the cancellation.
      if (cancellation.signal.aborted) throw new Cancelled()
      const exit = reportFailure(error)
      statuses.push(exit)
      if (config.json) progress.event('error', { scan: scanPath, exit, ...errorRecord(error) })
    }
  }
  return worstExit(statuses)
}
