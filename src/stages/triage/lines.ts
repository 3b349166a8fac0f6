// Elongated images as the scan shows them, not as they were deblended: how long each is at half and at a quarter of its
// height, beyond how wide it is there.
import type { Detections } from '../../detections.ts'
import { median } from '../../math/robust.ts'
import { DEG } from '../../math/sphere.ts'
import { offAxisDeg } from './elongation.ts'
import { sampler } from './sampled.ts'
import type { Sky } from './sky-map.ts'

export interface Line {
  /** Height above the sky, σ of a pixel. */
  sigmas: number
  /** Width across at half its height, px. */
  widthPx: number
  /** Length beyond the width at half and at a quarter of its height, px. */
  halfPx: number
  quarterPx: number
  /** Lowest level between the tops of its two ends, over the lower of these; 1 where there is one top only. */
  dip: number
}

const MOST_LINES = 120
const ALIGNED_DEG = 20
const LEAST_ELLIPTICITY = 0.2
const LEAST_SIGMAS = 4
const FWHM_PER_SIGMA = 2.3548 // of a Gaussian
const GAP_WIDTHS = 1.5 // between two pieces of one line
const MOST_LENGTH_PX = 800
const MOST_WIDTHS = 6

/**
 * @param rows  whole images, the largest first; of those that lie on one line, the first is measured
 * @returns the lines, the brightest for their size first
 */
export function measureLines(d: Detections, rows: Int32Array, angleDeg: number, sky: Sky): Line[] {
  const at = sampler(sky.thumbnail)
  const [c, s] = [Math.cos(angleDeg * DEG), Math.sin(angleDeg * DEG)]
  const aligned = [...rows].filter(
    (i) => offAxisDeg(d, i, angleDeg) < ALIGNED_DEG && d.ellipticity[i]! > LEAST_ELLIPTICITY,
  )
  if (aligned.length === 0) return []
  const usual = median(aligned.slice(0, MOST_LINES).map((i) => FWHM_PER_SIGMA * d.semiMinor[i]!))
  const found: (Line & { x: number; y: number; from: number; to: number })[] = []
  for (const i of aligned) {
    if (found.length >= MOST_LINES) break
    const [x, y] = [d.x[i]!, d.y[i]!]
    const isKnown = found.some((line) => {
      const [dx, dy] = [x - line.x, y - line.y]
      const along = dx * c + dy * s
      return Math.abs(dy * c - dx * s) < usual && along > line.from - usual && along < line.to + usual
    })
    if (isKnown) continue
    const line = measure(
      at,
      { x, y, c, s, background: d.background[i]! },
      {
        width: Math.max(FWHM_PER_SIGMA * d.semiMinor[i]!, 0.7 * usual, sky.thumbnail.cellPx),
        noise: sky.statistics.skyNoise,
        finest: sky.thumbnail.cellPx,
      },
    )
    if (line !== undefined) found.push({ ...line, x, y })
  }
  return found
    .sort((a, b) => brightness(b) - brightness(a))
    .map(({ sigmas, widthPx, halfPx, quarterPx, dip }) => ({ sigmas, widthPx, halfPx, quarterPx, dip }))
}

const brightness = (line: Line): number => line.sigmas * line.widthPx * (line.quarterPx + line.widthPx)

interface Axis {
  x: number
  y: number
  /** Direction cosines. */
  c: number
  s: number
  background: number
}

function measure(
  at: (x: number, y: number) => number,
  { x, y, c, s, background }: Axis,
  { width, noise, finest }: { width: number; noise: number; finest: number },
): (Line & { from: number; to: number }) | undefined {
  const step = Math.max(finest, width / 4)
  /** Mean over a quarter of the width on either side, along and across. */
  const level = (t: number): number => {
    let [sum, count] = [0, 0]
    for (let u = -1; u <= 1; u++) {
      for (let v = -1; v <= 1; v++) {
        const [along, across] = [t + (v * width) / 4, (u * width) / 4]
        const value = at(x + along * c - across * s, y + along * s + across * c)
        if (Number.isNaN(value)) continue
        sum += value
        count++
      }
    }
    return count > 0 ? sum / count - background : Number.NaN
  }
  /** The same without the mean along: a valley between two tops is narrow. */
  const ridge = (t: number): number =>
    [-1, 0, 1].reduce(
      (sum, u) => sum + at(x + t * c - (u * width * s) / 4, y + t * s + (u * width * c) / 4) / 3,
      0,
    ) - background
  const near = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((k) => level(k * step)).filter((v) => !Number.isNaN(v))
  const top = near.length > 0 ? Math.max(...near) : 0
  if (!(top > LEAST_SIGMAS * noise)) return undefined
  const reach = Math.max(MOST_LENGTH_PX / 2, MOST_WIDTHS * width)
  /** Where the level falls below a part of the top for good; undefined where that is not seen. */
  const end = (part: number, way: 1 | -1): number | undefined => {
    let last = 0
    for (let t = 0; t < reach; t += step) {
      const value = level(way * t)
      if (Number.isNaN(value)) return undefined
      if (value > part * top) last = t
      else if (t - last > GAP_WIDTHS * width) return last
    }
    return undefined
  }
  const across = (part: number): number => {
    const side = (way: 1 | -1) => {
      for (let t = 0; t < MOST_WIDTHS * width; t += step / 2) {
        if (!(at(x - way * t * s, y + way * t * c) - background > part * top)) return t
      }
      return MOST_WIDTHS * width
    }
    return side(1) + side(-1)
  }
  const [h0, h1, q0, q1] = [end(0.5, -1), end(0.5, 1), end(0.25, -1), end(0.25, 1)]
  if (h0 === undefined || h1 === undefined || q0 === undefined || q1 === undefined) return undefined
  const widthPx = across(0.5)
  return {
    sigmas: top / noise,
    widthPx,
    halfPx: h0 + h1 - widthPx,
    quarterPx: q0 + q1 - across(0.25),
    dip: dipOf(ridge, -q0, q1, step),
    from: -q0,
    to: q1,
  }
}

/** The deepest valley of a profile: its level over that of the lower of the tops on its two sides. */
function dipOf(level: (t: number) => number, from: number, to: number, step: number): number {
  const count = Math.max(3, Math.round((2 * (to - from)) / step) + 1)
  const values = Array.from({ length: count }, (_, k) => level(from + (k * (to - from)) / (count - 1)))
  const before = runningMost(values)
  const after = runningMost([...values].reverse()).reverse()
  return values.reduce((least, v, k) => Math.min(least, v / Math.min(before[k]!, after[k]!)), 1)
}

function runningMost(values: readonly number[]): number[] {
  let most = Number.NEGATIVE_INFINITY
  return values.map((v) => {
    most = Math.max(most, v)
    return most
  })
}
