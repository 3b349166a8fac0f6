// Whether exposures are better fitted together: the same pairs, predicted by constants that they took no part in, once by those of
// the exposure alone and once by the joint ones.
import { MAS } from '../math/sphere.ts'
import { type PlateConstants, standardAt } from '../models/plate-constants.ts'
import type { Refined, RefineInput } from '../refine.ts'
import { FOLDS, foldAt } from '../stages/fit/crossvalidate.ts'
import { gainSigmas } from '../stages/fit/select.ts'

const BOUND = 5 // sigmas, as in the choice of the model
// Standard errors of the gain: over all exposures, within what chance makes of nothing; in one of several, by what the choice
// of a model asks for, the other way round.
const WORSE = -1
const SURELY_WORSE = -2

/** Bounded squares of held-out residuals, in units of their errors, one per pair. */
export interface Judged {
  alone: Float64Array
  together: Float64Array
}

/** On the pairs of either solution that a fit may trust; their errors are those of the joint one for both. */
export function judged(reject: RefineInput['reject'], alone: Refined, together: Refined): Judged {
  const seen = new Map<string, { row: number; star: number }>()
  for (const { pairs } of [alone, together]) {
    pairs.detection.forEach((row, k) => {
      const star = pairs.reference[k]!
      const known = [alone, together].every(({ projected }) => Number.isFinite(projected.xi[star]!))
      if (reject[row] === 0 && known) seen.set(`${row} ${star}`, { row, star })
    })
  }
  const [ofAlone, ofTogether] = [heldOutOf(alone), heldOutOf(together)]
  const { stars } = together.projected
  const squares = [...seen.values()].map(({ row, star }) => {
    const reference = ((stars.raErrorMas[star]! ** 2 + stars.decErrorMas[star]! ** 2) / 2) * MAS * MAS
    const sigma = Math.sqrt(together.centring[row]! ** 2 + reference)
    const bounded = (apart: number) => Math.min(BOUND, apart / sigma) ** 2
    return [bounded(ofAlone(row, star)), bounded(ofTogether(row, star))] as const
  })
  return {
    alone: Float64Array.from(squares, ([square]) => square),
    together: Float64Array.from(squares, ([, square]) => square),
  }
}

/** The held-out residual of a pair in the plane, radians. */
function heldOutOf({ constants, detections, mag, projected, fit }: Refined) {
  const { blocks } = fit.heldOut
  const folds = Array.from(
    { length: FOLDS },
    (_, fold): PlateConstants => ({
      ...constants,
      local: null,
      ...fit.heldOut.folds[fold]!,
    }),
  )
  return (row: number, star: number): number => {
    const [x, y] = [detections.x[row]!, detections.y[row]!]
    const own = folds[foldAt(constants.frame, x, y, undefined, blocks)]!
    const { xi, eta } = standardAt(own, x, y, mag[row]!, projected.stars.bpRp[star]!)
    return Math.hypot(xi - projected.xi[star]!, eta - projected.eta[star]!)
  }
}

/** By how many standard errors each exposure is predicted better together than alone. */
export const gainsOf = (exposures: readonly Judged[]): number[] =>
  exposures.map(({ alone, together }) => gainSigmas(alone, together))

/**
 * Held-out stars are predicted as well over all exposures, and in none surely worse. Exposures that have stars in plenty are
 * predicted equally well either way; then fewer constants are the better description, unless the stars object.
 */
export function isAsGoodTogether(exposures: readonly Judged[]): boolean {
  const all = (which: keyof Judged) => Float64Array.from(exposures.flatMap((own) => Array.from(own[which])))
  return (
    gainSigmas(all('alone'), all('together')) > WORSE &&
    gainsOf(exposures).every((gain) => gain > SURELY_WORSE)
  )
}
