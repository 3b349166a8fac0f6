// Reference stars at the plate's epoch: places moved, errors grown. Everything after this knows one epoch only.
import { propagate } from '../math/epoch.ts'
import type { ReferenceStars } from './stars.ts'

/** Reference stars at one epoch, as columns. */
export interface EpochStars {
  length: number
  epochYr: number
  /** Row of the star in the catalogue it came from. */
  row: Int32Array
  sourceId: BigInt64Array
  raDeg: Float64Array
  decDeg: Float64Array
  /** Standard error of the place at this epoch, mas: σ² = σ_place² + (σ_μ Δt)². */
  raErrorMas: Float64Array
  decErrorMas: Float64Array
  pmRaMasYr: Float64Array
  pmDecMasYr: Float64Array
  gMag: Float64Array
  bpRp: Float64Array
}

const orZero = (value: number): number => (Number.isFinite(value) ? value : 0)

/**
 * Moves the stars in `rows` to `epochYr`.
 *
 * @param pmRmsMasYr  rms proper motion per axis of a catalogue that has none (Tycho-2 from the indexes): its
 *   product with the time span is added to the error of every place; undefined where motions are known
 */
export function atEpoch(
  stars: ReferenceStars,
  rows: Int32Array,
  epochYr: number,
  pmRmsMasYr?: number | undefined,
): EpochStars {
  const dt = epochYr - stars.refEpochYr
  const raDeg = new Float64Array(rows.length)
  const decDeg = new Float64Array(rows.length)
  const raErrorMas = new Float64Array(rows.length)
  const decErrorMas = new Float64Array(rows.length)
  const unknownMotion = (pmRmsMasYr ?? 0) * dt
  rows.forEach((row, i) => {
    const moved = propagate(
      {
        raDeg: stars.raDeg[row]!,
        decDeg: stars.decDeg[row]!,
        pmRaMasYr: stars.pmRaMasYr[row]!,
        pmDecMasYr: stars.pmDecMasYr[row]!,
        parallaxMas: stars.parallaxMas[row]!,
        radialVelocityKmS: stars.radialVelocityKmS[row]!,
      },
      dt,
    )
    raDeg[i] = moved.raDeg
    decDeg[i] = moved.decDeg
    const error = (place: Float64Array, motion: Float64Array) =>
      Math.hypot(orZero(place[row]!), orZero(motion[row]!) * dt, unknownMotion)
    raErrorMas[i] = error(stars.raErrorMas, stars.pmRaErrorMasYr)
    decErrorMas[i] = error(stars.decErrorMas, stars.pmDecErrorMasYr)
  })
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!)
  return {
    length: rows.length,
    epochYr,
    row: rows,
    sourceId: BigInt64Array.from(rows as unknown as ArrayLike<bigint>, (row) => stars.sourceId[Number(row)]!),
    raDeg,
    decDeg,
    raErrorMas,
    decErrorMas,
    pmRaMasYr: pick(stars.pmRaMasYr),
    pmDecMasYr: pick(stars.pmDecMasYr),
    gMag: pick(stars.gMag),
    bpRp: pick(stars.bpRp),
  }
}
