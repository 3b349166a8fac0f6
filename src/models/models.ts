// The alternatives among which the stars choose, family by family, from few constants to many. A plate model takes one
// alternative of each family; the empty one stands for nothing.
import { affine } from './parts/affine.ts'
import { colour, colourPlace, colourScale } from './parts/colour.ts'
import { coma, magnitudePlace } from './parts/coma.ts'
import { cubic } from './parts/cubic.ts'
import { magnitude, magnitude2, ownMagnitude } from './parts/magnitude.ts'
import { projective } from './parts/projective.ts'
import { quadratic } from './parts/quadratic.ts'
import { quartic } from './parts/quartic.ts'
import { quintic } from './parts/quintic.ts'
import { radial, radialBoth, radialFifth } from './parts/radial.ts'
import { periodic, steps } from './parts/scanner.ts'
import { type ModelPart, type PartContext, type PlateModel, plateModel } from './plate-model.ts'

export interface Alternative {
  /** As published; '' stands for nothing of this family. */
  name: string
  parts: readonly ModelPart[]
  /** Only where several exposures are fitted together. */
  ofSeveral?: boolean
}

const NOTHING: Alternative = { name: '', parts: [] }

const cubicParts = [affine, quadratic, cubic]

/** How places map to places, whatever the star. */
export const GEOMETRY: readonly Alternative[] = [
  { name: 'affine', parts: [affine] },
  { name: 'projective', parts: [affine, projective] },
  { name: 'radial', parts: [affine, radial] },
  { name: 'projective + radial', parts: [affine, projective, radial] },
  { name: 'quadratic', parts: [affine, quadratic] },
  { name: 'projective + radial r³ r⁵', parts: [affine, projective, radialBoth] },
  { name: 'cubic', parts: cubicParts },
  { name: 'cubic + radial r⁵', parts: [...cubicParts, radialFifth] },
  { name: 'quartic', parts: [...cubicParts, quartic] },
  { name: 'quintic', parts: [...cubicParts, quartic, quintic] },
]

/** Families by name, in the order in which their names are put together. */
export const FAMILIES = {
  geometry: GEOMETRY,
  magnitude: [
    NOTHING,
    { name: 'magnitude', parts: [magnitude] },
    { name: 'magnitude of each exposure', parts: [ownMagnitude], ofSeveral: true },
    { name: 'magnitude m m²', parts: [magnitude2] },
  ],
  coma: [NOTHING, { name: 'coma', parts: [coma] }, { name: 'magnitude × place', parts: [magnitudePlace] }],
  colour: [NOTHING, { name: 'colour', parts: [colour] }],
  refraction: [
    NOTHING,
    { name: 'colour × radius', parts: [colourScale] },
    { name: 'colour × place', parts: [colourPlace] },
  ],
  periodic: [NOTHING, { name: 'periodic', parts: [periodic] }],
  steps: [NOTHING, { name: 'steps', parts: [steps] }],
} as const satisfies Record<string, readonly Alternative[]>

export type FamilyName = keyof typeof FAMILIES
export const FAMILY_NAMES = Object.keys(FAMILIES) as FamilyName[]

/** Which alternative of each family a model takes, by its index. */
export type Choice = Record<FamilyName, number>

export const SIMPLEST: Choice = {
  geometry: 0,
  magnitude: 0,
  coma: 0,
  colour: 0,
  refraction: 0,
  periodic: 0,
  steps: 0,
}

export const alternativeOf = (choice: Choice, family: FamilyName): Alternative =>
  FAMILIES[family][choice[family]]!

/** The model of a choice, named by its alternatives. */
export function modelOf(choice: Choice, context: PartContext): PlateModel {
  const chosen = FAMILY_NAMES.map((family) => alternativeOf(choice, family))
  const name = chosen.flatMap((alternative) => alternative.name || []).join(' + ')
  return {
    ...plateModel(
      chosen.flatMap(({ parts }) => parts),
      context,
    ),
    name,
  }
}

/** Geometry alone, for tests and first solutions: polynomials of degree 1 to 5. */
export const PLATE_MODELS: readonly PlateModel[] = ['affine', 'quadratic', 'cubic', 'quartic', 'quintic'].map(
  (name) => ({ ...plateModel(GEOMETRY.find((g) => g.name === name)!.parts), name }),
)
