// Rebates and holder shadows: strips along a border of the scan that end in one sharp, straight edge. What lies outside
// of the edge was not exposed with the sky, whatever its level, and however it is stained.

/** A rectangle of numbers, NaN where blank; row 0 first. */
export interface Grid {
  values: Float32Array
  columns: number
  rows: number
}

/** Columns of the grid that make one profile across the edge. */
const STRIP_CELLS = 8
/** Rebates are not wider than this part of the plate. */
const MAX_DEPTH = 0.3
/** Levels are compared over so many cells on each side, GAP cells away from the edge on each side. */
const WINDOW = 7
const GAP = 2
/** Times the pixel noise, and times the change of the sky over as many cells beside the edge. */
const MIN_STEP_NOISE = 4
const MIN_STEP_GRADIENT = 3
/** An edge is a line where this part of the profiles has its step within this distance of it. */
const MIN_ON_LINE = 0.6
const LINE_TOLERANCE_CELLS = 3
/** Plates lie askew in the scanner by less than 6°. */
const MAX_SLOPE = 0.1
/** Glass, rebate and sky can make two edges on one side. */
const MAX_EDGES_PER_SIDE = 3

/** How to walk from each border inwards: index of the cell `along` the border, `depth` cells inside. */
interface Side {
  length: number
  depth: number
  index: (along: number, depth: number) => number
}

function sidesOf({ columns, rows }: Grid): Side[] {
  return [
    { length: columns, depth: rows, index: (a, d) => d * columns + a },
    { length: columns, depth: rows, index: (a, d) => (rows - 1 - d) * columns + a },
    { length: rows, depth: columns, index: (a, d) => a * columns + d },
    { length: rows, depth: columns, index: (a, d) => a * columns + (columns - 1 - d) },
  ]
}

/** 1 for each cell outside of a rebate's edge. `noise` is the σ of a pixel. */
export function findRebates(grid: Grid, noise: number): Uint8Array {
  const outside = new Uint8Array(grid.values.length)
  for (const side of sidesOf(grid)) {
    let start = (_along: number) => 0
    for (let n = 0; n < MAX_EDGES_PER_SIDE; n++) {
      const line = findEdge(grid, side, start, noise)
      if (!line) break
      for (let a = 0; a < side.length; a++) {
        const end = Math.min(side.depth, Math.ceil(line(a)) + 1)
        for (let d = 0; d < end; d++) outside[side.index(a, d)] = 1
      }
      start = (along) => Math.max(0, Math.ceil(line(along)) + 1 + GAP)
    }
  }
  return outside
}

type Line = (along: number) => number

/** The first straight edge beyond `start`, either way up: rebates are darker than the sky, holders may be brighter. */
function findEdge(grid: Grid, side: Side, start: Line, noise: number): Line | undefined {
  const strips = Math.floor(side.length / STRIP_CELLS)
  const profiles = Array.from({ length: strips }, (_, strip) => {
    const along = (strip + 0.5) * STRIP_CELLS - 0.5
    const from = Math.ceil(start(along))
    const profile = profileOf(grid, side, strip, from)
    return { along, from, profile, levels: levelsOf(profile) }
  })
  for (const sign of [1, -1]) {
    const points = profiles.flatMap(({ along, from, profile, levels }) => {
      const depth = stepOf(levels, sign, noise)
      return depth === undefined ? [] : [{ along, depth: from + crossing(profile, levels, depth, sign) }]
    })
    const line = lineThrough(points, strips)
    if (line) return line
  }
  return undefined
}

/** Medians across the strip, from the border inwards. */
function profileOf(grid: Grid, side: Side, strip: number, from: number): Float64Array {
  const depth = Math.floor(side.depth * MAX_DEPTH) + 2 * WINDOW
  const profile = new Float64Array(Math.max(0, Math.min(depth, side.depth) - from))
  const across = new Float64Array(STRIP_CELLS)
  for (let d = 0; d < profile.length; d++) {
    for (let k = 0; k < STRIP_CELLS; k++)
      across[k] = grid.values[side.index(strip * STRIP_CELLS + k, from + d)]
    across.sort() // NaN goes last
    profile[d] = (across[STRIP_CELLS / 2 - 1] + across[STRIP_CELLS / 2]) / 2
  }
  return profile
}

/** Levels of a profile: entry d is the median of the WINDOW cells up to d (of fewer at the border). */
function levelsOf(profile: Float64Array): Float64Array {
  const window = new Float64Array(WINDOW)
  return profile.map((_, d) => {
    const from = Math.max(0, d - WINDOW + 1)
    const count = d + 1 - from
    // Insertion sort: a quarter of a million windows of 7 are sorted, and general sorts take ten times as long.
    for (let n = 0; n < count; n++) {
      const v = profile[from + n]
      if (Number.isNaN(v)) return Number.NaN
      let k = n
      for (; k > 0 && window[k - 1] > v; k--) window[k] = window[k - 1]
      window[k] = v
    }
    return (window[(count - 1) >> 1] + window[count >> 1]) / 2
  })
}

/** Depth of the largest sharp step of this sign (1: brighter inside); undefined where there is none. */
function stepOf(ending: Float64Array, sign: number, noise: number): number | undefined {
  let best: number | undefined
  let bestStep = MIN_STEP_NOISE * noise
  for (let d = GAP; d + 2 * WINDOW + GAP <= ending.length; d++) {
    const inside = ending[d + GAP + WINDOW - 1]
    const step = sign * (inside - ending[d - GAP])
    if (!(step > bestStep)) continue
    const gradient = Math.abs(ending[d + GAP + 2 * WINDOW - 1] - inside)
    if (!(step > MIN_STEP_GRADIENT * gradient)) continue
    bestStep = step
    best = d
  }
  return best
}

/** Where near a step the profile crosses the middle between the levels on its sides: the step itself is seen over WINDOW cells. */
function crossing(profile: Float64Array, ending: Float64Array, depth: number, sign: number): number {
  const middle = (ending[depth - GAP] + ending[depth + GAP + WINDOW - 1]) / 2
  const end = Math.min(profile.length - 1, depth + WINDOW)
  for (let d = Math.max(1, depth - WINDOW); d <= end; d++)
    if (sign * (profile[d] - middle) > 0 && sign * (profile[d - 1] - middle) <= 0) return d - 0.5
  return depth
}

/** The line that most points lie on, if enough do. */
function lineThrough(points: { along: number; depth: number }[], strips: number): Line | undefined {
  const wanted = Math.ceil(strips * MIN_ON_LINE)
  if (points.length < Math.max(3, wanted)) return undefined
  let best: typeof points = []
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 3; j < points.length; j += 3) {
      const slope = (points[j].depth - points[i].depth) / (points[j].along - points[i].along)
      if (Math.abs(slope) > MAX_SLOPE) continue
      const near = points.filter(
        (p) =>
          Math.abs(points[i].depth + slope * (p.along - points[i].along) - p.depth) <= LINE_TOLERANCE_CELLS,
      )
      if (near.length > best.length) best = near
    }
  }
  return best.length < wanted ? undefined : fitLine(best)
}

/** The least-squares line, but each point's own depth beside it: plate holders bulge. */
function fitLine(points: { along: number; depth: number }[]): Line {
  const n = points.length
  const meanA = points.reduce((s, p) => s + p.along, 0) / n
  const meanD = points.reduce((s, p) => s + p.depth, 0) / n
  const cov = points.reduce((s, p) => s + (p.along - meanA) * (p.depth - meanD), 0)
  const variance = points.reduce((s, p) => s + (p.along - meanA) ** 2, 0)
  const own = new Map(points.map((p) => [Math.floor(p.along / STRIP_CELLS), p.depth]))
  return (along) => own.get(Math.floor(along / STRIP_CELLS)) ?? meanD + (cov / variance) * (along - meanA)
}
