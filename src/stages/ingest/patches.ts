// Paper, tape, holes and cracked-off corners: patches that end within a few cells, all around. A nebula fades out, and so
// does the halo of the brightest star; what remains of the stars is round, and paper is cut straight.

import type { Grid } from './rebate.ts'

/** Patches narrower than this part of the plate's shorter side are left to the artefact filter. */
const MIN_SIDE = 0.02
/** Levels of the cuts, as parts of the way from the sky to the extreme. */
const CUTS = [0.35, 0.7]
/** So far outside of the cut the level must have fallen to this part of the patch's own, over this part of its outline. */
const EDGE_CELLS = 3
const MAX_OUTSIDE_LEVEL = 0.3
const MIN_SHARP_OUTLINE = 0.75
/** Part of its smallest enclosing rectangle that a bright patch fills; a disc fills 0.785. */
const MIN_RECTANGULAR = 0.88

/**
 * 1 for each cell of a sharp-edged patch. `sky` is the level of the sky around each cell, `extremes` the lowest and the
 * highest level that are not single defects. Cells of `rebates` are known already: a label beside a holder is one label.
 */
export function findPatches(
  grid: Grid,
  rebates: Uint8Array,
  sky: Float32Array,
  extremes: [number, number],
  noise: number,
): Uint8Array {
  const found = new Uint8Array(grid.values.length)
  const minCells = (MIN_SIDE * Math.min(grid.columns, grid.rows)) ** 2
  for (const [sign, extreme] of [
    [-1, extremes[0]],
    [1, extremes[1]],
  ] as const) {
    for (const cut of CUTS) {
      const inside = cutOut(grid, rebates, sky, sign, extreme, cut, noise)
      for (const patch of componentsOf(inside, grid, minCells)) {
        if (!isSharp(grid, rebates, sky, patch, inside, sign)) continue
        if (sign > 0 && rectangularity(patch, inside, grid) < MIN_RECTANGULAR) continue
        for (const i of patch) found[i] = 1
      }
    }
  }
  return found
}

function cutOut(
  grid: Grid,
  rebates: Uint8Array,
  sky: Float32Array,
  sign: number,
  extreme: number,
  cut: number,
  noise: number,
): Uint8Array {
  const inside = new Uint8Array(grid.values.length)
  for (let i = 0; i < inside.length; i++) {
    const reach = Math.max(cut * sign * (extreme - sky[i]), 6 * noise)
    if (!rebates[i] && sign * (grid.values[i] - sky[i]) > reach) inside[i] = 1
  }
  return inside
}

/** The sets of cells that touch along a side and number at least `minCells`. */
function componentsOf(inside: Uint8Array, { columns, rows }: Grid, minCells: number): number[][] {
  const seen = new Uint8Array(inside.length)
  const components: number[][] = []
  for (let start = 0; start < inside.length; start++) {
    if (!inside[start] || seen[start]) continue
    const cells = [start]
    seen[start] = 1
    for (let k = 0; k < cells.length; k++) {
      for (const j of neighbours(cells[k], columns, rows)) {
        if (!inside[j] || seen[j]) continue
        seen[j] = 1
        cells.push(j)
      }
    }
    if (cells.length >= minCells) components.push(cells)
  }
  return components
}

function neighbours(i: number, columns: number, rows: number): number[] {
  const x = i % columns
  const y = (i - x) / columns
  const found: number[] = []
  if (x > 0) found.push(i - 1)
  if (x < columns - 1) found.push(i + 1)
  if (y > 0) found.push(i - columns)
  if (y < rows - 1) found.push(i + columns)
  return found
}

/** Whether the level falls off within EDGE_CELLS along the outline; the borders of the scan and of rebates do not count. */
function isSharp(
  grid: Grid,
  rebates: Uint8Array,
  sky: Float32Array,
  patch: number[],
  inside: Uint8Array,
  sign: number,
): boolean {
  const { values, columns, rows } = grid
  let outline = 0
  let sharp = 0
  for (const i of patch) {
    for (const j of neighbours(i, columns, rows)) {
      if (inside[j]) continue
      const step = j - i
      const [far, deep] = [i + EDGE_CELLS * step, i - EDGE_CELLS * step]
      if (!sameLine(i, far, step, columns, rows) || rebates[far]) continue
      const peak = sameLine(i, deep, step, columns, rows) && inside[deep] ? deep : i
      outline++
      const outside = (sign * (values[far] - sky[i])) / (sign * (values[peak] - sky[i]))
      if (outside < MAX_OUTSIDE_LEVEL) sharp++
    }
  }
  return outline > 0 && sharp >= MIN_SHARP_OUTLINE * outline
}

/** Whether a walk from i to j along one row or column stays within the grid. */
function sameLine(i: number, j: number, step: number, columns: number, rows: number): boolean {
  if (j < 0 || j >= columns * rows) return false
  return Math.abs(step) !== 1 || Math.floor(i / columns) === Math.floor(j / columns)
}

/** Area of the patch over that of its smallest enclosing rectangle, turned in steps of 3°. */
function rectangularity(patch: number[], inside: Uint8Array, { columns, rows }: Grid): number {
  const outline = patch.filter((i) => neighbours(i, columns, rows).some((j) => !inside[j]))
  let smallest = Number.POSITIVE_INFINITY
  for (let degrees = 0; degrees < 90; degrees += 3) {
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
    let [u0, u1, v0, v1] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const i of outline) {
      const x = i % columns
      const y = Math.floor(i / columns)
      const [u, v] = [c * x + s * y, c * y - s * x]
      if (u < u0) u0 = u
      if (u > u1) u1 = u
      if (v < v0) v0 = v
      if (v > v1) v1 = v
    }
    smallest = Math.min(smallest, (u1 - u0 + 1) * (v1 - v0 + 1))
  }
  return patch.length / smallest
}
