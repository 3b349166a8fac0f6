// Bright cloud: a sum of waves of all directions, larger ones stronger, of which the highest part shines.
import type { Ground, LightAt } from '../objects.ts'
import type { Random } from '../random.ts'

const WAVES = 60
const SHORTEST = 10 // waves along the plate's side
const CELLS = 200 // of the grid on which the cloud is known; between its points it is interpolated

/** @param cloud  `share` of the plate that has any of its light, and the light of its brightest part, sky units */
export function nebulaLight(
  cloud: { share: number; top: number },
  { width, height }: Ground,
  random: Random,
): LightAt {
  const side = Math.max(width, height)
  const waves = Array.from({ length: WAVES }, () => {
    const number = SHORTEST ** random.next() // evenly over the logarithm
    const direction = random.between(0, 2 * Math.PI)
    return {
      kx: (2 * Math.PI * number * Math.cos(direction)) / side,
      ky: (2 * Math.PI * number * Math.sin(direction)) / side,
      phase: random.between(0, 2 * Math.PI),
      amplitude: number ** -1.2,
    }
  })
  const [columns, rows] = [CELLS + 1, Math.ceil((CELLS * height) / width) + 1]
  const cellPx = width / CELLS
  const field = Float64Array.from({ length: columns * rows }, (_, i) => {
    const [x, y] = [(i % columns) * cellPx, Math.floor(i / columns) * cellPx]
    return waves.reduce((sum, w) => sum + w.amplitude * Math.cos(w.kx * x + w.ky * y + w.phase), 0)
  })
  const sorted = field.slice().sort()
  const foot = cloud.share >= 1 ? sorted[0]! : sorted[Math.floor((1 - cloud.share) * (sorted.length - 1))]!
  const range = sorted.at(-1)! - foot || 1
  const light = field.map((v) => cloud.top * Math.max(0, (v - foot) / range))
  return (x, y) => {
    const [u, v] = [x / cellPx, y / cellPx]
    const [i, j] = [Math.min(columns - 2, Math.floor(u)), Math.min(rows - 2, Math.floor(v))]
    const [p, q] = [u - i, v - j]
    const at = j * columns + i
    return (
      (1 - q) * ((1 - p) * light[at]! + p * light[at + 1]!) +
      q * ((1 - p) * light[at + columns]! + p * light[at + columns + 1]!)
    )
  }
}
