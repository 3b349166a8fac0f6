// Exposures with dates of their own: what is not refined with its own date is told.
import { describe, expect, it } from 'vitest'
import type { ExposureInput } from '../../src/exposure.ts'
import { wholePlate } from '../../src/exposures/parts.ts'
import { dated } from '../../src/exposures/settled.ts'
import type { Exposure, ExposuresOutcome } from '../../src/exposures.ts'
import { CONFIG, FWHM_PX, trueField } from '../models/true-field.ts'

/** Two exposures whose stars say which of the dates is theirs, and a catalogue with these rows. */
function twoDates(usable: number) {
  const { input, truth } = trueField({ seed: 8, count: 200 })
  const { width, height, ranked, reject, detections } = input
  const part = wholePlate({ ranked, reject } as ExposureInput['filtered'])
  const solved = (epochYr: number) =>
    ({
      ...{ refined: { constants: truth }, first: { attempt: {} }, epochYr: 1930, part },
      epochCheck: { epochYr, errorYr: 1, consistent: null },
    }) as unknown as Exposure
  const n = input.stars.length
  const column = () => new Float64Array(n)
  const stars = {
    ...{ ...input.stars, name: 'gaia-dr3', refEpochYr: 1930, assumptions: [] },
    ...{ raErrorMas: column().fill(10), decErrorMas: column().fill(10) },
    ...{ pmRaMasYr: column(), pmDecMasYr: column() },
    ...{ pmRaErrorMasYr: column().fill(0.01), pmDecErrorMasYr: column().fill(0.01) },
    ...{ parallaxMas: column(), radialVelocityKmS: column(), ruwe: column().fill(1) },
  }
  const reference = {
    forSolving: async () => null,
    indexes: async () => [],
    around: async () => ({ stars, usable: Int32Array.from({ length: Math.min(usable, n) }, (_, i) => i) }),
    tooFew: () => [],
  }
  const plate = {
    ...{ width, height, place: null, headerWcs: null, scaleRangeArcsecPerPx: null },
    ...{ epochYr: { value: 1910, source: 'DATE-OB1' }, exposureEpochsYr: [1910, 1950] },
  }
  const exposureInput = {
    ...{ plate, detections, filtered: part.filtered, fwhmPx: FWHM_PX, reference, workDir: '' },
    ...{ signal: new AbortController().signal, progress: { step: () => {} } },
  } as unknown as ExposureInput
  const outcome = { exposures: [solved(1950.5), solved(1909.5)], reasons: [] } as unknown as ExposuresOutcome
  return dated(outcome, exposureInput, CONFIG)
}

describe('exposures of known dates', () => {
  it('are refined with their own', async () => {
    const { exposures, reasons } = await twoDates(Number.POSITIVE_INFINITY)
    expect(exposures.map(({ epochYr }) => epochYr)).toEqual([1950, 1910])
    expect(reasons).toEqual([])
  })

  it('are told where they are refused with it, and keep the date that they had', async () => {
    const { exposures, reasons } = await twoDates(0)
    expect(exposures.map(({ epochYr }) => epochYr)).toEqual([1930, 1930])
    expect(reasons.map(({ code }) => code)).toEqual(['EXPOSURE_DATES_UNSURE', 'EXPOSURE_DATES_UNSURE'])
    expect(reasons[1]!.text).toContain('exposure 2 was taken in 1910.00')
    expect(reasons[1]!.evidence).toEqual({ exposure: 1, date_yr: 1910, kept_yr: 1930 })
  })
})
