// Long computations in steps. Between two of them a run hears that it is to stop: while JavaScript computes, Ctrl-C waits.
import { setImmediate } from 'node:timers/promises'
import { throwIfCancelled } from './errors.ts'

/** Yields where it may be left; returns what it computes. */
export type Steps<T> = Generator<void, T, void>

/** All steps in one go. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** The steps with a pause after each. @throws Cancelled when the signal has fired */
export async function inSteps<T>(steps: Steps<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    throwIfCancelled(signal)
    const step = steps.next()
    if (step.done === true) return step.value
    await setImmediate()
  }
}
