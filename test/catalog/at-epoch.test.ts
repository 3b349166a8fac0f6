import { describe, expect, it } from 'vitest'
import { atEpoch } from '../../src/catalog/at-epoch.ts'
import { CORRELATIONS, type ReferenceStars } from '../../src/catalog/stars.ts'
import { propagate } from '../../src/math/epoch.ts'
import { covarianceMatrix, propagateErrors } from '../../src/math/epoch-errors.ts'
import { DEG } from '../../src/math/sphere.ts'
import { randomStream } from '../../src/simulate/random.ts'

/** Drawn reference stars as Gaia has them, without the columns that are optional. */
function drawCatalogue(length: number): ReferenceStars {
  const random = randomStream(21, 'at epoch')
  const column = (draw: () => number) => Float64Array.from({ length }, draw)
  return {
    name: 'gaia-dr3',
    refEpochYr: 2016,
    length,
    sourceId: BigInt64Array.from({ length }, (_, i) => BigInt(i) + 2n ** 60n),
    raDeg: column(() => random.between(0, 360)),
    decDeg: column(() => Math.asin(random.between(-1, 1)) / DEG),
    raErrorMas: column(() => random.between(0.02, 0.5)),
    decErrorMas: column(() => random.between(0.02, 0.5)),
    pmRaMasYr: column(() => 20 * random.gauss()),
    pmDecMasYr: column(() => 20 * random.gauss()),
    pmRaErrorMasYr: column(() => random.between(0.02, 0.5)),
    pmDecErrorMasYr: column(() => random.between(0.02, 0.5)),
    parallaxMas: column(() => random.between(0.2, 5)),
    radialVelocityKmS: column(() => 30 * random.gauss()),
    gMag: column(() => random.between(9, 18)),
    bpRp: column(() => random.between(0, 2)),
    ruwe: column(() => 1),
    assumptions: [],
  }
}

/** The same with every optional column, each correlation a constant of its own. */
function withCorrelations(stars: ReferenceStars): ReferenceStars {
  const { length } = stars
  const constant = (value: number) => new Float32Array(length).fill(value)
  return {
    ...stars,
    parallaxErrorMas: constant(0.25),
    radialVelocityErrorKmS: constant(2),
    ...Object.fromEntries(CORRELATIONS.map((name, i) => [name, constant((i - 4.5) / 16)])),
  }
}

const rowsOf = (stars: ReferenceStars) => Int32Array.from({ length: stars.length }, (_, i) => i)

describe('reference stars at the epoch of the plate', () => {
  it('stand where each of them moves, with its motion there', () => {
    const stars = drawCatalogue(200)
    const rows = Int32Array.from([5, 199, 0, 42])
    const moved = atEpoch(stars, rows, 1900.5)
    rows.forEach((row, i) => {
      const one = {
        raDeg: stars.raDeg[row]!,
        decDeg: stars.decDeg[row]!,
        pmRaMasYr: stars.pmRaMasYr[row]!,
        pmDecMasYr: stars.pmDecMasYr[row]!,
        parallaxMas: stars.parallaxMas[row]!,
        radialVelocityKmS: stars.radialVelocityKmS[row]!,
      }
      const there = propagate(one, -115.5)
      expect(moved.raDeg[i]).toBe(there.raDeg)
      expect(moved.decDeg[i]).toBe(there.decDeg)
      expect(moved.pmRaMasYr[i]).toBe(there.pmRaMasYr)
      expect(moved.pmDecMasYr[i]).toBe(there.pmDecMasYr)
      expect(moved.sourceId[i]).toBe(BigInt(row) + 2n ** 60n)
      expect(moved.gMag[i]).toBe(stars.gMag[row])
      expect(moved.bpRp[i]).toBe(stars.bpRp[row])
    })
    expect(moved.row).toEqual(rows)
    expect(moved.epochYr).toBe(1900.5)
  })

  it('have errors that grow by σ_μ Δt, and no correlation, where the catalogue has no correlations', () => {
    const stars = drawCatalogue(500)
    const moved = atEpoch(stars, rowsOf(stars), 1900.5)
    let worst = 0
    for (let i = 0; i < stars.length; i++) {
      const ra = Math.hypot(stars.raErrorMas[i]!, 115.5 * stars.pmRaErrorMasYr[i]!)
      const dec = Math.hypot(stars.decErrorMas[i]!, 115.5 * stars.pmDecErrorMasYr[i]!)
      worst = Math.max(
        worst,
        Math.abs(moved.raErrorMas[i]! / ra - 1),
        Math.abs(moved.decErrorMas[i]! / dec - 1),
      )
    }
    console.log(`errors differ from σ² + (σ_μ Δt)² by at most ${(100 * worst).toFixed(4)} %`)
    expect(worst).toBeLessThan(1e-4)
    expect(Math.max(...moved.raDecCorr.map(Math.abs))).toBeLessThan(0.01)
  })

  it('have the errors and the correlation of the whole covariance where the catalogue has correlations', () => {
    const stars = withCorrelations(drawCatalogue(100))
    const moved = atEpoch(stars, rowsOf(stars), 1880)
    const correlations = CORRELATIONS.map((name) => stars[name]![0]!)
    for (let i = 0; i < stars.length; i++) {
      const sigmas = [
        stars.raErrorMas[i]!,
        stars.decErrorMas[i]!,
        0.25,
        stars.pmRaErrorMasYr[i]!,
        stars.pmDecErrorMasYr[i]!,
        2,
      ]
      const one = {
        raDeg: stars.raDeg[i]!,
        decDeg: stars.decDeg[i]!,
        pmRaMasYr: stars.pmRaMasYr[i]!,
        pmDecMasYr: stars.pmDecMasYr[i]!,
        parallaxMas: stars.parallaxMas[i]!,
        radialVelocityKmS: stars.radialVelocityKmS[i]!,
      }
      const { covariance } = propagateErrors(one, covarianceMatrix(sigmas, correlations), 1880 - 2016)
      expect(moved.raErrorMas[i]! / Math.sqrt(covariance[0]!)).toBeCloseTo(1, 10)
      expect(moved.decErrorMas[i]! / Math.sqrt(covariance[7]!)).toBeCloseTo(1, 10)
      expect(moved.raDecCorr[i]! - covariance[1]! / Math.sqrt(covariance[0]! * covariance[7]!)).toBeCloseTo(
        0,
        10,
      )
    }
  })

  it('take each correlation by its name', () => {
    const stars = drawCatalogue(1)
    const start = { ...stars, raErrorMas: Float64Array.of(3), decErrorMas: Float64Array.of(4) }
    const motions = { pmRaErrorMasYr: Float64Array.of(0.05), pmDecErrorMasYr: Float64Array.of(0.04) }
    const dt = -100
    const expected = {
      raDecCorr: { both: 3 * 4 },
      raPmRaCorr: { ra: 2 * 3 * 0.05 * dt },
      raPmDecCorr: { both: 3 * 0.04 * dt },
      decPmRaCorr: { both: 4 * 0.05 * dt },
      decPmDecCorr: { dec: 2 * 4 * 0.04 * dt },
      pmRaPmDecCorr: { both: 0.05 * 0.04 * dt * dt },
    } as Record<string, { ra?: number; dec?: number; both?: number }>
    for (const name of CORRELATIONS) {
      const half = { [name]: Float64Array.of(0.5) }
      const moved = atEpoch({ ...start, ...motions, ...half }, Int32Array.of(0), 2016 + dt)
      const { ra = 0, dec = 0, both = 0 } = expected[name] ?? {}
      expect(moved.raErrorMas[0]! ** 2, name).toBeCloseTo(9 + 25 + 0.5 * ra, 2)
      expect(moved.decErrorMas[0]! ** 2, name).toBeCloseTo(16 + 16 + 0.5 * dec, 2)
      expect(moved.raDecCorr[0]! * moved.raErrorMas[0]! * moved.decErrorMas[0]!, name).toBeCloseTo(
        0.5 * both,
        2,
      )
    }
  })

  it('take what is not known as 0: columns of NaN give the same bits as no columns', () => {
    const stars = drawCatalogue(50)
    const nan = new Float64Array(50).fill(Number.NaN)
    const optional = ['parallaxErrorMas', 'radialVelocityErrorKmS', ...CORRELATIONS]
    const empty = { ...stars, ...Object.fromEntries(optional.map((name) => [name, nan])) }
    expect(atEpoch(empty, rowsOf(stars), 1890)).toEqual(atEpoch(stars, rowsOf(stars), 1890))
  })

  it('stand where the mean motion of their kind takes them, their errors grown by the scatter, and have no motion of their own', () => {
    const scatter = new Float64Array(3).fill(12)
    const stars = { ...drawCatalogue(3), pmRaErrorMasYr: scatter, pmDecErrorMasYr: scatter }
    const own = atEpoch(stars, rowsOf(stars), 1916)
    const mean = atEpoch({ ...stars, meanMotions: true }, rowsOf(stars), 1916)
    expect(mean.raErrorMas[1]).toBeCloseTo(Math.hypot(stars.raErrorMas[1]!, 1200), 2)
    expect(mean.decErrorMas[1]).toBeCloseTo(Math.hypot(stars.decErrorMas[1]!, 1200), 2)
    expect(mean.raDeg).toEqual(own.raDeg)
    expect(mean.pmRaMasYr.every(Number.isNaN)).toBe(true)
    expect(mean.pmDecMasYr.every(Number.isNaN)).toBe(true)
  })

  it('are none where there are none', () => {
    expect(atEpoch(drawCatalogue(0), new Int32Array(0), 1900).length).toBe(0)
  })
})
