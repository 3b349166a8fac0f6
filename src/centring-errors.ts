// The error of every image's place, from the pairs of a finished solution: as a function of brightness and kind of image,
// from residuals against constants that the pairs took no part in.
import type { EpochStars } from './catalog/at-epoch.ts'
import { type Detections, SEX_FLAG } from './detections.ts'
import { MAS } from './math/sphere.ts'
import { IMAGE_KIND, logVarianceAt } from './models/centring.ts'
import { type PlateConstants, standardAt, varianceAt } from './models/plate-constants.ts'
import { foldAt, type HeldOut } from './stages/fit/crossvalidate.ts'
import { imageErrors, type ResidualSample } from './stages/fit/image-errors.ts'
import type { Pairs, ProjectedStars } from './stages/match.ts'

export interface CentringErrorsInput {
  detections: Detections
  reject: Int32Array
  mag: Float64Array
  stars: EpochStars
  projected: ProjectedStars
  constants: PlateConstants
  folds: HeldOut['folds']
  /** Of the folds, per axis. */
  blocks: number
  /** From a radius so wide that it does not cut off the errors that are to be measured. */
  pairs: Pairs
  radiusRad: number
}

/** Kinds of a detection, as bits. */
export function kindOf({ sexFlags, placeSource }: Detections, reject: Int32Array, row: number): number {
  const flags = sexFlags[row]!
  return (
    (flags & SEX_FLAG.neighbour ? IMAGE_KIND.neighbour : 0) |
    (flags & SEX_FLAG.blended ? IMAGE_KIND.blended : 0) |
    (flags & SEX_FLAG.saturated ? IMAGE_KIND.saturated : 0) |
    (placeSource[row] === 1 ? IMAGE_KIND.isophotal : 0) |
    (placeSource[row] === 2 ? IMAGE_KIND.profile : 0) |
    (reject[row] !== 0 ? IMAGE_KIND.rejected : 0)
  )
}

/** Standard error per axis of every detection's place, radians; undefined when the pairs are too few to measure it. */
export function centringErrors(input: CentringErrorsInput): Float64Array | undefined {
  return centringErrorsTogether([input])?.[0]
}

/** The same from the pairs of several exposures of one plate, for the detections of each. */
export function centringErrorsTogether(
  exposures: readonly CentringErrorsInput[],
): Float64Array[] | undefined {
  const model = imageErrors(togetherOf(exposures.map(sampleOf)))
  if (model === undefined) return undefined
  return exposures.map(({ detections, reject }) =>
    detections.magWin.map((m, row) => Math.exp(logVarianceAt(model, m, kindOf(detections, reject, row)) / 2)),
  )
}

function togetherOf(samples: readonly ResidualSample[]): ResidualSample {
  const column = (name: 'square' | 'known' | 'magnitude') =>
    Float64Array.from(samples.flatMap((sample) => Array.from(sample[name])))
  return {
    square: column('square'),
    known: column('known'),
    magnitude: column('magnitude'),
    kind: Uint8Array.from(samples.flatMap(({ kind }) => Array.from(kind))),
    radius: Math.max(...samples.map(({ radius }) => radius)),
  }
}

function sampleOf(input: CentringErrorsInput): ResidualSample {
  const { detections, reject, mag, stars, projected, constants, pairs, radiusRad } = input
  const folds = input.folds.map((own): PlateConstants => ({ ...constants, ...own }))
  const { detection, reference } = pairs
  const square = new Float64Array(detection.length)
  const known = new Float64Array(detection.length)
  detection.forEach((row, k) => {
    const star = reference[k]!
    const image = [detections.x[row]!, detections.y[row]!, mag[row]!, stars.bpRp[star]!] as const
    const own = folds[foldAt(constants.frame, image[0], image[1], undefined, input.blocks)]!
    const place = standardAt(own, ...image)
    const variance = varianceAt(constants, ...image)
    square[k] = ((place.xi - projected.xi[star]!) ** 2 + (place.eta - projected.eta[star]!) ** 2) / 2
    const references = (stars.raErrorMas[star]! ** 2 + stars.decErrorMas[star]! ** 2) * MAS * MAS
    known[k] = (references + variance.xi + variance.eta) / 2
  })
  return {
    square,
    known,
    magnitude: Float64Array.from(detection, (row) => detections.magWin[row]!),
    kind: Uint8Array.from(detection, (row) => kindOf(detections, reject, row)),
    radius: radiusRad,
  }
}
