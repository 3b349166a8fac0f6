// The reasons that a plate's result gives.
import { describe, expect, it } from 'vitest'
import { wcsReasons } from '../src/conclude.ts'

const wcs = (sip: number, inverse: number, tpv: number) => ({
  sip_departure_px: sip,
  sip_inverse_departure_px: inverse,
  tpv_departure_px: tpv,
})

describe('WCS files that depart from the plate constants', () => {
  it('are told of from 0.01 px on, with how far each departs', () => {
    expect(wcsReasons([])).toEqual([])
    expect(wcsReasons([{ index: 0, wcs: wcs(0.0099, 0.0099, 0.0099) }])).toEqual([])
    const [told, ...more] = wcsReasons([{ index: 0, wcs: wcs(0.012, 0.004, 0.031) }])
    expect(more).toEqual([])
    expect(told).toMatchObject({ code: 'WCS_APPROXIMATE', severity: 'info' })
    expect(told!.text).toMatch(
      /^wcs\.fits departs .* 0\.012 px \(0\.004 px .*, scamp\.head by up to 0\.031 px; .*catalogue\.fits/,
    )
    expect(told!.evidence).toEqual({ exposure: 0, limit_px: 0.01, ...wcs(0.012, 0.004, 0.031) })
    for (const each of [wcs(0.02, 0, 0), wcs(0, 0.02, 0), wcs(0, 0, 0.02)])
      expect(wcsReasons([{ index: 0, wcs: each }])).toHaveLength(1)
  })

  it('are named as they are where there are several exposures', () => {
    const told = wcsReasons([
      { index: 0, wcs: wcs(0, 0, 0) },
      { index: 1, wcs: wcs(0.5, 0.5, 0.5) },
    ])
    expect(told.map(({ text }) => text.slice(0, 10))).toEqual(['wcs-1.fits'])
    expect(told[0]!.text).toContain('scamp-1.head')
  })
})
