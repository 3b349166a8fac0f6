// Two images at an offset against the pieces of one line: half-way between two images there is less light, along a line there
// is as much.
import type { TileCorrelations } from '../../image-tiles.ts'
import { DIRECTIONS } from '../../math/autocorrelation.ts'
import { median } from '../../math/robust.ts'

const NEAREST_PX = 1.9 // nearer lags correlate the grain
const VALLEY = 0.9

/**
 * Whether the correlation of bright pixels half-way to an offset is below the mean of those at its ends; undefined where no
 * tile reaches it.
 */
export function hasValley(
  correlations: readonly TileCorrelations[],
  { dx, dy }: { dx: number; dy: number },
): boolean | undefined {
  const far = Math.hypot(dx, dy)
  const scale = correlations.find(({ radiiPx }) => radiiPx[radiiPx.length - 1]! > far)
  if (scale === undefined || scale.bright.length === 0) return undefined
  const { radiiPx, bright } = scale
  const rings = radiiPx.length
  const turn = (Math.atan2(dy, dx) / Math.PI + 2) % 1
  const direction = Math.floor(turn * DIRECTIONS) % DIRECTIONS
  const at = (lagPx: number): number => {
    const ring = Math.max(
      0,
      radiiPx.findIndex((r) => r >= lagPx),
    )
    return median(bright.map((tile) => tile[direction * rings + ring]!))
  }
  return at(far / 2) < (VALLEY * (at(NEAREST_PX) + at(far))) / 2
}
