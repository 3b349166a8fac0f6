// What a result with Tycho-2 says of what was missing, and of the errors that follow.
import { describe, expect, it } from 'vitest'
import { tycho2Reason } from '../../src/catalog/reference-tycho2.ts'
import type { ReferenceStars } from '../../src/catalog/stars.ts'
import { tycho2ErrorMas, withMeanMotions } from '../../src/catalog/tycho2.ts'
import { MEAN_MOTION_ERROR_MAS_YR, meanMotion } from '../../src/math/mean-motion.ts'

/** As the indexes have them, brightest first. */
function withoutMotions(vtMags: number[]): ReferenceStars {
  const all = (value: number) => new Float64Array(vtMags.length).fill(value)
  const errors = Float64Array.from(vtMags, tycho2ErrorMas)
  return {
    name: 'tycho-2',
    refEpochYr: 2000,
    length: vtMags.length,
    sourceId: BigInt64Array.from(vtMags, (_, i) => BigInt(i + 1)),
    raDeg: all(84),
    decDeg: all(-5),
    raErrorMas: errors,
    decErrorMas: errors,
    pmRaMasYr: all(Number.NaN),
    pmDecMasYr: all(Number.NaN),
    pmRaErrorMasYr: all(Number.NaN),
    pmDecErrorMasYr: all(Number.NaN),
    parallaxMas: all(Number.NaN),
    radialVelocityKmS: all(Number.NaN),
    gMag: Float64Array.from(vtMags),
    bpRp: all(Number.NaN),
    ruwe: all(Number.NaN),
    assumptions: [],
  }
}

describe('a result with Tycho-2 as reference', () => {
  const stars = withMeanMotions(withoutMotions([8, 9, 10, 11, 12]))

  it('says what was missing, and how far one star and the whole WCS may be off', () => {
    const { text, evidence } = tycho2Reason(stars, 1888, 'there is no store')
    console.log(text)
    expect(text).toMatch(/^there is no store; /)
    expect(text).toMatch(/lacks proper motions, parallaxes, colours/)
    expect(text).toMatch(/the WCS as a whole may be off by 0\.12″ per axis/)
    expect(text).toMatch(/by up to 2\.6″ where a near star cluster fills the field/)
    const middle = meanMotion(84, -5, 10)
    expect(evidence.mean_pm_ra_mas_yr).toBeCloseTo(middle.pmRaMasYr, 2)
    expect(evidence.mean_pm_dec_mas_yr).toBeCloseTo(middle.pmDecMasYr, 2)
    expect(evidence.pm_rms_mas_yr).toBeCloseTo(middle.scatterMasYr, 2)
    expect(evidence.place_error_mas).toBeCloseTo(112 * middle.scatterMasYr, -1)
    expect(evidence.wcs_error_mas).toBeCloseTo(112 * MEAN_MOTION_ERROR_MAS_YR, 1)
  })

  it('has only the errors of the catalogue at its own epoch', () => {
    const { evidence } = tycho2Reason(stars, 2000, 'offline')
    expect(evidence.wcs_error_mas).toBe(0)
    expect(evidence.place_error_mas).toBe(Math.round(tycho2ErrorMas(10)))
  })

  it('says null, not NaN, of a field without stars', () => {
    const { evidence } = tycho2Reason(withMeanMotions(withoutMotions([])), 1900, 'offline')
    expect([evidence.stars, evidence.limit_vt, evidence.place_error_mas]).toEqual([0, null, null])
  })
})
