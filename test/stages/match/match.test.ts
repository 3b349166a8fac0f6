import { describe, expect, it } from 'vitest'
import { ARCSEC } from '../../../src/math/sphere.ts'
import { magnitudeRelation } from '../../../src/models/magnitudes.ts'
import type { PlateConstants } from '../../../src/models/plate-constants.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { match, type Pairs, project } from '../../../src/stages/match.ts'
import {
  centringPx,
  detectionsAt,
  drawStars,
  starsAt,
  type TrueStar,
  truePlate,
} from '../../models/true-plate.ts'

const PX = 2 * ARCSEC
const plate = truePlate({ degree: 2, bendPx: 2 })

/** Matches detections at places with the stars of other places; detection i belongs to star i. */
function matched(
  found: readonly TrueStar[],
  stars: readonly TrueStar[],
  radiusPx: number,
  options: { magnitudes?: boolean; constants?: PlateConstants } = {},
): Pairs {
  const { constants = plate } = options
  const detections = detectionsAt(
    found.map(({ x }) => x),
    found.map(({ y }) => y),
    { magInst: found.map(({ gMag }) => gMag - 25) },
  )
  const reference = starsAt(plate, stars)
  const rows = Int32Array.from(stars.keys())
  const range = Array.from({ length: 40 }, (_, i) => 8 + i / 4)
  return match({
    detections,
    candidates: Int32Array.from(found.keys()),
    projected: project(reference, plate.ra0, plate.dec0, rows),
    constants,
    radiusRad: radiusPx * PX,
    magnitudes: options.magnitudes
      ? magnitudeRelation(
          range.map((g) => g - 25),
          range,
        )
      : null,
  })
}

const right = ({ detection, reference }: Pairs) => detection.filter((d, k) => d === reference[k]!).length

describe('the match', () => {
  it('pairs every star of a crowded field once at most, and every detection once at most', () => {
    const random = randomStream(1, 'match')
    const stars = drawStars(random, 3000, { width: 1000, height: 1000 }) // 18 px apart in the mean
    const found = stars.map((s) => ({ ...s, x: s.x + 0.3 * random.gauss(), y: s.y + 0.3 * random.gauss() }))
    for (const radiusPx of [1, 5, 40]) {
      const pairs = matched(found, stars, radiusPx, { magnitudes: true })
      expect(new Set(pairs.detection).size).toBe(pairs.detection.length)
      expect(new Set(pairs.reference).size).toBe(pairs.reference.length)
      expect(Array.from(pairs.detection)).toEqual([...pairs.detection].sort((a, b) => a - b))
    }
  })

  it('in place and magnitude keeps to the right star in a field crowded to 6 px, by place alone less so', () => {
    const random = randomStream(2, 'match')
    const stars = drawStars(random, 8000, { width: 1000, height: 1000, faint: 18 })
    const found = stars
      .map((s, i) => ({
        ...s,
        i,
        x: s.x + 1.5 * random.gauss(),
        y: s.y + 1.5 * random.gauss(),
        gMag: s.gMag + 0.1 * random.gauss(),
      }))
      .map((s) => ({ x: s.x, y: s.y, gMag: s.gMag }))
    const withMagnitudes = matched(found, stars, 6, { magnitudes: true })
    const byPlace = matched(found, stars, 6)
    const share = (pairs: Pairs) => right(pairs) / pairs.detection.length
    console.log(
      `crowded to ${Math.sqrt(1e6 / 8000).toFixed(0)} px, errors of 1.5 px: ${(100 * share(withMagnitudes)).toFixed(1)} % right with ` +
        `magnitudes, ${(100 * share(byPlace)).toFixed(1)} % by place alone`,
    )
    expect(share(withMagnitudes)).toBeGreaterThan(0.95)
    expect(share(withMagnitudes)).toBeGreaterThan(share(byPlace) + 0.03)
  })

  it('is not fooled where a faint star lies nearer than the right one', () => {
    const bright = { x: 500, y: 500, gMag: 10 }
    const faint = { x: 502, y: 500, gMag: 15 }
    const found = [{ x: 501.8, y: 500, gMag: 10.05 }] // the image of the bright one, off by 1.8 px
    expect(Array.from(matched(found, [bright, faint], 3, { magnitudes: true }).reference)).toEqual([0])
    expect(Array.from(matched(found, [bright, faint], 3).reference)).toEqual([1])
    // Two images swapped end for end: each finds its own again.
    const swapped = [
      { x: 501.4, y: 500, gMag: 10 },
      { x: 500.6, y: 500, gMag: 15 },
    ]
    expect(Array.from(matched(swapped, [bright, faint], 3, { magnitudes: true }).reference)).toEqual([0, 1])
    expect(Array.from(matched(swapped, [bright, faint], 3).reference)).toEqual([1, 0])
  })

  it('finds no pair outside the radius, and one at its very edge', () => {
    const star = { x: 500.5, y: 500.5, gMag: 12 }
    const flat = truePlate()
    const at = (dx: number) => {
      const found = [{ ...star, x: star.x + dx }]
      const detections = detectionsAt([found[0]!.x], [found[0]!.y])
      const projected = project(starsAt(flat, [star]), flat.ra0, flat.dec0, Int32Array.of(0))
      const candidates = Int32Array.of(0)
      return match({ detections, candidates, projected, constants: flat, radiusRad: PX, magnitudes: null })
        .detection.length
    }
    expect([0.999999, 1.000001, -0.999999].map(at)).toEqual([1, 0, 1])
  })

  it('moves the stars, not the images, when they are shifted for the chance test', () => {
    const star = { x: 500, y: 500, gMag: 12 }
    const projected = project(starsAt(plate, [star]), plate.ra0, plate.dec0, Int32Array.of(0))
    const detections = detectionsAt([490], [500]) // 10 px to the east
    const shift = { xi: 10 * PX, eta: 0 }
    const common = {
      detections,
      candidates: Int32Array.of(0),
      projected,
      constants: plate,
      radiusRad: PX,
      magnitudes: null,
    }
    expect(match(common).detection).toHaveLength(0)
    expect(match({ ...common, shift }).detection).toHaveLength(1)
  })

  it('takes stars or images without a magnitude by their place', () => {
    const nameless = [{ x: 500, y: 500, gMag: Number.NaN }]
    expect(
      matched([{ x: 500.1, y: 500, gMag: 12 }], nameless, 2, { magnitudes: true }).detection,
    ).toHaveLength(1)
    expect(matched(nameless, [{ x: 500, y: 500, gMag: 12 }], 2, { magnitudes: true }).detection).toHaveLength(
      1,
    )
  })

  it('of two stars at one place uses one, and the same one each time', () => {
    const twin = { x: 300, y: 300, gMag: 12 }
    const pairs = matched([{ ...twin, x: 300.2 }], [twin, twin], 2, { magnitudes: true })
    expect([Array.from(pairs.detection), Array.from(pairs.reference)]).toEqual([[0], [0]])
  })

  it('of nothing is nothing', () => {
    expect(matched([], [], 2).detection).toHaveLength(0)
    expect(matched([{ x: 1, y: 1, gMag: 10 }], [], 2).detection).toHaveLength(0)
    expect(matched([], [{ x: 1, y: 1, gMag: 10 }], 2).detection).toHaveLength(0)
  })

  it('leaves out stars on the other half of the sky', () => {
    const stars = starsAt(plate, [{ x: 500, y: 500, gMag: 10 }])
    const behind = { ...stars, raDeg: Float64Array.of(330), decDeg: Float64Array.of(-20) }
    const projected = project(behind, plate.ra0, plate.dec0, Int32Array.of(0))
    expect(projected.rows).toHaveLength(0)
    expect(projected.xi[0]).toBeNaN()
  })

  it('does not depend on the order of the stars', () => {
    const random = randomStream(3, 'match')
    const stars = drawStars(random, 400, { width: 1000, height: 1000 })
    const found = stars.map((s) => ({ ...s, x: s.x + random.gauss(), y: s.y + random.gauss() }))
    const pairs = matched(found, stars, 5, { magnitudes: true })
    const reversed = matched(found, [...stars].reverse(), 5, { magnitudes: true })
    expect(Array.from(reversed.reference, (row) => 399 - row)).toEqual(Array.from(pairs.reference))
    expect(centringPx(16)).toBeLessThan(1)
  })
})
