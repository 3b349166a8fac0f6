// What a person reads after a reduction: what was found, what was wrong and what to do about it, which files to open.
import { join } from 'node:path'
import { nextStepOf } from '../issues.ts'
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

function solutionLines(exposure: ExposureSolution): string[] {
  const { centre, fit } = exposure
  const mirrored = exposure.mirrored ? ', mirrored' : ''
  const microns = fit.rms_um === null ? '' : ` = ${fit.rms_um.toFixed(1)} µm on the plate`
  return [
    `centre     ${centre.ra.toFixed(4)} ${centre.dec >= 0 ? '+' : ''}${centre.dec.toFixed(4)}  (${sexagesimal(centre.ra, centre.dec)})`,
    `scale      ${exposure.scale_arcsec_px.toFixed(4)}″ per pixel, turned by ${exposure.rotation_deg.toFixed(1).replace('-0.0', '0.0')}°${mirrored}`,
    `fit        ${fit.pairs} pairs with ${exposure.reference.name} (${exposure.reference.stars} reference stars), model ${exposure.model.name}`,
    `residuals  ${arcsec(fit.rms_ra_arcsec)} in right ascension, ${arcsec(fit.rms_dec_arcsec)} in declination (rms of all pairs)${microns}`,
    `held out   ${arcsec(fit.heldout_rms_ra_arcsec)}, ${arcsec(fit.heldout_rms_dec_arcsec)} for stars that took no part in the fit`,
  ]
}

/** Of a plate with several: how it lies to the deepest, and what was found for it. */
function exposureLines(exposure: ExposureSolution, { plate, exposures }: Solution): string[] {
  const { index, offset_px: offset, mag_step: step, epoch_yr: epochYr } = exposure
  const um = plate.pixel_um === null ? null : Math.sqrt(plate.pixel_um[0] * plate.pixel_um[1])
  const parts: string[] = []
  if (offset === null) parts.push('another field')
  else if (Math.hypot(...offset) > 0) {
    const mm = um === null ? '' : ` = ${((Math.hypot(...offset) * um) / 1000).toFixed(2)} mm`
    parts.push(`shifted by (${offset.map((along) => along.toFixed(1)).join(', ')}) px${mm}`)
  } else parts.push('the deepest')
  if (step !== null && step > 0) parts.push(`${step.toFixed(2)} mag fainter`)
  if (exposures.some((other) => other.epoch_yr !== epochYr)) parts.push(`epoch ${epochYr.toFixed(2)}`)
  return [
    `exposure ${index + 1} of ${exposures.length}: ${parts.join(', ')}`,
    ...solutionLines(exposure).map((line) => `  ${line}`),
  ]
}

/** Which exposures share their distortion, where that was tried. */
function togetherLines({ exposures, exposures_together: together }: Solution): string[] {
  if (together === null || together.members.length < 2) return []
  const members = together.members.map((n) => n + 1)
  const which =
    members.length === exposures.length
      ? `the ${members.length} exposures`
      : `exposures ${members.slice(0, -1).join(', ')} and ${members.at(-1)}`
  return [`together   the distortion of ${which} was fitted as one`]
}

const RANK = ['fatal', 'flag', 'warn', 'info']

/** The reasons, gravest first, each with its next step; without `all`, what is only noted is left out. */
export function reasonLines(reasons: Solution['reasons'], all: boolean): string[] {
  const told = reasons.filter((reason) => all || reason.severity !== 'info')
  return told
    .toSorted((a, b) => RANK.indexOf(a.severity) - RANK.indexOf(b.severity))
    .flatMap((reason) => {
      const line = `${reason.severity === 'info' ? 'note' : reason.severity}: ${reason.text} [${reason.code}]`
      return [line, `  → ${nextStepOf(reason)}`]
    })
}

/** The files worth opening first; a plate without a solution has only some of them. */
function fileLines(outDir: string, exposures: number): string[] {
  const wcs: [string, string] =
    exposures === 1
      ? ['wcs.fits', 'the solution as a WCS, for DS9 or Aladin']
      : [
          'wcs-0.fits',
          `the first exposure as a WCS, for DS9 or Aladin; the others to wcs-${exposures - 1}.fits`,
        ]
  const files: [string, string][] =
    exposures > 0
      ? [
          ['report.html', 'the result on one page, in any browser'],
          ['catalogue.fits', 'every star with its place, for TOPCAT or astropy'],
          wcs,
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

function headlineOf({ status, exposures }: Solution): string {
  if (status === 'manual' && exposures.length > 0)
    return `${HEADLINES.manual}; what was solved is published, but not vouched for`
  return exposures.length > 1 ? `${HEADLINES[status]}, ${exposures.length} exposures` : HEADLINES[status]
}

/**
 * The whole summary as lines, without a trailing newline.
 * @param next  the command to go on with, where there is one; it stands last
 */
export function summaryLines(solution: Solution, outDir: string, verbose: boolean, next?: string): string[] {
  const { plate, counts } = solution
  const epoch = plate.epoch_yr === null ? 'unknown' : `${plate.epoch_yr.toFixed(2)} (${plate.epoch_source})`
  const exposures =
    solution.exposures.length > 1
      ? solution.exposures.flatMap((exposure) => exposureLines(exposure, solution))
      : solution.exposures.flatMap(solutionLines)
  return [
    `${plate.id}: ${headlineOf(solution)}`,
    `  plate      ${plate.polarity}, epoch ${epoch}; ${counts.detections} detections, ${counts.stars} of them stars`,
    ...exposures.map((line) => `  ${line}`),
    ...togetherLines(solution).map((line) => `  ${line}`),
    ...reasonLines(solution.reasons, verbose).map((line) => `  ${line}`),
    '  open',
    ...fileLines(outDir, solution.exposures.length).map((line) => `    ${line}`),
    ...(next === undefined ? [] : ['  to solve every exposure', `    ${next}`]),
  ]
}
