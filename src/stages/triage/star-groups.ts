// The images of each star on a plate with several exposures: they stand in the pattern of the exposures. From the brightest
// image on, each takes the part in the pattern in which most of its partners are found.

import type { PlacedImages } from '../../math/offset-histogram.ts'
import { columnTree } from '../../math/place-tree.ts'
import { madSigma, median, quantile } from '../../math/robust.ts'

/** One exposure of a plate with several. */
export interface PatternExposure {
  /** Shift against the first of the pattern, px. */
  dx: number
  dy: number
  /** By how much its images are fainter, mag. */
  magStep: number
}

/** Rows of the images of one star, one for each exposure; −1 where there is none. */
export type StarGroup = Int32Array

const STEP_TOLERANCE_MAG = 0.8
const MISSING_COSTS = 0.5 // a partner that should be seen and is not counts against a part
const CLEAR = 0.25
const DEPTH_QUANTILE = 0.8

/** Images fainter than this are not all found. */
export function depthOf({ mag, order }: PlacedImages): number {
  return quantile(
    Array.from(order, (row) => mag[row]!),
    DEPTH_QUANTILE,
  )
}

export interface Grouping {
  images: PlacedImages
  width: number
  height: number
  fwhmPx: number
  /** An image farther than this from where its star's should be belongs to another, px. */
  tolerancePx: number
}

/** The groups of two images or more; images that could play two parts equally well are in none. */
export function starGroups(
  { images, width, height, tolerancePx }: Grouping,
  exposures: readonly PatternExposure[],
): StarGroup[] {
  const rows = Array.from(images.order)
  const index = columnTree(images.x, images.y, rows)
  const depth = depthOf(images)
  const taken = new Uint8Array(images.x.length)

  /** The images that the star has if `row` is its image in exposure k. */
  const inPart = (row: number, k: number) => {
    const group: StarGroup = new Int32Array(exposures.length).fill(-1)
    group[k] = row
    const own = exposures[k]!
    let found = 0
    let missing = 0
    for (const [j, other] of exposures.entries()) {
      if (j === k) continue
      const x = images.x[row]! + other.dx - own.dx
      const y = images.y[row]! + other.dy - own.dy
      const mag = images.mag[row]! + other.magStep - own.magStep
      let nearest = tolerancePx
      for (const n of index.within(x, y, tolerancePx)) {
        const at = rows[n]!
        if (taken[at] === 1 || at === row || Math.abs(images.mag[at]! - mag) > STEP_TOLERANCE_MAG) continue
        const apart = Math.hypot(images.x[at]! - x, images.y[at]! - y)
        if (apart > nearest) continue
        nearest = apart
        group[j] = at
      }
      if (group[j]! >= 0) found++
      else if (mag < depth && x > 1 && y > 1 && x < width && y < height) missing++
    }
    return { group, found, score: found - MISSING_COSTS * missing }
  }

  const groups: StarGroup[] = []
  for (const row of rows) {
    if (taken[row] === 1) continue
    const parts = exposures.map((_, k) => inPart(row, k)).sort((a, b) => b.score - a.score)
    const [best, second] = parts
    const lead = best!.score - (second?.score ?? Number.NEGATIVE_INFINITY)
    if (best!.found === 0 || lead < CLEAR) continue
    for (const member of best!.group) if (member >= 0) taken[member] = 1
    groups.push(best!.group)
  }
  return groups
}

export interface MeasuredExposure extends PatternExposure {
  /** Stars that have an image in it and in another. */
  stars: number
  /** Scatter per axis of the shifts of single stars, px; null for the first, and where they are too few. */
  scatterPx: number | null
}

const LEAST_PAIRS = 3
/** Where exposures are nearer to each other than this, bright images run into one another and only faint ones stand apart. */
const NEAR_FWHM = 3
const FAINT_SHARE = 0.5
const LEAST_FAINT = 12

/** Shifts and steps against the first exposure, from the stars that have an image in both; as before where these are too few. */
export function measuredPattern(
  { images, fwhmPx }: Pick<Grouping, 'images' | 'fwhmPx'>,
  exposures: readonly PatternExposure[],
  groups: readonly StarGroup[],
): MeasuredExposure[] {
  const areNear = leastApart(exposures) < NEAR_FWHM * fwhmPx
  return exposures.map((before, k) => {
    const stars = groups.filter((group) => group[k]! >= 0).length
    const pairs = groups.filter((group) => group[0]! >= 0 && group[k]! >= 0)
    if (k === 0 || pairs.length < LEAST_PAIRS) return { ...before, stars, scatterPx: null }
    const off = (column: ArrayLike<number>, of: readonly StarGroup[]) =>
      of.map((group) => column[group[k]!]! - column[group[0]!]!)
    const apart = areNear ? faintest(pairs, images.mag) : pairs
    return {
      dx: median(off(images.x, apart)),
      dy: median(off(images.y, apart)),
      magStep: median(off(images.mag, pairs)),
      stars,
      scatterPx: Math.max(madSigma(off(images.x, pairs)), madSigma(off(images.y, pairs))),
    }
  })
}

/** Distance of the two exposures that are nearest to each other, px. */
export const leastApart = (exposures: readonly PatternExposure[]): number =>
  Math.min(
    ...exposures.flatMap((a, n) => exposures.slice(0, n).map((b) => Math.hypot(a.dx - b.dx, a.dy - b.dy))),
  )

function faintest(pairs: readonly StarGroup[], mag: ArrayLike<number>): StarGroup[] {
  const count = Math.max(LEAST_FAINT, Math.ceil(FAINT_SHARE * pairs.length))
  return [...pairs].sort((a, b) => mag[b[0]!]! - mag[a[0]!]!).slice(0, count)
}
