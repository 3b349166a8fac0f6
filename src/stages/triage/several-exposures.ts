// Whether the stars repeat at fixed offsets: several exposures, the faint ghosts of a Pickering wedge, the satellites of a
// grating. What repeats without being stars is left aside: the marks of a réseau are all alike, stars are not.
import { type Reason, reason } from '../../issues.ts'
import { madSigma } from '../../math/robust.ts'
import { REJECT } from '../../reject.ts'
import type { TriageInput } from '../triage.ts'
import {
  type ExposurePattern,
  exposurePattern,
  type PatternSearch,
  type RepeatedOffsets,
  repeatedOffsets,
} from './exposure-pattern.ts'

export interface SeveralExposures {
  /** The histogram in which offsets were looked for, with its peaks. */
  offsets: RepeatedOffsets
  /** Null where nothing repeats. */
  pattern: ExposurePattern | null
  reason: Reason | null
}

/** Stars of every kind repeat, also saturated and blended ones; these do not, or many times on one line. */
const NOT_ASKED = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED | REJECT.LINE | REJECT.HALO

const REACH_MM = 6
const REACH_SHARE = 0.45 // of the shorter side: farther exposures share too little of the plate
const REACH_WITHOUT_SCALE_PX = 1000
const LATTICES = 2

export function severalExposures(input: TriageInput): SeveralExposures {
  const { detections: d, reject, width, height, fwhmPx, pixelUm } = input
  const reachPx = Math.min(
    REACH_SHARE * Math.min(width, height),
    pixelUm === null ? REACH_WITHOUT_SCALE_PX : (REACH_MM * 1000) / pixelUm,
  )
  let order = Array.from(d.x.keys())
    .filter((row) => (reject[row]! & NOT_ASKED) === 0)
    .sort((a, b) => d.magInst[a]! - d.magInst[b]! || a - b)
  for (let lattices = 0; ; lattices++) {
    const images = { x: d.x, y: d.y, mag: d.magInst, order }
    const search: PatternSearch = { images, width, height, fwhmPx, reachPx }
    const offsets = repeatedOffsets(search)[0]!
    const peak = offsets.peaks[0]
    if (peak === undefined) return { offsets, pattern: null, reason: null }
    const pattern = exposurePattern(search, peak, offsets.boxPx)
    if (lattices < LATTICES && areAlike(pattern, images.mag)) {
      order = order.filter((row) => pattern.member[row] === -1)
      continue
    }
    return { offsets, pattern, reason: reasonFor(pattern, offsets, input) }
  }
}

/** The magnitudes of stars differ far more from star to star than between the images of one; those of marks do not. */
const ALIKE = 2.5

function areAlike({ groups, exposures }: ExposurePattern, mag: ArrayLike<number>): boolean {
  const magnitudes = groups.map((group) =>
    [...group].flatMap((row, k) => (row < 0 ? [] : [mag[row]! - exposures[k]!.magStep])),
  )
  const within = magnitudes.flatMap(([first, ...others]) => others.map((m) => (m - first!) / Math.SQRT2))
  return madSigma(magnitudes.map(([first]) => first!)) < ALIKE * madSigma(within)
}

/** A second exposure is rarely shorter than a tenth of the first; a wedge makes ghosts fainter than that. */
const GHOST_STEP_MAG = 2.8
const SATELLITE_STEP_MAG = 1
const SYMMETRY_MAG = 0.5
const SYMMETRY_SHARE = 0.03 // of the offset, beside a box

function reasonFor(
  { exposures }: ExposurePattern,
  { peaks, boxPx, histogram }: RepeatedOffsets,
  { detections: d }: TriageInput,
): Reason {
  const peak = peaks[0]!
  const offset = ({ dx, dy }: { dx: number; dy: number }) => `(${dx.toFixed(1)}, ${dy.toFixed(1)}) px`
  const [, second, third] = exposures
  const evidence = {
    exposures: exposures.map(({ dx, dy, magStep, stars, scatterPx }) => ({
      offset_px: [dx, dy],
      mag_step: magStep,
      stars,
      scatter_px: scatterPx,
    })),
    detections: d.length,
    strongest_offset_px: [peak.dx, peak.dy],
    pairs: peak.pairs,
    pairs_expected: peak.expected,
    log10_chance: peak.log10Chance,
    box_px: boxPx,
    pairs_in_histogram: histogram.dx.length,
  }
  const surely =
    `${peak.pairs} pairs of images repeat at one offset where their surroundings give ${peak.expected.toFixed(1)} ` +
    `(a chance of 10^${peak.log10Chance.toFixed(0)})`
  const one = exposures.length === 2 && second!.magStep > GHOST_STEP_MAG
  if (one) {
    const text = `every star has a companion at ${offset(second!)}, ${second!.magStep.toFixed(1)} mag fainter, on ${second!.stars} stars: ${surely}`
    return reason('WEDGE_GHOST', text, evidence)
  }
  const apart = third === undefined ? 0 : Math.hypot(second!.dx + third.dx, second!.dy + third.dy)
  const isGrating =
    exposures.length === 3 &&
    Math.min(second!.magStep, third!.magStep) > SATELLITE_STEP_MAG &&
    Math.abs(second!.magStep - third!.magStep) < SYMMETRY_MAG &&
    apart < boxPx + SYMMETRY_SHARE * Math.hypot(second!.dx, second!.dy)
  if (isGrating) {
    const text = `every star has two satellites, at ${offset(second!)} and opposite, ${second!.magStep.toFixed(1)} mag fainter: ${surely}`
    return reason('GRATING', text, evidence)
  }
  const others = exposures
    .slice(1)
    .map((e) => `${offset(e)} by ${e.magStep.toFixed(2)} mag fainter on ${e.stars} stars`)
  const text = `${exposures.length} exposures: beside the deepest, shifted by ${others.join('; ')}. ${surely}`
  return reason('MULTI_EXPOSURE', text, evidence)
}
