// A second pattern: one offset and one step of magnitude at which images that were not matched repeat those that were.
// Found as a cell of the histogram of offsets that stands out of its own surroundings.
import KDBush from 'kdbush'
import { median } from '../math/robust.ts'
import { negativeBinomialTail } from '../stages/match/chance.ts'

export interface Image {
  /** Row of the detections. */
  row: number
  x: number
  y: number
  mag: number
}

export interface PatternSearch {
  /** Offsets that are looked at, px. */
  leastPx: number
  reachPx: number
  /** Side of the square in which offsets count as one, px. */
  boxPx: number
  width: number
  height: number
  /** Images fainter than this are not all found. */
  faintestMag: number
}

export interface Pattern {
  /** From a matched image to the other, px and mag. */
  dx: number
  dy: number
  magStep: number
  /** Pairs, one to one, and those that the surroundings of the offset let expect. */
  pairs: number
  expected: number
  /** Matched images whose second image would lie on the plate and be bright enough. */
  possible: number
  /** Of a chance pattern anywhere in the search. */
  probability: number
  from: Image[]
  to: Image[]
}

/** The ghosts of a Pickering wedge show beside the brightest stars alone: these many are asked at a time. */
const DEPTHS = [30, 100, 300, 1000]
const MOST_PARTNERS = 6000
const STEPS = { least: -4, most: 8 } // mag
const STEP_WINDOW = 1.2 // mag: faint images scatter by half of it
const SURROUNDINGS = 6 // cells about an offset that tell what chance gives
const RING_CELLS = (2 * SURROUNDINGS + 1) ** 2 - 25
const MIN_PAIRS = 6
const LIKELY = 30 // cells per depth that are looked at closely
const MAX_PROBABILITY = 1e-4

/** The strongest pattern; undefined where chance may have made it. */
export function repeatedImages(
  matched: readonly Image[],
  others: readonly Image[],
  search: PatternSearch,
): Pattern | undefined {
  const base = [...matched].sort((a, b) => a.mag - b.mag || a.row - b.row)
  const partners = [...others].sort((a, b) => a.mag - b.mag || a.row - b.row).slice(0, MOST_PARTNERS)
  if (base.length < MIN_PAIRS || partners.length < MIN_PAIRS) return undefined
  const tree = new KDBush(partners.length)
  for (const { x, y } of partners) tree.add(x, y)
  tree.finish()
  const depths = DEPTHS.filter((_, k) => k === 0 || DEPTHS[k - 1]! < base.length)
  let best: Pattern | undefined
  for (const depth of depths) {
    const own = base.slice(0, depth)
    const { cells, cellPx, trials } = likelyCells(own, partners, search)
    for (const { i, j } of cells) {
      const found = patternAt({ x: i * cellPx, y: j * cellPx }, cellPx, own, partners, tree, search)
      if (found === undefined) continue
      const probability = Math.min(1, found.probability * trials * depths.length)
      if (probability < (best?.probability ?? MAX_PROBABILITY)) best = { ...found, probability }
    }
  }
  return best
}

/** The cells of the histogram that stand out most, whatever the steps of magnitude in them. */
function likelyCells(base: readonly Image[], partners: readonly Image[], search: PatternSearch) {
  const { reachPx, leastPx } = search
  const cellPx = search.boxPx / 3
  const searched = Math.ceil(reachPx / cellPx)
  const side = searched + SURROUNDINGS + 1
  const stride = 2 * side + 1
  const counts = new Uint16Array(stride * stride)
  const limit = side * cellPx
  // Swept in x: only images within reach of each other are compared.
  const inX = (images: readonly Image[]) => [...images].sort((a, b) => a.x - b.x || a.row - b.row)
  const ordered = inX(partners)
  let begin = 0
  for (const a of inX(base)) {
    while (begin < ordered.length && ordered[begin]!.x - a.x < -limit) begin++
    for (let k = begin; k < ordered.length; k++) {
      const b = ordered[k]!
      const dx = b.x - a.x
      if (dx > limit) break
      const dy = b.y - a.y
      if (dy > limit || dy < -limit || a.row === b.row) continue
      counts[(Math.round(dy / cellPx) + side) * stride + Math.round(dx / cellPx) + side]!++
    }
  }
  const sumAt = squareSums(counts, stride)
  const cells: { i: number; j: number; excess: number }[] = []
  let trials = 0
  for (let j = -searched; j <= searched; j++) {
    for (let i = -searched; i <= searched; i++) {
      const distance = Math.hypot(i, j) * cellPx
      if (distance > reachPx || distance < leastPx) continue
      trials++
      if (counts[(j + side) * stride + i + side] === 0) continue
      const found = sumAt(i + side, j + side, 1)
      if (found < MIN_PAIRS) continue
      const ring = sumAt(i + side, j + side, SURROUNDINGS) - sumAt(i + side, j + side, 2)
      const expected = (9 * ring) / RING_CELLS
      cells.push({ i, j, excess: (found - expected) / Math.sqrt(expected + 0.5) })
    }
  }
  cells.sort((a, b) => b.excess - a.excess || a.j - b.j || a.i - b.i)
  const windows = (STEPS.most - STEPS.least) / (STEP_WINDOW / 2)
  return { cells: cells.slice(0, LIKELY), cellPx, trials: trials * windows }
}

/** The pairs at one offset that agree in their step of magnitude; undefined where there are too few. */
function patternAt(
  at: { x: number; y: number },
  cellPx: number,
  base: readonly Image[],
  partners: readonly Image[],
  tree: KDBush,
  { width, height, faintestMag, leastPx }: PatternSearch,
): Pattern | undefined {
  const around = (from: Image, offset: { x: number; y: number }, half: number) => {
    const [x, y] = [from.x + offset.x, from.y + offset.y]
    return tree.range(x - half, y - half, x + half, y + half).map((k) => {
      const to = partners[k]!
      return { from, to, step: to.mag - from.mag, dx: to.x - from.x, dy: to.y - from.y }
    })
  }
  type Pair = ReturnType<typeof around>[number]
  const half = 1.5 * cellPx
  const near = (offset: { x: number; y: number }) => base.flatMap((image) => around(image, offset, half))
  const middleOf = (pairs: readonly Pair[]) => ({
    x: median(pairs.map((p) => p.dx)),
    y: median(pairs.map((p) => p.dy)),
  })
  const inWindow = (pairs: readonly Pair[]) =>
    densestWindow(pairs.filter(({ step }) => STEPS.least <= step && step <= STEPS.most))
  let offset = at
  let members = inWindow(near(offset))
  if (members.length < MIN_PAIRS) return undefined
  offset = middleOf(members)
  members = inWindow(near(offset))
  if (members.length < MIN_PAIRS || Math.hypot(offset.x, offset.y) < leastPx) return undefined
  const magStep = median(members.map((p) => p.step))
  const from = [...new Set(members.map((p) => p.from))]
  const to = [...new Set(members.map((p) => p.to))]
  const pairs = Math.min(from.length, to.length)
  const alike = (p: Pair) => Math.abs(p.step - magStep) <= STEP_WINDOW / 2
  // Not the pairs at the opposite offset, which are the same ones from the other side.
  let ring = 0
  for (const image of base) {
    for (const p of around(image, offset, (SURROUNDINGS + 0.5) * cellPx)) {
      const off = Math.max(Math.abs(p.dx - offset.x), Math.abs(p.dy - offset.y))
      const mirrored = Math.max(Math.abs(p.dx + offset.x), Math.abs(p.dy + offset.y))
      if (Math.min(off, mirrored) > 2.5 * cellPx && alike(p)) ring++
    }
  }
  const shape = ring + 0.5
  const expected = (9 * shape) / RING_CELLS
  const probability = negativeBinomialTail(pairs, expected, shape)
  const possible = base.filter((image) => {
    const [x, y] = [image.x + offset.x, image.y + offset.y]
    return x > 0 && y > 0 && x <= width && y <= height && image.mag + magStep <= faintestMag
  }).length
  const { x: dx, y: dy } = offset
  return { dx, dy, magStep, pairs, expected, possible, probability, from, to }
}

/** The most pairs whose steps of magnitude lie within one window. */
function densestWindow<P extends { step: number }>(pairs: readonly P[]): P[] {
  const ordered = [...pairs].sort((a, b) => a.step - b.step)
  let [best, most] = [0, 0]
  let end = 0
  ordered.forEach((first, k) => {
    while (end < ordered.length && ordered[end]!.step - first.step <= STEP_WINDOW) end++
    if (end - k > most) [best, most] = [k, end - k]
  })
  return ordered.slice(best, best + most)
}

/** Sums over squares of cells about a cell, from one table of sums. */
function squareSums(counts: Uint16Array, stride: number) {
  const wide = stride + 1
  const table = new Float64Array(wide * wide)
  for (let y = 0; y < stride; y++) {
    let row = 0
    for (let x = 0; x < stride; x++) {
      row += counts[y * stride + x]!
      table[(y + 1) * wide + x + 1] = table[y * wide + x + 1]! + row
    }
  }
  const at = (x: number, y: number) => table[y * wide + x]!
  return (column: number, row: number, radius: number): number => {
    const [x0, x1] = [Math.max(0, column - radius), Math.min(stride, column + radius + 1)]
    const [y0, y1] = [Math.max(0, row - radius), Math.min(stride, row + radius + 1)]
    return at(x1, y1) - at(x0, y1) - at(x1, y0) + at(x0, y0)
  }
}
