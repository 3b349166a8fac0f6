// Which epochs and which quads the words of the command line ask for.
import { describe, expect, test } from 'vitest'
import { parseEpochs } from '../../../src/catalog/index/epochs.ts'
import { parseFieldWidths, quadScales } from '../../../src/catalog/index/scales.ts'
import { UserError } from '../../../src/errors.ts'

describe('epochs', () => {
  test.each([
    [['1893'], [1893]],
    [['1951.9'], [1951.9]],
    [['1900-1930'], [1900, 1910, 1920, 1930]],
    [['1905-1919'], [1905, 1915]],
    [
      ['1950', '1900,1950.0', ' 1893 '],
      [1893, 1900, 1950],
    ],
    [['1950-1950'], [1950]],
  ])('%j are %j', (texts, years) => expect(parseEpochs(texts)).toEqual(years))

  test.each(['', '50', '1980-1900', '1800', '2200', '1900-', '1900–1950', 'J1950', '1e3'])(
    '"%s" is refused by name',
    (text) => {
      expect(() => parseEpochs(['1950', text])).toThrow(UserError)
      expect(() => parseEpochs(['1950', text])).toThrow(`"${text}"`)
    },
  )
})

describe('fields', () => {
  test('a width and a range are read', () => {
    expect(parseFieldWidths('2')).toEqual([2, 2])
    expect(parseFieldWidths('.5-6')).toEqual([0.5, 6])
  })

  test.each(['', '0', '-2', '2-', '6-0.5', '1-2-3', '0.01', '200', 'wide'])('"%s" is refused', (text) => {
    expect(() => parseFieldWidths(text)).toThrow(UserError)
  })

  test.each([0.1, 0.5, 1.7, 12, 40])('of %f° get quads of a sixteenth to a half of them', (widthDeg) => {
    const scales = quadScales([widthDeg, widthDeg])
    const low = scales[0]!.lowArcmin / (60 * widthDeg)
    const high = scales.at(-1)!.highArcmin / (60 * widthDeg)
    // An octave's ends are powers of two: at most a factor of √2 from what is wanted.
    expect(Math.abs(Math.log2(low * 16)), `smallest ${low}`).toBeLessThanOrEqual(0.5)
    expect(Math.abs(Math.log2(high * 2)), `largest ${high}`).toBeLessThanOrEqual(0.5)
  })

  test('of a range have octaves without gaps, which those of a part of it share', () => {
    const scales = quadScales([0.5, 6])
    expect(scales.map(({ lowArcmin }) => lowArcmin)).toEqual([2, 4, 8, 16, 32, 64])
    for (const { lowArcmin, highArcmin } of scales) expect(highArcmin).toBe(2 * lowArcmin)
    const part = quadScales([2, 2]).map(({ lowArcmin }) => lowArcmin)
    expect(scales.map(({ lowArcmin }) => lowArcmin)).toEqual(expect.arrayContaining(part))
  })
})
