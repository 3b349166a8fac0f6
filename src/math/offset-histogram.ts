// Offsets that repeat between images: the histogram of the differences of place and magnitude of all pairs, and where it
// stands out of its own surroundings. Two exposures on one plate make most stars' images repeat at one offset and one step
// of magnitude; a star cluster or a crowded field makes many pairs, but at no offset of its own.

/** Images with their places (px) and magnitudes; `order` has their rows, the brightest first. */
export interface PlacedImages {
  x: ArrayLike<number>
  y: ArrayLike<number>
  mag: ArrayLike<number>
  order: ArrayLike<number>
}

export interface OffsetSearch {
  /** Offsets up to this are looked at, px … */
  reachPx: number
  /** … and from this on: nearer images are one. */
  leastPx: number
  /** Side of the box in which pairs count as repeating, px. */
  boxPx: number
  /** The most images of each list that take part, from the brightest. */
  depth: number
}

export interface OffsetPeak {
  /** From the first image of a pair to the second, px and mag: medians of the pairs. */
  dx: number
  dy: number
  magStep: number
  /** Pairs in the box, and how many its surroundings let expect. */
  pairs: number
  expected: number
  /** log₁₀ of the probability that chance makes such a peak anywhere in the histogram. */
  log10Chance: number
  /** Rows of the images. */
  from: Int32Array
  to: Int32Array
}

/** All pairs of images within reach, sorted into square cells of their offsets. */
export interface OffsetHistogram {
  cellPx: number
  /** Cells on each side of the origin; the histogram has 2·side + 1 rows and columns. */
  side: number
  reachPx: number
  leastPx: number
  /** Pairs of cell k are entries start[k] … start[k + 1] − 1 of the columns. */
  start: Int32Array
  from: Int32Array
  to: Int32Array
  dx: Float32Array
  dy: Float32Array
  dmag: Float32Array
  /** Every pair stands once only, with dx > 0: the other half of the plane is empty. */
  half: boolean
}

const CELLS_PER_BOX = 3

/** @param to null: pairs within one list, each once, dx > 0. */
export function offsetHistogram(
  first: PlacedImages,
  to: PlacedImages | null,
  search: OffsetSearch,
): OffsetHistogram {
  const second = to ?? first
  const { reachPx, leastPx, depth } = search
  const cellPx = search.boxPx / CELLS_PER_BOX
  const side = Math.ceil(reachPx / cellPx) + 1
  const stride = 2 * side + 1
  const rows: number[][] = [[], []] // rows of the images of each pair
  const cells: number[] = []
  // Swept in x: only images within reach of each other are compared.
  const others = Array.from(
    { length: Math.min(depth, second.order.length) },
    (_, k) => second.order[k]!,
  ).sort((a, b) => second.x[a]! - second.x[b]! || a - b)
  const firsts = Array.from({ length: Math.min(depth, first.order.length) }, (_, k) => first.order[k]!).sort(
    (a, b) => first.x[a]! - first.x[b]! || a - b,
  )
  const lowest = to === null ? 0 : -reachPx
  let begin = 0
  for (const a of firsts) {
    const [ax, ay] = [first.x[a]!, first.y[a]!]
    while (begin < others.length && second.x[others[begin]!]! - ax < lowest) begin++
    for (let k = begin; k < others.length; k++) {
      const b = others[k]!
      const dx = second.x[b]! - ax
      if (dx > reachPx) break
      const dy = second.y[b]! - ay
      const apart = Math.hypot(dx, dy)
      if (apart > reachPx || apart < leastPx || (to === null && (dx < 0 || (dx === 0 && dy <= 0)))) continue
      rows[0]!.push(a)
      rows[1]!.push(b)
      cells.push((Math.round(dy / cellPx) + side) * stride + Math.round(dx / cellPx) + side)
    }
  }
  const start = new Int32Array(stride * stride + 1)
  for (const cell of cells) start[cell + 1]!++
  for (let k = 1; k < start.length; k++) start[k]! += start[k - 1]!
  const next = start.slice()
  const n = cells.length
  const found: OffsetHistogram = {
    ...{ cellPx, side, reachPx, leastPx, start, half: to === null },
    ...{ from: new Int32Array(n), to: new Int32Array(n) },
    ...{ dx: new Float32Array(n), dy: new Float32Array(n), dmag: new Float32Array(n) },
  }
  cells.forEach((cell, k) => {
    const at = next[cell]!++
    const [a, b] = [rows[0]![k]!, rows[1]![k]!]
    found.from[at] = a
    found.to[at] = b
    found.dx[at] = second.x[b]! - first.x[a]!
    found.dy[at] = second.y[b]! - first.y[a]!
    found.dmag[at] = second.mag[b]! - first.mag[a]!
  })
  return found
}
