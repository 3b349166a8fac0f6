// Whether the stars repeat at fixed offsets: several exposures, the faint ghosts of a Pickering wedge, the satellites of a
// grating. What repeats without being stars, the marks of a réseau, is left aside.
import { imagesOfLight } from '../../edges.ts'
import { type Reason, reason } from '../../issues.ts'
import type { OffsetHistogram, OffsetPeak } from '../../math/offset-histogram.ts'
import { offsetPeaks } from '../../math/offset-peaks.ts'
import { median } from '../../math/robust.ts'
import { REJECT } from '../../reject.ts'
import type { TriageInput } from '../triage.ts'
import { spreadEvenly } from './evenly.ts'
import {
  type ExposurePattern,
  exposurePattern,
  type PatternSearch,
  type RepeatedOffsets,
  repeatedOffsets,
} from './exposure-pattern.ts'
import { findReseau, isFromNodeToNode, type Reseau } from './reseau.ts'
import { leastApart } from './star-groups.ts'

export interface SeveralExposures {
  /** The histogram in which offsets were looked for, with its peaks. */
  offsets: RepeatedOffsets
  /** Null where nothing repeats. */
  pattern: ExposurePattern | null
  /** Images repeat as sharply as those of exposures do; the pieces of trails, spectra and rings do not. */
  isSharp: boolean
  /** So sharply, and on so much of the plate, as pieces of short lines never do. */
  isPlain: boolean
  /** What repeats, and what was left aside. */
  reasons: Reason[]
}

/** Stars of every kind repeat, also saturated and blended ones; these do not, and the pieces of a scratch in their own way. */
const NOT_ASKED = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED | REJECT.LINE | REJECT.SHARP_EDGE
/** Specks, where stars are known from images of light; elsewhere blends and what stands in a cluster may look like that. */
const NOT_ASKED_AMONG_SPECKS = NOT_ASKED | REJECT.TOO_SHARP | REJECT.PEAK | REJECT.SPECKS

const REACH_MM = 6
const REACH_SHARE = 0.45 // of the shorter side: farther exposures share too little of the plate
const REACH_WITHOUT_SCALE_PX = 1000
const MOST_RESEAUX = 3

export function severalExposures(input: TriageInput): SeveralExposures {
  if (imagesOfLight(input.detections) === undefined) return repeatsAmong(input, NOT_ASKED)
  const ofStars = repeatsAmong(input, NOT_ASKED_AMONG_SPECKS)
  // The images of a faint exposure may be too few without those of which the filter is not sure.
  return ofStars.offsets.peaks.length > 0 ? ofStars : repeatsAmong(input, NOT_ASKED)
}

/** @param notAsked  reasons of the filter, any of which leaves an image out */
function repeatsAmong(input: TriageInput, notAsked: number): SeveralExposures {
  const { detections: d, reject, width, height, fwhmPx, pixelUm } = input
  const reachPx = Math.min(
    REACH_SHARE * Math.min(width, height),
    pixelUm === null ? REACH_WITHOUT_SCALE_PX : (REACH_MM * 1000) / pixelUm,
  )
  let order = Array.from(d.x.keys())
    .filter((row) => (reject[row]! & notAsked) === 0)
    .sort((a, b) => d.magInst[a]! - d.magInst[b]! || a - b)
  const grids: Reseau[] = []
  for (;;) {
    const images = { x: d.x, y: d.y, mag: d.magInst, order }
    const search: PatternSearch = { images, width, height, fwhmPx, reachPx }
    const found = surestOffsets(search)
    const offsets = { ...found, peaks: found.peaks.filter((own) => !isOfAny(grids, own, fwhmPx)) }
    const peak = offsets.peaks[0]
    const reseaux = grids.map(reseauReason)
    if (peak === undefined)
      return { offsets, pattern: null, isSharp: false, isPlain: false, reasons: reseaux }
    const grid = grids.length < MOST_RESEAUX ? findReseau(images, offsets.peaks, input) : undefined
    if (grid === undefined) {
      const pattern = exposurePattern(search, peak, offsets.boxPx)
      const reasons = [reasonFor(pattern, offsets, input), ...touching(pattern, input), ...reseaux]
      const isSharp = repeatsSharply(pattern, peak, fwhmPx)
      return { offsets, pattern, isSharp, isPlain: isSharp && isPlain(pattern, input), reasons }
    }
    grids.push(grid)
    const marks = new Set(grid.rows)
    order = order.filter((row) => !marks.has(row))
  }
}

/** Splinters of broken marks repeat by the same grid as the marks. */
const isOfAny = (grids: readonly Reseau[], peak: OffsetPeak, fwhmPx: number): boolean =>
  grids.some((grid) => isFromNodeToNode(grid, peak, fwhmPx))

const FEWER = 0.8 // of all images: then it is worth to ask those that are spread evenly too

/** Of all images, or of those that no dense patch outweighs. */
function surestOffsets(search: PatternSearch): RepeatedOffsets {
  const { images } = search
  const even = spreadEvenly(Array.from(images.order), images, search)
  const evenly = even.length < FEWER * images.order.length ? [{ ...images, order: even }] : []
  const found = [images, ...evenly].map((own) => repeatedOffsets({ ...search, images: own })[0]!)
  const surest = ({ peaks }: RepeatedOffsets) => peaks[0]?.log10Chance ?? 0
  return found.reduce((a, b) => (surest(b) < surest(a) ? b : a))
}

const SHARP_SCATTER_FWHM = 0.4 // per axis: pieces of lines lie anywhere along them
const SHARP_CONTRAST = 12 // pairs over those expected

const PLAIN_SCATTER_FWHM = 0.18 // exposures reach 0.17, pieces of trails and spectra begin at 0.2
const PLAIN_SHARE = 0.25 // of the images: exposures 0.27 to 0.9, pieces 0.07 to 0.27

const scatterOf = ({ exposures }: ExposurePattern): number =>
  Math.max(...exposures.map(({ scatterPx }) => scatterPx ?? 0))

const repeatsSharply = (pattern: ExposurePattern, peak: OffsetPeak, fwhmPx: number): boolean =>
  scatterOf(pattern) < SHARP_SCATTER_FWHM * fwhmPx && peak.pairs > SHARP_CONTRAST * peak.expected

function isPlain(pattern: ExposurePattern, { ranked, fwhmPx }: TriageInput): boolean {
  const members = pattern.member.filter((k) => k >= 0).length
  return scatterOf(pattern) < PLAIN_SCATTER_FWHM * fwhmPx && members >= PLAIN_SHARE * ranked.length
}

/** A second exposure is rarely shorter than a tenth of the first; a wedge makes ghosts fainter than that. */
const GHOST_STEP_MAG = 2.2 // measured: bright images are overexposed, and a step of 4 mag between them looks like 2 to 3
const GHOST_STEP_TOLD_MAG = 1.2 // where the logbook knows of the wedge
const WEDGE_METHOD = 14
const SATELLITE_STEP_MAG = 1
const SYMMETRY_MAG = 0.6
const OPPOSITE = -3 // log₁₀ of chance: where one satellite is known, the other is no surprise

function reseauReason({ spacingPx, nodes, occupied }: Reseau): Reason {
  const text = `${occupied} of the ${nodes} nodes of a square grid with a spacing of ${spacingPx.toFixed(1)} px have an image`
  return reason('RESEAU', text, { spacing_px: spacingPx, nodes, occupied })
}

function reasonFor(
  { exposures }: ExposurePattern,
  { peaks, boxPx, histogram }: RepeatedOffsets,
  { detections: d, logbook }: TriageInput,
): Reason {
  const peak = peaks[0]!
  const offset = ({ dx, dy }: { dx: number; dy: number }) => `(${dx.toFixed(1)}, ${dy.toFixed(1)}) px`
  const [, second] = exposures
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
  const isGrating = hasOpposite(histogram, peak, boxPx)
  if (exposures.length === 2 && second!.magStep > leastGhostStep(logbook) && !isGrating) {
    const text = `every star has a companion at ${offset(second!)}, ${second!.magStep.toFixed(1)} mag fainter, on ${second!.stars} stars: ${surely}`
    return reason('WEDGE_GHOST', text, evidence)
  }
  if (isGrating) {
    const text = `every star has two satellites, at ${offset(second!)} and opposite, ${second!.magStep.toFixed(1)} mag fainter: ${surely}`
    return reason('GRATING', text, evidence)
  }
  const others = exposures
    .slice(1)
    .map((e) => `by ${offset(e)}, ${Math.max(0, e.magStep).toFixed(2)} mag fainter, ${e.stars} stars`)
  const text = `${exposures.length} exposures. Against the deepest the others are shifted ${others.join('; ')}; ${surely}`
  return reason('MULTI_EXPOSURE', text, evidence)
}

/** Nearer than this, in widths of their images, exposures lean on each other: places are off by more than centring is. */
const TOUCHING_WIDTHS = 1.5

function touching({ exposures, groups }: ExposurePattern, { detections: d, fwhmPx }: TriageInput): Reason[] {
  const widths = groups.flatMap((group) => [...group].filter((row) => row >= 0).map((row) => d.fwhm[row]!))
  const width = Math.max(fwhmPx, median(widths))
  const least = leastApart(exposures)
  if (!(least < TOUCHING_WIDTHS * width)) return []
  const text = `two exposures are ${least.toFixed(1)} px apart, where images are ${width.toFixed(1)} px wide: their places lean towards each other`
  return [reason('TOUCHING_EXPOSURES', text, { apart_px: least, width_px: width })]
}

/** How much fainter a companion must be to be a ghost: the logbook's word for a wedge, or for two exposures, is weighed. */
function leastGhostStep({ method, exposures }: TriageInput['logbook']): number {
  if (method === WEDGE_METHOD) return GHOST_STEP_TOLD_MAG
  return (exposures ?? 1) > 1 ? Number.POSITIVE_INFINITY : GHOST_STEP_MAG
}

/** Whether as much is fainter at the opposite offset: the satellites of a grating stand on both sides of their star. */
function hasOpposite(histogram: OffsetHistogram, { dx, dy, magStep }: OffsetPeak, boxPx: number): boolean {
  if (Math.abs(magStep) < SATELLITE_STEP_MAG) return false
  // A pair at the opposite offset stands in the histogram as one at this offset with the opposite step.
  return offsetPeaks(histogram, OPPOSITE).some(
    (other) =>
      Math.hypot(other.dx - dx, other.dy - dy) < 2 * boxPx &&
      Math.abs(other.magStep + magStep) < SYMMETRY_MAG,
  )
}
