// The plate's epoch from its stars: residuals along the proper motions tell how far the assumed epoch is off
// (Barron et al. 2008, "Blind Date", arXiv:0805.0759, uses the same signal).
import { solveLinear } from '../../math/leastsquares.ts'
import { MAS } from '../../math/sphere.ts'
import type { Refined } from '../../refine.ts'
import { designOf } from './robust-fit.ts'

export interface EpochCheck {
  epochYr: number
  errorYr: number
  /** Within three errors of the epoch that was assumed; null where none was known. */
  consistent: boolean | null
}

const MIN_STARS = 30

/**
 * A star whose catalogue place was moved to year T₀ instead of T leaves the residual μ (T − T₀). The plate constants
 * have taken up what of the motions varies smoothly over the plate, so the same terms are taken out of the motions
 * before the slope is found.
 *
 * @returns null where the catalogue has no motions or too few stars
 */
export function epochFromMotions(refined: Refined, assumedYr: number): EpochCheck | null {
  const { pairs, projected, fit, constants } = refined
  const n = pairs.detection.length
  const motionXi = Float64Array.from(pairs.reference, (row) => projected.stars.pmRaMasYr[row]! * MAS)
  const motionEta = Float64Array.from(pairs.reference, (row) => projected.stars.pmDecMasYr[row]! * MAS)
  const weight = new Float64Array(n)
  let usable = 0
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(motionXi[i]!) || !Number.isFinite(motionEta[i]!)) continue
    weight[i] = fit.fit.weight[i]! / fit.fit.sigma[i]! ** 2
    if (weight[i]! > 0) usable++
    else weight[i] = 0
  }
  if (usable < MIN_STARS) return null
  const design = designOf({ x: refined.x, y: refined.y, frame: constants.frame }, constants.model)
  const terms = constants.model.terms
  let signal = 0
  let information = 0
  const axes = [
    [motionXi, fit.fit.residualXi],
    [motionEta, fit.fit.residualEta],
  ] as const
  for (const [motion, residual] of axes) {
    const known = motion.map((m) => (Number.isFinite(m) ? m : 0))
    const smooth = solveLinear(design, terms, known, weight)
    if (smooth === undefined) return null
    for (let i = 0; i < n; i++) {
      if (!(weight[i]! > 0)) continue
      let own = known[i]!
      for (let k = 0; k < terms; k++) own -= smooth.coefficients[k]! * design[i * terms + k]!
      signal += weight[i]! * own * residual[i]!
      information += weight[i]! * own * own
    }
  }
  if (!(information > 0)) return null
  const offset = signal / information
  const errorYr = 1 / Math.sqrt(information)
  return { epochYr: assumedYr + offset, errorYr, consistent: Math.abs(offset) <= 3 * errorYr }
}
