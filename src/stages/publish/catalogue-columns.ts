// The rows of the catalogue: every detection on the sky, with its reference star where it has one, per exposure.
import type { EpochStars } from '../../catalog/at-epoch.ts'
import type { CatalogueColumns } from '../../columns.ts'
import type { Detections } from '../../detections.ts'
import { ARCSEC, DEG, MAS } from '../../math/sphere.ts'
import { arcPerStandard } from '../../math/tangent.ts'
import {
  jacobianAt,
  type PlateConstants,
  skyAt,
  standardAt,
  varianceAt,
} from '../../models/plate-constants.ts'
import type { FilterResult } from '../filter.ts'
import type { Pairs } from '../match.ts'
import type { Photometry } from '../photometry.ts'

export interface CatalogueInput {
  constants: PlateConstants
  /** Standard error per axis of every detection's place, radians. */
  centring: Float64Array
  /** Of every detection, as the plate constants take it. */
  mag: Float64Array
  pairs: Pairs
  /** Robust weight of each pair in the fit, 0 to 1. */
  weight: Float64Array
  stars: EpochStars
  /** Rows of the detections that are images of this exposure. */
  rows: Int32Array
  photometry: Photometry
  epochYr: number
}

/** Residual of a pair on the sky, plate − reference, arcsec in true arc. */
export function skyResidual(
  sky: { raRad: number; decRad: number },
  refRaDeg: number,
  refDecDeg: number,
): { ra: number; dec: number } {
  const dra = Math.atan2(Math.sin(sky.raRad - refRaDeg * DEG), Math.cos(sky.raRad - refRaDeg * DEG))
  return {
    ra: (dra * Math.cos(refDecDeg * DEG)) / ARCSEC,
    dec: (sky.decRad - refDecDeg * DEG) / ARCSEC,
  }
}

type ImageArguments = readonly [x: number, y: number, mag: number, bpRp: number]

/** Errors of a place in true arc to the east and to the north, radians, and their correlation: centring ⊕ constants. */
function skyError(
  constants: PlateConstants,
  image: ImageArguments,
  centring: number,
): { ra: number; dec: number; correlation: number } {
  const { xi, eta } = standardAt(constants, ...image)
  const [a, b, d, e] = arcPerStandard(xi, eta, constants.dec0)
  const model = varianceAt(constants, ...image)
  const [p, q, both] = [centring ** 2 + model.xi, centring ** 2 + model.eta, model.both]
  const ra = Math.sqrt(a * a * p + 2 * a * b * both + b * b * q)
  const dec = Math.sqrt(d * d * p + 2 * d * e * both + e * e * q)
  return { ra, dec, correlation: (a * d * p + (a * e + b * d) * both + b * e * q) / (ra * dec) }
}

/** A detection on the scan, whatever the exposure. */
function writeDetection(c: CatalogueColumns, row: number, d: Detections, filtered: FilterResult, i: number) {
  c.det_id[row] = d.detId[i]!
  c.x[row] = d.x[i]!
  c.y[row] = d.y[i]!
  c.mag_inst[row] = d.magInst[i]!
  c.mag_inst_error[row] = d.magInstError[i]!
  c.fwhm[row] = d.fwhm[i]!
  c.ellipticity[row] = d.ellipticity[i]!
  c.theta[row] = d.thetaDeg[i]!
  c.peak[row] = d.peak[i]!
  c.sex_flags[row] = d.sexFlags[i]!
  c.p_star[row] = filtered.pStar[i]!
  c.reject[row] = filtered.reject[i]!
}

/** Every detection in the exposure that it is an image of; those of none, or of nobody knows which, last and without a place on the sky. */
export function catalogueColumns(
  d: Detections,
  filtered: FilterResult,
  exposures: readonly CatalogueInput[],
): CatalogueColumns {
  const told = new Set(exposures.flatMap(({ rows }) => [...rows]))
  const others = Array.from({ length: d.length }, (_, i) => i).filter((i) => !told.has(i))
  const placed = exposures.reduce((sum, { rows }) => sum + rows.length, 0)
  const c = emptyColumns(placed + others.length)
  let first = 0
  exposures.forEach((exposure, index) => {
    const bpRp = new Float64Array(d.length).fill(Number.NaN)
    exposure.pairs.detection.forEach((i, k) => {
      bpRp[i] = exposure.stars.bpRp[exposure.pairs.reference[k]!]!
    })
    const rowOf = new Map(Array.from(exposure.rows, (i, n) => [i, first + n]))
    for (const [i, row] of rowOf) {
      const image = [d.x[i]!, d.y[i]!, exposure.mag[i]!, bpRp[i]!] as const
      const sky = skyAt(exposure.constants, ...image)
      const centring = exposure.centring[i]!
      const error = skyError(exposure.constants, image, centring)
      const [a, b, e, f] = jacobianAt(exposure.constants, d.x[i]!, d.y[i]!)
      const centringPx = centring / Math.sqrt(Math.abs(a * f - b * e))
      writeDetection(c, row, d, filtered, i)
      c.x_error[row] = centringPx
      c.y_error[row] = centringPx
      c.ra[row] = sky.raRad / DEG
      c.dec[row] = sky.decRad / DEG
      c.ra_error[row] = error.ra / MAS
      c.dec_error[row] = error.dec / MAS
      c.ra_dec_corr[row] = error.correlation
      c.exposure[row] = index
      c.epoch[row] = exposure.epochYr
      c.mag[row] = exposure.photometry.mag[i]!
      c.mag_error[row] = exposure.photometry.magError[i]!
      c.mag_model[row] = exposure.mag[i]!
    }
    first += exposure.rows.length
    exposure.pairs.detection.forEach((i, k) => {
      const row = rowOf.get(i)!
      const star = exposure.pairs.reference[k]!
      const { stars } = exposure
      const residual = skyResidual(
        skyAt(exposure.constants, d.x[i]!, d.y[i]!, exposure.mag[i]!, bpRp[i]!),
        stars.raDeg[star]!,
        stars.decDeg[star]!,
      )
      c.source_id[row] = stars.sourceId[star]!
      c.ref_ra[row] = stars.raDeg[star]!
      c.ref_dec[row] = stars.decDeg[star]!
      c.resid_ra[row] = residual.ra
      c.resid_dec[row] = residual.dec
      c.used[row] = exposure.weight[k]! > 0 ? 1 : 0
      c.phot_g_mean_mag[row] = stars.gMag[star]!
      c.bp_rp[row] = stars.bpRp[star]!
    })
  })
  others.forEach((i, n) => {
    writeDetection(c, placed + n, d, filtered, i)
    c.exposure[placed + n] = NO_EXPOSURE
  })
  return c
}

const NO_EXPOSURE = -1

function emptyColumns(n: number) {
  const real = () => new Float64Array(n).fill(Number.NaN)
  return {
    det_id: new Int32Array(n),
    x: real(),
    y: real(),
    x_error: real(),
    y_error: real(),
    ra: real(),
    dec: real(),
    ra_error: real(),
    dec_error: real(),
    ra_dec_corr: new Float64Array(n),
    exposure: new Int16Array(n),
    epoch: real(),
    source_id: new BigInt64Array(n),
    ref_ra: real(),
    ref_dec: real(),
    resid_ra: real(),
    resid_dec: real(),
    used: new Uint8Array(n),
    phot_g_mean_mag: real(),
    bp_rp: real(),
    mag_inst: real(),
    mag_inst_error: real(),
    mag: real(),
    mag_error: real(),
    mag_model: real(),
    fwhm: real(),
    ellipticity: real(),
    theta: real(),
    peak: real(),
    sex_flags: new Int16Array(n),
    p_star: real(),
    reject: new Int32Array(n),
  }
}
