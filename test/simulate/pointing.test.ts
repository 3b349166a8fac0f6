// Exposures of different fields on one plate: shifted telescope or plate, turned fields, pointings far apart.
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { separationDeg } from '../../src/math/sphere.ts'
import { plateConstants, plateFrame } from '../../src/simulate/frame.ts'
import type { Exposure } from '../../src/simulate/images.ts'
import { parseSimulateOptions, type SimulateOptions } from '../../src/simulate/options.ts'
import { exposureMapping, pointedExposures, skyCentre } from '../../src/simulate/pointing.ts'
import { plateOf, SMALL, type Truth } from './plates.ts'

const FIRST: Exposure = { epochYr: 1950, offsetUm: [0, 0], magStep: 0, order: 0, turnDeg: 0 }

function constantsOf(options: Partial<SimulateOptions>) {
  const checked = parseSimulateOptions({ ...SMALL, ...options })
  return plateConstants(checked, plateFrame(checked), { raDeg: checked.ra!, decDeg: checked.dec! })
}

/** Direction on the scan of a star 0.1° north of the middle of the scan, from one at the middle; degrees. */
function northward(exposure: Exposure, constants: ReturnType<typeof constantsOf>) {
  const mapping = exposureMapping(exposure, constants)
  const { raDeg, decDeg } = skyCentre({ ...FIRST }, constants)
  const [a, b] = [mapping(raDeg, decDeg, 12, 0.8)!, mapping(raDeg, decDeg + 0.1, 12, 0.8)!]
  return (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI
}

describe('a telescope that was moved', () => {
  it.each([{ dec: 30 }, { dec: -60, mirror: true, rotation: 130 }, { dec: 87, rotation: -20 }])(
    'puts the star of the middle where --offsets says: %o',
    (options) => {
      const constants = constantsOf(options)
      const offsetUm: [number, number] = [3000, -1500]
      const [moved] = pointedExposures([{ ...FIRST, offsetUm, turnDeg: 12 }], constants, 'telescope')
      const [cos, sin] = [Math.cos, Math.sin].map((f) => f((constants.rotationDeg * Math.PI) / 180))
      const { x, y } = exposureMapping(moved!, constants)(constants.raDeg, constants.decDeg, 12, 0.8)!
      expect(x - constants.centrePx[0]).toBeCloseTo((3000 * cos! + 1500 * sin!) / 20, 6)
      expect(y - constants.centrePx[1]).toBeCloseTo((3000 * sin! - 1500 * cos!) / 20, 6)
    },
  )

  it('leaves its distortion on the plate, a plate that was moved does not', () => {
    const constants = constantsOf({ distortion: 80 })
    const plain = constantsOf({})
    const shift = (movedBy: 'plate' | 'telescope', place: { ra: number; dec: number }, offset: number) => {
      const [exposure] = pointedExposures([{ ...FIRST, offsetUm: [offset, 0] }], constants, movedBy)
      const at = (c: typeof constants) => exposureMapping(exposure!, c)(place.ra, place.dec, 12, 0.8)!
      return { x: at(plain).x, dx: at(constants).x - at(plain).x }
    }
    const edge = { ra: constants.raDeg - 0.15, dec: constants.decDeg }
    const still = shift('telescope', edge, 0)
    // The star is brought to the middle of the plate: only where the telescope moved is its distortion gone.
    const backUm = -(still.x - constants.centrePx[0]) * 20
    expect(still.dx).toBeGreaterThan(0.3)
    expect(Math.abs(shift('telescope', edge, backUm).dx)).toBeLessThan(0.01)
    expect(shift('plate', edge, backUm).dx).toBeCloseTo(still.dx, 9)
  })

  it('turns the field near a pole, as a polar mounting does', () => {
    const constants = constantsOf({ dec: 86 })
    const [moved] = pointedExposures([{ ...FIRST, offsetUm: [9000, 0] }], constants, 'telescope')
    const turned = northward(moved!, constants) - northward(FIRST, constants)
    const away = ((moved!.pointing!.raDeg - constants.raDeg + 540) % 360) - 180
    console.log(
      `moved by ${away.toFixed(2)} degrees of right ascension: turned by ${turned.toFixed(2)} degrees`,
    )
    expect(Math.abs(away)).toBeGreaterThan(1.5)
    expect(Math.abs(Math.abs(turned) - Math.abs(away))).toBeLessThan(0.05)
    expect(northward({ ...FIRST, offsetUm: [9000, 0] }, constants)).toBeCloseTo(
      northward(FIRST, constants),
      9,
    )
  })

  it('cannot shift the field sideways by more than the pole is away', () => {
    const constants = constantsOf({ dec: 89.99 })
    expect(() => pointedExposures([{ ...FIRST, offsetUm: [9000, 0] }], constants, 'telescope')).toThrow(
      UserError,
    )
  })
})

/** Stars on the plate by exposure, as keys of their places on the sky. */
function starsByExposure(truth: Truth): Set<number>[] {
  const [g, exposure] = [truth.number('phot_g_mean_mag'), truth.number('exposure')]
  const on = truth.flag('on_plate')
  const sets = Array.from({ length: Math.max(...exposure) + 1 }, () => new Set<number>())
  g.forEach((mag, i) => {
    if (on[i]) sets[exposure[i]!]!.add(mag)
  })
  return sets
}

describe('two fields on one plate', () => {
  const FULL = { ...SMALL, kind: 'multi' as const, density: 300 }

  it.each([
    ['plate', { offsets: '0,0 14000,3000' }],
    ['telescope', { offsets: '0,0 14000,3000', shift: 'telescope' as const }],
    ['far pointing', { pointings: '20.5,-41' }],
  ])('both fill it: %s', async (_, options) => {
    const plate = await plateOf({ ...FULL, ...options })
    const [first, second] = starsByExposure(plate.truth)
    const both = [...first!].filter((star) => second!.has(star)).length
    console.log(
      `${first!.size} and ${second!.size} stars, ${both} on both; ${plate.result.counts.reference} in the reference`,
    )
    expect(first!.size).toBeGreaterThan(100)
    expect(Math.abs(second!.size / first!.size - 1)).toBeLessThan(0.3)
    expect(both).toBe(0)
    const single = await plateOf({ ...FULL, kind: 'single' })
    expect(plate.result.counts.reference).toBeGreaterThan(1.5 * single.result.counts.reference)
    // Nothing of the first field depends on the second.
    expect(starsByExposure(single.truth)[0]).toEqual(first)
  })

  it('tell where the star of the first middle went', () => {
    const constants = constantsOf({ rotation: 25 })
    const pointing = { raDeg: 200.1, decDeg: 30.05 }
    const [exposure] = pointedExposures([{ ...FIRST, pointing }], constants, 'plate')
    const at = exposureMapping(exposure!, constants)(constants.raDeg, constants.decDeg, 12, 0.8)!
    const away = Math.hypot(...exposure!.offsetUm) / 20
    expect(Math.hypot(at.x - constants.centrePx[0], at.y - constants.centrePx[1])).toBeCloseTo(away, 9)
    const [far] = pointedExposures([{ ...FIRST, pointing: { raDeg: 20, decDeg: -30 } }], constants, 'plate')
    expect(far!.offsetUm).toEqual([Number.NaN, Number.NaN])
  })

  it('must be given as shifts or as places, not as both', async () => {
    await expect(plateOf({ ...FULL, offsets: '0,0 5,5', pointings: '20,20' })).rejects.toThrow(UserError)
    await expect(plateOf({ ...FULL, pointings: '20,95' })).rejects.toThrow(UserError)
  })
})

describe('a field turned by --rotation-step', () => {
  it('is turned about its own centre, counter-clockwise on the scan, on either side of the glass', () => {
    for (const mirror of [false, true]) {
      const constants = constantsOf({ mirror })
      const exposure = { ...FIRST, offsetUm: [400, 0] as [number, number], turnDeg: 7 }
      expect(northward(exposure, constants) - northward(FIRST, constants)).toBeCloseTo(7, 3)
      const { raDeg, decDeg } = constants
      const at = exposureMapping(exposure, constants)(raDeg, decDeg, 12, 0.8)!
      expect(at.x - constants.centrePx[0]).toBeCloseTo(20, 9)
    }
  })

  it('still holds the stars of the middle of the scan', () => {
    const constants = constantsOf({})
    const centre = skyCentre({ ...FIRST, offsetUm: [4000, 1000], turnDeg: 30 }, constants)
    const at = exposureMapping({ ...FIRST, offsetUm: [4000, 1000], turnDeg: 30 }, constants)(
      centre.raDeg,
      centre.decDeg,
      12,
      0.8,
    )!
    expect(at.x).toBeCloseTo(constants.centrePx[0], 6)
    expect(at.y).toBeCloseTo(constants.centrePx[1], 6)
    expect(separationDeg(centre.raDeg, centre.decDeg, constants.raDeg, constants.decDeg)).toBeGreaterThan(0.1)
  })
})
