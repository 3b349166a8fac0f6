// The magnitude equation: images shift with their brightness, from bad guiding and the emulsion's curve
// (Eichhorn 1974, ch. 2; Girard et al. 1998, AJ 115, 855).
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { own, power } from '../term.ts'

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

/** Where the guiding differed from one exposure to the next. */
export const ownMagnitude: ModelPart = {
  name: 'magnitude of each exposure',
  sentence: 'shift in proportion to the magnitude, another in each exposure',
  coefficients: ({ exposures }) => {
    const m = power(0, 0, 1)
    return onBothAxes([m, ...Array.from({ length: exposures - 1 }, (_, k) => own(k + 1, m))])
  },
}
