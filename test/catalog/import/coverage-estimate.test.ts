// What a file covers, estimated: fields that are known, an uneven sky, and few stars.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { coverageCounter } from '../../../src/catalog/import/coverage-estimate.ts'
import { newTally, readStarBatches } from '../../../src/catalog/import/star-batches.ts'
import { blankStarTable, type StarTable } from '../../../src/catalog/store/star-table.ts'
import { cellAreaDeg2, cellAt, cellCentre, cellRadiusDeg, FINEST_ORDER } from '../../../src/math/healpix.ts'
import { DEG, unitVector } from '../../../src/math/sphere.ts'
import { randomStream } from '../../../src/simulate/random.ts'

const GAIA = new URL('../../../../shared/gaia/', import.meta.url).pathname

const cellsOf = ({ columns, length }: StarTable): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => cellAt(FINEST_ORDER, columns.ra[i]!, columns.dec[i]!))

function starsAt(places: readonly (readonly [number, number])[], gMag = Number.NaN): StarTable {
  const stars = blankStarTable(places.length)
  for (const [i, [ra, dec]] of places.entries()) {
    stars.columns.ra[i] = ra
    stars.columns.dec[i] = dec
    stars.columns.phot_g_mean_mag[i] = gMag
  }
  return stars
}

function estimateOf(stars: StarTable) {
  const counter = coverageCounter()
  counter.add(stars, cellsOf(stars))
  return counter.estimate()
}

test.each([
  ['m67-dr3.csv', 132.82, 11.8, 0.7, [20, 21.5]],
  ['serpens-dr2.csv', 235.486, 11.093, 0.83, [19.5, 20.5]],
] as const)(
  '%s: its cone, to a tenth of the area and a cell at the edge',
  async (name, ra, dec, radiusDeg, mags) => {
    if (!existsSync(GAIA)) {
      console.log('skipped: ../shared/gaia is not there')
      return
    }
    const counter = coverageCounter()
    for await (const stars of readStarBatches(join(GAIA, name), { batchRows: 1000 }, newTally())) {
      counter.add(stars, cellsOf(stars))
    }
    const { order, pixels, limitMag } = counter.estimate()
    const cone = 2 * Math.PI * (1 - Math.cos(radiusDeg * DEG))
    const share = (pixels.length * cellAreaDeg2(order)) / (cone / DEG ** 2)
    const centre = unitVector(ra * DEG, dec * DEG)
    const distances = pixels.map((pixel) => {
      const [x, y, z] = cellCentre({ order, pixel })
      return Math.hypot(x - centre[0], y - centre[1], z - centre[2]) / DEG
    })
    const farthest = Math.max(...distances)
    const edgeDeg = cellRadiusDeg(order)
    // Every cell that lies wholly within the cone is there.
    const inside = distances.filter((distance) => distance < radiusDeg - edgeDeg).length
    const expected = (Math.PI * (radiusDeg - edgeDeg) ** 2) / cellAreaDeg2(order)
    console.log(
      `${name}: order ${order}, ${share.toFixed(3)} of the cone's area, farthest cell ${farthest.toFixed(3)}°, ` +
        `${(inside / expected).toFixed(3)} of the inner cells, G ${limitMag}`,
    )
    expect(Math.abs(share - 1)).toBeLessThan(0.1)
    expect(farthest).toBeLessThan(radiusDeg + edgeDeg)
    expect(inside / expected).toBeGreaterThan(0.97)
    expect(limitMag).toBeGreaterThanOrEqual(mags[0])
    expect(limitMag).toBeLessThanOrEqual(mags[1])
  },
)

test('a sky that is thirty times denser along a belt is covered everywhere but where it was cut out', () => {
  const random = randomStream(3, 'belt')
  const places: [number, number][] = []
  const outside = (ra: number, dec: number) => ra > 100 && ra < 140 && Math.abs(dec - 40) < 20
  while (places.length < 400_000) {
    const ra = random.between(0, 360)
    const dec =
      places.length % 5 < 2 ? random.gauss() * 8 : (Math.asin(random.between(-1, 1)) * 180) / Math.PI
    if (!outside(ra, dec) && Math.abs(dec) <= 90) places.push([ra, dec])
  }
  const { order, pixels } = estimateOf(starsAt(places))
  const cut = (40 * (Math.sin(60 * DEG) - Math.sin(20 * DEG))) / DEG
  const sky = (4 * Math.PI) / DEG ** 2
  const share = (pixels.length * cellAreaDeg2(order)) / (sky - cut)
  console.log(`order ${order}: ${share.toFixed(4)} of what is covered`)
  expect(Math.abs(share - 1)).toBeLessThan(0.02)
  const covered = new Set(pixels)
  expect(covered.size).toBe(pixels.length)
  expect(covered.has(cellAt(order, 120, 40))).toBe(false)
})

test('more cells than are counted: coarser ones, the same sky', () => {
  const random = randomStream(4, 'fine')
  const counter = coverageCounter()
  const total = 3_500_000
  for (let part = 0; part < 10; part++) {
    const cells = Uint32Array.from({ length: total / 10 }, () => random.whole(12 * 4 ** FINEST_ORDER))
    counter.add({ ...starsAt([]), length: cells.length }, cells)
  }
  const { order, pixels } = counter.estimate()
  expect(order).toBe(7) // 17.8 stars in each of 196,608
  expect(pixels.length / (12 * 4 ** 7)).toBeGreaterThan(0.99)
})

test('the limit is the upper edge of the fullest half magnitude', () => {
  const counter = coverageCounter()
  for (const [mag, count] of [
    [12.2, 5],
    [18.3, 40],
    [18.6, 90],
    [19.1, 60],
  ] as const) {
    const stars = starsAt(
      Array.from({ length: count }, () => [10, 10] as const),
      mag,
    )
    counter.add(stars, cellsOf(stars))
  }
  expect(counter.estimate().limitMag).toBe(19)
})

test('few stars cover no more than the cells that they lie in; none cover nothing', () => {
  const few = estimateOf(
    starsAt([
      [10, 10],
      [10, 10.1],
      [200, -30],
    ]),
  )
  expect(few).toMatchObject({ order: FINEST_ORDER, limitMag: null })
  expect(few.pixels).toHaveLength(3)
  expect(estimateOf(starsAt([]))).toMatchObject({ pixels: [], limitMag: null })
})
