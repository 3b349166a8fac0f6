// Tilt: the plate leans against the plane that touches the sky, so that d = (u, v) images as d / (1 + t·d). Two constants
// serve both axes (König 1933, Handbuch der Astrophysik I, 522). With the tilt t₀ found so far the series is carried to
// the second order, d (1 − t·d + (t₀·d)(t·d)); what it leaves is a few nanometres for a tilt of 2° and a field of 10°.
import { alongPlate, type ModelPart, type PartContext } from '../plate-model.ts'
import { type Polynomial, plus, polynomial, termsOf, times } from '../polynomial.ts'

const U = polynomial([1, 0, 1])
const V = polynomial([0, 1, 1])

export const projective: ModelPart = {
  name: 'projective',
  sentence: 'tilt of the plate against the plane that touches the sky',
  coefficients: (context) => [lean('tilt along u', U, context), lean('tilt along v', V, context)],
}

/** What one component of the tilt adds to the field. */
function lean(name: string, along: Polynomial, { axes, tilt }: PartContext) {
  const t0 = polynomial([1, 0, tilt[0]], [0, 1, tilt[1]])
  const factor = times(along, plus(t0, polynomial([0, 0, -1])))
  return alongPlate(name, termsOf(times(U, factor)), termsOf(times(V, factor)), axes)
}
