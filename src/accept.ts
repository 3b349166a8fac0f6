// Whether a refined solution may be published: far more pairs than chance gives, on stars that took no part in the fit,
// and most of the bright reference stars found. Wrong is worse than nothing.
import { repeatedOffset } from './called-back.ts'
import type { Detections } from './detections.ts'
import { type Reason, reason } from './issues.ts'
import { columnTree } from './math/place-tree.ts'
import { ARCSEC } from './math/sphere.ts'
import { jacobianAt, orientation, type PlateConstants, pixelOf } from './models/plate-constants.ts'
import type { Refined } from './refine.ts'
import { FOLDS, foldAt } from './stages/fit/crossvalidate.ts'
import { type ChanceResult, chanceTest } from './stages/match/chance.ts'
import { type DisplacedPart, displacedParts } from './stages/match/displaced.ts'

export interface Verdict {
  accepted: boolean
  /** One sentence, for the record of attempts. */
  text: string
  reasons: Reason[]
  chance: ChanceResult
  /** Share of the brightest reference stars on the plate that have a pair. */
  brightMatchedShare: number | null
  /** Parts of the plate whose stars match only when they are moved, and not to another exposure. */
  displaced: DisplacedPart[]
  /** Where the images of another exposure lie that only the displaced parts told of, px from those of this one; else null. */
  repeatedAt: Offset | null
}

type Offset = readonly [dx: number, dy: number]

/**
 * One wrong solution in a million million may pass by chance. An archive has a million plates, tried some ten times each;
 * the rest is for solvers, which offer the best of very many guesses.
 */
const MAX_PROBABILITY = 1e-12
const MIN_HELDOUT_SHARE = 0.5
const BRIGHT_STARS = 50
const MIN_BRIGHT_SHARE = 0.5
const MIN_HELDOUT_PAIRS = 12
const LEAST_OVER_CHANCE = 3 // held-out pairs: with a third of them by chance the constants are those of no star
const MAX_DISPLACED_SHARE = 0.1 // of the stars that match; a corner that a distortion carries off is told, not refused
const SAME_FWHM = 1 // between a displacement and that of another exposure
const SAME_SHARE = 0.03 // of an offset: the field turns and stretches where the telescope is moved
const MAX_SIGMA_FWHM = 1 // images are centred to a tenth of their width; what leaves all of it is no solution

interface PlateSize {
  width: number
  height: number
  /** Typical width of a star image. */
  fwhmPx: number
  /** From this exposure to the others of the plate, px: where their images lie, stars match when moved. */
  others?: readonly Offset[]
  /** Bit mask of `REJECT` per detection; without it, every detection that has a place may be an image of a star. */
  reject?: Int32Array
}

export function accept(refined: Refined, size: PlateSize): Verdict {
  const { detections } = refined
  const { width, height } = size
  const { constants, pairs } = refined
  const scale = orientation(constants).scaleRadPx
  const { blocks } = refined.fit.heldOut
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const coefficients = refined.fit.heldOut.folds[fold]!
    const own: PlateConstants = { ...constants, local: null, ...coefficients }
    const candidates = refined.candidates.filter(
      (row) => foldAt(constants.frame, detections.x[row]!, detections.y[row]!, undefined, blocks) === fold,
    )
    return { constants: own, candidates }
  })
  const [a, b, c, d] = jacobianAt(constants, width / 2, height / 2)
  const chance = chanceTest({
    detections,
    projected: refined.projected,
    magnitudes: refined.magnitudes,
    radiusRad: refined.radiusRad,
    folds,
    plateRad: (Math.hypot(width, height) / 2) * scale,
    others: (size.others ?? []).map(([dx, dy]) => ({ xi: a * dx + b * dy, eta: c * dx + d * dy })),
  })
  const brightMatchedShare = brightShare(refined, detections, size)
  const { displaced, repeatedAt } = tornParts(refined, size)
  const moved = starsOf(displaced)
  const evidence = {
    pairs: pairs.detection.length,
    pairs_heldout: chance.heldOutPairs,
    pairs_shifted: chance.shiftedPairs,
    false_solution_probability: chance.probability,
    bright_matched_share: brightMatchedShare,
    residual_px: refined.sigmaRad / scale,
    stars_displaced: moved,
  }
  const numbers =
    `${chance.heldOutPairs} held-out pairs within ${(refined.radiusRad / ARCSEC).toFixed(2)}″ ` +
    `where a shifted catalogue gives ${chance.shiftedPairs.toFixed(1)}; ` +
    (brightMatchedShare === null
      ? 'the reference stars have no magnitudes by which to look for the brightest'
      : `${Math.round(100 * brightMatchedShare)} % of the brightest reference stars found`)
  const byChance =
    chance.probability > MAX_PROBABILITY ||
    chance.heldOutPairs < MIN_HELDOUT_PAIRS ||
    chance.heldOutPairs < LEAST_OVER_CHANCE * chance.shiftedPairs
  const bent = chance.heldOutPairs < MIN_HELDOUT_SHARE * pairs.detection.length
  const missing = brightMatchedShare !== null && brightMatchedShare < MIN_BRIGHT_SHARE
  const sigmaFwhm = refined.sigmaRad / scale / size.fwhmPx
  const loose = sigmaFwhm > MAX_SIGMA_FWHM
  const torn = isTorn(displaced, refined)
  const reasons = [
    ...(byChance || bent ? [reason('CHANCE_MATCH', numbers, evidence)] : []),
    ...(missing && !byChance ? [reason('SOLUTION_REJECTED', numbers, evidence)] : []),
    ...(loose && !byChance
      ? [reason('SOLUTION_REJECTED', `residuals of ${sigmaFwhm.toFixed(1)} widths of a star image`, evidence)]
      : []),
    ...(torn && !byChance ? [reason('SOLUTION_REJECTED', displacedText(displaced, moved), evidence)] : []),
  ]
  const accepted = reasons.length === 0
  return {
    accepted,
    text: accepted
      ? `accepted: ${numbers}`
      : `refused: ${[...new Set([numbers, ...reasons.map((r) => r.text)])].join('; ')}`,
    reasons,
    chance,
    brightMatchedShare,
    displaced,
    repeatedAt,
  }
}

const starsOf = (parts: readonly DisplacedPart[]): number => parts.reduce((sum, part) => sum + part.stars, 0)

const isTorn = (parts: readonly DisplacedPart[], { pairs }: Refined): boolean =>
  starsOf(parts) > MAX_DISPLACED_SHARE * (starsOf(parts) + pairs.detection.length)

/**
 * The displaced parts that other exposures do not explain: neither one that is known, nor one that shows in the images of this
 * one, which then repeat at that offset. On a torn plate each star has one image only.
 */
function tornParts(refined: Refined, size: PlateSize): Pick<Verdict, 'displaced' | 'repeatedAt'> {
  const { detections, radiusRad, constants } = refined
  const { width, height, fwhmPx } = size
  const radiusPx = radiusRad / orientation(constants).scaleRadPx
  const reachPx = Math.max(SEEN_WITHIN_FWHM * fwhmPx, radiusPx)
  const found = displacedParts({ ...refined, detections, width, height, radiusPx, reachPx })
  const known = notTowards(found, size.others ?? [], SAME_FWHM * fwhmPx)
  if (known.length === 0) return { displaced: [], repeatedAt: null }
  const reject = size.reject ?? new Int32Array(detections.length)
  const farthest = Math.max(...known.map(({ dx, dy }) => Math.hypot(dx, dy)))
  const again = repeatedOffset({ refined, reject, width, height, fwhmPx, reachPx: farthest + reachPx })
  const near = again === null ? 0 : Math.max(reachPx, SAME_SHARE * Math.hypot(...again))
  const displaced = again === null ? known : notTowards(known, [again], near)
  return { displaced, repeatedAt: displaced.length < known.length ? again : null }
}

function notTowards(
  parts: readonly DisplacedPart[],
  offsets: readonly Offset[],
  withinPx: number,
): DisplacedPart[] {
  const apart = (part: DisplacedPart, [dx, dy]: Offset) =>
    Math.min(Math.hypot(part.dx - dx, part.dy - dy), Math.hypot(part.dx + dx, part.dy + dy))
  return parts.filter((part) => !offsets.some((offset) => apart(part, offset) < withinPx))
}

function displacedText(parts: readonly DisplacedPart[], stars: number): string {
  const px = parts.map(({ dx, dy }) => Math.round(Math.hypot(dx, dy)))
  const range = px.length === 1 ? `${px[0]} px` : `${Math.min(...px)} to ${Math.max(...px)} px`
  const where = px.length === 1 ? '1 part' : `${px.length} parts`
  return `${stars} stars in ${where} of the plate match only when moved by ${range}`
}

/** An overexposed image is found, but its place is off by more than the match radius allows a pair to be. */
const SEEN_WITHIN_FWHM = 1.5

/** Of the brightest reference stars whose place lies well on the scan, how many have an image there; null without magnitudes. */
function brightShare(
  { constants, projected, radiusRad, candidates }: Refined,
  detections: Detections,
  { width, height, fwhmPx }: PlateSize,
): number | null {
  const { stars } = projected
  const images = columnTree(detections.x, detections.y)
  const reachPx = Math.max(SEEN_WITHIN_FWHM * fwhmPx, radiusRad / orientation(constants).scaleRadPx)
  const MARGIN = 0.03
  const brightFirst = Array.from(projected.rows)
    .filter((row) => Number.isFinite(stars.gMag[row]!))
    .sort((a, b) => stars.gMag[a]! - stars.gMag[b]! || a - b)
  if (brightFirst.length === 0) return null
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
