import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import { addCard, emptyHeader, formatHeader } from '../../src/fits/header.ts'
import { openScan } from '../../src/formats/scan.ts'
import { astropyMakes } from '../fits/judges.ts'
import { folder, fpack, makeScan, workDir } from './scans.ts'

describe('bad input is refused in words:', () => {
  const write = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const refused = async (path: string, message: RegExp, hdu?: number) => {
    const opening = openScan(path, { workDir, hdu })
    await expect(opening).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
    })
    await opening.catch((error) => expect(error.todo.length).toBeGreaterThan(10))
    expect(existsSync(workDir) ? readdirSync(workDir) : []).toEqual([])
  }

  it('no such file, a folder', async () => {
    await refused(join(folder, 'none.fits'), /there is no such file/)
    mkdirSync(join(folder, 'folder.fits'))
    await refused(join(folder, 'folder.fits'), /is a folder/)
  })

  it('an empty file, also in gzip', async () => {
    await refused(write('empty.fits', ''), /is empty \(0 bytes\)/)
    await refused(write('empty.fits.gz', gzipSync('')), /empty\.fits\.gz is empty/)
  })

  it('something else', async () => {
    await refused(write('text.fits', 'a letter, not a plate\n'.repeat(500)), /is not a FITS file/)
    await refused(write('short.fits', 'S'), /is not a FITS file/)
    await refused(write('p.fits', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), /is a PNG file/)
    await refused(write('j.fits', Buffer.from('\xff\xd8\xff\xe0', 'latin1')), /is a JPEG file/)
    await refused(write('z.fits', 'PK\x03\x04...'), /is a zip file/)
  })

  it('a header only', async () => {
    await refused(astropyMakes(join(folder, 'nothing.fits'), 'nothing'), /holds no image; it has 0: no data/)
    const whole = readFileSync(await makeScan('whole.fits'))
    await refused(
      write('cut-header.fits', whole.subarray(0, 400)),
      /has no END card before the file ends at 400 bytes/,
    )
    await refused(
      write('no-data.fits', whole.subarray(0, 2880)),
      /is cut off: 61 x 47 pixels need 5734 bytes, the file holds 0/,
    )
  })

  it('truncated data, plain, in gzip and tile-compressed', async () => {
    const path = await makeScan('truncated.fits')
    truncateSync(path, 5000)
    await refused(path, /HDU 0 is cut off: 61 x 47 pixels need 5734 bytes, the file holds 2120/)
    await refused(
      write('truncated.fits.gz', gzipSync(readFileSync(path))),
      /truncated\.fits\.gz: HDU 0 is cut off/,
    )
    const zipped = gzipSync(readFileSync(await makeScan('zipped.fits')))
    await refused(
      write('zipped.fits.gz', zipped.subarray(0, zipped.length - 200)),
      /cut off or damaged: its gzip stream/,
    )
    const damaged = Buffer.from(zipped)
    damaged.fill(0x55, 300, 600)
    await refused(write('damaged.fits.gz', damaged), /cut off or damaged/)
    const packed = fpack(await makeScan('packed.fits'))
    truncateSync(packed, 6000)
    await refused(packed, /compressed image in HDU 1 is cut off: \d+ bytes are wanted, the file holds 240/)
  })

  it('damaged tiles', async () => {
    const packed = fpack(await makeScan('tiles.fits'))
    const bytes = readFileSync(packed)
    bytes.fill(0xff, 2880 * 3, bytes.length)
    const path = write('tiles-damaged.fits.fz', bytes)
    await refused(path, /compressed image in HDU 1 is damaged: DATASUM/)
  })

  it('NAXIS 1, NAXIS 3', async () => {
    await refused(
      astropyMakes(join(folder, 'line.fits'), 'line'),
      /not a two-dimensional image: NAXIS is 1 \(6\)/,
    )
    await refused(astropyMakes(join(folder, 'planes.fits'), 'planes'), /NAXIS is 3 \(3 x 2 x 4\)/)
  })

  it('an HDU that is not there or no image, with a list of what is', async () => {
    const path = astropyMakes(join(folder, 'hdus.fits'), 'scaled')
    const list = '0: no data; 1 STARS: bintable, 3 rows; 2 PLATE: image 4 x 3 \\(BITPIX 16\\)'
    await refused(path, new RegExp(`has no HDU 7; it has ${list}`), 7)
    await refused(path, new RegExp(`HDU 1 is not an image; the file has ${list}`), 1)
    await refused(path, /HDU 0 is not an image/, 0)
  })

  it('a header that contradicts itself', async () => {
    const header = emptyHeader()
    addCard(header, 'SIMPLE', true)
    addCard(header, 'BITPIX', 12)
    await refused(write('bitpix.fits', formatHeader(header)), /BITPIX is 12/)
    header.cards[1]!.value = 16
    addCard(header, 'NAXIS', 2)
    addCard(header, 'NAXIS1', -5)
    await refused(write('naxis.fits', formatHeader(header)), /NAXIS1 is -5/)
  })
})

test('500 kinds of damage to a header end in an image or in a sentence', async () => {
  const whole = readFileSync(await makeScan('fuzz.fits', { extension: 'SCAN' }))
  const path = join(folder, 'fuzzed.fits')
  let state = 1
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  let [opened, refused] = [0, 0]
  for (let i = 0; i < 500; i++) {
    const bytes = Buffer.from(whole)
    for (let k = random(6); k >= 0; k--)
      bytes[random(5760)] = random(2) === 0 ? random(256) : 0x30 + random(10)
    writeFileSync(path, bytes)
    try {
      const source = await openScan(path, { workDir })
      expect(await source.readRows(0, source.height)).toHaveLength(source.width * source.height)
      await source.close()
      opened++
    } catch (error) {
      expect((error as Error).name, String((error as Error).stack)).toBe('UserError')
      refused++
    }
  }
  console.log(`${opened} of 500 damaged files were read, ${refused} refused`)
  expect(opened + refused).toBe(500)
})

test('funpack missing is said with what to install', async () => {
  const packed = fpack(await makeScan('missing.fits'))
  const path = process.env.PATH
  process.env.PATH = '/nowhere'
  try {
    await expect(openScan(packed, { workDir })).rejects.toMatchObject({
      message: expect.stringMatching(/funpack could not be started/),
      todo: expect.stringMatching(/libcfitsio-bin/),
    })
  } finally {
    process.env.PATH = path
  }
})

test('another funpack can be named', async () => {
  const packed = fpack(await makeScan('named.fits'))
  const refused = openScan(packed, { workDir, funpack: '/nowhere/funpack' })
  await expect(refused).rejects.toMatchObject({
    message: expect.stringContaining('/nowhere/funpack could not be started'),
    todo: expect.stringContaining('--funpack'),
  })
})
