import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import { addCard, emptyHeader, formatHeader, getNumber, getString } from '../../src/fits/header.ts'
import type { ImageSource } from '../../src/fits/image.ts'
import { openScan } from '../../src/formats/scan.ts'
import { hasPlates, PLATES } from '../fits/judges.ts'
import { folder, fpack, makeScan, VALUES, width, workDir } from './scans.ts'

async function readAll(source: ImageSource): Promise<Float64Array> {
  const values = new Float64Array(source.width * source.height)
  for (let y = 0; y < source.height; y += 10) {
    values.set(await source.readRows(y, Math.min(10, source.height - y)), y * source.width)
  }
  return values
}

/** Quicker than toEqual by far, and strict about NaN and -0. */
function sameBits(a: Float64Array, b: Float64Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer))
}

/** The same pixels and the same header card through openScan; nothing is left in the work folder. */
async function expectSameScan(path: string, hduIndex: number, words: RegExp, hdu?: number): Promise<void> {
  const source = await openScan(path, { workDir, hdu })
  expect(sameBits(await readAll(source), VALUES)).toBe(true)
  expect([source.hduIndex, source.description]).toEqual([hduIndex, expect.stringMatching(words)])
  expect(getString(source.header, 'PLATENUM')).toBe('E 438')
  await source.close()
  expect(existsSync(workDir) ? readdirSync(workDir) : []).toEqual([])
}

describe('the same scan comes out of', () => {
  it('a FITS file', async () => expectSameScan(await makeScan('a.fits'), 0, /HDU 0$/))
  it('an extension', async () =>
    expectSameScan(await makeScan('b.fits', { extension: 'X' }), 1, /HDU 1 \(X\)/))

  it('gzip, whatever the name says', async () => {
    const path = join(folder, "pläte [1] (O'Brien), copy.fits")
    writeFileSync(path, gzipSync(readFileSync(await makeScan('c.fits'))))
    await expectSameScan(path, 0, /from gzip/)
  })

  it.each([
    ['Rice', []],
    ['gzip', ['-g']],
    ['gzip, shuffled', ['-g2']],
    ['PLIO tiles', ['-r', '-t', '16,16']],
  ])('tile compression: %s', async (name, options) => {
    await expectSameScan(fpack(await makeScan(`${name}.fits`), ...options), 1, /tile-compressed/)
  })

  it('tile compression under a name full of orders to CFITSIO, in an extension, in gzip', async () => {
    const packed = fpack(await makeScan('d.fits', { extension: 'SCAN' }))
    const odd = join(folder, "-o !plate [2](x)+1, 'ü'.fits.fz")
    copyFileSync(packed, odd)
    await expectSameScan(odd, 1, /tile-compressed/)
    await expectSameScan(odd, 1, /tile-compressed/, 1)
    writeFileSync(`${odd}.gz`, gzipSync(readFileSync(odd)))
    await expectSameScan(`${odd}.gz`, 1, /tile-compressed, from gzip/)
  })

  it('floating-point pixels packed without loss', async () => {
    const path = fpack(await makeScan('e.fits', { bitpix: -32, unsigned: false }), '-g', '-q', '0')
    await expectSameScan(path, 1, /BITPIX -32/)
  })

  it('TIFF', async () => {
    const path = join(folder, 'scan.fits') // the name says FITS
    const maker = join(import.meta.dirname, 'make_tiff.py')
    execFileSync('/usr/bin/python3', [maker, path, '20', '10', '16', 'rows=3'])
    const source = await openScan(path, { workDir })
    expect(Array.from((await source.readRows(9, 1)).slice(0, 3))).toEqual([117, 124, 131])
    expect(source.header.cards).toEqual([])
    await source.close()
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)))
    const zipped = await openScan(`${path}.gz`, { workDir })
    expect(zipped.description).toBe('TIFF image 20 x 10, 16 bit, none, from gzip')
    await zipped.close()
  })
})

test.skipIf(!hasPlates)('every real plate opens, packed or not, with the same pixels', async () => {
  const summary: string[] = []
  for (const name of readdirSync(PLATES).filter((entry) => entry.endsWith('.fits'))) {
    const copy = join(folder, name)
    copyFileSync(join(PLATES, name), copy)
    const plain = await openScan(join(PLATES, name), { workDir })
    const pixels = await readAll(plain)
    const packed = await openScan(fpack(copy, '-g', '-q', '0'), { workDir })
    expect(sameBits(await readAll(packed), pixels), name).toBe(true)
    summary.push(`${name}: ${plain.description}, ${plain.problems.length} problems`)
    await plain.close()
    await packed.close()
  }
  console.log(summary.join('\n'))
  expect(summary).toHaveLength(9)
})

test('a broken extension does not spoil the image before it', async () => {
  const path = await makeScan('tail.fits')
  const broken = emptyHeader()
  addCard(broken, 'XTENSION', 'BINTABLE')
  addCard(broken, 'BITPIX', 8)
  writeFileSync(path, Buffer.concat([readFileSync(path), formatHeader(broken)]))
  const source = await openScan(path, { workDir })
  expect(source.problems.join()).toMatch(/NAXIS is missing/)
  expect(getNumber(source.header, 'NAXIS1')).toBe(width)
  await source.close()
  writeFileSync(path, Buffer.concat([readFileSync(await makeScan('junk.fits')), Buffer.alloc(100, 1)]))
  const junk = await openScan(path, { workDir })
  expect(junk.problems.join()).toMatch(/100 bytes after the last HDU/)
  await junk.close()
})

test('cancelling stops unpacking and leaves nothing', async () => {
  const path = join(folder, 'cancel.fits.gz')
  writeFileSync(path, gzipSync(readFileSync(await makeScan('cancel.fits'))))
  const controller = new AbortController()
  const opening = openScan(path, { workDir, signal: controller.signal })
  controller.abort()
  await expect(opening).rejects.toMatchObject({ name: 'Cancelled' })
  await expect(openScan(path, { workDir, signal: controller.signal })).rejects.toMatchObject({
    name: 'Cancelled',
  })
  expect(readdirSync(workDir)).toEqual([])
})
