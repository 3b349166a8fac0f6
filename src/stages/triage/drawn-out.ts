// Plates whose images are all elongated along one direction: trails, spectra of an objective prism, or exposures that touch.
import { type Reason, reason } from '../../issues.ts'
import type { TriageInput } from '../triage.ts'
import { type CommonShape, commonShape } from './common-shape.ts'
import { type Ends, endsOf } from './ends.ts'
import { areSpread, between, sameLines } from './same-lines.ts'

export interface DrawnOut {
  reason: Reason
  /** Two images near each other would look the same: where stars repeat at an offset, that tells more. */
  isShort: boolean
  /** From +x towards +y, 0 to 180, and full length at half height, px. */
  angleDeg: number
  lengthPx: number
  /** There are valleys along the lines: they are rows of images. */
  isRow: boolean
}

/**
 * Part of the correlation of neighbouring pixels that leans to one direction, and by how many standard deviations. Guiding
 * errors reach 0.023 and 7.2 with a ratio of 1.2 (SuperCOSMOS 2012); simulated plates of round images 0.02 and 3.5.
 */
const LEAST_SIGMAS = 4.5
const FEW_TILES = 16 // over their number, added to that: the scatter of a few tiles is not well known
const LEAST_DRAWN_OUT = 0.026
const LEAST_DRAWN_OUT_LONG = 0.012
/** Lag along over that across where the correlation falls to the same level. */
const LONG = 1.4
const LINE = 1.42
const SURELY_LINE = 3 // two images 2.5 widths apart reach 1.9 on an emulsion, 2.8 without saturation
/**
 * Two images near each other have few pixels half-way between: the correlation falls early and has a shoulder. The ratio at
 * three quarters over that at a half, for shapes up to a ratio; trails and spectra have 0.77 to 1.1.
 */
const SHOULDERS = [
  { ratio: 2.1, most: 0.77 },
  { ratio: 3, most: 0.65 },
]
/** What is wider than this, in image widths, is cloud, a label or the border of the plate. */
const MOST_WIDTHS = 3
const AS_CLEAR = 0.7
/** Lines near the direction of the common shape, degrees. */
const NEAR = 12
/** Lines that are shorter, in widths that they are longer than wide, may be two images in one. */
const LEAST_EXCESS = 0.9
const LEAST_EXCESS_ALONE = 1.5 // where the average of the plate does not show them
const ENOUGH = 8 // lines that may be asked for valleys
const VALLEY = 0.2 // trails and spectra have 0.16 at most, exposures two widths apart 0.26 and more
const RIPPLE = 0.1 // in the correlation: of trails and spectra it falls steadily
/** The longer a faint line is, the more often grain or a flaw breaks it somewhere. */
const VALLEY_PER_EXCESS = 0.045
/** The arms of a cross end far more sharply than its sides. */
const LEAST_GROWTH = 0.85
const ALONG_DEG = 12

export function drawnOut(input: TriageInput): DrawnOut | undefined {
  const shape = surest(input)
  const near = shape && sameLines(input.correlations, { angleDeg: shape.angleDeg, withinDeg: NEAR })
  const same = near ?? sameLines(input.correlations)
  const ends = same && endsOf(same)
  if (same !== undefined && ends !== undefined) {
    const least = near === undefined ? LEAST_EXCESS_ALONE : LEAST_EXCESS
    const isLine = ends.excess > least && ends.growth > LEAST_GROWTH && !isRow(ends)
    if (isLine && areSpread(same.lines, input.width, input.height))
      return ofLines(ends, same.angleDeg, near && shape)
  }
  return shape && ofShape(shape, near && ends)
}

/** Whether an offset between images leads from one piece of a line to another. */
export function isAlong({ angleDeg, lengthPx }: DrawnOut, { dx, dy }: { dx: number; dy: number }): boolean {
  const turned = (Math.atan2(dy, dx) * 180) / Math.PI
  return Math.hypot(dx, dy) < lengthPx && between(turned, angleDeg) < ALONG_DEG
}

const isRow = ({ lines, valley, excess }: Ends): boolean =>
  lines >= ENOUGH && valley > Math.max(VALLEY, VALLEY_PER_EXCESS * excess)

function ofLines(ends: Ends, angleDeg: number, shape: CommonShape | undefined): DrawnOut {
  const { lines, lengthPx, widthPx, growth, brightening, isSpectra } = ends
  const text =
    `${lines} images of one direction, ${angleDeg.toFixed(0)}° from +x, and one length, ${lengthPx.toFixed(0)} px at a width of ` +
    `${widthPx.toFixed(0)} px; they ${isSpectra ? 'fade at their ends' : 'end sharply'}: from top to foot they grow in ` +
    `length ${growth.toFixed(2)} times as much as in width, and from faint to bright their excess in length grows ` +
    `${brightening.toFixed(2)} times as much`
  const evidence = {
    ...{ lines, angle_deg: angleDeg, length_px: lengthPx, width_px: widthPx, growth, brightening },
    ...{ valley: ends.valley, drawn_out: shape?.drawnOut ?? null, sigmas: shape?.sigmas ?? null },
  }
  return {
    reason: reason(isSpectra ? 'SPECTRA' : 'TRAILED', text, evidence),
    isShort: lines < ENOUGH || ends.excess < LEAST_EXCESS_ALONE,
    ...{ angleDeg, lengthPx, isRow: false },
  }
}

/** Where lines are too short, or too crowded, to be measured one by one. */
function ofShape(shape: CommonShape, ends: Ends | undefined): DrawnOut {
  const { along, across, angleDeg, drawnOut: part, sigmas, tiles } = shape
  const ratio = ratioOf(shape)
  const row = shape.ripple > RIPPLE || (ends !== undefined && isRow(ends))
  const isLine = ratio >= LINE && !hasShoulder(shape) && !row
  const lengthPx = ends?.lengthPx ?? 2 * along.half
  const evidence = {
    ...{ drawn_out: part, sigmas, angle_deg: angleDeg, tiles, ratio, along_px: along.half },
    ...{ across_px: across.half, length_px: lengthPx, lines: ends?.lines ?? 0 },
    ...{ growth: ends?.growth ?? null, valley: ends?.valley ?? null, ripple: shape.ripple },
  }
  const text =
    `in ${tiles} tiles of the plate the images are drawn out along ${angleDeg.toFixed(0)}° from +x (${sigmas.toFixed(0)} σ), ` +
    `${ratio.toFixed(1)} times as far as across${row ? ', with valleys between' : ''}` +
    `${isLine ? '' : ': exposures that touch, or short trails'}`
  return {
    reason: reason(isLine ? 'TRAILED' : 'TOUCHING_EXPOSURES', text, evidence),
    ...{ isShort: ratio < SURELY_LINE || row, angleDeg, lengthPx, isRow: row },
  }
}

const ratioOf = ({ along, across }: CommonShape): number =>
  Math.max(along.half / across.half, along.quarter / across.quarter)

function hasShoulder({ along, across }: CommonShape): boolean {
  const ratio = along.half / across.half
  const early = along.threeQuarters / across.threeQuarters
  return SHOULDERS.some((one) => ratio < one.ratio && early < one.most * ratio)
}

/** In bright pixels the shape is plainest; of lines that are faint only, or broken by grain, it is in faint or binned ones. */
function surest({ correlations, fwhmPx }: TriageInput): CommonShape | undefined {
  const shapes = correlations
    .flatMap(({ radiiPx, faint, bright }) =>
      [bright, faint].map((tiles) => commonShape(tiles, radiiPx, fwhmPx)),
    )
    .filter((shape) => shape !== undefined)
    .filter((shape) => {
      const least = ratioOf(shape) > LONG ? LEAST_DRAWN_OUT_LONG : LEAST_DRAWN_OUT
      return (
        shape.drawnOut > least &&
        shape.sigmas > LEAST_SIGMAS + FEW_TILES / shape.tiles &&
        shape.across.half < MOST_WIDTHS * fwhmPx
      )
    })
  const most = Math.max(...shapes.map((shape) => shape.drawnOut))
  return shapes.find((shape) => shape.drawnOut > AS_CLEAR * most)
}
