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
  getBoolean,
  getNumber,
  getString,
  type Header,
  parseHeader,
  setCard,
} from '../../src/fits/header.ts'
import { hasPlates, PLATES } from './judges.ts'

function header(...lines: string[]): Header {
  const text = [...lines, 'END'].map((line) => line.padEnd(80)).join('')
  return parseHeader(Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1'))
}

function bytesOf(...lines: string[]): Buffer {
  const text = [...lines, 'END'].map((line) => line.padEnd(80)).join('')
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1')
}

/** Written and read again. */
function again(written: Header): Header {
  return parseHeader(formatHeader(written))
}

describe('reading values', () => {
  it.each([
    ['A       =                    T / yes', true],
    ['A       = F', false],
    ['A       =                   22', 22],
    ['A       =                  22.', 22],
    ['A       =                  -.5', -0.5],
    ['A       =                 +007', 7],
    ['A       = 1.951911D+03', 1951.911],
    ['A       = -2.5E-3', -0.0025],
    ['A       = 9007199254740993', 9007199254740993n],
    ['A       = -9223372036854775808', -9223372036854775808n],
    ["A       = 'O''Brien / Co'  / name", "O'Brien / Co"],
    ["A       = ''", ''],
    ["A       = '   '", ''],
    ["A       = '  lead   '", '  lead'],
    ['A       =                      / nothing', null],
    ['A       = (1.0, -2.0)', '(1.0, -2.0)'],
    ['HIERARCH ESO TEL ALT = 45.5 / deg', 45.5],
  ])('%s', (line, value) => {
    const read = header(line)
    expect(read.problems).toEqual([])
    expect(read.cards[0]).toMatchObject({ value, kind: 'value' })
  })

  it('keeps the comment behind a value, slashes in strings notwithstanding', () => {
    expect(header("FILTER  = 'Schott / RG1' / filter / glass").cards[0]).toMatchObject({
      value: 'Schott / RG1',
      comment: 'filter / glass',
    })
  })

  it('joins a long string over CONTINUE cards, with its blanks and quotes', () => {
    const read = header(
      "NOTE    = 'It''s a plate &' / first",
      "CONTINUE  'of the ''Carte du Ciel'' &'",
      "CONTINUE  'zone' / last",
      'AFTER   = 1',
    )
    expect(getString(read, 'NOTE')).toBe("It's a plate of the 'Carte du Ciel' zone")
    expect(read.cards[0]!.comment).toBe('first last')
    expect(read.cards.map((card) => card.keyword)).toEqual(['NOTE', 'AFTER'])
  })

  it('leaves an ampersand at the end of a string that is not continued', () => {
    expect(getString(header("A       = 'Dodge &'", 'B       = 1'), 'A')).toBe('Dodge &')
  })

  it('finds HIERARCH names with and without that word, in any case', () => {
    const read = header("HIERARCH ESO INS FILT = 'R'")
    expect(getString(read, 'HIERARCH ESO INS FILT')).toBe('R')
    expect(getString(read, 'eso ins filt')).toBe('R')
  })

  it('takes HISTORY = ... and blank keywords as commentary', () => {
    const read = header("HISTORY = 'SuperCOSMOS data' /", '        a remark', 'COMMENT = 3', '')
    expect(read.cards.map((card) => card.kind)).toEqual(Array(4).fill('commentary'))
    expect(read.cards[0]!.comment).toBe("= 'SuperCOSMOS data' /")
    expect(read.problems).toEqual([])
  })

  it('gives only values of the type that is asked for', () => {
    const read = header("A       = '5'", 'B       = 5', 'C       = T')
    expect([getNumber(read, 'A'), getString(read, 'B'), getBoolean(read, 'B')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([getString(read, 'A'), getNumber(read, 'B'), getBoolean(read, 'C')]).toEqual(['5', 5, true])
    expect(getNumber(read, 'NONE')).toBeUndefined()
  })

  it('keeps duplicates and finds the first', () => {
    const read = header('A       = 1', 'A       = 2')
    expect(read.cards).toHaveLength(2)
    expect(getNumber(read, 'A')).toBe(1)
  })
})

describe('broken cards', () => {
  it.each([
    ["A       = 'no end", 'no end'],
    ['A       = 10 min', '10 min'],
    ['A       = NaN', 'NaN'],
    ["A       = 'a' b / c", 'a'],
    ['A       =5', 5],
    ['exptime = 5', 5],
    ['EXPTIME=5', 5],
    ['  A = 5', 5],
    ['A       = 1.5e3', 1500],
  ])('%s is kept, reported, and given its likely value', (line, value) => {
    const read = header(line, 'B       = 1')
    expect(read.cards[0]).toMatchObject({ kind: 'broken', value })
    expect(read.problems).toHaveLength(1)
    expect(Buffer.from(formatHeader(read)).equals(bytesOf(line, 'B       = 1'))).toBe(true)
  })

  it('survives bytes that are no text', () => {
    const raw = Buffer.alloc(2880, 0x20)
    for (let i = 0; i < 2800; i++) raw[i] = (i * 37) % 256
    raw.write('END'.padEnd(80), 2800)
    const read = parseHeader(raw)
    expect(read.problems.length).toBeGreaterThan(0)
    expect(Buffer.from(formatHeader(read)).equals(raw)).toBe(true)
  })

  it('reports a missing END and a CONTINUE that continues nothing', () => {
    const read = parseHeader(Buffer.from("CONTINUE  'x'".padEnd(80)))
    expect(read.problems.join('; ')).toMatch(/continues a string.*no END card/)
  })
})

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
