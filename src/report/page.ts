// The page as a whole: headline, reasons, numbers, figures, tables, in the order in which a reader asks for them.
import type { ExposureSolution, Solution } from '../solution.ts'
import { exposuresTable } from './exposures-table.ts'
import { headline, keyNumbers, reasonList } from './headline.ts'
import { type Html, html } from './html.ts'
import { sample } from './marks.ts'
import { count, fixed } from './numbers.ts'
import type { Preview } from './preview.ts'
import type { ArrowMap, MeanMap } from './residual-map.ts'
import type { ShownExposure } from './shown-exposures.ts'
import { STYLE } from './style.ts'
import {
  attemptsTable,
  countsTable,
  modelsTable,
  placeTable,
  plateTable,
  qualityTable,
  residualsTable,
} from './tables.ts'

/** The figures of one exposure; undefined where there are too few pairs. */
export interface ResidualFigures {
  pairs: number
  unused: number
  arrows: ArrowMap
  means: MeanMap | undefined
  magnitude: Html | undefined
  radius: Html | undefined
}

export interface PageInput {
  solution: Solution
  reject: Int32Array
  preview: Preview
  residuals: readonly ResidualFigures[]
  /** What triage saw. */
  repeats: Html
  /** Where the plate has several exposures; empty otherwise. */
  shown: readonly ShownExposure[]
}

export function page({ solution, reject, preview, residuals, repeats, shown }: PageInput): string {
  const { exposures, plate } = solution
  const solved = exposures.map((exposure, n) => exposureSection(exposure, solution, residuals[n]!))
  const others = html`<div class="columns"><div>${countsTable(solution, reject)}</div><div>${exposures.length === 0 ? plateTable(solution) : exposures.map((exposure) => modelsTable(exposure, exposures.length))}</div></div>`
  // On a plate with one exposure it is a proof among others; else it is what the page is about.
  const isSimple = solution.class === 'single'
  return `<!DOCTYPE html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>${plate.id}: ${solution.status}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
${headline(solution)}
<main>
${reasonList(solution)}
${shown.length > 0 && exposuresTable(shown, solution)}
${isSimple ? '' : repeats}
${solved}
${previewSection(preview)}
${isSimple && repeats}
${others}
${attemptsTable(solution)}
</main>
<footer class="note">Written by platepipe. Every number here is in solution.json, every star in ${exposures.length === 0 ? 'detections.fits' : 'catalogue.fits'}; the programs and their times are in run.json.</footer>
</body>
</html>`.markup
  }\n`
}

function exposureSection(exposure: ExposureSolution, solution: Solution, figures: ResidualFigures): Html {
  const title =
    solution.exposures.length > 1 &&
    html`<h2 class="exposure">${sample(exposure.index)}Exposure ${exposure.index + 1}</h2>${keyNumbers(exposure)}`
  return html`<section>${title}<div class="columns"><div>${placeTable(exposure, solution)}</div><div>${residualsTable(exposure, solution)}${qualityTable(exposure, solution)}</div></div></section>
<section><h2>Residuals${solution.exposures.length > 1 ? ` of exposure ${exposure.index + 1}` : ''}: plate minus reference star</h2>${figures.pairs === 0 ? html`<p>There is no pair to draw.</p>` : residualFigures(figures)}</section>`
}

function residualFigures({ pairs, unused, arrows, means, magnitude, radius }: ResidualFigures): Html {
  const drawn =
    arrows.drawn === pairs
      ? `All ${count(pairs)} pairs`
      : `${count(arrows.drawn)} of ${count(pairs)} pairs, evenly thinned`
  const map = html`<figure>${arrows.svg}<figcaption><b>Residual map.</b> ${drawn}, at their places on the scan, y upwards. Blue: used in the fit; vermilion: no weight in it (${count(unused)}).</figcaption></figure>`
  const cells =
    means &&
    html`<figure>${means.svg}<figcaption><b>Means over the plate,</b> of the pairs used in each cell. A grey circle holds 99 % of the means that scatter alone would give; ${count(means.significant)} of ${count(means.cells)} leave it (vermilion) where chance explains about ${fixed(means.cells / 100, 1)}.</figcaption></figure>`
  const trends = [
    magnitude &&
      html`<figure>${magnitude}<figcaption><b>Against magnitude.</b> A slope of the means (black, with standard errors) is a magnitude equation. What lies beyond a frame is drawn at its edge.</figcaption></figure>`,
    radius &&
      html`<figure>${radius}<figcaption><b>Against the distance from the middle.</b> A trend outward is distortion that the model leaves; around, a rotation of parts.</figcaption></figure>`,
  ]
  // Without the map of means the trends stand beside the residual map, one above the other.
  return html`<div class="columns">${map}${cells}${cells ? trends : html`<div>${trends}</div>`}</div>`
}

function previewSection({ svg, legend }: Preview): Html {
  const entries = legend.map(({ mark, text, total, drawn }) => {
    const part = drawn < total ? ` (the ${count(drawn)} brightest are drawn)` : ''
    return html`<li>${mark}${count(total)} ${text}${part}</li>`
  })
  return html`<section><h2>Preview</h2><figure class="plate"><ul class="legend">${entries}</ul>
${svg}<figcaption>Stars are shown dark, whatever the scan's polarity; y grows upwards as in FITS, x to the right.</figcaption></figure></section>`
}
