// Where the light of a plate comes from, as far as is known while its images are measured one group after the other.
import { columnTree } from '../../../math/place-tree.ts'
import type { Taken } from './fit.ts'
import type { Images } from './group.ts'
import type { Patch } from './model.ts'
import type { Disc } from './patch.ts'
import { radiusAt } from './shape.ts'
import { type ShapeTable, tabulatedLevel, tabulatedLight } from './table.ts'

export interface Spot {
  x: number
  y: number
  light: number
}

export interface KnownLight {
  /** The image of a detection was fitted. */
  fitted(row: number, spot: Spot): void
  /** An image was found beside a detection. */
  found(row: number, spot: Spot): void
  /** Adds the light of all images but those of `rows` to a patch, and returns them, relative to the origin. */
  addForeign(
    patch: Patch,
    rows: Int32Array,
    discs: readonly Disc[],
    origin: { x: number; y: number },
  ): Taken[]
}

/**
 * @param traceLevel  light that leaves less is none
 * @param mostPx  light is followed no farther than this
 */
export function knownLight(start: Images, table: ShapeTable, traceLevel: number, mostPx: number): KnownLight {
  const spots: Spot[] = Array.from(start.x, (x, i) => ({ x, y: start.y[i]!, light: start.light[i]! }))
  const done = new Uint8Array(start.length)
  const beside = new Map<number, Spot[]>()
  const reaching = reachOf(start, table, traceLevel, mostPx)
  return {
    fitted(row, spot) {
      spots[row] = spot
      done[row] = 1
    },
    found(row, spot) {
      beside.set(row, [...(beside.get(row) ?? []), spot])
    },
    addForeign(patch, rows, discs, origin) {
      const x = discs.reduce((sum, d) => sum + d.x, 0) / discs.length
      const y = discs.reduce((sum, d) => sum + d.y, 0) / discs.length
      const radius = Math.max(...discs.map((d) => Math.hypot(d.x - x, d.y - y) + d.radius))
      const taken = reaching(x, y, radius)
        .filter((row) => !rows.includes(row))
        .flatMap((row) => [
          { ...spots[row]!, fitted: done[row] === 1 },
          ...(beside.get(row) ?? []).map((spot) => ({ ...spot, fitted: true })),
        ])
        .map((spot) => ({ ...spot, x: spot.x - origin.x, y: spot.y - origin.y }))
      for (const spot of taken) addLight(patch, table, spot)
      return taken
    },
  }
}

/** Finds the images whose light reaches a place: by classes of reach, so that a few wide ones do not make all searches wide. */
function reachOf(images: Images, { shape }: ShapeTable, traceLevel: number, mostPx: number) {
  const classes = new Map<number, number[]>()
  for (let i = 0; i < images.length; i++) {
    const reach = Math.min(mostPx, radiusAt(shape, images.light[i]!, traceLevel))
    const key = Math.ceil(Math.log2(Math.max(1, reach)))
    const rows = classes.get(key)
    if (rows === undefined) classes.set(key, [i])
    else rows.push(i)
  }
  const trees = [...classes].map(([key, rows]) => {
    const tree = columnTree(images.x, images.y, rows)
    return { tree, rows, reach: 2 ** key }
  })
  return (x: number, y: number, radius: number): number[] =>
    trees
      .flatMap(({ tree, rows, reach }) => tree.within(x, y, radius + reach).map((k) => rows[k]!))
      .sort((a, b) => a - b)
}

const DOUBT = 0.3 // of the level that an image leaves which is not fitted yet

/** The light of one more image; pixels under one that is not fitted yet count less. */
function addLight(patch: Patch, table: ShapeTable, spot: Taken): void {
  const scale = 1 / table.shape.alphaPx ** 2
  for (let m = 0; m < patch.x.length; m++) {
    const q = ((patch.x[m]! - spot.x) ** 2 + (patch.y[m]! - spot.y) ** 2) * scale
    const light = spot.light * tabulatedLight(table, q)
    patch.foreign[m]! += light
    if (!spot.fitted) patch.sigma[m] = Math.hypot(patch.sigma[m]!, DOUBT * tabulatedLevel(table, light))
  }
}
