// Six plate constants: origin, scale, rotation and shear (Turner 1893; Eichhorn 1974, Astronomy of Star Positions, ch. 2).
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { powersOfDegree } from '../polynomial.ts'

export const affine: ModelPart = {
  name: 'affine',
  sentence: 'origin, scale, rotation and shear',
  coefficients: () => onBothAxes([...powersOfDegree(0), ...powersOfDegree(1)]),
}
