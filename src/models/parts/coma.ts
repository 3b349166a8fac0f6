// Coma and its relatives: the shift with magnitude grows across the plate, along the radius (one constant) or with any
// direction (four).
import { alongPlate, type ModelPart, onBothAxes } from '../plate-model.ts'
import { power } from '../term.ts'

export const coma: ModelPart = {
  name: 'coma',
  sentence: 'shift along the radius in proportion to magnitude and distance',
  coefficients: ({ axes }) => [alongPlate('m r', [[power(1, 0, 1), 1]], [[power(0, 1, 1), 1]], axes)],
}

export const magnitudePlace: ModelPart = {
  name: 'magnitude × place',
  sentence: 'shift in proportion to the magnitude and to the place, in any direction',
  coefficients: () => onBothAxes([power(1, 0, 1), power(0, 1, 1)]),
}
