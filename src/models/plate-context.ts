// What the parts of a model need to know of the plate, taken from the constants of the round before: the sense of its axes,
// its tilt, the centre of its distortion.
import { jacobianAt, type PlateConstants } from './plate-constants.ts'
import { type PartContext, PLAIN_CONTEXT } from './plate-model.ts'

/** For a plate of which only a first solution is known. */
export function contextFor(constants: PlateConstants): PartContext {
  return { ...PLAIN_CONTEXT, axes: axesOf(constants).axes }
}

/** Radians per unit of the scaled place, and the directions, which are of the order of one. */
function axesOf(constants: PlateConstants): { axes: PartContext['axes']; radPerUnit: number } {
  const { x0, y0, halfPx } = constants.frame
  const jacobian = jacobianAt(constants, x0, y0)
  const scale = Math.hypot(...jacobian) / Math.SQRT2
  return { axes: jacobian.map((d) => d / scale) as PartContext['axes'], radPerUnit: scale * halfPx }
}

const MAX_CENTRE = 1 // an optical centre outside the plate tells of terms that are not radial at all
const SURE_SIGMAS = 3

/** The context of the next round: what was linear about the last values is made so about the new ones. */
export function nextContext(
  before: PartContext,
  constants: PlateConstants,
  fit: { coefficients: Float64Array; covariance: Float64Array },
): PartContext {
  const { model } = constants
  const { axes, radPerUnit } = axesOf(constants)
  const of = (name: string) => {
    const at = model.coefficients.findIndex((own) => own.name === name)
    if (at < 0) return undefined
    const n = model.coefficients.length
    return { value: fit.coefficients[at]!, error: Math.sqrt(fit.covariance[at * n + at]!) }
  }
  const [tiltU, tiltV] = [of('tilt along u'), of('tilt along v')]
  const tilt: PartContext['tilt'] =
    tiltU === undefined || tiltV === undefined
      ? before.tilt
      : [tiltU.value / radPerUnit, tiltV.value / radPerUnit]
  const [cubic, fifth] = [of('r³'), of('r⁵')]
  const [centreU, centreV] = [of('centre along u'), of('centre along v')]
  let { centre, fifthToCube } = before
  if (cubic !== undefined && centreU !== undefined && Math.abs(cubic.value) > SURE_SIGMAS * cubic.error) {
    const moved: PartContext['centre'] = [
      centre[0] - centreU.value / cubic.value,
      centre[1] - centreV!.value / cubic.value,
    ]
    if (Math.hypot(...moved) < MAX_CENTRE) centre = moved
    if (fifth !== undefined) fifthToCube = fifth.value / cubic.value
  }
  return { ...before, axes, tilt, centre, fifthToCube }
}
