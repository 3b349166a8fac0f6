// Images of exposures that run into one another: parted by their pattern, on drawn scans.
import { describe, expect, it } from 'vitest'
import { type PartingInput, partedOn, partImages } from '../../src/exposures/parting.ts'
import { median } from '../../src/math/robust.ts'
import { REJECT } from '../../src/reject.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { addTies } from '../../src/stages/extract/profile/ties.ts'
import type { FilterResult } from '../../src/stages/filter.ts'
import type { ExposurePattern } from '../../src/stages/triage/exposure-pattern.ts'
import { type Drawn, type DrawnStar, drawScan } from '../stages/extract/drawn-scan.ts'

const [COLUMNS, ROWS, APART_PX] = [14, 10, 56]
const [WIDTH, HEIGHT] = [COLUMNS * APART_PX, ROWS * APART_PX]
const FWHM = 3.1 // of the light of a star
const SHIFT = { dx: 4.5, dy: -2.5 }
const RATIO = 0.35

/** Two exposures, the second fainter; of most stars SExtractor finds one image. */
function twoExposures(): { drawn: Drawn; stars: DrawnStar[] } {
  const random = randomStream(8, 'brightness')
  const place = (n: number) => (n + 0.5) * APART_PX + APART_PX * 0.5 * (random.next() - 0.5)
  const first = Array.from({ length: COLUMNS * ROWS }, (_, n): DrawnStar => {
    const [x, y] = [place(n % COLUMNS), place(Math.floor(n / COLUMNS))]
    return { x, y, light: 0.06 * 10 ** (1.2 * random.next()) }
  })
  const second = first.map((star, n): DrawnStar => {
    const own = { x: star.x + SHIFT.dx, y: star.y + SHIFT.dy, light: RATIO * star.light }
    return n % 8 === 0 ? own : { ...own, mergedInto: n }
  })
  const stars = [...first, ...second]
  return { stars, drawn: drawScan(stars, { width: WIDTH, height: HEIGHT }) }
}

/** As triage sees it: from a few images that stand apart, and a little off. */
const seenAt = (dx: number, dy: number, rows: number): ExposurePattern => ({
  exposures: [
    { dx: 0, dy: 0, magStep: 0, stars: 20, scatterPx: null },
    { dx, dy, magStep: 0.8, stars: 20, scatterPx: 0.3 },
  ],
  member: new Int8Array(rows).fill(-1),
  groups: [],
})

function inputOf(
  { detections }: Drawn,
  pattern: ExposurePattern | null,
  logged: number | null = null,
): PartingInput {
  const reject = new Int32Array(detections.length).fill(REJECT.ELONGATED)
  const filtered = {
    ...{ reject, pStar: new Float64Array(detections.length).fill(0.1) },
    ranked: new Int32Array(0),
  } as Partial<FilterResult> as FilterResult
  return {
    ...{ detections, filtered, pattern, logged, width: WIDTH, height: HEIGHT, fwhmPx: 1.3 * FWHM },
    area: { blockPx: WIDTH, columns: 1, rows: 1, usable: Uint8Array.of(1) },
    ...{ saturationLevel: undefined, signal: new AbortController().signal },
  }
}

/** Distance of the nearest detection to each star, px. */
const offOf = (stars: readonly DrawnStar[], { x, y }: { x: Float64Array; y: Float64Array }) =>
  stars.map((star) => Math.min(...Array.from(x, (v, row) => Math.hypot(v - star.x, y[row]! - star.y))))

describe('exposures that run into one another', () => {
  const { drawn, stars } = twoExposures()
  const { length } = drawn.detections
  const count = stars.length / 2
  const isSharp = (off: number) => off < 0.2 * FWHM

  it('are parted by their pattern, with the image shape of one of them', async () => {
    const pattern = seenAt(SHIFT.dx - 0.5, SHIFT.dy + 0.5, length)
    const { detections, filtered, ...parted } = (await partedOn(drawn.scan, inputOf(drawn, pattern)))!
    const [, second] = parted.pattern.exposures
    expect(Math.hypot(second!.dx - SHIFT.dx, second!.dy - SHIFT.dy)).toBeLessThan(0.2)
    const [before, after] = [offOf(stars, drawn.detections), offOf(stars, detections)]
    expect(median(before.slice(0, count))).toBeGreaterThan(1)
    expect(median(after.slice(0, count))).toBeLessThan(0.15)
    expect(before.slice(count).filter(isSharp).length).toBeLessThan(0.2 * count)
    expect(after.slice(count).filter(isSharp).length).toBeGreaterThan(0.8 * count)
    // Every row is an image, no image has two rows, and each belongs to its exposure.
    expect(detections.length).toBeLessThanOrEqual(stars.length)
    expect(new Set(detections.detId).size).toBe(detections.length)
    const { x, y } = detections
    const nearest = Array.from(x, (v, row) => {
      const off = stars.map((star) => Math.hypot(star.x - v, star.y - y[row]!))
      return off.indexOf(Math.min(...off))
    })
    expect(new Set(nearest).size).toBe(detections.length)
    const given = nearest.filter((_, row) => parted.pattern.member[row]! >= 0)
    const right = nearest.filter((star, row) => parted.pattern.member[row] === (star < count ? 0 : 1))
    expect(given.length).toBeGreaterThan(1.6 * count)
    expect(right).toHaveLength(given.length)
    // What the shape of a blend says is nothing against its parts, which are as bright as stars that were never merged.
    const parts = Array.from(x.keys()).filter((row) => row >= length)
    expect(parts.filter((row) => filtered.reject[row] !== 0)).toEqual([])
    expect(filtered.pStar.every((p) => p >= 0 && p <= 1)).toBe(true)
    expect(filtered.ranked.length).toBeGreaterThan(parts.length)
    const steps = parts.map((row) => {
      const star = nearest[row]! - count
      return detections.magInst[row]! - detections.magInst[nearest.indexOf(star)]!
    })
    expect(median(steps)).toBeGreaterThan(0.6)
  })

  it('are found where the logbook counts them, and hardly an image shows them apart', async () => {
    const { detections, pattern } = (await partedOn(drawn.scan, inputOf(drawn, null, 2)))!
    const [, second] = pattern.exposures
    expect(Math.hypot(second!.dx - SHIFT.dx, second!.dy - SHIFT.dy)).toBeLessThan(0.3)
    expect(offOf(stars, detections).slice(count).filter(isSharp).length).toBeGreaterThan(0.8 * count)
  })

  it('are left as they are where one that the logbook counts is not found', async () => {
    const pattern = seenAt(SHIFT.dx - 0.5, SHIFT.dy + 0.5, length)
    expect(await partedOn(drawn.scan, inputOf(drawn, pattern, 3))).toBe(null)
  })

  it('are left as they are where they are far from each other', async () => {
    const pattern = seenAt(80, 0, length)
    expect(await partImages({ workDir: '', positiveName: '', weightName: '' }, inputOf(drawn, pattern))).toBe(
      null,
    )
  })
})

describe('ties between images', () => {
  it('pull as their cost says', () => {
    const tie = { image: 1, to: 0, dx: 3, dy: -2, lnRatio: -1, sigmaPx: 0.7, sigmaLn: 0.4 }
    const p = Float64Array.of(0, 0, 0, 0, 1, 2, 0.5, 4.6, -0.7, -0.8)
    const n = p.length
    const at = (q: Float64Array) => {
      const [matrix, gradient] = [new Float64Array(n * n), new Float64Array(n)]
      return { cost: addTies([tie], q, matrix, gradient), matrix, gradient }
    }
    const here = at(p)
    const step = 1e-4
    for (let k = 0; k < n; k++) {
      const q = p.map((value, j) => value + (j === k ? step : 0))
      expect(here.gradient[k]).toBeCloseTo((at(q).cost - here.cost) / step, 2)
      for (let l = 0; l <= k; l++)
        expect(here.matrix[k * n + l]).toBeCloseTo((at(q).gradient[l]! - here.gradient[l]!) / step, 6)
    }
  })
})
