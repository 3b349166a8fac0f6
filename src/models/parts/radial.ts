// Radial distortion about a fitted centre, d |d|² and d |d|⁴ with d = (u, v) − centre (Brown 1971, Photogrammetric
// Engineering 37, 855). A shift of the centre by s adds −k₃ (2 (s·d) d + |d|² s) − k₅ (4 |d|² (s·d) d + |d|⁴ s): two
// constants that are linear in k₃ s, for the ratio k₅/k₃ that was found before.
import { alongPlate, type ModelPart, type PartCoefficient, type PartContext } from '../plate-model.ts'
import { type Polynomial, plus, polynomial, termsOf, times } from '../polynomial.ts'

export const radial: ModelPart = {
  name: 'radial r³',
  sentence: 'radial distortion with the cube of the distance from a fitted centre',
  coefficients: (context) => [cube(context), ...shiftsOfCentre(context, 0)],
}

export const radialFifth: ModelPart = {
  name: 'radial r⁵',
  sentence: 'radial distortion with the fifth power of the distance from the same centre',
  coefficients: (context) => [fifth(context)],
}

export const radialBoth: ModelPart = {
  name: 'radial r³ r⁵',
  sentence: 'radial distortion with the cube and the fifth power of the distance from a fitted centre',
  coefficients: (context) => [cube(context), fifth(context), ...shiftsOfCentre(context, context.fifthToCube)],
}

function about([u0, v0]: PartContext['centre']): { u: Polynomial; v: Polynomial; square: Polynomial } {
  const u = polynomial([1, 0, 1], [0, 0, -u0])
  const v = polynomial([0, 1, 1], [0, 0, -v0])
  return { u, v, square: plus(times(u, u), times(v, v)) }
}

function cube({ centre, axes }: PartContext): PartCoefficient {
  const { u, v, square } = about(centre)
  return alongPlate('r³', termsOf(times(u, square)), termsOf(times(v, square)), axes)
}

function fifth({ centre, axes }: PartContext): PartCoefficient {
  const { u, v, square } = about(centre)
  const fourth = times(square, square)
  return alongPlate('r⁵', termsOf(times(u, fourth)), termsOf(times(v, fourth)), axes)
}

function shiftsOfCentre({ centre, axes }: PartContext, ratio: number): PartCoefficient[] {
  const { u, v, square } = about(centre)
  const fourth = times(square, square)
  const constant = (value: number) => polynomial([0, 0, value])
  // Factors of (s·d) d and of s.
  const along = plus(constant(2), times(constant(4 * ratio), square))
  const even = plus(square, fourth, ratio)
  const uv = termsOf(times(along, times(u, v)))
  return [
    alongPlate('centre along u', termsOf(plus(times(along, times(u, u)), even)), uv, axes),
    alongPlate('centre along v', uv, termsOf(plus(times(along, times(v, v)), even)), axes),
  ]
}
