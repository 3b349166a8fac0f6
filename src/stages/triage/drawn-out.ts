// Plates whose images are all elongated along one direction: trails, spectra of an objective prism, or exposures that touch.
import { type Reason, reason } from '../../issues.ts'
import type { TriageInput } from '../triage.ts'
import { type CommonShape, commonShape } from './common-shape.ts'
import { type Ends, endsOf } from './ends.ts'

export interface DrawnOut {
  reason: Reason
  /** Two images near each other would look the same: where stars repeat at an offset, that tells more. */
  isShort: boolean
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
/** Growth in length over growth in width: 0.7 to 1.17 for trails, 1.05 to 5 for spectra, the more the longer they are. */
const FADING = 1.2

export function drawnOut(input: TriageInput): DrawnOut | undefined {
  const shape = surest(input)
  if (shape === undefined) return undefined
  const { along, across, angleDeg, drawnOut: part, sigmas, tiles } = shape
  const ratio = ratioOf(shape)
  const ends = input.correlations
    .map(({ images, binPx }) => endsOf(images, angleDeg, binPx))
    .filter((found) => found !== undefined)
    .sort((a, b) => b.lines - a.lines)[0]
  const isShort = ratio < SURELY_LINE
  const evidence = {
    ...{ drawn_out: part, sigmas, angle_deg: angleDeg, tiles, ratio },
    ...{ along_px: along.half, across_px: across.half },
    ...{ lines: ends?.lines ?? 0, growth: ends?.growth ?? null },
  }
  const seen =
    `in ${tiles} tiles of the plate the images are drawn out along ${angleDeg.toFixed(0)}° from +x (${sigmas.toFixed(0)} σ), ` +
    `${ratio.toFixed(1)} times as far as across`
  if (ratio < LINE || hasShoulder(shape)) {
    const text = `${seen}: exposures that touch, or short trails`
    return { reason: reason('TOUCHING_EXPOSURES', text, evidence), isShort }
  }
  const isSpectra = ends !== undefined && ends.growth > FADING
  const text = `${seen}${ends === undefined ? '' : `; ${endsText(ends, isSpectra)}`}`
  const lengthPx = ends?.lengthPx ?? 2 * along.half
  return {
    reason: reason(isSpectra ? 'SPECTRA' : 'TRAILED', text, { ...evidence, length_px: lengthPx }),
    isShort,
  }
}

function endsText({ lines, lengthPx, widthPx, growth }: Ends, isSpectra: boolean): string {
  return (
    `${lines} of them are ${lengthPx.toFixed(0)} px long and ${widthPx.toFixed(0)} px wide, and ` +
    `${isSpectra ? 'fade at their ends' : 'end sharply'}: from half to a quarter of their height they grow in length ` +
    `${growth.toFixed(2)} times as much as in width`
  )
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
