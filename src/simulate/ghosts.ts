// Companion images that are no exposures: those of a Pickering wedge, and the first orders of an objective grating.
import { DEG } from '../math/sphere.ts'
import type { Exposure, Spread } from './images.ts'
import type { SimulateOptions } from './options.ts'

/** Usual distance of the companions of a wedge, a thin prism over part of the objective, micrometres. */
export const WEDGE_UM = 400
const WEDGE_MAG = 4 // the wedge covers a fortieth of the objective
const GRATING_MAG = 3
/** A blue plate takes a tenth of the mean wavelength and more either way: so much of its distance a satellite is drawn out. */
const DRAWN_OUT = 0.12

type Options = Pick<SimulateOptions, 'magStep' | 'length' | 'angle' | 'rotation' | 'pixelUm'>

/** The direct images, and one faint companion of each at a constant shift: light of the same exposure. */
export function wedgeImages(
  direct: Exposure,
  offsetUm: [number, number],
  { magStep = WEDGE_MAG }: Pick<Options, 'magStep'>,
): Exposure[] {
  return [direct, { ...direct, offsetUm, magStep }]
}

/** The direct images and the first orders on either side, along a direction of the scan. */
export function gratingImages(
  direct: Exposure,
  { magStep = GRATING_MAG, length, angle, rotation, pixelUm }: Options,
): Exposure[] {
  const turn = (angle - rotation) * DEG // shifts are those on the plate before it is turned in the scan
  const [x, y] = [length * pixelUm * Math.cos(turn), length * pixelUm * Math.sin(turn)]
  return [
    direct,
    { ...direct, offsetUm: [x, y], magStep, order: 1 },
    { ...direct, offsetUm: [-x, -y], magStep, order: -1 },
  ]
}

/** How each exposure spreads the light: the orders of a grating are drawn out along its direction, blue light less far. */
export function spreadsOfOrders(
  direct: Spread,
  { length }: Pick<Options, 'length'>,
  exposures: readonly Exposure[],
): Spread[] {
  return exposures.map(({ order }) =>
    order === 0 ? direct : { ...direct, kind: 'trail', lengthPx: DRAWN_OUT * length },
  )
}
