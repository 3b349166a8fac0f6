// platepipe catalog index: makes the indexes of a field or of the sky from the stars of a store, one file per epoch,
// octave of quads and region. Each counts from the moment that the manifest names it.
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Cancelled, throwIfCancelled, UserError } from '../../errors.ts'
import { writeFitsTables } from '../../fits/table.ts'
import type { Cone } from '../../math/healpix.ts'
import { union } from '../../math/moc.ts'
import type { Progress } from '../../progress.ts'
import { buildIndex } from '../../tools/build-index.ts'
import { endOf } from '../../tools/run.ts'
import { describeProgram, VERSION_OF } from '../../tools/versions.ts'
import type { StarStore } from '../store/star-store.ts'
import { addIndex, type IndexEntry, indexFolder, isThere, readIndexes } from './manifest.ts'
import { makeWorkFolder, placeFile, removeAbandoned } from './place-file.ts'
import { type Region, regionsOf } from './regions.ts'
import { type QuadScale, quadScales } from './scales.ts'
import { depthOf, type IndexStars, indexStars, stateOf } from './stars.ts'

export interface Indexing {
  target: Cone | 'sky'
  /** No star that is fainter than this; null: as deep as the quads ask for. */
  limitMag: number | null
  epochsYr: readonly number[]
  /** Widths of the fields that are to be solved, degrees. */
  fieldDeg: readonly [low: number, high: number]
  /** build-astrometry-index */
  program: string
  /** Where the work is done; null: beside the indexes. */
  tmpDir: string | null
  signal?: AbortSignal | undefined
  progress: Progress
}

export interface Indexed {
  /** Folder of the files. */
  folder: string
  built: IndexEntry[]
  /** Those that were there already, from the same stars. */
  kept: IndexEntry[]
  /** What has too few stars, and why that is. */
  empty: { epochYr: number; quadsArcmin: readonly [number, number]; region: string; why: string }[]
}

interface Task {
  region: Region
  scale: QuadScale
  epochYr: number
  limitMag: number | null
  /** Checksum of the stars of the store in the region. */
  state: string
  file: string
  /** Identifier of the index in its header. */
  id: number
}

/** A quad needs four; with fewer than this no solution could be checked. */
const MIN_STARS = 8

/** The largest, 2 million stars, take about 6 minutes. */
const BUILD_SECONDS = 6 * 3600

/** More at once would wait for the disk, and each takes 300 MB. */
const MAX_BUILDS = 8

/**
 * Makes what is not there yet.
 * @throws UserError: nothing covered, the program missing or failing, no room, a damaged store; Cancelled: what was
 *   finished before stays
 */
export async function indexStore(store: StarStore, indexing: Indexing): Promise<Indexed> {
  const { signal, progress } = indexing
  const folder = indexFolder(store.folder)
  const tasks = tasksOf(store, indexing)
  if (tasks.length === 0) throw notCovered(store, indexing.target)
  const program = { names: [indexing.program], ...VERSION_OF.buildIndex }
  const version = (await describeProgram(program, signal))?.version ?? null
  await mkdir(folder, { recursive: true })
  for (const place of [folder, indexing.tmpDir ?? folder]) await removeAbandoned(place)
  const before = new Map((await readIndexes(folder)).map((entry) => [entry.file, entry]))
  const result: Indexed = { folder, built: [], kept: [], empty: [] }
  const stop = new AbortController()
  const signals = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])])
  const making: Making = { store, indexing, folder, version, reading: oneByOne(), signal: signals }
  let done = 0
  const waiting = tasks.values()
  const worker = async () => {
    for (const task of waiting) {
      throwIfCancelled(signals)
      await keepOrMake(task, before.get(task.file), making, result)
      progress.step(`${++done} of ${tasks.length} indexes: ${titleOf(task)}`)
    }
  }
  const workers = Array.from({ length: Math.min(MAX_BUILDS, availableParallelism()) }, () =>
    worker().catch((error: unknown) => {
      stop.abort() // the others need not finish theirs
      throw error
    }),
  )
  const ends = await Promise.allSettled(workers)
  throwIfCancelled(signal)
  const failed = ends.filter((end) => end.status === 'rejected').map((end) => end.reason)
  if (failed.length > 0) throw failed.find((error) => !(error instanceof Cancelled)) ?? failed[0]
  return result
}

/** Runs what it is given one after the other, whoever gives it. */
function oneByOne(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

async function keepOrMake(
  task: Task,
  known: IndexEntry | undefined,
  making: Making,
  result: Indexed,
): Promise<void> {
  const { folder } = making
  if (known !== undefined && (await isThere(folder, known))) {
    result.kept.push(known)
    return
  }
  if (known !== undefined) await rm(join(folder, task.file), { force: true }) // of another length: damaged
  const made = await make(task, making)
  if ('entry' in made) result.built.push(made.entry)
  else {
    const { epochYr, region, scale } = task
    const quadsArcmin = [scale.lowArcmin, scale.highArcmin] as const
    result.empty.push({ epochYr, quadsArcmin, region: region.name, why: made.why })
  }
}

const titleOf = ({ epochYr, scale, region }: Task): string =>
  `J${epochYr}, quads ${scale.lowArcmin}–${scale.highArcmin}′, ${region.name}`

function tasksOf({ manifest }: StarStore, { target, limitMag, epochsYr, fieldDeg }: Indexing): Task[] {
  const covered = union(...manifest.coverage.map(({ moc }) => moc))
  return quadScales(fieldDeg).flatMap((scale) =>
    regionsOf(target, scale.lowArcmin, covered).flatMap((region) => {
      const depth = depthOf(manifest, region, scale.lowArcmin, limitMag)
      const state = stateOf(manifest, region)
      return epochsYr.map((epochYr): Task => {
        const inputs = [manifest.release, epochYr, scale.lowArcmin, region.name, depth, state]
        const digest = createHash('sha256').update(JSON.stringify(inputs)).digest('hex')
        const words = [`J${epochYr}`, `${scale.lowArcmin}arcmin`, region.name.replaceAll(/[ /]/g, '_')]
        return {
          ...{ region, scale, epochYr, limitMag: depth, state },
          file: `${words.join('-')}-${digest.slice(0, 8)}.fits`,
          id: Number.parseInt(digest.slice(0, 7), 16),
        }
      })
    }),
  )
}

interface Making {
  store: StarStore
  indexing: Indexing
  folder: string
  version: string | null
  /** One region's stars at a time are in memory while they are moved. */
  reading: ReturnType<typeof oneByOne>
  signal: AbortSignal
}

async function make(task: Task, making: Making): Promise<{ entry: IndexEntry } | { why: string }> {
  const { store, indexing, folder, version, reading, signal } = making
  const workDir = await makeWorkFolder(indexing.tmpDir ?? folder)
  try {
    const stars = await reading(async () => {
      const found = await indexStars(store, task.region, { ...task, signal })
      if (found.length >= MIN_STARS) await writeStars(join(workDir, 'stars.fits'), found)
      return found.length
    })
    if (stars < MIN_STARS) return { why: `${stars} stars` }
    const quads: [number, number] = [task.scale.lowArcmin, task.scale.highArcmin]
    const { run, built } = await buildIndex({
      ...{ program: indexing.program, workDir, starsName: 'stars.fits', indexName: 'index.fits' },
      ...{ quadArcmin: quads, indexId: task.id, timeoutSeconds: BUILD_SECONDS, signal },
    })
    if (!built) {
      if (/\bRead 0 codes\b/.test(run.output)) return { why: `no quads among ${stars} stars` }
      throw new UserError(
        `${indexing.program} made no index of ${stars} stars (${run.timedOut ? 'it took too long' : endOf(run)}): ` +
          `${run.output.trim().split('\n').at(-1) ?? ''}`,
        'try a shallower --limit-mag or a smaller field, or name another program with --build-index',
      )
    }
    const placed = await placeFile(join(workDir, 'index.fits'), join(folder, task.file))
    const entry: IndexEntry = {
      file: task.file,
      release: store.manifest.release,
      epoch_yr: task.epochYr,
      quads_arcmin: quads,
      region: task.region.name,
      moc: task.region.moc,
      limit_mag: task.limitMag,
      stars,
      ...placed,
      generation: store.manifest.generation,
      stars_sha256: task.state,
      program_version: version,
      command: run.command,
    }
    await addIndex(folder, entry, signal)
    return { entry }
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

async function writeStars(path: string, { raDeg, decDeg, gMag }: IndexStars): Promise<void> {
  const column = (name: string, unit: string, data: Float64Array) => ({
    name,
    format: '1D',
    unit,
    data,
    repeat: 1,
  })
  const columns = [column('RA', 'deg', raDeg), column('DEC', 'deg', decDeg), column('MAG', 'mag', gMag)]
  await writeFitsTables(path, [{ name: 'STARS', columns }])
}

function notCovered({ folder, manifest }: StarStore, target: Cone | 'sky'): UserError {
  if (target === 'sky') return new UserError(`the store ${folder} has no stars`, 'fetch or import some first')
  const { raDeg, decDeg, radiusDeg } = target
  return new UserError(
    `the store ${folder} has no stars of ${manifest.release} within ${radiusDeg}° of ${raDeg.toFixed(4)} ${decDeg.toFixed(4)}`,
    `get them with platepipe catalog fetch --ra ${raDeg} --dec ${decDeg} --radius ${radiusDeg}, or import them from a file`,
  )
}
