import { describe, expect, it } from 'vitest'
import { configRecord, PARAMETERS, parseConfig } from '../src/config.ts'
import { UserError } from '../src/errors.ts'

function mistake(raw: Record<string, unknown>): UserError {
  try {
    parseConfig(raw, {})
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error(`accepted: ${JSON.stringify(raw)}`)
}

describe('a configuration', () => {
  it('has a value or undefined for every parameter when nothing is given', () => {
    const config = parseConfig({}, {})
    expect(Object.keys(config).sort()).toEqual(Object.keys(PARAMETERS).sort())
    expect(config.polarity).toBe('auto')
    expect(config.ra).toBeUndefined()
    expect(config.keepWork).toBe(false)
  })

  it('accepts its own values again, so that run.json can be replayed', () => {
    const config = parseConfig(
      { ra: '08:51:20', dec: '-11.5', scale: '1.5-1.9', indexDir: ['a', 'b'], json: true },
      {},
    )
    expect(parseConfig(configRecord(config), {})).toEqual(config)
  })

  it('reads numbers from text, and refuses what only looks like one', () => {
    expect(parseConfig({ epoch: '1951.91' }, {}).epoch).toBe(1951.91)
    expect(parseConfig({ epoch: ' 1.95e3 ' }, {}).epoch).toBe(1950)
    expect(parseConfig({ epoch: 'unknown' }, {}).epoch).toBe('unknown')
    for (const text of ['', ' ', '0x7a0', '1951,9', 'Infinity', 'NaN', '1951.9yr']) {
      expect(mistake({ epoch: text }).message, text).toBe(`--epoch is ${JSON.stringify(text)}`)
    }
    expect(mistake({ epoch: Number.NaN }).message).toBe('--epoch is null')
  })

  it('refuses numbers outside their range, and says the range', () => {
    expect(mistake({ dec: '-90.001', ra: '1' }).todo).toContain('from -90 to 90')
    expect(mistake({ hdu: '-1' }).todo).toContain('a whole number from 0')
    expect(mistake({ hdu: '1.5' }).todo).toContain('a whole number from 0')
    expect(parseConfig({ dec: '-90', ra: '360' }, {}).dec).toBe(-90)
  })

  it.each([
    ['132.834', 132.834],
    ['08:51:20.16', 132.834],
    ['8 51 20.16', 132.834],
    ['00:00:00', 0],
  ])('reads the right ascension %s as %f degrees', (text, degrees) => {
    expect(parseConfig({ ra: text, dec: '0' }, {}).ra).toBeCloseTo(degrees, 9)
  })

  it.each([
    ['+11:48:42', 11.811666666666667],
    ['-00:30:00', -0.5],
    ['-69 45 00', -69.75],
    ['-0:30', -0.5],
  ])('reads the declination %s as %f degrees', (text, degrees) => {
    expect(parseConfig({ ra: '0', dec: text }, {}).dec).toBeCloseTo(degrees, 9)
  })

  it('refuses sixty minutes, and an hour angle beyond a turn', () => {
    expect(mistake({ ra: '08:60:00', dec: '0' }).message).toBe('--ra is "08:60:00"')
    expect(mistake({ ra: '24:00:01', dec: '0' }).todo).toBe(
      'give degrees from 0 to 360, or hours as 08:51:20',
    )
  })

  it('takes a scale as one number or as a range', () => {
    expect(parseConfig({ scale: '1.7' }, {}).scale).toEqual({ low: 1.7, high: 1.7 })
    expect(parseConfig({ scale: '1.5-1.9' }, {}).scale).toEqual({ low: 1.5, high: 1.9 })
    expect(parseConfig({ scale: '1.5,1.9' }, {}).scale).toEqual({ low: 1.5, high: 1.9 })
    for (const text of ['0', '-1', '1.9-1.5', '1-2-3', '1.5-', 'wide']) {
      expect(mistake({ scale: text }).todo, text).toContain('1.5-1.9')
    }
  })

  it('refuses one half of a place, quiet with verbose, and a word that is none of the choices', () => {
    expect(mistake({ ra: '10' }).message).toBe('--ra was given without --dec')
    expect(mistake({ dec: '10' }).message).toBe('--dec was given without --ra')
    expect(mistake({ quiet: true, verbose: true }).message).toContain('--quiet and --verbose')
    expect(mistake({ polarity: 'inverted' }).todo).toBe('give one of auto, positive, negative')
  })

  it('refuses a name that would leave the output folder', () => {
    for (const id of ['..', '.', 'a/b', '/etc', '', 'x\0y', 'x'.repeat(201)]) {
      expect(mistake({ id }).todo, id).toContain('no slash')
    }
    expect(parseConfig({ id: "M 67 'best' – ½" }, {}).id).toBe("M 67 'best' – ½")
  })

  it('refuses a parameter that does not exist', () => {
    expect(mistake({ epoc: 1950 }).message).toBe('there is no parameter "epoc"')
  })

  it('adds the folders of $PLATEPIPE_INDEX_DIR to the default, not to folders that were given', () => {
    const environment = { PLATEPIPE_INDEX_DIR: '/a:/b c:' }
    expect(parseConfig({}, environment).indexDir).toEqual(['/usr/share/astrometry', '/a', '/b c'])
    expect(parseConfig({ indexDir: ['/d'] }, environment).indexDir).toEqual(['/d'])
  })

  it('gives two configurations that share no array', () => {
    const first = parseConfig({}, {})
    first.indexDir.push('/elsewhere')
    expect(parseConfig({}, {}).indexDir).toEqual(['/usr/share/astrometry'])
  })
})

describe('every parameter', () => {
  it.each(Object.entries(PARAMETERS))(
    '%s has a flag of its own, a group, and one sentence',
    (name, parameter) => {
      expect(parameter.text).toMatch(/^[A-Z$].*\.$/s)
      expect(parameter.group).not.toBe('')
      const long = /(?:^|, )--([a-z][a-z-]*)$/.exec(parameter.flag)?.[1]
      expect(long?.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())).toBe(name)
      const sharing = Object.values(PARAMETERS).filter((other) => other.flag === parameter.flag)
      expect(sharing).toHaveLength(1)
    },
  )
})
