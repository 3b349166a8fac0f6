// One measurement: a file read to its end, or sorted into tiles as an import does it; the rate, and the memory of the process.
import { basename } from 'node:path'
import { coverageCounter } from '../../src/catalog/import/coverage-estimate.ts'
import { spillRows } from '../../src/catalog/import/spill.ts'
import { newTally, readStarBatches } from '../../src/catalog/import/star-batches.ts'
import { finestCells, MAX_TILE_ROWS } from '../../src/catalog/store/rows.ts'

export interface Measured {
  file: string
  what: string
  rows: number
  seconds: number
  /** Of the processor, all threads: less than `seconds` where the machine had other work, more where threads ran at once. */
  cpuSeconds: number
  peakMegabytes: number
  tiles: number | null
}

export async function measure(what: 'read' | 'sort', path: string, workDir: string): Promise<Measured> {
  const started = performance.now()
  const tally = newTally()
  const batches = readStarBatches(path, {}, tally)
  let tiles: number | null = null
  if (what === 'read') {
    for await (const _ of batches);
  } else {
    tiles = 0
    const coverage = coverageCounter()
    const cellsOf: typeof finestCells = (stars) => {
      const cells = finestCells(stars)
      coverage.add(stars, cells)
      return cells
    }
    const sorted = spillRows(batches, { dir: workDir, cellsOf, maxTileRows: MAX_TILE_ROWS })
    for await (const _ of sorted) tiles++
    coverage.estimate()
  }
  const { user, system } = process.cpuUsage()
  return {
    file: basename(path).replace(/^.*?-.*?-/, ''),
    what,
    rows: tally.rows,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    tiles,
  }
}

export function asTable(figures: readonly Measured[]): string {
  const lines = figures.map(({ file, what, rows, seconds, cpuSeconds, peakMegabytes, tiles }) => {
    const cells = [
      file,
      what === 'read' ? 'read' : `read and sort into ${tiles} tiles`,
      rows.toLocaleString('en'),
    ]
    for (const took of [cpuSeconds, seconds]) cells.push(rounded(rows / took).toLocaleString('en'))
    cells.push(cpuSeconds.toFixed(1), seconds.toFixed(1))
    return `| ${[...cells, peakMegabytes.toFixed(0)].join(' | ')} |`
  })
  return [
    '| file | what | rows | rows/s of one core | rows/s as it ran | seconds of CPU | seconds | peak memory, MB |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

const rounded = (rate: number): number => Math.round(rate / 1000) * 1000
