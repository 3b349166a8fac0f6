// Lines of one direction and one length, all over the plate: trails and spectra are alike, scratches, hairs and blends are not.
// A few of them among thousands of specks and round images are seen that no average over the plate would show.
import { HALF, type LineImage } from '../../image-extents.ts'
import type { TileCorrelations } from '../../image-tiles.ts'
import { log10Poisson } from '../../math/poisson.ts'
import { median } from '../../math/robust.ts'

export interface SameLines {
  lines: LineImage[]
  /** To be expected by chance, from lines as long in other directions. */
  expected: number
  /** Of so many by chance, for any direction and length. */
  log10Chance: number
  angleDeg: number
  /** Pixels of their lengths and widths, px of the scan. */
  binPx: number
}

const MOST_CHANCE = -6 // log₁₀: an archive has a million plates
const ENOUGH = 8 // lines: fewer are looked for in binned pixels too
const ALIKE_DEG = 7
const OTHER_DEG = 20
const ALIKE_LENGTH = 0.25 // of ln of what they are longer than wide
const LEAST_PER_HALF = 0.15
/** A pair of faint blends in a row is hardly longer than wide. */
const LONGER = 1.4

/** How far a line is from being round, whatever its brightness: its length less its width. */
export const excess = (line: LineImage, level: number = HALF): number =>
  line.length[level]! - line.width[level]!

/** Angle between two directions, 0 to 90. */
export const between = (a: number, b: number): number => Math.abs(((((a - b) % 180) + 270) % 180) - 90)

/** @param near  directions asked for; all where it is not given */
export function sameLines(
  correlations: readonly TileCorrelations[],
  near?: { angleDeg: number; withinDeg: number },
): SameLines | undefined {
  const found = correlations
    .map(({ lines, binPx }) => surest(lines, binPx, near))
    .filter((one) => one !== undefined)
    .filter(({ log10Chance }) => log10Chance < MOST_CHANCE)
  return (
    found.find(({ lines }) => lines.length >= ENOUGH) ??
    found.sort((a, b) => b.lines.length - a.lines.length)[0]
  )
}

function surest(
  images: readonly LineImage[],
  binPx: number,
  near: { angleDeg: number; withinDeg: number } | undefined,
): SameLines | undefined {
  const long = images.filter((line) => line.length[HALF]! > LONGER * line.width[HALF]!)
  const logs = new Map(long.map((line) => [line, Math.log(excess(line))]))
  let best: SameLines | undefined
  for (const first of long) {
    const { angleDeg } = first
    if (near !== undefined && between(angleDeg, near.angleDeg) > near.withinDeg) continue
    const asLong = long.filter((line) => Math.abs(logs.get(line)! - logs.get(first)!) < ALIKE_LENGTH)
    const lines = asLong.filter((line) => between(line.angleDeg, angleDeg) < ALIKE_DEG)
    const others = asLong.filter((line) => between(line.angleDeg, angleDeg) > OTHER_DEG).length
    const expected = ((others + 1) * ALIKE_DEG) / (90 - OTHER_DEG)
    // The first one is given; any may be it.
    const log10Chance = log10Poisson(lines.length - 1, expected) + Math.log10(long.length)
    if (best === undefined || log10Chance < best.log10Chance)
      best = { lines, expected, log10Chance, angleDeg, binPx }
  }
  if (best === undefined) return undefined
  const { lines, angleDeg } = best
  const off = median(lines.map((line) => ((line.angleDeg - angleDeg + 270) % 180) - 90))
  return { ...best, angleDeg: (angleDeg + off + 180) % 180 }
}

/** Not of one corner or patch only, and not of opposite corners, where images are drawn out along the radius. */
export function areSpread(lines: readonly LineImage[], width: number, height: number): boolean {
  const least = LEAST_PER_HALF * lines.length
  const isEnough = (belongs: (u: number, v: number) => boolean) =>
    lines.filter(({ x, y }) => belongs((2 * x) / width - 1, (2 * y) / height - 1)).length >= least
  const halves = [
    (u: number) => u < 0,
    (u: number) => u > 0,
    (_: number, v: number) => v < 0,
    (_: number, v: number) => v > 0,
  ]
  return halves.every(isEnough) && isEnough((u, v) => Math.max(Math.abs(u), Math.abs(v)) < Math.SQRT1_2)
}
