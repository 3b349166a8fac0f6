// Scans that are no scans of plates.
import { execFileSync } from 'node:child_process'
import { link, mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, it } from 'vitest'
import { addCard, emptyHeader, formatHeader } from '../../src/fits/header.ts'
import { createFitsImage } from '../../src/fits/image.ts'
import { type Case, expectRefusal, fieldTrials, type Ground } from './trial.ts'

const { ground } = fieldTrials('scans')

/** A header of these axes, and nothing behind it. */
function headerOf(bitpix: number, axes: readonly number[]): Uint8Array {
  const header = emptyHeader()
  addCard(header, 'SIMPLE', true)
  addCard(header, 'BITPIX', bitpix)
  addCard(header, 'NAXIS', axes.length)
  for (const [i, length] of axes.entries()) addCard(header, `NAXIS${i + 1}`, length)
  return formatHeader(header)
}

function withPixels(bitpix: number, axes: readonly number[]): Uint8Array {
  const bytes = axes.reduce((product, length) => product * length, Math.abs(bitpix) / 8)
  return Buffer.concat([headerOf(bitpix, axes), Buffer.alloc(Math.ceil(bytes / 2880) * 2880, 7)])
}

/** A scan of one value, or of what a function of the pixel gives. */
async function scanOf(ground: Ground, sizePx: number, value: (i: number) => number): Promise<string> {
  const path = join(ground.folder, 'plate.fits')
  const sink = await createFitsImage(path, { width: sizePx, height: sizePx, bitpix: -32 })
  await sink.writeRows(Float64Array.from({ length: sizePx * sizePx }, (_, i) => value(i)))
  await sink.close()
  return path
}

const cases: Case[] = [
  {
    name: 'missing',
    args: ({ folder }) => [join(folder, 'plate.fits')],
    found: /plate\.fits: there is no such file/,
    todo: /check the path/,
  },
  {
    name: 'an empty file',
    args: async ({ write }) => [await write('plate.fits', '')],
    found: /plate\.fits is empty \(0 bytes\)/,
    todo: /copy or download the file again/,
  },
  {
    name: 'not FITS',
    args: async ({ write }) => [await write('plate.fits', 'Dear observer,\nthe plate is in the post.\n')],
    found: /is not a FITS file: it does not begin with SIMPLE/,
    todo: /give a FITS file.*\.fits\.gz, \.fits\.fz or TIFF/,
  },
  {
    name: 'a picture',
    args: async ({ write }) => [await write('plate.fits', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))],
    found: /plate\.fits is a PNG file/,
    todo: /convert it to FITS .* or grey TIFF/,
  },
  {
    name: 'a header without END',
    args: async ({ scan, write }) => [await write('plate.fits', (await readFile(scan)).subarray(0, 400))],
    found: /has no END card before the file ends at 400 bytes/,
    todo: /copy or download the file again/,
  },
  {
    name: 'a header without an image',
    args: async ({ write }) => [await write('plate.fits', headerOf(8, []))],
    found: /holds no image; it has 0: no data/,
    todo: /give the file with the pixels/,
  },
  {
    name: 'a header whose pixels are missing',
    args: async ({ scan, write }) => [await write('plate.fits', (await readFile(scan)).subarray(0, 5760))],
    found: /cut off: 500 x 500 pixels need 500000 bytes, the file holds/,
    todo: /copy or download the file again/,
  },
  {
    name: 'cut off in the middle',
    args: async ({ scan, write }) => [await write('plate.fits', (await readFile(scan)).subarray(0, 200_000))],
    found: /cut off: 500 x 500 pixels need 500000 bytes, the file holds 19\d+/,
    todo: /copy or download the file again/,
  },
  {
    name: 'a gzip that is cut off',
    args: async ({ scan, write }) => {
      const zipped = gzipSync(await readFile(scan))
      return [await write('plate.fits.gz', zipped.subarray(0, zipped.length / 2))]
    },
    found: /plate\.fits\.gz is cut off or damaged: its gzip stream breaks after \d+ unpacked bytes/,
    todo: /copy or download the file again/,
  },
  {
    name: 'tile-compressed and damaged',
    args: async ({ scan, folder, write }) => {
      const packed = join(folder, 'whole.fits.fz')
      execFileSync('fpack', ['-O', packed, scan])
      const bytes = await readFile(packed)
      bytes.fill(0xff, bytes.length - 40_000, bytes.length - 3000)
      return [await write('plate.fits.fz', bytes)]
    },
    found: /compressed image in HDU 1 is damaged: DATASUM/,
    todo: /copy or download the file again/,
  },
  {
    name: 'of one axis',
    args: async ({ write }) => [await write('plate.fits', withPixels(16, [5000]))],
    found: /not a two-dimensional image: NAXIS is 1 \(5000\)/,
    todo: /a grey scan has NAXIS = 2/,
  },
  {
    name: 'of three axes',
    args: async ({ write }) => [await write('plate.fits', withPixels(16, [200, 200, 3]))],
    found: /not a two-dimensional image: NAXIS is 3 \(200 x 200 x 3\)/,
    todo: /give one plane/,
  },
  {
    name: 'of no width',
    args: async ({ write }) => [await write('plate.fits', headerOf(16, [0, 500]))],
    found: /NAXIS is 2 \(0 x 500\)/,
    todo: /scan/,
  },
  {
    name: 'of one value',
    args: async (ground) => [await scanOf(ground, 300, () => 4711)],
    found: /Every pixel of .* is 4711/,
    todo: /--hdu/,
  },
  {
    name: 'of no value: all NaN',
    args: async (ground) => [await scanOf(ground, 300, () => Number.NaN)],
    found: /no pixel|blank|not a number/i,
    todo: /--hdu/,
  },
  {
    name: 'of infinities',
    args: async (ground) => [await scanOf(ground, 300, (i) => (i % 2 ? Infinity : -Infinity))],
    found: /./,
    todo: /scan/,
  },
  {
    name: '50 × 50 pixels',
    args: async (ground) => [await scanOf(ground, 50, (i) => (i * 7919) % 1000)],
    found: /50 × 50 px; a scan must be at least 100 × 100 px/,
    todo: /larger part of the plate/,
  },
  {
    name: 'a folder',
    args: async ({ folder }) => {
      await mkdir(join(folder, 'plate.fits'))
      return [join(folder, 'plate.fits')]
    },
    found: /plate\.fits is a folder/,
    todo: /name a file/,
  },
  {
    name: 'a pipe',
    args: async ({ folder }) => {
      execFileSync('mkfifo', [join(folder, 'plate.fits')])
      return [join(folder, 'plate.fits')]
    },
    found: /plate\.fits is a pipe or a device/,
    todo: /file/,
    seconds: 5,
  },
  {
    name: '/dev/null',
    args: () => ['/dev/null', '--id', 'plate'],
    found: /\/dev\/null is a pipe or a device/,
    todo: /file/,
  },
  {
    name: 'a link to nothing',
    args: async ({ folder }) => {
      await symlink(join(folder, 'gone.fits'), join(folder, 'plate.fits'))
      return [join(folder, 'plate.fits')]
    },
    found: /plate\.fits: there is no such file/,
    todo: /check the path/,
  },
  {
    name: 'a link to itself',
    args: async ({ folder }) => {
      await symlink(join(folder, 'plate.fits'), join(folder, 'plate.fits'))
      return [join(folder, 'plate.fits')]
    },
    found: /plate\.fits/,
    todo: /./,
  },
  {
    name: 'below a file',
    args: async ({ write }) => [join(await write('folder', 'x'), 'plate.fits')],
    found: /there is no such file/,
    todo: /check the path/,
  },
  {
    name: 'of a name longer than names can be',
    args: ({ folder }) => [join(folder, `${'x'.repeat(300)}.fits`)],
    found: /./,
    todo: /./,
  },
  {
    name: 'not to be read',
    asNobody: true,
    args: async ({ scan, folder }) => {
      const { copyFile, chmod, chown } = await import('node:fs/promises')
      const path = join(folder, 'plate.fits')
      await copyFile(scan, path)
      await chmod(path, 0)
      for (const place of ['out', 'work']) await chown(join(folder, place), 65534, 65534)
      return [path]
    },
    found: /plate\.fits may not be read/,
    todo: /permissions/,
  },
]

describe('a scan that is', () => {
  it.each(cases)('$name', async (bad) => expectRefusal(await ground(bad.earlier), bad))
})
void link
