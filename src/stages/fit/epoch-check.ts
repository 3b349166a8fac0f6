// The plate's epoch from its stars: residuals along the proper motions tell how far the assumed epoch is off
// (Barron et al. 2008, "Blind Date", arXiv:0805.0759, uses the same signal).
import { solveLinear } from '../../math/leastsquares.ts'
import { MAS } from '../../math/sphere.ts'
import type { PlateModel } from '../../models/polynomial.ts'
import type { FitInput } from '../fit.ts'
import { designOf, type RobustFit } from './robust-fit.ts'

export interface EpochCheck {
  epochYr: number
  errorYr: number
  /** Within three errors of the epoch that was assumed; null where none was known. */
  consistent: boolean | null
}

const MIN_STARS = 30

/** One entry per pair in every column. */
export interface EpochCheckInput extends Pick<FitInput, 'x' | 'y' | 'frame'> {
  /** Of the reference star, mas/yr, east (times cos δ) and north; NaN where unknown. */
  pmRaMasYr: Float64Array
  pmDecMasYr: Float64Array
  model: PlateModel
  fit: RobustFit
  assumedYr: number
}

/**
 * A star whose catalogue place was moved to year T₀ instead of T leaves the residual μ (T − T₀). The plate constants
 * have taken up what of the motions varies smoothly over the plate, so the same terms are taken out of the motions
 * before the slope is found.
 *
 * @returns null where the catalogue has no motions or too few stars
 */
export function epochFromMotions(input: EpochCheckInput): EpochCheck | null {
  const { fit, model, assumedYr } = input
  const known = (i: number) => Number.isFinite(input.pmRaMasYr[i]!) && Number.isFinite(input.pmDecMasYr[i]!)
  const weight = fit.weight.map((w, i) => (known(i) ? w / fit.sigma[i]! ** 2 : 0))
  if (weight.filter((w) => w > 0).length < MIN_STARS) return null
  const design = designOf(input, model)
  let signal = 0
  let information = 0
  const axes = [
    [input.pmRaMasYr, fit.residualXi],
    [input.pmDecMasYr, fit.residualEta],
  ] as const
  for (const [motion, residual] of axes) {
    const radians = motion.map((m) => (Number.isFinite(m) ? m * MAS : 0))
    const smooth = solveLinear(design, model.terms, radians, weight)
    if (smooth === undefined) return null
    for (let i = 0; i < weight.length; i++) {
      if (!(weight[i]! > 0)) continue
      let own = radians[i]!
      for (let k = 0; k < model.terms; k++) own -= smooth.coefficients[k]! * design[i * model.terms + k]!
      signal += weight[i]! * own * residual[i]!
      information += weight[i]! * own * own
    }
  }
  if (!(information > 0)) return null
  const offset = signal / information
  const errorYr = 1 / Math.sqrt(information)
  return { epochYr: assumedYr + offset, errorYr, consistent: Math.abs(offset) <= 3 * errorYr }
}
