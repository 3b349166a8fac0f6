// Waiting, so that Ctrl-C ends every wait at once; and how long to wait between tries.
import { setTimeout as wait } from 'node:timers/promises'
import { Cancelled, throwIfCancelled } from '../../errors.ts'
import type { TapSettings } from './settings.ts'

/** @throws Cancelled when the signal fires */
export async function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  throwIfCancelled(signal)
  try {
    await wait(seconds * 1000, undefined, { ...(signal && { signal }) })
  } catch (error) {
    if (signal?.aborted) throw new Cancelled()
    throw error
  }
}

/** FNV-1a, 32 bit: spreads similar texts evenly. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * Exponential back-off. Jobs of an archive that met the same fault shall not come back together, so the wait is spread
 * by ±50 %: by the question asked, not by chance, so that a run can be repeated.
 * @param failures  tries that failed so far, from 1
 */
export function backOffSeconds(failures: number, question: string, settings: TapSettings): number {
  const spread = 0.5 + hashOf(`${failures} ${question}`) / 2 ** 32
  const seconds = settings.firstBackOffSeconds * 2 ** (failures - 1) * spread
  return Math.min(seconds, settings.longestBackOffSeconds)
}
