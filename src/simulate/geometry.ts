// From a place on the sky to a pixel of the scan: the truth that a reduction has to recover.
import { DEG } from '../math/sphere.ts'
import { toStandard } from '../math/tangent.ts'
import { type PixelPlace, type ScannerErrors, scannedBy } from './scanner.ts'
import { emulsionWarp } from './warp.ts'

const ARCSEC_PER_RAD = 3600 / DEG

/** Everything that fixes where a star falls. Every term that is 0 leaves the place untouched. */
export interface PlateConstants extends ScannerErrors {
  /** Tangent point, ICRS, degrees. */
  raDeg: number
  decDeg: number
  /** Its place on the scan, FITS pixels. */
  centrePx: [x: number, y: number]
  scaleArcsecPerPx: number
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
  /** Outward shift at `edgeMm` per magnitude of bp_rp redder than `PIVOT_COLOUR`, growing with the distance. */
  colourScaleUm: number
  pivotMag: number
  /** Displacement of the emulsion: standard deviation per axis, and the length over which it is alike. */
  warpUm: number
  warpScaleMm: number
}

export const PIVOT_COLOUR = 0.8 // bp_rp of a G star; shifts are counted from it

/**
 * The place of a star on the scan, FITS pixels; undefined 90° or more from the tangent point. The exposure may be shifted
 * on the plate, micrometres.
 */
export type PlateMapping = (
  raDeg: number,
  decDeg: number,
  mag: number,
  bpRp: number,
  offsetUm?: readonly [x: number, y: number],
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
 * when mirrored); tilt; millimetres; radial distortion; magnitude equation, coma and colour; shift of the exposure;
 * displacement of the emulsion; rotation into the scan; pixels; the scanner's wobble and tiles. The place is that at the
 * plate's epoch, degrees. The stars of the exposure may be turned on the plate about its tangent point, counter-clockwise.
 */
export function plateMapping(constants: PlateConstants, turnDeg = 0): PlateMapping {
  const focal = focalLengthMm(constants)
  const [ra0, dec0] = [constants.raDeg * DEG, constants.decDeg * DEG]
  const tilt = (constants.tiltArcmin / 60) * DEG
  const tiltAngle = constants.tiltAngleDeg * DEG
  const [cosR, sinR] = [Math.cos(constants.rotationDeg * DEG), Math.sin(constants.rotationDeg * DEG)]
  const handed = constants.mirror ? 1 : -1
  const [cosT, sinT] = [Math.cos(turnDeg * DEG), Math.sin(turnDeg * DEG)]
  const pixelMm = constants.pixelUm / 1000
  const cubic = constants.distortionUm / 1000 / constants.edgeMm ** 3
  const warp = emulsionWarp(constants.seed, constants.warpUm, constants.warpScaleMm)
  const scanned = scannedBy(constants)
  return (raDeg, decDeg, mag, bpRp, [offsetX, offsetY] = [0, 0]) => {
    const standard = toStandard(raDeg * DEG, decDeg * DEG, ra0, dec0)
    if (!standard) return undefined
    const [xi, eta] = [handed * standard.xi, standard.eta]
    const turned: [number, number] =
      turnDeg === 0 ? [xi, eta] : [xi * cosT - eta * sinT, xi * sinT + eta * cosT]
    const [u, v] = tilt === 0 ? turned : tilted(...turned, tilt, tiltAngle)
    let [x, y] = [u * focal, v * focal]
    const faint = mag - constants.pivotMag
    const red = bpRp - PIVOT_COLOUR
    const scale = (constants.colourScaleUm * red - constants.comaUm * faint) / 1000 / constants.edgeMm
    const radial = cubic * (x * x + y * y) + scale
    x += x * radial + (constants.magEquationUm * faint + offsetX) / 1000
    y += y * radial + (constants.colourUm * red + offsetY) / 1000
    if (constants.warpUm !== 0) {
      const [dx, dy] = warp(x, y)
      x += dx / 1000
      y += dy / 1000
    }
    return scanned(
      constants.centrePx[0] + (x * cosR - y * sinR) / pixelMm,
      constants.centrePx[1] + (x * sinR + y * cosR) / pixelMm,
    )
  }
}

/** The CD matrix (degrees per pixel: cd11 cd12 cd21 cd22) of the mapping without tilt, distortion, magnitude and wobble. */
export function linearCd(constants: PlateConstants): [number, number, number, number] {
  const scaleDeg = constants.scaleArcsecPerPx / 3600
  const [c, s] = [Math.cos(constants.rotationDeg * DEG), Math.sin(constants.rotationDeg * DEG)]
  const handed = constants.mirror ? 1 : -1
  return [handed * c * scaleDeg, handed * s * scaleDeg, -s * scaleDeg, c * scaleDeg]
}
