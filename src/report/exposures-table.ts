// The exposures of a plate with several, one a line: shift and magnitude step, images, and how well each is fitted.
import type { Solution } from '../solution.ts'
import { perAxis } from './headline.ts'
import { type Html, html } from './html.ts'
import { sample } from './marks.ts'
import { brief, count, fixed, UNKNOWN } from './numbers.ts'
import { signed } from './offset-map.ts'
import type { ShownExposure } from './shown-exposures.ts'

export function exposuresTable(exposures: readonly ShownExposure[], solution: Solution): Html {
  const { plate, exposures: solved } = solution
  const um = plate.pixel_um === null ? null : Math.sqrt(plate.pixel_um[0] * plate.pixel_um[1])
  const scale = solved[0]?.scale_arcsec_px ?? null
  const headings = ['', 'shift along x, y', 'length', 'fainter by', 'images']
  const more = solved.length === 0 ? [] : ['pairs', 'rms per axis', 'epoch', 'distortion']
  const lines = exposures.map((exposure) => {
    const { number, name, offsetPx, magStep, rows } = exposure
    const length = offsetPx === null ? null : Math.hypot(...offsetPx)
    const shift = offsetPx === null ? 'another field' : offsetPx.map((along) => signed(along, 1)).join(', ')
    const lengths = [
      um === null || length === null ? null : `${brief(length * um)} µm`,
      scale === null || length === null ? null : `${brief(length * scale)}″`,
    ].filter((part) => part !== null)
    const isFirst = length === 0
    return html`<tr><th scope="row">${sample(number - 1)}${name}</th><td class="number">${isFirst ? UNKNOWN : `${shift}${offsetPx === null ? '' : ' px'}`}</td><td class="number">${isFirst || lengths.length === 0 ? UNKNOWN : lengths.join(' · ')}</td><td class="number">${magStep === null || isFirst ? UNKNOWN : `${fixed(magStep, 2)} mag`}</td><td class="number">${count(rows.length)}</td>${solved.length > 0 && solvedCells(exposure, solution)}</tr>
`
  })
  return html`<section><h2>Exposures</h2><table class="exposures"><thead><tr>${headings.map((text) => html`<th scope="col"${{ markup: text === '' ? '' : ' class="number"' }}>${text}</th>`)}${more.map((text) => html`<th scope="col"${{ markup: NUMBERS.has(text) ? ' class="number"' : '' }}>${text}</th>`)}</tr></thead><tbody>
${lines}</tbody></table>${note(solution)}</section>`
}

const NUMBERS: ReadonlySet<string> = new Set(['pairs', 'rms per axis', 'epoch'])

function solvedCells({ solution: exposure }: ShownExposure, solution: Solution): Html {
  if (exposure === null) return html`<td colspan="4">not solved</td>`
  const { fit, index } = exposure
  const { exposures_together: together } = solution
  const gain = together?.gain_sigmas[index] ?? null
  const gained = gain === null ? '' : ` (${signed(gain, 1)} σ)`
  const how = together?.members.includes(index) ? `together${gained}` : `alone${gained}`
  return html`<td class="number">${count(fit.pairs)}</td><td class="number">${brief(perAxis(fit.rms_ra_arcsec, fit.rms_dec_arcsec))}″</td><td class="number">${fixed(exposure.epoch_yr, 2)}</td><td>${how}</td>`
}

function note({ exposures, exposures_together: together }: Solution): Html {
  const shifts =
    'Shifts are from the deepest exposure to this one, in the middle of the scan; x to the right, y upwards.'
  if (exposures.length < 2) return html`<p class="note">${shifts}</p>`
  const moved = { telescope: 'the telescope was moved', plate: 'the plate was moved behind the telescope' }
  const fitted =
    together === null || together.members.length < 2
      ? ' The distortion of each exposure was fitted alone.'
      : ` The distortion of ${together.members.length} exposures was fitted together${together.moved === null ? '' : `, as if ${moved[together.moved]} between them`}; in brackets by how many standard errors held-out stars gain.`
  return html`<p class="note">${shifts}${fitted} The column exposure of catalogue.fits and the names of the files count from 0: exposure 1 is 0 there, wcs-0.fits and scamp-0.head.</p>`
}
