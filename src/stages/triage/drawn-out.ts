// Plates whose images are all elongated along one direction: trails, spectra of an objective prism, or exposures that touch.
import { type Reason, reason } from '../../issues.ts'
import { median, quantile } from '../../math/robust.ts'
import type { TriageInput } from '../triage.ts'
import { type CommonElongation, commonElongation, wholeImages } from './elongation.ts'
import { type Line, measureLines } from './lines.ts'

/**
 * Groups of images by size, and the elongation in common that good plates stay below: guiding errors reach 0.16 among the
 * largest images of SuperCOSMOS 2012 and 0.08 among its fainter ones. Saturated images swell and hide a small offset that
 * smaller ones show.
 */
const GROUPS = [
  { from: 0, to: 100, limit: 0.2 },
  { from: 100, to: 300, limit: 0.17 },
  { from: 300, to: 1000, limit: 0.12 },
]
const LEAST_SIGMAS = 4
/** A long direction that images share beyond this is told whatever its scatter from part to part. */
const MOST_IMAGES = 400
const MIN_LINES = 4

/** Of the images that are measured, crowding lengthens some: a little below the median. */
const TYPICAL = 0.4
// In widths of an image: two images nearer than one width make no line longer than this; spectra fade at their ends, trails
// end as sharply as their images are wide.
const TOUCHING_LENGTH = 0.75
const TOUCHING_LENGTH_EVEN = 1.05
const EVEN_GROWTH = 1.3
const FADING = 0.45
/** Level between two tops over the lower of them: 0.74 for images 1.2 widths apart, above 0.85 along a trail; farther ones than the second are found one by one. */
const TWO_TOPS = 0.8
const MOST_TOUCHING = 3
const CLEAR_SIGMAS = 15 // of a pixel: fainter lines have valleys by chance

export function drawnOut(input: TriageInput): Reason | undefined {
  const rows = wholeImages(input)
  const common = strongest(input, rows)
  if (common === undefined) return undefined
  const lines = measureLines(input.detections, rows.slice(0, MOST_IMAGES), common.angleDeg, input.sky)
  const seen =
    `${common.images} images have an ellipticity of ${common.ellipticity.toFixed(2)} in common along ` +
    `${common.angleDeg.toFixed(0)}° from +x`
  const evidence = {
    common_ellipticity: common.ellipticity,
    angle_deg: common.angleDeg,
    images: common.images,
  }
  if (lines.length < MIN_LINES) {
    const text = `${seen}; too few stand apart to tell trails from spectra or exposures that touch`
    return reason('TRAILED', text, evidence)
  }
  const bright = lines.slice(0, Math.ceil((2 * lines.length) / 3))
  const typical = (of: readonly Line[], value: (line: Line) => number) => quantile(of.map(value), TYPICAL)
  const third = Math.ceil(lines.length / 3)
  const middle = lines.slice(third, 2 * third)
  const widthPx = typical(middle, (l) => l.widthPx)
  const lengthPx = typical(bright, (l) => l.halfPx)
  const relative = typical(middle, (l) => l.halfPx / l.widthPx)
  const growth =
    typical(lines.slice(0, third), (l) => l.quarterPx) /
    Math.max(
      1,
      typical(middle, (l) => l.quarterPx),
    )
  const fading = quantile(
    bright.map((l) => (l.quarterPx - l.halfPx) / Math.max(l.widthPx, 0.1 * l.halfPx)),
    0.5,
  )
  const clear = lines.slice(third).filter((l) => l.sigmas > CLEAR_SIGMAS)
  const dip = clear.length < MIN_LINES ? 1 : median(clear.map((l) => l.dip))
  const numbers = {
    ...evidence,
    ...{ lines: lines.length, length_px: lengthPx, width_px: widthPx, fading_widths: fading, growth, dip },
  }
  const hasTwoTops = dip < TWO_TOPS && relative < MOST_TOUCHING
  if (hasTwoTops || relative < TOUCHING_LENGTH || (relative < TOUCHING_LENGTH_EVEN && growth < EVEN_GROWTH)) {
    const text =
      `${seen}, but are longer than wide by only ${lengthPx.toFixed(1)} px, ${relative.toFixed(2)} of their width of ` +
      `${widthPx.toFixed(1)} px${hasTwoTops ? `, and have two tops (${dip.toFixed(2)} of them between)` : ''}: ` +
      'exposures that touch, or short trails'
    return reason('TOUCHING_EXPOSURES', text, numbers)
  }
  const long = `${seen}; ${lines.length} of them are ${lengthPx.toFixed(0)} px longer than wide (${widthPx.toFixed(1)} px)`
  const fade = `by ${fading.toFixed(2)} widths from half to a quarter of their height`
  return fading > FADING
    ? reason('SPECTRA', `${long} and fade at their ends, ${fade}`, numbers)
    : reason('TRAILED', `${long} and end sharply, ${fade}`, numbers)
}

/** The elongation in common that exceeds its limit most. */
function strongest(input: TriageInput, rows: Int32Array): CommonElongation | undefined {
  return GROUPS.map(({ from, to, limit }) => ({
    found: commonElongation(input, rows.slice(from, to)),
    limit,
  }))
    .filter(
      ({ found, limit }) => found !== undefined && found.ellipticity > limit && found.sigmas > LEAST_SIGMAS,
    )
    .sort((a, b) => b.found!.ellipticity / b.limit - a.found!.ellipticity / a.limit)[0]?.found
}
