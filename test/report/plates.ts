// A plate made for the report: stars drawn into positive.fits, detections on them, a solution whose residuals are known.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochStars } from '../../src/catalog/at-epoch.ts'
import type { Detections } from '../../src/detections.ts'
import { createFitsImage } from '../../src/fits/image.ts'
import { ARCSEC, DEG } from '../../src/math/sphere.ts'
import { PLATE_MODELS } from '../../src/models/models.ts'
import { frameOf, fromLinearWcs, type PlateConstants, skyAt } from '../../src/models/plate-constants.ts'
import { publishedConstants } from '../../src/published-constants.ts'
import type { ReportInput } from '../../src/report/report.ts'
import { randomStream } from '../../src/simulate/random.ts'
import type { ExposureSolution, Solution } from '../../src/solution.ts'
import type { CatalogueInput } from '../../src/stages/publish/catalogue-columns.ts'

export const SCALE_ARCSEC_PX = 2

export interface PlateOptions {
  width?: number
  height?: number
  /** Detections; the first `pairs` of them have a reference star, the last `rejected` a reason against them. */
  detections?: number
  pairs?: number
  rejected?: number
  /** Plate − reference along x and y, px, by place on the plate. */
  offset?: (x: number, y: number, i: number) => [number, number]
  id?: string
  scan?: string
}

/** +y is north, +x west. */
export function constantsOf(width: number, height: number): PlateConstants {
  const frame = frameOf(width, height)
  const step = SCALE_ARCSEC_PX / 3600
  return fromLinearWcs(
    { crval: [150, 20], crpix: [frame.x0, frame.y0], cd: [-step, 0, 0, step] },
    frame,
    PLATE_MODELS[0]!,
  )
}

/** Stars at random places, 8 px from the edges and from each other, Gaussian images of 3 px; brightest first. */
export function detectionsOf(width: number, height: number, length: number): Detections {
  const random = randomStream(7, 'report')
  const column = (value: (i: number) => number) => Float64Array.from({ length }, (_, i) => value(i))
  const x = new Float64Array(length)
  const y = new Float64Array(length)
  for (let i = 0, tries = 0; i < length; tries++) {
    x[i] = random.between(8, width - 8)
    y[i] = random.between(8, height - 8)
    let k = 0
    while (k < i && Math.hypot(x[k]! - x[i]!, y[k]! - y[i]!) > 8) k++
    if (k === i || tries > 20 * length) i++
  }
  return {
    length,
    detId: Int32Array.from({ length }, (_, i) => i + 1),
    x,
    y,
    xErrorPx: column(() => 0.05),
    yErrorPx: column(() => 0.05),
    xWin: x,
    yWin: y,
    xIso: x,
    yIso: y,
    placeSource: new Uint8Array(length),
    magInst: column((i) => -12 + (5 * i) / length),
    magInstError: column(() => 0.02),
    magWin: column((i) => -12 + (5 * i) / length),
    brightness: column((i) => -12 + (5 * i) / length),
    fluxAuto: column(() => 1e4),
    peak: column(() => 5000),
    background: column(() => 1000),
    fwhm: column(() => 3),
    fluxRadius: column(() => 1.5),
    semiMajor: column(() => 1.3),
    semiMinor: column(() => 1.3),
    thetaDeg: column(() => 0),
    ellipticity: column(() => 0),
    isoAreaPx: column(() => 20),
    arealProfile: column(() => 0.5),
    snrWin: column(() => 100),
    sexFlags: new Int32Array(length),
    flagsWin: new Int32Array(length),
  }
}

/** The first `pairs` detections with their stars, each off by `offset` from where it should be. */
export function exposureOf(
  detections: Detections,
  constants: PlateConstants,
  pairs: number,
  offset: NonNullable<PlateOptions['offset']> = () => [0, 0],
): CatalogueInput {
  const rows = Int32Array.from({ length: pairs }, (_, i) => i)
  const places = Array.from(rows, (i) => {
    const [dx, dy] = offset(detections.x[i]!, detections.y[i]!, i)
    return skyAt(constants, detections.x[i]! - dx, detections.y[i]! - dy)
  })
  const zero = () => new Float64Array(pairs)
  const stars: EpochStars = {
    length: pairs,
    epochYr: 1951.9,
    row: rows,
    sourceId: new BigInt64Array(pairs),
    raDeg: Float64Array.from(places, (place) => place.raRad / DEG),
    decDeg: Float64Array.from(places, (place) => place.decRad / DEG),
    raErrorMas: zero(),
    decErrorMas: zero(),
    raDecCorr: zero(),
    pmRaMasYr: zero(),
    pmDecMasYr: zero(),
    gMag: Float64Array.from(rows, (i) => 9 + (8 * i) / pairs),
    bpRp: zero(),
  }
  return {
    constants,
    centring: detections.x.map(() => 0.1 * ARCSEC),
    mag: detections.x.map(() => Number.NaN),
    pairs: { detection: rows, reference: rows },
    weight: Float64Array.from(rows, (i) => (i % 10 === 9 ? 0 : 1)),
    stars,
    photometry: { mag: zero(), magError: zero() } as CatalogueInput['photometry'],
    epochYr: 1951.9,
    rows: Int32Array.from(detections.x.keys()),
  }
}

const SOLVED: Omit<ExposureSolution, 'fit'> = {
  index: 0,
  offset_px: [0, 0],
  mag_step: 0,
  epoch_yr: 1951.911,
  centre: { ra: 150, dec: 20 },
  scale_arcsec_px: SCALE_ARCSEC_PX,
  rotation_deg: 0,
  mirrored: false,
  solve: { log_odds: 321.4, attempt: 'folders:blind', index_file: '/any/index-07.fits', seconds: 12.5 },
  reference: { name: 'gaia-dr3', epoch_yr: 2016, stars: 1234, assumptions: [] },
  model: {
    name: 'affine',
    terms: 6,
    coefficients: publishedConstants(constantsOf(300, 200)),
    significance: [],
    trials: [
      { name: 'affine', terms: 6, heldout_rms_arcsec: 0.2468 },
      { name: 'cubic', terms: 20, heldout_rms_arcsec: 0.2579 },
    ],
  },
  chance: {
    pairs_shifted: 3,
    pairs_heldout: 222,
    false_solution_probability: 4.2e-77,
    bright_matched_share: 0.87,
  },
  epoch_check: { epoch_yr: 1953.4, error_yr: 2.1, consistent: true },
  wcs: { sip_departure_px: 1.2e-7, sip_inverse_departure_px: 0.003, tpv_departure_px: 0 },
}

/** What renderReport takes, with the scan written to a folder of its own; no pairs: a plate that was not solved. */
export async function reportInput(options: PlateOptions = {}): Promise<ReportInput> {
  const { width = 300, height = 200, detections: length = 60, pairs = 30, rejected = 10 } = options
  const detections = detectionsOf(width, height, length)
  const constants = constantsOf(width, height)
  const exposures = pairs === 0 ? [] : [exposureOf(detections, constants, pairs, options.offset)]
  const reject = new Int32Array(length).map((_, i) => (i >= length - rejected ? 1 << 4 : 0))
  const solution: Solution = {
    schema: 1,
    plate: {
      id: options.id ?? 'plate',
      scan: options.scan ?? 'plate.fits',
      width,
      height,
      epoch_yr: 1951.911,
      epoch_source: 'header',
      polarity: 'negative',
      pixel_um: [20, 20],
      telescope: null,
      emulsion: '103aO',
      exposure_s: 720,
      sky_level: 1000,
      sky_noise: 20,
      usable_fraction: 0.913,
    },
    status: pairs > 0 ? 'reduced' : length > 0 ? 'unsolved' : 'failed',
    class: 'single',
    exposures_together: null,
    reasons: [
      { code: 'PLACE_UNKNOWN', severity: 'info', text: 'No place was given.', evidence: {} },
      ...(pairs > 0
        ? []
        : [{ code: 'UNSOLVED', severity: 'fatal', text: 'Five attempts failed.', evidence: {} } as const]),
    ],
    attempts: [
      {
        attempt: 'folders:scale',
        solved: false,
        log_odds: null,
        seconds: 31.7,
        index_file: null,
        verdict: null,
      },
      {
        attempt: 'folders:blind',
        solved: true,
        log_odds: 321.4,
        seconds: 12.5,
        index_file: '/any/index-07.fits',
        verdict: 'accepted: 222 held-out pairs',
      },
    ],
    exposures: exposures.map(() => ({ ...SOLVED, fit: fitOf(pairs) })),
    counts: { detections: length, stars: length - rejected, artefacts: rejected, matched: pairs },
  }
  const workDir = await mkdtemp(join(tmpdir(), 'platepipe-report-'))
  await writeScan(join(workDir, 'positive.fits'), width, height, detections)
  const filtered = {
    reject,
    pStar: new Float64Array(length),
    ranked: new Int32Array(),
  } as unknown as ReportInput['filtered']
  return { solution, detections, filtered, triaged: { several: null }, exposures, workDir }
}

function fitOf(pairs: number): ExposureSolution['fit'] {
  return {
    pairs,
    rejected: Math.floor(pairs / 10),
    match_radius_arcsec: 1.2,
    rms_ra_arcsec: 0.123,
    rms_dec_arcsec: 0.145,
    rms_um: 1.344,
    heldout_rms_ra_arcsec: 0.156,
    heldout_rms_dec_arcsec: 0.167,
    chi2_reduced: null,
  }
}

/** A positive scan: sky of 1000 with noise of 12, and the detections as Gaussian images. */
export async function writeScan(path: string, width: number, height: number, d: Detections): Promise<void> {
  const random = randomStream(2, 'grain')
  const pixels = Float64Array.from({ length: width * height }, () => Math.round(1000 + 12 * random.gauss()))
  for (let i = 0; i < d.length; i++) {
    for (let y = Math.max(1, Math.floor(d.y[i]! - 5)); y <= Math.min(height, d.y[i]! + 5); y++) {
      for (let x = Math.max(1, Math.floor(d.x[i]! - 5)); x <= Math.min(width, d.x[i]! + 5); x++) {
        const r2 = (x - d.x[i]!) ** 2 + (y - d.y[i]!) ** 2
        pixels[(y - 1) * width + x - 1]! += Math.round(5000 * Math.exp(-r2 / 3.2))
      }
    }
  }
  const sink = await createFitsImage(path, { width, height, bitpix: 16, unsigned: true })
  await sink.writeRows(pixels)
  await sink.close()
}
