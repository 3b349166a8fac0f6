// The search for the exposures of a plate: part by part, each with the help of one that is solved, then in what these leave over.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { type ExposureInput, solveExposure } from '../exposure.ts'
import type { Exposure } from '../exposures.ts'
import type { Reason } from '../issues.ts'
import type { Solution as FirstSolution, Solving } from '../stages/solve.ts'
import { callBack, offsetsFrom } from './left-over.ts'
import { type ExposurePart, wholePlate, withoutOthers } from './parts.ts'
import { isSameSolution, startsBy, startsFor } from './starts.ts'

interface Unsolved {
  part: ExposurePart
  /** Why the last solution of it was refused. */
  reasons: Reason[]
  /** Another exposure told where it is. */
  isHelped: boolean
}

const MOST_PEELED = 6
const HURRIED_SHARE = 0.2

export class ExposureSearch {
  /** Those that were solved: the deepest first, then those that were peeled off. */
  readonly exposures: Exposure[] = []
  readonly solving: Solving = { attempts: [], runs: [] }
  readonly #input: ExposureInput
  readonly #parts: readonly ExposurePart[]
  readonly #config: Config
  #isFirst = true

  /** @param parts  of the whole plate, those that are no exposures among them: images at their offsets are accounted for */
  constructor(input: ExposureInput, parts: readonly ExposurePart[], config: Config) {
    this.#input = input
    this.#parts = parts
    this.#config = config
  }

  /** Solves each part, those again that had no help before another was solved. @returns why solutions were refused */
  async solveParts(parts: readonly ExposurePart[]): Promise<Reason[]> {
    const unsolved = await this.#solveEach(parts)
    const alone = unsolved.filter(({ isHelped }) => !isHelped)
    if (this.exposures.length === 0) return alone.flatMap(({ reasons }) => reasons)
    const again = await this.#solveEach(alone.map(({ part }) => part))
    this.exposures.sort((a, b) => (a.part.magStep ?? 0) - (b.part.magStep ?? 0))
    return [...unsolved, ...again].filter(({ isHelped }) => isHelped).flatMap(({ reasons }) => reasons)
  }

  /** What the solutions show that does not belong to their exposures. */
  leftOver(): Reason[] {
    return callBack(this.exposures, this.#parts, this.#input)
  }

  /** Solves what is left over as one more exposure, until nothing is left or nothing more is found. */
  async peelOff(shown: Reason[]): Promise<{ peeled: Reason[]; left: Reason[] }> {
    const peeled: Reason[] = []
    let left = shown
    for (let n = 0; n < MOST_PEELED && left.length > 0; n++) {
      const rest: ExposurePart = { ...wholePlate(this.#input.filtered), shift: null, magStep: null }
      const starts = left.flatMap((reason) => startsBy(reason, this.exposures))
      if ((await this.#solve(rest, starts)) !== null) break
      peeled.push(...left)
      left = this.leftOver()
    }
    return { peeled, left }
  }

  async #solveEach(parts: readonly ExposurePart[]): Promise<Unsolved[]> {
    const unsolved: Unsolved[] = []
    for (const part of parts) {
      const starts = startsFor(part, this.exposures)
      const reasons = await this.#solve(part, starts)
      if (reasons !== null) unsolved.push({ part, reasons, isHelped: starts.length > 0 })
    }
    return unsolved
  }

  /** @returns null where it is solved, else why the last solution was refused */
  async #solve(part: ExposurePart, starts: readonly FirstSolution[]): Promise<Reason[] | null> {
    const own = this.#withoutPaired(part)
    const workDir = join(this.#input.workDir, `exposure-${this.exposures.length}`)
    await mkdir(workDir, { recursive: true })
    const others = offsetsFrom(part, this.#parts, this.#input.plate)
    const ofPart = { ...this.#input, filtered: own.filtered, workDir, starts, others }
    const { solved, solving, reasons } = await solveExposure(ofPart, this.#configFor(part))
    this.#record(solving)
    if (solved === null || this.exposures.some((other) => isSameSolution(other.refined, solved.refined)))
      return reasons
    this.exposures.push({ ...solved, part: own })
    return null
  }

  /** An image that an exposure before has taken for a star of its own is none of this one. */
  #withoutPaired(part: ExposurePart): ExposurePart {
    const paired = new Set(this.exposures.flatMap(({ refined }) => [...refined.pairs.detection]))
    const isElsewhere = (row: number) => part.elsewhere.has(row) || paired.has(row)
    return { ...part, ...withoutOthers(part.filtered, isElsewhere) }
  }

  /** Where one exposure was asked for at length, the solver need not be asked as long for the others of its field. */
  #configFor(part: ExposurePart): Config {
    const isHurried = !this.#isFirst && part.shift !== null
    this.#isFirst = false
    const { solveTime } = this.#config
    return isHurried ? { ...this.#config, solveTime: HURRIED_SHARE * solveTime } : this.#config
  }

  #record({ attempts, runs, indexTrouble }: Solving): void {
    this.solving.attempts.push(...attempts)
    this.solving.runs.push(...runs)
    this.solving.indexTrouble ??= indexTrouble ?? null
  }
}
