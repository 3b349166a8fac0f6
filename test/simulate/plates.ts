// Small plates for the tests of the simulator, and what can be read back from them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFitsImage } from '../../src/fits/image.ts'
import { readFitsTable } from '../../src/fits/table.ts'
import type { SimulateOptions } from '../../src/simulate/options.ts'
import { simulate } from '../../src/simulate/simulate.ts'

/** A small clean plate of synthetic stars, quick to make. */
export const SMALL: Partial<SimulateOptions> = {
  seed: 5,
  stars: 'synthetic',
  ra: 200,
  dec: 30,
  width: 500,
  field: 0.4,
  epoch: 1950,
  limit: 15,
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'platepipe-test-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface Truth {
  rows: number
  number(name: string): Float64Array
  flag(name: string): boolean[]
}

export async function readTruth(path: string): Promise<Truth> {
  const table = await readFitsTable(path)
  const column = (name: string) => table.columns.find((c) => c.name === name)!.data
  return {
    rows: table.rows,
    number: (name) => Float64Array.from(column(name) as ArrayLike<number>),
    flag: (name) => Array.from(column(name) as ArrayLike<unknown>, Boolean),
  }
}

/** Places of the same images on two plates, by their stars: those that lie on one of them only are left out. */
export function shiftsBetween(before: Truth, after: Truth) {
  const placesOf = (truth: Truth) => {
    const [x, y, ra, dec] = (['x', 'y', 'ra', 'dec'] as const).map((name) => truth.number(name))
    return new Map(Array.from(x!, (_, i) => [`${ra![i]} ${dec![i]}`, { x: x![i]!, y: y![i]! }] as const))
  }
  const moved = placesOf(after)
  return [...placesOf(before)].flatMap(([star, from]) => {
    const to = moved.get(star)
    return to === undefined ? [] : [{ from, to }]
  })
}

/** All pixels, first stored row first. */
export async function readPixels(
  path: string,
): Promise<{ width: number; height: number; pixels: Float64Array }> {
  const image = await openFitsImage(path, {})
  try {
    return { width: image.width, height: image.height, pixels: await image.readRows(0, image.height) }
  } finally {
    await image.close()
  }
}

/** Makes a plate in a folder that is gone afterwards; returns its pixels and truth. */
export async function plateOf(options: Partial<SimulateOptions>) {
  return withFolder(async (outDir) => {
    const result = await simulate(options, { outDir })
    const artefacts = await readFitsTable(result.artefacts)
    return {
      result,
      ...(await readPixels(result.scan)),
      truth: await readTruth(result.truth),
      kinds: artefacts.columns.find((c) => c.name === 'kind')!.data as string[],
    }
  })
}
