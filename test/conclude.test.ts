// The reasons that a plate's result gives.
import { describe, expect, it } from 'vitest'
import { type SolutionInput, solutionOf, wcsReasons } from '../src/conclude.ts'
import { isWrongHand } from '../src/handedness.ts'
import { ISSUES, nextStepOf, reason } from '../src/issues.ts'
import { DEG } from '../src/math/sphere.ts'
import type { HeaderWcs } from '../src/plate.ts'
import { truePlate } from './models/true-plate.ts'

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

describe('a solution that is the mirror image of the one in the header', () => {
  const solution = (mirrored: boolean) => truePlate({ mirrored, rotationDeg: 30, width: 1000, height: 1000 })
  const header = (mirrored: boolean, change: Partial<HeaderWcs> = {}): HeaderWcs => {
    const { xi, eta, frame } = solution(mirrored)
    const cd = [xi[1]!, xi[2]!, eta[1]!, eta[2]!].map((value) => value / frame.halfPx / DEG)
    return { source: 'CD', crval: [150, 20], crpix: [500.5, 500.5], cd: cd as HeaderWcs['cd'], ...change }
  }

  it('is told from one that agrees, whichever of the two is mirrored', () => {
    for (const mirrored of [false, true]) {
      expect(isWrongHand(solution(mirrored), { headerWcs: header(mirrored) })).toBe(false)
      expect(isWrongHand(solution(mirrored), { headerWcs: header(!mirrored) })).toBe(true)
    }
  })

  it('is not claimed by a header that is wrong about the place or the scale too, or has no solution', () => {
    const other = header(true)
    const wide = other.cd.map((value) => 1.1 * value) as HeaderWcs['cd']
    expect(isWrongHand(solution(false), { headerWcs: { ...other, crval: [150.2, 20] } })).toBe(false)
    expect(isWrongHand(solution(false), { headerWcs: { ...other, cd: wide } })).toBe(false)
    expect(isWrongHand(solution(false), { headerWcs: null })).toBe(false)
  })
})

describe('what to do about a plate with several exposures', () => {
  /** The next steps of a plate that was left to a person. */
  function nextSteps(method: number | null, auto: boolean): string[] {
    const insists = method !== null
    const codes = ['MULTI_EXPOSURE', 'EXPOSURES_DISAGREE', 'TOUCHING_EXPOSURES'] as const
    const input = {
      ...{ plate: { epochYr: null, scanPath: 'a.fits', exposureSeconds: null, pixelUm: null } },
      ...{ area: { fraction: 1 }, statistics: { skyLevel: 0, skyNoise: 0 }, outcome: null, exposures: [] },
      ...{
        detections: { length: 100 },
        filtered: { reject: new Int32Array(100) },
        extracted: { reasons: [] },
      },
      triaged: { class: 'multi', reasons: codes.map((code) => reason(code, 'seen')), several: null },
      ...{ ingestReasons: [reason('NUMEXP_NOT_ONE', '2')], logbook: { method, exposures: 2, insists }, auto },
    } as unknown as SolutionInput
    return solutionOf(input).reasons.map(nextStepOf)
  }

  it('is to reduce every exposure, unless that was asked for already', () => {
    expect(nextSteps(null, false).filter((step) => /reduce SCAN --exposures auto/.test(step))).toHaveLength(2)
    expect(nextSteps(null, true).join()).not.toMatch(/reduce SCAN --exposures auto/)
    expect(nextSteps(null, true)).not.toContain(nextSteps(null, false)[3])
  })

  it('is not to give --method where it was given', () => {
    const disagree = (method: number | null) => nextSteps(method, false).find((step) => /--method/.test(step))
    expect(disagree(1)).toContain('leave --method out')
  })
})

describe('a plate of which the solutions show more exposures than its images do', () => {
  const exposure = { wcs: wcs(0, 0, 0), index: 0 }
  /** Two exposures solved, where the plate seemed to have one. */
  function judged(numexp: number | null, method: number, calledBack: boolean) {
    const solved = {
      ...{ refined: { constants: truePlate(), pairs: { detection: [0, 1] } }, epochCheck: null },
      ...{ epochYr: 1908, epochSource: 'header', confirmed: false },
    }
    const evidence = { logbook: method === 1 ? 'single' : 'multi', plate: 'single', method, numexp }
    const shown = calledBack ? [reason('SECOND_PATTERN', 'a third')] : []
    const plate = { epochYr: null, scanPath: 'a.fits', exposureSeconds: null, pixelUm: null, place: null }
    return solutionOf({
      ...{ plate: { ...plate, headerWcs: null, scaleRangeArcsecPerPx: null, width: 1000, height: 1000 } },
      ...{ area: { fraction: 1 }, statistics: { skyLevel: 0, skyNoise: 0 }, exposures: [exposure, exposure] },
      ...{ detections: { length: 9 }, filtered: { reject: new Int32Array(9) }, extracted: { reasons: [] } },
      ...{ ingestReasons: [], logbook: { method, exposures: numexp, insists: false }, auto: true },
      triaged: { class: 'multi', reasons: [reason('EXPOSURES_DISAGREE', 'one', evidence)], several: null },
      reference: { reasons: () => [] },
      outcome: {
        ...{ exposures: [solved, solved], wanted: 2, solving: { attempts: [], runs: [] }, together: null },
        ...{ reasons: [], peeled: [], calledBack: shown },
      },
    } as unknown as SolutionInput)
  }

  it.each([
    [2, 2, false, 'reduced'],
    [null, 2, false, 'reduced'],
    [3, 2, false, 'manual'],
    [2, 2, true, 'manual'],
    [1, 1, false, 'manual'],
  ] as const)(
    'of %s by the logbook with METHOD %s, more left over: %s, is %s',
    (numexp, method, more, status) => {
      const solution = judged(numexp, method, more)
      const [disagree] = solution.reasons
      expect(solution.status).toBe(status)
      expect(disagree).toMatchObject({
        ...{ code: 'EXPOSURES_DISAGREE', severity: status === 'reduced' ? 'info' : 'flag' },
      })
    },
  )
})

describe('what is told of the reference stars', () => {
  it('under one code for all that the catalogue lacks is no claim that it lacks errors', () => {
    // src/catalog/interpret.ts tells of motions, identifiers, magnitudes and units there, too.
    const { sentence, nextStep } = ISSUES.REFERENCE_ERRORS_ASSUMED
    expect(`${sentence} ${nextStep}`).not.toMatch(/error/)
  })
})
