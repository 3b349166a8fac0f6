import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { verifyChecksums } from '../../src/fits/checksum.ts'
import { openFits } from '../../src/fits/hdu.ts'
import {
  addCard,
  addCommentary,
  emptyHeader,
  formatHeader,
  getNumber,
  type Header,
  parseHeader,
} from '../../src/fits/header.ts'
import { createFitsImage, openFitsImage } from '../../src/fits/image.ts'
import type { NewImage } from '../../src/fits/imagesink.ts'
import { astropyMakes, astropyReads, fitsverify, fromRepr, scratchFolder } from './judges.ts'

const folder = scratchFolder()

async function writeImage(name: string, image: NewImage, values: number[], stripRows = 1): Promise<string> {
  const path = join(folder, name)
  const sink = await createFitsImage(path, image)
  const step = stripRows * image.width
  for (let at = 0; at < values.length; at += step) {
    await sink.writeRows(Float64Array.from(values.slice(at, at + step)))
  }
  await sink.close()
  return path
}

async function readImage(path: string, stripRows: number, hdu?: number): Promise<number[]> {
  const source = await openFitsImage(path, { hdu })
  const values: number[] = []
  for (let y = 0; y < source.height; y += stripRows) {
    values.push(...(await source.readRows(y, Math.min(stripRows, source.height - y))))
  }
  await source.close()
  return values
}

const EXTREMES: [string, NewImage, number[]][] = [
  ['8', { width: 3, height: 2, bitpix: 8 }, [0, 1, 127, 128, 254, 255]],
  ['16', { width: 3, height: 2, bitpix: 16 }, [-32768, -1, 0, 1, 100, 32767]],
  ['16 unsigned', { width: 3, height: 2, bitpix: 16, unsigned: true }, [0, 1, 32767, 32768, 40000, 65535]],
  ['32', { width: 3, height: 2, bitpix: 32 }, [-2147483648, -1, 0, 1, 16777217, 2147483647]],
  [
    '32 unsigned',
    { width: 3, height: 2, bitpix: 32, unsigned: true },
    [0, 1, 2147483647, 2147483648, 4e9, 4294967295],
  ],
  ['-32', { width: 3, height: 2, bitpix: -32 }, [Number.NaN, -0, 0.5, -1.5, 2 ** 100, Infinity]],
  ['-64', { width: 3, height: 2, bitpix: -64 }, [Number.NaN, -0, 0.1, -1e300, 5e-324, -Infinity]],
]

describe('images as written', () => {
  it.each(EXTREMES)(
    'BITPIX %s reads back exactly, here and in astropy, and passes fitsverify',
    async (name, image, values) => {
      const path = await writeImage(`extremes ${name}.fits`, image, values)
      expect(await readImage(path, 1)).toEqual(values)
      expect(await readImage(path, 2)).toEqual(values)
      expect(fitsverify(path)).toBe('verification OK')
      const [hdu] = astropyReads(path)
      expect(hdu!.pixels!.map(fromRepr)).toEqual(values)
      expect([hdu!.datasum, hdu!.checksum]).toEqual([1, 1])
    },
  )

  it('goes into an extension behind an empty primary', async () => {
    const path = await writeImage(
      'extension.fits',
      { width: 3, height: 1, bitpix: 16, extension: 'SCAN' },
      [5, 6, 7],
    )
    expect(await readImage(path, 1)).toEqual([5, 6, 7])
    expect(fitsverify(path)).toBe('verification OK')
    const hdus = astropyReads(path)
    expect(hdus.map(({ kind, name }) => [kind, name])).toEqual([
      ['PrimaryHDU', 'PRIMARY'],
      ['ImageHDU', 'SCAN'],
    ])
    expect(hdus[1]!.pixels).toEqual(['5', '6', '7'])
  })

  it('gives the same bytes whatever the strips, odd lengths included', async () => {
    const width = 1001
    const values = Array.from({ length: width * 37 }, (_, i) => (i * 7919) % 256)
    const paths = await Promise.all(
      [1, 5, 37].map((rows) =>
        writeImage(`strips${rows}.fits`, { width, height: 37, bitpix: 8 }, values, rows),
      ),
    )
    const [one, five, all] = paths.map((path) => readFileSync(path))
    expect(one!.equals(all!) && five!.equals(all!)).toBe(true)
    expect(fitsverify(paths[0]!)).toBe('verification OK')
  })

  it('rounds to the nearest integer and cuts off at the range', async () => {
    const path = await writeImage(
      'rounded.fits',
      { width: 6, height: 1, bitpix: 8 },
      [-3, 0.49, 0.5, 1.5, 254.6, 999],
    )
    expect(await readImage(path, 1)).toEqual([0, 0, 1, 2, 255, 255])
  })

  it('refuses NaN in an integer image, and leaves nothing behind when rows are missing', async () => {
    const path = join(folder, 'unfinished.fits')
    const sink = await createFitsImage(path, { width: 2, height: 2, bitpix: 16 })
    await expect(sink.writeRows(Float64Array.of(1, Number.NaN))).rejects.toThrow(/cannot hold NaN/)
    await expect(sink.writeRows(new Float64Array(3))).rejects.toThrow(/do not fit/)
    await expect(sink.close()).rejects.toThrow(/0 of 2 rows/)
    await expect(stat(path)).rejects.toThrow(/ENOENT/)
    await expect(stat(`${path}.part`)).rejects.toThrow(/ENOENT/)
  })

  it('keeps an older file until the new one is whole', async () => {
    const path = await writeImage('kept.fits', { width: 1, height: 1, bitpix: 8 }, [7])
    const sink = await createFitsImage(path, { width: 1, height: 1, bitpix: 8 })
    await sink.discard()
    expect(await readImage(path, 1)).toEqual([7])
  })

  it('says in words where it may not write', async () => {
    const image = { width: 1, height: 1, bitpix: 8 } as const
    await expect(createFitsImage(join(folder, 'none/x.fits'), image)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('its folder does not exist'),
    })
    mkdirSync(join(folder, 'taken.fits'))
    const sink = await createFitsImage(join(folder, 'taken.fits'), image)
    await sink.writeRows(Float64Array.of(1))
    await expect(sink.close()).rejects.toThrow(/a folder has that name/)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('says that the disk is full', async () => {
    const path = join(folder, 'full.fits')
    symlinkSync('/dev/full', `${path}.part`) // takes every write for want of space
    const sink = await createFitsImage(path, { width: 1, height: 1, bitpix: 8 })
    const full = {
      name: 'UserError',
      message: expect.stringMatching(/the disk filled up while writing .*full\.fits/),
    }
    await expect(sink.writeRows(Float64Array.of(1))).rejects.toMatchObject(full)
    await sink.discard()
    expect(readdirSync(folder).filter((name) => name.startsWith('full'))).toEqual([])
  })
})

describe("the caller's header", () => {
  const lines = [
    'SIMPLE  =                    T',
    'BITPIX  =                  -32',
    'BZERO   =                 32.0',
    "OBJECT  = 'M 67'               / target",
    'EXPTIME = 10 min',
    'airmass = 1.5',
    'A B     = 1',
    'TWICE   =                    1',
    'TWICE   =                    2',
    'RATE    = 1.5e3',
    "REMARK  = 'no end",
    'HIERARCH Eso Tel Alt = 45.0 / deg',
    `NOTE    = '${'long '.repeat(12)}&'`,
    "CONTINUE  'string'",
    "CONTINUE  'that continues nothing'",
    'COMMENT a remark',
    "HISTORY = 'scanned'",
    'ODDTEXT without a value',
    '',
    'END',
  ]
  const text = lines.map((line) => line.padEnd(80)).join('')
  const dirty = (): Header => parseHeader(Buffer.from(text.replace('M 67', 'M\xe967').padEnd(2880), 'latin1'))

  it('is made legal: structure replaced, values kept, the hopeless as COMMENT', async () => {
    const path = await writeImage('dirty.fits', { width: 1, height: 1, bitpix: 16, header: dirty() }, [1])
    expect(fitsverify(path)).toBe('verification OK')
    const [hdu] = astropyReads(path)
    const value = (keyword: string) => hdu!.cards.find(([name]) => name === keyword)?.[1]
    expect([value('BITPIX'), value('BZERO'), value('OBJECT')]).toEqual(['16', undefined, 'Me67'])
    expect([value('EXPTIME'), value('AIRMASS'), value('RATE'), value('REMARK')]).toEqual([
      '10 min',
      '1.5',
      '1500',
      'no end',
    ])
    expect([value('TWICE'), value('ESO TEL ALT')]).toEqual(['1', '45'])
    expect(value('NOTE')).toBe(`${'long '.repeat(12)}string`)
    const comments = hdu!.cards.filter(([name]) => name === 'COMMENT').map(([, comment]) => comment)
    expect(comments.join('|')).toMatch(/TWICE .*2.*a remark/)
    expect(hdu!.cards.filter(([name]) => name === 'HISTORY').map(([, history]) => history)).toEqual([
      "= 'scanned'",
    ])
  })

  it('keeps every legal card as it was, in order', async () => {
    const header = emptyHeader()
    addCard(header, 'RA', 132.834, 'deg')
    addCard(header, 'BIG', 2n ** 63n - 1n)
    addCard(header, 'NOVALUE', null)
    addCommentary(header, 'COMMENT', 'first')
    addCommentary(header, 'COMMENT', 'second')
    const path = await writeImage('cards.fits', { width: 1, height: 1, bitpix: 8, header }, [1])
    expect(fitsverify(path)).toBe('verification OK')
    const [hdu] = astropyReads(path)
    expect(hdu!.cards.slice(-7, -2)).toEqual([
      ['RA', '132.834', 'deg'],
      ['BIG', '9223372036854775807', ''],
      ['COMMENT', 'NOVALUE = null', ''],
      ['COMMENT', 'first', ''],
      ['COMMENT', 'second', ''],
    ])
  })
})

describe('images of other makers', () => {
  it('applies BSCALE, BZERO and BLANK, and finds the image behind a table', async () => {
    const path = astropyMakes(join(folder, 'scaled.fits'), 'scaled')
    const expected = Array.from({ length: 12 }, (_, i) => (i === 0 ? Number.NaN : 100 + 0.5 * (i - 6)))
    expect(await readImage(path, 2)).toEqual(expected)
    const source = await openFitsImage(path)
    expect([source.hduIndex, source.width, source.height, source.bitpix]).toEqual([2, 4, 3, 16])
    expect(getNumber(source.header, 'BLANK')).toBe(-6)
    await source.close()
  })

  it('reads every type exactly, signed bytes and unsigned integers included', async () => {
    const path = astropyMakes(join(folder, 'types.fits'), 'types')
    const hdus = astropyReads(path)
    for (let index = 1; index < hdus.length; index++) {
      const { pixels, name } = hdus[index]!
      expect(await readImage(path, 1, index), name).toEqual(pixels!.map(fromRepr))
    }
    expect(hdus).toHaveLength(10)
  })

  it('takes a cube of one plane for an image', async () => {
    expect(await readImage(astropyMakes(join(folder, 'cube.fits'), 'cube'), 1)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('serves overlapping reads that are under way at once', async () => {
    const path = await writeImage(
      'parallel.fits',
      { width: 100, height: 50, bitpix: 16 },
      Array.from({ length: 5000 }, (_, i) => i),
    )
    const source = await openFitsImage(path)
    const strips = await Promise.all([0, 10, 20, 5, 40].map((y) => source.readRows(y, 10)))
    expect(strips.map((strip) => strip[0])).toEqual([0, 1000, 2000, 500, 4000])
    await expect(source.readRows(45, 6)).rejects.toThrow(RangeError)
    await expect(source.readRows(-1, 1)).rejects.toThrow(RangeError)
    expect(await source.readRows(50, 0)).toHaveLength(0)
    await source.close()
  })
})

describe('checksums', () => {
  it('agree as written and disagree after one changed bit, in header and data', async () => {
    const path = await writeImage(
      'sum.fits',
      { width: 5, height: 3, bitpix: 8 },
      Array.from({ length: 15 }, (_, i) => i),
    )
    const report = async () => {
      const file = await openFits(path)
      const found = await verifyChecksums(file, file.hdus[0]!)
      await file.close()
      return found
    }
    expect(await report()).toEqual({ dataSumAgrees: true, checksumAgrees: true })
    const bytes = readFileSync(path)
    bytes[2880 + 14]! ^= 1
    writeFileSync(path, bytes)
    expect(await report()).toEqual({ dataSumAgrees: false, checksumAgrees: false })
    bytes[2880 + 14]! ^= 1
    bytes[400]! ^= 1
    writeFileSync(path, bytes)
    expect(await report()).toMatchObject({ dataSumAgrees: true, checksumAgrees: false })
  })
})

test('a file of more than 4 GiB is read at its end', async () => {
  const path = join(folder, 'large.fits')
  const [width, height] = [50_000, 43_000]
  const header = emptyHeader()
  addCard(header, 'SIMPLE', true)
  addCard(header, 'BITPIX', 16)
  addCard(header, 'NAXIS', 2)
  addCard(header, 'NAXIS1', width)
  addCard(header, 'NAXIS2', height)
  addCard(header, 'BZERO', 32768)
  writeFileSync(path, formatHeader(header))
  const bytes = 2880 + width * height * 2
  truncateSync(path, Math.ceil(bytes / 2880) * 2880) // sparse: takes no room on the disk
  const handle = await open(path, 'r+')
  await handle.write(Buffer.from([0x7f, 0xff]), 0, 2, bytes - 2)
  await handle.close()
  const source = await openFitsImage(path)
  const last = await source.readRows(height - 1, 1)
  console.log(`${source.description}: ${(bytes / 2 ** 30).toFixed(2)} GiB, last pixel ${last.at(-1)}`)
  expect(last.at(-1)).toBe(65535)
  expect(last[0]).toBe(32768)
  await source.close()
})
