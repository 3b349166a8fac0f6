// Plates whose constants are known, as the tests of models, match and fit need them: true constants, stars on them, and
// detections of these stars with errors that grow to the faint end. No pixels are drawn.
import type { EpochStars } from '../../src/catalog/at-epoch.ts'
import type { Detections } from '../../src/detections.ts'
import { ARCSEC, DEG, MAS } from '../../src/math/sphere.ts'
import { fromStandard } from '../../src/math/tangent.ts'
import { PLATE_MODELS } from '../../src/models/models.ts'
import { frameOf, type PlateConstants, standardAt } from '../../src/models/plate-constants.ts'
import { ANY_STAR } from '../../src/models/term.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'

export interface TruePlateOptions {
  width?: number
  height?: number
  scaleArcsecPx?: number
  /** Position angle of +y. */
  rotationDeg?: number
  mirrored?: boolean
  raDeg?: number
  decDeg?: number
  /** Of the polynomial; 1 is affine. */
  degree?: number
  /** Typical size of each higher term at the edge, px. */
  bendPx?: number
  seed?: number
}

/** True constants with a tangent point in the middle of the scan. */
export function truePlate(options: TruePlateOptions = {}): PlateConstants {
  const { width = 1000, height = 1000, scaleArcsecPx = 2, rotationDeg = 0, mirrored = false } = options
  const { raDeg = 150, decDeg = 20, degree = 1, bendPx = 3, seed = 1 } = options
  const frame = frameOf(width, height)
  const model = PLATE_MODELS[degree - 1]!
  const random = randomStream(seed, 'true plate')
  const pixel = scaleArcsecPx * ARCSEC
  const [c, s] = [Math.cos(rotationDeg * DEG), Math.sin(rotationDeg * DEG)]
  const hand = mirrored ? 1 : -1 // east to the right or to the left where north is up
  const linear = { xi: [hand * c, s], eta: [-hand * s, c] } as const
  const bend = () =>
    model.terms.map((term) =>
      term.kind === 'power' && term.u + term.v > 1 ? bendPx * pixel * random.gauss() : 0,
    )
  const xi = Float64Array.from(bend())
  const eta = Float64Array.from(bend())
  xi.set([linear.xi[0] * pixel * frame.halfPx, linear.xi[1] * pixel * frame.halfPx], 1)
  eta.set([linear.eta[0] * pixel * frame.halfPx, linear.eta[1] * pixel * frame.halfPx], 1)
  return {
    model,
    frame,
    ra0: raDeg * DEG,
    dec0: decDeg * DEG,
    xi,
    eta,
    star: ANY_STAR,
    fitted: null,
    local: null,
  }
}

/** Detections at the given places; what is not given is that of a round star of 3 px. */
export function detectionsAt(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  given: Partial<Record<keyof Detections, ArrayLike<number>>> = {},
): Detections {
  const { length } = x
  const column = (name: keyof Detections, usual: number) =>
    given[name] === undefined ? new Float64Array(length).fill(usual) : Float64Array.from(given[name])
  const whole = (name: keyof Detections) => Int32Array.from(given[name] ?? new Int32Array(length))
  const magInst = column('magInst', -10)
  // The sequence of unsaturated stars: one width, and a peak in proportion to the flux.
  const peak = given.peak === undefined ? magInst.map((m) => 10 ** (-0.4 * m) / 10) : column('peak', 0)
  return {
    length,
    detId: Int32Array.from({ length }, (_, i) => i + 1),
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    xErrorPx: column('xErrorPx', 0.05),
    yErrorPx: column('yErrorPx', 0.05),
    xWin: Float64Array.from(x),
    yWin: Float64Array.from(y),
    xIso: Float64Array.from(x),
    yIso: Float64Array.from(y),
    placeSource: new Uint8Array(length),
    magInst,
    magInstError: column('magInstError', 0.02),
    magWin: given.magWin === undefined ? magInst : column('magWin', 0),
    brightness: given.magWin === undefined ? magInst : column('magWin', 0),
    fluxAuto: magInst.map((m) => 10 ** (-0.4 * m)),
    peak,
    background: column('background', 1000),
    fwhm: column('fwhm', 3),
    fluxRadius: column('fluxRadius', 1.7),
    semiMajor: column('semiMajor', 1.3),
    semiMinor: column('semiMinor', 1.3),
    thetaDeg: column('thetaDeg', 0),
    ellipticity: column('ellipticity', 0.05),
    isoAreaPx: column('isoAreaPx', 25),
    arealProfile: column('arealProfile', 0.5),
    snrWin: column('snrWin', 100),
    sexFlags: whole('sexFlags'),
    flagsWin: whole('flagsWin'),
  }
}

export interface TrueStar {
  x: number
  y: number
  gMag: number
  bpRp?: number
  pmRaMasYr?: number
  pmDecMasYr?: number
}

/** Reference stars whose true images lie at the given places. */
export function starsAt(
  constants: PlateConstants,
  places: readonly TrueStar[],
  errorMas = 0.05,
  epochYr = 1950,
): EpochStars {
  const { length } = places
  const sky = places.map(({ x, y }) => {
    const { xi, eta } = standardAt(constants, x, y)
    return fromStandard(xi, eta, constants.ra0, constants.dec0)
  })
  const column = (value: (star: TrueStar, i: number) => number) => Float64Array.from(places, value)
  return {
    length,
    epochYr,
    row: Int32Array.from({ length }, (_, i) => i),
    sourceId: BigInt64Array.from({ length }, (_, i) => BigInt(i + 1)),
    raDeg: column((_, i) => sky[i]!.raRad / DEG),
    decDeg: column((_, i) => sky[i]!.decRad / DEG),
    raErrorMas: column(() => errorMas),
    decErrorMas: column(() => errorMas),
    raDecCorr: column(() => 0),
    pmRaMasYr: column((star) => star.pmRaMasYr ?? 0),
    pmDecMasYr: column((star) => star.pmDecMasYr ?? 0),
    gMag: column((star) => star.gMag),
    bpRp: column((star) => star.bpRp ?? 1),
  }
}

/** Magnitudes between two limits whose counts rise by 0.35 dex per magnitude. */
export function drawMagnitude(random: Random, bright: number, faint: number): number {
  const slope = 0.35 * Math.LN10
  const [low, high] = [Math.exp(slope * bright), Math.exp(slope * faint)]
  return Math.log(low + (high - low) * random.next()) / slope
}

/** Stars at random places of the scan. */
export function drawStars(
  random: Random,
  count: number,
  {
    width,
    height,
    bright = 9,
    faint = 16,
  }: { width: number; height: number; bright?: number; faint?: number },
): TrueStar[] {
  return Array.from({ length: count }, () => ({
    x: random.between(0.5, width + 0.5),
    y: random.between(0.5, height + 0.5),
    gMag: drawMagnitude(random, bright, faint),
  }))
}

/** An error of a place per axis, px: 0.05 for bright stars, growing to 0.25 at the limit. */
export function centringPx(gMag: number, faint = 16): number {
  return Math.hypot(0.05, 0.25 * 10 ** (0.25 * (gMag - faint)))
}

export const MAS_PER_RAD = 1 / MAS
