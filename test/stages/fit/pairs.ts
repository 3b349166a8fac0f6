// Pairs of images and reference stars on a plate whose constants are known, with errors that grow to the faint end and
// wild pairs within the match radius: what the stage fit is given.
import { ARCSEC, MAS } from '../../../src/math/sphere.ts'
import { type PlateConstants, standardAt } from '../../../src/models/plate-constants.ts'
import { contextFor } from '../../../src/models/plate-context.ts'
import { ANY_STAR } from '../../../src/models/term.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import type { FitInput } from '../../../src/stages/fit.ts'
import { centringPx, drawStars, truePlate } from '../../models/true-plate.ts'

export const SCALE_ARCSEC_PX = 2
const WILD_REACH_PX = 3 // about the match radius of a first round

export interface PairsOptions {
  seed: number
  count?: number
  /** Of the true plate. */
  degree?: number
  bendPx?: number
  /** Share of pairs with another star, anywhere within the match radius. */
  wildShare?: number
  /** Per axis, mas; known to the fit. */
  referenceErrorMas?: number
  /** Multiplies every centring error. */
  noise?: number
  maxDegree?: number
  /** Proper motions of this rms per axis, mas/yr, and the years by which the assumed epoch is late. */
  motionMasYr?: number
  lateYr?: number
  width?: number
  height?: number
}

export interface Pairs {
  input: FitInput
  truth: PlateConstants
  wild: Uint8Array
  /** True centring error per axis of each pair, rad. */
  centring: Float64Array
  pmRaMasYr: Float64Array
  pmDecMasYr: Float64Array
}

export function pairsOf(options: PairsOptions): Pairs {
  const { seed, count = 300, degree = 1, bendPx = 3, wildShare = 0, referenceErrorMas = 10 } = options
  const { noise = 1, maxDegree = 3, motionMasYr = 0, lateYr = 0, width = 1000, height = 1000 } = options
  const random = randomStream(seed, 'pairs')
  const truth = truePlate({ degree, bendPx, seed, width, height, scaleArcsecPx: SCALE_ARCSEC_PX })
  const stars = drawStars(random, count, { width, height })
  const column = () => new Float64Array(count)
  const [x, y, xi, eta] = [column(), column(), column(), column()]
  const [centring, pmRaMasYr, pmDecMasYr] = [column(), column(), column()]
  const wild = new Uint8Array(count)
  stars.forEach((star, i) => {
    const errorPx = noise * centringPx(star.gMag)
    centring[i] = errorPx * SCALE_ARCSEC_PX * ARCSEC
    wild[i] = random.next() < wildShare ? 1 : 0
    const [dx, dy] =
      wild[i] === 1 ? inDisc(random, WILD_REACH_PX) : [errorPx * random.gauss(), errorPx * random.gauss()]
    x[i] = star.x + dx
    y[i] = star.y + dy
    const place = standardAt(truth, star.x, star.y)
    pmRaMasYr[i] = motionMasYr * random.gauss()
    pmDecMasYr[i] = motionMasYr * random.gauss()
    // The catalogue's place was moved to an epoch that is `lateYr` after the true one.
    xi[i] = place.xi + (referenceErrorMas * random.gauss() + pmRaMasYr[i]! * lateYr) * MAS
    eta[i] = place.eta + (referenceErrorMas * random.gauss() + pmDecMasYr[i]! * lateYr) * MAS
  })
  const input: FitInput = {
    x,
    y,
    xi,
    eta,
    referenceVariance: column().fill((referenceErrorMas * MAS) ** 2),
    magnitude: Float64Array.from(stars, ({ gMag }) => gMag - 25),
    mag: Float64Array.from(stars, ({ gMag }) => gMag),
    bpRp: column().fill(Number.NaN),
    trusted: new Uint8Array(count).fill(1),
    frame: truth.frame,
    ra0: truth.ra0,
    dec0: truth.dec0,
    maxDegree,
    star: ANY_STAR,
    context: contextFor(truth),
    full: false,
    local: false,
  }
  return { input, truth, wild, centring, pmRaMasYr, pmDecMasYr }
}

function inDisc(
  random: { next(): number; between(a: number, b: number): number },
  reach: number,
): [number, number] {
  const r = reach * Math.sqrt(random.next())
  const angle = random.between(0, 2 * Math.PI)
  return [r * Math.cos(angle), r * Math.sin(angle)]
}

/** Standard deviation about zero. */
export function width(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)
}
