// The exposures of a plate with several, solved or not, as the page speaks of them: their numbers, shifts and images.
import type { ExposureSolution, Solution } from '../solution.ts'
import type { CatalogueInput } from '../stages/publish/catalogue-columns.ts'
import type { ExposurePattern } from '../stages/triage/exposure-pattern.ts'

export interface ShownExposure {
  /** From 1. */
  number: number
  /** What it is called in running text. */
  name: string
  /** Null where it was not solved. */
  solution: ExposureSolution | null
  /** From the deepest exposure, px; null where they show different fields. */
  offsetPx: readonly [dx: number, dy: number] | null
  /** Mean shift of its images as triage measured it; null where triage does not know of it. */
  patternPx: readonly [dx: number, dy: number] | null
  magStep: number | null
  /** Rows of the detections that are its images. */
  rows: ArrayLike<number>
  /** Stars that have an image in it and in another; null where triage does not know of it. */
  stars: number | null
}

/** Empty for a plate with one exposure, or whose exposures are not told apart. */
export function shownExposures(
  solution: Solution,
  published: readonly Pick<CatalogueInput, 'rows'>[],
  pattern: ExposurePattern | null,
): ShownExposure[] {
  const has = (code: string) => solution.reasons.some((reason) => reason.code === code)
  const believed = has('MULTI_EXPOSURE') || has('WEDGE_GHOST') ? (pattern?.exposures ?? []) : []
  if (Math.max(believed.length, solution.exposures.length) < 2) return []
  const ghosts = has('WEDGE_GHOST')
  const solved = solution.exposures.map((exposure, n): ShownExposure => {
    const known = believed.find(({ magStep }) => magStep === exposure.mag_step)
    return {
      ...{ number: n + 1, name: ghosts ? 'the stars' : `exposure ${n + 1}`, solution: exposure },
      ...{ offsetPx: exposure.offset_px, magStep: exposure.mag_step, rows: published[n]!.rows },
      ...{ patternPx: known === undefined ? null : [known.dx, known.dy], stars: known?.stars ?? null },
    }
  })
  const members = pattern?.member ?? new Int8Array()
  const rest = believed.flatMap(({ dx, dy, magStep, stars }, k): Omit<ShownExposure, 'number' | 'name'>[] => {
    if (solution.exposures.some((exposure) => exposure.mag_step === magStep)) return []
    const rows = Int32Array.from(members.keys()).filter((row) => members[row] === k)
    return [{ solution: null, offsetPx: [dx, dy], patternPx: [dx, dy], magStep, rows, stars }]
  })
  const numbered = rest.map((exposure, k): ShownExposure => {
    const number = solved.length + k + 1
    return {
      ...exposure,
      number,
      name: ghosts ? (number === 1 ? 'the stars' : 'their ghosts') : `exposure ${number}`,
    }
  })
  return [...solved, ...numbered]
}
