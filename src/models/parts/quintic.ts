// Every power of total degree 5 of the place, free in both axes.
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { powersOfDegree } from '../polynomial.ts'

export const quintic: ModelPart = {
  name: 'quintic',
  sentence: 'terms of the fifth degree: distortion of wide fields',
  coefficients: () => onBothAxes(powersOfDegree(5)),
}
