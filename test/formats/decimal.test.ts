// Decimal numbers from bytes against Number(), which ECMAScript requires to round rightly.
import { expect, test } from 'vitest'
import { readDecimal } from '../../src/formats/decimal.ts'
import { randomStream } from '../../src/simulate/random.ts'

const target = new Float64Array(1)

/** The number read; undefined where it is left to others. */
function read(text: string): number | undefined {
  const bytes = Buffer.from(`,${text},`)
  target[0] = 12345
  const end = readDecimal(bytes, 1, target, 0)
  if (end === bytes.length - 1) return target[0]
  if (end < 0) expect(target[0]).toBe(12345)
  return undefined
}

test.each(['0', '-0', '7', '+7', '.5', '5.', '-0.000', '0.1', '1e5', '1E-5', '12.5e+3', '1e22'])(
  '%s is read as Number() reads it',
  (text) => {
    expect(Object.is(read(text), Number(text)), `${read(text)} for ${text}`).toBe(true)
  },
)

test.each([
  '',
  '-',
  '+',
  '.',
  'e5',
  '1e',
  '1e+',
  '1e5x',
  '1.2.3',
  ' 1',
  '1 ',
  '0x10',
  'nan',
  '"1"',
  '1-2',
  '1d5',
  '1e400',
  '9007199254740993',
])('"%s" is left to others', (text) => {
  expect(read(text)).toBeUndefined()
})

test('a million numbers as catalogues print them are the doubles that they were, hardly one left to others', () => {
  const random = randomStream(5, 'decimals')
  let left = 0
  for (let i = 0; i < 1_000_000; i++) {
    const size = 10 ** (random.next() * 12 - 3)
    const value = (random.next() - 0.5) * size
    const text = i % 3 === 0 ? String(value) : i % 3 === 1 ? value.toPrecision(17) : value.toFixed(i % 19)
    const seen = read(text)
    if (seen === undefined) left++
    else if (!Object.is(seen, Number(text))) throw new Error(`${text}: ${seen} for ${Number(text)}`)
  }
  console.log(`${left} of 1,000,000 left to Number()`)
  expect(left).toBeLessThan(20_000)
})

test('numbers in the middle between two doubles, and next to it, are rounded rightly or left to others', () => {
  const random = randomStream(6, 'ties')
  let checked = 0
  for (let i = 0; i < 20_000; i++) {
    // Above 2^53 whole numbers lie between doubles: odd ones up to 2^54 are ties, their tenths are near them.
    const odd = 2n ** 53n + 1n + 2n * BigInt(Math.floor(random.next() * 2 ** 52))
    for (const text of [`${odd}`, `${odd}.1`, `${odd - 1n}.9`, `${odd}.00001`, `${odd - 1n}.99999`]) {
      const seen = read(text)
      if (seen === undefined) continue
      checked++
      if (seen !== Number(text)) throw new Error(`${text}: ${seen} for ${Number(text)}`)
    }
  }
  expect(checked).toBeGreaterThan(60_000)
})
