// Residuals against magnitude and against the distance from the middle of the plate, two components in each figure.
// What the plate constants leave behind shows as a trend of the means: a magnitude equation, a distortion.
import type { Html } from './html.ts'
import type { Residuals } from './residuals.ts'
import { trend } from './trend-panels.ts'

/** Along x and along y of the scan, against magnitude; undefined where there are too few. */
export function magnitudeTrend(residuals: Residuals, id: string): Html | undefined {
  const panels = [
    { name: 'along x', values: residuals.dx },
    { name: 'along y', values: residuals.dy },
  ]
  return trend({
    id,
    title: 'Residuals against magnitude',
    residuals,
    across: residuals.magnitude,
    axis: residuals.magnitudeName,
    panels,
  })
}

/** Away from the middle of the plate and across that, against the distance from it. */
export function radiusTrend(
  residuals: Residuals,
  plate: { width: number; height: number },
  id: string,
): Html | undefined {
  const { length, x, y, dx, dy } = residuals
  const radius = new Float64Array(length)
  const outward = new Float64Array(length)
  const around = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const u = x[i]! - (plate.width + 1) / 2
    const v = y[i]! - (plate.height + 1) / 2
    const r = Math.hypot(u, v) || 1
    radius[i] = r
    outward[i] = (dx[i]! * u + dy[i]! * v) / r
    around[i] = (dy[i]! * u - dx[i]! * v) / r
  }
  const panels = [
    { name: 'outward', values: outward },
    { name: 'around', values: around },
  ]
  const axis = 'distance from the middle of the scan, px'
  return trend({
    id,
    title: 'Residuals against distance from the middle',
    residuals,
    across: radius,
    axis,
    panels,
  })
}
