// Plates out of focus, and with cloud, the Moon, a planet or a comet: each is seen on the plate as its options say.
import { describe, expect, it } from 'vitest'
import { plateOf, SMALL } from './plates.ts'

const CLEAN = {
  ...SMALL,
  width: 300,
  polarity: 'positive',
  values: 'density',
  grain: 0.005,
  damage: 0,
} as const
/** A sky with next to no stars. */
const EMPTY = { ...CLEAN, density: 0.1, limit: 8, vignetting: 0, skyGradient: 0 } as const

type Plate = Awaited<ReturnType<typeof plateOf>>

const median = (values: ArrayLike<number>) => Array.from(values).sort((a, b) => a - b)[values.length >> 1]!

/** Mean level at a distance from a place (FITS pixels), above the plate's median. */
function ringLevel(plate: Plate, x: number, y: number, radius: number): number {
  const levels = Array.from({ length: 32 }, (_, k) => {
    const turn = (2 * Math.PI * k) / 32
    const [u, v] = [Math.round(x + radius * Math.cos(turn)), Math.round(y + radius * Math.sin(turn))]
    return plate.pixels[(v - 1) * plate.width + u - 1]!
  })
  return levels.reduce((sum, level) => sum + level, 0) / levels.length - median(plate.pixels)
}

/** Part of the pixels above a part of the way from the least to the greatest level of the plate. */
function partAbove(plate: Plate, share: number): number {
  const [low, high] = plate.pixels.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [1e9, -1e9])
  const limit = low! + share * (high! - low!)
  return plate.pixels.filter((v) => v > limit).length / plate.pixels.length
}

describe('a plate out of focus', () => {
  it('spreads the light of a star over a disc, or over a ring', async () => {
    const options = { ...CLEAN, width: 400, defocus: 30 }
    const profiles = []
    for (const obstruction of [0, 0.6]) {
      const plate = await plateOf({ ...options, obstruction })
      const [x, y, mag] = (['x_image', 'y_image', 'mag'] as const).map((name) => plate.truth.number(name))
      const alone = Array.from(x!.keys()).filter(
        (i) => x![i]! > 40 && y![i]! > 40 && x![i]! < 360 && y![i]! < 360 && !plate.truth.flag('blended')[i],
      )
      const star = alone.sort((a, b) => mag![a]! - mag![b]!)[0]!
      profiles.push([2, 12, 24].map((radius) => ringLevel(plate, x![star]!, y![star]!, radius)))
    }
    const [disc, ring] = profiles as [number[], number[]]
    expect(disc[0]! / disc[1]!).toBeGreaterThan(0.8)
    expect(ring[0]! / ring[1]!).toBeLessThan(0.5)
    expect(disc[2]! / disc[1]!).toBeLessThan(0.3)
  })
})

describe('large objects', () => {
  it('fill the part of the plate that cloud is asked to fill', async () => {
    for (const nebula of [0.2, 0.7]) {
      const plate = await plateOf({ ...EMPTY, seed: 3, nebula, nebulaLight: 5, fog: 0.1 })
      const clear = await plateOf({ ...EMPTY, seed: 3 })
      const sky = median(clear.pixels)
      const noise = median(clear.pixels.map((v) => Math.abs(v - sky)))
      const part = plate.pixels.filter((v) => v > sky + 4 * noise).length / plate.pixels.length
      expect(part).toBeGreaterThan(0.6 * nebula)
      expect(part).toBeLessThan(nebula + 0.02)
    }
  })

  it('make a disc as large as the Moon or the planet is', async () => {
    const scale = (0.4 * 3600) / 300
    for (const [options, size] of [
      [{ moon: 0.1 }, (0.1 * 3600) / scale],
      [{ planet: 50 }, 50],
    ] as const) {
      const black = partAbove(await plateOf({ ...EMPTY, ...options, seed: 2 }), 0.9)
      const diameter = Math.sqrt((4 * black) / Math.PI) * 300
      expect(diameter).toBeGreaterThan(size)
      expect(diameter).toBeLessThan(size + 8 * 4) // its edge is as soft as the images are wide
    }
  })

  it('give a comet a head and a tail on one side of it', async () => {
    const plate = await plateOf({ ...EMPTY, comet: 20, seed: 4 })
    const at = plate.pixels.indexOf(Math.max(...plate.pixels))
    const [x, y] = [(at % plate.width) + 1, Math.floor(at / plate.width) + 1]
    const sky = median(plate.pixels)
    const sectors = Array.from({ length: 36 }, (_, k) => {
      const turn = (2 * Math.PI * k) / 36
      const [u, v] = [Math.round(x + 60 * Math.cos(turn)), Math.round(y + 60 * Math.sin(turn))]
      return (plate.pixels[(v - 1) * plate.width + u - 1] ?? sky) - sky
    }).sort((a, b) => b - a)
    expect(sectors[0]! / Math.max(1, sectors[18]!)).toBeGreaterThan(1.5)
  })
})
