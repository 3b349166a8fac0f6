import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { openFits } from '../../src/fits/hdu.ts'
import {
  addCard,
  addCommentary,
  emptyHeader,
  findCard,
  formatHeader,
  getNumber,
  getString,
  parseHeader,
  setCard,
} from '../../src/fits/header.ts'
import { again, bytesOf, header } from './headers.ts'
import { hasPlates, PLATES } from './judges.ts'

describe('writing', () => {
  it('gives back every byte of what was read', () => {
    const lines = [
      'SIMPLE  =                    T',
      'EXPTIME =1.5D+02/odd layout',
      "LONG    = 'first &'   / c",
      "CONTINUE  'second'",
      'COMMENT   spaced    text',
      "HISTORY = 'x'",
      '',
      'HIERARCH  eso  x=   1',
      'END OF NIGHT',
    ]
    expect(Buffer.from(formatHeader(header(...lines))).equals(bytesOf(...lines))).toBe(true)
  })

  it('rewrites only the card that was changed', () => {
    const lines = ['A       =1/x', 'B       =                    2 / old', 'C       =3']
    const read = header(...lines)
    setCard(read, 'B', 5)
    const expected = bytesOf(lines[0]!, 'B       =                    5 / old', lines[2]!)
    expect(Buffer.from(formatHeader(read)).equals(expected)).toBe(true)
  })

  it('notices a value that was changed in the card itself', () => {
    const read = header('A       = 1')
    read.cards[0]!.value = 2
    expect(getNumber(again(read), 'A')).toBe(2)
  })

  const values = [
    0,
    -0,
    1,
    -1,
    5e-324,
    1.7976931348623157e308,
    0.1,
    1 / 3,
    1e21,
    1e22,
    123456789012345680000,
    2 ** 53,
    2n ** 63n - 1n,
    -(2n ** 63n),
    true,
    false,
    null,
    '',
    "''",
    "'",
    'a',
    'x'.repeat(68),
    'x'.repeat(69),
    "'".repeat(200),
    'ab '.repeat(90).trim(),
    `${"quote's "}${'&'.repeat(150)}`,
    'ends with &',
    `${'y'.repeat(66)}&`,
    `${'y'.repeat(67)}&`,
    `${'z '.repeat(33)}&`,
  ]
  it.each(values.map((value) => [value]))('the value %s comes back as it was', (value) => {
    for (const keyword of ['A', 'ABCDEFGH', 'ESO TEL AIRM START']) {
      const made = emptyHeader()
      addCard(made, keyword, value, 'comment')
      const bytes = formatHeader(made)
      expect(bytes.length % 2880).toBe(0)
      const read = parseHeader(bytes)
      expect(read.problems).toEqual([])
      expect(read.cards).toHaveLength(1)
      const back = findCard(read, keyword)!.value
      const same = Object.is(back, value) || (typeof back === 'bigint' && back === BigInt(value as number))
      expect(same, `${keyword}: ${String(value)} came back as ${String(back)}`).toBe(true)
    }
  })

  it('gives back random strings and numbers', () => {
    let state = 12345
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
    let checked = 0
    for (let i = 0; i < 2000; i++) {
      const alphabet = "ab &'/ ="
      const length = Math.floor(random() * 220)
      const text = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)])
        .join('')
        .trimEnd()
      const number = (random() - 0.5) * 10 ** Math.floor(random() * 60 - 30)
      const made = emptyHeader()
      addCard(made, 'TEXT', text, 'c'.repeat(Math.floor(random() * 50)))
      addCard(made, 'NUMBER', number)
      const read = again(made)
      expect(getString(read, 'TEXT')).toBe(text)
      expect(getNumber(read, 'NUMBER')).toBe(number)
      checked++
    }
    expect(checked).toBe(2000)
  })

  it('wraps long commentary between words and keeps lines apart', () => {
    const made = emptyHeader()
    addCommentary(made, 'HISTORY', `${'word '.repeat(30)}\nsecond line\n${'x'.repeat(100)}`)
    const lines = again(made).cards.map((card) => card.comment)
    expect(lines.every((line) => line.length <= 72)).toBe(true)
    expect(lines).toContain('second line')
    expect(lines.join('').match(/word/g)).toHaveLength(30)
    expect(lines.join('').match(/x/g)).toHaveLength(100)
  })

  it('writes printable ASCII only', () => {
    const made = emptyHeader()
    addCard(made, 'OBSERVER', 'Élise Müller-Ørsted\t☆', 'à Paris')
    addCommentary(made, 'COMMENT', 'Pleïades')
    expect(getString(again(made), 'OBSERVER')).toBe('Elise Muller-?rsted??')
    expect(again(made).problems).toEqual([])
  })

  it('refuses what a header cannot hold', () => {
    const made = emptyHeader()
    addCard(made, 'A', Number.NaN)
    expect(() => formatHeader(made)).toThrow(/cannot hold NaN/)
  })

  it('replaces in place and appends what is new', () => {
    const made = header('A       = 1 / one', 'B       = 2')
    setCard(made, 'A', 'text')
    setCard(made, 'C', 3, 'three')
    expect(again(made).cards.map(({ keyword, value, comment }) => [keyword, value, comment])).toEqual([
      ['A', 'text', 'one'],
      ['B', 2, ''],
      ['C', 3, 'three'],
    ])
  })
})

test.skipIf(!hasPlates)('every header of every real plate comes back byte for byte', async () => {
  let headers = 0
  for (const name of readdirSync(PLATES).filter((entry) => entry.endsWith('.fits'))) {
    const path = join(PLATES, name)
    const file = await openFits(path)
    const bytes = readFileSync(path)
    let start = 0
    for (const hdu of file.hdus) {
      const same = Buffer.from(formatHeader(hdu.header)).equals(bytes.subarray(start, hdu.dataOffset))
      expect(same, `${name}, HDU ${hdu.index}`).toBe(true)
      start = hdu.dataOffset + Math.ceil(hdu.dataBytes / 2880) * 2880
      headers++
    }
    await file.close()
  }
  console.log(`${headers} headers of real plates are the same after reading and writing`)
  expect(headers).toBe(19)
})
