// The rows of the catalogue: places, errors and residuals of every detection, on plates where they are known.
import { describe, expect, it } from 'vitest'
import { ARCSEC, DEG, MAS } from '../../../src/math/sphere.ts'
import { affine } from '../../../src/models/parts/affine.ts'
import { colour } from '../../../src/models/parts/colour.ts'
import { magnitude } from '../../../src/models/parts/magnitude.ts'
import { type PlateConstants, skyAt, varianceAt } from '../../../src/models/plate-constants.ts'
import { plateModel } from '../../../src/models/plate-model.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import type { FilterResult } from '../../../src/stages/filter.ts'
import { type CatalogueInput, catalogueColumns } from '../../../src/stages/publish/catalogue-columns.ts'
import { detectionsAt, starsAt, truePlate } from '../../models/true-plate.ts'
import { width } from '../fit/pairs.ts'
import { STAR } from '../fit/star-pairs.ts'

const COUNT = 40
const PAIRED = 30
const CENTRING = 0.2 * ARCSEC

/** A plate with terms of magnitude and colour, whose constants have errors that differ in ξ and η. */
function constantsAt(raDeg: number, decDeg: number): PlateConstants {
  const plate = truePlate({ raDeg, decDeg, rotationDeg: 33, scaleArcsecPx: 20 })
  const model = plateModel([affine, magnitude, colour])
  const extend = (axis: Float64Array, m: number, c: number) =>
    Float64Array.of(...axis, m * ARCSEC, c * ARCSEC)
  const n = model.coefficients.length
  const covariance = new Float64Array(n * n)
  covariance[0] = (0.6 * ARCSEC) ** 2 // the origin: badly known along ξ, well along η, and both together
  covariance[n + 1] = (0.1 * ARCSEC) ** 2
  covariance[1] = 0.5 * 0.6 * 0.1 * ARCSEC ** 2
  covariance[n] = covariance[1]
  const coefficients = new Float64Array(n)
  const [xi, eta] = [extend(plate.xi, 0.1, 0.3), extend(plate.eta, -0.2, 0)]
  return { ...plate, model, xi, eta, star: STAR, fitted: { coefficients, covariance } }
}

function exposureAt(raDeg: number, decDeg: number) {
  const random = randomStream(7, 'columns')
  const constants = constantsAt(raDeg, decDeg)
  const column = (value: () => number) => Float64Array.from({ length: COUNT }, value)
  const detections = detectionsAt(
    column(() => random.between(1, 1000)),
    column(() => random.between(1, 1000)),
  )
  const mag = column(() => random.between(10, 16))
  const rows = Int32Array.from({ length: PAIRED }, (_, i) => i)
  const places = Array.from(rows, (i) => ({
    x: detections.x[i]!,
    y: detections.y[i]!,
    gMag: mag[i]!,
    bpRp: 1.4,
  }))
  const exposure: CatalogueInput = {
    constants,
    centring: column(() => CENTRING),
    mag,
    pairs: { detection: rows, reference: rows },
    weight: Float64Array.from(rows, (i) => (i % 5 === 0 ? 0 : 0.5)),
    stars: starsAt(constants, places),
    photometry: { mag, magError: column(() => 0.1) },
    epochYr: 1950,
    rows: Int32Array.from({ length: COUNT }, (_, i) => i),
  }
  const filtered = { reject: new Int32Array(COUNT), pStar: new Float64Array(COUNT) } as FilterResult
  const columns = catalogueColumns(detections, filtered, [exposure])
  const real = (name: 'ra' | 'dec' | 'ra_error' | 'dec_error' | 'ra_dec_corr') =>
    columns[name] as Float64Array
  return { constants, detections, exposure, columns, real }
}

const FIELDS: [name: string, raDeg: number, decDeg: number][] = [
  ['at the equator', 0.01, 0],
  ['in the north', 150, 60],
  ['at a pole', 40, 89.9],
]

describe('the rows of the catalogue', () => {
  it.each(FIELDS)(
    '%s: hold the place of each image with its own magnitude and colour',
    (_, raDeg, decDeg) => {
      const { columns, constants, detections, exposure } = exposureAt(raDeg, decDeg)
      for (let i = 0; i < COUNT; i++) {
        const bpRp = i < PAIRED ? 1.4 : Number.NaN
        const sky = skyAt(constants, detections.x[i]!, detections.y[i]!, exposure.mag[i]!, bpRp)
        expect(columns.ra[i]).toBeCloseTo(sky.raRad / DEG, 12)
        expect(columns.dec[i]).toBeCloseTo(sky.decRad / DEG, 12)
        expect(columns.source_id[i]).toBe(i < PAIRED ? BigInt(i + 1) : 0n)
        expect(columns.used[i]).toBe(i < PAIRED && i % 5 !== 0 ? 1 : 0)
        expect(Number.isNaN(columns.resid_ra[i])).toBe(i >= PAIRED)
      }
    },
  )

  it.each(FIELDS)(
    '%s: hold errors to the east and the north, as drawn plates scatter',
    (name, raDeg, decDeg) => {
      const { real, constants, detections, exposure } = exposureAt(raDeg, decDeg)
      const random = randomStream(8, name)
      // A paired star and one without a colour, whose place depends on what its colour may be.
      for (const i of [1, PAIRED + 1]) {
        const [x, y, mag] = [detections.x[i]!, detections.y[i]!, exposure.mag[i]!]
        const place = { raRad: real('ra')[i]! * DEG, decRad: real('dec')[i]! * DEG }
        const pulls: [number, number][] = []
        const { covariance } = constants.fitted!
        const n = constants.model.coefficients.length
        const [a, b] = [Math.sqrt(covariance[0]!), Math.sqrt(covariance[n + 1]!)]
        const share = covariance[1]! / (a * b)
        for (let draw = 0; draw < 4000; draw++) {
          const first = random.gauss()
          const second = share * first + Math.sqrt(1 - share * share) * random.gauss()
          const [dxi, deta] = [a * first + CENTRING * random.gauss(), b * second + CENTRING * random.gauss()]
          const bpRp = i < PAIRED ? 1.4 : STAR.bpRp + STAR.bpRpScatter * random.gauss()
          const moved = {
            ...constants,
            xi: constants.xi.map((value, k) => (k === 0 ? value + dxi : value)),
            eta: constants.eta.map((value, k) => (k === 0 ? value + deta : value)),
          }
          const sky = skyAt(moved, x, y, mag, bpRp)
          const east = Math.sin(sky.raRad - place.raRad) * Math.cos(place.decRad)
          pulls.push([
            east / (real('ra_error')[i]! * MAS),
            (sky.decRad - place.decRad) / (real('dec_error')[i]! * MAS),
          ])
        }
        const [ra, dec] = [0, 1].map((axis) => width(pulls.map((p) => p[axis]!)))
        const both = pulls.reduce((sum, [p, q]) => sum + p * q, 0) / pulls.length
        console.log(
          `${name}, ${i < PAIRED ? 'paired' : 'without a colour'}: pulls ${ra!.toFixed(3)} east, ${dec!.toFixed(3)} north; ` +
            `correlation ${both.toFixed(2)}, quoted ${real('ra_dec_corr')[i]!.toFixed(2)}`,
        )
        expect(Math.abs(ra! - 1)).toBeLessThan(0.05)
        expect(Math.abs(dec! - 1)).toBeLessThan(0.05)
        expect(Math.abs(both - real('ra_dec_corr')[i]!)).toBeLessThan(0.05)
      }
    },
  )

  it('hold residuals plate − reference, in true arc', () => {
    const { detections, exposure } = exposureAt(359.999, 70)
    const raDeg = exposure.stars.raDeg.map(
      (ra, i) => ra - 0.3 / 3600 / Math.cos(exposure.stars.decDeg[i]! * DEG),
    )
    const decDeg = exposure.stars.decDeg.map((dec) => dec + 0.2 / 3600)
    // Stars made for the reference star's magnitude and colour: without these terms what is left is the shift alone.
    const plain = {
      ...exposure.constants,
      xi: exposure.constants.xi.slice(),
      eta: exposure.constants.eta.slice(),
    }
    for (const axis of [plain.xi, plain.eta]) axis.fill(0, 3)
    const stars = { ...exposure.stars, raDeg, decDeg }
    const filtered = { reject: new Int32Array(COUNT), pStar: new Float64Array(COUNT) } as FilterResult
    const columns = catalogueColumns(detections, filtered, [{ ...exposure, constants: plain, stars }])
    for (let i = 0; i < PAIRED; i++) {
      expect(columns.resid_ra[i]).toBeCloseTo(0.3, 5)
      expect(columns.resid_dec[i]).toBeCloseTo(-0.2, 5)
    }
  })

  it('are more certain where a colour is known than where it is not', () => {
    const { real, constants } = exposureAt(150, 0)
    const known = varianceAt(constants, 500, 500, 14, 1.4)
    const unknown = varianceAt(constants, 500, 500, 14)
    expect(Math.sqrt(unknown.xi - known.xi) / ARCSEC).toBeCloseTo(0.3 * STAR.bpRpScatter, 6)
    expect(real('ra_error')[PAIRED]! / real('ra_error')[0]!).toBeGreaterThan(1.01)
  })
})
