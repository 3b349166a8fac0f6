// The tables of the bench: wrong starts by kind, the calibration of the probability, whole runs.
import { KINDS } from './kinds.ts'
import type { Calibration, Trial } from './run-trials.ts'
import type { WholeRun } from './whole.ts'

type Row = readonly (string | number)[]

export function markdown(head: Row, rows: readonly Row[]): string {
  const line = (row: Row) => `| ${row.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const shortest = (p: number): string => (p >= 0.001 ? p.toPrecision(2) : p.toExponential(0))

/** What counts against the test: wrong ones that were accepted, right ones that were refused. */
export function failures(trials: readonly Trial[]): { accepted: Trial[]; refused: Trial[] } {
  const right = new Set(KINDS.filter((kind) => kind.right).map(({ name }) => name))
  return {
    accepted: trials.filter((t) => t.accepted && !t.right),
    refused: trials.filter((t) => right.has(t.kind) && !t.accepted),
  }
}

export function wrongTrials(trials: readonly Trial[]): Trial[] {
  const right = new Set(KINDS.filter((kind) => kind.right).map(({ name }) => name))
  return trials.filter((t) => !t.right && !right.has(t.kind))
}

export function trialTable(trials: readonly Trial[]): string {
  const rows = KINDS.map(({ name }) => {
    const own = trials.filter((t) => t.kind === name)
    const wrong = own.filter((t) => !t.right)
    const judged = wrong.flatMap(({ probability }) => probability ?? [])
    return [
      name,
      own.length,
      own.filter((t) => t.right && t.accepted).length,
      wrong.length - judged.length,
      judged.filter((p) => p < 1e-3).length,
      judged.length === 0 ? '–' : shortest(Math.min(...judged)),
      wrong.filter((t) => t.accepted).length,
    ]
  })
  const head = [
    'start',
    'trials',
    'found the truth, accepted',
    'too few pairs',
    'p < 0.001',
    'smallest p of a wrong one',
    'wrong and accepted',
  ]
  return markdown(head, rows)
}

export const LEVELS = [0.5, 0.1, 0.01, 0.001, 1e-4]

/** Counts below each level, with what an exact probability would give. */
export function calibrationTable(found: readonly Calibration[]): string {
  const row = (name: string, own: readonly Calibration[]) => [
    name,
    own.length,
    ...LEVELS.map((level) => {
      const below = own.filter(({ probability }) => probability <= level).length
      return `${below} (${Number((level * own.length).toPrecision(2))})`
    }),
    shortest(Math.min(...own.map(({ probability }) => probability))),
  ]
  const groups = [
    ...new Map(found.map((one) => [one.kind, found.filter(({ kind }) => kind === one.kind)])),
    ...new Map(found.map((one) => [`plate ${one.plate}`, found.filter(({ plate }) => plate === one.plate)])),
  ]
  const head = [
    'solutions to which nothing was fitted',
    'trials',
    ...LEVELS.map((l) => `p ≤ ${l}`),
    'smallest',
  ]
  return markdown(head, [...groups.map(([name, own]) => row(name, own)), row('all', found)])
}

export function wholeTable(runs: readonly WholeRun[]): string {
  return markdown(
    ['run', 'exit', 's', 'what it says'],
    runs.map((run) => [run.name, run.exit, run.seconds, run.says]),
  )
}
