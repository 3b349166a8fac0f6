// The parts of the sky of which one index each is made: a field that is small enough whole, else HEALPix cells, so that
// no index asks for more stars than fit into memory.
import {
  ancestor,
  type Cell,
  type Cone,
  cellAreaDeg2,
  cellAt,
  cellCentre,
  cellCount,
  cellRadiusDeg,
  cellsInCone,
} from '../../math/healpix.ts'
import { intersection, type Moc, mocOfCells, union, WHOLE_SKY } from '../../math/moc.ts'
import { DEG, placeOf, type Vector } from '../../math/sphere.ts'
import { fromStandard } from '../../math/tangent.ts'
import { mocOfCone } from '../store/coverage.ts'

export interface Region {
  /** For a person and for the manifest: `cone 132.8200 +11.8000 0.7000`, `cell 2/137`, `sky`. */
  name: string
  /** The part of it that the store covers; fields that lie in it are found. */
  moc: Moc
  /** The covered part with its margin: where its stars lie. */
  starsMoc: Moc
  /** Circles to read its stars from, and which of the stars there are wanted. */
  parts: { cone: Cone; wants: (raDeg: number, decDeg: number) => boolean }[]
}

/** Cells of STARS_PER_CELL stars in one index: about 2 million stars, a file of 120 MB, and 300 MB while it is made. */
const MAX_CELLS = 200_000

/** Cells beyond the edge from which stars are taken, so that a field of eight cells on the edge is whole. */
const MARGIN_CELLS = 4

/** Stars of a HEALPix cell are read in cells that are finer by so many orders, those of its margin in still finer ones. */
const FINER = 2
const EDGE_FINER = 4

export const SKY_DEG2 = cellAreaDeg2(0) * cellCount(0)

/** The regions of indexes with quads from `lowArcmin` that together make up the target, as far as it is covered. */
export function regionsOf(target: Cone | 'sky', lowArcmin: number, covered: Moc): Region[] {
  const marginDeg = (MARGIN_CELLS * lowArcmin) / 60
  if (target !== 'sky') {
    const region = coneRegion(target, marginDeg, covered)
    if (cellsOn(capDeg2(target.radiusDeg + marginDeg), lowArcmin) <= MAX_CELLS) return nonEmpty([region])
  }
  if (cellsOn(SKY_DEG2, lowArcmin) <= MAX_CELLS) return nonEmpty([skyRegion(covered)])
  const order = tileOrder(lowArcmin)
  const all = { raDeg: 0, decDeg: 0, radiusDeg: 180 }
  const cells = cellsInCone(order, target === 'sky' ? all : target).map((pixel) => ({ order, pixel }))
  return cells
    .filter((cell) => intersection(mocOfCells([cell]), covered).length > 0)
    .map((cell) => cellRegion(cell, marginDeg, covered))
}

const nonEmpty = (regions: Region[]): Region[] => regions.filter(({ moc }) => moc.length > 0)

/** Fine cells on an area, each as wide as the smallest quad. */
export const cellsOn = (deg2: number, lowArcmin: number): number => deg2 / (lowArcmin / 60) ** 2

function capDeg2(radiusDeg: number): number {
  return (2 * Math.PI * (1 - Math.cos(Math.min(180, radiusDeg) * DEG))) / DEG ** 2
}

function tileOrder(lowArcmin: number): number {
  let order = 0
  while (cellsOn(cellAreaDeg2(order), lowArcmin) > MAX_CELLS) order++
  return order
}

const degrees = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`

function coneRegion(cone: Cone, marginDeg: number, covered: Moc): Region {
  const wide = { ...cone, radiusDeg: Math.min(180, cone.radiusDeg + marginDeg) }
  return {
    name: `cone ${cone.raDeg.toFixed(4)} ${degrees(cone.decDeg)} ${cone.radiusDeg.toFixed(4)}`,
    moc: intersection(mocOfCone(cone), covered),
    starsMoc: intersection(mocOfCone(wide), covered),
    parts: [{ cone: wide, wants: () => true }],
  }
}

function skyRegion(covered: Moc): Region {
  const cells = Array.from({ length: cellCount(FINER) }, (_, pixel) => ({ order: FINER, pixel }))
  const moc = intersection(WHOLE_SKY, covered)
  return { name: 'sky', moc, starsMoc: moc, parts: cells.map((cell) => partOf(cell)) }
}

function cellRegion(cell: Cell, marginDeg: number, covered: Moc): Region {
  const order = cell.order + EDGE_FINER
  const around = { ...coneOf(cell), radiusDeg: Math.min(180, cellRadiusDeg(cell.order) + marginDeg) }
  const candidates = cellsInCone(order, around).map((pixel) => ({ order, pixel }))
  const isNear = nearCell(cell, marginDeg + cellRadiusDeg(order))
  const edge = candidates.filter((one) => {
    const { raDeg, decDeg } = coneOf(one)
    return ancestor(one, cell.order).pixel !== cell.pixel && isNear(raDeg, decDeg)
  })
  const moc = intersection(mocOfCells([cell]), covered)
  return {
    name: `cell ${cell.order}/${cell.pixel}`,
    moc,
    starsMoc: union(moc, intersection(mocOfCells(edge), covered)),
    parts: [
      ...cellsWithin(cell, FINER).map((one) => partOf(one)),
      ...edge.map((one) => partOf(one, nearCell(cell, marginDeg))),
    ],
  }
}

function cellsWithin({ order, pixel }: Cell, finer: number): Cell[] {
  const count = 4 ** finer
  return Array.from({ length: count }, (_, n) => ({ order: order + finer, pixel: pixel * count + n }))
}

function partOf(cell: Cell, wants = (_raDeg: number, _decDeg: number) => true): Region['parts'][number] {
  const isIn = (raDeg: number, decDeg: number) => cellAt(cell.order, raDeg, decDeg) === cell.pixel
  return {
    cone: { ...coneOf(cell), radiusDeg: cellRadiusDeg(cell.order) },
    wants: (raDeg, decDeg) => isIn(raDeg, decDeg) && wants(raDeg, decDeg),
  }
}

/** Around a place, in eight directions, at the whole distance and at half of it. */
const AROUND = Array.from({ length: 16 }, (_, n) => ({ angle: (n * Math.PI) / 4, share: n < 8 ? 1 : 0.5 }))

/** Whether a place outside a cell is about that near to it: a place around it lies in the cell. */
function nearCell({ order, pixel }: Cell, distanceDeg: number): (raDeg: number, decDeg: number) => boolean {
  const steps = AROUND.map(({ angle, share }) => ({
    xi: share * distanceDeg * DEG * Math.sin(angle),
    eta: share * distanceDeg * DEG * Math.cos(angle),
  }))
  return (raDeg, decDeg) =>
    steps.some((step) => {
      const { raRad, decRad } = fromStandard(step.xi, step.eta, raDeg * DEG, decDeg * DEG)
      return cellAt(order, raRad / DEG, decRad / DEG) === pixel
    })
}

function coneOf(cell: Cell): { raDeg: number; decDeg: number } {
  const centre: Vector = cellCentre(cell)
  const { ra, dec } = placeOf(centre)
  return { raDeg: ra / DEG, decDeg: dec / DEG }
}
