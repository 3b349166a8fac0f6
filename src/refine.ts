// Match and fit alternate until neither moves: bright stars and few plate constants first, then all stars within a radius
// that the residuals themselves set.
import type { EpochStars } from './catalog/at-epoch.ts'
import { centringInSteps } from './centring-rounds.ts'
import type { Config } from './config.ts'
import type { Detections } from './detections.ts'
import { MAD_TO_SIGMA, median } from './math/robust.ts'
import { brightnessOf } from './models/brightness.ts'
import { type MagnitudeRelation, magnitudeRelation, magnitudesOf } from './models/magnitudes.ts'
import type { Choice } from './models/models.ts'
import {
  frameOf,
  orientation,
  type PlateConstants,
  type PlateFrame,
  retangent,
  standardAt,
} from './models/plate-constants.ts'
import { contextFor, nextContext } from './models/plate-context.ts'
import type { PartContext } from './models/plate-model.ts'
import { depthLimit, edgesOf, pairsToFit, plainTilesOf } from './pairs-to-fit.ts'
import { REJECT } from './reject.ts'
import { type FitResult, fitInSteps } from './stages/fit.ts'
import { match, type Pairs, type ProjectedStars, project } from './stages/match.ts'
import { atOnce, type Steps } from './steps.ts'

export interface RefineInput {
  start: PlateConstants
  detections: Detections
  /** Rows without a reason against them, best first. */
  ranked: Int32Array
  reject: Int32Array
  stars: EpochStars
  width: number
  height: number
}

export interface Refined extends Settled {
  /** Standard error per axis of every detection's place, radians. */
  centring: Float64Array
}

export interface Settled {
  constants: PlateConstants
  pairs: Pairs
  /** Places of the paired detections, px. */
  x: Float64Array
  y: Float64Array
  fit: FitResult
  projected: ProjectedStars
  /** With the brightness that the pairs taught. */
  detections: Detections
  magnitudes: MagnitudeRelation | null
  /** Every detection's magnitude on the scale of the reference stars, as the plate constants take it. */
  mag: Float64Array
  /** Rows of the detections that could be paired. */
  candidates: Int32Array
  /** Match radius of the last round, radians. */
  radiusRad: number
  /** Robust residual per axis, radians. */
  sigmaRad: number
  rounds: number
}

/** Detections that no reference star may be paired with: there is no trustworthy place. */
const UNUSABLE = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED | REJECT.OTHER_EXPOSURE

const FIRST_STARS = 60
const CHANCE_SHARE = 0.1 // of the detections that may find a partner by chance in an early round
export const MAX_ROUNDS = 12
export const SETTLED_SHARE = 0.002 // of the pairs: a few at the edge of the radius may come and go for ever
const GENEROUS_ROUNDS = 2 // with twice the radius, before it has settled
const MAX_RADIUS_SHARE = 0.04 // of the plate's radius: residuals that ask for a wider match are those of chance pairs
const MAX_GROWTH = 1.5 // of the residuals from one round to the next
export const MIN_PAIRS = 12 // four times what an affine model needs

/** @returns undefined when the first solution finds too few pairs to go on from */
export function refine(input: RefineInput, config: Config): Refined | undefined {
  return atOnce(refineInSteps(input, config))
}

/** As `refine`, in steps: of 0.2 s for 20,000 pairs; the longest are those that look at every reference star. */
export function* refineInSteps(input: RefineInput, config: Config): Steps<Refined | undefined> {
  const settled = yield* settle(input, config)
  if (settled === undefined) return undefined
  const [centring] = yield* centringInSteps([{ ...input, ...settled }])
  return { ...settled, centring: centring! }
}

/** Until the pairs stay the same. */
function* settle(input: RefineInput, config: Config): Steps<Settled | undefined> {
  const { stars, width, height } = input
  let { detections } = input
  const frame = frameOf(width, height)
  const start = retangent(input.start, frame)
  if (start === undefined) return undefined
  let constants = start
  const onPlate = starsOnPlate(stars, constants, frame)
  const brightFirst = Int32Array.from(onPlate).sort((a, b) => stars.gMag[a]! - stars.gMag[b]! || a - b)
  const candidates = Int32Array.from(input.reject.keys()).filter((i) => (input.reject[i]! & UNUSABLE) === 0)
  const scale = orientation(constants).scaleRadPx
  const tileEdges = { x: edgesOf(config.tileEdgesX, width), y: edgesOf(config.tileEdgesY, height) }
  const plateArea = width * height * scale * scale

  // Early rounds: few bright stars, whose chance partners are far apart, then more.
  let sigmaRad = Number.POSITIVE_INFINITY
  let rounds = 0
  for (let n = FIRST_STARS; ; n *= 2) {
    const rows = input.ranked.subarray(0, n)
    const references = brightFirst.subarray(0, Math.ceil(1.5 * n))
    const projected = project(stars, constants.ra0, constants.dec0, references)
    const density = projected.rows.length / plateArea
    const radiusRad = Math.min(Math.sqrt(CHANCE_SHARE / (Math.PI * density)), 8 * sigmaRad)
    const pairs = match({ detections, candidates: rows, projected, constants, radiusRad, magnitudes: null })
    const result = yield* fitInSteps({
      ...pairsToFit(input, detections, pairs, projected, frame, null),
      context: { ...contextFor(constants), tileEdges },
      maxDegree: Math.min(config.maxDegree, n > 200 ? 3 : 2),
      full: false,
      local: false,
    })
    rounds++
    if (result !== undefined && pairs.detection.length >= MIN_PAIRS) {
      constants = result.constants
      sigmaRad = robustSigma(result)
    }
    if (n >= input.ranked.length || n >= 2000) break
  }
  if (!Number.isFinite(sigmaRad)) return undefined

  // Later rounds: every detection and star, in place and magnitude, until the pairs stay the same.
  const projected = project(stars, constants.ra0, constants.dec0, onPlate)
  const widest = MAX_RADIUS_SHARE * (Math.hypot(width, height) / 2) * scale
  let last: Settled | undefined
  let before: Pairs | undefined
  let magnitudes: MagnitudeRelation | null = null
  let faintest: number | undefined
  let context: PartContext = { ...contextFor(constants), tileEdges }
  let chosen: Choice | undefined
  let settled = false
  let model: string | undefined
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const generous = round < GENEROUS_ROUNDS ? 2 : 1
    const radiusRad = generous * config.matchSigma * sigmaRad
    if (radiusRad > generous * widest) return undefined
    const pairs = match({ detections, candidates, projected, constants, radiusRad, magnitudes })
    if (pairs.detection.length < MIN_PAIRS) return last
    const catalogue = Array.from(pairs.reference, (i) => stars.gMag[i]!)
    if (round < GENEROUS_ROUNDS) {
      const brightness = brightnessOf(input.detections, pairs.detection, catalogue)
      if (brightness !== null) detections = { ...detections, brightness }
    }
    const brightnesses = Array.from(pairs.detection, (i) => detections.brightness[i]!)
    magnitudes = magnitudeRelation(brightnesses, catalogue)
    const columns = pairsToFit(input, detections, pairs, projected, frame, magnitudes, faintest)
    const result: FitResult | undefined = yield* fitInSteps({
      ...columns,
      context: { ...context, plainTiles: plainTilesOf(tileEdges, columns) },
      maxDegree: config.maxDegree,
      chosen,
      full: true,
      local: settled,
    })
    if (result === undefined) return last
    rounds++
    // A round much worse than the one before it has lost the pairs that its model needs: the last good one is kept.
    if (last !== undefined && robustSigma(result) > MAX_GROWTH * last.sigmaRad) return last
    constants = result.constants
    context = nextContext(result.context, constants, result.fit)
    sigmaRad = robustSigma(result)
    if (round === GENEROUS_ROUNDS - 1) {
      // Once, from a radius that does not cut off the faint stars' errors: a limit taken again from what it has left
      // would move for ever.
      faintest = depthLimit(result.fit.centring)
    }
    const at = (column: Float64Array) => Float64Array.from(pairs.detection, (row) => column[row]!)
    const { trials, significance } = result.trials.length > 0 || last === undefined ? result : last.fit
    last = {
      constants,
      pairs,
      x: at(detections.x),
      y: at(detections.y),
      fit: { ...result, trials, significance },
      projected,
      detections,
      magnitudes,
      mag: magnitudesOf(detections.brightness, magnitudes),
      candidates,
      radiusRad,
      sigmaRad,
      rounds,
    }
    // The pairs settle under one model; then it is chosen once more, and if it is another one they settle again.
    const still = round >= GENEROUS_ROUNDS && changedShare(pairs, before) <= SETTLED_SHARE
    if (settled && still && result.constants.model.name === model) break
    model = result.constants.model.name
    settled = still || round === MAX_ROUNDS - 2
    chosen = settled || round < GENEROUS_ROUNDS ? undefined : result.choice
    before = pairs
  }
  return last
}

/** Rows of the stars whose place falls on the scan or within a twentieth of its size of it. */
function starsOnPlate(stars: EpochStars, constants: PlateConstants, frame: PlateFrame): Int32Array {
  const all = Int32Array.from({ length: stars.length }, (_, i) => i)
  const projected = project(stars, constants.ra0, constants.dec0, all)
  const corner = (sx: number, sy: number) =>
    standardAt(constants, frame.x0 + sx * frame.halfPx, frame.y0 + sy * frame.halfPx)
  const corners = [corner(-1, -1), corner(1, -1), corner(-1, 1), corner(1, 1)]
  const reach = 1.05 * Math.max(...corners.map((c) => Math.hypot(c.xi, c.eta)))
  return projected.rows.filter((i) => Math.hypot(projected.xi[i]!, projected.eta[i]!) <= reach)
}

/** Share of the pairs that were not there before, or with another star. */
export function changedShare(now: Pairs, before: Pairs | undefined): number {
  if (before === undefined) return 1
  const star = new Map(Array.from(before.detection, (row, k) => [row, before.reference[k]!]))
  let same = 0
  now.detection.forEach((row, k) => {
    if (star.get(row) === now.reference[k]) same++
  })
  return 1 - same / Math.max(now.detection.length, before.detection.length)
}

/** Robust residual per axis of the pairs that took part in the fit, radians: what the match radius is measured in. */
export function robustSigma({ fit: { weight, residualXi, residualEta } }: FitResult): number {
  const used = Array.from(weight.keys()).filter((i) => weight[i]! > 0)
  return MAD_TO_SIGMA * median(used.flatMap((i) => [Math.abs(residualXi[i]!), Math.abs(residualEta[i]!)]))
}
