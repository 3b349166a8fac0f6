// A scan of a plate with known truth: a true sky, imaged by a known plate, an emulsion, a scanner and a rough life.
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { throwIfCancelled, UserError } from '../errors.ts'
import { createFitsImage } from '../fits/image.ts'
import { writeWhole } from '../fits/io.ts'
import { writeFitsTables } from '../fits/table.ts'
import { makeFolders, whyNot } from '../folders.ts'
import { clusterStars } from './cluster.ts'
import { exposuresOf, trueExposures } from './exposures.ts'
import { plateConstants, plateFrame } from './frame.ts'
import type { PlateConstants } from './geometry.ts'
import { scanHeader } from './header.ts'
import { parseSimulateOptions, type SimulateOptions } from './options.ts'
import { pointedExposures, skyCones } from './pointing.ts'
import { randomStream } from './random.ts'
import { referenceCsv } from './reference.ts'
import { renderPlate } from './scan.ts'
import { composePlate } from './scene.ts'
import { trueSky } from './sky.ts'
import { artefactColumns, truthColumns, truthHeader } from './truth.ts'

export interface SimulateResult {
  name: string
  /** Paths of the files written. */
  scan: string
  truth: string
  reference: string
  artefacts: string
  recipe: string
  width: number
  height: number
  epochYr: number
  constants: PlateConstants
  counts: { images: number; onPlate: number; reference: number; artefacts: number }
  /** What is wrong with the header, in sentences. */
  headerFaults: string[]
}

export interface SimulateIo {
  outDir: string
  /** Folders with astrometry.net indexes, for Tycho-2. */
  indexDirs?: string[] | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((text: string) => void) | undefined
}

const DEFAULT_INDEX_DIRS = ['/usr/share/astrometry']

/**
 * Writes `<name>.fits` (the scan), `-truth.fits`, `-reference.csv`, `-artefacts.fits` and `<name>.json` into outDir; the same
 * options give the same bytes. Options not given have their defaults.
 * @throws UserError for options out of range, a star file without stars there, or missing indexes; Cancelled.
 */
export async function simulate(given: Partial<SimulateOptions>, io: SimulateIo): Promise<SimulateResult> {
  const options = parseSimulateOptions(given)
  const { seed } = options
  const frame = plateFrame(options)
  const asked = exposuresOf(options, frame.epochYr, randomStream(seed, 'exposures'))
  const pointedAt = (centre: { raDeg: number; decDeg: number }) => {
    const constants = plateConstants(options, frame, centre)
    return { constants, exposures: pointedExposures(asked, constants, options.shift) }
  }

  io.onProgress?.('stars of the field')
  const { field, stars: fieldStars } = await trueSky(
    {
      stars: options.stars,
      raDeg: options.ra,
      decDeg: options.dec,
      radiusDeg: frame.radiusDeg,
      density: options.density,
      faintestMag: frame.faintestMag,
      cones: (centre) => {
        const { constants, exposures } = pointedAt(centre)
        return skyCones(exposures, constants, frame)
      },
    },
    (name) => randomStream(seed, name),
    { indexDirs: io.indexDirs ?? DEFAULT_INDEX_DIRS, signal: io.signal },
  )
  throwIfCancelled(io.signal)

  const { constants, exposures } = pointedAt(field)
  const members = clusterStars(
    { count: options.cluster, halfLightMm: options.clusterMm },
    { frame, constants },
    randomStream(seed, 'cluster'),
  )
  const stars = [...fieldStars, ...members]
  const plate = composePlate(options, { frame, constants, stars, exposures })
  const { header, faults } = scanHeader(
    {
      style: options.header,
      constants,
      exposureEpochsYr: trueExposures(options, exposures).map((exposure) => exposure.epochYr),
      numexp: options.numexp,
      method: options.method,
      numberedDates: options.exposureDates === 'all',
      kind: options.kind,
      bits: plate.scene.digitizer.bits,
      seed,
      wcs: options.wcs,
    },
    randomStream(seed, 'header'),
  )
  const reference = referenceCsv(stars, frame.referenceLimit, randomStream(seed, 'reference'))
  const counts = {
    images: plate.images.length,
    onPlate: plate.rendition.onPlate.filter(Boolean).length,
    reference: reference.rows,
    artefacts: plate.artefacts.length,
  }
  const recipe = {
    options,
    constants,
    epoch_yr: frame.epochYr,
    limit_mag: frame.limitMag,
    limit_peak_sky: plate.limitPeak,
    exposures,
    header_faults: faults,
    counts,
  }

  const name = options.name ?? `sim-${seed}`
  const paths = await writeTogether(io.outDir, name, {
    scan: [
      `${name}.fits`,
      async (path) => {
        const sink = await createFitsImage(path, {
          width: frame.width,
          height: frame.height,
          bitpix: plate.scene.digitizer.bits,
          unsigned: true,
          header,
        })
        try {
          await renderPlate(plate.scene, sink, io)
          await sink.close()
        } finally {
          await sink.discard() // does nothing once closed
        }
      },
    ],
    truth: [
      `${name}-truth.fits`,
      (path) => {
        const columns = truthColumns(plate, exposures)
        return writeFitsTables(path, [{ name: 'TRUTH', columns, header: truthHeader(constants, frame) }])
      },
    ],
    reference: [`${name}-reference.csv`, (path) => writeWhole(path, reference.text)],
    artefacts: [
      `${name}-artefacts.fits`,
      (path) => writeFitsTables(path, [{ name: 'ARTEFACTS', columns: artefactColumns(plate.artefacts) }]),
    ],
    recipe: [`${name}.json`, (path) => writeWhole(path, `${JSON.stringify(recipe, null, 2)}\n`)],
  })
  return {
    name,
    ...paths,
    width: frame.width,
    height: frame.height,
    epochYr: frame.epochYr,
    constants,
    counts,
    headerFaults: faults,
  }
}

type Writers<K extends string> = Record<K, [fileName: string, write: (path: string) => Promise<void>]>

/** Writes the files aside and moves them when all are complete: a plate without its truth would be worse than none. */
async function writeTogether<K extends string>(
  outDir: string,
  name: string,
  writers: Writers<K>,
): Promise<Record<K, string>> {
  const work = await newFolder(outDir, name)
  try {
    const files = Object.entries(writers) as [K, Writers<K>[K]][]
    for (const [, [fileName, write]] of files) await write(join(work, fileName))
    for (const [, [fileName]] of files) await rename(join(work, fileName), join(outDir, fileName))
    return Object.fromEntries(files.map(([key, [fileName]]) => [key, join(outDir, fileName)])) as Record<
      K,
      string
    >
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function newFolder(outDir: string, name: string): Promise<string> {
  try {
    await makeFolders(resolve(outDir))
    return await mkdtemp(join(outDir, `.${name}-`))
  } catch (error) {
    throw new UserError(
      `nothing can be written into ${outDir}: ${whyNot(error)}`,
      'name another folder with --out',
    )
  }
}
