// What the fit gets of the pairs: their columns, which of them it may trust, the star that the constants refer to.

import type { Detections } from './detections.ts'
import { madSigma, quantile, quantileOfSorted, sorted } from './math/robust.ts'
import { MAS } from './math/sphere.ts'
import type { CentringCurve } from './models/centring.ts'
import { type MagnitudeRelation, magnitudesOf } from './models/magnitudes.ts'
import type { PlateFrame } from './models/plate-constants.ts'
import type { PartContext } from './models/plate-model.ts'
import { ANY_STAR, type ReferenceStar } from './models/term.ts'
import type { RefineInput } from './refine.ts'
import type { FitInput } from './stages/fit.ts'
import type { Pairs, ProjectedStars } from './stages/match.ts'

const PAIRS_PER_TILE = 6 // below which a tile is left where it is

/** Tiles that get no constants of their own: the one with most pairs, against which the others are shifted, and the empty. */
export function plainTilesOf(
  tileEdges: PartContext['tileEdges'],
  { x, y, trusted }: Pick<FitInput, 'x' | 'y' | 'trusted'>,
): number[] {
  const place = (edges: readonly number[], at: number) => edges.filter((edge) => at > edge).length
  const across = tileEdges.x.length + 1
  const pairs = new Array<number>(across * (tileEdges.y.length + 1)).fill(0)
  trusted.forEach((is, i) => {
    if (is === 1) pairs[place(tileEdges.y, y[i]!) * across + place(tileEdges.x, x[i]!)]!++
  })
  const fullest = pairs.indexOf(Math.max(...pairs))
  return pairs.flatMap((count, k) => (k === fullest || count < PAIRS_PER_TILE ? [k] : []))
}

/** Ascending pixels between tiles, those on the scan. */
export const edgesOf = (list: string | undefined, sizePx: number): number[] =>
  list === undefined
    ? []
    : [...new Set(list.split(',').map(Number))]
        .filter((edge) => edge > 0.5 && edge < sizePx + 0.5)
        .sort((a, b) => a - b)

/** Everything of the fit's input that follows from the pairs. */
export function pairsToFit(
  { stars, reject }: RefineInput,
  detections: Detections,
  { detection, reference }: Pairs,
  projected: ProjectedStars,
  frame: PlateFrame,
  magnitudes: MagnitudeRelation | null,
  faintest = Number.POSITIVE_INFINITY,
): Omit<FitInput, 'context' | 'maxDegree' | 'chosen' | 'full' | 'local'> {
  const pick = (column: Float64Array, rows: Int32Array) => Float64Array.from(rows, (row) => column[row]!)
  const magnitude = pick(detections.magWin, detection)
  const trusted = Uint8Array.from(detection, (row) =>
    reject[row] === 0 && !(detections.magWin[row]! > faintest) ? 1 : 0,
  )
  const mag = magnitudesOf(pick(detections.brightness, detection), magnitudes)
  const bpRp = pick(stars.bpRp, reference)
  return {
    x: pick(detections.x, detection),
    y: pick(detections.y, detection),
    xi: pick(projected.xi, reference),
    eta: pick(projected.eta, reference),
    referenceVariance: Float64Array.from(
      reference,
      (row) => ((stars.raErrorMas[row]! ** 2 + stars.decErrorMas[row]! ** 2) / 2) * MAS * MAS,
    ),
    magnitude,
    mag,
    bpRp,
    trusted,
    frame,
    star: typicalStar(mag, bpRp),
    ra0: projected.ra0,
    dec0: projected.dec0,
  }
}

/** The star in the middle of the pairs, and how far they reach. */
export function typicalStar(mag: Float64Array, bpRp: Float64Array): ReferenceStar {
  const known = (column: Float64Array) => sorted(column.filter((value) => Number.isFinite(value)))
  const [mags, colours] = [known(mag), known(bpRp)]
  if (mags.length === 0) return ANY_STAR
  const none: [number, number] = [0, 0]
  return {
    mag: quantileOfSorted(mags, 0.5),
    magRange: [mags[0]!, mags.at(-1)!],
    bpRp: colours.length === 0 ? 0 : quantileOfSorted(colours, 0.5),
    bpRpRange: colours.length === 0 ? none : [colours[0]!, colours.at(-1)!],
    bpRpScatter: colours.length === 0 ? 0 : madSigma(colours),
  }
}

/** Faint images whose centring error is this many times that of the plate's good ones add nothing to its constants. */
const MAX_CENTRING = 1.5
const GOOD_SHARE = 0.25

/** The instrumental magnitude at which the centring error reaches that, from the faint side. */
export function depthLimit({ magnitude, error }: CentringCurve): number {
  const worst = MAX_CENTRING * quantile(error, GOOD_SHARE)
  const last = error.length - 1
  if (error[last]! <= worst) return Number.POSITIVE_INFINITY
  let k = last
  while (error[k - 1]! > worst) k--
  const share = (worst - error[k - 1]!) / (error[k]! - error[k - 1]!)
  return magnitude[k - 1]! + share * (magnitude[k]! - magnitude[k - 1]!)
}
