// Every exposure of a plate. A single one is solved as it is; several are parted by the pattern that triage found. What the
// solutions leave over is looked at again: a plate called single may hold more than one exposure, and is called back.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'
import { type ExposureInput, type SolvedExposure, solveExposure } from './exposure.ts'
import { callBack, offsetsFrom } from './exposures/left-over.ts'
import { type ExposurePart, partsOf, type Shift, wholePlate, withoutOthers } from './exposures/parts.ts'
import { dated, together } from './exposures/settled.ts'
import { isSameSolution, shiftedStart } from './exposures/starts.ts'
import type { Reason } from './issues.ts'
import type { Together } from './joint-exposures.ts'
import type { Solution as FirstSolution, Solving } from './stages/solve.ts'
import type { TriageResult } from './stages/triage.ts'

/** One exposure that was solved, and its part of the plate. */
export interface Exposure extends SolvedExposure {
  part: ExposurePart
}

export interface ExposuresOutcome {
  /** Those that were solved, the deepest first. */
  exposures: Exposure[]
  /** How many there are, as far as the pattern and the solutions tell. */
  wanted: number
  solving: Solving
  /** Why solutions were refused, and what is not known of the exposures. */
  reasons: Reason[]
  /** What the first solution showed of exposures that were then peeled off. */
  peeled: Reason[]
  /** What the solutions showed that does not belong to the exposures that were found. */
  calledBack: Reason[]
  /** Null where there is one exposure, or they could not be fitted together. */
  together: Pick<Together, 'members' | 'moved' | 'gainSigmas'> | null
}

const MOST_PEELED = 6
const HURRIED_SHARE = 0.2

/** @returns null where the plate is left to a person: several exposures that nobody asked to part, or a complex plate */
export async function solveExposures(
  input: ExposureInput,
  triaged: TriageResult,
  config: Config,
): Promise<ExposuresOutcome | null> {
  const auto = config.exposures === 'auto'
  if (triaged.class === 'complex' || (triaged.class === 'multi' && !auto) || cannotBeParted(triaged))
    return null
  const { parts, wanted } = partsToSolve(input, triaged)
  const outcome: ExposuresOutcome = {
    exposures: [],
    wanted,
    solving: { attempts: [], runs: [] },
    reasons: [],
    peeled: [],
    calledBack: [],
    together: null,
  }
  // Where one exposure was asked for at length, the solver need not be asked as long for the others of its field.
  const hurried = { ...config, solveTime: HURRIED_SHARE * config.solveTime }
  let isFirst = true
  const solvePart = async (part: ExposurePart, starts: readonly FirstSolution[]) => {
    const { exposures, solving } = outcome
    const paired = new Set(exposures.flatMap(({ refined }) => [...refined.pairs.detection]))
    // An image that an exposure before has taken for a star of its own is none of this one.
    const own = {
      ...part,
      ...withoutOthers(part.filtered, (row) => part.elsewhere.has(row) || paired.has(row)),
    }
    const workDir = join(input.workDir, `exposure-${exposures.length}`)
    await mkdir(workDir, { recursive: true })
    const others = offsetsFrom(part, parts, input.plate)
    const ofPart = { ...input, filtered: own.filtered, workDir, starts, others }
    const found = await solveExposure(ofPart, isFirst || part.shift === null ? config : hurried)
    isFirst = false
    solving.attempts.push(...found.solving.attempts)
    solving.runs.push(...found.solving.runs)
    solving.indexTrouble ??= found.solving.indexTrouble ?? null
    const { solved } = found
    if (solved === null || exposures.some((other) => isSameSolution(other.refined, solved.refined)))
      return { isSolved: false, reasons: found.reasons }
    exposures.push({ ...solved, part: own })
    return { isSolved: true, reasons: [] }
  }

  const solveAll = async (list: readonly ExposurePart[]) => {
    const unhelped: { part: ExposurePart; reasons: Reason[] }[] = []
    for (const part of list) {
      const starts = startsFor(part, outcome.exposures)
      const { isSolved, reasons } = await solvePart(part, starts)
      if (isSolved) continue
      if (starts.length === 0) unhelped.push({ part, reasons })
      else outcome.reasons.push(...reasons)
    }
    return unhelped
  }
  // What was asked for before any other was solved may be found from that.
  const unhelped = await solveAll(parts.slice(0, wanted))
  if (outcome.exposures.length > 0) await solveAll(unhelped.map(({ part }) => part))
  else outcome.reasons.push(...unhelped.flatMap(({ reasons }) => reasons))
  outcome.exposures.sort((a, b) => (a.part.magStep ?? 0) - (b.part.magStep ?? 0))
  outcome.calledBack = callBack(outcome.exposures, parts, input)
  if (auto) {
    for (let n = 0; n < MOST_PEELED && outcome.calledBack.length > 0; n++) {
      const rest: ExposurePart = { ...wholePlate(input.filtered), shift: null, magStep: null }
      const starts = outcome.calledBack.flatMap((reason) => startsBy(reason, outcome.exposures))
      const shown = outcome.calledBack
      if (!(await solvePart(rest, starts)).isSolved) break
      outcome.peeled.push(...shown)
      outcome.wanted = Math.max(outcome.wanted, outcome.exposures.length)
      outcome.calledBack = callBack(outcome.exposures, parts, input)
    }
  }
  if (outcome.calledBack.some(({ code }) => code === 'SPLIT_SOLUTION')) {
    return { ...outcome, exposures: [], wanted: Math.max(2, outcome.wanted) }
  }
  if (outcome.exposures.length < 2) return outcome
  return together(await dated(outcome, input, config), input, config)
}

/** Images of exposures that touch have no places of their own: a solution would run through the middle of them. */
const cannotBeParted = ({ several, reasons }: TriageResult): boolean =>
  (several?.pattern ?? null) === null && reasons.some(({ code }) => code === 'TOUCHING_EXPOSURES')

/** The parts of the plate, and how many of them are exposures: the ghosts of a wedge are none, and are left out. */
function partsToSolve(
  { filtered, detections }: ExposureInput,
  { class: kind, several, reasons }: TriageResult,
): { parts: ExposurePart[]; wanted: number } {
  const pattern = several?.pattern ?? null
  if (kind === 'single' || pattern === null) return { parts: [wholePlate(filtered)], wanted: 1 }
  const parts = partsOf(pattern, detections, filtered)
  return { parts, wanted: reasons.some(({ code }) => code === 'WEDGE_GHOST') ? 1 : parts.length }
}

/** The first exposure that was solved tells where the others are. */
function startsFor(part: ExposurePart, solved: readonly Exposure[]): FirstSolution[] {
  const [known] = solved
  if (known === undefined || part.shift === null || known.part.shift === null) return []
  return [shiftedStart(known.refined.constants, known.part.shift, part.shift)]
}

/** A second pattern that a solution showed is the start of the next. */
function startsBy({ code, evidence }: Reason, exposures: readonly Exposure[]): FirstSolution[] {
  const [known] = exposures
  if (code !== 'SECOND_PATTERN' || known === undefined || !Array.isArray(evidence.offset_px)) return []
  const [x0, y0] = evidence.offset_px as [number, number]
  const none: Shift = { x0: 0, y0: 0, matrix: [1, 0, 0, 1] }
  return [shiftedStart(known.refined.constants, none, { ...none, x0, y0 })]
}

/**
 * The detections that are images of an exposure. Where it is the only one that was seen, all are; else those of its pattern and
 * its pairs: the others may be images of an exposure that is not known.
 */
export function rowsOf(exposure: Exposure, outcome: ExposuresOutcome, detections: number): Int32Array {
  const { part, refined } = exposure
  const all = Int32Array.from({ length: detections }, (_, row) => row)
  const isAlone = outcome.wanted === 1 && outcome.calledBack.length === 0
  if (isAlone) return all.filter((row) => !part.elsewhere.has(row))
  const others = outcome.exposures.filter((other) => other !== exposure)
  const taken = new Set(others.flatMap((other) => [...other.refined.pairs.detection]))
  const members = Array.from(part.members ?? []).filter((row) => !taken.has(row))
  const rows = new Set([...members, ...refined.pairs.detection])
  return Int32Array.from(rows).sort()
}
