import { describe, expect, it } from 'vitest'
import { formatHeader, getBoolean, getNumber, getString, parseHeader } from '../../src/fits/header.ts'
import { bytesOf, header } from './headers.ts'

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
