// Scratches and hairs: SExtractor breaks them into several elongated pieces, each pointing at the next.

import type { Detections } from '../../detections.ts'
import { columnTree } from '../../math/place-tree.ts'
import { DEG } from '../../math/sphere.ts'

const REACH_FWHM = 25
const MAX_ANGLE = 12 * DEG
const MIN_NEIGHBOURS = 2

/** Share of elongated neighbours that lie along an image's axis and point along it by chance. */
const CHANCE = (MAX_ANGLE / (Math.PI / 2)) ** 2

/** Rows of elongated detections that have at least two elongated neighbours along their own axis, on a common line. */
export function alignedInLines(d: Detections, elongated: Uint8Array, fwhmPx: number): number[] {
  const rows = Array.from(elongated.keys()).filter((i) => elongated[i] === 1)
  if (rows.length === 0) return []
  const tree = columnTree(d.x, d.y, rows)
  return rows.filter((i) => {
    const reach = Math.max(REACH_FWHM * fwhmPx, 4 * d.semiMajor[i]!)
    let along = 0
    let near = 0
    for (const at of tree.within(d.x[i]!, d.y[i]!, reach)) {
      const j = rows[at]!
      if (j === i) continue
      near++
      const bearing = Math.atan2(d.y[j]! - d.y[i]!, d.x[j]! - d.x[i]!)
      const own = d.thetaDeg[i]! * DEG
      const its = d.thetaDeg[j]! * DEG
      if (axisAngle(own, its) < MAX_ANGLE && axisAngle(own, bearing) < MAX_ANGLE) along++
    }
    // In a cluster many blends lie near: so many more must point along the line than would by chance.
    const expected = CHANCE * near
    return along >= Math.max(MIN_NEIGHBOURS, expected + 4 * Math.sqrt(expected))
  })
}

/** Angle between two undirected axes, radians, 0 to π/2. */
export function axisAngle(a: number, b: number): number {
  const difference = Math.abs(a - b) % Math.PI
  return Math.min(difference, Math.PI - difference)
}
