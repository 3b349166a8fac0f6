// Every exposure of a plate. A single one is solved as it is; several are parted by the pattern that triage found. What the
// solutions leave over is looked at again: a plate called single may hold more than one exposure, and is called back.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { accept } from './accept.ts'
import { imagesOf } from './called-back/places.ts'
import { calledBack } from './called-back.ts'
import type { Config } from './config.ts'
import { type ExposureInput, type SolvedExposure, solveExposure } from './exposure.ts'
import { datesOfExposures } from './exposures/dates.ts'
import {
  type ExposurePart,
  partsOf,
  type Shift,
  shifted,
  wholePlate,
  withoutOthers,
} from './exposures/parts.ts'
import { asStart, isSameSolution, shiftedStart } from './exposures/starts.ts'
import type { Reason } from './issues.ts'
import { fitTogetherInSteps, type Together } from './joint-exposures.ts'
import type { Plate } from './plate.ts'
import type { Solution as FirstSolution, Solving } from './stages/solve.ts'
import type { TriageResult } from './stages/triage.ts'
import { inSteps } from './steps.ts'

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
  if (triaged.class === 'complex' || (triaged.class === 'multi' && !auto)) return null
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
  // Where one exposure was asked for at length, the solver need not be asked as long for the others.
  const hurried = { ...config, solveTime: HURRIED_SHARE * config.solveTime }
  const failed: ExposurePart[] = []
  const solvePart = async (part: ExposurePart, starts: readonly FirstSolution[]) => {
    const { exposures, solving, reasons } = outcome
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
    const found = await solveExposure(ofPart, exposures.length + failed.length === 0 ? config : hurried)
    solving.attempts.push(...found.solving.attempts)
    solving.runs.push(...found.solving.runs)
    solving.indexTrouble ??= found.solving.indexTrouble ?? null
    reasons.push(...found.reasons)
    const { solved } = found
    if (solved === null || exposures.some((other) => isSameSolution(other.refined, solved.refined)))
      return false
    exposures.push({ ...solved, part: own })
    return true
  }

  for (const part of parts.slice(0, wanted)) {
    if (!(await solvePart(part, startsFor(part, outcome.exposures)))) failed.push(part)
  }
  // What could not be solved before any other was may be found from it.
  if (outcome.exposures.length > 0) {
    for (const part of failed) await solvePart(part, startsFor(part, outcome.exposures))
  }
  outcome.calledBack = callBack(outcome.exposures, parts, input)
  if (auto) {
    for (let n = 0; n < MOST_PEELED && outcome.calledBack.length > 0; n++) {
      const rest: ExposurePart = { ...wholePlate(input.filtered), shift: null, magStep: null }
      const starts = outcome.calledBack.flatMap((reason) => startsBy(reason, outcome.exposures))
      const shown = outcome.calledBack
      if (!(await solvePart(rest, starts))) break
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

/** From one exposure to the others, in the middle of the plate, px. */
function offsetsFrom(
  part: ExposurePart,
  parts: readonly ExposurePart[],
  { width, height }: Pick<Plate, 'width' | 'height'>,
): [dx: number, dy: number][] {
  const own = part.shift
  if (own === null) return []
  return parts.flatMap(({ shift }): [number, number][] => {
    if (shift === null || shift === own) return []
    const [to, from] = [shift, own].map((one) => shifted(one, width / 2, height / 2)) as [Place, Place]
    return [[to.x - from.x, to.y - from.y]]
  })
}

type Place = ReturnType<typeof shifted>

/** What is left over when all exposures are known. */
function callBack(
  exposures: readonly Exposure[],
  parts: readonly ExposurePart[],
  input: ExposureInput,
): Reason[] {
  return exposures.slice(0, 1).flatMap((exposure) => {
    const others = exposures.filter((other) => other !== exposure)
    const { plate, filtered, fwhmPx } = input
    const { width, height } = plate
    const elsewhere = new Set([
      ...exposure.part.elsewhere,
      ...others.flatMap(({ refined }) => [...imagesOf(refined, fwhmPx)]),
    ])
    const { reject } = exposure.part.filtered
    const reasons = calledBack({
      ...{ refined: exposure.refined, reject, ranked: filtered.ranked, width, height, fwhmPx, elsewhere },
    })
    // Images of known exposures whose star is not known lie at the offsets of these.
    const known = offsetsFrom(exposure.part, parts, input.plate)
    return reasons.filter(({ code, evidence }) => {
      if (code !== 'SECOND_PATTERN') return true
      const [x, y] = evidence.offset_px as [number, number]
      return !known.some(
        ([dx, dy]) => Math.hypot(x - dx, y - dy) < 2 * fwhmPx || Math.hypot(x + dx, y + dy) < 2 * fwhmPx,
      )
    })
  })
}

/** Each exposure with its own date, where the logbook has several and the stars tell which is which. */
async function dated(
  outcome: ExposuresOutcome,
  input: ExposureInput,
  config: Config,
): Promise<ExposuresOutcome> {
  const { dates, reason } = datesOfExposures(outcome.exposures, input.plate.exposureEpochsYr)
  const reasons = reason === null ? outcome.reasons : [...outcome.reasons, reason]
  if (dates === null) return { ...outcome, reasons }
  const exposures: Exposure[] = []
  for (const [n, exposure] of outcome.exposures.entries()) {
    const plate = { ...input.plate, epochYr: { value: dates[n]!, source: 'DATE-OBn' } }
    const parts = outcome.exposures.map(({ part }) => part)
    const known = { starts: [asStart(exposure)], onlyStarts: true }
    const others = offsetsFrom(exposure.part, parts, plate)
    const again = await solveExposure(
      { ...input, plate, filtered: exposure.part.filtered, ...known, others },
      config,
    )
    exposures.push(again.solved === null ? exposure : { ...exposure, ...again.solved, first: exposure.first })
  }
  return { ...outcome, reasons, exposures }
}

/** Exposures of one telescope share its distortion: taken where each of them still passes the checks. */
async function together(
  outcome: ExposuresOutcome,
  input: ExposureInput,
  config: Config,
): Promise<ExposuresOutcome> {
  const { exposures } = outcome
  input.progress.step(`fitting ${exposures.length} exposures together`)
  const fit = await inSteps(fitTogetherInSteps(exposures, config), input.signal)
  const { width, height } = input.plate
  const judged = exposures.map((exposure, n): Exposure => {
    const refined = fit.refined[n]!
    const others = offsetsFrom(
      exposure.part,
      exposures.map(({ part }) => part),
      input.plate,
    )
    const verdict = accept(refined, { width, height, fwhmPx: input.fwhmPx, others })
    return { ...exposure, refined, verdict }
  })
  if (judged.some(({ verdict }) => !verdict.accepted)) return outcome
  const { members, moved, gainSigmas } = fit
  return { ...outcome, exposures: judged, together: { members, moved, gainSigmas } }
}

/** The detections that are images of an exposure: of one that is alone all but those known to be none of its. */
export function rowsOf(exposure: Exposure, all: readonly Exposure[], detections: number): Int32Array {
  const { part, refined } = exposure
  if (all.length === 1) {
    return Int32Array.from({ length: detections }, (_, row) => row).filter((row) => !part.elsewhere.has(row))
  }
  const others = all.filter((other) => other !== exposure)
  const taken = new Set(others.flatMap((other) => [...other.refined.pairs.detection]))
  const members = Array.from(part.members ?? []).filter((row) => !taken.has(row))
  const rows = new Set([...members, ...refined.pairs.detection])
  return Int32Array.from(rows).sort()
}
