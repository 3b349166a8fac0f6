// One of several exposures of a plate that are fitted together: where it lies on the plate and on the sky, and how its
// standard coordinates and magnitudes are brought to those of the first.
import { median } from '../math/robust.ts'
import { toStandard } from '../math/tangent.ts'
import { magnitudeRelation, predictedMagnitude } from '../models/magnitudes.ts'
import { type PlateConstants, type PlateFrame, pixelOfPlace, skyAt } from '../models/plate-constants.ts'
import type { PartContext } from '../models/plate-model.ts'
import type { Refined, RefineInput } from '../refine.ts'
import { type ProjectedStars, project } from '../stages/match.ts'

export interface Exposure {
  input: RefineInput
  /** As it was refined alone. */
  refined: Refined
}

/**
 * What was shifted between exposures. Where the telescope was pointed elsewhere, its distortion stays where it was on the
 * plate; where the plate was moved behind it, the distortion goes along with the images.
 */
export type Moved = 'telescope' | 'plate'

/** A 2 × 2 matrix, row by row: of ξ and η, or of both by u and v. */
export type Matrix2 = [a: number, b: number, c: number, d: number]

export interface Member extends Exposure {
  frame: PlateFrame
  /** About the place on the sky of the middle of its frame. */
  projected: ProjectedStars
  /** ∂(ξ, η)/∂(u, v), radians. */
  axes: Matrix2
  /** From its standard coordinates to those of the first exposure, and back. */
  toFirst: Matrix2
  fromFirst: Matrix2
  /** An image has this magnitude more on the scale of its stars than if it were one of the first exposure. */
  magStep: number
}

/** @returns undefined when the exposures do not lie on one plate, or one of them turns over */
export function membersOf(exposures: readonly Exposure[], moved: Moved): Member[] | undefined {
  const [first] = exposures
  const own = exposures.map((exposure) => placed(exposure, first!, moved))
  if (own.some((placedOne) => placedOne === undefined)) return undefined
  const axes = own.map((placedOne) => placedOne!.axes)
  return exposures.map((exposure, k): Member => {
    const toFirst = times(axes[0]!, inverse(axes[k]!))
    const magStep = k === 0 ? 0 : magStepOf(exposure, first!)
    return { ...exposure, ...own[k]!, toFirst, fromFirst: inverse(toFirst), magStep }
  })
}

function placed(
  { input, refined }: Exposure,
  first: Exposure,
  moved: Moved,
): Pick<Member, 'frame' | 'projected' | 'axes'> | undefined {
  const { constants } = refined
  let frame = first.refined.constants.frame
  let middle = skyAt(constants, frame.x0, frame.y0)
  if (moved === 'plate') {
    middle = skyAt(first.refined.constants, frame.x0, frame.y0)
    const pixel = pixelOfPlace(constants, middle.raRad, middle.decRad)
    if (pixel === undefined) return undefined
    frame = { x0: pixel.x, y0: pixel.y, halfPx: frame.halfPx }
  }
  const axes = axesAbout(constants, frame, middle.raRad, middle.decRad)
  if (axes === undefined) return undefined
  return { frame, axes, projected: project(input.stars, middle.raRad, middle.decRad, refined.projected.rows) }
}

const ARM = 0.5 // of the half side of the plate: far enough that no wave or tile of the scanner counts

/** The linear part of the constants about a tangent point, by differences across the frame. */
function axesAbout(
  constants: PlateConstants,
  { x0, y0, halfPx }: PlateFrame,
  ra0: number,
  dec0: number,
): Matrix2 | undefined {
  const at = (u: number, v: number) => {
    const { raRad, decRad } = skyAt(constants, x0 + u * halfPx, y0 + v * halfPx)
    return toStandard(raRad, decRad, ra0, dec0)
  }
  const [east, west, north, south] = [at(ARM, 0), at(-ARM, 0), at(0, ARM), at(0, -ARM)]
  if (!east || !west || !north || !south) return undefined
  const half = 2 * ARM
  return [
    (east.xi - west.xi) / half,
    (north.xi - south.xi) / half,
    (east.eta - west.eta) / half,
    (north.eta - south.eta) / half,
  ]
}

/**
 * The shift of an image with its magnitude is one with its density: images that look alike must count alike. Both relations
 * from brightness to magnitude are asked for the same images; 0 where one of them is not known.
 */
function magStepOf(own: Exposure, first: Exposure): number {
  const [ours, theirs] = [own, first].map(({ refined: { pairs, detections, projected } }) => {
    const brightness = Array.from(pairs.detection, (row) => detections.magWin[row]!)
    const catalogue = Array.from(pairs.reference, (row) => projected.stars.gMag[row]!)
    return { brightness, relation: magnitudeRelation(brightness, catalogue) }
  }) as [Measured, Measured]
  const [p, q] = [ours.relation, theirs.relation]
  if (p === null || q === null) return 0
  // Where both relations have images: beyond them they are only continued.
  const low = Math.max(p.instrumental[0]!, q.instrumental[0]!)
  const high = Math.min(p.instrumental.at(-1)!, q.instrumental.at(-1)!)
  const all = [...ours.brightness, ...theirs.brightness].filter(Number.isFinite)
  const within = all.filter((brightness) => brightness >= low && brightness <= high)
  const images = within.length > 0 ? within : all
  return median(images.map((m) => predictedMagnitude(p, m) - predictedMagnitude(q, m)))
}

interface Measured {
  brightness: number[]
  relation: ReturnType<typeof magnitudeRelation>
}

/** The directions of a plate's axes, as the parts of a model take them, and radians per unit of the scaled place. */
export function directionsOf(axes: Matrix2): { directions: PartContext['axes']; scale: number } {
  const scale = Math.hypot(...axes) / Math.SQRT2
  return { directions: axes.map((value) => value / scale) as PartContext['axes'], scale }
}

export const turned = ([a, b, c, d]: Matrix2, xi: number, eta: number): [xi: number, eta: number] => [
  a * xi + b * eta,
  c * xi + d * eta,
]

export const determinantOf = ([a, b, c, d]: Matrix2): number => a * d - b * c

function times([a, b, c, d]: Matrix2, [e, f, g, h]: Matrix2): Matrix2 {
  return [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h]
}

function inverse(matrix: Matrix2): Matrix2 {
  const [a, b, c, d] = matrix
  const determinant = determinantOf(matrix)
  return [d / determinant, -b / determinant, -c / determinant, a / determinant]
}
