// The magnitude equation: images shift with their brightness, from bad guiding and the emulsion's curve
// (Eichhorn 1974, ch. 2; Girard et al. 1998, AJ 115, 855).
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { power } from '../term.ts'

export const magnitude: ModelPart = {
  name: 'magnitude',
  sentence: 'shift in proportion to the magnitude',
  coefficients: () => onBothAxes([power(0, 0, 1)]),
}

export const magnitude2: ModelPart = {
  name: 'magnitude m m²',
  sentence: 'shift with the magnitude and its square',
  coefficients: () => onBothAxes([power(0, 0, 1), power(0, 0, 2)]),
}
