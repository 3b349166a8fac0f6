import { describe, expect, it } from 'vitest'
import { ARCSEC, DEG, separation } from '../../src/math/sphere.ts'
import { toStandard } from '../../src/math/tangent.ts'
import { PLATE_MODELS } from '../../src/models/models.ts'
import {
  frameOf,
  fromLinearWcs,
  jacobianAt,
  orientation,
  type PlateConstants,
  pixelOf,
  pixelOfPlace,
  retangent,
  skyAt,
  standardAt,
} from '../../src/models/plate-constants.ts'
import { ANY_STAR, nameOf, type Term, termsAt } from '../../src/models/term.ts'
import { python } from '../math/python.ts'
import { truePlate } from './true-plate.ts'

/** Places over the scan, its corners included. */
function gridOver(width: number, height: number, perAxis = 9): { x: number; y: number }[] {
  return Array.from({ length: perAxis * perAxis }, (_, k) => ({
    x: 0.5 + ((k % perAxis) / (perAxis - 1)) * width,
    y: 0.5 + (Math.floor(k / perAxis) / (perAxis - 1)) * height,
  }))
}

describe('plate models', () => {
  it('hold 6, 12, 20, 30 and 42 plate constants, every power once', () => {
    expect(PLATE_MODELS.map(({ coefficients }) => coefficients.length)).toEqual([6, 12, 20, 30, 42])
    const { terms, degree } = PLATE_MODELS[4]!
    expect(new Set(terms.map(nameOf)).size).toBe(21)
    expect(degree).toBe(5)
  })

  it('are evaluated as powers of u and v', () => {
    const values = new Float64Array(8)
    const frame = { x0: 100, y0: 200, halfPx: 10 }
    const image = { x: 120, y: 170, mag: Number.NaN, bpRp: Number.NaN } // u = 2, v = −3
    termsAt(PLATE_MODELS[1]!.terms, frame, ANY_STAR, image, values, 1)
    expect(Array.from(values)).toEqual([0, 1, 2, -3, 4, -6, 9, 0])
  })
})

describe('pixel to sky to pixel', () => {
  it.each([1, 2, 3, 4, 5])(
    'comes back for a model of degree %i, anywhere on the sky and however turned',
    (degree) => {
      let worst = 0
      for (const [raDeg, decDeg] of [
        [150, 20],
        [0, 0],
        [359.99, -89.9],
        [10, 90],
        [77, -90],
      ] as const) {
        for (const mirrored of [false, true]) {
          for (const rotationDeg of [0, 37, 90, 180, -91]) {
            const place = { raDeg, decDeg, mirrored, rotationDeg }
            const plate = truePlate({
              ...place,
              width: 1200,
              height: 800,
              scaleArcsecPx: 20,
              degree,
              bendPx: 4,
            })
            for (const { x, y } of gridOver(1200, 800, 5)) {
              const sky = skyAt(plate, x, y)
              const back = pixelOfPlace(plate, sky.raRad, sky.decRad)!
              worst = Math.max(worst, Math.hypot(back.x - x, back.y - y))
            }
          }
        }
      }
      console.log(`round trip, degree ${degree}: worst ${worst.toExponential(1)} px`)
      expect(worst).toBeLessThan(1e-8)
    },
  )

  it('does not invent a pixel for a place on the other half of the sky, or where the polynomial turns back', () => {
    const plate = truePlate({ raDeg: 10, decDeg: -30 })
    expect(pixelOfPlace(plate, 190 * DEG, 30 * DEG)).toBeUndefined()
    expect(pixelOfPlace(plate, Number.NaN, 0)).toBeUndefined()
    const bent = truePlate({ degree: 3, bendPx: 60, seed: 4 })
    const outside = pixelOf(bent, 0.9, 0.9) // some 45° off a plate of half a degree
    if (outside !== undefined) {
      const there = standardAt(bent, outside.x, outside.y)
      expect(Math.hypot(there.xi - 0.9, there.eta - 0.9)).toBeLessThan(1e-9)
    }
  })

  it('has derivatives that are those of the mapping', () => {
    const plate = truePlate({ degree: 5, bendPx: 10, seed: 2 })
    let worst = 0
    for (const { x, y } of gridOver(1000, 1000, 5)) {
      const [a, b, d, e] = jacobianAt(plate, x, y)
      const h = 1 // Richardson: the central difference, and that of half the step, without their common error
      const slope = (dx: number, dy: number, axis: 'xi' | 'eta') => {
        const central = (s: number) =>
          (standardAt(plate, x + s * dx, y + s * dy)[axis] -
            standardAt(plate, x - s * dx, y - s * dy)[axis]) /
          (2 * s)
        return (4 * central(h) - central(2 * h)) / 3
      }
      const truth = [slope(1, 0, 'xi'), slope(0, 1, 'xi'), slope(1, 0, 'eta'), slope(0, 1, 'eta')]
      ;[a, b, d, e].forEach((value, k) => {
        worst = Math.max(worst, Math.abs(value - truth[k]!) / (2 * ARCSEC))
      })
    }
    console.log(`derivatives: worst ${worst.toExponential(1)} px per px`)
    expect(worst).toBeLessThan(1e-9)
  })
})

/** The eight ways in which a scan can lie: how +x and +y of the scan follow from east and north. */
const DIHEDRAL: [name: string, cd: [number, number, number, number]][] = [
  ['north up, east left', [-1, 0, 0, 1]],
  ['turned by 90°', [0, 1, 1, 0]],
  ['turned by 180°', [1, 0, 0, -1]],
  ['turned by 270°', [0, -1, -1, 0]],
  ['mirrored, north up', [1, 0, 0, 1]],
  ['mirrored and turned by 90°', [0, -1, 1, 0]],
  ['mirrored and turned by 180°', [-1, 0, 0, -1]],
  ['mirrored and turned by 270°', [0, 1, -1, 0]],
]

describe('the orientation of a scan', () => {
  it('is right for all eight ways of laying it, as astropy sees its axes on the sky', () => {
    const frame = frameOf(1000, 600)
    const step = 2 / 3600
    const plates = DIHEDRAL.map(([name, signs]) => {
      const cd = signs.map((s) => s * step)
      return {
        name,
        plate: fromLinearWcs(
          { crval: [0.01, -60], crpix: [frame.x0, frame.y0], cd },
          frame,
          PLATE_MODELS[0]!,
        ),
      }
    })
    const arrows = plates.map(({ plate }) => {
      const { x0, y0 } = plate.frame
      return [skyAt(plate, x0, y0), skyAt(plate, x0, y0 + 1), skyAt(plate, x0 + 1, y0)].map((p) => [
        p.raRad,
        p.decRad,
      ])
    })
    const code = `
import astropy.units as u
from astropy.coordinates import position_angle, angular_separation
out = []
for (a, up, right) in given:
    angle = lambda b: position_angle(a[0]*u.rad, a[1]*u.rad, b[0]*u.rad, b[1]*u.rad).deg
    out.append([angle(up), angle(right), angular_separation(*a, *up)])
answer(out)
`
    const seen = python<[number, number, number][]>(code, arrows)
    plates.forEach(({ name, plate }, k) => {
      const { scaleRadPx, mirrored, rotation } = orientation(plate)
      const [up, right, apart] = seen[k]!
      const difference = ((rotation / DEG - up + 540) % 360) - 180
      expect(Math.abs(difference), name).toBeLessThan(1e-4)
      // Seen from inside the sphere +x lies 90° clockwise of +y, unless mirrored.
      expect(Math.sin((right - up) * DEG) > 0, name).toBe(mirrored)
      expect(mirrored, name).toBe(k >= 4)
      expect(Math.abs(scaleRadPx / ARCSEC - 2), name).toBeLessThan(1e-9)
      expect(Math.abs(apart / ARCSEC - 2), name).toBeLessThan(1e-9)
    })
  })

  it('follows any rotation', () => {
    for (const mirrored of [false, true]) {
      for (let rotationDeg = -179; rotationDeg < 180; rotationDeg += 29) {
        const found = orientation(truePlate({ rotationDeg, mirrored, scaleArcsecPx: 1.7 }))
        expect(found.rotation / DEG).toBeCloseTo(rotationDeg, 9)
        expect(found.mirrored).toBe(mirrored)
        expect(found.scaleRadPx / ARCSEC).toBeCloseTo(1.7, 9)
      }
    }
  })
})

/** The largest distance on the sky between two mappings over a scan, in pixels of the given scale. */
function worstApartPx(
  a: PlateConstants,
  b: PlateConstants,
  width: number,
  height: number,
  scaleRadPx: number,
): number {
  let worst = 0
  for (const { x, y } of gridOver(width, height, 25)) {
    const [p, q] = [skyAt(a, x, y), skyAt(b, x, y)]
    worst = Math.max(worst, separation(p.raRad, p.decRad, q.raRad, q.decRad) / scaleRadPx)
  }
  return worst
}

describe('a change of the tangent point', () => {
  it.each([
    [1, 0.5, 1e-8],
    [6, 1, 1e-5],
    [12, 0.2, 1e-4],
    [12, 3, 1e-3],
  ])('of a field of %f° by %f° keeps every place within %f px', (fieldDeg, offDeg, limitPx) => {
    const width = 1400
    const step = fieldDeg / width
    let worst = 0
    for (const decDeg of [0, 60, 89, -90]) {
      const wcs = {
        crval: [0.001, decDeg] as const,
        crpix: [width / 2 + offDeg / step, width / 3] as const,
        cd: [-step, 0, 0, step],
      }
      const frame = frameOf(width, width)
      const before = fromLinearWcs(wcs, frame, PLATE_MODELS[0]!)
      const after = retangent(before, frame)!
      worst = Math.max(worst, worstApartPx(before, after, width, width, step * DEG))
      const middle = skyAt(before, frame.x0, frame.y0)
      expect(separation(after.ra0, after.dec0, middle.raRad, middle.decRad)).toBeLessThan(1e-12)
    }
    console.log(`retangent, ${fieldDeg}° field, ${offDeg}° off: worst ${worst.toExponential(1)} px`)
    expect(worst).toBeLessThan(limitPx)
  })
})

describe('a linear header WCS', () => {
  it('becomes constants that put CRPIX at CRVAL and every pixel where it says', () => {
    const frame = frameOf(900, 1100)
    const wcs = {
      crval: [266.4, -29] as const,
      crpix: [123.4, 2345.6] as const,
      cd: [3e-4, -2e-5, 1e-5, 2.9e-4],
    }
    const plate = fromLinearWcs(wcs, frame, PLATE_MODELS[0]!)
    const at = skyAt(plate, ...wcs.crpix)
    expect(separation(at.raRad, at.decRad, 266.4 * DEG, -29 * DEG) / ARCSEC).toBeLessThan(1e-9)
    const sky = skyAt(plate, 1, 1)
    const standard = toStandard(sky.raRad, sky.decRad, 266.4 * DEG, -29 * DEG)!
    expect(standard.xi / DEG).toBeCloseTo(3e-4 * (1 - 123.4) - 2e-5 * (1 - 2345.6), 12)
    expect(standard.eta / DEG).toBeCloseTo(1e-5 * (1 - 123.4) + 2.9e-4 * (1 - 2345.6), 12)
  })
})

describe('the scale and orientation of a mosaic scan with a wobbling scanner', () => {
  it('are those of the plate, even where an edge or the flank of a wave crosses its middle', () => {
    const plain = truePlate({ degree: 3, bendPx: 3, seed: 9, mirrored: true })
    const { x0, y0 } = plain.frame
    const open = Number.POSITIVE_INFINITY
    const terms: Term[] = [
      { kind: 'tile', x: [x0, open], y: [y0, open] },
      { kind: 'wave', axis: 'x', periodPx: 40, phase: 'sin' },
    ]
    const model = { ...plain.model, terms: [...plain.model.terms, ...terms] }
    const off = [20 * 2 * ARCSEC, 3 * 2 * ARCSEC] // px
    const scanned: PlateConstants = {
      ...plain,
      model,
      xi: Float64Array.of(...plain.xi, ...off),
      eta: Float64Array.of(...plain.eta, ...off),
    }
    expect(orientation(scanned)).toEqual(orientation(plain))
    const { xi } = standardAt(scanned, x0 + 5, y0 + 5)
    expect(Math.abs(xi - standardAt(plain, x0 + 5, y0 + 5).xi) / (2 * ARCSEC)).toBeGreaterThan(15)
  })
})
