// Every power of total degree 4 of the place, free in both axes.
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { powersOfDegree } from '../polynomial.ts'

export const quartic: ModelPart = {
  name: 'quartic',
  sentence: 'terms of the fourth degree',
  coefficients: () => onBothAxes(powersOfDegree(4)),
}
