import { describe, expect, it } from 'vitest'
import { partsOf, shifted, unshifted } from '../../src/exposures/parts.ts'
import { shiftedStart } from '../../src/exposures/starts.ts'
import { DEG, separationDeg } from '../../src/math/sphere.ts'
import { PLATE_MODELS } from '../../src/models/models.ts'
import { frameOf, fromLinearWcs, skyAt } from '../../src/models/plate-constants.ts'
import { REJECT } from '../../src/reject.ts'
import { randomStream } from '../../src/simulate/random.ts'
import type { FilterResult } from '../../src/stages/filter.ts'
import type { ExposurePattern } from '../../src/stages/triage/exposure-pattern.ts'

const STARS = 60
const TURN = 0.02 // rad: a telescope moved near the pole

/** A plate of which the second exposure is shifted and turned; one group in ten has a wrong partner. */
function plate() {
  const random = randomStream(5, 'parts')
  const x = new Float64Array(2 * STARS + 1)
  const y = new Float64Array(2 * STARS + 1)
  const groups = Array.from({ length: STARS }, (_, k) => {
    ;[x[k], y[k]] = [random.between(1, 1000), random.between(1, 1000)]
    const [u, v] = [x[k]! - 500, y[k]! - 500]
    const wild = k % 10 === 0 ? 6 : 0
    x[STARS + k] = 540 + u - TURN * v + 0.1 * random.gauss() + wild
    y[STARS + k] = 480 + v + TURN * u + 0.1 * random.gauss()
    return Int32Array.of(k, STARS + k)
  })
  const pattern: ExposurePattern = {
    exposures: [
      { dx: 0, dy: 0, magStep: 0, stars: STARS, scatterPx: null },
      { dx: 40, dy: -20, magStep: 0.5, stars: STARS, scatterPx: 0.2 },
    ],
    member: Int8Array.from(x, (_, row) => (row < STARS ? 0 : row < 2 * STARS ? 1 : -1)),
    groups,
  }
  const filtered = {
    reject: new Int32Array(x.length),
    ranked: Int32Array.from(x.keys()),
  } as FilterResult
  return { x, y, pattern, filtered }
}

describe('the parts of a plate', () => {
  it('have their own images, and those of no exposure', () => {
    const { x, y, pattern, filtered } = plate()
    const [first, second] = partsOf(pattern, { x, y }, filtered)
    expect(second!.members).toHaveLength(STARS)
    expect(first!.filtered.ranked).toHaveLength(STARS + 1)
    expect([...first!.filtered.ranked]).toContain(2 * STARS)
    expect(second!.filtered.reject.filter((bits) => bits & REJECT.OTHER_EXPOSURE)).toHaveLength(STARS)
    expect(filtered.reject.every((bits) => bits === 0)).toBe(true)
  })

  it('are shifted as the whole plate shows it, wild pairs left aside', () => {
    const { x, y, pattern, filtered } = plate()
    const { shift } = partsOf(pattern, { x, y }, filtered)[1]!
    const corner = shifted(shift!, 1000, 1000)
    expect(corner.x).toBeCloseTo(540 + 500 - TURN * 500, 0)
    expect(corner.y).toBeCloseTo(480 + 500 + TURN * 500, 0)
    const back = unshifted(shift!, corner.x, corner.y)
    expect(back.x).toBeCloseTo(1000, 6)
    expect(back.y).toBeCloseTo(1000, 6)
  })

  it('start from the solution of another: the same star at its own place', () => {
    const { x, y, pattern, filtered } = plate()
    const [first, second] = partsOf(pattern, { x, y }, filtered)
    const wcs = {
      crval: [120, 60] as const,
      crpix: [500.5, 500.5] as const,
      cd: [-0.0004, 1e-5, 1e-5, 0.0004],
    }
    const known = fromLinearWcs(wcs, frameOf(1000, 1000), PLATE_MODELS[0]!)
    for (const [from, to, constants] of [
      [first!, second!, known],
      [second!, first!, shiftedStart(known, first!.shift!, second!.shift!).constants],
    ] as const) {
      const moved = shiftedStart(constants, from.shift!, to.shift!).constants
      const plain = unshifted(from.shift!, 700, 300)
      const there = shifted(to.shift!, plain.x, plain.y)
      const [a, b] = [skyAt(constants, 700, 300), skyAt(moved, there.x, there.y)]
      const apart = separationDeg(a.raRad / DEG, a.decRad / DEG, b.raRad / DEG, b.decRad / DEG)
      expect(apart / 0.0004).toBeLessThan(0.01) // px
    }
  })
})
