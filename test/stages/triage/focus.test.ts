// Plates out of focus, and nearly empty ones.
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/simulate/random.ts'
import { tooFewStars } from '../../../src/stages/triage/few-stars.ts'
import { outOfFocus } from '../../../src/stages/triage/focus.ts'
import { detected, inputOf, type Light, paint, places, star } from './painted.ts'

const at = places(49)
const light = (k: number) => 0.5 * 10 ** (-0.015 * k)

const ringOrDisc =
  (x0: number, y0: number, top: number, outer: number, inner: number): Light =>
  (x, y) => {
    const r = Math.hypot(x - x0, y - y0)
    return top / (1 + Math.exp(Math.min(50, r - outer))) / (1 + Math.exp(Math.min(50, inner - r)))
  }

function reasonFor(draw: (x: number, y: number, k: number) => Light, radius: (k: number) => number) {
  const sky = paint(at.map(([x, y], k) => draw(x, y, k)))
  const d = detected(at, (k) => ({ isoAreaPx: Math.PI * (radius(k) + 3) ** 2 }))
  return outOfFocus(inputOf({ ...d, xIso: d.x, yIso: d.y }, sky))
}

describe('a plate out of focus', () => {
  it('shows discs or rings of one size', () => {
    const disc = reasonFor(
      (x, y, k) => ringOrDisc(x, y, light(k), 12, -50),
      () => 12,
    )
    expect(disc?.code).toBe('OUT_OF_FOCUS')
    expect(disc!.evidence.diameter_px).toBeGreaterThan(21)
    expect(disc!.evidence.diameter_px).toBeLessThan(27)
    const ring = reasonFor(
      (x, y, k) => ringOrDisc(x, y, light(k), 12, 6),
      () => 12,
    )
    expect(ring?.text).toMatch(/are rings of one size/)
  })

  it('is told from saturated stars, and from specks of all sizes', () => {
    const stars = reasonFor(
      (x, y, k) => star(x, y, 300 * light(k)),
      () => 9,
    )
    expect(stars).toBeUndefined()
    const random = randomStream(3, 'specks')
    const sizes = at.map(() => 3 * random.next() ** -0.6)
    const specks = reasonFor(
      (x, y, k) => ringOrDisc(x, y, 0.8, Math.min(18, sizes[k]!), -50),
      (k) => Math.min(18, sizes[k]!),
    )
    expect(specks).toBeUndefined()
  })
})

describe('a nearly empty plate', () => {
  const sky = paint([])
  const codeOf = (count: number, measure = (_: number): object => ({})) =>
    tooFewStars(inputOf(detected(places(count), measure), sky))?.code

  it('has fewer than twelve images that are surely stars', () => {
    expect(codeOf(11)).toBe('TOO_FEW_STARS')
    expect(codeOf(20)).toBeUndefined()
    expect(codeOf(200, () => ({ snrWin: 6 }))).toBe('TOO_FEW_STARS')
    expect(codeOf(50, () => ({ ellipticity: 0.6 }))).toBe('TOO_FEW_STARS')
  })

  it('may have a few dozen specks, which have no size in common', () => {
    expect(codeOf(40, (k) => ({ fwhm: 2 * 1.1 ** k }))).toBe('TOO_FEW_STARS')
    expect(codeOf(40, (k) => ({ fwhm: k % 2 ? 4 : 2 * 1.1 ** k }))).toBeUndefined()
  })

  it('may have any number of specks, which have sharp edges', () => {
    const stars = (count: number) => (k: number) => ({ arealProfile: k < count ? 0.5 : 0.85 })
    expect(codeOf(300, stars(5))).toBe('TOO_FEW_STARS')
    expect(codeOf(300, stars(20))).toBeUndefined()
    const small = (k: number) => ({ ...stars(0)(k), isoAreaPx: 10 })
    expect(codeOf(300, small)).toBeUndefined()
  })
})
