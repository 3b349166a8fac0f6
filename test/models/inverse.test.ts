// From the sky back to the pixel where the plate has waves, a local field and tiles: no polynomial, but nearly linear.
import { describe, expect, it } from 'vitest'
import { ARCSEC } from '../../src/math/sphere.ts'
import { affine } from '../../src/models/parts/affine.ts'
import { periodic, steps } from '../../src/models/parts/scanner.ts'
import { type PlateConstants, pixelOf, standardAt } from '../../src/models/plate-constants.ts'
import { type ModelPart, PLAIN_CONTEXT, plateModel } from '../../src/models/plate-model.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { truePlate } from './true-plate.ts'

const PIXEL = 2 * ARCSEC
const CONTEXT = {
  ...PLAIN_CONTEXT,
  periods: [{ axis: 'x' as const, periodPx: 40 }],
  tileEdges: { x: [500], y: [] },
}

/** An affine plate of 1000 px, and what is further, half a pixel high; tiles overlap by that, or leave a gap. */
function plateWith(part: ModelPart | null, heightPx: number, localKnots = 0): PlateConstants {
  const plate = truePlate({ rotationDeg: 30 })
  const model = plateModel(part === null ? [affine] : [affine, part], CONTEXT)
  const further = (axis: Float64Array, sign: number) =>
    Float64Array.from(model.terms, (_, k) => (k < 3 ? axis[k]! : sign * heightPx * PIXEL))
  const random = randomStream(2, 'inverse')
  const n = (localKnots + 3) ** 2
  const splines = () => Float64Array.from({ length: n }, () => heightPx * PIXEL * random.gauss())
  const local =
    localKnots === 0
      ? null
      : { knots: localKnots, xi: splines(), eta: splines(), covariance: new Float64Array(n * n) }
  return { ...plate, model, xi: further(plate.xi, 1), eta: further(plate.eta, -1), local }
}

describe('from the sky back to the pixel', () => {
  it.each([
    ['waves of 40 px', plateWith(periodic, 0.5)],
    ['a local field of 12 intervals', plateWith(null, 0.5, 12)],
  ])('comes back to where it left, with %s', (name, plate) => {
    let worst = 0
    for (let k = 0; k < 900; k++) {
      const [x, y] = [1.3 + 34.4 * (k % 30), 1.7 + 34.4 * Math.floor(k / 30)]
      const { xi, eta } = standardAt(plate, x, y)
      const back = pixelOf(plate, xi, eta)!
      worst = Math.max(worst, Math.hypot(back.x - x, back.y - y))
    }
    console.log(`${name}: comes back to ${worst.toExponential(1)} px`)
    expect(worst).toBeLessThan(1e-7)
  })

  it('comes back on tiles that are shifted, but for what lies within that shift of their edge', () => {
    const plate = plateWith(steps, 0.3)
    let [worst, lost] = [0, 0]
    for (let k = 0; k < 2000; k++) {
      const [x, y] = [1 + 0.4995 * k, 300 + 0.2 * k]
      const { xi, eta } = standardAt(plate, x, y)
      const back = pixelOf(plate, xi, eta)
      if (back === undefined) {
        lost++
        expect(Math.abs(x - 500)).toBeLessThan(1.5)
        continue
      }
      const again = standardAt(plate, back.x, back.y)
      expect(Math.hypot(again.xi - xi, again.eta - eta) / PIXEL).toBeLessThan(1e-8)
      if (Math.abs(x - 500) > 1.5) worst = Math.max(worst, Math.hypot(back.x - x, back.y - y))
    }
    console.log(`tiles: comes back to ${worst.toExponential(1)} px; ${lost} of 2000 places lost at the edge`)
    expect(worst).toBeLessThan(1e-8)
    expect(lost).toBeLessThan(8)
  })
})
