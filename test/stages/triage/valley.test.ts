// Half-way between two images there is less light than along a line.
import { describe, expect, it } from 'vitest'
import { hasValley } from '../../../src/stages/triage/valley.ts'
import { correlated, FWHM_PX, type Light, line, paint, places, star } from './painted.ts'

const APART = 2 * FWHM_PX

const painted = async (draw: (x: number, y: number) => Light[]) =>
  correlated(paint(places(36).flatMap(([x, y]) => draw(x, y))))

describe('the correlation half-way to an offset', () => {
  it('has a valley for two images, none for a line', async () => {
    const pairs = await painted((x, y) => [star(x, y, 0.4), star(x + APART, y, 0.3)])
    const lines = await painted((x, y) => [line(x, y, 2 * APART, 0.2, () => 1)])
    expect([pairs, lines].map((tiles) => hasValley(tiles, { dx: APART, dy: 0 }))).toEqual([true, false])
    expect([pairs, lines].map((tiles) => hasValley(tiles, { dx: -APART, dy: 0 }))).toEqual([true, false])
  })

  it('is not known beyond the tiles', () => {
    expect(hasValley([], { dx: 5, dy: 0 })).toBeUndefined()
  })
})
