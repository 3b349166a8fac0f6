import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { createFitsImage } from '../../src/fits/image.ts'
import { MOST_MARKS, preview } from '../../src/report/preview.ts'
import { type PreviewImage, previewImage } from '../../src/report/preview-image.ts'
import { constantsOf, detectionsOf, writeScan } from './plates.ts'

async function scanFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'platepipe-preview-')), 'positive.fits')
}

async function pictureOf(
  width: number,
  height: number,
  pixel: (x: number, y: number) => number,
): Promise<PreviewImage> {
  const path = await scanFile()
  const sink = await createFitsImage(path, { width, height, bitpix: -32 })
  await sink.writeRows(
    Float64Array.from({ length: width * height }, (_, i) =>
      pixel(1 + (i % width), 1 + Math.floor(i / width)),
    ),
  )
  await sink.close()
  return previewImage(path)
}

/** Grey level at a place of the picture, its top row being row 0. */
function grey(image: PreviewImage): (column: number, row: number) => number {
  const png = PNG.sync.read(image.png)
  expect([png.width, png.height]).toEqual([image.width, image.height])
  return (column, row) => png.data[4 * (row * png.width + column)]!
}

const sky = (x: number, y: number) => 1000 + ((7 * x + 13 * y) % 11)

describe('the picture of a scan', () => {
  it('is grey, of 8 bit, and keeps the pixels of a small scan', async () => {
    const image = await pictureOf(150, 120, sky)
    expect([image.width, image.height, image.blockPx]).toEqual([150, 120, 1])
    expect([...image.png.subarray(24, 26)]).toEqual([8, 0]) // IHDR: bit depth, colour type
  })

  it('has y upwards: what is stored first is at the bottom, dark on light', async () => {
    const image = await pictureOf(150, 120, (x, y) => sky(x, y) + (x <= 10 && y <= 5 ? 5000 : 0))
    const at = grey(image)
    expect(at(3, 117)).toBeLessThan(30)
    for (const [column, row] of [
      [3, 2],
      [145, 117],
      [145, 2],
    ] as const)
      expect(at(column, row)).toBeGreaterThan(180)
  })

  it('averages blocks, incomplete ones at the right and at the top too', async () => {
    // 2301 px: blocks of 3 px, 767 of them; the scan has 2 rows over at the top.
    const image = await pictureOf(2301, 302, (x, y) => sky(x, y) + (y > 300 ? 5000 : 0))
    expect([image.blockPx, image.width, image.height]).toEqual([3, 767, 101])
    const at = grey(image)
    expect(at(100, 0)).toBeLessThan(30)
    expect(at(100, 1)).toBeGreaterThan(180)
  })

  it('is the same whether read in one strip or in many', async () => {
    // Beyond 2 million values a strip is full: 4000 columns in blocks of 4 are read 124 blocks at once.
    const image = await pictureOf(4000, 700, (x, y) => sky(x, y) + 3 * Math.floor((y - 1) / 4))
    const at = grey(image)
    const rows = Array.from({ length: image.height }, (_, row) => at(500, image.height - 1 - row))
    const jumps = rows.slice(1).map((level, k) => level - rows[k]!)
    expect(Math.max(...jumps)).toBeLessThanOrEqual(0) // darker and darker upwards, without a seam
    expect(Math.min(...jumps)).toBeGreaterThanOrEqual(-3)
    expect(rows[0]! - rows.at(-1)!).toBeGreaterThan(100)
  })

  it('shows blank pixels as paper and bears a scan without noise, or with nothing but blanks', async () => {
    const holed = await pictureOf(150, 120, (x, y) => (x > 100 ? Number.NaN : sky(x, y)))
    expect(grey(holed)(140, 60)).toBe(250)
    const flat = grey(await pictureOf(150, 120, () => 7))
    expect(new Set([flat(0, 0), flat(75, 60), flat(149, 119)]).size).toBe(1)
    expect(grey(await pictureOf(150, 120, () => Number.NaN))(75, 60)).toBe(250)
  })

  it('is not led astray by one pixel in a thousand of any level', async () => {
    const plain = grey(await pictureOf(300, 200, sky))
    const wild = grey(await pictureOf(300, 200, (x, y) => ((x * 200 + y) % 1009 === 0 ? 1e9 : sky(x, y))))
    expect(Math.abs(plain(150, 100) - wild(150, 100))).toBeLessThan(10)
  })
})

describe('the marks on it', () => {
  it('lie on their stars: the picture is dark in the middle of every circle', async () => {
    const [width, height] = [500, 400]
    const detections = detectionsOf(width, height, 80)
    const path = await scanFile()
    await writeScan(path, width, height, detections)
    const image = await previewImage(path)
    const matched = new Set([...Array(40).keys()])
    const { svg } = preview({ image, detections, reject: new Int32Array(80), matched, constants: null })
    const circles = [...svg.markup.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)]
    expect(circles.length).toBe(80)
    const at = grey(image)
    const perPx = 1000 / 500
    const levels = circles.map(([, cx, cy]) =>
      at(Math.floor(Number(cx) / perPx), Math.floor(Number(cy) / perPx)),
    )
    expect(Math.max(...levels)).toBeLessThan(80)
  })

  it('tell the kinds apart, and say how many of each there are and are drawn', async () => {
    const detections = detectionsOf(2000, 1500, 6000)
    const image = await pictureOf(200, 150, sky)
    const reject = new Int32Array(6000).map((_, i) => (i >= 5000 ? 4 : 0))
    const matched = new Set([...Array(2500).keys(), 5999]) // one of them with a reason against it
    const { svg, legend } = preview({
      image: { ...image, scanWidth: 2000, scanHeight: 1500 },
      detections,
      reject,
      matched,
      constants: constantsOf(2000, 1500),
    })
    expect(legend.map(({ total, drawn }) => [total, drawn])).toEqual([
      [2501, MOST_MARKS.matched],
      [2500, MOST_MARKS.unmatched],
      [999, MOST_MARKS.rejected],
    ])
    const marks = svg.markup.replace(/<g transform[\s\S]*/, '') // without the compass
    expect(marks.match(/<circle/g)!.length).toBe(MOST_MARKS.matched + MOST_MARKS.unmatched)
    expect(marks.match(/l6 6m0 -6l-6 6/g)!.length).toBe(MOST_MARKS.rejected)
  })

  it('have no compass and no word of reference stars on a plate that was not solved', async () => {
    const image = await pictureOf(200, 150, sky)
    const input = {
      image,
      detections: detectionsOf(200, 150, 5),
      reject: new Int32Array(5),
      matched: new Set<number>(),
    }
    const unsolved = preview({ ...input, constants: null })
    expect(unsolved.svg.markup).not.toContain('>N<')
    expect(unsolved.legend.map(({ text }) => text).join()).not.toContain('reference')
    const solved = preview({ ...input, constants: constantsOf(200, 150) })
    // +y is north and +x west, so north is up and east to the left.
    expect(solved.svg.markup).toMatch(/<path d="M0 0L0 -34"\/><text [^>]*>N</)
    expect(solved.svg.markup).toMatch(/<path d="M0 0L-34 0"\/><text [^>]*>E</)
  })
})
