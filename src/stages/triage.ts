// Stage 4, stars → class and exposures: whether the plate is one simple exposure, told before any solution, because two
// close exposures fed to a solver give a solution through the middle of both.
import type { Detections } from '../detections.ts'
import { type Reason, reason } from '../issues.ts'
import { median } from '../math/robust.ts'
import { DEG } from '../math/sphere.ts'
import { repeatedOffset } from './triage/repeated-offset.ts'

export interface TriageInput {
  detections: Detections
  /** Rows without a reason against them, best first. */
  ranked: Int32Array
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
}

const MIN_STARS = 12 // four times what an affine model needs
const BRIGHT = 200
const TRAILED_ELLIPTICITY = 0.4
const TRAILED_COHERENCE = 0.75

export function triage(input: TriageInput): TriageResult {
  const { detections: d, ranked } = input
  if (ranked.length < MIN_STARS) {
    const text = `only ${ranked.length} of ${d.length} detections look like stars; ${MIN_STARS} are needed`
    return {
      class: 'complex',
      reasons: [reason('TOO_FEW_STARS', text, { stars: ranked.length, detections: d.length })],
    }
  }
  const reasons = [trailed(input), repeated(input)].filter((r) => r !== undefined)
  const codes = reasons.map((r) => r.code)
  const { method, exposures } = input.logbook
  const saidMulti =
    (exposures !== null && exposures > 1) || (method !== null && MULTI_METHODS.includes(method))
  const saidComplex = method !== null && method !== 1 && !MULTI_METHODS.includes(method)
  const complex = codes.includes('TRAILED') || saidComplex
  const multi = codes.includes('MULTI_EXPOSURE') || saidMulti
  return { class: complex ? 'complex' : multi ? 'multi' : 'single', reasons }
}

/** Trails and spectra: most bright images elongated, all in one direction. Coma turns with the place and does not count. */
function trailed({ detections: d, ranked }: TriageInput): Reason | undefined {
  const bright = ranked.slice(0, BRIGHT)
  const ellipticity = median(Array.from(bright, (i) => d.ellipticity[i]!))
  let c = 0
  let s = 0
  for (const i of bright) {
    c += Math.cos(2 * d.thetaDeg[i]! * DEG)
    s += Math.sin(2 * d.thetaDeg[i]! * DEG)
  }
  const coherence = Math.hypot(c, s) / bright.length
  if (!(ellipticity > TRAILED_ELLIPTICITY && coherence > TRAILED_COHERENCE)) return undefined
  const angle = Math.atan2(s, c) / 2 / DEG
  const text =
    `the ${bright.length} best images have a median ellipticity of ${ellipticity.toFixed(2)}, ` +
    `nearly all along ${angle.toFixed(0)}° from +x (coherence ${coherence.toFixed(2)}): a trailed plate or spectra`
  return reason('TRAILED', text, { ellipticity, coherence, angle_deg: angle, images: bright.length })
}

function repeated(input: TriageInput): Reason | undefined {
  const found = repeatedOffset(input)
  if (found === undefined) return undefined
  const { dx, dy, pairs, stars, expected, magnitudeStep } = found
  const text =
    `${pairs} pairs among the ${stars} best stars repeat at the offset (${dx.toFixed(1)}, ${dy.toFixed(1)}) px ` +
    `with a magnitude step of ${magnitudeStep.toFixed(2)}, where chance gives ${expected.toFixed(1)}`
  return reason('MULTI_EXPOSURE', text, {
    offset_px: [dx, dy],
    pairs,
    stars,
    expected_by_chance: expected,
    magnitude_step: magnitudeStep,
  })
}
