// The marks of a réseau: a square grid of crosses that was exposed on the plate to measure it by. They repeat as no exposures
// do, in both directions and all over the plate: folded by the spacing, they fall on one point, and nearly every node has one.

import { solveLinearEach } from '../../math/leastsquares.ts'
import type { OffsetPeak, PlacedImages } from '../../math/offset-histogram.ts'

export interface Reseau {
  /** Rows of the images that are marks, or splinters of them. */
  rows: number[]
  spacingPx: number
  lattice: Lattice
  /** Nodes of the grid on the scan, and those that have an image. */
  nodes: number
  occupied: number
}

export interface Lattice {
  x0: number
  y0: number
  /** From one node to the next along both directions, px. */
  along: [dx: number, dy: number]
  across: [dx: number, dy: number]
}

const LEAST_NODES = 6
const LEAST_OCCUPIED = 0.5 // dirt covers some, blends with stars hide some; chance fills none
const LEAST_SPACING_FWHM = 8
const PEAKS_TRIED = 12
const DIVISORS = [1, 2, 3, 4, 5, 6, 7] // the offset that repeats most may be several spacings long
const FIRST_STEPS = 3
const ARMS = [2, 3, 4, 6, 8, 10] // tolerances from the node that the arms of a mark may reach
const LONGEST_ARM = 0.2 // of the spacing
const STREWN = 3 // times as many images as elsewhere: a mark that was detected in pieces
const LEAST_STREWN = 4
const GROWTH = 2 // steps from the first node, from one round to the next

/** @returns undefined where the repeated offsets are not those of a grid */
export function findReseau(
  images: PlacedImages,
  peaks: readonly OffsetPeak[],
  size: { width: number; height: number; fwhmPx: number },
): Reseau | undefined {
  let best: Reseau | undefined
  for (const { dx, dy } of peaks.slice(0, PEAKS_TRIED)) {
    for (const divisor of DIVISORS) {
      const spacing = Math.hypot(dx, dy) / divisor
      if (spacing < LEAST_SPACING_FWHM * size.fwhmPx) break
      const found = onGrid(images, [dx / divisor, dy / divisor], size)
      if (found !== undefined && found.occupied > (best?.occupied ?? 0)) best = found
    }
  }
  return best
}

function onGrid(
  images: PlacedImages,
  along: [dx: number, dy: number],
  { width, height, fwhmPx }: { width: number; height: number; fwhmPx: number },
): Reseau | undefined {
  const tolerancePx = Math.max(2, fwhmPx)
  const start = densestPhase(images, along, tolerancePx)
  if (start === undefined) return undefined
  let lattice = start
  const reach = Math.ceil(Math.hypot(width, height) / Math.hypot(...along))
  let marks = marksOf(images, lattice, tolerancePx, FIRST_STEPS)
  for (let steps = FIRST_STEPS; ; steps *= GROWTH) {
    marks = marksOf(images, lattice, tolerancePx, steps)
    lattice = fitted(images, lattice, marks) ?? lattice
    if (steps > reach) break
  }
  marks = marksOf(images, lattice, tolerancePx, reach)
  const rows = withSplinters(images, lattice, tolerancePx)
  const nodes = nodesOn(lattice, width, height, reach)
  const occupied = new Set(marks.map(({ i, j }) => `${i},${j}`)).size
  if (nodes < LEAST_NODES || occupied < LEAST_OCCUPIED * nodes) return undefined
  return { rows, spacingPx: Math.hypot(...lattice.along), lattice, nodes, occupied }
}

interface Mark {
  row: number
  i: number
  j: number
}

/** Place in units of the grid. */
function folded({ x0, y0, along: [a, b], across: [c, d] }: Lattice, x: number, y: number) {
  const determinant = a * d - b * c
  const [u, v] = [x - x0, y - y0]
  return { p: (d * u - c * v) / determinant, q: (a * v - b * u) / determinant }
}

/** Whether an offset leads from one node to another. */
export function isFromNodeToNode(
  { lattice, spacingPx }: Pick<Reseau, 'lattice' | 'spacingPx'>,
  { dx, dy }: { dx: number; dy: number },
  fwhmPx: number,
): boolean {
  const { p, q } = folded(lattice, lattice.x0 + dx, lattice.y0 + dy)
  return spacingPx * Math.hypot(p - Math.round(p), q - Math.round(q)) <= Math.max(2, fwhmPx)
}

/** The node nearest to most images, near the middle of them. */
function densestPhase(
  images: PlacedImages,
  along: [dx: number, dy: number],
  tolerancePx: number,
): Lattice | undefined {
  const rows = Array.from(images.order)
  if (rows.length === 0) return undefined
  const middle = (column: ArrayLike<number>) => rows.reduce((sum, row) => sum + column[row]!, 0) / rows.length
  const plain: Lattice = {
    x0: middle(images.x),
    y0: middle(images.y),
    along,
    across: [-along[1], along[0]],
  }
  const cells = Math.max(3, Math.floor(Math.hypot(...along) / tolerancePx))
  const counts = new Int32Array(cells * cells)
  const cellOf = (value: number) => Math.floor((value - Math.floor(value)) * cells) % cells
  for (const row of rows) {
    const { p, q } = folded(plain, images.x[row]!, images.y[row]!)
    if (Math.max(Math.abs(p), Math.abs(q)) <= FIRST_STEPS + 0.5) counts[cellOf(q) * cells + cellOf(p)]!++
  }
  // Two by two cells: a node may lie on the border of one.
  let best = 0
  let at: [p: number, q: number] = [0, 0]
  for (let y = 0; y < cells; y++) {
    for (let x = 0; x < cells; x++) {
      const [right, up] = [(x + 1) % cells, (y + 1) % cells]
      const sum =
        counts[y * cells + x]! +
        counts[y * cells + right]! +
        counts[up * cells + x]! +
        counts[up * cells + right]!
      if (sum <= best) continue
      best = sum
      at = [(x + 1) / cells, (y + 1) / cells]
    }
  }
  if (best < LEAST_NODES) return undefined
  const [p, q] = at
  return {
    ...plain,
    x0: plain.x0 + p * along[0] - q * along[1],
    y0: plain.y0 + p * along[1] + q * along[0],
  }
}

/** The images within reach of a node that is at most so many steps from the first. */
function marksOf(images: PlacedImages, lattice: Lattice, tolerancePx: number, steps: number): Mark[] {
  const marks: Mark[] = []
  const { x0, y0, along, across } = lattice
  for (let n = 0; n < images.order.length; n++) {
    const row = images.order[n]!
    const [x, y] = [images.x[row]!, images.y[row]!]
    const { p, q } = folded(lattice, x, y)
    const [i, j] = [Math.round(p), Math.round(q)]
    if (Math.max(Math.abs(i), Math.abs(j)) > steps) continue
    const [nodeX, nodeY] = [x0 + i * along[0] + j * across[0], y0 + i * along[1] + j * across[1]]
    if (Math.hypot(x - nodeX, y - nodeY) <= tolerancePx) marks.push({ row, i, j })
  }
  return marks
}

/** The grid through its marks: a scanner may stretch it and shear it. */
function fitted(images: PlacedImages, before: Lattice, marks: readonly Mark[]): Lattice | undefined {
  const design = Float64Array.from(marks.flatMap(({ i, j }) => [1, i, j]))
  const column = (values: ArrayLike<number>) => Float64Array.from(marks, ({ row }) => values[row]!)
  const weight = new Float64Array(marks.length).fill(1)
  const solved = solveLinearEach(design, 3, [column(images.x), column(images.y)], weight)
  if (solved === undefined) return undefined
  const [x, y] = solved.coefficients as [Float64Array, Float64Array]
  const along: [number, number] = [x[1]!, y[1]!]
  // Few marks in a row may turn it into another grid.
  const turned = Math.hypot(along[0] - before.along[0], along[1] - before.along[1])
  if (turned > 0.1 * Math.hypot(...before.along)) return undefined
  return { x0: x[0]!, y0: y[0]!, along, across: [x[2]!, y[2]!] }
}

/** The marks and, where their arms were detected as images of their own, what lies so near to the nodes. */
function withSplinters(images: PlacedImages, lattice: Lattice, tolerancePx: number): number[] {
  const spacing = Math.hypot(...lattice.along)
  const apart = Array.from(images.order, (row) => {
    const { p, q } = folded(lattice, images.x[row]!, images.y[row]!)
    return { row, px: spacing * Math.hypot(p - Math.round(p), q - Math.round(q)) }
  })
  const share = (innerPx: number, outerPx: number) => (Math.PI * (outerPx ** 2 - innerPx ** 2)) / spacing ** 2
  let [reachPx, innerPx] = [tolerancePx, tolerancePx]
  for (const arm of ARMS) {
    const outerPx = arm * tolerancePx
    if (outerPx > LONGEST_ARM * spacing) break
    const found = apart.filter(({ px }) => px > innerPx && px <= outerPx).length
    const elsewhere = apart.filter(({ px }) => px > outerPx).length
    if (found >= Math.max(LEAST_STREWN, STREWN * elsewhere * share(innerPx, outerPx))) reachPx = outerPx
    innerPx = outerPx
  }
  return apart.filter(({ px }) => px <= reachPx).map(({ row }) => row)
}

function nodesOn({ x0, y0, along, across }: Lattice, width: number, height: number, reach: number): number {
  let nodes = 0
  for (let j = -reach; j <= reach; j++) {
    for (let i = -reach; i <= reach; i++) {
      const x = x0 + i * along[0] + j * across[0]
      const y = y0 + i * along[1] + j * across[1]
      if (x > 1 && y > 1 && x < width && y < height) nodes++
    }
  }
  return nodes
}
