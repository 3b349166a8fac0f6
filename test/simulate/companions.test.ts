// Companion images and unequal exposures: magnitude steps one by one, a Pickering wedge, a grating, and what headers tell.
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { openFitsImage } from '../../src/fits/image.ts'
import type { SimulateOptions } from '../../src/simulate/options.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import { readExposureEpochs } from '../../src/stages/ingest/epoch.ts'
import { readExposureCount, readMethod } from '../../src/stages/ingest/exposure.ts'
import { plateOf, SMALL, type Truth, withFolder } from './plates.ts'

/** The images of each star by exposure: place and magnitude. */
function byStar(truth: Truth) {
  const [g, x, y, mag] = (['phot_g_mean_mag', 'x', 'y', 'mag'] as const).map((name) => truth.number(name))
  const [exposure, order] = [truth.number('exposure'), truth.number('order')]
  const stars = new Map<number, Record<number, { x: number; y: number; mag: number; order: number }>>()
  for (let i = 0; i < truth.rows; i++) {
    const images = stars.get(g![i]!) ?? {}
    images[exposure[i]!] = { x: x![i]!, y: y![i]!, mag: mag![i]!, order: order[i]! }
    stars.set(g![i]!, images)
  }
  return [...stars.values()]
}

async function headerOf(options: Partial<SimulateOptions>) {
  return withFolder(async (outDir) => {
    const result = await simulate({ ...SMALL, width: 128, limit: 13, ...options }, { outDir })
    const image = await openFitsImage(result.scan, {})
    await image.close()
    const { header } = image
    return {
      faults: result.headerFaults,
      epochsYr: readExposureEpochs(header, []),
      count: readExposureCount(header, false, [])?.value,
      method: readMethod(header, undefined, [])?.value,
    }
  })
}

describe('magnitude steps', () => {
  it('are those of the list, one for each exposure', async () => {
    const { truth } = await plateOf({ ...SMALL, kind: 'multi', magSteps: '0 1.2 -0.4' })
    const whole = byStar(truth).filter((star) => star[0] && star[1] && star[2])
    expect(whole.length).toBeGreaterThan(20)
    for (const star of whole) {
      expect(star[1]!.mag - star[0]!.mag).toBeCloseTo(1.2, 9)
      expect(star[2]!.mag - star[0]!.mag).toBeCloseTo(-0.4, 9)
    }
  })

  it('must be as many as the offsets', async () => {
    const options = { ...SMALL, kind: 'multi', offsets: '0,0 300,0', magSteps: '0 1 2' } as const
    await expect(withFolder((outDir) => simulate(options, { outDir }))).rejects.toThrow(UserError)
  })
})

describe('a wedge', () => {
  it('makes one companion of every star, at a constant shift and difference', async () => {
    const { truth } = await plateOf({ ...SMALL, limit: 17, kind: 'wedge', offsets: '0,0 300,-120' })
    const pairs = byStar(truth).filter((star) => star[0] && star[1])
    expect(pairs.length).toBeGreaterThan(20)
    for (const star of pairs) {
      expect(star[1]!.x - star[0]!.x).toBeCloseTo(15, 9) // 300 um of 20 um pixels
      expect(star[1]!.y - star[0]!.y).toBeCloseTo(-6, 9)
      expect(star[1]!.mag - star[0]!.mag).toBeCloseTo(4, 9)
    }
  })
})

describe('a grating', () => {
  it('makes a symmetric pair beside every star, along its angle in the scan', async () => {
    const { truth } = await plateOf({ ...SMALL, kind: 'grating', length: 30, angle: 70, rotation: 40 })
    const whole = byStar(truth).filter((star) => star[0] && star[1] && star[2])
    expect(whole.length).toBeGreaterThan(5)
    for (const star of whole) {
      expect([star[0]!.order, star[1]!.order, star[2]!.order]).toEqual([0, 1, -1])
      expect(star[1]!.x - star[0]!.x).toBeCloseTo(30 * Math.cos((70 * Math.PI) / 180), 8)
      expect(star[1]!.y - star[0]!.y).toBeCloseTo(30 * Math.sin((70 * Math.PI) / 180), 8)
      expect(star[2]!.x + star[1]!.x - 2 * star[0]!.x).toBeCloseTo(0, 8)
      expect(star[2]!.mag - star[0]!.mag).toBeCloseTo(3, 9)
    }
  })
})

describe('the header', () => {
  it('tells the start of every exposure, as ingest reads it, unless asked not to', async () => {
    const multi = { kind: 'multi', exposures: 3, epochStep: 0.5 } as const
    const { epochsYr, count, method, faults } = await headerOf(multi)
    expect([count, method, faults]).toEqual([3, 2, []])
    expect(epochsYr.length).toBe(3)
    for (const [k, epochYr] of epochsYr.entries())
      expect(Math.abs(epochYr - (1950 + 0.5 * k))).toBeLessThan(1e-4) // half an exposure is 45 minutes at most
    expect((await headerOf({ ...multi, exposureDates: 'first' })).epochsYr).toEqual([])
    expect((await headerOf({ ...multi, header: 'wrong' })).epochsYr).toEqual([])
    const sameNight = (await headerOf({ kind: 'multi', exposures: 3 })).epochsYr
    expect(sameNight[2]! - sameNight[1]!).toBeGreaterThan(0)
    expect(sameNight[2]! - sameNight[0]!).toBeLessThan(1 / 365.25)
  })

  it('has the METHOD of a wedge and of a grating, of one exposure', async () => {
    expect(await headerOf({ kind: 'wedge' })).toMatchObject({
      count: 1,
      method: 14,
      faults: [],
      epochsYr: [],
    })
    expect(await headerOf({ kind: 'grating' })).toMatchObject({ count: 1, method: 24, faults: [] })
    expect(await headerOf({ kind: 'wedge', header: 'none' })).toMatchObject({ count: undefined })
  })

  it('is wrong about them when asked, and says so', async () => {
    const told = await headerOf({ kind: 'multi', numexp: 1, method: 0, exposureDates: 'first' })
    expect(told).toMatchObject({ count: 1, method: undefined })
    expect(told.faults).toEqual(['NUMEXP is 1 instead of 2', 'METHOD is missing instead of 2'])
    const single = await headerOf({ numexp: 3, method: 2 })
    expect(single).toMatchObject({ count: 3, method: 2 })
  })
})
