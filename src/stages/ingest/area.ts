// The usable area of a scan: a grid of blocks, each exposed emulsion or not. Made on the thumbnail of the survey.

import { median, quantile } from '../../math/robust.ts'
import { findPatches } from './patches.ts'
import { findRebates, type Grid } from './rebate.ts'
import { CELLS_PER_BLOCK, type Survey } from './survey.ts'

/** Why a block is not used; 0 where it is. */
export const CAUSES = ['usable', 'blank', 'clipped', 'rebate', 'patch'] as const

export interface UsableArea {
  blockPx: number
  columns: number
  rows: number
  /** 1 for each block of exposed emulsion, row by row, the first stored rows first. */
  usable: Uint8Array
  /** Index into CAUSES for each block. */
  cause: Uint8Array
  /** Part of the scan's area that is usable. */
  fraction: number
}

export interface AreaFinding {
  area: UsableArea
  /** Level of the sky around each block, on the positive scale. */
  skyAround: Float64Array
  /** Medians over the usable blocks, on the positive scale. */
  skyLevel: number
  skyNoise: number
}

/** A block is left out where this part of its cells is. */
const MAX_BAD_CELLS = 0.1
/** Blocks with this part of their pixels at the lowest level are clipped: grain does not leave so many alike. */
const MAX_CLIPPED_CELLS = 0.5
/** Cells that the extreme levels are taken from. */
const EXTREMES_SAMPLE = 100_000
/** Radius of the neighbourhood whose median is the sky of a block. */
const SKY_RADIUS_BLOCKS = 6

/** Finds it. `invert`: the scan is a negative. */
export function findArea(survey: Survey, invert: boolean): AreaFinding {
  const grid = positiveGrid(survey, invert)
  const blockSky = blockMedians(grid, survey)
  const noise = medianOf(survey.blockNoise)
  const cause = new Uint8Array(blockSky.length)
  const mark = (cells: Uint8Array | ((i: number) => boolean), limit: number, code: number) => {
    const parts = badParts(survey, cells)
    for (let b = 0; b < cause.length; b++) if (cause[b] === 0 && parts[b] >= limit) cause[b] = code
  }
  mark((i) => Number.isNaN(grid.values[i]), MAX_CLIPPED_CELLS, 1)
  const floor = invert ? 0 : survey.min
  mark((i) => grid.values[i] === floor, MAX_CLIPPED_CELLS, 2)
  markConstant(cause, grid, survey, blockSky)
  const rebates = findRebates(grid, noise)
  mark(rebates, MAX_BAD_CELLS, 3)
  const skyAround = smoothedSky(survey, blockSky, cause)
  const step = Math.ceil(grid.values.length / EXTREMES_SAMPLE)
  const sample = grid.values.filter((v, i) => i % step === 0 && !Number.isNaN(v))
  if (sample.length > 0) {
    const extremes: [number, number] = [quantile(sample, 0.0005), quantile(sample, 0.9995)]
    mark(findPatches(grid, rebates, cellSky(survey, skyAround), extremes, noise), MAX_BAD_CELLS, 4)
  }
  const usable = cause.map((code) => (code === 0 ? 1 : 0))
  return {
    area: {
      blockPx: survey.blockPx,
      columns: survey.blockColumns,
      rows: survey.blockRows,
      usable,
      cause,
      fraction: areaFraction(survey, usable),
    },
    skyAround,
    skyLevel: medianOf(blockSky.filter((_, b) => usable[b])),
    skyNoise: medianOf(survey.blockNoise.filter((_, b) => usable[b])),
  }
}

function positiveGrid(survey: Survey, invert: boolean): Grid {
  const values = invert ? survey.cells.map((v) => survey.max - v) : survey.cells
  return { values, columns: survey.cellColumns, rows: survey.cellRows }
}

function medianOf(values: Float64Array): number {
  return median(values.filter((v) => !Number.isNaN(v)))
}

/** Blocks of one single value that are darker than the sky: filled in by a program, or cut off by the scanner. */
function markConstant(cause: Uint8Array, grid: Grid, survey: Survey, blockSky: Float64Array): void {
  const sky = medianOf(blockSky)
  for (let block = 0; block < cause.length; block++) {
    if (cause[block] !== 0 || !(blockSky[block] < sky)) continue
    let isConstant = true
    forCells(survey, block, (i) => {
      if (grid.values[i] !== blockSky[block]) isConstant = false
    })
    if (isConstant) cause[block] = 2
  }
}

/** Calls back with every cell of a block. */
function forCells(survey: Survey, block: number, each: (cell: number) => void): void {
  const column = block % survey.blockColumns
  const row = (block - column) / survey.blockColumns
  const yEnd = Math.min(survey.cellRows, (row + 1) * CELLS_PER_BLOCK)
  const xEnd = Math.min(survey.cellColumns, (column + 1) * CELLS_PER_BLOCK)
  for (let y = row * CELLS_PER_BLOCK; y < yEnd; y++)
    for (let x = column * CELLS_PER_BLOCK; x < xEnd; x++) each(y * survey.cellColumns + x)
}

function blockMedians(grid: Grid, survey: Survey): Float64Array {
  const levels: number[] = []
  return Float64Array.from({ length: survey.blockColumns * survey.blockRows }, (_, block) => {
    levels.length = 0
    forCells(survey, block, (i) => {
      if (!Number.isNaN(grid.values[i])) levels.push(grid.values[i])
    })
    return levels.length > 0 ? median(levels) : Number.NaN
  })
}

function badParts(survey: Survey, cells: Uint8Array | ((i: number) => boolean)): Float64Array {
  const isBad = typeof cells === 'function' ? cells : (i: number) => cells[i] === 1
  return Float64Array.from({ length: survey.blockColumns * survey.blockRows }, (_, block) => {
    let [bad, count] = [0, 0]
    forCells(survey, block, (i) => {
      count++
      if (isBad(i)) bad++
    })
    return count === 0 ? 1 : bad / count
  })
}

/** The sky around each block: the median of the blocks around it that are still in use, else of all that are. */
function smoothedSky(survey: Survey, blockSky: Float64Array, cause: Uint8Array): Float64Array {
  const { blockColumns, blockRows } = survey
  const overall = medianOf(blockSky.filter((_, b) => cause[b] === 0))
  const levels: number[] = []
  return blockSky.map((_, block) => {
    const column = block % blockColumns
    const row = (block - column) / blockColumns
    levels.length = 0
    const [top, bottom] = [
      Math.max(0, row - SKY_RADIUS_BLOCKS),
      Math.min(blockRows - 1, row + SKY_RADIUS_BLOCKS),
    ]
    const [left, right] = [
      Math.max(0, column - SKY_RADIUS_BLOCKS),
      Math.min(blockColumns - 1, column + SKY_RADIUS_BLOCKS),
    ]
    for (let r = top; r <= bottom; r++)
      for (let c = left; c <= right; c++) {
        const b = r * blockColumns + c
        if (cause[b] === 0 && !Number.isNaN(blockSky[b])) levels.push(blockSky[b])
      }
    return levels.length > 0 ? median(levels) : overall
  })
}

function cellSky(survey: Survey, skyAround: Float64Array): Float32Array {
  const sky = new Float32Array(survey.cells.length)
  for (let block = 0; block < skyAround.length; block++)
    forCells(survey, block, (i) => {
      sky[i] = skyAround[block]
    })
  return sky
}

function areaFraction(survey: Survey, usable: Uint8Array): number {
  let pixels = 0
  for (let block = 0; block < usable.length; block++) {
    if (!usable[block]) continue
    const column = block % survey.blockColumns
    const row = (block - column) / survey.blockColumns
    const { blockPx, width, height } = survey
    pixels += Math.min(blockPx, width - column * blockPx) * Math.min(blockPx, height - row * blockPx)
  }
  return pixels / (survey.width * survey.height)
}
