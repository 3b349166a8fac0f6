// Coverage maps against the plainest thing that can do the same: sets of cells.
import { describe, expect, it } from 'vitest'
import { type Cell, cellCount, FINEST_ORDER, finestRange } from '../../src/math/healpix.ts'
import {
  cellsOf,
  covers,
  difference,
  EMPTY_MOC,
  intersection,
  type Moc,
  mocOfCells,
  mocOfPixels,
  mocText,
  parseMoc,
  skyShare,
  union,
  WHOLE_SKY,
} from '../../src/math/moc.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'

const CELLS = cellCount(FINEST_ORDER)
/** Only this many cells of order 12 are drawn on, at one end of the sky or the other, so that maps meet. */
const WINDOW = 600

/** A few cells of orders 8 to 12 near each other, and both as a map and as the set of their finest cells. */
function drawn(random: Random, base: number): { moc: Moc; set: Set<number> } {
  const cells = Array.from({ length: random.whole(12) }, (): Cell => {
    const order = 8 + random.whole(5)
    const size = 4 ** (FINEST_ORDER - order)
    return { order, pixel: Math.floor((base + random.whole(WINDOW)) / size) }
  })
  return { moc: mocOfCells(cells), set: setOf(cells.map(finestRange)) }
}

function setOf(ranges: Moc): Set<number> {
  return new Set(ranges.flatMap(([first, end]) => Array.from({ length: end - first }, (_, n) => first + n)))
}

/** Ascending, apart, none empty, all on the sky. */
function isProper(moc: Moc): boolean {
  return moc.every(
    ([first, end], n) =>
      Number.isInteger(first) && first < end && end <= CELLS && first > (moc[n - 1]?.[1] ?? -1),
  )
}

const same = (moc: Moc, set: ReadonlySet<number>) => {
  expect(isProper(moc)).toBe(true)
  expect([...setOf(moc)]).toEqual([...set].sort((a, b) => a - b))
}

describe('maps of random cells behave as sets of cells of order 12', () => {
  const random = randomStream(12, 'moc')
  const rounds = Array.from({ length: 400 }, (_, n) => {
    const base = n % 2 === 0 ? 0 : CELLS - WINDOW
    return [drawn(random, base), drawn(random, base), drawn(random, base)] as const
  })

  it('when they are made, joined, met and taken from one another', () => {
    for (const [one, other, third] of rounds) {
      same(one.moc, one.set)
      same(union(one.moc, other.moc, third.moc), new Set([...one.set, ...other.set, ...third.set]))
      same(intersection(one.moc, other.moc), new Set([...one.set].filter((cell) => other.set.has(cell))))
      same(difference(one.moc, other.moc), new Set([...one.set].filter((cell) => !other.set.has(cell))))
    }
  })

  it('when they are asked for a cell of any order, or their share of the sky', () => {
    for (const [n, [{ moc, set }]] of rounds.entries()) {
      expect(skyShare(moc) * CELLS).toBeCloseTo(set.size, 6)
      const base = n % 2 === 0 ? 0 : CELLS - WINDOW
      for (let k = 0; k < 60; k++) {
        const order = FINEST_ORDER - random.whole(6)
        const cell = { order, pixel: Math.floor((base + random.whole(WINDOW)) / 4 ** (FINEST_ORDER - order)) }
        const [first, end] = finestRange(cell)
        const all = Array.from({ length: end - first }, (_, at) => first + at).every((at) => set.has(at))
        expect(covers(moc, cell)).toBe(all)
      }
    }
  })

  it('when they are told as the fewest cells, of which no four make up a larger one', () => {
    for (const [{ moc }] of rounds) {
      const cells = cellsOf(moc)
      expect(mocOfCells(cells)).toEqual(moc)
      const sisters = new Map<string, number>()
      for (const { order, pixel } of cells) {
        const parent = `${order}/${Math.floor(pixel / 4)}`
        sisters.set(parent, (sisters.get(parent) ?? 0) + 1)
      }
      for (const [parent, count] of sisters) if (!parent.startsWith('0/')) expect(count).toBeLessThan(4)
    }
  })

  it('when they are written as text and read again', () => {
    for (const [{ moc }] of rounds) expect(parseMoc(mocText(moc))).toEqual(moc)
  })
})

describe('the whole sky and none of it', () => {
  it('are the ends of every operation', () => {
    const some = mocOfCells([{ order: 3, pixel: 700 }])
    expect(union()).toEqual(EMPTY_MOC)
    expect(union(WHOLE_SKY, some)).toEqual(WHOLE_SKY)
    expect(intersection(WHOLE_SKY, some)).toEqual(some)
    expect(intersection(EMPTY_MOC, some)).toEqual(EMPTY_MOC)
    expect(difference(some, WHOLE_SKY)).toEqual(EMPTY_MOC)
    expect(union(difference(WHOLE_SKY, some), some)).toEqual(WHOLE_SKY)
    expect(skyShare(WHOLE_SKY)).toBe(1)
    expect(skyShare(EMPTY_MOC)).toBe(0)
    expect(covers(WHOLE_SKY, { order: 0, pixel: 11 })).toBe(true)
    expect(covers(EMPTY_MOC, { order: 12, pixel: 0 })).toBe(false)
  })

  it('are 12 cells of order 0, and an empty text', () => {
    expect(mocText(WHOLE_SKY)).toBe('0/0-11 12/')
    expect(mocText(EMPTY_MOC)).toBe('12/')
    expect(parseMoc('0/0-11 12/')).toEqual(WHOLE_SKY)
    expect(parseMoc('')).toEqual(EMPTY_MOC)
    expect(parseMoc('12/')).toEqual(EMPTY_MOC)
  })
})

describe('the text of a map', () => {
  it("reads the standard's example (MOC 2.0, §4.3.2)", () => {
    const cells = [
      ...[1, 2, 4].map((pixel) => ({ order: 1, pixel })),
      ...[12, 13, 14, 21, 23, 25].map((pixel) => ({ order: 2, pixel })),
    ]
    expect(parseMoc('1/1-2,4 2/12-14,21,23,25 8/')).toEqual(mocOfCells(cells))
    expect(mocText(mocOfCells(cells))).toBe('1/1-2,4 2/12-14,21,23,25 12/')
  })

  it('may have line feeds, orders in any sequence, cells within others, and an empty finer order at its end', () => {
    const moc = mocOfCells([
      { order: 3, pixel: 10 },
      { order: 5, pixel: 900 },
    ])
    expect(parseMoc('\n5/900\n3/10\t4/40,\n41 29/ ')).toEqual(moc)
    expect(parseMoc('3/ 10 5/ 900')).toEqual(moc)
  })

  it.each([
    ['cells without an order', '1,2'],
    ['a cell that does not exist', '0/12'],
    ['a range that runs backwards', '3/9-4'],
    ['an order beyond 12 with cells', '13/5'],
    ['cells after an empty finer order', '13/ 5'],
    ['negative cells', '3/-4'],
    ['half a range', '3/4-'],
    ['words', 'the whole sky'],
    ['JSON', '{"3":[4]}'],
    ['broken numbers', '3/4.5'],
    ['a number beyond all numbers', `3/${'9'.repeat(400)}`],
    ['two slashes', '3//4'],
  ])('is refused for %s', (_, text) => {
    expect(parseMoc(text)).toBeUndefined()
  })

  it('of a hundred thousand scattered cells is written and read', () => {
    const moc = mocOfCells(Array.from({ length: 100_000 }, (_, n) => ({ order: 12, pixel: 7 * n })))
    const text = mocText(moc)
    expect(text.length).toBeGreaterThan(600_000)
    expect(parseMoc(text)).toEqual(moc)
  })
})

describe('ascending cells of one order', () => {
  it('are the same map whether as objects or as numbers', () => {
    const random = randomStream(3, 'pixels')
    for (let round = 0; round < 50; round++) {
      const order = random.whole(FINEST_ORDER + 1)
      const drawn = Array.from({ length: 40 }, () => random.whole(Math.min(60, cellCount(order))))
      const pixels = [...new Set(drawn)].sort((a, b) => a - b)
      expect(mocOfPixels(order, pixels)).toEqual(mocOfCells(pixels.map((pixel) => ({ order, pixel }))))
    }
    expect(mocOfPixels(5, [])).toEqual(EMPTY_MOC)
  })
})
