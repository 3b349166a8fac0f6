import { describe, expect, it } from 'vitest'
import { datesOfExposures } from '../../src/exposures/dates.ts'

const check = (epochYr: number, errorYr: number) => ({ epochCheck: { epochYr, errorYr, consistent: null } })

describe('the dates of the logbook', () => {
  it('go to the exposures whose stars ask for them', () => {
    const exposures = [check(1953, 2), check(1911, 3), check(1932, 2)]
    expect(datesOfExposures(exposures, [1910, 1930, 1955])).toEqual({
      dates: [1955, 1910, 1930],
      reason: null,
    })
  })

  it.each([
    ['there is one only', [check(1950, 1), check(1950, 1)], [1950]],
    ['they are of one night', [check(1950, 1), check(1950, 1)], [1950.001, 1950.002]],
  ])('are left alone where %s', (_, exposures, dates) => {
    expect(datesOfExposures(exposures, dates)).toEqual({ dates: null, reason: null })
  })

  it.each([
    ['the stars tell too little', [check(1931, 9), check(1929, 9)], [1925, 1935]],
    ['an exposure has no stars that move', [check(1910, 1), { epochCheck: null }], [1910, 1950]],
    ['the stars ask for other dates', [check(1980, 1), check(1930, 1)], [1910, 1950]],
    ['there are more of them than exposures', [check(1910, 1), check(1950, 1)], [1910, 1930, 1950]],
  ])('are unsure where %s, and the reason says so', (_, exposures, dates) => {
    const found = datesOfExposures(exposures, dates)
    expect(found.dates).toBeNull()
    expect(found.reason!.code).toBe('EXPOSURE_DATES_UNSURE')
    expect(found.reason!.text).toContain(dates[0]!.toFixed(2))
  })
})
