// Bright images without a reference star. Flaws are among them on every plate, on a ruined one more than stars: only images
// that look like the matched ones of their brightness count, which flaws do not once it is known which images are stars.
import { type Detections, SEX_FLAG } from '../detections.ts'
import { placeTree } from '../math/place-tree.ts'
import { madSigma, median, quantile } from '../math/robust.ts'
import { type MagnitudeRelation, magnitudeRelation, predictedMagnitude } from '../models/magnitudes.ts'

export interface BrightInput {
  detections: Detections
  /** Rows that look like stars. */
  ranked: Int32Array
  /** Every detection's magnitude on the scale of the reference stars. */
  mag: Float64Array
  /** Rows of the detections in pairs. */
  paired: ReadonlySet<number>
  magnitudes: MagnitudeRelation
  /** Where the reference stars are, px: on the scan and somewhat beyond. */
  stars: readonly { x: number; y: number; mag: number }[]
  width: number
  height: number
  fwhmPx: number
  /** Within which images and reference stars are paired, px. */
  radiusPx: number
}

export interface BrightUnmatched {
  /** Magnitudes that were looked at. */
  brightest: number
  faintest: number
  /** Images with and without a reference star. */
  matched: number
  unmatched: number
  /** Those of them that look like most matched ones. */
  matchedAlike: number
  unmatchedAlike: number
}

const MIN_LEARNT = 30 // matched images: fewer do not tell what stars look like
const PAIRS_DEPTH = 0.8 // quantile of the pairs' magnitudes: fainter images are noise as often as stars
const ALIKE = 0.7 // share of the matched images that are called alike
const REACH_FWHM = 1.5 // an overexposed image is centred no better
const REACH_MAG = 1 // and may be so much brighter than its star
const CLEAN = SEX_FLAG.blended | SEX_FLAG.saturated
const STARS_AROUND = 24 // in the circle that is searched: one quarter in 400 of them is empty by chance

/** @returns undefined where the pairs are too few to tell stars from flaws */
export function brightUnmatched(input: BrightInput): BrightUnmatched | undefined {
  const { detections: d, ranked, mag, paired, magnitudes, stars, fwhmPx, radiusPx } = input
  const starMags = stars.flatMap(({ x, y, mag: m }) => (isOn(x, y, input.width, input.height) ? [m] : []))
  starMags.sort((a, b) => a - b)
  const isClean = (row: number) => (d.sexFlags[row]! & CLEAN) === 0
  const learnt = Array.from(ranked).filter((row) => paired.has(row) && isClean(row))
  if (learnt.length < MIN_LEARNT || starMags.length < MIN_LEARNT) return undefined
  const unlikeness = unlikenessOf(d, learnt)
  // Half of the catalogue's stars lie within a magnitude of its limit, above which it may be incomplete.
  const deepest = quantile(
    Array.from(paired, (row) => mag[row]!),
    PAIRS_DEPTH,
  )
  const faintest = Math.min(median(starMags), deepest)
  const brightest = starMags[2]!
  const tree = placeTree(stars)
  const toleranceMag = Math.max(REACH_MAG, 4 * magnitudes.scatter)
  const isCovered = coverageOf(input)
  const matched: number[] = []
  const unmatched: number[] = []
  for (const row of ranked) {
    const m = mag[row]!
    if (!(m >= brightest && m <= faintest) || !isClean(row) || !isCovered(d.x[row]!, d.y[row]!)) continue
    if (paired.has(row)) {
      matched.push(row)
      continue
    }
    const reach = Math.max(REACH_FWHM * fwhmPx, radiusPx, Math.sqrt(d.isoAreaPx[row]! / Math.PI))
    const near = tree.within(d.x[row]!, d.y[row]!, reach)
    if (!near.some((k) => stars[k]!.mag <= m + toleranceMag)) unmatched.push(row)
  }
  const limit = quantile(learnt.map(unlikeness), ALIKE)
  const alike = (rows: readonly number[]) => rows.filter((row) => unlikeness(row) <= limit).length
  return {
    ...{ brightest, faintest, matched: matched.length, unmatched: unmatched.length },
    ...{ matchedAlike: alike(matched), unmatchedAlike: alike(unmatched) },
  }
}

/** How far an image is from the matched ones of its magnitude in width, peak, area, radius and ellipticity, in their scatters. */
function unlikenessOf(d: Detections, learnt: readonly number[]): (row: number) => number {
  const measures = [
    (row: number) => Math.log10(d.fwhm[row]!),
    (row: number) => Math.log10(d.peak[row]!),
    (row: number) => Math.log10(d.isoAreaPx[row]!),
    (row: number) => Math.log10(d.fluxRadius[row]!),
    (row: number) => d.ellipticity[row]!,
  ]
  const at = learnt.map((row) => d.magInst[row]!)
  const sequences = measures.flatMap((measure) => {
    const values = learnt.map(measure)
    const relation = magnitudeRelation(at, values)
    if (relation === null) return []
    const off = (row: number) => measure(row) - predictedMagnitude(relation, d.magInst[row]!)
    const scatter = madSigma(learnt.map(off).filter(Number.isFinite))
    return scatter > 0 ? [(row: number) => off(row) / scatter] : []
  })
  return (row) => {
    const sum = sequences.reduce((total, z) => total + z(row) ** 2, 0)
    return Number.isFinite(sum) ? Math.sqrt(sum) : Number.POSITIVE_INFINITY
  }
}

/**
 * Whether the catalogue has stars on all sides of a place: a file of a circle, or with a hole, covers part of the plate only.
 */
function coverageOf({ stars, width, height }: BrightInput): (x: number, y: number) => boolean {
  const onScan = stars.filter(({ x, y }) => isOn(x, y, width, height)).length
  const reach = Math.sqrt((width * height * STARS_AROUND) / (Math.PI * onScan))
  const tree = placeTree(stars)
  return (x, y) => {
    const sides = new Set<number>()
    for (const k of tree.within(x, y, reach)) sides.add(2 * Number(stars[k]!.x > x) + Number(stars[k]!.y > y))
    return sides.size === 4
  }
}

const isOn = (x: number, y: number, width: number, height: number): boolean =>
  x >= 0.5 && y >= 0.5 && x <= width + 0.5 && y <= height + 0.5
