// A plate's image shape as tables: powers cost ten times what a look-up does, and a fit asks for thousands of them.
import { type ImageShape, levelOf, lightAt, WING_WIDTH } from './shape.ts'

/** Values at equal steps; between them linear. */
export interface ShapeTable {
  shape: ImageShape
  /** Light at √q, and its derivative by q; beyond the end there is none. */
  light: Float64Array
  lightSlope: Float64Array
  /** Level above the sky at u / (1 + u), and its derivative by u. */
  level: Float64Array
  levelSlope: Float64Array
}

export const STEPS_PER_ALPHA = 64 // linear between them, the light is right to 2·10⁻⁴ of its top
const FARTHEST_ALPHA = 32
export const LEVEL_STEPS = 1024

export function tabulate(shape: ImageShape): ShapeTable {
  const { beta, wing, wingBeta, gamma, plateau } = shape
  const n = FARTHEST_ALPHA * STEPS_PER_ALPHA
  const light = new Float64Array(n + 1)
  const lightSlope = new Float64Array(n + 1)
  for (let k = 0; k <= n; k++) {
    const q = (k / STEPS_PER_ALPHA) ** 2
    light[k] = lightAt(shape, q)
    const far = 1 + q / WING_WIDTH ** 2
    lightSlope[k] =
      -beta * (1 + q) ** (-beta - 1) - ((wing * wingBeta) / WING_WIDTH ** 2) * far ** (-wingBeta - 1)
  }
  const level = new Float64Array(LEVEL_STEPS + 1)
  const levelSlope = new Float64Array(LEVEL_STEPS + 1)
  for (let k = 0; k < LEVEL_STEPS; k++) {
    const u = k / (LEVEL_STEPS - k)
    level[k] = levelOf(shape, u)
    levelSlope[k] = plateau * (1 + u ** gamma) ** (-1 / gamma - 1)
  }
  level[LEVEL_STEPS] = plateau
  return { shape, light, lightSlope, level, levelSlope }
}

/** Light at q of an image of unit light. */
export function tabulatedLight(table: ShapeTable, q: number): number {
  const at = Math.sqrt(q) * STEPS_PER_ALPHA
  const k = Math.floor(at)
  const { light } = table
  return k + 1 < light.length ? light[k]! + (at - k) * (light[k + 1]! - light[k]!) : 0
}

/** Level above the sky that the light u leaves. */
export function tabulatedLevel(table: ShapeTable, u: number): number {
  if (!(u > 0)) return 0
  const at = (u / (1 + u)) * LEVEL_STEPS
  const k = Math.min(Math.floor(at), LEVEL_STEPS - 1)
  return table.level[k]! + (at - k) * (table.level[k + 1]! - table.level[k]!)
}
