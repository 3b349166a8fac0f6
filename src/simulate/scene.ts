// Everything that will be seen on the plate, put together: images, background, emulsion, marks, scanner, and the truth
// that follows from them.
import { DEG } from '../math/sphere.ts'
import { plateBackground } from './background.ts'
import { type Blending, findBlends } from './blending.ts'
import { DAMAGE_KINDS, damageCounts, damageMarks, holderMark } from './damage.ts'
import { characteristicCurve } from './emulsion.ts'
import { spreadOf } from './exposures.ts'
import type { PlateFrame } from './frame.ts'
import type { PlateConstants } from './geometry.ts'
import { spreadsOfOrders } from './ghosts.ts'
import { type Exposure, type StarImage, spotsOf, starImages } from './images.ts'
import { largeObjects } from './objects.ts'
import type { SimulateOptions } from './options.ts'
import { randomStream } from './random.ts'
import { limitingPeak, type Rendition, renditionOf } from './rendition.ts'
import { reseauOf } from './reseau.ts'
import { type PlateScene, reachOf } from './scan.ts'
import type { TrueStar } from './sky.ts'
import type { ImageShape } from './starlight.ts'
import type { Artefact } from './truth.ts'

export interface Composition {
  scene: PlateScene
  images: StarImage[]
  rendition: Rendition
  blending: Blending
  /** Intensity (sky units) at the top of the faintest images. */
  limitPeak: number
  /** What is on the plate and is no star. */
  artefacts: Artefact[]
}

const MARGIN = 0.1 // of the plate: stars this far outside may still throw light onto it
const COVERED_SHARE = 0.99 // a place that gets less of the light than this lies under a border

function imageShape(options: SimulateOptions): ImageShape {
  return {
    fwhmPx: options.fwhm,
    beta: options.beta,
    halation: options.halation,
    halationPx: (options.halationMm * 1000) / options.pixelUm,
    spikes: options.spikes,
    spikeAngle: options.rotation * DEG,
  }
}

/** The marks of damage (level, overridden kind by kind) and the scanner's holder. */
function marksOf(options: SimulateOptions, ground: { width: number; height: number; fwhmPx: number }) {
  const counts = damageCounts(options.damage, ground)
  for (const kind of DAMAGE_KINDS) counts[kind] = options[kind] ?? counts[kind]
  const holderPx = (options.holder * 1000) / options.pixelUm
  const holder = holderMark(ground, holderPx, randomStream(options.seed, 'holder'))
  const marks = damageMarks(counts, ground, options.seed)
  return { marks: holder ? [...marks, holder.mark] : marks, holder }
}

/** Puts the plate together. Each random thing has its own stream of the seed. */
export function composePlate(
  options: SimulateOptions,
  plate: {
    frame: PlateFrame
    constants: PlateConstants
    stars: readonly TrueStar[]
    exposures: readonly Exposure[]
  },
): Composition {
  const { frame, constants, stars, exposures } = plate
  const { seed } = options
  const { width, height } = frame
  const curve = characteristicCurve({ ...options, grainPx: options.grainSize })
  const shape = imageShape(options)
  const spread = spreadOf(options)
  const spreads = spreadsOfOrders(spread, options, exposures)
  const limitPeak = limitingPeak(options, curve)
  const marginPx = Math.max(width, height) * MARGIN
  const { colourTerm, jitter: jitterUm } = options
  const images = starImages(
    {
      stars,
      exposures,
      constants,
      colourTerm,
      limitMag: frame.limitMag,
      limitPeak,
      jitterUm,
      radiusDeg: frame.radiusDeg,
      width,
      height,
      marginPx,
    },
    randomStream(seed, 'jitter'),
  )
  const halfEdgePx = Math.max(width, height) / 2
  const spots = images.map((image) => () => {
    const [dx, dy] = [image.x - constants.centrePx[0], image.y - constants.centrePx[1]]
    const stretch = 1 + options.edgeBlur * ((dx * dx + dy * dy) / halfEdgePx ** 2)
    return spotsOf(image, spreads[image.exposure]!, {
      fwhmPx: options.fwhm,
      stretch,
      angle: Math.atan2(dy, dx),
    })
  })
  const background = plateBackground(
    { ...options, width, height, rebateMm: options.rebate },
    randomStream(seed, 'background'),
  )
  const { marks, holder } = marksOf(options, { width, height, fwhmPx: options.fwhm })
  const reseau = reseauOf(options, { width, height }, randomStream(seed, 'reseau'))
  const digitizer = {
    values: options.values,
    polarity: options.polarity,
    bits: options.bits === '8' ? (8 as const) : (16 as const),
    dMax: options.dMax,
  }
  const covered = (x: number, y: number) =>
    background.exposed(x, y) < COVERED_SHARE || (holder?.covers(x, y) ?? false)
  return {
    scene: {
      width,
      height,
      images: spots.map((make) => ({ spots: make, reach: reachOf(make(), shape) })),
      shape,
      addObjects: largeObjects(options, frame),
      background,
      curve,
      grain: options.grain,
      grainPx: options.grainSize,
      marks,
      drawReseau: reseau?.draw,
      digitizer,
      seed,
    },
    images,
    rendition: renditionOf(spots, images, { curve, digitizer, shape, covered, width, height }),
    blending: findBlends(images, shape, spreads.at(-1)!),
    limitPeak,
    artefacts: [...marks, ...(reseau?.marks ?? [])],
  }
}
