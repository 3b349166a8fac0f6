// Magnitude differences of the pairs at one offset, against those of its surroundings: pairs of the same stars differ by one
// step, pairs of any two stars by anything.
import type { OffsetHistogram, OffsetPeak } from '../math/offset-histogram.ts'
import { quantile } from '../math/robust.ts'
import { COLOUR } from './colours.ts'
import { at, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { fixed, roundBelow } from './numbers.ts'

export interface StepFigure {
  svg: Html
  /** Pairs in the box, whatever their step, and how many the surroundings put there. */
  pairs: number
  around: number
}

const WIDTH = 496
const LEFT = 48
const RIGHT = 10
const TOP = 10
const HEIGHT = 230
const FOOT = 42

const BOXES_AROUND = 3.5 // from the peak to the sides of the square that is its surroundings
const BOXES_LEFT_OUT = 1 // around the peak
const NARROW_BIN_MAG = 0.2
const WIDE_BIN_MAG = 0.5
const MOST_NARROW = 40
const SHOWN_QUANTILE = 0.01

export function stepFigure(
  histogram: OffsetHistogram,
  peak: OffsetPeak,
  boxPx: number,
  id: string,
): StepFigure {
  const within: number[] = []
  const around: number[] = []
  const sort = (dx: number, dy: number, step: number) => {
    const apart = Math.max(Math.abs(dx - peak.dx), Math.abs(dy - peak.dy)) / boxPx
    if (apart <= 0.5) within.push(step)
    else if (apart > BOXES_LEFT_OUT && apart <= BOXES_AROUND) around.push(step)
  }
  for (let k = 0; k < histogram.dx.length; k++) {
    sort(histogram.dx[k]!, histogram.dy[k]!, histogram.dmag[k]!)
    if (histogram.half) sort(-histogram.dx[k]!, -histogram.dy[k]!, -histogram.dmag[k]!)
  }
  const scale = 1 / Math.max(1, boxesAround(histogram, peak, boxPx))
  const all = [...within, ...around].filter(Number.isFinite)
  const low = Math.min(peak.magStep - 1, quantile(all, SHOWN_QUANTILE))
  const high = Math.max(peak.magStep + 1, quantile(all, 1 - SHOWN_QUANTILE))
  const bin = high - low > MOST_NARROW * NARROW_BIN_MAG ? WIDE_BIN_MAG : NARROW_BIN_MAG
  const first = Math.floor(low / bin)
  const bins = Math.ceil(high / bin) - first
  const binned = (steps: readonly number[], weight: number) => {
    const counts = new Float64Array(bins)
    for (const step of steps) {
      const k = Math.floor(step / bin) - first
      if (k >= 0 && k < bins) counts[k]! += weight
    }
    return counts
  }
  const bars = binned(within, 1)
  const line = binned(around, scale)
  const most = Math.max(1, ...bars, ...line)
  const x = (step: number) => LEFT + ((step / bin - first) / bins) * (WIDTH - LEFT - RIGHT)
  const y = (count: number) => TOP + HEIGHT * (1 - count / (1.08 * most))
  const bottom = TOP + HEIGHT
  const edge = (k: number) => at(x((first + k) * bin))
  const drawn = [...bars].flatMap((count, k) =>
    count === 0 ? [] : [`M${edge(k)} ${bottom}V${at(y(count))}H${edge(k + 1)}V${bottom}Z`],
  )
  const outline = [...line].map(
    (count, k) => `${k === 0 ? 'M' : 'L'}${edge(k)} ${at(y(count))}H${edge(k + 1)}`,
  )
  const svg = html`<svg id="${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + FOOT}" role="img" aria-label="Magnitude differences at the strongest peak" ${{ markup: TEXT_STYLE }}>
<rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${HEIGHT}" fill="#ffffff" stroke="${COLOUR.faint}"/>
<path d="${drawn.join('')}" fill="${COLOUR.used}" fill-opacity="0.75"/>
<path d="${outline.join('')}" fill="none" stroke="${COLOUR.unused}" stroke-width="1.8" stroke-dasharray="5 3"/>
${ticks(first * bin, (first + bins) * bin, most, x, y, bottom)}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 35}" text-anchor="middle">magnitude difference within the pair</text>
</svg>`
  return { svg, pairs: within.length, around: around.length * scale }
}

function ticks(
  low: number,
  high: number,
  most: number,
  x: (step: number) => number,
  y: (count: number) => number,
  bottom: number,
): Html {
  const step = roundBelow((high - low) / 3)
  const firstTick = Math.ceil(low / step - 1e-9)
  const across = Array.from({ length: Math.floor(high / step + 1e-9) - firstTick + 1 }, (_, k) => {
    const value = (firstTick + k) * step
    return html`<path d="M${at(x(value))} ${bottom}v4" stroke="${COLOUR.faint}"/><text x="${at(x(value))}" y="${bottom + 17}" text-anchor="middle">${fixed(value, step < 1 ? 1 : 0)}</text>`
  })
  const level = Math.max(1, roundBelow(most / 2))
  const up = Array.from({ length: Math.floor(most / level) + 1 }, (_, k) => {
    return html`<text x="${LEFT - 6}" y="${at(y(k * level) + 4)}" text-anchor="end">${k * level}</text>`
  })
  return html`${across}${up}`
}

const SAMPLES = 41 // along each side

/** The area of the surroundings that the histogram covers, in boxes. */
function boxesAround({ reachPx, leastPx }: OffsetHistogram, peak: OffsetPeak, boxPx: number): number {
  const step = (2 * BOXES_AROUND) / SAMPLES
  let covered = 0
  for (let i = 0; i < SAMPLES; i++) {
    for (let j = 0; j < SAMPLES; j++) {
      const [u, v] = [(i + 0.5) * step - BOXES_AROUND, (j + 0.5) * step - BOXES_AROUND]
      const offset = Math.hypot(peak.dx + u * boxPx, peak.dy + v * boxPx)
      if (Math.max(Math.abs(u), Math.abs(v)) > BOXES_LEFT_OUT && offset >= leastPx && offset <= reachPx)
        covered++
    }
  }
  return covered * step * step
}
