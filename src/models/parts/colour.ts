// The colour equation: atmospheric dispersion and the lens shift blue stars against red ones, everywhere alike, along
// the radius (a lens whose scale depends on colour) or in any way with the place (refraction over a wide field).
import { alongPlate, type ModelPart, onBothAxes } from '../plate-model.ts'
import { power } from '../term.ts'

export const colour: ModelPart = {
  name: 'colour',
  sentence: 'shift in proportion to the colour',
  coefficients: () => onBothAxes([power(0, 0, 0, 1)]),
}

export const colourScale: ModelPart = {
  name: 'colour × radius',
  sentence: 'shift along the radius in proportion to colour and distance',
  coefficients: ({ axes }) => [alongPlate('c r', [[power(1, 0, 0, 1), 1]], [[power(0, 1, 0, 1), 1]], axes)],
}

export const colourPlace: ModelPart = {
  name: 'colour × place',
  sentence: 'shift in proportion to the colour and to the place, in any direction',
  coefficients: () => onBothAxes([power(1, 0, 0, 1), power(0, 1, 0, 1)]),
}
