// What a person reads after a reduction: what was found, what was wrong and what to do about it, which files to open.
import { join } from 'node:path'
import { ISSUES } from '../issues.ts'
import type { ExposureSolution, Solution } from '../solution.ts'

const HEADLINES: Record<Solution['status'], string> = {
  reduced: 'reduced',
  manual: 'flagged for a person to look at',
  unsolved: 'not solved',
  failed: 'could not be reduced',
}

function arcsec(value: number): string {
  return `${value.toFixed(3)}″`
}

/** hh:mm:ss.s and ±dd:mm:ss of a place in degrees. */
export function sexagesimal(raDeg: number, decDeg: number): string {
  const parts = (size: number, decimals: number) => {
    const unit = 10 ** decimals
    const total = Math.round(size * 3600 * unit)
    const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
    const seconds = ((total % (60 * unit)) / unit)
      .toFixed(decimals)
      .padStart(decimals ? decimals + 3 : 2, '0')
    return [two(total / (3600 * unit)), two((total / (60 * unit)) % 60), seconds]
  }
  const ra = parts(raDeg / 15, 1)
  if (ra[0] === '24') ra[0] = '00' // rounded up to a full turn
  return `${ra.join(':')} ${decDeg < 0 ? '-' : '+'}${parts(Math.abs(decDeg), 0).join(':')}`
}

function exposureLines(exposure: ExposureSolution): string[] {
  const { centre, fit } = exposure
  const mirrored = exposure.mirrored ? ', mirrored' : ''
  const microns = fit.rms_um === null ? '' : ` = ${fit.rms_um.toFixed(1)} µm on the plate`
  return [
    `centre     ${centre.ra.toFixed(4)} ${centre.dec >= 0 ? '+' : ''}${centre.dec.toFixed(4)}  (${sexagesimal(centre.ra, centre.dec)})`,
    `scale      ${exposure.scale_arcsec_px.toFixed(4)}″ per pixel, turned by ${exposure.rotation_deg.toFixed(1)}°${mirrored}`,
    `fit        ${fit.pairs} pairs with ${exposure.reference.name} (${exposure.reference.stars} reference stars), model ${exposure.model.name}`,
    `residuals  ${arcsec(fit.rms_ra_arcsec)} in right ascension, ${arcsec(fit.rms_dec_arcsec)} in declination (rms of all pairs)${microns}`,
    `held out   ${arcsec(fit.heldout_rms_ra_arcsec)}, ${arcsec(fit.heldout_rms_dec_arcsec)} for stars that took no part in the fit`,
  ]
}

const RANK = ['fatal', 'flag', 'warn', 'info']

/** The reasons, gravest first, each with its next step; without `all`, what is only noted is left out. */
export function reasonLines(reasons: Solution['reasons'], all: boolean): string[] {
  const told = reasons.filter((reason) => all || reason.severity !== 'info')
  return told
    .toSorted((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity))
    .flatMap((reason) => {
      const line = `${reason.severity === 'info' ? 'note' : reason.severity}: ${reason.text} [${reason.code}]`
      return [line, `  → ${ISSUES[reason.code].nextStep}`]
    })
}

/** The files worth opening first; a plate without a solution has only some of them. */
function fileLines(outDir: string, exposures: number): string[] {
  const files: [string, string][] =
    exposures > 0
      ? [
          ['report.html', 'the result on one page, in any browser'],
          ['catalogue.fits', 'every star with its place, for TOPCAT or astropy'],
          exposures === 1
            ? ['wcs.fits', 'the solution as a WCS, for DS9 or Aladin']
            : ['wcs-0.fits', 'the solution of the first exposure as a WCS, for DS9 or Aladin'],
          ['solution.json', 'everything that was found, for programs'],
        ]
      : [
          ['report.html', 'what was seen, on one page, in any browser'],
          ['detections.fits', 'everything that was detected, for TOPCAT or astropy'],
          ['solution.json', 'what was tried and why it was not enough, for programs'],
        ]
  const widest = Math.max(...files.map(([name]) => join(outDir, name).length))
  return files.map(([name, use]) => `${join(outDir, name).padEnd(widest)}  ${use}`)
}

/** The whole summary as lines, without a trailing newline. */
export function summaryLines(solution: Solution, outDir: string, verbose: boolean): string[] {
  const { plate, counts } = solution
  const epoch = plate.epoch_yr === null ? 'unknown' : `${plate.epoch_yr.toFixed(2)} (${plate.epoch_source})`
  const exposures = solution.exposures.flatMap((exposure, index) =>
    solution.exposures.length > 1
      ? [`exposure ${index + 1}`, ...exposureLines(exposure)]
      : exposureLines(exposure),
  )
  return [
    `${plate.id}: ${HEADLINES[solution.status]}`,
    `  plate      ${plate.polarity}, epoch ${epoch}; ${counts.detections} detections, ${counts.stars} of them stars`,
    ...exposures.map((line) => `  ${line}`),
    ...reasonLines(solution.reasons, verbose).map((line) => `  ${line}`),
    '  open',
    ...fileLines(outDir, solution.exposures.length).map((line) => `    ${line}`),
  ]
}
