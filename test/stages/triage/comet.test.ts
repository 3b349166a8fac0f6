// Heads of comets with their tails, told from the haloes of stars, from neighbours and from what all images have to one side.
import { describe, expect, it } from 'vitest'
import { cometsOn } from '../../../src/stages/triage/comet.ts'
import { skyMap } from '../../../src/stages/triage/sky-map.ts'
import { FWHM_PX, type Light, paint, SIDE_PX } from './painted.ts'

const MIDDLE = SIDE_PX / 2

/** A halo that falls off slowly, with a bright middle: of a star or of a comet. */
const halo =
  (x0: number, y0: number, half: number): Light =>
  (x, y) => {
    const q = ((x - x0) ** 2 + (y - y0) ** 2) / half ** 2
    return 8 / ((1 + q) * (1 + q / 400))
  }

const [C, S] = [Math.cos(0.7), Math.sin(0.7)]
const TAIL_DEG = (0.7 * 180) / Math.PI

const tail =
  (x0: number, y0: number, half: number): Light =>
  (x, y) => {
    const along = (x - x0) * C + (y - y0) * S
    if (along <= 0) return 0
    const across = (y - y0) * C - (x - x0) * S
    const sigma = 0.5 * half + 0.08 * along
    return (
      2 *
      (1 - Math.exp(-along / (2 * half))) *
      Math.exp(-along / (9 * half)) *
      Math.exp(-((across / sigma) ** 2) / 2)
    )
  }

const comet = (x0: number, y0: number, half: number): Light[] => [halo(x0, y0, half), tail(x0, y0, half)]

const foundOn = (lights: Light[]) => {
  const sky = paint(lights)
  return cometsOn(sky, skyMap(sky)!, FWHM_PX)
}

describe('a comet', () => {
  it('has a wide head and a tail to one side', () => {
    const [found, ...others] = foundOn(comet(MIDDLE, 250, 12))
    expect(others).toEqual([])
    expect(Math.hypot(found!.x + 1 - MIDDLE, found!.y + 1 - 250)).toBeLessThan(6)
    expect(Math.abs(found!.tailDeg - TAIL_DEG)).toBeLessThan(8)
  })

  it('may have a star on its tail', () => {
    const star = halo(MIDDLE + 75 * C, 250 + 75 * S, 1)
    expect(foundOn([...comet(MIDDLE, 250, 12), star])).toHaveLength(1)
  })

  it('may stand beside a star as wide', () => {
    expect(foundOn([...comet(MIDDLE, 250, 12), halo(120, 480, 12)])).toHaveLength(1)
  })

  it('may have a tail that leaves the plate', () => {
    expect(foundOn(comet(SIDE_PX - 80, 250, 12))).toHaveLength(1)
  })
})

describe('no comet', () => {
  it('is a star with its halo, or two beside each other', () => {
    expect(foundOn([halo(MIDDLE, 250, 12)])).toEqual([])
    expect(foundOn([halo(MIDDLE, 250, 12), halo(MIDDLE + 110, 250, 12)])).toEqual([])
    expect(foundOn([halo(MIDDLE, 250, 12), halo(MIDDLE + 90, 280, 5)])).toEqual([])
  })

  it('is a star with a label or a broad stroke beside it', () => {
    const label: Light = (x, y) => (x > MIDDLE && x < MIDDLE + 90 && Math.abs(y - 250) < 16 ? 20 : 0)
    expect(foundOn([halo(MIDDLE, 250, 12), label])).toEqual([])
  })

  it('is a star with light to both sides', () => {
    const back: Light = (x, y) => tail(MIDDLE, 250, 12)(2 * MIDDLE - x, 500 - y)
    expect(foundOn([...comet(MIDDLE, 250, 12), back])).toEqual([])
  })

  it('is one of many stars with the same to the same side', () => {
    const many = [150, 300, 450].flatMap((x) => [130, 320, 500].map((y) => comet(x, y, 11)))
    expect(foundOn(many.flat())).toEqual([])
    expect(foundOn(many[4]!)).toHaveLength(1)
  })

  it('is a small image', () => {
    expect(foundOn(comet(MIDDLE, 250, 4))).toEqual([])
  })
})
