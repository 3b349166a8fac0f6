// Which places of profile fits are taken, and how the pixels of a scan reach the fits.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLACE } from '../../../src/detections.ts'
import { createFitsImage } from '../../../src/fits/image.ts'
import type { Profiles } from '../../../src/stages/extract/profile/measure.ts'
import { cutPatch, openPositive } from '../../../src/stages/extract/profile/patch.ts'
import { adoptProfiles, profilePlaces } from '../../../src/stages/extract/profile-places.ts'
import { detectionsAt } from '../../models/true-plate.ts'
import { drawScan, gridOfStars } from './drawn-scan.ts'

const PLATE = { widthPx: 3, grain: 1.5 }
const SCAN = { width: 100, height: 100 }

/** Profiles at these places; what is not given is that of a good fit. */
function profilesAt(
  x: number[],
  y: number[],
  given: Partial<Record<'error' | 'misfit', number[]>> = {},
): Profiles {
  const usual = (value: number) => new Float64Array(x.length).fill(value)
  const error = given.error === undefined ? usual(0.03) : Float64Array.from(given.error)
  return {
    ...{ x: Float64Array.from(x), y: Float64Array.from(y), xErrorPx: error, yErrorPx: error },
    ...{ light: usual(1), misfit: given.misfit === undefined ? usual(1) : Float64Array.from(given.misfit) },
    ...{ groupSize: new Uint8Array(x.length).fill(1), added: new Uint8Array(x.length) },
  }
}

describe('the place of a profile fit', () => {
  const d = detectionsAt([10, 20, 30, 40, 50, 99.8], [10, 20, 30, 40, 50, 50], {
    xErrorPx: Array(6).fill(0.5),
  })

  it('is taken with its error', () => {
    const adopted = adoptProfiles(
      d,
      profilesAt(
        [...d.x].map((x) => x + 0.2),
        [...d.y],
      ),
      PLATE,
      SCAN,
    )
    expect([...adopted.x.subarray(0, 5)]).toEqual([10.2, 20.2, 30.2, 40.2, 50.2])
    expect([...adopted.xErrorPx.subarray(0, 5)]).toEqual(Array(5).fill(0.03))
    expect([...adopted.placeSource.subarray(0, 5)]).toEqual(Array(5).fill(PLACE.profile))
    expect([...d.x]).toEqual([10, 20, 30, 40, 50, 99.8]) // what was given is as it was
  })

  it('is not taken where it left the image, is uncertain, does not fit, is off the scan, or is none', () => {
    const profiles = profilesAt([13.5, 20.2, 30.2, 40.2, Number.NaN, 100.6], [10, 20, 30, 40, 50, 50], {
      error: [0.03, 0.9, 0.03, 0.03, 0.03, 0.03],
      misfit: [1, 1, 5, 1, 1, 1],
    })
    const adopted = adoptProfiles(d, profiles, PLATE, SCAN)
    expect([...adopted.placeSource]).toEqual([0, 0, 0, PLACE.profile, 0, 0])
    expect([...adopted.x]).toEqual([10, 20, 30, 40.2, 50, 99.8])
    expect(adopted.xErrorPx[0]).toBe(0.5)
  })

  it('may be farther off on a wide image', () => {
    const wide = detectionsAt([50], [50], { fwhm: [6] })
    const adopted = adoptProfiles(wide, profilesAt([55], [50]), PLATE, SCAN)
    expect(adopted.placeSource[0]).toBe(PLACE.profile)
  })
})

describe('the pixels around images', () => {
  let workDir = ''
  beforeAll(async () => {
    workDir = await mkdtemp(join(tmpdir(), 'platepipe-patch-'))
  })
  afterAll(() => rm(workDir, { recursive: true, force: true }))

  const write = async (name: string, value: Float64Array, width: number): Promise<void> => {
    const height = value.length / width
    const sink = await createFitsImage(join(workDir, name), { width, height, bitpix: -32, checksum: false })
    await sink.writeRows(value)
    await sink.close()
  }

  it('are those within a disc, masked ones left out, places on the scan', async () => {
    const [width, height] = [30, 20]
    const value = Float64Array.from(
      { length: width * height },
      (_, k) => (k % width) + 100 * Math.floor(k / width),
    )
    const weight = new Float64Array(value.length).fill(1)
    weight[9 * width + 11] = 0 // FITS pixel (12, 10)
    await write('scan.fits', value, width)
    await write('weight.fits', weight, width)
    const scan = await openPositive(workDir, 'scan.fits', 'weight.fits')
    const origin = { x: 12, y: 10 }
    await scan.visit([10], 3, new AbortController().signal, (strip, windows) => {
      expect(windows).toEqual([0])
      const patch = cutPatch(strip, [{ x: 12.2, y: 10, radius: 2 }], origin, 1)
      expect(patch.value.length).toBe(9) // 4 in the row, 3 above and below it, one of them masked
      patch.value.forEach((v, m) => {
        const [x, y] = [origin.x + patch.x[m]!, origin.y + patch.y[m]!]
        expect(v).toBe(x - 1 + 100 * (y - 1))
      })
      const blocks = cutPatch(strip, [{ x: 20, y: 10, radius: 4 }], { x: 20, y: 10 }, 2)
      blocks.value.forEach((v, m) => {
        expect(v).toBeCloseTo(19 + blocks.x[m]! + 100 * (9 + blocks.y[m]!), 3)
      })
      // Nothing beyond the edges.
      const corner = cutPatch(strip, [{ x: 1, y: 10, radius: 2 }], { x: 1, y: 10 }, 1)
      expect(Math.min(...corner.x)).toBe(0)
    })
    await scan.close()
  })

  it('make places of profile fits from the files of a scan, and nothing new of an empty one', async () => {
    const size = { width: 300, height: 300 }
    const stars = gridOfStars({ ...size, stepPx: 36, light: (n) => 0.2 * 10 ** ((n % 6) / 2) })
    const { scan, detections } = drawScan(stars, size)
    let pixels = new Float64Array(0)
    await scan.visit([1], 0, new AbortController().signal, (strip) => {
      pixels = Float64Array.from(strip.value)
    })
    await write('positive.fits', pixels, size.width)
    await write('weights.fits', new Float64Array(pixels.length).fill(1), size.width)
    const input = {
      ...{ workDir, positiveName: 'positive.fits', weightName: 'weights.fits', fwhmPx: 3 },
      ...{ saturationLevel: undefined, signal: new AbortController().signal },
    }
    const placed = await profilePlaces({ ...input, detections })
    const off = stars.map((star, i) => Math.hypot(placed.x[i]! - star.x, placed.y[i]! - star.y))
    expect(Math.max(...off)).toBeLessThan(0.3)
    expect(placed.placeSource.filter((source) => source === PLACE.profile).length).toBe(stars.length)
    const none = detectionsAt([], [])
    expect(await profilePlaces({ ...input, detections: none })).toBe(none)
    // Too few to learn from: as it was.
    const few = detectionsAt([50, 80], [60, 90])
    expect(await profilePlaces({ ...input, detections: few })).toBe(few)
  })
})
