// One index of a store: its stars are read, moved and handed to build-astrometry-index, and what comes out is put into the
// folder and named in the manifest. A run that is killed in between leaves nothing that counts.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../errors.ts'
import { writeFitsTables } from '../../fits/table.ts'
import { buildIndex } from '../../tools/build-index.ts'
import { endOf } from '../../tools/run.ts'
import type { StarStore } from '../store/star-store.ts'
import { addIndex, type IndexEntry } from './manifest.ts'
import { makeWorkFolder, placeFile } from './place-file.ts'
import type { Region } from './regions.ts'
import type { QuadScale } from './scales.ts'
import { type IndexStars, indexStars } from './stars.ts'

/** An index that is wanted. */
export interface Task {
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

export interface Making {
  store: StarStore
  /** build-astrometry-index */
  program: string
  /** Where the work is done. */
  tmpDir: string
  folder: string
  version: string | null
  /** Lets one region's stars at a time into memory, where they are moved. */
  reading: <T>(work: () => Promise<T>) => Promise<T>
  signal: AbortSignal
}

/** @returns what the manifest says of it now, or why there is none. @throws UserError; Cancelled */
export async function makeIndex(
  task: Task,
  making: Making,
): Promise<{ entry: IndexEntry } | { why: string }> {
  const { store, program, folder, version, reading, signal } = making
  const workDir = await makeWorkFolder(making.tmpDir)
  try {
    const stars = await reading(async () => {
      const found = await indexStars(store, task.region, { ...task, signal })
      if (found.length >= MIN_STARS) await writeStars(join(workDir, 'stars.fits'), found)
      return found.length
    })
    if (stars < MIN_STARS) return { why: `${stars} stars` }
    const quads: [number, number] = [task.scale.lowArcmin, task.scale.highArcmin]
    const { run, built } = await buildIndex({
      ...{ program, workDir, starsName: 'stars.fits', indexName: 'index.fits' },
      ...{ quadArcmin: quads, indexId: task.id, timeoutSeconds: BUILD_SECONDS, signal },
    })
    if (!built) {
      if (/\bRead 0 codes\b/.test(run.output)) return { why: `no quads among ${stars} stars` }
      throw new UserError(
        `${program} made no index of ${stars} stars (${run.timedOut ? 'it took too long' : endOf(run)}): ` +
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
