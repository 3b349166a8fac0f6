// Radial distortion about a fitted centre, d |d|² and d |d|⁴ with d = (u, v) − centre (Brown 1971, Photogrammetric
// Engineering 37, 855). A shift of the centre by s adds −k₃ (2 (s·d) d + |d|² s): two constants that are linear in k₃ s.
import { alongPlate, type ModelPart, type PartCoefficient, type PartContext } from '../plate-model.ts'
import { type Polynomial, plus, polynomial, termsOf, times } from '../polynomial.ts'

export const radial: ModelPart = {
  name: 'radial r³',
  sentence: 'radial distortion with the cube of the distance from a fitted centre',
  coefficients: (context) => cubicAboutCentre(context),
}

export const radialFifth: ModelPart = {
  name: 'radial r⁵',
  sentence: 'radial distortion with the fifth power of the distance from the same centre',
  coefficients: ({ centre, axes }) => {
    const { u, v, square } = about(centre)
    const fourth = times(square, square)
    return [alongPlate('r⁵', termsOf(times(u, fourth)), termsOf(times(v, fourth)), axes)]
  },
}

function about([u0, v0]: PartContext['centre']): { u: Polynomial; v: Polynomial; square: Polynomial } {
  const u = polynomial([1, 0, 1], [0, 0, -u0])
  const v = polynomial([0, 1, 1], [0, 0, -v0])
  return { u, v, square: plus(times(u, u), times(v, v)) }
}

function cubicAboutCentre({ centre, axes }: PartContext): PartCoefficient[] {
  const { u, v, square } = about(centre)
  const twice = polynomial([0, 0, 2])
  const uu = times(twice, times(u, u))
  const uv = times(twice, times(u, v))
  const vv = times(twice, times(v, v))
  return [
    alongPlate('r³', termsOf(times(u, square)), termsOf(times(v, square)), axes),
    alongPlate('centre of r³ along u', termsOf(plus(uu, square)), termsOf(uv), axes),
    alongPlate('centre of r³ along v', termsOf(uv), termsOf(plus(vv, square)), axes),
  ]
}
