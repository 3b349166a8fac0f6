// The service of Gaia's stars that the options name.
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
