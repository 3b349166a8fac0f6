// platepipe catalog index: makes the indexes of a field or of the sky from the stars of a store, one file per epoch,
// octave of quads and region. Each counts from the moment that the manifest names it.
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Cancelled, throwIfCancelled, UserError } from '../../errors.ts'
import type { Cone } from '../../math/healpix.ts'
import { union } from '../../math/moc.ts'
import type { Progress } from '../../progress.ts'
import { describeProgram, VERSION_OF } from '../../tools/versions.ts'
import type { StarStore } from '../store/star-store.ts'
import { type IndexEntry, indexFolder, isThere, readIndexes } from './manifest.ts'
import { type Making, makeIndex, type Task } from './one-index.ts'
import { removeAbandoned } from './place-file.ts'
import { regionsOf } from './regions.ts'
import { quadScales } from './scales.ts'
import { depthOf, stateOf } from './stars.ts'

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
  const tmpDir = indexing.tmpDir ?? folder
  const tasks = tasksOf(store, indexing)
  if (tasks.length === 0) throw notCovered(store, indexing.target)
  const program = { names: [indexing.program], ...VERSION_OF.buildIndex }
  const version = (await describeProgram(program, signal))?.version ?? null
  await mkdir(folder, { recursive: true })
  const before = new Map((await readIndexes(folder)).map((entry) => [entry.file, entry]))
  for (const place of [folder, tmpDir]) await removeAbandoned(place, new Set(before.keys()))
  const result: Indexed = { folder, built: [], kept: [], empty: [] }
  const stop = new AbortController()
  const signals = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])])
  const making: Making = {
    ...{ store, program: indexing.program, tmpDir, folder, version },
    ...{ reading: oneByOne(), signal: signals },
  }
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
  const made = await makeIndex(task, making)
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
      const depth = depthOf(manifest, covered, region, scale.lowArcmin, limitMag)
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

function notCovered({ folder, manifest }: StarStore, target: Cone | 'sky'): UserError {
  if (target === 'sky') return new UserError(`the store ${folder} has no stars`, 'fetch or import some first')
  const { raDeg, decDeg, radiusDeg } = target
  return new UserError(
    `the store ${folder} has no stars of ${manifest.release} within ${radiusDeg}° of ${raDeg.toFixed(4)} ${decDeg.toFixed(4)}`,
    `get them with platepipe catalog fetch --ra ${raDeg} --dec ${decDeg} --radius ${radiusDeg}, or import them from a file`,
  )
}
