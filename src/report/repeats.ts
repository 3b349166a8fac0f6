// Do the stars repeat? The section that shows what triage looked at: offsets between images that occur too often, or that
// none does.
import type { OffsetHistogram, OffsetPeak } from '../math/offset-histogram.ts'
import { offsetPeaks } from '../math/offset-peaks.ts'
import type { Solution } from '../solution.ts'
import type { SeveralExposures } from '../stages/triage/several-exposures.ts'
import { type Content, type Html, html } from './html.ts'
import { brief, count, fixed, tenTo } from './numbers.ts'
import { offsetMap } from './offset-map.ts'
import type { ShownExposure } from './shown-exposures.ts'
import { stepFigure } from './step-figure.ts'

export interface RepeatsInput {
  solution: Solution
  /** As triage left it; null where there were too few images to ask. */
  several: SeveralExposures | null
  exposures: readonly ShownExposure[]
  /** One star in all exposures, where it can be shown. */
  closeUp?: Html | undefined
}

const TITLE = 'Do the stars repeat?'
const CELLS = 200
const CELLS_SMALL = 120
const CLOSE_SHARE = 0.2 // of the reach: exposures nearer than this are shown enlarged
const ENLARGED = 1.7 // from the middle to the sides, in the shift of the farthest of them
const CELLS_PER_BOX = 3
const MOST_PEAKS = 12 // marked

export function repeatsSection(input: RepeatsInput): Html {
  const { several } = input
  if (several === null) {
    return html`<section><h2>${TITLE}</h2><p>It could not be asked: there are too few images like stars.</p></section>`
  }
  const found = several.offsets.peaks.length > 0
  return html`<section><h2>${TITLE}</h2>${found ? repeated(input, several) : nothing(input, several)}</section>`
}

/** A plate with nothing that repeats, so that a reader sees it. */
function nothing({ solution }: RepeatsInput, several: SeveralExposures): Html {
  const { histogram, boxPx } = several.offsets
  const { svg } = offsetMap({
    ...{ id: 'offsets', histogram, extentPx: histogram.reachPx, cells: CELLS_SMALL },
    ...{ exposures: [], peaks: [] },
  })
  const [strongest] = offsetPeaks(histogram, Number.POSITIVE_INFINITY)
  const most =
    strongest === undefined
      ? 'No offset is shared by even three pairs of like magnitude difference.'
      : `The strongest is ${offset(strongest)}: ${count(strongest.pairs)} pairs of like magnitude difference in a box of ${fixed(boxPx, 1)} px, where its surroundings let expect ${brief(strongest.expected)}; ${chanceOf(strongest)}.`
  const later = solution.reasons.some(({ code }) => LATER.has(code))
  return html`<div class="columns"><figure class="small">${svg}</figure><div>
<p><b>No: no offset stands out.</b> ${searched(histogram)}</p><p>${most}</p>${setAside(several)}
${later && html`<p>What the solution showed afterwards is among the reasons above.</p>`}
<p class="note">Drawn is the number of pairs of images at each offset from each other, for the brightest images; larger boxes, and fainter images where there are more, were searched too. Two exposures on one plate would make one dark spot, and the same opposite it: stars repeat at one offset and with one difference of magnitude. A cluster or a crowded field makes many pairs, but at no offset of its own.</p></div></div>`
}

const LATER: ReadonlySet<string> = new Set(['SECOND_PATTERN', 'SPLIT_SOLUTION', 'BRIGHT_UNMATCHED'])

function repeated({ solution, exposures, closeUp }: RepeatsInput, several: SeveralExposures): Html {
  const { histogram, peaks, boxPx } = several.offsets
  const peak = peaks[0]!
  const marked = { histogram, exposures, peaks: peaks.slice(0, MOST_PEAKS) }
  const close = closest(exposures, peaks, histogram.reachPx)
  const whole = offsetMap({
    ...{ ...marked, id: 'offsets', extentPx: histogram.reachPx, cells: CELLS },
    unlabelledPx: close ?? 0,
  })
  const enlarged =
    close !== null && offsetMap({ ...marked, id: 'offsets-near', ...enlargement(close, boxPx) })
  const steps = stepFigure(histogram, peak, boxPx, 'steps')
  const numbered =
    exposures.length === 0
      ? ''
      : ' Numbers and shapes mark the exposures as they are shifted against the deepest, with the difference of magnitude.'
  const others =
    exposures.length === 0
      ? ' Rings mark the strongest peaks.'
      : exposures.length === 2
        ? ' The ring is the same offset seen from the other image.'
        : ' Rings mark other strong peaks: the same offsets seen from the other image, and mostly those from one exposure to another.'
  const far = exposures.filter(
    ({ patternPx }) => patternPx !== null && Math.hypot(...patternPx) > histogram.reachPx,
  )
  const beyond =
    far.length === 0 ? '' : ` Exposure ${far.map(({ number }) => number).join(', ')} lies beyond the figure.`
  const maps = [
    html`<figure>${whole.svg}<figcaption><b>Pairs of images by their offset,</b> out to ${fixed(histogram.reachPx, 0)} px.${numbered}${others}${beyond}</figcaption></figure>`,
    enlarged &&
      html`<figure>${enlarged.svg}<figcaption><b>The middle, enlarged.</b> Nearer than ${fixed(histogram.leastPx, 1)} px two images are one.</figcaption></figure>`,
    html`<figure>${steps.svg}<figcaption><b>Magnitude differences at the strongest peak,</b> ${offset(peak)}: ${count(steps.pairs)} pairs in a box of ${fixed(boxPx, 1)} px (blue), and what its surroundings put into a box as large, ${brief(steps.around)} (dashed). Pairs of the same stars differ by one step.</figcaption></figure>`,
    closeUp &&
      html`<figure>${closeUp}<figcaption><b>A star in all exposures,</b> in the scan; marked as in the preview.</figcaption></figure>`,
  ]
  return html`<p><b>${verdict(solution, several, exposures)}</b> ${searched(histogram)} At ${offset(peak)} there are ${count(peak.pairs)} pairs whose second image is ${step(peak.magStep)}, where the surroundings let expect ${brief(peak.expected)}; ${chanceOf(peak)}.</p>
${setAside(several)}<div class="columns">${maps}</div>`
}

const offset = ({ dx, dy }: { dx: number; dy: number }): string => `(${fixed(dx, 1)}, ${fixed(dy, 1)}) px`

const step = (mag: number): string => `${fixed(Math.abs(mag), 2)} mag ${mag < 0 ? 'brighter' : 'fainter'}`

const COMMON = -2 // log₁₀

/** What triage calls the chance of a peak is how many as strong ones a plate without a repeated offset has. */
function chanceOf({ log10Chance }: OffsetPeak): string {
  return log10Chance > COMMON
    ? 'as strong a one is often there by chance'
    : `the chance of as strong a one anywhere is ${tenTo(log10Chance)}`
}

function searched(histogram: OffsetHistogram): string {
  const images = new Set([...histogram.from, ...histogram.to]).size
  return `Among the ${count(images)} brightest images, ${count(histogram.dx.length)} pairs are no farther apart than ${fixed(histogram.reachPx, 0)} px.`
}

function setAside({ reasons }: SeveralExposures): Content {
  const grids = reasons.filter(({ code }) => code === 'RESEAU')
  return (
    grids.length > 0 && html`<p>Left aside before: ${grids.map(({ text }) => text).join('; ')} (réseau).</p>`
  )
}

function verdict(
  { reasons }: Solution,
  several: SeveralExposures,
  exposures: readonly ShownExposure[],
): string {
  const told = (code: string) =>
    several.reasons.some((reason) => reason.code === code) && reasons.some((reason) => reason.code === code)
  if (told('MULTI_EXPOSURE')) return `Yes: the plate holds ${exposures.length} exposures.`
  if (told('WEDGE_GHOST')) return 'Yes: every bright star has a ghost.'
  if (told('GRATING')) return 'Yes: every bright star has satellites on both sides.'
  return 'Some offsets repeat, but what repeats was not taken for exposures; the reasons above say for what.'
}

/** The shift of the farthest of those that lie close together, px; null where none does. */
function closest(
  exposures: readonly ShownExposure[],
  peaks: readonly OffsetPeak[],
  reachPx: number,
): number | null {
  const shifts = exposures.flatMap(({ patternPx }) => (patternPx === null ? [] : [Math.hypot(...patternPx)]))
  const all = shifts.length > 0 ? shifts : peaks.slice(0, 1).map(({ dx, dy }) => Math.hypot(dx, dy))
  const near = all.filter((shift) => shift > 0 && shift < CLOSE_SHARE * reachPx)
  return near.length === 0 ? null : Math.max(...near)
}

function enlargement(shiftPx: number, boxPx: number): { extentPx: number; cells: number } {
  const extentPx = ENLARGED * shiftPx
  const cells = Math.ceil((extentPx * CELLS_PER_BOX) / boxPx)
  return { extentPx, cells: 2 * Math.min(CELLS / 2, Math.max(20, cells)) }
}
