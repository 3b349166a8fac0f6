// What every row of the acceptance table shares: starting the command under test and the judges, and figures.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { execa } from 'execa'

export interface Bench {
  /** The command under test. */
  platepipe: string
  /** Where the plates and the Gaia extracts are. */
  shared: string
  /** Receives every result; kept. */
  out: string
  /** The seeds of the simulated plates are each of these plus the plate's number, from 1. */
  seedBases: readonly number[]
  /** Only simulated plates with a name that holds this; empty: all. */
  only: string
}

/** As the options of a command say; its folder is made. */
export function benchOf(values: { platepipe: string; shared: string; out: string; seed: string }): Bench {
  const out = resolve(values.out)
  mkdirSync(out, { recursive: true })
  const { platepipe, shared, seed } = values
  return { platepipe: resolve(platepipe), shared: resolve(shared), out, seedBases: [Number(seed)], only: '' }
}

export interface Figure {
  row: string
  figure: string
  /** Empty where the figure is only told. */
  required: string
  measured: string
  /** Null where nothing is required. */
  pass: boolean | null
}

export interface Reduction {
  exit: number | undefined
  /** OUT/<plate> */
  folder: string
  stderr: string
  stdout: string
  seconds: number
  /** solution.json, for reasons and attempts; the judges decide, not this. Null where there is none. */
  solution: Solution | null
}

export interface Solution {
  status: string
  class: string
  reasons: { code: string; severity: string; text: string }[]
  attempts: { attempt: string; solved: boolean; verdict?: string; log_odds: number | null; seconds: number }[]
  exposures: {
    model: { name: string }
    fit: { pairs: number; match_radius_arcsec: number } & Record<string, number>
    reference: { name: string }
  }[]
  counts: Record<string, number>
}

const REDUCE_SECONDS = 900
const JUDGE_SECONDS = 600

/** `platepipe` with these arguments, as a user starts it. */
export async function command(bench: Bench, args: readonly string[]) {
  const started = performance.now()
  const run = await execa(process.execPath, [bench.platepipe, ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: REDUCE_SECONDS * 1000,
  })
  const seconds = (performance.now() - started) / 1000
  return { exit: run.exitCode, stdout: String(run.stdout), stderr: String(run.stderr), seconds }
}

/** Reduces a scan into OUT/<group>/<id>. */
export async function reduce(
  bench: Bench,
  scan: string,
  group: string,
  id: string,
  options: readonly string[] = [],
): Promise<Reduction> {
  const out = join(bench.out, group)
  await mkdir(out, { recursive: true })
  const run = await command(bench, [
    'reduce',
    scan,
    ...options,
    '--id',
    id,
    '-o',
    out,
    '--force',
    '--offline',
  ])
  const folder = join(out, id)
  const path = join(folder, 'solution.json')
  const solution = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Solution) : null
  return { ...run, folder, solution }
}

/** Runs bench/judges/NAME.py, which prints one JSON value. @throws with what it said when it fails */
export async function judge<T>(name: string, args: readonly (string | number)[]): Promise<T> {
  const run = await execa('/usr/bin/python3', [`bench/judges/${name}.py`, ...args.map(String)], {
    stdin: 'ignore',
    timeout: JUDGE_SECONDS * 1000,
    env: { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
  })
  return JSON.parse(run.stdout) as T
}

/** What fitsverify says against the FITS files in a folder: one line for each that is not perfect. */
export async function fitsProblems(
  folder: string,
  leftOut: readonly string[] = [],
): Promise<{ files: number; problems: string[] }> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.fits') && !leftOut.includes(path) && statSync(path).isFile())
  const problems: string[] = []
  for (const path of files) {
    const run = await execa('fitsverify', ['-q', path], { reject: false })
    const verdict = run.stdout.trim()
    if (!/^verification OK/.test(verdict)) problems.push(`${path}: ${verdict || run.stderr}`)
  }
  return { files: files.length, problems }
}

/** A figure that must not exceed a limit. */
export function atMost(row: string, figure: string, limit: number, value: number | null, unit = ''): Figure {
  const pass = value !== null && value <= limit
  return { row, figure, required: `≤ ${limit}${unit}`, measured: shown(value, unit), pass }
}

/** A figure that must reach a limit. */
export function atLeast(row: string, figure: string, limit: number, value: number | null, unit = ''): Figure {
  const pass = value !== null && value >= limit
  return { row, figure, required: `≥ ${limit}${unit}`, measured: shown(value, unit), pass }
}

export function mustBe(row: string, figure: string, wanted: string | number, found: unknown): Figure {
  return { row, figure, required: String(wanted), measured: String(found), pass: found === wanted }
}

export function told(row: string, figure: string, measured: string): Figure {
  return { row, figure, required: '', measured, pass: null }
}

/** Three significant digits, more for whole numbers. */
export function shown(value: number | null, unit = ''): string {
  if (value === null || !Number.isFinite(value)) return 'none'
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)))
  return `${text}${unit}`
}

/** The figure that every FITS file written for a row passes fitsverify. */
export async function verified(
  row: string,
  folder: string,
  leftOut: readonly string[] = [],
): Promise<Figure> {
  const { files, problems } = await fitsProblems(folder, leftOut)
  for (const problem of problems) console.error(problem)
  const bad = problems.length === 0 ? 'none' : `${problems.length} files`
  return {
    row,
    figure: `fitsverify, ${files} files: with a word against them`,
    required: 'none',
    measured: bad,
    pass: files > 0 && problems.length === 0,
  }
}

/** Why a plate was not reduced, in one line. */
export function whyNot(reduction: Reduction): string {
  const { solution, exit, stderr } = reduction
  if (solution === null) return `exit ${exit}: ${stderr.trim().split('\n').slice(-2).join(' ')}`
  const reasons = solution.reasons.filter((reason) => reason.severity !== 'info')
  return `${solution.status}: ${reasons.map((reason) => `${reason.code} (${reason.text})`).join('; ')}`
}
