// Six plate constants: origin, scale, rotation and shear (Turner 1893; Eichhorn 1974, Astronomy of Star Positions, ch. 2).
// Of several exposures that are fitted together each has its own: those of the first, and what it differs by from them.
import { type ModelPart, onBothAxes } from '../plate-model.ts'
import { powersOfDegree } from '../polynomial.ts'
import { own } from '../term.ts'

const LINEAR = [...powersOfDegree(0), ...powersOfDegree(1)]

export const affine: ModelPart = {
  name: 'affine',
  sentence: 'origin, scale, rotation and shear',
  coefficients: ({ exposures }) => {
    const further = Array.from({ length: exposures - 1 }, (_, k) => LINEAR.map((term) => own(k + 1, term)))
    return onBothAxes([...LINEAR, ...further.flat()])
  },
}
