import { execFileSync } from 'node:child_process'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { openTiff } from '../../src/formats/tiff.ts'
import { scratchFolder } from '../fits/judges.ts'

const folder = scratchFolder()
const MAKER = join(import.meta.dirname, 'make_tiff.py')

let made = 0

/** A TIFF file by make_tiff.py; its pixels are (7 x + 13 y + 100 page) modulo 2^bits. */
function makeTiff(width: number, height: number, bits: number, ...options: string[]): string {
  const path = join(folder, `scan ${made++}.tif`)
  execFileSync('/usr/bin/python3', [MAKER, path, String(width), String(height), String(bits), ...options])
  return path
}

async function countWrongPixels(path: string, stripRows: number, page = 0): Promise<number> {
  const source = await openTiff(path, { page })
  const levels = 2 ** source.bitpix
  let wrong = 0
  for (let y0 = 0; y0 < source.height; y0 += stripRows) {
    const rows = await source.readRows(y0, Math.min(stripRows, source.height - y0))
    rows.forEach((value, i) => {
      const x = i % source.width
      const y = y0 + Math.floor(i / source.width)
      if (value !== (7 * x + 13 * y + 100 * page) % levels) wrong++
    })
  }
  await source.close()
  return wrong
}

describe('every pixel is read, in strips of any height, from', () => {
  it.each([
    ['one strip', 16, []],
    ['one strip, 8 bit', 8, []],
    ['strips of 7 rows', 16, ['rows=7']],
    ['big-endian', 16, ['order=MM']],
    ['big-endian, one strip a row, with its table apart', 16, ['order=MM', 'rows=1']],
    ['tiles', 16, ['tile=16']],
    ['big-endian tiles, 8 bit', 8, ['tile=32', 'order=MM']],
    ['Deflate', 16, ['compression=8', 'rows=16']],
    ['Deflate with differences', 16, ['compression=8', 'predictor=2', 'rows=16']],
    ['Deflate with differences, big-endian', 16, ['compression=8', 'predictor=2', 'rows=16', 'order=MM']],
    ['Deflate with differences, 8 bit tiles', 8, ['compression=8', 'predictor=2', 'tile=16']],
    ['PackBits', 8, ['compression=32773', 'rows=5']],
    ['LZW', 16, ['compression=5']],
    ['LZW tiles with differences, big-endian', 16, ['compression=5', 'predictor=2', 'tile=128', 'order=MM']],
    ['BigTIFF', 16, ['big=1', 'rows=3']],
    ['big-endian BigTIFF, one strip a row', 16, ['big=1', 'order=MM', 'rows=1']],
  ] as [string, number, string[]][])('%s', async (_, bits, options) => {
    const path = makeTiff(53, 601, bits, ...options)
    for (const stripRows of [601, 64, 1]) expect(await countWrongPixels(path, stripRows)).toBe(0)
  })
})

test('LZW gives the same pixels as no compression for flat and for noisy images', async () => {
  for (const fill of ['constant', 'noise']) {
    const sums: number[][] = []
    for (const compression of [1, 5]) {
      const source = await openTiff(makeTiff(301, 257, 8, `fill=${fill}`, `compression=${compression}`), {})
      sums.push([...(await source.readRows(0, 257))])
      await source.close()
    }
    expect(sums[0]!.length).toBe(301 * 257)
    expect(sums[1]!.every((value, i) => value === sums[0]![i])).toBe(true)
  }
})

test('an image of a file with several is chosen by its number', async () => {
  const path = makeTiff(5, 4, 8, 'pages=3')
  expect(await countWrongPixels(path, 4, 0)).toBe(0)
  expect(await countWrongPixels(path, 4, 2)).toBe(0)
  const source = await openTiff(path, {})
  expect(source.problems.join()).toMatch(/more than one image/)
  await source.close()
  await expect(openTiff(path, { page: 3 })).rejects.toThrow(/no image 3; it holds 3 images/)
})

test('what is odd but borne is said', async () => {
  const source = await openTiff(makeTiff(5, 4, 8, 'photometric=0', 'orientation=4'), {})
  expect(source.problems.join('; ')).toMatch(/white is zero.*Orientation 4/)
  expect(source).toMatchObject({ width: 5, height: 4, bitpix: 8, hduIndex: 0, header: { cards: [] } })
  await expect(source.readRows(3, 2)).rejects.toThrow(RangeError)
  await source.close()
})

describe('refused in words', () => {
  it.each([
    ['colour', 8, ['samples=3', 'photometric=2'], /not a grey image: it is colour \(RGB\) with 3 channels/],
    ['palette', 8, ['photometric=3'], /colour \(palette\)/],
    ['grey with transparency', 16, ['samples=2'], /2 channels/],
    ['32-bit integers', 32, [], /32-bit unsigned integers; 8 or 16-bit/],
    ['32-bit floats', 32, ['format=3'], /32-bit floating-point/],
    ['signed integers', 16, ['format=2'], /16-bit signed/],
    ['1 bit', 1, [], /1-bit/],
    ['JPEG', 8, ['compression=7'], /method 7 \(JPEG\)/],
  ] as [string, number, string[], RegExp][])('%s', async (_, bits, options, message) => {
    const path = makeTiff(16, 8, bits, ...options)
    await expect(openTiff(path, {})).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
      todo: expect.stringMatching(/grey TIFF/),
    })
  })

  it('a file cut off, wherever', async () => {
    let refused = 0
    for (const bytes of [0, 3, 8, 100, 4000, 6000, 6100]) {
      const path = makeTiff(50, 60, 16)
      truncateSync(path, bytes)
      await expect(openTiff(path, {}), `${bytes} bytes`).rejects.toMatchObject({ name: 'UserError' })
      refused++
    }
    expect(refused).toBe(7)
  })

  it('a file whose pixels are cut off though its directory is whole', async () => {
    const path = join(folder, 'lost.tif')
    execFileSync('/usr/bin/python3', [MAKER, path, '50', '60', '16', 'front=1'])
    truncateSync(path, 5000)
    await expect(openTiff(path, {})).rejects.toThrow(
      /is cut off: its pixels reach to byte \d+, the file has 5000/,
    )
  })
})
