// Exposures of one plate share the telescope and the scanner: once each is refined alone, they are fitted together, each with
// a pointing, rotation and scale of its own, and match and fit alternate again. Kept only where held-out stars agree.

import { centringInSteps, type Finished } from './centring-rounds.ts'
import type { Config } from './config.ts'
import { gainsOf, isAsGoodTogether, judged } from './joint/judge.ts'
import { directionsOf, type Exposure, type Member, type Moved, membersOf } from './joint/member.ts'
import { magsOf, type Paired, stacked, withoutDoubleClaims } from './joint/stack.ts'
import { unstacked } from './joint/unstack.ts'
import { magnitudeRelation } from './models/magnitudes.ts'
import type { Choice } from './models/models.ts'
import { standardAt } from './models/plate-constants.ts'
import { contextFor, nextContext } from './models/plate-context.ts'
import type { PartContext } from './models/plate-model.ts'
import { depthLimit, edgesOf, plainTilesOf } from './pairs-to-fit.ts'
import { changedShare, MIN_PAIRS, type Refined, robustSigma, SETTLED_SHARE } from './refine.ts'
import { boundedSquares } from './stages/fit/select.ts'
import { type FitResult, fitInSteps } from './stages/fit.ts'
import { match, type Pairs } from './stages/match.ts'
import type { Steps } from './steps.ts'

export type { Exposure, Moved } from './joint/member.ts'

export interface Together {
  /** In the order given: those that were fitted together as the joint fit has them, the others as they came. */
  refined: Refined[]
  /** Indexes of the exposures that were fitted together; empty where none were. */
  members: number[]
  /** What seems to have been shifted between them; null where none were fitted together. */
  moved: Moved | null
  /** By how many standard errors held-out stars of each exposure are predicted better together than alone, where it was tried. */
  gainSigmas: (number | null)[]
}

const MAX_ROUNDS = 10
const GENEROUS_ROUND = 1 // the first that finds pairs of its own: with twice the radius
const MAX_EXPOSURES = 255

/**
 * Exposures of one telescope on one plate, each refined alone before, fitted together. Where held-out stars do not agree, the
 * exposure that loses most is left out, and the others are tried without it.
 */
export function* fitTogetherInSteps(exposures: readonly Exposure[], config: Config): Steps<Together> {
  const gainSigmas: (number | null)[] = exposures.map(() => null)
  let members = Array.from(exposures.keys()).slice(0, MAX_EXPOSURES)
  while (members.length > 1) {
    const own = members.map((n) => exposures[n]!)
    const found: Joint | undefined = yield* joint(own, config)
    if (found === undefined) break
    const judgements = own.map(({ input, refined }, k) => judged(input.reject, refined, found.refined[k]!))
    const gains = gainsOf(judgements)
    members.forEach((n, k) => {
      gainSigmas[n] = gains[k]!
    })
    if (isAsGoodTogether(judgements)) {
      const refined = exposures.map((exposure, n) => found.refined[members.indexOf(n)] ?? exposure.refined)
      return { refined, members, moved: found.moved, gainSigmas }
    }
    const worst = gains.indexOf(Math.min(...gains))
    members = members.filter((_, k) => k !== worst)
  }
  return { refined: exposures.map(({ refined }) => refined), members: [], moved: null, gainSigmas }
}

interface Joint {
  refined: Refined[]
  moved: Moved
}

function* joint(exposures: readonly Exposure[], config: Config): Steps<Joint | undefined> {
  const start = yield* whatMoved(exposures, config)
  if (start === undefined) return undefined
  const settled = yield* settle(start, config)
  if (settled === undefined) return undefined
  const centring = yield* centringInSteps(settled)
  return {
    moved: start.moved,
    refined: settled.map((own, k): Refined => ({ ...own, centring: centring[k]! })),
  }
}

interface Start {
  moved: Moved
  members: Member[]
  context: PartContext
  choice: Choice
}

/** By the pairs of the exposures alone, and with one model: whichever way predicts held-out stars better. */
function* whatMoved(exposures: readonly Exposure[], config: Config): Steps<Start | undefined> {
  let best: (Start & { squares: number }) | undefined
  let like: FitResult | undefined
  for (const moved of ['telescope', 'plate'] as const) {
    const members = membersOf(exposures, moved)
    if (members === undefined) continue
    const context: PartContext = like?.context ?? {
      ...contextFor(exposures[0]!.refined.constants),
      axes: directionsOf(members[0]!.axes).directions,
      tileEdges: edgesOfTiles(exposures[0]!, config),
      exposures: members.length,
    }
    const now: FittedInput = { context, config, chosen: like?.choice, local: false }
    const found: Fitted | undefined = yield* fitted(members, pairsAlone(exposures), now)
    if (found === undefined) continue
    const { result } = found
    like ??= result
    const squares = boundedSquares(result.heldOut, like.fit.sigma, found.trusted).reduce((a, b) => a + b, 0)
    if (best === undefined || squares < best.squares) {
      best = { moved, members, context: result.context, choice: result.choice, squares }
    }
  }
  return best
}

const edgesOfTiles = ({ input }: Exposure, config: Config): PartContext['tileEdges'] => ({
  x: edgesOf(config.tileEdgesX, input.width),
  y: edgesOf(config.tileEdgesY, input.height),
})

const pairsAlone = (exposures: readonly Exposure[]): Pairs[] =>
  nearestOnly(exposures.map(({ refined }) => refined))

/** Until the pairs stay the same; undefined where an exposure loses its pairs or the fit is not determined. */
function* settle({ members, context: first, choice }: Start, config: Config): Steps<Finished[] | undefined> {
  let context = first
  let pairs = pairsAlone(members)
  let before: Pairs[] | undefined
  let last: Finished[] | undefined
  let chosen: Choice | undefined = choice
  let model: string | undefined
  let faintest = Number.POSITIVE_INFINITY
  let radiusRad = Math.max(...members.map(({ refined }) => refined.radiusRad))
  let trials: Pick<FitResult, 'trials' | 'significance'> = { trials: [], significance: [] }
  let settled = false
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (last !== undefined) {
      const wider = round === GENEROUS_ROUND ? 2 : 1
      radiusRad = wider * config.matchSigma * Math.max(...last.map(({ sigmaRad }) => sigmaRad))
      pairs = nearestOnly(last.map((own) => ({ ...own, pairs: match({ ...own, radiusRad }) })))
    }
    if (pairs.some(({ detection }) => detection.length < MIN_PAIRS)) return undefined
    const now: FittedInput = { context, config, chosen, faintest, local: settled }
    const found: Fitted | undefined = yield* fitted(members, pairs, now)
    if (found === undefined) return undefined
    const { result, paired } = found
    if (result.trials.length > 0) trials = { trials: result.trials, significance: result.significance }
    if (round === GENEROUS_ROUND) faintest = depthLimit(result.fit.centring)
    last = members.map((member, k) => {
      const fit = { ...found.own[k]!, ...trials }
      const { detections, magnitudes } = paired[k]!
      const at = (column: Float64Array) => Float64Array.from(pairs[k]!.detection, (row) => column[row]!)
      return {
        ...{ stars: member.input.stars, reject: member.input.reject },
        ...{ constants: fit.constants, pairs: pairs[k]!, x: at(detections.x), y: at(detections.y), fit },
        ...{ projected: member.projected, detections, magnitudes, mag: magsOf(paired[k]!) },
        ...{
          candidates: member.refined.candidates,
          radiusRad,
          sigmaRad: robustSigma(fit),
          rounds: round + 1,
        },
      }
    })
    const [{ constants, fit }] = last as [Finished]
    const { axes } = context
    context = { ...nextContext(result.context, constants, fit.fit), axes, exposures: members.length }
    const changed = Math.max(...pairs.map((own, k) => changedShare(own, before?.[k])))
    const still = round > GENEROUS_ROUND && changed <= SETTLED_SHARE
    if (settled && still && result.constants.model.name === model) break
    model = result.constants.model.name
    settled = still || round === MAX_ROUNDS - 2
    chosen = settled ? undefined : result.choice
    before = pairs
  }
  return last
}

interface FittedInput {
  context: PartContext
  config: Config
  chosen?: Choice | undefined
  faintest?: number
  local: boolean
}

interface Fitted {
  result: FitResult
  /** Of each exposure by itself. */
  own: FitResult[]
  paired: Paired[]
  trusted: Uint8Array
}

function* fitted(
  members: readonly Member[],
  pairs: readonly Pairs[],
  { context, config, chosen, faintest = Number.POSITIVE_INFINITY, local }: FittedInput,
): Steps<Fitted | undefined> {
  const paired = members.map(({ refined: { detections, projected } }, k): Paired => {
    const { detection, reference } = pairs[k]!
    const brightness = Array.from(detection, (row) => detections.brightness[row]!)
    const catalogue = Array.from(reference, (row) => projected.stars.gMag[row]!)
    return { detections, pairs: pairs[k]!, magnitudes: magnitudeRelation(brightness, catalogue) }
  })
  const columns = stacked(members, paired, faintest)
  const tiled = { ...context, plainTiles: plainTilesOf(context.tileEdges, columns) }
  const { maxDegree } = config
  const result = yield* fitInSteps({ ...columns, context: tiled, maxDegree, chosen, full: true, local })
  if (result === undefined) return undefined
  const own = members.map((_, k) => unstacked(result, columns, members, k))
  return { result, own, paired, trusted: columns.trusted }
}

type Claiming = Pick<Finished, 'constants' | 'detections' | 'mag' | 'pairs' | 'projected'>

/** The pairs of each exposure without the detections that another has a nearer star for. */
function nearestOnly(exposures: readonly Claiming[]): Pairs[] {
  return withoutDoubleClaims(
    exposures.map(({ constants, detections, mag, pairs, projected }) => ({
      detId: detections.detId,
      pairs,
      apart: Float64Array.from(pairs.detection, (row, k) => {
        const star = pairs.reference[k]!
        const bpRp = projected.stars.bpRp[star]!
        const { xi, eta } = standardAt(constants, detections.x[row]!, detections.y[row]!, mag[row]!, bpRp)
        return Math.hypot(xi - projected.xi[star]!, eta - projected.eta[star]!)
      }),
    })),
  )
}
