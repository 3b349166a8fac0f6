// HEALPix cells in the nested scheme (Górski et al. 2005, ApJ 622, 759), by which Gaia numbers its sources and the store
// its tiles. Cell `pixel` of order k has the four cells 4·pixel … 4·pixel + 3 of order k + 1 within it.
import { ang2pix_nest, corners_nest, max_pixrad, pix2vec_nest } from '@hscmap/healpix'
import { DEG, fold360, placeOf, unitVector, type Vector } from './sphere.ts'

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

/** The cell of a place in degrees. */
export function cellAt(order: number, raDeg: number, decDeg: number): number {
  const theta = Math.min(Math.PI, Math.max(0, (90 - decDeg) * DEG))
  return ang2pix_nest(2 ** order, theta, fold360(raDeg) * DEG)
}

export function cellCentre({ order, pixel }: Cell): Vector {
  return pix2vec_nest(2 ** order, pixel)
}

/** Greatest distance of a corner of a cell of this order from its centre, degrees. */
export function cellRadiusDeg(order: number): number {
  return max_pixrad(2 ** order) / DEG
}

/** The corners of a cell, degrees. */
export function cellCorners({ order, pixel }: Cell): { raDeg: number; decDeg: number }[] {
  return corners_nest(2 ** order, pixel).map((corner) => {
    const { ra, dec } = placeOf(corner)
    return { raDeg: ra / DEG, decDeg: dec / DEG }
  })
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

/** Whether a cell may reach into a cone: never false for one that does, and rarely true for a near neighbour. */
export function mayReach(cell: Cell, cone: Cone): boolean {
  const radiusDeg = Math.min(180, cone.radiusDeg + cellRadiusDeg(cell.order))
  return insideCone({ ...cone, radiusDeg })(cellCentre(cell))
}

/** Every cell of an order that reaches into a cone, and a few that only come near, in ascending order. */
export function cellsInCone(order: number, cone: Cone): number[] {
  let found: Cell[] = Array.from({ length: 12 }, (_, pixel) => ({ order: 0, pixel }))
  for (let k = 0; ; k++) {
    found = found.filter((cell) => mayReach(cell, cone))
    if (k === order) return found.map(({ pixel }) => pixel)
    found = found.flatMap(children)
  }
}
