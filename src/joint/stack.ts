// The pairs of several exposures as one list: standard coordinates turned to those of the first exposure, magnitudes brought to
// its scale, and each pair with the number of its exposure.
import type { Detections } from '../detections.ts'
import { type MagnitudeRelation, magnitudesOf } from '../models/magnitudes.ts'
import { pairsToFit, typicalStar } from '../pairs-to-fit.ts'
import type { FitInput } from '../stages/fit.ts'
import type { Pairs } from '../stages/match.ts'
import { determinantOf, type Member, turned } from './member.ts'

export interface Paired {
  detections: Detections
  pairs: Pairs
  magnitudes: MagnitudeRelation | null
}

export type Stacked = Omit<FitInput, 'context' | 'maxDegree' | 'chosen' | 'full' | 'local'>

const CAN_SPARE = 120 // pairs of an exposure below which it needs its faint ones, too

/** @param faintest  instrumental magnitude beyond which pairs are only judged */
export function stacked(members: readonly Member[], paired: readonly Paired[], faintest: number): Stacked {
  const columns = members.map((member, k): Stacked => {
    const { input, projected, frame, toFirst, magStep } = member
    const { detections, pairs, magnitudes } = paired[k]!
    const limit = pairs.detection.length < CAN_SPARE ? Number.POSITIVE_INFINITY : faintest
    const own = pairsToFit(input, detections, pairs, projected, frame, magnitudes, limit)
    const area = Math.abs(determinantOf(toFirst))
    const places = Array.from(own.xi, (xi, i) => turned(toFirst, xi, own.eta[i]!))
    return {
      ...own,
      xi: Float64Array.from(places, ([xi]) => xi),
      eta: Float64Array.from(places, ([, eta]) => eta),
      referenceVariance: own.referenceVariance.map((variance) => variance * area),
      mag: own.mag.map((mag) => mag - magStep),
    }
  })
  const all = (name: 'x' | 'y' | 'xi' | 'eta' | 'referenceVariance' | 'magnitude' | 'mag' | 'bpRp') =>
    Float64Array.from(columns.flatMap((own) => Array.from(own[name])))
  const [mag, bpRp] = [all('mag'), all('bpRp')]
  const { frame, ra0, dec0 } = columns[0]!
  return {
    ...{ x: all('x'), y: all('y'), xi: all('xi'), eta: all('eta'), magnitude: all('magnitude'), mag, bpRp },
    referenceVariance: all('referenceVariance'),
    trusted: Uint8Array.from(columns.flatMap((own) => Array.from(own.trusted))),
    exposures: {
      of: Uint8Array.from(columns.flatMap((own, k) => Array.from(own.x, () => k))),
      frames: members.map((member) => member.frame),
    },
    star: typicalStar(mag, bpRp),
    ...{ frame, ra0, dec0 },
  }
}

/** A detection is the image of one star in one exposure: where several claim it, the nearest has it. */
export function withoutDoubleClaims(
  claims: readonly { detId: Int32Array; pairs: Pairs; apart: Float64Array }[],
): Pairs[] {
  const nearest = new Map<number, { exposure: number; apart: number }>()
  claims.forEach(({ detId, pairs, apart }, exposure) => {
    pairs.detection.forEach((row, k) => {
      const before = nearest.get(detId[row]!)
      if (before === undefined || apart[k]! < before.apart) {
        nearest.set(detId[row]!, { exposure, apart: apart[k]! })
      }
    })
  })
  return claims.map(({ detId, pairs }, exposure) => {
    const kept = Array.from(pairs.detection.keys()).filter(
      (k) => nearest.get(detId[pairs.detection[k]!]!)!.exposure === exposure,
    )
    return {
      detection: Int32Array.from(kept, (k) => pairs.detection[k]!),
      reference: Int32Array.from(kept, (k) => pairs.reference[k]!),
    }
  })
}

/** Magnitudes of all detections, as the constants of their exposure take them. */
export const magsOf = ({ detections, magnitudes }: Paired): Float64Array =>
  magnitudesOf(detections.brightness, magnitudes)
