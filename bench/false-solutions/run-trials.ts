// The trials of the bench, kept one by one as they are made: a run that is stopped goes on where it was.
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { randomStream } from '../../src/simulate/random.ts'
import { calibrate } from './calibration.ts'
import { KINDS, type Kind } from './kinds.ts'
import type { Prepared } from './plates.ts'
import { judged, type Outcome } from './trial.ts'

export interface Trial extends Outcome {
  kind: string
  plate: string
  round: number
}

export interface Calibration {
  kind: string
  plate: string
  round: number
  pairs: number
  shifted: number
  probability: number
}

export interface Plan {
  plates: readonly Prepared[]
  seed: number
  /** At least so many are made. */
  count: number
  /** What was made is kept here, one JSON object a line. */
  path: string
  /** Takes what is kept, and makes the rest. */
  again: boolean
}

/** Plates with many detections take seconds a trial: they have one in every few rounds, at different kinds in each. */
const LARGE = 5000
const EVERY_ROUNDS: readonly [upTo: number, rounds: number][] = [
  [1500, 1],
  [2500, 2],
  [LARGE, 4],
  [Number.POSITIVE_INFINITY, 8],
]
const everyRounds = (detections: number): number => EVERY_ROUNDS.find(([upTo]) => detections < upTo)![1]

/** Calls `make` for every kind, plate and round that is not kept yet, until there are `count`. */
function keep<T extends { kind: string; plate: string; round: number }>(
  plan: Plan,
  kinds: readonly Kind[],
  make: (kind: Kind, plate: Prepared, round: number) => T | undefined,
): T[] {
  if (!plan.again) rmSync(plan.path, { force: true })
  const kept = existsSync(plan.path)
    ? readFileSync(plan.path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    : []
  const done = new Set(kept.map(({ kind, plate, round }) => `${kind}|${plate}|${round}`))
  const all: T[] = [...kept]
  const wrong = () => all.filter(({ kind }) => !kinds.find(({ name }) => name === kind)?.right).length
  for (let round = 0; wrong() < plan.count; round++) {
    for (const [n, kind] of kinds.entries()) {
      for (const plate of plan.plates) {
        const isTurn = (round + n) % everyRounds(plate.detections.length) === 0
        const lacksStars = kind.own && plate.stars === null
        if (lacksStars || !isTurn || done.has(`${kind.name}|${plate.name}|${round}`)) continue
        const made = make(kind, plate, round)
        if (made === undefined) continue
        all.push(made)
        appendFileSync(plan.path, `${JSON.stringify(made)}\n`)
      }
    }
    console.error(`${plan.path}: round ${round}, ${all.length} made`)
  }
  return all
}

/** Wrong starts, refined and judged. */
export function runTrials(plan: Plan): Trial[] {
  return keep<Trial>(plan, KINDS, (kind, plate, round) => {
    const random = randomStream(plan.seed + round, `${kind.name} ${plate.name}`)
    const start = kind.make(plate, plan.plates, random)
    return start && { kind: kind.name, plate: plate.name, round, ...judged(plate, start) }
  })
}

/** Wrong starts to which nothing is fitted, with match radii from a quarter of an image's width to four. */
export function runCalibration(plan: Plan): Calibration[] {
  const kinds = KINDS.filter((kind) => !kind.fitted && !kind.right)
  return keep<Calibration>(plan, kinds, (kind, plate, round) => {
    if (plate.detections.length >= LARGE) return undefined
    const random = randomStream(plan.seed + round, `calibration ${kind.name} ${plate.name}`)
    const start = kind.make(plate, plan.plates, random)
    const radiusPx = plate.fwhmPx * 2 ** random.between(-2, 2)
    const found = start && calibrate(plate, start, radiusPx)
    return found && { kind: kind.name, plate: plate.name, round, ...found }
  })
}
