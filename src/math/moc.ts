// A part of the sky as HEALPix cells: a multi-order coverage map (IVOA MOC 2.0), kept as ranges of cells of order 12.
import { type Cell, cellCount, FINEST_ORDER, finestRange } from './healpix.ts'

/** Ascending ranges of cells of order 12 that neither touch nor overlap: from the first up to, not including, the end. */
export type Moc = readonly (readonly [first: number, end: number])[]

export const EMPTY_MOC: Moc = []
export const WHOLE_SKY: Moc = [finestRange({ order: 0, pixel: 0 })].map(([first, end]) => [first, 12 * end])

export function mocOfCells(cells: Iterable<Cell>): Moc {
  return joined([...cells].map(finestRange))
}

/** Many cells of one order, ascending: without an object for each of them. */
export function mocOfPixels(order: number, pixels: ArrayLike<number>): Moc {
  const size = finestRange({ order, pixel: 0 })[1]
  const result: [number, number][] = []
  for (let i = 0; i < pixels.length; i++) {
    const first = pixels[i]! * size
    const last = result.at(-1)
    if (last !== undefined && last[1] === first) last[1] = first + size
    else result.push([first, first + size])
  }
  return result
}

export function union(...mocs: Moc[]): Moc {
  return joined(mocs.flat())
}

function joined(ranges: readonly (readonly [number, number])[]): Moc {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  const result: [number, number][] = []
  for (const [first, end] of sorted) {
    const last = result.at(-1)
    if (last !== undefined && first <= last[1]) last[1] = Math.max(last[1], end)
    else if (end > first) result.push([first, end])
  }
  return result
}

/** The part of `moc` that is not in `taken`. */
export function difference(moc: Moc, taken: Moc): Moc {
  const result: [number, number][] = []
  let next = 0
  for (const [first, end] of moc) {
    let from = first
    while (next < taken.length && taken[next]![1] <= from) next++
    for (let k = next; k < taken.length && taken[k]![0] < end; k++) {
      if (taken[k]![0] > from) result.push([from, taken[k]![0]])
      from = Math.max(from, taken[k]![1])
    }
    if (from < end) result.push([from, end])
  }
  return result
}

export function intersection(one: Moc, other: Moc): Moc {
  return difference(one, difference(one, other))
}

/** Whether the whole of a cell lies in the MOC. */
export function covers(moc: Moc, cell: Cell): boolean {
  const [first, end] = finestRange(cell)
  let low = 0
  let high = moc.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (moc[middle]![1] < end) low = middle + 1
    else high = middle
  }
  const range = moc[low]
  return range !== undefined && range[0] <= first && end <= range[1]
}

/** Share of the sky, 0 to 1. */
export function skyShare(moc: Moc): number {
  const all = WHOLE_SKY[0]![1]
  return moc.reduce((sum, [first, end]) => sum + end - first, 0) / all
}

/** The fewest cells that make up the MOC, ascending on the sky. */
export function cellsOf(moc: Moc): Cell[] {
  const cells: Cell[] = []
  for (const [first, end] of moc) {
    let at = first
    while (at < end) {
      let depth = 0 // below FINEST_ORDER
      while (depth < FINEST_ORDER && at % 4 ** (depth + 1) === 0 && at + 4 ** (depth + 1) <= end) depth++
      cells.push({ order: FINEST_ORDER - depth, pixel: at / 4 ** depth })
      at += 4 ** depth
    }
  }
  return cells
}

/** The string form of MOC 2.0, §4.3.2: `5/1-3,8 6/120 12/`. */
export function mocText(moc: Moc): string {
  const byOrder = new Map<number, number[]>()
  for (const { order, pixel } of cellsOf(moc)) {
    const pixels = byOrder.get(order)
    if (pixels === undefined) byOrder.set(order, [pixel])
    else pixels.push(pixel)
  }
  const parts = [...byOrder].sort(([a], [b]) => a - b).map(([order, pixels]) => `${order}/${runs(pixels)}`)
  // The standard ends with the finest order of the map, be it empty.
  return [...parts, ...(byOrder.has(FINEST_ORDER) ? [] : [`${FINEST_ORDER}/`])].join(' ')
}

function runs(pixels: number[]): string {
  const found: [number, number][] = []
  for (const pixel of pixels) {
    const last = found.at(-1)
    if (last !== undefined && pixel === last[1] + 1) last[1] = pixel
    else found.push([pixel, pixel])
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
}

/** Reads the string form; undefined where it is none, or names cells that do not exist or are finer than order 12. */
export function parseMoc(text: string): Moc | undefined {
  const cells: [number, number][] = []
  let order: number | undefined
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const match = /^(?:(\d{1,2})\/)?(?:(\d+)(?:-(\d+))?)?$/.exec(word)
    if (match === null) return undefined
    if (match[1] !== undefined) order = Number(match[1])
    if (match[2] === undefined) continue // an order without cells, be it finer than ours
    if (order === undefined || order > FINEST_ORDER) return undefined
    const first = Number(match[2])
    const last = Number(match[3] ?? first)
    if (last < first || last >= cellCount(order)) return undefined
    cells.push([finestRange({ order, pixel: first })[0], finestRange({ order, pixel: last })[1]])
  }
  return joined(cells)
}
