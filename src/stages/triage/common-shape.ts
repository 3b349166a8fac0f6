// The shape that the images of a plate have in common, from the autocorrelation of its pixels in tiles: along which direction
// they are drawn out, how far along and across it. What crosses a few tiles, or turns over the plate, is in no tile's median.
import { DIRECTIONS } from '../../math/autocorrelation.ts'
import { madSigma, median } from '../../math/robust.ts'

export interface CommonShape {
  /** Of the light at these lags, the part that lies along the direction: cos 2φ averaged over directions. */
  drawnOut: number
  /** By how many of its own standard deviations, from the scatter of the tiles, it differs from none. */
  sigmas: number
  /** From +x towards +y, 0 to 180. */
  angleDeg: number
  /** Lags at which the correlation falls to a half, a quarter and an eighth of that of nearest pixels, along and across, px. */
  along: Falls
  across: Falls
  /** By how much the correlation rises again along the direction, over its higher end: there are valleys between images. */
  ripple: number
  tiles: number
}

export interface Falls {
  threeQuarters: number
  half: number
  quarter: number
  eighth: number
}

const MIN_TILES = 4
const WINDOWS = 2.5 // outer over inner radius of a window of lags
const FIRST_PX = 1.9 // nearer lags correlate the grain
const OF_A_MEDIAN = 1.25 // its standard error over that of a mean
const LAST_FWHM = 1.5 // innermost lag of the last window
const LEAST_CORE = 0.3 // of the median
const LEAST_SCATTER = 0.01
const RIPPLES = 0.2 // of the correlation of nearest pixels: what rises less is chance
const FAR = 30 // degrees: directions that far from the common one tell what surrounds it

/**
 * In the window of lags where it is surest; undefined where tiles are too few.
 * @param fwhmPx  width of an image, the unit of lags: what is much wider is no image
 */
export function commonShape(
  tiles: readonly Float32Array[],
  radiiPx: Float64Array,
  fwhmPx: number,
): CommonShape | undefined {
  if (tiles.length < MIN_TILES) return undefined
  const rings = radiiPx.length
  const harmonics = tiles.map((tile) => secondHarmonic(tile, rings))
  const core = radiiPx.findIndex((r) => r >= FIRST_PX)
  const own = harmonics.map(({ mean }) => mean[core]! - mean[rings - 1]!)
  // A tile with next to no image must not count with a large share of its light.
  const least = Math.max(LEAST_CORE * median(own), 1e-9)
  const cores = own.map((value) => Math.max(value, least))
  let best: { drawnOut: number; sigmas: number; angle: number } | undefined
  for (let inner = FIRST_PX; inner < Math.max(2 * FIRST_PX, LAST_FWHM * fwhmPx); inner *= 1.5) {
    const found = inWindow(harmonics, { radiiPx, cores }, inner, inner * WINDOWS)
    if (
      best === undefined ||
      found.drawnOut * Math.min(found.sigmas, 10) > best.drawnOut * Math.min(best.sigmas, 10)
    )
      best = found
  }
  if (best === undefined) return undefined
  const usual = Float64Array.from({ length: tiles[0]!.length }, (_, i) =>
    median(tiles.map((tile) => tile[i]!)),
  )
  return {
    ...best,
    angleDeg: (best.angle * 180) / Math.PI,
    ...falls(usual, radiiPx, best.angle),
    tiles: tiles.length,
  }
}

interface Harmonic {
  mean: Float64Array
  c: Float64Array
  s: Float64Array
}

function secondHarmonic(tile: Float32Array, rings: number): Harmonic {
  const [mean, c, s] = [new Float64Array(rings), new Float64Array(rings), new Float64Array(rings)]
  for (let k = 0; k < DIRECTIONS; k++) {
    const twice = (2 * Math.PI * (k + 0.5)) / DIRECTIONS
    for (let ring = 0; ring < rings; ring++) {
      const value = tile[k * rings + ring]! / DIRECTIONS
      mean[ring]! += value
      c[ring]! += value * Math.cos(twice)
      s[ring]! += value * Math.sin(twice)
    }
  }
  return { mean, c, s }
}

function inWindow(
  harmonics: readonly Harmonic[],
  { radiiPx, cores }: { radiiPx: Float64Array; cores: readonly number[] },
  inner: number,
  outer: number,
) {
  const weight = radiiPx.map((r) => (r < inner || r > outer ? 0 : r))
  const all = weight.reduce((sum, r) => sum + r, 0)
  const part = (values: Float64Array, n: number) =>
    values.reduce((sum, v, ring) => sum + weight[ring]! * v, 0) / (all * cores[n]!)
  const c = harmonics.map((tile, n) => part(tile.c, n))
  const s = harmonics.map((tile, n) => part(tile.s, n))
  const [cc, ss] = [median(c), median(s)]
  const drawnOut = Math.hypot(cc, ss)
  const scatter = Math.max(Math.hypot(madSigma(c), madSigma(s)) / Math.SQRT2, LEAST_SCATTER)
  const turn = Math.atan2(ss, cc) / 2
  return {
    drawnOut,
    sigmas: (drawnOut * Math.sqrt(harmonics.length)) / (OF_A_MEDIAN * scatter),
    angle: turn < 0 ? turn + Math.PI : turn,
    innerPx: inner,
  }
}

function falls(
  usual: Float64Array,
  radiiPx: Float64Array,
  angle: number,
): Pick<CommonShape, 'along' | 'across' | 'ripple'> {
  const rings = radiiPx.length
  const nearest = Math.floor((angle / Math.PI) * DIRECTIONS) % DIRECTIONS
  const value = (k: number, ring: number) => usual[((k + DIRECTIONS) % DIRECTIONS) * rings + ring]!
  const rounds = Float64Array.from({ length: rings }, (_, ring) => {
    const others: number[] = []
    for (let k = 0; k < DIRECTIONS; k++) {
      const off =
        Math.abs(((k - nearest + DIRECTIONS * 1.5) % DIRECTIONS) - DIRECTIONS / 2) * (180 / DIRECTIONS)
      if (off > FAR) others.push(value(k, ring))
    }
    return median(others)
  })
  const floor = median(rounds.subarray(rings - 8))
  const profile = (k: number) =>
    Float64Array.from(
      { length: rings },
      (_, ring) => (value(k - 1, ring) + value(k, ring) + value(k + 1, ring)) / 3 - floor,
    )
  const [along, across] = [profile(nearest), profile(nearest + DIRECTIONS / 2)]
  const core = radiiPx.findIndex((r) => r >= FIRST_PX)
  const top = (along[core]! + across[core]!) / 2
  const of = (p: Float64Array): Falls => ({
    threeQuarters: fallsTo(p, radiiPx, 0.75 * top),
    half: fallsTo(p, radiiPx, top / 2),
    quarter: fallsTo(p, radiiPx, top / 4),
    eighth: fallsTo(p, radiiPx, top / 8),
  })
  return { along: of(along), across: of(across), ripple: rippleOf(along.subarray(core), RIPPLES * top) }
}

function rippleOf(profile: Float64Array, least: number): number {
  let [lowest, most] = [Number.POSITIVE_INFINITY, 0]
  for (const value of profile) {
    lowest = Math.min(lowest, Math.max(value, 0))
    if (value > least) most = Math.max(most, (value - lowest) / value)
  }
  return most
}

/** First radius where the profile is below a level; the last one where it is nowhere. */
function fallsTo(profile: Float64Array, radiiPx: Float64Array, level: number): number {
  const ring = profile.findIndex((v, n) => v < level && radiiPx[n]! > FIRST_PX)
  if (ring < 0) return radiiPx[radiiPx.length - 1]!
  if (ring === 0) return radiiPx[0]!
  const [a, b] = [profile[ring - 1]!, profile[ring]!]
  const part = a > b ? Math.min(1, Math.max(0, (a - level) / (a - b))) : 1
  return radiiPx[ring - 1]! + part * (radiiPx[ring]! - radiiPx[ring - 1]!)
}
