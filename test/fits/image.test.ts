import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { addCard, emptyHeader, formatHeader, getNumber } from '../../src/fits/header.ts'
import { createFitsImage, openFitsImage } from '../../src/fits/image.ts'
import type { NewImage } from '../../src/fits/imagesink.ts'
import { readImage, writeImage } from './images.ts'
import { astropyMakes, astropyReads, fitsverify, fromRepr, scratchFolder } from './judges.ts'

const folder = scratchFolder()

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
      const path = await writeImage(join(folder, `extremes ${name}.fits`), image, values)
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
      join(folder, 'extension.fits'),
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
        writeImage(join(folder, `strips${rows}.fits`), { width, height: 37, bitpix: 8 }, values, rows),
      ),
    )
    const [one, five, all] = paths.map((path) => readFileSync(path))
    expect(one!.equals(all!) && five!.equals(all!)).toBe(true)
    expect(fitsverify(paths[0]!)).toBe('verification OK')
  })

  it('rounds to the nearest integer and cuts off at the range', async () => {
    const path = await writeImage(
      join(folder, 'rounded.fits'),
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
    const path = await writeImage(join(folder, 'kept.fits'), { width: 1, height: 1, bitpix: 8 }, [7])
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
      join(folder, 'parallel.fits'),
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
