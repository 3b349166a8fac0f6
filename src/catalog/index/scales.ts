// Which star patterns (quads) find a field, and how many stars an index of them needs.
import { UserError } from '../../errors.ts'

/** Quads of an index lie between this size and twice it, in octaves from 1′ up and down: so that runs share their files. */
export interface QuadScale {
  lowArcmin: number
  highArcmin: number
}

/** Stars that build-astrometry-index keeps in a cell, brightest first; a cell is as wide as the smallest quad. */
export const STARS_PER_CELL = 10

/** Widths in degrees between which a field makes sense: below, no quad has room among the stars of Gaia. */
const FIELD_LIMITS_DEG = [0.03, 90] as const

/**
 * The octaves of quads for fields between two widths (degrees): from about a sixteenth of the smallest to a half of the
 * largest. Large quads are found first, small ones survive stars that are missing.
 */
export function quadScales([smallestDeg, largestDeg]: readonly [number, number]): QuadScale[] {
  const first = Math.round(Math.log2((smallestDeg * 60) / 16))
  const last = Math.max(first, Math.round(Math.log2((largestDeg * 60) / 4)))
  return Array.from({ length: last - first + 1 }, (_, n) => {
    const lowArcmin = 2 ** (first + n)
    return { lowArcmin, highArcmin: 2 * lowArcmin }
  })
}

/** `2` or `0.5-6`, degrees. @throws UserError */
export function parseFieldWidths(text: string): [low: number, high: number] {
  const parts = text.split('-').map((part) => (/^\s*\d*\.?\d+\s*$/.test(part) ? Number(part) : Number.NaN))
  const [low = Number.NaN, high = low] = parts
  const [least, most] = FIELD_LIMITS_DEG
  if (parts.length <= 2 && low >= least && high <= most && low <= high) return [low, high]
  throw new UserError(
    `--field is "${text}"`,
    `give a width in degrees such as 2, or a range of widths such as 0.3-6, between ${least} and ${most}`,
  )
}
