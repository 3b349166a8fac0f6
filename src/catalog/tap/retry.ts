// Asks again after a passing fault, with growing waits.
import { type Retry, TapFault } from './faults.ts'
import type { TapSettings } from './settings.ts'
import { backOffSeconds, sleep } from './waits.ts'

export interface Patience {
  settings: TapSettings
  /** Tries, the first included. */
  attempts: number
  /** What is asked: spreads the waits. */
  question: string
  signal?: AbortSignal | undefined
  onStep?: ((text: string) => void) | undefined
}

/** @param attempt  gets the number of the try, from 0 */
export async function withRetries<T>(attempt: (n: number) => Promise<T>, patience: Patience): Promise<T> {
  const { settings, signal } = patience
  const allowed: Record<Retry, number> = { again: patience.attempts, once: 2, never: 1 }
  for (let failures = 1; ; failures++) {
    try {
      return await attempt(failures - 1)
    } catch (error) {
      if (!(error instanceof TapFault)) throw error
      const isLast = failures >= Math.min(allowed[error.retry], patience.attempts)
      if (isLast || error.waitSeconds > settings.longestRetryAfterSeconds) throw error
      const seconds = Math.max(error.waitSeconds, backOffSeconds(failures, patience.question, settings))
      patience.onStep?.(`${error.message}; trying again in ${Math.ceil(seconds)} s`)
      await sleep(seconds, signal)
    }
  }
}
