// Images spread over the plate: dense patches are thinned to what the rest of the plate has, a uniform field is left as it is.
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/simulate/random.ts'
import { spreadEvenly } from '../../../src/stages/triage/evenly.ts'

const SIDE = 1600
const size = { width: SIDE, height: SIDE }

function field(stars: number, patch: number) {
  const random = randomStream(5, 'evenly')
  const place = (low: number, high: number) => random.between(low, high)
  const places = [
    ...Array.from({ length: stars }, () => ({ x: place(0, SIDE), y: place(0, SIDE) })),
    ...Array.from({ length: patch }, () => ({ x: place(100, 250), y: place(900, 1050) })),
  ]
  return { x: places.map(({ x }) => x), y: places.map(({ y }) => y), rows: [...places.keys()] }
}

describe('images spread evenly', () => {
  it('are all of them where no part of the plate is far denser', () => {
    const { x, y, rows } = field(1000, 0)
    expect(spreadEvenly(rows, { x, y }, size)).toEqual(rows)
  })

  it('are few of those in a dense patch, and all others in their order', () => {
    const { x, y, rows } = field(100, 500)
    const left = spreadEvenly(rows, { x, y }, size)
    expect(left.filter((row) => row >= 100).length).toBeLessThan(25)
    expect(left.filter((row) => row < 100).length).toBeGreaterThan(90)
    expect([...left].sort((a, b) => a - b)).toEqual(left)
  })
})
