// A scan of a plate with known truth: a true sky, imaged by a known plate, an emulsion, a scanner and a rough life.
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfCancelled, UserError } from '../errors.ts'
import { createFitsImage } from '../fits/image.ts'
import { writeFitsTables } from '../fits/table.ts'
import { plateBackground } from './background.ts'
import { findBlends } from './blending.ts'
import { DAMAGE_KINDS, type DamageCounts, damageCounts, damageMarks, holderMark } from './damage.ts'
import { characteristicCurve } from './emulsion.ts'
import { exposuresOf, spreadOf } from './exposures.ts'
import type { PlateConstants } from './geometry.ts'
import { scanHeader } from './header.ts'
import { spotsOf, starImages } from './images.ts'
import { parseSimulateOptions, type SimulateOptions } from './options.ts'
import { randomStream } from './random.ts'
import { referenceCsv } from './reference.ts'
import { limitingPeak, renditionOf } from './rendition.ts'
import { type Digitizer, reachOf, renderPlate } from './scan.ts'
import { trueSky } from './sky.ts'
import type { ImageShape } from './starlight.ts'
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

const DEFAULT_WIDTH_PX = 2000
const DEFAULT_INDEX_DIRS = ['/usr/share/astrometry']
const PIVOT_BELOW_LIMIT = 3 // magnitude equation and coma are counted from this much above the limit
const FAINTEST_BELOW_LIMIT = 2

function frameOf(options: SimulateOptions) {
  const given = options.scale !== undefined && options.width !== undefined
  const width =
    options.width ?? (options.scale ? Math.round((options.field * 3600) / options.scale) : DEFAULT_WIDTH_PX)
  if (width < 64 || width > 40000) {
    throw new UserError(
      `a field of ${options.field}° at ${options.scale}″/px is ${width} px wide`,
      'choose --field and --scale so that it is 64 to 40000 px',
    )
  }
  const scaleArcsecPerPx = given || options.scale ? options.scale! : (options.field * 3600) / width
  const height = options.height ?? width
  return { width, height, scaleArcsecPerPx, fieldDeg: (Math.max(width, height) * scaleArcsecPerPx) / 3600 }
}

function constantsOf(
  options: SimulateOptions,
  frame: ReturnType<typeof frameOf>,
  limitMag: number,
): Omit<PlateConstants, 'raDeg' | 'decDeg'> {
  return {
    centrePx: [(frame.width + 1) / 2, (frame.height + 1) / 2],
    scaleArcsecPerPx: frame.scaleArcsecPerPx,
    pixelUm: options.pixelUm,
    rotationDeg: options.rotation,
    mirror: options.mirror,
    tiltArcmin: options.tilt,
    tiltAngleDeg: options.tiltAngle,
    distortionUm: options.distortion,
    edgeMm: (Math.max(frame.width, frame.height) * options.pixelUm) / 2000,
    magEquationUm: options.magEquation,
    comaUm: options.coma,
    colourUm: options.colour,
    pivotMag: limitMag - PIVOT_BELOW_LIMIT,
    wobbleUm: options.wobble,
    wobblePeriodMm: options.wobblePeriod,
  }
}

function countsOf(options: SimulateOptions, frame: { width: number; height: number }): DamageCounts {
  const counts = damageCounts(options.damage, frame)
  for (const kind of DAMAGE_KINDS) counts[kind] = options[kind] ?? counts[kind]
  return counts
}

/**
 * Writes `<name>.fits` (the scan), `-truth.fits`, `-reference.csv`, `-artefacts.fits` and `<name>.json` into outDir; the same
 * options give the same bytes. Options not given have their defaults.
 * @throws UserError for options out of range, a star file without stars there, or missing indexes; Cancelled.
 */
export async function simulate(given: Partial<SimulateOptions>, io: SimulateIo): Promise<SimulateResult> {
  const options = parseSimulateOptions(given)
  const { seed } = options
  const frame = frameOf(options)
  const limitMag = options.limit ?? 16 - 5 * Math.log10(frame.fieldDeg)
  const epochYr = options.epoch ?? Math.round(randomStream(seed, 'epoch').between(1895, 1990) * 1000) / 1000
  const exposures = exposuresOf(options, epochYr, randomStream(seed, 'exposures'))
  const referenceLimit = options.referenceLimit ?? Math.min(21, limitMag + FAINTEST_BELOW_LIMIT)

  io.onProgress?.('stars of the field')
  const { field, stars } = await trueSky(
    {
      stars: options.stars,
      raDeg: options.ra,
      decDeg: options.dec,
      radiusDeg: ((Math.hypot(frame.width, frame.height) / 2) * frame.scaleArcsecPerPx * 1.2) / 3600,
      density: options.density,
      faintestMag: Math.max(referenceLimit, limitMag + FAINTEST_BELOW_LIMIT),
    },
    {
      place: randomStream(seed, 'place'),
      stars: randomStream(seed, 'stars'),
      motions: randomStream(seed, 'motions'),
    },
    { indexDirs: io.indexDirs ?? DEFAULT_INDEX_DIRS, signal: io.signal },
  )
  throwIfCancelled(io.signal)
  const constants: PlateConstants = {
    raDeg: field.raDeg,
    decDeg: field.decDeg,
    ...constantsOf(options, frame, limitMag),
  }

  const curve = characteristicCurve({ ...options, grainPx: options.grainSize })
  const shape: ImageShape = {
    fwhmPx: options.fwhm,
    beta: options.beta,
    halation: options.halation,
    halationPx: (options.halationMm * 1000) / options.pixelUm,
    spikes: options.spikes,
    spikeAngle: (options.rotation * Math.PI) / 180,
  }
  const spread = spreadOf(options)
  const limitPeak = limitingPeak(options, curve)
  const images = starImages(
    {
      stars,
      exposures,
      constants,
      colourTerm: options.colourTerm,
      limitMag,
      limitPeak,
      jitterUm: options.jitter,
      width: frame.width,
      height: frame.height,
      marginPx: Math.max(frame.width, frame.height) * 0.1,
    },
    randomStream(seed, 'jitter'),
  )
  const digitizer: Digitizer = {
    values: options.values,
    polarity: options.polarity,
    bits: options.bits === '8' ? 8 : 16,
    dMax: options.dMax,
  }
  const background = plateBackground(
    {
      ...frame,
      pixelUm: options.pixelUm,
      vignetting: options.vignetting,
      skyGradient: options.skyGradient,
      edgeFog: options.edgeFog,
      rebateMm: options.rebate,
    },
    randomStream(seed, 'background'),
  )
  const ground = { width: frame.width, height: frame.height, fwhmPx: options.fwhm }
  const holder = holderMark(ground, (options.holder * 1000) / options.pixelUm, randomStream(seed, 'holder'))
  const marks = [...damageMarks(countsOf(options, frame), ground, seed), ...(holder ? [holder.mark] : [])]
  const covered = (x: number, y: number) => background.exposed(x, y) < 0.99 || (holder?.covers(x, y) ?? false)

  const halfEdgePx = Math.max(frame.width, frame.height) / 2
  const spots = (k: number) => {
    const image = images[k]!
    const [dx, dy] = [image.x - constants.centrePx[0], image.y - constants.centrePx[1]]
    const stretch = 1 + options.edgeBlur * ((dx * dx + dy * dy) / halfEdgePx ** 2)
    return spotsOf(image, spread, { fwhmPx: options.fwhm, stretch, angle: Math.atan2(dy, dx) })
  }
  const scene = {
    ...ground,
    images: images.map((_, k) => ({ spots: () => spots(k), reach: reachOf(spots(k), shape) })),
    shape,
    background,
    curve,
    grain: options.grain,
    grainPx: options.grainSize,
    marks,
    digitizer,
    seed,
  }
  const rendition = renditionOf(
    images.map((_, k) => spots(k)),
    images,
    { curve, digitizer, shape, covered, ...frame },
  )
  const blending = findBlends(images, shape, spread.lengthPx)
  const name = options.name ?? `sim-${seed}`
  const { header, faults } = scanHeader(
    {
      style: options.header,
      constants,
      epochYr,
      exposures: exposures.length,
      kind: options.kind,
      bits: digitizer.bits,
      seed,
      wcs: options.wcs,
    },
    randomStream(seed, 'header'),
  )
  const reference = referenceCsv(stars, referenceLimit, randomStream(seed, 'reference'))
  const recipe = {
    options,
    constants,
    epoch_yr: epochYr,
    limit_mag: limitMag,
    limit_peak_sky: limitPeak,
    exposures,
    header_faults: faults,
    counts: {
      images: images.length,
      onPlate: rendition.onPlate.filter(Boolean).length,
      reference: reference.rows,
      artefacts: marks.length,
    },
  }

  await mkdir(io.outDir, { recursive: true })
  // Written aside and moved when complete: a plate without its truth would be worse than none.
  const work = await mkdtemp(join(io.outDir, `.${name}-`))
  const names = {
    scan: `${name}.fits`,
    truth: `${name}-truth.fits`,
    reference: `${name}-reference.csv`,
    artefacts: `${name}-artefacts.fits`,
    recipe: `${name}.json`,
  }
  try {
    const sink = await createFitsImage(join(work, names.scan), {
      width: frame.width,
      height: frame.height,
      bitpix: digitizer.bits,
      unsigned: true,
      header,
      checksum: true,
    })
    try {
      await renderPlate(scene, sink, io)
      await sink.close()
    } finally {
      await sink.discard() // does nothing once closed
    }
    await writeFitsTables(join(work, names.truth), [
      {
        name: 'TRUTH',
        columns: truthColumns(images, rendition, blending),
        header: truthHeader(constants, epochYr, seed),
      },
    ])
    await writeFitsTables(join(work, names.artefacts), [
      { name: 'ARTEFACTS', columns: artefactColumns(marks) },
    ])
    await writeFile(join(work, names.reference), reference.text)
    await writeFile(join(work, names.recipe), `${JSON.stringify(recipe, null, 2)}\n`)
    for (const file of Object.values(names)) await rename(join(work, file), join(io.outDir, file))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  const path = (file: string) => join(io.outDir, file)
  return {
    name,
    scan: path(names.scan),
    truth: path(names.truth),
    reference: path(names.reference),
    artefacts: path(names.artefacts),
    recipe: path(names.recipe),
    width: frame.width,
    height: frame.height,
    epochYr,
    constants,
    counts: recipe.counts,
    headerFaults: faults,
  }
}
