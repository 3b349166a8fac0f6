// From a place on the sky to a pixel of the scan: the truth that a reduction has to recover.
import { DEG } from '../math/sphere.ts'
import { toStandard } from '../math/tangent.ts'

const ARCSEC_PER_RAD = 3600 / DEG

/** Everything that fixes where a star falls. Every term that is 0 leaves the place untouched. */
export interface PlateConstants {
  /** Tangent point, ICRS, degrees. */
  raDeg: number
  decDeg: number
  /** Its place on the scan, FITS pixels. */
  centrePx: [x: number, y: number]
  scaleArcsecPerPx: number
  pixelUm: number
  /** The plate is turned by this angle in the scan, counter-clockwise with y upwards. */
  rotationDeg: number
  mirror: boolean
  /** The plate's plane leans by `tiltArcmin` towards `tiltAngleDeg` (from the plate's x axis). */
  tiltArcmin: number
  tiltAngleDeg: number
  /** Radial shift at `edgeMm` from the centre, growing with the cube of the distance. */
  distortionUm: number
  edgeMm: number
  /** Shift along the plate's x per magnitude fainter than `pivotMag`. */
  magEquationUm: number
  /** Outward shift at `edgeMm` per magnitude brighter than `pivotMag`, growing with the distance. */
  comaUm: number
  /** Shift along the plate's y per magnitude of bp_rp redder than `PIVOT_COLOUR`. */
  colourUm: number
  pivotMag: number
  /** Periodic error of the scanner's carriage, which moves along y. */
  wobbleUm: number
  wobblePeriodMm: number
}

export const PIVOT_COLOUR = 0.8 // bp_rp of a G star; shifts are counted from it

export interface PixelPlace {
  x: number
  y: number
}

/** The place of a star on the scan, FITS pixels; undefined 90° or more from the tangent point. */
export type PlateMapping = (
  raDeg: number,
  decDeg: number,
  mag: number,
  bpRp: number,
) => PixelPlace | undefined

/** Millimetres on the plate per radian on the sky. */
export function focalLengthMm(constants: PlateConstants): number {
  return (ARCSEC_PER_RAD * constants.pixelUm) / (1000 * constants.scaleArcsecPerPx)
}

/**
 * Standard coordinates on a plane that leans by `tilt` towards `angle` and touches the other one at the tangent point.
 * A point (u, v) of the leaning plane is (u cos t, v, 1 + u sin t) in space; dividing by its depth gives the tangent plane.
 */
function tilted(xi: number, eta: number, tilt: number, angle: number): [number, number] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const u = xi * c + eta * s
  const v = eta * c - xi * s
  const uPlate = u / (Math.cos(tilt) - u * Math.sin(tilt))
  const vPlate = v * (1 + uPlate * Math.sin(tilt))
  return [uPlate * c - vPlate * s, uPlate * s + vPlate * c]
}

/**
 * The truth as a function. In order: gnomonic projection; x towards the west and y towards the north (x towards the east
 * when mirrored); tilt; millimetres; radial distortion; magnitude equation, coma and colour; rotation into the scan;
 * pixels; the scanner's wobble. The place is that at the plate's epoch, degrees.
 */
export function plateMapping(constants: PlateConstants): PlateMapping {
  const focal = focalLengthMm(constants)
  const [ra0, dec0] = [constants.raDeg * DEG, constants.decDeg * DEG]
  const tilt = (constants.tiltArcmin / 60) * DEG
  const tiltAngle = constants.tiltAngleDeg * DEG
  const [cosR, sinR] = [Math.cos(constants.rotationDeg * DEG), Math.sin(constants.rotationDeg * DEG)]
  const handed = constants.mirror ? 1 : -1
  const pixelMm = constants.pixelUm / 1000
  const cubic = constants.distortionUm / 1000 / constants.edgeMm ** 3
  return (raDeg, decDeg, mag, bpRp) => {
    const standard = toStandard(raDeg * DEG, decDeg * DEG, ra0, dec0)
    if (!standard) return undefined
    const [u, v] =
      tilt === 0
        ? [handed * standard.xi, standard.eta]
        : tilted(handed * standard.xi, standard.eta, tilt, tiltAngle)
    let [x, y] = [u * focal, v * focal]
    const faint = mag - constants.pivotMag
    const radial = cubic * (x * x + y * y) - (constants.comaUm / 1000 / constants.edgeMm) * faint
    x += x * radial + (constants.magEquationUm / 1000) * faint
    y += y * radial + (constants.colourUm / 1000) * (bpRp - PIVOT_COLOUR)
    return wobbled(
      constants.centrePx[0] + (x * cosR - y * sinR) / pixelMm,
      constants.centrePx[1] + (x * sinR + y * cosR) / pixelMm,
      constants,
    )
  }
}

/** The carriage moves along y: its place errs by A sin 2πy/P, and it sways sideways by half as much. */
function wobbled(x: number, y: number, constants: PlateConstants): PixelPlace {
  if (constants.wobbleUm === 0) return { x, y }
  const phase = (2 * Math.PI * y * constants.pixelUm) / 1000 / constants.wobblePeriodMm
  const amplitudePx = constants.wobbleUm / constants.pixelUm
  return { x: x + 0.5 * amplitudePx * Math.sin(phase + 1), y: y + amplitudePx * Math.sin(phase) }
}

/** The CD matrix (degrees per pixel: cd11 cd12 cd21 cd22) of the mapping without tilt, distortion, magnitude and wobble. */
export function linearCd(constants: PlateConstants): [number, number, number, number] {
  const scaleDeg = constants.scaleArcsecPerPx / 3600
  const [c, s] = [Math.cos(constants.rotationDeg * DEG), Math.sin(constants.rotationDeg * DEG)]
  const handed = constants.mirror ? 1 : -1
  return [handed * c * scaleDeg, handed * s * scaleDeg, -s * scaleDeg, c * scaleDeg]
}
