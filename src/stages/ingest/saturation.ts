// Where the emulsion saturates. The cores of bright stars pile up at one level, where the characteristic curve is flat;
// below it the number of pixels falls with brightness, as the wings of star images do.

const BINS = 64
/** The plateau lies in the upper half of the range above the sky; the valley before it may begin a little lower. */
const PLATEAU_FROM = 0.5
const VALLEY_FROM = 0.3
/** A pile-up: so many times the valley before it, and so many σ of counting above it. */
const MIN_RISE = 1.5
const MIN_RISE_SIGMA = 5

export interface LevelHistogram {
  /** Counts in 64 bins of equal width up to the highest level; the first begins at the sky or a little below. */
  counts: Float64Array
  from: number
  binWidth: number
  top: number
  /** Pixels at the very highest level, and all that were added. */
  atTop: number
  pixels: number
}

/** An empty histogram of the levels above the sky; bins of whole numbers have whole widths, so that none is favoured. */
export function levelHistogram(skyLevel: number, top: number, wholeNumbers: boolean): LevelHistogram {
  const range = Math.max(top - skyLevel, Number.MIN_VALUE)
  const binWidth = wholeNumbers ? Math.max(1, Math.ceil((range + 1) / BINS)) : range / BINS
  const from = wholeNumbers ? Math.floor(top) + 1 - BINS * binWidth : skyLevel
  return { counts: new Float64Array(BINS), from, binWidth, top, atTop: 0, pixels: 0 }
}

/** Adds the levels whose weight is not 0. */
export function addLevels(histogram: LevelHistogram, levels: Float64Array, weights: Float64Array): void {
  const { counts, from, top } = histogram
  const perLevel = 1 / histogram.binWidth
  let [atTop, pixels] = [0, 0]
  for (let i = 0; i < levels.length; i++) {
    if (weights[i] === 0) continue
    pixels++
    const level = levels[i]
    if (level < from) continue
    if (level === top) atTop++
    counts[Math.min(BINS - 1, Math.floor((level - from) * perLevel))]++
  }
  histogram.atTop += atTop
  histogram.pixels += pixels
}

export interface Saturation {
  /** From this level on, on the positive scale, pixels are on the plateau. */
  level: number
  /** False where no plateau was seen: the level is then the highest value. */
  measured: boolean
}

/** Finds the plateau, the highest rise above a valley before it, and in it the level where half of the rise is done. */
export function findSaturation(histogram: LevelHistogram): Saturation {
  const { counts, from, binWidth } = histogram
  let found = { valley: 0, peak: 0, ratio: MIN_RISE }
  for (let k = Math.floor(BINS * VALLEY_FROM), valley = k; k < BINS; k++) {
    if (counts[k] < counts[valley]) valley = k
    const ratio = counts[k] / Math.max(1, counts[valley])
    const sigma = Math.sqrt(counts[k] + counts[valley])
    if (k < BINS * PLATEAU_FROM || ratio < found.ratio) continue
    if (counts[k] - counts[valley] >= MIN_RISE_SIGMA * sigma) found = { valley, peak: k, ratio }
  }
  if (found.peak === 0) return { level: from + BINS * binWidth, measured: false }
  const half = (counts[found.valley] + counts[found.peak]) / 2
  let bin = found.valley
  while (counts[bin] < half) bin++
  return { level: from + bin * binWidth, measured: true }
}
