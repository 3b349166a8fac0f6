// Every power of total degree 2 of the place, free in both axes.
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { powersOfDegree } from '../polynomial.ts'

export const quadratic: ModelPart = {
  name: 'quadratic',
  sentence: 'terms of the second degree: tilt, decentring and tangential distortion',
  coefficients: () => onBothAxes(powersOfDegree(2)),
}
