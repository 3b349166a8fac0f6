// Stage 5, stars → a first solution. solve-field climbs down a ladder of attempts; each solution that it finds is
// offered, and the next attempt is made only when the caller's checks have refused it.
import { basename, join } from 'node:path'
import type { EpochStars } from '../catalog/at-epoch.ts'
import { indexesWithin, type StoreIndex } from '../catalog/index/choose.ts'
import { readIndexFolder } from '../catalog/indexes.ts'
import type { Config } from '../config.ts'
import type { Detections } from '../detections.ts'
import { UserError } from '../errors.ts'
import { emptyHeader, formatHeader, setCard } from '../fits/header.ts'
import { writeWhole } from '../fits/io.ts'
import { writeFitsTables } from '../fits/table.ts'
import { PLATE_MODELS } from '../models/models.ts'
import { frameOf, fromLinearWcs, type PlateConstants } from '../models/plate-constants.ts'
import type { HeaderWcs } from '../plate.ts'
import { byHand, type ProgramRun } from '../tools/run.ts'
import { runSolveField } from '../tools/solve-field.ts'
import { buildFieldIndexes } from './solve/field-index.ts'
import { ladder, type Rung } from './solve/ladder.ts'

export interface SolveInput {
  detections: Detections
  /** Rows for the solver, best first. */
  ranked: Int32Array
  width: number
  height: number
  fwhmPx: number
  place: { raDeg: number; decDeg: number; radiusDeg: number } | null
  scaleArcsecPerPx: readonly [low: number, high: number] | null
  headerWcs: HeaderWcs | null
  /** Reference stars given by the user, at the plate's epoch; null: no index is made of them. */
  stars: EpochStars | null
  /** Indexes of a store of stars that are nearest to the plate's epoch, anywhere on the sky; none by default. */
  storeIndexes?: readonly StoreIndex[] | undefined
  workDir: string
  signal: AbortSignal
}

export interface Attempt {
  attempt: string
  solved: boolean
  log_odds: number | null
  seconds: number
  index_file: string | null
  /** What the checks after the solution said; null where there was none. */
  verdict: string | null
}

export interface Solution {
  constants: PlateConstants
  /** Null for one that was taken from another exposure of the plate. */
  logOdds: number | null
  indexFile: string
  attempt: Attempt
}

export interface Solving {
  /** Filled while the attempts are made. */
  attempts: Attempt[]
  runs: ProgramRun[]
  /** Why no index of the field could be made from the catalogue; null where one was, or none was wanted. */
  indexTrouble?: string | null
}

/** The solver needs enough stars to check a guess; more than this many only cost it time. */
const LIST_MAX = 1000

/** The indexes of the whole sky hold few stars per field; a longer list only doubles the time of a blind search. */
const FOLDER_LIST = 200

/** A field must be somewhat wider than the smallest quads of the indexes, or too few of them lie on it. */
const FIELD_PER_QUAD = 1.5

/** The verdict on an attempt that neither solved nor ended. */
export const STOPPED = 'solve-field did not end in its time and was stopped'

/** Offers solutions one after the other; stop asking once one has passed. */
export async function* solve(input: SolveInput, config: Config, log: Solving): AsyncGenerator<Solution> {
  const started = performance.now()
  const left = () => config.solveTime - (performance.now() - started) / 1000
  await writeList(input)
  if (input.headerWcs !== null) await writeHeaderWcs(input.headerWcs, input)
  const folders = await indexesOf(config.indexDir)
  const damagedPaths = new Set<string>()
  let fieldIndexes: string[] | undefined // made when they are first wanted: those of the store may do without
  const filesFor = async (rung: Rung): Promise<string[]> => {
    if (rung.index === 'field') {
      fieldIndexes ??= await fieldIndexesOf(input, config, log)
      return fieldIndexes
    }
    const files = rung.index === 'store' ? storePaths(input, rung) : folders.paths
    return files.filter((path) => !damagedPaths.has(path))
  }
  const rungs = ladder({
    place: input.place,
    scaleArcsecPerPx: input.scaleArcsecPerPx,
    hasHeaderWcs: input.headerWcs !== null,
    hasStars: input.stars !== null,
    hasStoreIndexes: (input.storeIndexes ?? []).length > 0,
    hasIndexDirs: folders.paths.length > 0,
    foldersSuitField: folders.smallestQuadArcmin * FIELD_PER_QUAD <= widthArcmin(input),
  })
  const failures: Failure[] = []
  for (let n = 0, rung = rungs.shift(); rung !== undefined; n++, rung = rungs.shift()) {
    if (left() <= 1) break
    const indexFiles = await filesFor(rung)
    if (indexFiles.length === 0 || left() <= 1) continue
    const { run, solution, failure } = await runSolveField({
      program: config.solveField,
      workDir: input.workDir,
      name: `solve-${n}`,
      xyName: 'stars.xyls',
      width: input.width,
      height: input.height,
      indexFiles,
      listLength: rung.index === 'folders' ? FOLDER_LIST : LIST_MAX,
      cpuSeconds: config.solveCpu * rung.cpuShare,
      wallSeconds: Math.min(left(), config.solveCpu * rung.cpuShare * 2 + 15),
      pixelError: pixelError(input, rung),
      place: rung.usePlace && input.place ? input.place : undefined,
      scaleArcsecPerPx: rung.useScale && input.scaleArcsecPerPx ? input.scaleArcsecPerPx : undefined,
      verifyName: rung.verifyHeader ? 'header.wcs' : undefined,
      signal: input.signal,
    })
    log.runs.push(run)
    const attempt: Attempt = {
      attempt: rung.name,
      solved: solution !== null,
      log_odds: solution?.logOdds ?? null,
      // Whole seconds: the exact time is in run.json, and two runs of one plate must leave the same bytes here.
      seconds: Math.round(run.seconds),
      index_file: solution?.indexFile ?? null,
      verdict: failure !== null ? `solve-field broke off: ${failure}` : run.timedOut ? STOPPED : null,
    }
    log.attempts.push(attempt)
    if (failure !== null) {
      const damaged = rung.index === 'field' ? undefined : namedIn(failure, indexFiles)
      failures.push({ failure, command: run.command, damaged })
      if (damaged !== undefined) {
        damagedPaths.add(damaged)
        rungs.unshift(rung) // the same again without it
      }
    }
    if (solution === null) continue
    const frame = frameOf(input.width, input.height)
    const constants = fromLinearWcs(solution.wcs, frame, PLATE_MODELS[0]!)
    yield { constants, logOdds: solution.logOdds, indexFile: solution.indexFile, attempt }
  }
  if (failures.length > 0 && failures.length === log.attempts.length) throw brokenOff(failures)
}

interface Failure {
  failure: string
  command: string[]
  /** The index that the solver stumbled over. */
  damaged: string | undefined
}

/** Which index the solver complains of: by its path where it cannot be read, by its name where it is none or has gone. */
function namedIn(failure: string, paths: readonly string[]): string | undefined {
  return (
    paths.find((path) => failure.includes(path)) ??
    paths.find((path) => failure.includes(`"${basename(path)}"`))
  )
}

function brokenOff(failures: readonly Failure[]): UserError {
  const damaged = failures.flatMap((f) => f.damaged ?? [])
  if (damaged.length > 0) {
    return new UserError(
      `solve-field broke off, because it cannot read the index ${damaged.join(', ')}`,
      'install it again, or name other folders with --index-dir',
    )
  }
  const [first] = failures
  return new UserError(
    `solve-field broke off in all ${failures.length} attempts (${first!.failure})`,
    `${byHand(first!)}; or name another with --solve-field`,
  )
}

async function writeList({ detections, ranked, workDir }: SolveInput): Promise<void> {
  const rows = ranked.slice(0, LIST_MAX)
  const column = (name: string, data: Float64Array) => ({ name, format: '1D', data, repeat: 1 })
  await writeFitsTables(join(workDir, 'stars.xyls'), [
    {
      name: 'STARS',
      columns: [
        column(
          'X',
          Float64Array.from(rows, (row) => detections.x[row]!),
        ),
        column(
          'Y',
          Float64Array.from(rows, (row) => detections.y[row]!),
        ),
        column(
          'RANK',
          Float64Array.from(rows, (_, at) => at),
        ),
      ],
    },
  ])
}

async function writeHeaderWcs(wcs: HeaderWcs, { width, height, workDir }: SolveInput): Promise<void> {
  const header = emptyHeader()
  const cards: [string, string | number | boolean][] = [
    ['SIMPLE', true],
    ['BITPIX', 8],
    ['NAXIS', 0],
    ['CTYPE1', 'RA---TAN'],
    ['CTYPE2', 'DEC--TAN'],
    ['CRVAL1', wcs.crval[0]],
    ['CRVAL2', wcs.crval[1]],
    ['CRPIX1', wcs.crpix[0]],
    ['CRPIX2', wcs.crpix[1]],
    ['CD1_1', wcs.cd[0]],
    ['CD1_2', wcs.cd[1]],
    ['CD2_1', wcs.cd[2]],
    ['CD2_2', wcs.cd[3]],
    ['IMAGEW', width],
    ['IMAGEH', height],
  ]
  for (const [keyword, value] of cards) setCard(header, keyword, value)
  await writeWhole(join(workDir, 'header.wcs'), formatHeader(header))
}

async function fieldIndexesOf(input: SolveInput, config: Config, log: Solving): Promise<string[]> {
  if (input.stars === null) return []
  const diagonalPx = Math.hypot(input.width, input.height)
  const scale = input.scaleArcsecPerPx
  const { names, runs, trouble } = await buildFieldIndexes({
    stars: input.stars,
    plateStars: input.ranked.length,
    fieldDeg: scale === null ? null : (diagonalPx * Math.sqrt(scale[0] * scale[1])) / 3600,
    place: input.place,
    workDir: input.workDir,
    program: config.buildIndex,
    timeoutSeconds: config.solveTime,
    signal: input.signal,
  })
  log.runs.push(...runs)
  log.indexTrouble = trouble
  return names
}

/** The indexes in the folders that can be read: a damaged one would stop the solver. */
async function indexesOf(dirs: readonly string[]): Promise<{ paths: string[]; smallestQuadArcmin: number }> {
  const folders = await Promise.all(dirs.map(readIndexFolder))
  const indexes = folders.flatMap((folder) => folder.indexes)
  return {
    paths: indexes.map((index) => index.path),
    smallestQuadArcmin: Math.min(...indexes.map((index) => index.smallestQuadArcmin)),
  }
}

/** Those of the store that a rung can use: where the place serves, those around it. */
function storePaths({ storeIndexes = [], place, ...input }: SolveInput, rung: Rung): string[] {
  if (!rung.usePlace || place === null) return storeIndexes.map(({ path }) => path)
  const scale = input.scaleArcsecPerPx?.[1] ?? 0
  const halfDeg = (Math.hypot(input.width, input.height) * scale) / 2 / 3600
  const field = { ...place, radiusDeg: Math.min(180, place.radiusDeg + halfDeg) }
  return indexesWithin(storeIndexes, field).map(({ path }) => path)
}

/** Width of the shorter side at the largest scale that is thought possible; unlimited where the scale is unknown. */
function widthArcmin({ width, height, scaleArcsecPerPx }: SolveInput): number {
  if (scaleArcsecPerPx === null) return Number.POSITIVE_INFINITY
  return (Math.min(width, height) * scaleArcsecPerPx[1]) / 60
}

/** A tenth of the star images' width, and for Tycho-2's unknown motions in the folders' indexes at least one pixel more. */
function pixelError({ fwhmPx }: SolveInput, rung: Rung): number {
  return Math.max(1, 0.1 * fwhmPx) + (rung.index === 'folders' ? 1 : 0)
}
