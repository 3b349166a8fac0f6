// SIP and TPV as astropy (wcslib for TPV) reads the files that are published, against the plate constants themselves.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEG, separation } from '../../src/math/sphere.ts'
import { type PlateConstants, skyAt } from '../../src/models/plate-constants.ts'
import { type Sip, type Tpv, toSip, toTpv } from '../../src/models/wcs-polynomials.ts'
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

const CASES: [name: string, options: TruePlateOptions, awayPx: number][] = [
  ['affine', { degree: 1 }, 0],
  ['quadratic', { degree: 2, bendPx: 5 }, 0],
  ['cubic', { degree: 3, bendPx: 5 }, 0],
  ['cubic, mirrored and turned', { degree: 3, bendPx: 5, mirrored: true, rotationDeg: 127 }, 0],
  ['cubic at the pole', { degree: 3, bendPx: 5, raDeg: 30, decDeg: 90 }, 0],
  ['cubic at the south pole across 0h', { degree: 3, bendPx: 5, raDeg: 0, decDeg: -89.9 }, 0],
  ['quintic', { degree: 5, bendPx: 3 }, 0],
  ['affine, CRPIX 8 plates away', { degree: 1 }, 9600],
  ['cubic, CRPIX 3 plates away', { degree: 3, bendPx: 0.2 }, 3600],
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

async function written(
  name: string,
  plate: PlateConstants,
  n: number,
): Promise<{ sip: Sip; tpv: Tpv; sky: number[][] }> {
  const { width, height } = SIZE
  const sip = toSip(plate, width, height)
  const tpv = toTpv(plate, width, height)
  await writeWcsFiles({ outDir: folder, suffix: `-${n}`, sip, tpv, ...SIZE, epochYr: 1950, plateId: name })
  const sky = pixels.map(([x, y]) => {
    const { raRad, decRad } = skyAt(plate, x, y)
    return [raRad, decRad]
  })
  return { sip, tpv, sky }
}

describe('the published WCS', () => {
  it('puts every pixel where the plate constants do, in astropy, for SIP and for TPV', async () => {
    const plates = CASES.map(([, options, awayPx]) =>
      movedAway(truePlate({ ...SIZE, scaleArcsecPx: SCALE_ARCSEC_PX, ...options }), awayPx),
    )
    const files = await Promise.all(plates.map((plate, n) => written(CASES[n]![0], plate, n)))
    const given = (ending: string) =>
      files.map(({ sky }, n) => ({ path: join(folder, ending.replace('#', `-${n}`)), pixels, sky }))
    const sipSeen = python<Seen[]>(READ_SIP, given('wcs#.fits'))
    const tpvSeen = python<Seen[]>(READ_TPV, given('scamp#.head'))
    CASES.forEach(([name], n) => {
      const sip = worstPx(plates[n]!, sipSeen[n]!)
      const tpv = worstPx(plates[n]!, tpvSeen[n]!)
      const { departurePx, inverseDeparturePx } = files[n]!.sip
      const show = (px: number) => px.toExponential(1)
      console.log(
        `${name}: SIP ${show(sip.forward)} px, back ${show(sip.inverse)} px (says ${show(inverseDeparturePx)}), ` +
          `by iteration ${show(sip.iterated)}; TPV ${show(tpv.forward)} px, back ${show(tpv.inverse)} px`,
      )
      expect(sip.forward, name).toBeLessThan(1e-6)
      expect(sip.iterated, name).toBeLessThan(1e-6)
      expect(tpv.forward, name).toBeLessThan(1e-6)
      expect(tpv.inverse, name).toBeLessThan(1e-6)
      // The inverse polynomial of SIP is an approximation; how good it is, is published.
      expect(sip.inverse, name).toBeLessThan(0.01)
      expect(sip.inverse, name).toBeLessThan(3 * inverseDeparturePx + 1e-6)
      expect(departurePx, name).toBeLessThan(1e-6)
      expect(files[n]!.tpv.departurePx, name).toBeLessThan(1e-6)
    })
  })

  it('says truly how far it departs from a plate that no polynomial of its order can follow', () => {
    const plate = truePlate({ ...SIZE, degree: 3, bendPx: 40, seed: 3 })
    const { departurePx, inverseDeparturePx } = toSip(plate, SIZE.width, SIZE.height)
    expect(departurePx).toBeLessThan(1e-6)
    expect(inverseDeparturePx).toBeGreaterThan(1e-3) // strongly bent: the inverse is no polynomial
  })
})
