// The marks of the exposures: each is told from every other.
import { describe, expect, it } from 'vitest'
import { colourOf, shape } from '../../src/report/marks.ts'

const channels = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))

describe('the marks of exposures', () => {
  const exposures = Array.from({ length: 6 }, (_, k) => k)

  it('have six colours that lie well apart (each channel from 0 to 255)', () => {
    for (const one of exposures) {
      for (const other of exposures.slice(0, one)) {
        const [a, b] = [one, other].map((k) => channels(colourOf(k))) as [number[], number[]]
        const apart = Math.hypot(...a.map((value, n) => value - b[n]!))
        expect(apart, `${one + 1} and ${other + 1}`).toBeGreaterThan(70)
      }
    }
  })

  it('have shapes of their own, and no two exposures of forty share shape and colour', () => {
    const shapes = exposures.map((k) => shape(k, 0, 0, 10))
    expect(new Set(shapes).size).toBe(6)
    const marks = Array.from({ length: 40 }, (_, k) => `${colourOf(k)} ${shape(k, 0, 0, 10)}`)
    expect(new Set(marks).size).toBe(40)
  })
})
