// Which part of the sky a store covers, and to which magnitude.
import type { Cone } from '../../math/healpix.ts'
import {
  type Cell,
  cellAt,
  cellCentre,
  cellRadiusDeg,
  cellsInCone,
  FINEST_ORDER,
  insideCone,
} from '../../math/healpix.ts'
import { difference, EMPTY_MOC, intersection, type Moc, mocOfCells, skyShare, union } from '../../math/moc.ts'
import type { Coverage, Source } from './manifest.ts'

const depthOf = (limitMag: number | null): number => limitMag ?? Number.POSITIVE_INFINITY

/** The part of the sky where all stars down to `limitMag` are here; null: all stars that there are. */
export function coveredTo(coverage: readonly Coverage[], limitMag: number | null): Moc {
  const deep = coverage.filter(({ limit_mag }) => depthOf(limit_mag) >= depthOf(limitMag))
  return union(EMPTY_MOC, ...deep.map(({ moc }) => moc))
}

/**
 * Joined with what is covered already, one entry per depth; nothing is listed that lies within a deeper entry, but what is
 * certain stays listed beside what is only estimated, however deep that is thought to be.
 */
export function addCoverage(old: readonly Coverage[], added: readonly Coverage[]): Coverage[] {
  const depths = [...new Set([...old, ...added].map(({ limit_mag }) => limit_mag))].sort(
    (a, b) => depthOf(b) - depthOf(a),
  )
  const result: Coverage[] = []
  for (const estimated of [false, true]) {
    for (const limitMag of depths) {
      const same = [...old, ...added].filter(
        (one) => one.limit_mag === limitMag && one.estimated === estimated,
      )
      const moc = difference(union(...same.map((one) => one.moc)), coveredTo(result, limitMag))
      if (moc.length > 0) result.push({ limit_mag: limitMag, moc, estimated })
    }
  }
  return result
}

/** One entry per service or file, and per table and limit. */
export function addSource(old: readonly Source[], added: Source): Source[] {
  const same = (one: Source) =>
    one.kind === added.kind && one.name === added.name && one.detail === added.detail
  const before = old.find(same)
  if (before === undefined) return [...old, added]
  const joined = { ...added, first: before.first, rows: before.rows + added.rows }
  return [...old.filter((one) => !same(one)), joined]
}

/** A cone is looked at in cells this many times smaller than its radius. */
const CELLS_PER_RADIUS = 24

/** A cone as the cells whose centres lie in it, which are small beside it; one cell where it is smaller than the smallest. */
export function mocOfCone(cone: Cone): Moc {
  let order = 3
  while (order < FINEST_ORDER && cellRadiusDeg(order) > cone.radiusDeg / CELLS_PER_RADIUS) order++
  const inside = insideCone(cone)
  const cells: Cell[] = cellsInCone(order, cone)
    .map((pixel) => ({ order, pixel }))
    .filter((cell) => inside(cellCentre(cell)))
  return mocOfCells(cells.length > 0 ? cells : [{ order, pixel: cellAt(order, cone.raDeg, cone.decDeg) }])
}

/** Share of a cone that a MOC covers, 0 to 1, to about a hundredth. */
export function coveredShare(moc: Moc, cone: Cone): number {
  const field = mocOfCone(cone)
  return skyShare(intersection(field, moc)) / skyShare(field)
}
