// What a simulated plate shows, by its truth: which exposures, ghosts and large objects a person could see.
import { readFileSync } from 'node:fs'
import { readFitsTable } from '../../src/fits/table.ts'
import type { IssueCode } from '../../src/issues.ts'
import type { SimulateResult } from '../../src/simulate/simulate.ts'
import type { TriageRecipe } from './recipes.ts'

/** An exposure, or the companions of one kind, counts where so many of its images are brighter than the plate's limit. */
export const LEAST_SHOWN = 5
/** With fewer images than this above the limit a plate counts as nearly empty. */
export const LEAST_STARS = 12

export type TrueClass = 'single' | 'multi' | 'wedge' | 'complex'

export interface PlateTruth {
  class: TrueClass
  /** The code that names it; null for single plates. */
  wanted: IssueCode | null
  /** Ghosts that show on fewer images than count: found or not, it is right, and the plate is left out. */
  either: boolean
  /** Images brighter than the limit, per exposure or set of companions; of ghosts those that touch no other image. */
  shown: number[]
  /** Exposures that show, by number; the first alone where none does. */
  exposures: number[]
  /** Shift of each on the scan from the first one, px, and how much fainter it is. */
  offsets: { dx: number; dy: number; magStep: number }[]
  /** Every image on the plate, those below the limit too. */
  images: TrueImage[]
}

export interface TrueImage {
  x: number
  y: number
  exposure: number
  mag: number
}

interface Written {
  limit_mag: number
  exposures: { offsetUm: [number, number]; magStep: number }[]
}

export async function truthOf(recipe: TriageRecipe, made: SimulateResult): Promise<PlateTruth> {
  const written = JSON.parse(readFileSync(made.recipe, 'utf8')) as Written
  const { columns } = await readFitsTable(made.truth)
  const at = (name: string) => columns.find((own) => own.name === name)!.data as ArrayLike<number>
  const [x, y, exposure, mag] = [at('x'), at('y'), at('exposure'), at('mag')]
  const [onPlate, blended] = [at('on_plate'), at('blended')]
  const rows = Array.from({ length: x.length }, (_, row) => row).filter((row) => Number(onPlate[row]) === 1)
  const isGhosts = recipe.kind === 'ghost' || recipe.wanted === 'GRATING'
  const dilutionMag = (row: number) => (isGhosts && exposure[row] === 0 ? 0 : recipe.dilutionMag)
  const isShown = (row: number) => mag[row]! + dilutionMag(row) < written.limit_mag
  const shown = written.exposures.map((_, k) => {
    const own = rows.filter((row) => exposure[row] === k && isShown(row))
    return own.filter((row) => k === 0 || !isGhosts || Number(blended[row]) === 0).length
  })
  const known = shown.flatMap((count, k) => (count >= LEAST_SHOWN ? [k] : []))
  const { rotationDeg, pixelUm } = made.constants
  const [c, s] = [Math.cos((rotationDeg * Math.PI) / 180), Math.sin((rotationDeg * Math.PI) / 180)]
  return {
    ...classOf(recipe, shown),
    shown,
    exposures: isGhosts || known.length === 0 ? [0] : known,
    offsets: written.exposures.map(({ offsetUm: [u, v], magStep }) => ({
      ...{ dx: (u * c - v * s) / pixelUm, dy: (u * s + v * c) / pixelUm, magStep },
    })),
    images: rows.map((row) => ({ x: x[row]!, y: y[row]!, exposure: exposure[row]!, mag: mag[row]! })),
  }
}

function classOf(
  recipe: TriageRecipe,
  shown: readonly number[],
): Pick<PlateTruth, 'class' | 'wanted' | 'either'> {
  const { kind, wanted } = recipe
  const known = shown.filter((count) => count >= LEAST_SHOWN).length
  const all = shown.reduce((sum, count) => sum + count, 0)
  const isObject = wanted === 'MOON' || wanted === 'NEBULA' || wanted === 'BRIGHT_OBJECT'
  if (!isObject && all < LEAST_STARS) return { class: 'complex', wanted: 'TOO_FEW_STARS', either: false }
  if (kind === 'ghost' || wanted === 'GRATING') {
    const either = shown.slice(1).some((count) => count < LEAST_SHOWN)
    return { class: kind === 'ghost' ? 'wedge' : 'complex', wanted, either }
  }
  if (kind === 'complex' && wanted !== 'TOO_FEW_STARS') return { class: 'complex', wanted, either: false }
  if (kind === 'multi' && known > 1) return { class: 'multi', wanted: 'MULTI_EXPOSURE', either: false }
  return { class: 'single', wanted: null, either: false }
}
