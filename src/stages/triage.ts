// Stage 4, stars → class and exposures: whether the plate is one simple exposure, told before any solution, because two
// close exposures fed to a solver give a solution through the middle of both.
import type { Detections } from '../detections.ts'
import { type IssueCode, type Reason, reason } from '../issues.ts'
import { median } from '../math/robust.ts'
import { DEG } from '../math/sphere.ts'
import { type SeveralExposures, severalExposures } from './triage/several-exposures.ts'

export interface TriageInput {
  detections: Detections
  /** Bit mask of `REJECT` per detection. */
  reject: Int32Array
  /** Rows without a reason against them, best first. */
  ranked: Int32Array
  /** Size of a pixel on the plate; null where it is not known. */
  pixelUm: number | null
  width: number
  height: number
  fwhmPx: number
  logbook: Logbook
}

/** METHOD of the Wide-Field Plate Database and NUMEXP; null where the logbook is silent. */
export interface Logbook {
  method: number | null
  exposures: number | null
}

/** METHOD codes of plates with several direct exposures of one field; all others but 1 are complex. */
const MULTI_METHODS = [2, 7, 14, 15]

export interface TriageResult {
  class: 'single' | 'multi' | 'complex'
  reasons: Reason[]
  /** What repeats at fixed offsets; null where there were too few images to ask. */
  several: SeveralExposures | null
}

const MULTI: ReadonlySet<IssueCode> = new Set(['MULTI_EXPOSURE', 'TOUCHING_EXPOSURES', 'WEDGE_GHOST'])
const COMPLEX: ReadonlySet<IssueCode> = new Set(['TRAILED', 'SPECTRA', 'GRATING'])

const MIN_STARS = 12 // four times what an affine model needs
const BRIGHT = 200
/** Guiding errors of good plates reach 0.13 (SuperCOSMOS 2012); a trail of two image widths gives 0.19. */
const BRIGHT_LIMIT = 0.17

/** Saturated images swell and hide a small offset that fainter ones show; those of good plates stay below 0.08. */
const FAINT = 800
const FAINT_LIMIT = 0.12

export function triage(input: TriageInput): TriageResult {
  const { detections: d, ranked } = input
  if (ranked.length < MIN_STARS) {
    const text = `only ${ranked.length} of ${d.length} detections look like stars; ${MIN_STARS} are needed`
    return {
      class: 'complex',
      reasons: [reason('TOO_FEW_STARS', text, { stars: ranked.length, detections: d.length })],
      several: null,
    }
  }
  const several = severalExposures(input)
  const reasons = [trailed(input), several.reason].filter((r) => r !== undefined && r !== null)
  const codes = reasons.map((r) => r.code)
  const { method, exposures } = input.logbook
  const saidMulti =
    (exposures !== null && exposures > 1) || (method !== null && MULTI_METHODS.includes(method))
  const saidComplex = method !== null && method !== 1 && !MULTI_METHODS.includes(method)
  const complex = codes.some((code) => COMPLEX.has(code)) || saidComplex
  const multi = codes.some((code) => MULTI.has(code)) || saidMulti
  return { class: complex ? 'complex' : multi ? 'multi' : 'single', reasons, several }
}

/**
 * Trails, spectra and touching exposures: the bright images are elongated in one direction. The mean of their
 * ellipticities as vectors of twice the angle is what they have in common; coma turns with the place and averages out.
 */
function trailed({ detections: d, ranked }: TriageInput): Reason | undefined {
  return (
    alongOneAxis(d, ranked.slice(0, BRIGHT), BRIGHT_LIMIT, 'best') ??
    alongOneAxis(d, ranked.slice(BRIGHT, FAINT), FAINT_LIMIT, 'fainter')
  )
}

function alongOneAxis(d: Detections, bright: Int32Array, limit: number, which: string): Reason | undefined {
  if (bright.length < MIN_STARS) return undefined
  let c = 0
  let s = 0
  for (const i of bright) {
    c += d.ellipticity[i]! * Math.cos(2 * d.thetaDeg[i]! * DEG)
    s += d.ellipticity[i]! * Math.sin(2 * d.thetaDeg[i]! * DEG)
  }
  const common = Math.hypot(c, s) / bright.length
  if (!(common > limit)) return undefined
  const angle = Math.atan2(s, c) / 2 / DEG
  const own = median(Array.from(bright, (i) => d.ellipticity[i]!))
  const text =
    `${bright.length} of the ${which} images have an ellipticity of ${common.toFixed(2)} in common along ` +
    `${angle.toFixed(0)}° from +x (median of their own ${own.toFixed(2)}): trailed, spectra, or exposures that touch`
  return reason('TRAILED', text, {
    common_ellipticity: common,
    median_ellipticity: own,
    angle_deg: angle,
    images: bright.length,
  })
}
