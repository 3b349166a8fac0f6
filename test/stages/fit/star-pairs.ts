// Pairs on a plate whose images are shifted by a given law of place, magnitude and colour: written out here, not by the
// plate models that are to find it.
import { ARCSEC, DEG } from '../../../src/math/sphere.ts'
import { PLATE_MODELS } from '../../../src/models/models.ts'
import { frameOf, fromLinearWcs, type PlateFrame } from '../../../src/models/plate-constants.ts'
import { contextFor } from '../../../src/models/plate-context.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import type { FitInput } from '../../../src/stages/fit.ts'
import { centringPx, drawStars } from '../../models/true-plate.ts'

const PIXEL = 2 * ARCSEC // radians

/** A star image: x, y in px, u, v scaled to [−1, 1], magnitude and colour counted from those of the reference star. */
export interface Image {
  x: number
  y: number
  u: number
  v: number
  m: number
  c: number
}

/** By how much the image must be moved along x and y, px, to lie where an affine plate has it. */
export type Shift = (image: Image) => [dx: number, dy: number]

export interface StarPairsOptions {
  seed: number
  count?: number
  shift?: Shift
  /** Multiplies every centring error. */
  noise?: number
  wildShare?: number
  width?: number
  height?: number
  rotationDeg?: number
  mirrored?: boolean
  full?: boolean
  local?: boolean
  maxDegree?: number
  tileEdges?: FitInput['context']['tileEdges']
}

export const STAR = {
  mag: 14,
  bpRp: 0.9,
  magRange: [9, 16] as [number, number],
  bpRpRange: [-1, 3] as [number, number],
  bpRpScatter: 0.5,
}
const WILD_REACH_PX = 3

export interface StarPairs {
  input: FitInput
  frame: PlateFrame
  /** From a displacement along x and y, px, to one of ξ and η, radians. */
  toSky: (dx: number, dy: number) => [xi: number, eta: number]
  /** The same for unit px of the coefficients of ξ and η. */
  images: Image[]
}

export function starPairs(options: StarPairsOptions): StarPairs {
  const { seed, count = 300, shift = () => [0, 0], noise = 1, wildShare = 0 } = options
  const { width = 1000, height = 1000, rotationDeg = 25, mirrored = false } = options
  const { full = true, local = false, maxDegree = 5 } = options
  const random = randomStream(seed, 'star pairs')
  const frame = frameOf(width, height)
  const [c, s] = [Math.cos(rotationDeg * DEG), Math.sin(rotationDeg * DEG)]
  const hand = mirrored ? 1 : -1
  const toSky = (dx: number, dy: number): [number, number] => [
    PIXEL * (hand * c * dx + s * dy),
    PIXEL * (-hand * s * dx + c * dy),
  ]
  const images = drawStars(random, count, { width, height }).map(
    ({ x, y, gMag }): Image => ({
      x,
      y,
      u: (x - frame.x0) / frame.halfPx,
      v: (y - frame.y0) / frame.halfPx,
      m: gMag - STAR.mag,
      c: Math.min(2.1, Math.max(-1.9, 0.45 * random.gauss())),
    }),
  )
  const column = () => new Float64Array(count)
  const [x, y, xi, eta] = [column(), column(), column(), column()]
  images.forEach((image, i) => {
    const [dx, dy] = shift(image)
    const [a, b] = toSky(image.x - frame.x0 + dx, image.y - frame.y0 + dy)
    xi[i] = a
    eta[i] = b
    const error = noise * centringPx(image.m + STAR.mag)
    const [ex, ey] = [error * random.gauss(), error * random.gauss()]
    const isWild = random.next() < wildShare
    const [r, angle] = [WILD_REACH_PX * Math.sqrt(random.next()), 2 * Math.PI * random.next()]
    x[i] = image.x + (isWild ? r * Math.cos(angle) : ex)
    y[i] = image.y + (isWild ? r * Math.sin(angle) : ey)
  })
  const step = PIXEL / DEG
  const linear = { crval: [150, 20], crpix: [frame.x0, frame.y0] } as const
  const cd = [hand * c, s, -hand * s, c].map((value) => value * step)
  const affine = fromLinearWcs({ ...linear, cd }, frame, PLATE_MODELS[0]!)
  const context = { ...contextFor(affine), tileEdges: options.tileEdges ?? { x: [], y: [] } }
  const input: FitInput = {
    x,
    y,
    xi,
    eta,
    referenceVariance: column(),
    magnitude: Float64Array.from(images, ({ m }) => m + STAR.mag - 25),
    mag: Float64Array.from(images, ({ m }) => m + STAR.mag),
    bpRp: Float64Array.from(images, ({ c: colour }) => colour + STAR.bpRp),
    trusted: new Uint8Array(count).fill(1),
    frame,
    ra0: affine.ra0,
    dec0: affine.dec0,
    star: STAR,
    context,
    maxDegree,
    full,
    local,
  }
  return { input, frame, toSky, images }
}

export { PIXEL }
