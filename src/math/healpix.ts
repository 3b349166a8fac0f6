// HEALPix cells in the nested scheme (Górski et al. 2005, ApJ 622, 759), by which Gaia numbers its sources and the store
// its tiles. Cell `pixel` of order k has the four cells 4·pixel … 4·pixel + 3 of order k + 1 within it.
import { max_pixrad, pix2vec_nest } from '@hscmap/healpix'
import { DEG, fold360, unitVector, type Vector } from './sphere.ts'

/** The order of the cells that Gaia's source_id begins with; 51″ wide. */
export const FINEST_ORDER = 12

export interface Cell {
  order: number
  /** From 0 to 12 · 4^order − 1. */
  pixel: number
}

export const cellCount = (order: number): number => 12 * 4 ** order

/** Area of a cell, square degrees. */
export const cellAreaDeg2 = (order: number): number => (4 * Math.PI) / DEG ** 2 / cellCount(order)

/**
 * The cell of a place in degrees; NaN for a place that is not known. By Górski et al. 2005, §4 and figure 4; not by the
 * library, which puts places on the edges of a polar cap's quarters, such as RA 90°, dec 60°, beside the pole.
 */
export function cellAt(order: number, raDeg: number, decDeg: number): number {
  const side = 2 ** order
  const last = side - 1
  const quarters = fold360(raDeg) / 90
  const z = Math.sin(decDeg * DEG)
  if (Number.isNaN(quarters + z)) return Number.NaN
  if (Math.abs(z) <= 2 / 3) {
    // Counted along the two diagonals of the equatorial zone.
    const rising = Math.floor(side * (0.5 + quarters - 0.75 * z))
    const falling = Math.floor(side * (0.5 + quarters + 0.75 * z))
    const [up, down] = [rising >> order, falling >> order]
    const base = up === down ? up | 4 : up < down ? up : down + 8
    return numberOf(order, base, falling & last, last - (rising & last))
  }
  const quarter = Math.floor(quarters)
  const along = quarters - quarter
  // √(3 (1 − |z|)) without the difference, which loses the digits near a pole.
  const fromPole = side * Math.cos(decDeg * DEG) * Math.sqrt(3 / (1 + Math.abs(z)))
  const one = Math.min(last, Math.floor(along * fromPole))
  const other = Math.min(last, Math.floor((1 - along) * fromPole))
  return z > 0 ? numberOf(order, quarter, last - other, last - one) : numberOf(order, quarter + 8, one, other)
}

/** Number of the cell in column x and row y of one of the twelve cells of order 0. */
function numberOf(order: number, base: number, x: number, y: number): number {
  return base * 4 ** order + spread(x) + 2 * spread(y)
}

/** Bit k of a number of 12 bits moved to bit 2k. */
function spread(bits: number): number {
  let wide = (bits | (bits << 8)) & 0x00ff00ff
  wide = (wide | (wide << 4)) & 0x0f0f0f0f
  wide = (wide | (wide << 2)) & 0x33333333
  return (wide | (wide << 1)) & 0x55555555
}

export function cellCentre({ order, pixel }: Cell): Vector {
  return pix2vec_nest(2 ** order, pixel)
}

/** Greatest distance of a corner of a cell of this order from its centre, degrees. */
export function cellRadiusDeg(order: number): number {
  return max_pixrad(2 ** order) / DEG
}

/** The cells of FINEST_ORDER in a cell: from the first up to, not including, the end. */
export function finestRange({ order, pixel }: Cell): [first: number, end: number] {
  const cells = 4 ** (FINEST_ORDER - order)
  return [pixel * cells, (pixel + 1) * cells]
}

/** The cell of a coarser order that holds this one. */
export function ancestor(cell: Cell, order: number): Cell {
  return { order, pixel: Math.floor(cell.pixel / 4 ** (cell.order - order)) }
}

export function children({ order, pixel }: Cell): Cell[] {
  return [0, 1, 2, 3].map((n) => ({ order: order + 1, pixel: 4 * pixel + n }))
}

export interface Cone {
  raDeg: number
  decDeg: number
  radiusDeg: number
}

/** A test of places: whether they lie in a cone, its edge included; exact for the smallest cones too. */
export function insideCone({ raDeg, decDeg, radiusDeg }: Cone): (place: Vector) => boolean {
  if (radiusDeg >= 180) return () => true
  const [x, y, z] = unitVector(raDeg * DEG, decDeg * DEG)
  const chord2 = (2 * Math.sin((radiusDeg * DEG) / 2)) ** 2
  return (place) => (place[0] - x) ** 2 + (place[1] - y) ** 2 + (place[2] - z) ** 2 <= chord2
}

/** Cells this many orders finer are looked at: their circles hardly stick out of the cell. */
const FINER = 3

/** Whether a cell may reach into a cone: never false for one that does, and rarely true for a near neighbour. */
export function mayReach(cell: Cell, cone: Cone, finer = FINER): boolean {
  const radiusDeg = Math.min(180, cone.radiusDeg + cellRadiusDeg(cell.order))
  if (!insideCone({ ...cone, radiusDeg })(cellCentre(cell))) return false
  return finer === 0 || children(cell).some((child) => mayReach(child, cone, finer - 1))
}

/** Every cell of an order that reaches into a cone, and a few that only come near, in ascending order. */
export function cellsInCone(order: number, cone: Cone): number[] {
  let found: Cell[] = Array.from({ length: 12 }, (_, pixel) => ({ order: 0, pixel }))
  for (let k = 0; ; k++) {
    found = found.filter((cell) => mayReach(cell, cone, k === order ? FINER : 0))
    if (k === order) return found.map(({ pixel }) => pixel)
    found = found.flatMap(children)
  }
}
