// A tile of the scan, binned so that star images are a few pixels wide in it, and how far its pixels stand above the
// ring around them.

export interface Tile {
  values: Float64Array
  width: number
  height: number
}

/** Radius of the ring that must be sky, binned pixels: twice the FWHM of a star at its best binning. */
export const RING_RADIUS = 6
/** Samples of the ring whose median is the sky. */
const RING_SAMPLES = 16

/** The mean of binning × binning pixels, of a tile that begins at column x0 of `rows`. */
export function binTile(
  rows: Float64Array,
  rowLength: number,
  x0: number,
  columnCount: number,
  rowCount: number,
  binning: number,
): Tile {
  const width = Math.floor(columnCount / binning)
  const height = Math.floor(rowCount / binning)
  const values = new Float64Array(width * height)
  const weight = 1 / (binning * binning)
  for (let y = 0; y < height * binning; y++) {
    const from = y * rowLength + x0
    const to = Math.floor(y / binning) * width
    for (let x = 0; x < width * binning; x++) values[to + Math.floor(x / binning)] += rows[from + x] * weight
  }
  return { values, width, height }
}

/** Pixels of a ring about the origin, without repetition. */
export function ringOf(samples: number): [dx: number, dy: number][] {
  const seen = new Map<string, [number, number]>()
  for (let k = 0; k < samples; k++) {
    const angle = (2 * Math.PI * k) / samples
    const pixel: [number, number] = [
      Math.round(RING_RADIUS * Math.cos(angle)),
      Math.round(RING_RADIUS * Math.sin(angle)),
    ]
    seen.set(pixel.join(), pixel)
  }
  return [...seen.values()]
}

const RING = ringOf(RING_SAMPLES)

/** How far pixel i of a tile stands above the median of its ring. */
export function ringContrast({ values, width }: Tile): (i: number) => number {
  const offsets = RING.map(([dx, dy]) => dy * width + dx)
  const ring = new Float64Array(RING_SAMPLES)
  return (i) => {
    for (let k = 0; k < RING_SAMPLES; k++) ring[k] = values[i + offsets[k]]
    ring.sort()
    return values[i] - (ring[RING_SAMPLES / 2 - 1] + ring[RING_SAMPLES / 2]) / 2
  }
}

/** That contrast on a grid of about `count` pixels; blank ones are left out. */
export function sampleContrast(tile: Tile, contrast: (i: number) => number, count: number): number[] {
  const { width, height } = tile
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / count)))
  const samples: number[] = []
  for (let y = RING_RADIUS; y < height - RING_RADIUS; y += step) {
    for (let x = RING_RADIUS; x < width - RING_RADIUS; x += step) {
      const value = contrast(y * width + x)
      if (!Number.isNaN(value)) samples.push(value)
    }
  }
  return samples
}
