// What a detection stands in: the halo of a bright star, or a patch of specks.
import type { Detections } from '../../detections.ts'
import { columnTree } from '../../math/place-tree.ts'
import { median } from '../../math/robust.ts'
import type { FilterInput } from '../filter.ts'

const HALO_MAGNITUDES = 3.5 // fainter than the star in whose halo it lies
const HALO_RADII = 1.6 // of the star's isophotal image

/** Rows of detections inside the halo of a much brighter image: spikes, rings and bits that deblending broke off. */
export function isInHalo(d: Detections): number[] {
  const radius = d.isoAreaPx.map((area) => Math.sqrt(area / Math.PI) * HALO_RADII)
  const typical = median(radius)
  const bright = Array.from(radius.keys()).filter((i) => radius[i]! > 3 * typical)
  if (d.length === 0 || bright.length === 0) return []
  const tree = columnTree(d.x, d.y)
  const inside = new Set<number>()
  for (const star of bright) {
    for (const i of tree.within(d.x[star]!, d.y[star]!, radius[star]!)) {
      if (d.magInst[i]! - d.magInst[star]! > HALO_MAGNITUDES) inside.add(i)
    }
  }
  return [...inside].sort((a, b) => a - b)
}

const CELL_FWHM = 20
const CROWDED = 5 // times the plate's median density of detections
const UNLIKE = 0.5 // share of a cell's detections that other rules reject
const MIN_IN_CELL = 8

/**
 * Rows in cells that are crowded and mostly unlike stars. Crowding alone is no flaw (a cluster is crowded with
 * stars); mould and writing are crowded with images that the other rules reject.
 */
export function isInSpeckPatch(
  { detections: d, width, height, fwhmPx }: FilterInput,
  reject: Int32Array,
): number[] {
  const cell = Math.max(CELL_FWHM * fwhmPx, Math.max(width, height) / 100)
  const columns = Math.ceil(width / cell)
  const rows = Math.ceil(height / cell)
  const members: number[][] = Array.from({ length: columns * rows }, () => [])
  for (let i = 0; i < d.length; i++) {
    const cx = Math.min(columns - 1, Math.max(0, Math.floor((d.x[i]! - 0.5) / cell)))
    const cy = Math.min(rows - 1, Math.max(0, Math.floor((d.y[i]! - 0.5) / cell)))
    members[cy * columns + cx]!.push(i)
  }
  const usual = Math.max(1, median(members.map((m) => m.length)))
  return members
    .filter((m) => m.length >= Math.max(MIN_IN_CELL, CROWDED * usual))
    .filter((m) => m.filter((i) => reject[i] !== 0).length > UNLIKE * m.length)
    .flat()
    .sort((a, b) => a - b)
}
