// The top of the page: which plate, how it ended, and the few numbers that a reader wants first; then the reasons.
import { ISSUES, nextStepOf, type Severity } from '../issues.ts'
import type { ExposureSolution, Solution } from '../solution.ts'
import { type Html, html } from './html.ts'
import { brief, count, degrees, fixed, pixelSize, probability, sexagesimal } from './numbers.ts'

const STATUS: Record<Solution['status'], string> = {
  reduced: 'Reduced',
  manual: 'For a person to look at',
  unsolved: 'Not solved',
  failed: 'Could not be reduced',
}

const CLASS: Record<Solution['class'], string> = {
  single: 'single: one direct exposure',
  multi: 'multi: more than one exposure',
  complex: 'complex: not a simple direct exposure',
}

/** Of a plate that is not published as reduced although it has solutions. */
const UNVOUCHED =
  'Not vouched for: the solution below is published, and so are the places in catalogue.fits, but a check did not pass. ' +
  'They are not to be used before a person has looked at the plate; the reasons below say what to look for.'

const LEAD: Record<Exclude<Solution['status'], 'reduced'>, string> = {
  manual:
    'The plate is not one simple exposure, so it was not forced through: places on it would not mean what they seem to. ' +
    'What was detected is in detections.fits; the reasons below say what to look for.',
  unsolved:
    'No place on the sky was found that stands up to the checks, so no places are published. ' +
    'What was detected is in detections.fits; the reasons below say what would help.',
  failed: 'Nothing on the plate could be reduced. The reasons below say what to look for.',
}

export function headline(solution: Solution): Html {
  const { plate, status } = solution
  const about = [
    plate.scan,
    `${plate.width} × ${plate.height} px`,
    plate.pixel_um && `pixels of ${pixelSize(plate.pixel_um)} µm`,
    plate.telescope,
    plate.emulsion && `emulsion ${plate.emulsion}`,
    plate.exposure_s !== null && `exposed for ${exposureTime(plate.exposure_s)}`,
    `delivered as a ${plate.polarity}`,
  ].filter((part) => typeof part === 'string' && part !== '')
  return html`<header>
<h1>${plate.id}</h1>
<p class="about">${about.join(' · ')}</p>
<p><span class="status ${status}">${STATUS[status]}</span> class ${CLASS[solution.class]}</p>
${status !== 'reduced' && html`<p class="lead">${solution.exposures.length > 0 ? UNVOUCHED : LEAD[status]}</p>`}
${solution.exposures.map((exposure) => lead(exposure, solution))}
</header>`
}

function exposureTime(seconds: number): string {
  return seconds < 120 ? `${fixed(seconds, 0)} s` : `${Number((seconds / 60).toFixed(1))} min`
}

/** Of both axes together, per axis. */
export function perAxis(ra: number, dec: number): number {
  return Math.sqrt((ra * ra + dec * dec) / 2)
}

function lead(exposure: ExposureSolution, { exposures }: Solution): Html {
  const { fit, reference } = exposure
  const rms = perAxis(fit.rms_ra_arcsec, fit.rms_dec_arcsec)
  const heldOut = perAxis(fit.heldout_rms_ra_arcsec, fit.heldout_rms_dec_arcsec)
  const several = exposures.length > 1
  const which = several ? `Exposure ${exposure.index + 1}: ` : ''
  return html`<p class="lead">${which}${count(fit.pairs)} stars of the plate agree with ${reference.name} at epoch ${fixed(exposure.epoch_yr, 2)} to ${brief(rms)}″ in each axis; stars that took no part in the fit, to ${brief(heldOut)}″.</p>
${!several && keyNumbers(exposure)}`
}

/** What a reader wants of an exposure first. */
export function keyNumbers({
  fit,
  centre,
  chance,
  reference,
  scale_arcsec_px: scale,
}: ExposureSolution): Html {
  const rms = perAxis(fit.rms_ra_arcsec, fit.rms_dec_arcsec)
  const heldOut = perAxis(fit.heldout_rms_ra_arcsec, fit.heldout_rms_dec_arcsec)
  const px = `${brief(rms / scale)} px`
  const um = fit.rms_um === null ? px : `${px} · ${brief(fit.rms_um)} µm on the plate`
  const [ra, dec] = splitPlace(sexagesimal(centre.ra, centre.dec))
  return html`<ul class="key">
<li><span>centre of the scan, ICRS</span><b>${ra}</b><b>${dec}</b><small>${degrees(centre.ra, centre.dec)}</small></li>
<li><span>rms of all pairs, per axis</span><b>${brief(rms)}″</b><small>${um}</small></li>
<li><span>rms of held-out stars</span><b>${brief(heldOut)}″</b><small>never seen by the fit that predicts them</small></li>
<li><span>pairs with ${reference.name}</span><b>${count(fit.pairs)}</b><small>${fixed(chance.pairs_shifted, 1)} with a shifted catalogue</small></li>
<li><span>probability by chance</span><b>${probability(chance.false_solution_probability)}</b><small>${chance.bright_matched_share === null ? '' : `${fixed(100 * chance.bright_matched_share, 0)} % of the brightest reference stars found`}</small></li>
</ul>`
}

function splitPlace(place: string): [ra: string, dec: string] {
  const at = place.search(/[+-]/)
  return [place.slice(0, at - 1), place.slice(at)]
}

const SEVERITIES: Severity[] = ['fatal', 'flag', 'warn', 'info']
const SEVERITY: Record<Severity, string> = {
  fatal: 'Fatal',
  flag: 'Flag',
  warn: 'Warning',
  info: 'Note',
}

/** The reasons, gravest first: what was seen, what it means, what to do. */
export function reasonList({ reasons }: Solution): Html {
  const items = reasons
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .map(({ code, severity, text, evidence }) => {
      const { sentence } = ISSUES[code]
      return html`<li class="${severity}"><p><b>${SEVERITY[severity]}</b> <code>${code}</code></p><p>${text}</p><p class="note">${sentence}</p><p>→ ${nextStepOf({ code, severity, evidence })}</p></li>
`
    })
  const nothing = html`<p>Nothing was found that is wrong with the plate, its header or its solution.</p>`
  return html`<section><h2>Reasons and next steps</h2>
${items.length === 0 ? nothing : html`<ul class="reasons">${items}</ul>`}</section>`
}
