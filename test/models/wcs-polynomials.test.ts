// SIP and TPV as astropy (wcslib for TPV) reads the files that are published, against the plate constants themselves.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEG, separation } from '../../src/math/sphere.ts'
import { type PlateConstants, skyAt } from '../../src/models/plate-constants.ts'
import { MAX_DEPARTURE_PX } from '../../src/models/wcs-departure.ts'
import {
  type PlateMapping,
  type Sip,
  sipOf,
  type Tpv,
  toSip,
  toTpv,
  tpvOf,
} from '../../src/models/wcs-polynomials.ts'
import { writeWcsFiles } from '../../src/stages/publish/wcs-files.ts'
import { python } from '../math/python.ts'
import { type TruePlateOptions, truePlate } from './true-plate.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platepipe-test-wcs-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const SIZE = { width: 1200, height: 900 }
const SCALE_ARCSEC_PX = 10

/** A tangent point far off the scan: the middle of the frame is moved, the polynomial stays. */
function movedAway(plate: PlateConstants, byPx: number): PlateConstants {
  const step = (byPx / plate.frame.halfPx) * 1
  const xi = Float64Array.from(plate.xi)
  const eta = Float64Array.from(plate.eta)
  xi[0] = step * plate.xi[1]!
  eta[0] = step * plate.eta[1]!
  return { ...plate, xi, eta }
}

/** Polynomial plates, and by what SIP, TPV and the iterated inverse may depart from them, px. */
const CASES: [name: string, options: TruePlateOptions, awayPx: number, departsPx: number][] = [
  ['affine', { degree: 1 }, 0, 1e-6],
  ['quadratic', { degree: 2, bendPx: 5 }, 0, 1e-6],
  ['cubic', { degree: 3, bendPx: 5 }, 0, 1e-6],
  ['cubic, mirrored and turned', { degree: 3, bendPx: 5, mirrored: true, rotationDeg: 127 }, 0, 1e-6],
  ['cubic at the pole', { degree: 3, bendPx: 5, raDeg: 30, decDeg: 90 }, 0, 1e-6],
  ['cubic at the south pole across 0h', { degree: 3, bendPx: 5, raDeg: 0, decDeg: -89.9 }, 0, 1e-6],
  ['quintic', { degree: 5, bendPx: 3 }, 0, 1e-6],
  ['cubic, CRPIX beside the scan', { degree: 3, bendPx: 5 }, 700, 1e-6],
  // The tangent point is exchanged for the middle, about which the mapping is no polynomial.
  ['affine, tangent point 8 plates away', { degree: 1 }, 9600, 1e-3],
  ['cubic, tangent point 3 plates away', { degree: 3, bendPx: 0.2 }, 3600, 1e-3],
]

interface Seen {
  /** Of the pixels given: right ascension and declination, rad. */
  sky: [number, number][]
  /** Pixels of places given, by the inverse polynomial alone and by iteration. */
  inverse: [number, number][]
  iterated: [number, number][]
}

const READ_SIP = `
from astropy.io import fits
from astropy.wcs import WCS
out = []
for case in given:
    header = fits.getheader(case['path'])
    w = WCS(header)
    xy, sky = np.array(case['pixels']), np.degrees(np.array(case['sky']))
    focal = w.wcs_world2pix(sky, 1)
    out.append({'sky': np.radians(w.all_pix2world(xy, 1)).tolist(),
        'inverse': w.sip_foc2pix(focal - w.wcs.crpix, 1).tolist(),
        'iterated': w.all_world2pix(sky, 1, tolerance=1e-10).tolist()})
answer(out)
`
/** Largest departures from standard coordinates (rad) about the header's own tangent point, px: forward; SIP's inverse. */
const MEASURE = `
from astropy.io import fits
from astropy.wcs import WCS
out = []
for case in given:
    is_sip = case['path'].endswith('.fits')
    header = fits.getheader(case['path']) if is_sip else fits.Header.fromtextfile(case['path'])
    w = WCS(header)
    xy, standard = np.array(case['pixels']), np.degrees(np.array(case['standard']))
    plane = WCS(naxis=2)
    plane.wcs.ctype, plane.wcs.crval, plane.wcs.cd, plane.wcs.crpix = ['RA---TAN', 'DEC--TAN'], w.wcs.crval, w.wcs.cd, [0, 0]
    focal = standard @ np.linalg.inv(w.wcs.cd).T
    there = plane.wcs_world2pix(w.all_pix2world(xy, 1), 1)
    back = w.sip_foc2pix(focal, 1) - xy if is_sip else np.zeros_like(xy)
    out.append([np.hypot(*(there - focal).T).max(), np.hypot(*back.T).max()])
answer(out)
`
const READ_TPV = `
from astropy.io import fits
from astropy.wcs import WCS
out = []
for case in given:
    header = fits.Header.fromtextfile(case['path'])
    header['NAXIS'], header['NAXIS1'], header['NAXIS2'] = 2, 1200, 900
    w = WCS(header)
    xy, sky = np.array(case['pixels']), np.degrees(np.array(case['sky']))
    pixels = w.wcs_world2pix(sky, 1)
    out.append({'sky': np.radians(w.wcs_pix2world(xy, 1)).tolist(), 'inverse': pixels.tolist(), 'iterated': pixels.tolist()})
answer(out)
`

const pixels = Array.from({ length: 49 }, (_, k): [number, number] => [
  0.5 + ((k % 7) / 6) * SIZE.width,
  0.5 + (Math.floor(k / 7) / 6) * SIZE.height,
])

/** Worst distances, px, over the scan: forward, by the inverse polynomial, by iteration. */
function worstPx(plate: PlateConstants, seen: Seen): { forward: number; inverse: number; iterated: number } {
  const scale = (SCALE_ARCSEC_PX / 3600) * DEG
  let forward = 0
  let inverse = 0
  let iterated = 0
  pixels.forEach(([x, y], k) => {
    const own = skyAt(plate, x, y)
    forward = Math.max(forward, separation(own.raRad, own.decRad, ...seen.sky[k]!) / scale)
    inverse = Math.max(inverse, Math.hypot(seen.inverse[k]![0] - x, seen.inverse[k]![1] - y))
    iterated = Math.max(iterated, Math.hypot(seen.iterated[k]![0] - x, seen.iterated[k]![1] - y))
  })
  return { forward, inverse, iterated }
}

async function written(name: string, n: string, files: { sip: Sip; tpv: Tpv }): Promise<void> {
  await writeWcsFiles({ outDir: folder, suffix: `-${n}`, ...files, ...SIZE, epochYr: 1950, plateId: name })
}

const show = (px: number) => px.toExponential(1)

describe('the published WCS', () => {
  it('puts every pixel where the plate constants do, in astropy, for SIP and for TPV', async () => {
    const plates = CASES.map(([, options, awayPx]) =>
      movedAway(truePlate({ ...SIZE, scaleArcsecPx: SCALE_ARCSEC_PX, ...options }), awayPx),
    )
    const files = plates.map((plate) => ({
      sip: toSip(plate, SIZE.width, SIZE.height),
      tpv: toTpv(plate, SIZE.width, SIZE.height),
    }))
    for (const [n, [name]] of CASES.entries()) await written(name, String(n), files[n]!)
    const given = (ending: string) =>
      plates.map((plate, n) => {
        const sky = pixels.map(([x, y]) => Object.values(skyAt(plate, x, y)))
        return { path: join(folder, ending.replace('#', `-${n}`)), pixels, sky }
      })
    const sipSeen = python<Seen[]>(READ_SIP, given('wcs#.fits'))
    const tpvSeen = python<Seen[]>(READ_TPV, given('scamp#.head'))
    CASES.forEach(([name, , , departsPx], n) => {
      const sip = worstPx(plates[n]!, sipSeen[n]!)
      const tpv = worstPx(plates[n]!, tpvSeen[n]!)
      const { departurePx, inverseDeparturePx } = files[n]!.sip
      console.log(
        `${name}: SIP ${show(sip.forward)} px, back ${show(sip.inverse)} px (says ${show(inverseDeparturePx)}), ` +
          `by iteration ${show(sip.iterated)}; TPV ${show(tpv.forward)} px, back ${show(tpv.inverse)} px`,
      )
      expect(sip.forward, name).toBeLessThan(departsPx)
      expect(sip.iterated, name).toBeLessThan(departsPx)
      expect(tpv.forward, name).toBeLessThan(departsPx)
      expect(tpv.inverse, name).toBeLessThan(departsPx)
      // The inverse polynomial of SIP is an approximation; how good it is, is published.
      expect(sip.inverse, name).toBeLessThan(inverseDeparturePx + 1e-6)
      expect(inverseDeparturePx, name).toBeLessThan(1e-3)
      expect(departurePx, name).toBeLessThan(departsPx)
      expect(files[n]!.tpv.departurePx, name).toBeLessThan(departsPx)
    })
  })

  it('takes no higher order than the plate needs', () => {
    const orders = [1, 2, 3, 5].map((degree) => {
      const plate = truePlate({ ...SIZE, degree, bendPx: 5 })
      return [toSip(plate, SIZE.width, SIZE.height).order, toTpv(plate, SIZE.width, SIZE.height).degree]
    })
    expect(orders).toEqual([
      [2, 3],
      [2, 3],
      [3, 3],
      [5, 5],
    ])
  })
})

/** A plate with more than polynomials: ξ and η, radians, of pixels, about a tangent point near the middle. */
function bentBy(shift: (x: number, y: number) => [dxPx: number, dyPx: number]): PlateMapping {
  const pixel = (SCALE_ARCSEC_PX / 3600) * DEG
  return {
    ra0: 20 * DEG,
    dec0: -70 * DEG,
    standardAt: (x, y) => {
      const [dx, dy] = shift(x, y)
      return { xi: -pixel * (x - 590 + dx), eta: pixel * (y - 455 + dy) }
    },
  }
}

const wave = (y: number, amplitudePx: number, periodPx: number) =>
  amplitudePx * Math.sin((2 * Math.PI * y) / periodPx)
const bump = (x: number, y: number, px: number) =>
  2 * Math.exp(-((x - 800) ** 2 + (y - 300) ** 2) / (2 * px * px))

const BENT: [name: string, mapping: PlateMapping, holds: boolean][] = [
  ['a slow wave', bentBy((_, y) => [wave(y, 0.3, 1300), wave(y, 0.6, 1300)]), true],
  ['a wave of four periods', bentBy((_, y) => [wave(y, 0.2, 225), wave(y, 0.4, 225)]), false],
  ['a wave of fifteen periods', bentBy((_, y) => [wave(y, 0.2, 60), wave(y, 0.4, 60)]), false],
  ['a wide bump', bentBy((x, y) => [bump(x, y, 700), -bump(x, y, 900)]), true],
  ['a narrow bump', bentBy((x, y) => [bump(x, y, 150), 0]), false],
  ['a step between two tiles', bentBy((x) => [x > 600 ? 0.3 : 0, 0]), false],
  ['strong distortion', bentBy((x, y) => [(x - 590) * ((x - 590) ** 2 + (y - 455) ** 2) * 5e-8, 0]), true],
]

describe('the WCS of a plate that no polynomial is exactly', () => {
  it('is within 0.01 px where a polynomial can follow, and says truly how far it departs where none can', async () => {
    const files = BENT.map(([, mapping]) => ({
      sip: sipOf(mapping, SIZE.width, SIZE.height),
      tpv: tpvOf(mapping, SIZE.width, SIZE.height),
    }))
    // Another grid than that of the checks, and a finer one.
    const fine = Array.from({ length: 163 * 167 }, (_, k): [number, number] => [
      0.5 + ((k % 163) / 162) * SIZE.width,
      0.5 + (Math.floor(k / 163) / 166) * SIZE.height,
    ])
    for (const [n, [name]] of BENT.entries()) await written(name, `bent-${n}`, files[n]!)
    const given = (ending: string) =>
      BENT.map(([, mapping], n) => {
        const standard = fine.map(([x, y]) => Object.values(mapping.standardAt(x, y)))
        return { path: join(folder, ending.replace('#', `-bent-${n}`)), pixels: fine, standard }
      })
    const sipSeen = python<[number, number][]>(MEASURE, given('wcs#.fits'))
    const tpvSeen = python<[number, number][]>(MEASURE, given('scamp#.head'))
    BENT.forEach(([name, , holds], n) => {
      const { sip, tpv } = files[n]!
      console.log(
        `${name}: SIP of order ${sip.order} ${show(sipSeen[n]![0])} px (says ${show(sip.departurePx)}), back of order ` +
          `${sip.inverseOrder} ${show(sipSeen[n]![1])} px (says ${show(sip.inverseDeparturePx)}); ` +
          `TPV of degree ${tpv.degree} ${show(tpvSeen[n]![0])} px (says ${show(tpv.departurePx)})`,
      )
      expect(sip.departurePx < MAX_DEPARTURE_PX, name).toBe(holds)
      expect(sip.inverseDeparturePx < MAX_DEPARTURE_PX, name).toBe(holds)
      const honest = [
        [sipSeen[n]![0], sip.departurePx],
        [sipSeen[n]![1], sip.inverseDeparturePx],
        [tpvSeen[n]![0], tpv.departurePx],
      ] as const
      for (const [seen, said] of honest) {
        expect(seen, name).toBeLessThan(said + 1e-3)
        expect(seen, name).toBeGreaterThan(0.9 * said - 1e-3)
      }
    })
  })
})
