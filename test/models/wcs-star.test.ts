// The WCS of plate constants with terms in magnitude, colour and the scanner: it holds for their reference star.
import { describe, expect, it } from 'vitest'
import { DEG } from '../../src/math/sphere.ts'
import { affine } from '../../src/models/parts/affine.ts'
import { colour } from '../../src/models/parts/colour.ts'
import { magnitude } from '../../src/models/parts/magnitude.ts'
import { periodic } from '../../src/models/parts/scanner.ts'
import { frameOf, fromLinearWcs, type PlateConstants, standardAt } from '../../src/models/plate-constants.ts'
import { type ModelPart, PLAIN_CONTEXT, plateModel } from '../../src/models/plate-model.ts'
import { starOf, toSip, toTpv } from '../../src/models/wcs-polynomials.ts'

const [WIDTH, HEIGHT] = [800, 600]
const PIXEL = (2 / 3600) * DEG
const STAR = {
  mag: 13.2,
  bpRp: 0.85,
  magRange: [9, 16] as [number, number],
  bpRpRange: [0, 2] as [number, number],
  bpRpScatter: 0.5,
}
const WAVE_PX = 90

/** Plate constants with these parts; terms beyond the linear ones have the size of a third of a pixel. */
function constantsWith(...parts: ModelPart[]): PlateConstants {
  const context = { ...PLAIN_CONTEXT, periods: [{ axis: 'y' as const, periodPx: WAVE_PX }] }
  const model = plateModel([affine, ...parts], context)
  const frame = frameOf(WIDTH, HEIGHT)
  const further = () => new Float64Array(model.terms.length).fill(PIXEL / 3)
  const [xi, eta] = [further(), further()]
  model.terms.forEach((term, k) => {
    if (term.kind !== 'power' || term.m + term.c > 0) return
    xi[k] = term.u === 1 ? -PIXEL * frame.halfPx : 0
    eta[k] = term.v === 1 ? PIXEL * frame.halfPx : 0
  })
  const linear = { crval: [57, 29], crpix: [400, 300], cd: [-PIXEL / DEG, 0, 0, PIXEL / DEG] } as const
  return { ...fromLinearWcs(linear, frame, plateModel([affine])), model, xi, eta, star: STAR }
}

describe('the WCS of plate constants', () => {
  it('holds for their reference star where magnitude or colour shifts images, and for all where nothing does', () => {
    expect(starOf(constantsWith())).toEqual({ mag: null, bpRp: null })
    expect(starOf(constantsWith(periodic))).toEqual({ mag: null, bpRp: null })
    expect(starOf(constantsWith(magnitude))).toEqual({ mag: 13.2, bpRp: null })
    expect(starOf(constantsWith(colour))).toEqual({ mag: null, bpRp: 0.85 })
    expect(starOf(constantsWith(magnitude, colour))).toEqual({ mag: 13.2, bpRp: 0.85 })
  })

  it('has the places of that star, not of others', () => {
    const constants = constantsWith(magnitude, colour)
    const { linear, departurePx } = toSip(constants, WIDTH, HEIGHT)
    expect(departurePx).toBeLessThan(1e-9)
    const [own, other] = [13.2, 14.2].map((mag) => standardAt(constants, ...linear.crpix, mag, 0.85))
    expect(Math.hypot(own!.xi, own!.eta) / PIXEL).toBeLessThan(1e-9)
    expect(Math.hypot(other!.xi, other!.eta) / PIXEL).toBeCloseTo(Math.SQRT2 / 3, 9)
  })

  it('departs by about the height of a wave that no polynomial follows', () => {
    const constants = constantsWith(periodic)
    const { departurePx, inverseDeparturePx } = toSip(constants, WIDTH, HEIGHT)
    // Sine and cosine of a third of a pixel each, on both axes: crests of 2/3 px.
    for (const departure of [departurePx, inverseDeparturePx, toTpv(constants, WIDTH, HEIGHT).departurePx]) {
      expect(departure).toBeGreaterThan(0.63)
      expect(departure).toBeLessThan(0.85)
    }
  })
})
