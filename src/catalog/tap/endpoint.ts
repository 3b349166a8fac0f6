// One TAP service as its clients see it: its address, its manners (one question at a time, requests some way apart).
import type { TapSettings } from './settings.ts'
import { sleep } from './waits.ts'

export interface Endpoint {
  /** For messages. */
  name: string
  /** Without a slash at its end; /sync and /async are appended. */
  url: string
  /** `User-Agent` of every request. */
  agent: string
  settings: TapSettings
  /** Waits until the service may be sent another request. */
  pace(signal?: AbortSignal): Promise<void>
  /** Runs `use` when everything before it has ended: no service gets two of our questions at a time. */
  inTurn<T>(use: () => Promise<T>): Promise<T>
}

export function endpointOf(name: string, url: string, version: string, settings: TapSettings): Endpoint {
  let freeAt = 0
  let last: Promise<unknown> = Promise.resolve()
  return {
    name,
    url: url.replace(/\/+$/, ''),
    agent: `platepipe/${version}`,
    settings,
    async pace(signal) {
      const now = performance.now()
      const at = Math.max(now, freeAt)
      freeAt = at + settings.gapSeconds * 1000
      await sleep((at - now) / 1000, signal)
    },
    inTurn(use) {
      const mine = last.then(use, use)
      last = mine.catch(() => {})
      return mine
    },
  }
}
