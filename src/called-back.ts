// After a solution: whether a plate that was called single is one after all. The solution tells which images are stars of
// one exposure; what is left over, and how it lies to them, shows a second one that no look at the images alone did.
import { type BrightUnmatched, brightUnmatched } from './called-back/bright-unmatched.ts'
import { type Place, placesOf } from './called-back/places.ts'
import { type Image, type Pattern, repeatedImages } from './called-back/repeated.ts'
import { isSplit, type Split, splitOf } from './called-back/split.ts'
import { type Reason, reason } from './issues.ts'
import { quantile } from './math/robust.ts'
import { orientation } from './models/plate-constants.ts'
import type { Refined } from './refine.ts'
import { REJECT } from './reject.ts'

export interface PatternInput {
  refined: Refined
  /** Bit mask of `REJECT` per detection. */
  reject: Int32Array
  width: number
  height: number
  fwhmPx: number
  /** Rows of the detections that are known to belong to another exposure (`imagesOf`): nothing is concluded from them. */
  elsewhere?: ReadonlySet<number>
  /** Farther than usual, px, where something else tells of an exposure there: the search costs by its square. */
  reachPx?: number
}

export interface CalledBackInput extends PatternInput {
  /** Rows without a reason against them. */
  ranked: Int32Array
}

/** Images that are no candidates for stars of a second exposure: no place or brightness, or strewn by a flaw. */
const UNUSABLE = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED | REJECT.LINE | REJECT.SPECKS

const FAINTEST = 0.8 // quantile of the pairs' magnitudes: fainter images are not all found
const REACH_SHARE = 0.3 // of the longer side
const DEPTHS = [30, 100, 300] // the ghost of a Pickering wedge shows beside the brightest stars alone
const CLOSE_FWHM = 12
const CLOSE_DEPTHS = [1000] // images that touch are parted here and there only
const BOX_FWHM = 1.5 // offsets of one pattern scatter by the errors of two places and what the telescope did between
const LEAST_FWHM = 0.4 // where images touch, their common width is measured up to twice that of one
const LEAST_BOX_PX = 3
const MIN_SHARE = 0.1 // of the images that should have a second one; where images touch, few of them can be parted

const UNMATCHED_SHARE = 0.12 // of the matched images that look alike; flaws that do are a third of that at most
const MIN_UNMATCHED = 8

/** Why the plate is not one exposure, from its own solution; empty where nothing speaks against it. */
export function calledBack(input: CalledBackInput): Reason[] {
  const places = placesOf(input.refined)
  const second = secondPattern(input, places)
  const bright = tooManyUnmatched(input, places)
  return [...second, ...bright]
}

/** The offset, px, at which the matched images repeat; null where they do not, or the solution lies between the two. */
export function repeatedOffset(input: PatternInput): readonly [dx: number, dy: number] | null {
  const reasons = secondPattern(input, placesOf(input.refined))
  if (reasons.some(({ code }) => code === 'SPLIT_SOLUTION')) return null
  const [pattern] = reasons
  return pattern === undefined ? null : (pattern.evidence.offset_px as [number, number])
}

function secondPattern(input: PatternInput, places: readonly Place[]): Reason[] {
  const { refined, reject, width, height, fwhmPx, elsewhere } = input
  const { detections: d, pairs } = refined
  const image = (row: number): Image => {
    const known = refined.magnitudes !== null
    return { row, x: d.x[row]!, y: d.y[row]!, mag: known ? refined.mag[row]! : d.magInst[row]! }
  }
  const paired = new Set(pairs.detection)
  const usable = Array.from(reject.keys())
    .filter((row) => (reject[row]! & UNUSABLE) === 0 && (paired.has(row) || !elsewhere?.has(row)))
    .map(image)
    .filter(({ mag }) => Number.isFinite(mag))
  const matched = usable.filter(({ row }) => paired.has(row))
  const others = usable.filter(({ row }) => !paired.has(row))
  if (matched.length === 0) return []
  const faintestMag = quantile(
    matched.map(({ mag }) => mag),
    FAINTEST,
  )
  const search = {
    leastPx: LEAST_FWHM * fwhmPx,
    reachPx: Math.max(REACH_SHARE * Math.max(width, height), input.reachPx ?? 0),
    boxPx: Math.max(LEAST_BOX_PX, BOX_FWHM * fwhmPx),
    ...{ width, height, faintestMag },
  }
  const isWhole = (pattern: Pattern | undefined) =>
    pattern !== undefined && pattern.pairs >= MIN_SHARE * pattern.possible
  const left = repeatedImages(matched, others, { ...search, depths: DEPTHS })
  // A solution between two close exposures pairs both images of a star, one of them with a wrong star.
  const found = isWhole(left)
    ? left
    : repeatedImages(matched, usable, {
        ...search,
        depths: CLOSE_DEPTHS,
        reachPx: Math.min(search.reachPx, CLOSE_FWHM * fwhmPx),
      })
  if (found === undefined || !isWhole(found)) return []
  const { magnitudes, radiusRad, constants } = refined
  const bright = places.filter(({ mag }) => mag <= faintestMag)
  const split =
    magnitudes === null
      ? undefined
      : splitOf({
          ...{ places: bright, images: usable, pattern: found, fwhmPx },
          radiusPx: radiusRad / orientation(constants).scaleRadPx,
          toleranceMag: Math.max(1, 4 * magnitudes.scatter),
        })
  return split !== undefined && isSplit(split)
    ? [splitReason(found, split), patternReason(found)]
    : [patternReason(found)]
}

function patternReason(found: Pattern): Reason {
  const { dx, dy, magStep, pairs, asked, expected, possible, log10Chance } = found
  const text =
    `${pairs} of the ${asked} brightest matched images have another one at the offset (${dx.toFixed(1)}, ` +
    `${dy.toFixed(1)}) px and ${Math.abs(magStep).toFixed(2)} mag ${magStep < 0 ? 'brighter' : 'fainter'}, where chance ` +
    `gives ${expected.toFixed(1)}`
  return reason('SECOND_PATTERN', text, {
    offset_px: [dx, dy],
    magnitude_step: magStep,
    pairs,
    images: asked,
    expected_by_chance: expected,
    possible_pairs: possible,
    log10_chance: log10Chance,
  })
}

function splitReason({ dx, dy }: Pattern, split: Split): Reason {
  const { first, second, between, both } = split
  const text =
    `stars have two images at the offset (${dx.toFixed(1)}, ${dy.toFixed(1)}) px: the solution puts ${first} reference stars ` +
    `on the first image, ${second} on the second and ${between} between them`
  return reason('SPLIT_SOLUTION', text, {
    offset_px: [dx, dy],
    on_first: first,
    on_second: second,
    between,
    on_both: both,
  })
}

function tooManyUnmatched(input: CalledBackInput, places: readonly Place[]): Reason[] {
  const { refined, width, height, fwhmPx, elsewhere } = input
  const { detections, mag, magnitudes, pairs, radiusRad, constants } = refined
  if (magnitudes === null) return []
  const paired = new Set(pairs.detection)
  const found = brightUnmatched({
    ...{ detections, mag, magnitudes, stars: places, width, height, fwhmPx },
    ranked: input.ranked.filter((row) => paired.has(row) || !elsewhere?.has(row)),
    paired,
    radiusPx: radiusRad / orientation(constants).scaleRadPx,
  })
  if (found === undefined || !isTooMany(found)) return []
  const { unmatched, unmatchedAlike, matched, matchedAlike, brightest, faintest } = found
  const text =
    `${unmatched} of ${matched + unmatched} good images from magnitude ${brightest.toFixed(1)} to ${faintest.toFixed(1)} have no ` +
    `reference star, and ${unmatchedAlike} of them look like stars of their brightness, as do ${matchedAlike} of those that have one`
  return [
    reason('BRIGHT_UNMATCHED', text, {
      brightest_mag: brightest,
      faintest_mag: faintest,
      matched,
      unmatched,
      matched_star_like: matchedAlike,
      unmatched_star_like: unmatchedAlike,
    }),
  ]
}

function isTooMany({ unmatchedAlike, matchedAlike }: BrightUnmatched): boolean {
  return unmatchedAlike >= MIN_UNMATCHED && unmatchedAlike > UNMATCHED_SHARE * matchedAlike
}
