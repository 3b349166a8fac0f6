// The errors of the images of a finished solution are measured from pairs within a radius that does not cut them off, not even
// those of faint ones: it grows until it is wide enough for what it shows.
import { centringErrorsTogether } from './centring-errors.ts'
import { quantile } from './math/robust.ts'
import type { RefineInput, Settled } from './refine.ts'
import { match } from './stages/match.ts'
import type { Steps } from './steps.ts'

const WIDE = 2 // of the last radius, to begin with
const WIDE_SIGMAS = 4
const WIDE_ROUNDS = 4
const LARGE = 0.95

/** One exposure, or several of one plate that share the errors of their images. */
export type Finished = Pick<RefineInput, 'stars' | 'reject'> & Settled

/** Standard error per axis of the place of every detection of each exposure, radians. */
export function* centringInSteps(exposures: readonly Finished[]): Steps<Float64Array[]> {
  const largestOf = (measure: (exposure: Finished) => number) => Math.max(...exposures.map(measure))
  let centring: Float64Array[] = exposures.map(({ detections, sigmaRad }) =>
    new Float64Array(detections.length).fill(sigmaRad),
  )
  let radiusRad = WIDE * largestOf((exposure) => exposure.radiusRad)
  for (let round = 0; round < WIDE_ROUNDS; round++) {
    const wide = exposures.map((exposure) => {
      const { folds, blocks } = exposure.fit.heldOut
      return { ...exposure, folds, blocks, radiusRad, pairs: match({ ...exposure, radiusRad }) }
    })
    const measured = centringErrorsTogether(wide)
    yield
    if (measured === undefined) break
    centring = measured
    const largest = quantile(
      wide.flatMap(({ pairs }, k) => Array.from(pairs.detection, (row) => measured[k]![row]!)),
      LARGE,
    )
    if (WIDE_SIGMAS * largest <= radiusRad) break
    radiusRad = WIDE_SIGMAS * largest
  }
  return centring
}
