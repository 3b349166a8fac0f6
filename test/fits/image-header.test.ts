import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyChecksums } from '../../src/fits/checksum.ts'
import { openFits } from '../../src/fits/hdu.ts'
import { addCard, addCommentary, emptyHeader, type Header, parseHeader } from '../../src/fits/header.ts'
import { writeImage } from './images.ts'
import { astropyReads, fitsverify, scratchFolder } from './judges.ts'

const folder = scratchFolder()

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
    const path = await writeImage(
      join(folder, 'dirty.fits'),
      { width: 1, height: 1, bitpix: 16, header: dirty() },
      [1],
    )
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
    const path = await writeImage(join(folder, 'cards.fits'), { width: 1, height: 1, bitpix: 8, header }, [1])
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

describe('checksums', () => {
  it('agree as written and disagree after one changed bit, in header and data', async () => {
    const path = await writeImage(
      join(folder, 'sum.fits'),
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
