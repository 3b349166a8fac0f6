// The images that the plate's shape is learnt from: alone, round like most, of all brightnesses.

import type { Detections } from '../../../detections.ts'
import { SEX_FLAG } from '../../../detections.ts'
import { columnTree } from '../../../math/place-tree.ts'
import { quantile } from '../../../math/robust.ts'

const BINS = 8 // of equal width in magnitude
const PER_BIN = 8
const LEAST_SNR = 15
/** What counts as alone, from what is wanted to what a crowded field has: windows, in their full radius, and neighbours. */
const ALONE = [
  { reach: 1, harmless: 0.01 },
  { reach: 0.7, harmless: 0.03 },
  { reach: 0.5, harmless: 0.1 },
]
const ENOUGH = 30
const ROUNDER_THAN = 0.6 // quantile of ellipticity

/** Widths: no window reaches farther. */
export const WIDEST_SAMPLE = 9

/** Radius of the window around an image, px: out to the isophote and two widths beyond. */
function sampleRadius(d: Detections, i: number, fwhmPx: number): number {
  const isophote = Math.sqrt(d.isoAreaPx[i]! / Math.PI)
  return Math.min(Math.max(isophote + 2 * fwhmPx, 3.5 * fwhmPx), WIDEST_SAMPLE * fwhmPx)
}

export interface SampleImage {
  row: number
  /** Of its window, px. */
  radius: number
}

/** Where a star has another image, px. */
type Offset = Readonly<{ dx: number; dy: number }>

/**
 * The sample, in the order of its light within each bin.
 *
 * @param companions  where every star has another image: those are no neighbours, and make blends long
 */
export function chooseSample(
  d: Detections,
  fwhmPx: number,
  companions: readonly Offset[] = [],
): SampleImage[] {
  if (d.length === 0) return []
  const tree = columnTree(d.x, d.y)
  const own = ownImages(d, fwhmPx, companions)
  const measured = Array.from({ length: d.length }, (_, i) => i).filter(
    (i) =>
      (d.sexFlags[i]! & SEX_FLAG.truncated) === 0 &&
      d.flagsWin[i] === 0 &&
      d.snrWin[i]! > LEAST_SNR &&
      d.fluxAuto[i]! > 0 &&
      d.fwhm[i]! > 0.7 * fwhmPx &&
      !own.isCompanion(i) &&
      Math.sqrt(d.isoAreaPx[i]! / Math.PI) < 5 * fwhmPx,
  )
  const round = quantile(
    measured.map((i) => d.ellipticity[i]!),
    companions.length === 0 ? ROUNDER_THAN : 1,
  )
  const alone = (i: number, { reach, harmless }: (typeof ALONE)[number]): boolean => {
    const radius = sampleRadius(d, i, fwhmPx)
    return [{ dx: 0, dy: 0 }, ...companions].every(({ dx, dy }) =>
      tree
        .within(d.x[i]! + dx, d.y[i]! + dy, 3 * radius)
        .every(
          (j) =>
            j === i ||
            d.fluxAuto[j]! < harmless * d.fluxAuto[i]! ||
            Math.hypot(d.x[i]! + dx - d.x[j]!, d.y[i]! + dy - d.y[j]!) >
              reach * (radius + sampleRadius(d, j, fwhmPx) - fwhmPx) ||
            own.isOf(i, j),
        ),
    )
  }
  const rounded = measured.filter((i) => d.ellipticity[i]! <= round)
  for (const attempt of ALONE) {
    const rows = spread(
      d,
      rounded.filter((i) => alone(i, attempt)),
    )
    const last = attempt === ALONE.at(-1)
    if (rows.length >= ENOUGH || last)
      return rows.map((row) => ({ row, radius: attempt.reach * sampleRadius(d, row, fwhmPx) }))
  }
  return []
}

/** A few of each brightness, in the order of their light. */
function spread(d: Detections, fit: readonly number[]): number[] {
  if (fit.length === 0) return []
  const mags = fit.map((i) => d.magInst[i]!)
  const [low, high] = [Math.min(...mags), quantile(mags, 0.95)]
  const bins: number[][] = Array.from({ length: BINS }, () => [])
  fit.forEach((i, k) => {
    const bin = Math.floor(((mags[k]! - low) / Math.max(high - low, 1e-6)) * BINS)
    if (bin < BINS) bins[Math.max(0, bin)]!.push(i)
  })
  return bins.flatMap((rows) => {
    const byLight = rows.sort((a, b) => d.magInst[a]! - d.magInst[b]! || a - b)
    const count = Math.min(PER_BIN, byLight.length)
    return Array.from({ length: count }, (_, k) => byLight[Math.floor(((k + 0.5) * byLight.length) / count)]!)
  })
}

const SAME_FWHM = 0.6 // from where an image of the star is expected
const SAME_MAG = 0.3 // a companion may be brighter than its star by so much

/** Which detections are other images of the same star. */
function ownImages(d: Detections, fwhmPx: number, companions: readonly Offset[]) {
  const tree = columnTree(d.x, d.y)
  const isOf = (i: number, j: number) =>
    d.magInst[j]! > d.magInst[i]! - SAME_MAG &&
    companions.some(
      ({ dx, dy }) => Math.hypot(d.x[i]! + dx - d.x[j]!, d.y[i]! + dy - d.y[j]!) < SAME_FWHM * fwhmPx,
    )
  const isCompanion = (j: number) =>
    companions.some(({ dx, dy }) =>
      tree.within(d.x[j]! - dx, d.y[j]! - dy, SAME_FWHM * fwhmPx).some((i) => i !== j && isOf(i, j)),
    )
  return { isOf, isCompanion }
}
