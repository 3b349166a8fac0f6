// The truth mapping: against astropy where there is nothing but a projection, and against its own definition elsewhere.
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { focalLengthMm, linearCd, type PlateConstants, plateMapping } from '../../src/simulate/geometry.ts'

const PLAIN: PlateConstants = {
  raDeg: 130,
  decDeg: 19.6,
  centrePx: [1000.5, 900.5],
  scaleArcsecPerPx: 2.5,
  pixelUm: 20,
  rotationDeg: 0,
  mirror: false,
  tiltArcmin: 0,
  tiltAngleDeg: 0,
  distortionUm: 0,
  edgeMm: 20,
  magEquationUm: 0,
  comaUm: 0,
  colourUm: 0,
  colourScaleUm: 0,
  pivotMag: 12,
  wobbleUm: 0,
  wobblePeriodMm: 9,
  warpUm: 0,
  warpScaleMm: 20,
  tileStepUm: 0,
  tileMm: 10,
  seed: 1,
}

/** Pixels of places under the linear solution, by wcslib through astropy. */
function astropyPixels(constants: PlateConstants, places: [number, number][]): [number, number][] {
  const script = `
import json, sys
from astropy.wcs import WCS
c, places = json.load(sys.stdin)
w = WCS(naxis=2)
w.wcs.ctype = ['RA---TAN', 'DEC--TAN']
w.wcs.crval = [c['raDeg'], c['decDeg']]
w.wcs.crpix = c['centrePx']
w.wcs.cd = [c['cd'][:2], c['cd'][2:]]
print(json.dumps(w.wcs_world2pix(places, 1).tolist()))`
  const input = JSON.stringify([{ ...constants, cd: linearCd(constants) }, places])
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input, encoding: 'utf8' }))
}

const DEGREE = Math.PI / 180
function around(constants: PlateConstants, radiusDeg: number): [number, number][] {
  const cos = Math.max(0.02, Math.cos(constants.decDeg * DEGREE))
  return [-1, -0.4, 0, 0.7, 1].flatMap((u) =>
    [-1, 0, 0.3, 1].map((v): [number, number] => [
      (constants.raDeg + (u * radiusDeg) / cos + 360) % 360,
      Math.min(90, constants.decDeg + v * radiusDeg),
    ]),
  )
}

describe('a plate without distortion', () => {
  const cases: [string, Partial<PlateConstants>][] = [
    ['as the sky is seen', {}],
    ['turned', { rotationDeg: 33.3 }],
    ['mirrored', { mirror: true }],
    ['mirrored and turned', { mirror: true, rotationDeg: -128 }],
    ['across 0h', { raDeg: 0.1, decDeg: -41 }],
    ['near the pole', { raDeg: 200, decDeg: 89.3, rotationDeg: 5 }],
    ['wide', { scaleArcsecPerPx: 30, decDeg: -62 }],
  ]
  it.each(cases)('agrees with astropy to 1e-6 px: %s', (_, change) => {
    const constants = { ...PLAIN, ...change }
    const places = around(constants, constants.scaleArcsecPerPx / 4)
    const expected = astropyPixels(constants, places)
    const toPixel = plateMapping(constants)
    const worst = places.reduce((most, [ra, dec], i) => {
      const pixel = toPixel(ra, dec, 15, 2)!
      return Math.max(most, Math.hypot(pixel.x - expected[i]![0], pixel.y - expected[i]![1]))
    }, 0)
    console.log(`worst distance to astropy ${worst.toExponential(1)} px`)
    expect(worst).toBeLessThan(1e-6)
  })
})

describe('each plate constant', () => {
  const place: [number, number] = [130.3, 19.9]
  const shift = (change: Partial<PlateConstants>, mag = 12, bpRp = 0.8) => {
    const a = plateMapping(PLAIN)(...place, 12, 0.8)!
    const b = plateMapping({ ...PLAIN, ...change })(...place, mag, bpRp)!
    return [((b.x - a.x) * 20) as number, ((b.y - a.y) * 20) as number] as const
  }
  const plain = plateMapping(PLAIN)(...place, 12, 0.8)!
  const [x, y] = [(plain.x - 1000.5) * 0.02, (plain.y - 900.5) * 0.02] // mm

  it('magnitude equation: micrometres along x per magnitude', () => {
    expect(shift({ magEquationUm: 2 }, 15)[0]).toBeCloseTo(6, 8)
    expect(shift({ magEquationUm: 2 }, 15)[1]).toBeCloseTo(0, 8)
  })

  it('colour: micrometres along y per magnitude of bp_rp', () => {
    expect(shift({ colourUm: 3 }, 12, 1.8)[1]).toBeCloseTo(3, 8)
  })

  it('coma: outward for bright stars, in proportion to the distance', () => {
    const [dx, dy] = shift({ comaUm: 4 }, 10)
    expect(dx).toBeCloseTo((2 * 4 * x) / 20, 8)
    expect(dy).toBeCloseTo((2 * 4 * y) / 20, 8)
  })

  it('colour and scale: outward for red stars, in proportion to the distance', () => {
    const [dx, dy] = shift({ colourScaleUm: 5 }, 12, 2.3)
    expect(dx).toBeCloseTo((1.5 * 5 * x) / 20, 8)
    expect(dy).toBeCloseTo((1.5 * 5 * y) / 20, 8)
  })

  it('shift of an exposure: on the plate, turned with it, before the scanner', () => {
    const turned = { ...PLAIN, rotationDeg: 30 }
    const [a, b] = [
      plateMapping(turned)(...place, 12, 0.8)!,
      plateMapping(turned)(...place, 12, 0.8, [400, -100])!,
    ]
    const [c, s] = [Math.cos(30 * DEGREE), Math.sin(30 * DEGREE)]
    expect((b.x - a.x) * 20).toBeCloseTo(400 * c + 100 * s, 8)
    expect((b.y - a.y) * 20).toBeCloseTo(400 * s - 100 * c, 8)
  })

  it('distortion: the stated shift at the edge, with the cube of the distance', () => {
    const [dx, dy] = shift({ distortionUm: 50 })
    const r = Math.hypot(x, y)
    expect(Math.hypot(dx, dy)).toBeCloseTo(50 * (r / 20) ** 3, 8)
  })

  it('tilt: quadratic in the distance, as the theory has it to first order', () => {
    const tilt = (10 / 60) * DEGREE
    const [dx] = shift({ tiltArcmin: 10 })
    const focal = focalLengthMm(PLAIN)
    // x' − x = x² sin t / f to first order; the rest is of second order in t.
    expect(dx / 1000).toBeCloseTo((x * x * Math.sin(tilt)) / focal, 4)
  })

  it('wobble: its amplitude along y', () => {
    const mapping = plateMapping({ ...PLAIN, wobbleUm: 10, wobblePeriodMm: 3 })
    const plainMapping = plateMapping(PLAIN)
    let most = 0
    for (let k = 0; k < 200; k++) {
      const [a, b] = [mapping(130, 19.4 + k * 0.002, 12, 0.8)!, plainMapping(130, 19.4 + k * 0.002, 12, 0.8)!]
      most = Math.max(most, Math.abs(a.y - b.y) * 20)
    }
    expect(most).toBeGreaterThan(9.9)
    expect(most).toBeLessThanOrEqual(10 + 1e-9)
  })

  it('has no image of a star behind the observer', () => {
    expect(plateMapping(PLAIN)(310, -19.6, 5, 0)).toBeUndefined()
  })
})
