// Every power of total degree 3 of the place, free in both axes.
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { powersOfDegree } from '../polynomial.ts'

export const cubic: ModelPart = {
  name: 'cubic',
  sentence: 'terms of the third degree: distortion of any symmetry',
  coefficients: () => onBothAxes(powersOfDegree(3)),
}
