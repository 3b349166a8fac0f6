// Whether a refined solution may be published: far more pairs than chance gives, on stars that took no part in the fit,
// and most of the bright reference stars found. Wrong is worse than nothing.
import KDBush from 'kdbush'
import type { Detections } from './detections.ts'
import { type Reason, reason } from './issues.ts'
import { ARCSEC } from './math/sphere.ts'
import { orientation, type PlateConstants, pixelOf } from './models/plate-constants.ts'
import type { Refined } from './refine.ts'
import { FOLDS, foldAt } from './stages/fit/crossvalidate.ts'
import { type ChanceResult, chanceTest } from './stages/match/chance.ts'

export interface Verdict {
  accepted: boolean
  /** One sentence, for the record of attempts. */
  text: string
  reasons: Reason[]
  chance: ChanceResult
  /** Share of the brightest reference stars on the plate that have a pair. */
  brightMatchedShare: number
}

/** One plate in a million million may pass by chance: an archive has a million plates, tried some ten times each. */
const MAX_PROBABILITY = 1e-12
const MIN_HELDOUT_SHARE = 0.5
const BRIGHT_STARS = 50
const MIN_BRIGHT_SHARE = 0.5
const MIN_HELDOUT_PAIRS = 12
const MAX_SIGMA_FWHM = 1 // images are centred to a tenth of their width; what leaves all of it is no solution

interface PlateSize {
  width: number
  height: number
  /** Typical width of a star image. */
  fwhmPx: number
}

export function accept(refined: Refined, detections: Detections, size: PlateSize): Verdict {
  const { width, height } = size
  const { constants, pairs } = refined
  const scale = orientation(constants).scaleRadPx
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const coefficients = refined.fit.heldOut.folds[fold]!
    const own: PlateConstants = { ...constants, xi: coefficients.xi, eta: coefficients.eta }
    const candidates = refined.candidates.filter(
      (row) => foldAt(constants.frame, detections.x[row]!, detections.y[row]!) === fold,
    )
    return { constants: own, candidates }
  })
  const chance = chanceTest({
    detections,
    projected: refined.projected,
    magnitudes: refined.magnitudes,
    radiusRad: refined.radiusRad,
    folds,
    plateRad: (Math.hypot(width, height) / 2) * scale,
  })
  const brightMatchedShare = brightShare(refined, detections, size)
  const evidence = {
    pairs: pairs.detection.length,
    pairs_heldout: chance.heldOutPairs,
    pairs_shifted: chance.shiftedPairs,
    false_solution_probability: chance.probability,
    bright_matched_share: brightMatchedShare,
    residual_px: refined.sigmaRad / scale,
  }
  const numbers =
    `${chance.heldOutPairs} held-out pairs within ${(refined.radiusRad / ARCSEC).toFixed(2)}″ ` +
    `where a shifted catalogue gives ${chance.shiftedPairs.toFixed(1)}; ` +
    `${Math.round(100 * brightMatchedShare)} % of the brightest reference stars found`
  const byChance =
    chance.probability > MAX_PROBABILITY ||
    chance.heldOutPairs < MIN_HELDOUT_PAIRS ||
    chance.heldOutPairs < 2 * chance.shiftedPairs
  const bent = chance.heldOutPairs < MIN_HELDOUT_SHARE * pairs.detection.length
  const missing = brightMatchedShare < MIN_BRIGHT_SHARE
  const sigmaFwhm = refined.sigmaRad / scale / size.fwhmPx
  const loose = sigmaFwhm > MAX_SIGMA_FWHM
  const reasons = [
    ...(byChance || bent ? [reason('CHANCE_MATCH', numbers, evidence)] : []),
    ...(missing && !byChance ? [reason('SOLUTION_REJECTED', numbers, evidence)] : []),
    ...(loose && !byChance
      ? [reason('SOLUTION_REJECTED', `residuals of ${sigmaFwhm.toFixed(1)} widths of a star image`, evidence)]
      : []),
  ]
  const accepted = reasons.length === 0
  return {
    accepted,
    text: `${accepted ? 'accepted' : 'refused'}: ${numbers}`,
    reasons,
    chance,
    brightMatchedShare,
  }
}

/** An overexposed image is found, but its place is off by more than the match radius allows a pair to be. */
const SEEN_WITHIN_FWHM = 1.5

/** Of the brightest reference stars whose place lies well on the scan, how many have an image there. */
function brightShare(
  { constants, projected, radiusRad, candidates }: Refined,
  detections: Detections,
  { width, height, fwhmPx }: PlateSize,
): number {
  const { stars } = projected
  const images = new KDBush(detections.length)
  for (let i = 0; i < detections.length; i++) images.add(detections.x[i]!, detections.y[i]!)
  images.finish()
  const reachPx = Math.max(SEEN_WITHIN_FWHM * fwhmPx, radiusRad / orientation(constants).scaleRadPx)
  const MARGIN = 0.03
  const brightFirst = Array.from(projected.rows)
    .filter((row) => Number.isFinite(stars.gMag[row]!))
    .sort((a, b) => stars.gMag[a]! - stars.gMag[b]! || a - b)
  const wanted = Math.min(BRIGHT_STARS, Math.max(12, Math.floor(candidates.length / 4)))
  let onScan = 0
  let seen = 0
  for (const row of brightFirst) {
    const pixel = pixelOf(constants, projected.xi[row]!, projected.eta[row]!)
    if (pixel === undefined) continue
    const { x, y } = pixel
    const outside =
      x < MARGIN * width || x > (1 - MARGIN) * width || y < MARGIN * height || y > (1 - MARGIN) * height
    if (outside) continue
    onScan++
    if (images.within(x, y, reachPx).length > 0) seen++
    if (onScan >= wanted) break
  }
  return onScan === 0 ? 0 : seen / onScan
}
