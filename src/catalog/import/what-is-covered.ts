// What an import records as covered: what its user states, or an estimate from the stars, or nothing where neither is to be
// trusted. A field that is said to be covered, and is not, would leave a plate with half its stars and nobody the wiser.
import { UserError } from '../../errors.ts'
import type { Cone } from '../../math/healpix.ts'
import { mocOfPixels } from '../../math/moc.ts'
import { mocOfCone } from '../store/coverage.ts'
import type { Coverage } from '../store/manifest.ts'
import type { CoverageEstimate } from './coverage-estimate.ts'
import type { ImportTally } from './import-tally.ts'

/** What the user says of the files: complete in this cone, to this magnitude. */
export interface Stated {
  cone?: Cone | undefined
  limitMag?: number | undefined
}

/** @throws UserError where files that were cut off are said to be complete. */
export function refuseCutOff({ cone }: Stated, { cutOff }: ImportTally): void {
  if (cone === undefined || cutOff.length === 0) return
  throw new UserError(
    `${cutOff[0]}, but --ra, --dec, --radius say that it is complete there`,
    'get it whole, or with a somewhat other field where it is whole; or import it without the cone',
  )
}

/** None, with the reason among the assumptions, where stars are missing or nothing tells how faint they go. */
export function coverageOf(stated: Stated, tally: ImportTally, estimate: CoverageEstimate): Coverage[] {
  const { cone, limitMag } = stated
  if (tally.cutOff.length > 0) {
    tally.assumptions.add('no part of the sky is recorded as covered, for stars may be missing')
    return []
  }
  if (limitMag === undefined && estimate.limitMag === null) {
    tally.assumptions.add(
      'the stars have no magnitudes G, so it is not known how faint they go: no part of the sky is recorded as covered ' +
        '(--ra, --dec, --radius and --limit-mag would state it)',
    )
    return []
  }
  if (cone !== undefined) return [{ limit_mag: limitMag ?? null, moc: mocOfCone(cone), estimated: false }]
  const moc = mocOfPixels(estimate.order, estimate.pixels)
  // A magnitude that a person vouches for does not make the field less of a guess.
  return [{ limit_mag: limitMag ?? estimate.limitMag, moc, estimated: true }]
}
