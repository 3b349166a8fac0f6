// The frame of a plate from its options: size, scale, epoch, limit and plate constants, before its place is known.
import { UserError } from '../errors.ts'
import type { PlateConstants } from './geometry.ts'
import type { SimulateOptions } from './options.ts'
import { randomStream } from './random.ts'

/** What the options decide without looking at the sky. */
export interface PlateFrame {
  width: number
  height: number
  scaleArcsecPerPx: number
  /** From the centre to beyond the corners: stars there may move onto the plate, or serve as reference. */
  radiusDeg: number
  /** From the centre to the corners. */
  cornerDeg: number
  epochYr: number
  /** Plate magnitude of the faintest images. */
  limitMag: number
  /** G of the faintest reference stars, and of the faintest stars that are needed at all. */
  referenceLimit: number
  faintestMag: number
}

const DEFAULT_WIDTH_PX = 2000
const PIVOT_BELOW_LIMIT = 3 // magnitude equation and coma are counted from this much above the limit
const FAINTEST_BELOW_LIMIT = 2
const BEYOND_CORNERS = 1.2

/** @throws UserError when field and scale together ask for an absurd width. */
export function plateFrame(options: SimulateOptions): PlateFrame {
  const { scale, field } = options
  const width = options.width ?? (scale ? Math.round((field * 3600) / scale) : DEFAULT_WIDTH_PX)
  if (width < 64 || width > 40000) {
    throw new UserError(
      `a field of ${field}° at ${scale}″/px is ${width} px wide`,
      'choose --field and --scale so that it is 64 to 40000 px',
    )
  }
  const height = options.height ?? width
  const scaleArcsecPerPx = scale ?? (field * 3600) / width
  const cornerDeg = ((Math.hypot(width, height) / 2) * scaleArcsecPerPx) / 3600
  const fieldDeg = (Math.max(width, height) * scaleArcsecPerPx) / 3600
  const limitMag = options.limit ?? 16 - 5 * Math.log10(fieldDeg)
  const referenceLimit = options.referenceLimit ?? Math.min(21, limitMag + FAINTEST_BELOW_LIMIT)
  return {
    width,
    height,
    scaleArcsecPerPx,
    radiusDeg: ((Math.hypot(width, height) / 2) * scaleArcsecPerPx * BEYOND_CORNERS) / 3600,
    cornerDeg,
    epochYr:
      options.epoch ?? Math.round(randomStream(options.seed, 'epoch').between(1895, 1990) * 1000) / 1000,
    limitMag,
    referenceLimit,
    faintestMag: Math.max(referenceLimit, limitMag + FAINTEST_BELOW_LIMIT),
  }
}

/** The plate constants about that tangent point, which is the centre of the scan. */
export function plateConstants(
  options: SimulateOptions,
  frame: PlateFrame,
  centre: { raDeg: number; decDeg: number },
): PlateConstants {
  return {
    raDeg: centre.raDeg,
    decDeg: centre.decDeg,
    centrePx: [(frame.width + 1) / 2, (frame.height + 1) / 2],
    scaleArcsecPerPx: frame.scaleArcsecPerPx,
    pixelUm: options.pixelUm,
    rotationDeg: options.rotation,
    mirror: options.mirror,
    tiltArcmin: options.tilt,
    tiltAngleDeg: options.tiltAngle,
    distortionUm: options.distortion,
    edgeMm: (Math.max(frame.width, frame.height) * options.pixelUm) / 2000,
    magEquationUm: options.magEquation,
    comaUm: options.coma,
    colourUm: options.colour,
    colourScaleUm: options.colourScale,
    pivotMag: frame.limitMag - PIVOT_BELOW_LIMIT,
    wobbleUm: options.wobble,
    wobblePeriodMm: options.wobblePeriod,
    warpUm: options.warp,
    warpScaleMm: options.warpScale,
    tileStepUm: options.tileStep,
    tileMm: options.tile,
    seed: options.seed,
  }
}
