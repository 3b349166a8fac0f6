// A horizontal strip of the plate while it is made: planes of light and of marks, drawn into by stars and damage.

/** Rows y0 … y0 + rows − 1 of the scan, counted from 0; planes are stored row by row. */
export interface Strip {
  width: number
  y0: number
  rows: number
}

/** First and last row (from 0, inclusive) that something touches. */
export interface RowSpan {
  top: number
  bottom: number
}

const STRIP_PIXELS = 2_000_000 // five Float32 planes of this size stay below 50 MB

/** The strips of a plate, top to bottom in the order of the stored rows. */
export function stripsOf(width: number, height: number): Strip[] {
  const rows = Math.max(16, Math.floor(STRIP_PIXELS / width))
  const strips: Strip[] = []
  for (let y0 = 0; y0 < height; y0 += rows) strips.push({ width, y0, rows: Math.min(rows, height - y0) })
  return strips
}

/** For each strip, which of the things touch it: their indices, in their own order. */
export function assignToStrips(strips: readonly Strip[], things: readonly RowSpan[]): number[][] {
  const lists: number[][] = strips.map(() => [])
  const rows = strips[0]?.rows ?? 1
  things.forEach((thing, index) => {
    const first = Math.max(0, Math.floor(thing.top / rows))
    const last = Math.min(strips.length - 1, Math.floor(thing.bottom / rows))
    for (let k = first; k <= last; k++) lists[k]!.push(index)
  })
  return lists
}

/** The part of a box (pixels from 0, inclusive) that lies on the strip; empty when x1 < x0 or y1 < y0. */
export function clipBox(strip: Strip, left: number, right: number, top: number, bottom: number) {
  return {
    x0: Math.max(0, Math.ceil(left)),
    x1: Math.min(strip.width - 1, Math.floor(right)),
    y0: Math.max(strip.y0, Math.ceil(top)),
    y1: Math.min(strip.y0 + strip.rows - 1, Math.floor(bottom)),
  }
}
