// Ctrl-C, a batch system's SIGTERM and a closed terminal: the work is cancelled, the programs it started are killed, its
// temporary folders removed, and the exit status says which signal it was.
import { removeTemporaries } from '../result-folder.ts'
import { killAllPrograms } from '../tools/run.ts'
import { SIGNAL_EXIT } from './failure.ts'

type Signal = keyof typeof SIGNAL_EXIT

/** Longest wait for the work to clear up after itself before platepipe ends all the same. */
const PATIENCE_MS = 15_000

export interface Cancellation {
  signal: AbortSignal
  /** Exit status after a cancellation; undefined while there was none. */
  exitStatus(): number | undefined
}

/** Listens for the signals from now on. A second signal ends platepipe at once. */
export function cancelOnSignals(): Cancellation {
  const controller = new AbortController()
  let status: number | undefined
  const endNow = () => process.exit(status)
  const onSignal = (signal: Signal) => {
    if (status !== undefined) endNow()
    status = SIGNAL_EXIT[signal]
    controller.abort()
    setTimeout(endNow, PATIENCE_MS).unref()
  }
  for (const signal of Object.keys(SIGNAL_EXIT) as Signal[]) process.on(signal, () => onSignal(signal))
  process.on('exit', () => {
    killAllPrograms()
    removeTemporaries()
  })
  return { signal: controller.signal, exitStatus: () => status }
}
