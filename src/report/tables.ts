// The tables of the page: what was found in numbers, the solver's attempts, the models tried, what was counted.
import { basename } from 'node:path'
import { REJECT_BITS } from '../reject.ts'
import type { ExposureSolution, Solution } from '../solution.ts'
import { type Content, type Html, html } from './html.ts'
import {
  brief,
  count,
  degrees,
  fixed,
  pixelSize,
  probability,
  sexagesimal,
  small,
  UNKNOWN,
} from './numbers.ts'

type Row = readonly [name: string, value: Content]

function facts(title: string, rows: readonly Row[]): Html {
  const lines = rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)
  return html`<h2>${title}</h2><table><tbody>${lines}</tbody></table>`
}

const EPOCH_SOURCE: Record<Solution['plate']['epoch_source'], string> = {
  header: 'from the header of the scan',
  option: 'given as an option',
  fitted: 'from the proper motions of its stars',
  unknown: 'not known; assumed',
}

function epochOf({ plate }: Solution, epochYr: number | null): string {
  return epochYr === null ? UNKNOWN : `${fixed(epochYr, 3)} (${EPOCH_SOURCE[plate.epoch_source]})`
}

/** What is known of a plate whether or not it was solved. */
export function plateTable(solution: Solution): Html {
  const { plate } = solution
  return facts('The plate', [
    ['epoch', epochOf(solution, plate.epoch_yr)],
    ['telescope', plate.telescope ?? UNKNOWN],
    ['emulsion', plate.emulsion ?? UNKNOWN],
    ['pixel on the plate', plate.pixel_um === null ? UNKNOWN : `${pixelSize(plate.pixel_um)} µm`],
    [
      'sky of the positive scan',
      plate.sky_level === null ? UNKNOWN : `${brief(plate.sky_level)} ± ${brief(plate.sky_noise)}`,
    ],
    ['usable part of the scan', `${fixed(100 * plate.usable_fraction, 1)} %`],
  ])
}

export function placeTable(exposure: ExposureSolution, { plate, exposures }: Solution): Html {
  const suffix = exposures.length > 1 ? `-${exposure.index}` : ''
  const { centre, scale_arcsec_px: scale, solve, wcs, model } = exposure
  const field = (px: number) => angleOf((px * scale) / 3600)
  const mmScale =
    plate.pixel_um === null ? null : (1000 * scale) / Math.sqrt(plate.pixel_um[0] * plate.pixel_um[1])
  return facts('Place and scale', [
    ['centre of the scan, ICRS', sexagesimal(centre.ra, centre.dec)],
    ['in degrees', degrees(centre.ra, centre.dec)],
    ['scale', `${fixed(scale, 5)}″ per pixel${mmScale === null ? '' : `; ${fixed(mmScale, 3)}″ per mm`}`],
    ['field', `${field(plate.width)} × ${field(plate.height)}`],
    ['rotation', `${fixed(exposure.rotation_deg, 3)}°: position angle of +y, east of north`],
    [
      'mirrored',
      exposure.mirrored
        ? 'yes: east is to the right when north is up'
        : 'no: east is to the left when north is up',
    ],
    ['model of the plate constants', `${model.name}, ${model.terms} constants`],
    [
      `wcs${suffix}.fits departs from them by`,
      `${small(wcs.sip_departure_px)} px at most (SIP); ${small(wcs.sip_inverse_departure_px)} px on the way back`,
    ],
    [`scamp${suffix}.head departs by`, `${small(wcs.tpv_departure_px)} px at most (TPV)`],
    ['solved by', solvedBy(solve)],
  ])
}

/** The solver's attempt; a shift from another exposure has neither log-odds nor an index. */
function solvedBy({ attempt, log_odds: logOdds, index_file: index }: ExposureSolution['solve']): string {
  const parts = [
    attempt,
    logOdds !== null && `log-odds ${fixed(logOdds, 0)}`,
    index !== null && basename(index),
  ]
  return parts.filter((part) => part !== false).join(', ')
}

function angleOf(deg: number): string {
  return deg < 2 ? `${fixed(60 * deg, 1)}′` : `${fixed(deg, 2)}°`
}

export function qualityTable(exposure: ExposureSolution, solution: Solution): Html {
  const { fit, chance, reference } = exposure
  return facts('Quality', [
    ['epoch', epochOf(solution, exposure.epoch_yr)],
    [
      'reference stars',
      `${reference.name}, epoch ${fixed(reference.epoch_yr, 1)}; ${count(reference.stars)} on the plate`,
    ],
    [
      'pairs',
      `${count(fit.pairs)} within ${brief(fit.match_radius_arcsec)}″; ${count(fit.rejected)} had no weight in the fit`,
    ],
    ['reduced χ²', fixed(fit.chi2_reduced, 2)],
    [
      'chance test',
      `${count(chance.pairs_heldout)} held-out pairs; ${fixed(chance.pairs_shifted, 1)} with a shifted catalogue; probability of a false solution ${probability(chance.false_solution_probability)}`,
    ],
    [
      'brightest reference stars found',
      chance.bright_matched_share === null
        ? 'not known: the catalogue has no magnitudes'
        : `${fixed(100 * chance.bright_matched_share, 0)} %`,
    ],
    ['epoch from proper motions', epochCheck(exposure)],
  ])
}

function epochCheck({ epoch_check: check }: ExposureSolution): string {
  if (check === null) return 'the stars do not move enough to tell'
  const verdict =
    check.consistent === null ? 'taken for the epoch' : check.consistent ? 'consistent' : 'in conflict'
  return `${fixed(check.epoch_yr, 1)} ± ${fixed(check.error_yr, 1)}: ${verdict}`
}

/** The rms of the residuals per axis, in the units of the sky, of the scan and of the plate. */
export function residualsTable({ fit, scale_arcsec_px: scale }: ExposureSolution, { plate }: Solution): Html {
  const um = plate.pixel_um === null ? null : Math.sqrt(plate.pixel_um[0] * plate.pixel_um[1])
  const row = (name: string, arcsec: number) => {
    const px = arcsec / scale
    const cells = [brief(arcsec), brief(px), brief(um === null ? null : px * um)]
    return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`
  }
  return html`<h2>Residuals, rms</h2><table><thead><tr><td></td><th scope="col" class="number">arcsec</th><th scope="col" class="number">px</th><th scope="col" class="number">µm</th></tr></thead><tbody>
${row('all pairs, right ascension', fit.rms_ra_arcsec)}
${row('all pairs, declination', fit.rms_dec_arcsec)}
${row('held out, right ascension', fit.heldout_rms_ra_arcsec)}
${row('held out, declination', fit.heldout_rms_dec_arcsec)}
</tbody></table>`
}

/** The solver's attempts without their times, which are no part of the result. */
export function attemptsTable({ attempts }: Solution): Html {
  const rows = attempts.map(
    ({ attempt, solved, log_odds, index_file, verdict }) =>
      html`<tr><td>${attempt}</td><td>${solved ? 'solved' : 'no solution'}</td><td class="number">${fixed(log_odds, 0)}</td><td>${index_file ? basename(index_file) : UNKNOWN}</td><td>${verdict ?? UNKNOWN}</td></tr>
`,
  )
  const table = html`<table><thead><tr><th scope="col">attempt</th><th scope="col">solver</th><th scope="col" class="number">log-odds</th><th scope="col">index</th><th scope="col">verdict of the checks</th></tr></thead><tbody>${rows}</tbody></table>`
  return html`<section><h2>Attempts of the solver</h2>${rows.length === 0 ? html`<p>None was made.</p>` : table}</section>`
}

const BEST_SHOWN = 8
const SIMPLE = ['affine', 'quadratic', 'cubic']

/** @param exposures  how many the plate has */
export function modelsTable({ model, index }: ExposureSolution, exposures: number): Html {
  const shown = [...model.trials]
    .sort((a, b) => a.heldout_rms_arcsec - b.heldout_rms_arcsec)
    .filter(({ name }, rank) => rank < BEST_SHOWN || name === model.name || SIMPLE.includes(name))
  const rows = shown.map(
    ({ name, terms, heldout_rms_arcsec: heldOut }) =>
      html`<tr${{ markup: name === model.name ? ' class="chosen"' : '' }}><td>${name}</td><td class="number">${terms}</td><td class="number">${brief(heldOut)}″</td><td>${name === model.name ? 'chosen' : ''}</td></tr>`,
  )
  const gains = model.significance.map(({ name, sigmas }) => `${name} ${fixed(sigmas, 1)} σ`).join(', ')
  const paid = gains === '' ? 'nothing beyond an affine model' : gains
  const which = exposures > 1 ? `, exposure ${index + 1}` : ''
  return html`<h2>Models tried${which}</h2><p>What held-out stars gain by each part of the model, in standard errors of the gain: ${paid}. ${count(model.trials.length)} models were tried; the best of them, and the plain ones:</p><table><thead><tr><th scope="col">model</th><th scope="col" class="number">constants</th><th scope="col" class="number">held-out residual</th><td></td></tr></thead><tbody>${rows}</tbody></table>
<p class="note">Of stars that took no part in each fit, weighted by their expected errors and bounded, so that no wild pair chooses the model. More constants must earn their place.</p>`
}

/** What was counted; a detection may be rejected by several rules. */
export function countsTable({ counts }: Solution, reject: Int32Array): Html {
  const byRule = REJECT_BITS.map(({ bit, name, text }): [string, string, number] => [
    name,
    text,
    reject.filter((bits) => bits & (1 << bit)).length,
  ]).filter(([, , rejected]) => rejected > 0)
  return facts('Counts', [
    ['detections', count(counts.detections)],
    ['like stars', count(counts.stars)],
    ['with a reference star', count(counts.matched)],
    ['rejected as artefacts', count(counts.artefacts)],
    ...byRule.map(
      ([name, text, rejected]): Row => [
        `… ${name}`,
        html`${count(rejected)} <span class="note">${text}</span>`,
      ],
    ),
  ])
}
