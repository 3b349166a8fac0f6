// The service of Gaia's stars that the options name.
import { Cancelled } from '../errors.ts'
import type { GaiaRelease, GaiaService } from './tap/gaia-service.ts'
import { chooseMirrors } from './tap/mirrors.ts'
import { openGaia } from './tap/open.ts'
import type { TapSettings } from './tap/settings.ts'

export interface GaiaChoice {
  release: GaiaRelease
  /** Names or addresses; none: all that are known, in their order. */
  mirrors: readonly string[]
  /** Of platepipe. */
  version: string
  signal: AbortSignal
  onStep: (text: string) => void
  settings?: Partial<TapSettings>
}

/** Opens the first service that answers and has the release. @throws UserError when none does; Cancelled */
export async function openChosenGaia({ mirrors, ...options }: GaiaChoice): Promise<GaiaService> {
  const chosen = mirrors.length === 0 ? chooseMirrors(undefined) : mirrors.flatMap(chooseMirrors)
  return await openGaia({ ...options, mirrors: chosen })
}

/** A service that could not be reached is not tried again for so long: a batch would wait for it at every plate. */
const FORGOTTEN_MS = 10 * 60_000

const opened = new Map<string, { service: Promise<GaiaService>; untilMs: number }>()

/** The same, opened once for all plates of a process; a failure holds for some minutes too. */
export function sharedGaia(choice: GaiaChoice): Promise<GaiaService> {
  const key = [choice.release, ...choice.mirrors].join(' ')
  const before = opened.get(key)
  if (before !== undefined && performance.now() < before.untilMs) return before.service
  const service = openChosenGaia(choice)
  const entry = { service, untilMs: Number.POSITIVE_INFINITY }
  opened.set(key, entry)
  service.catch((error: unknown) => {
    if (error instanceof Cancelled) opened.delete(key)
    else entry.untilMs = performance.now() + FORGOTTEN_MS
  })
  return service
}
