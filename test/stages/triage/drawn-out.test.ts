// Trails, spectra and exposures that touch, told from one another and from stars.
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../src/simulate/random.ts'
import { drawnOut } from '../../../src/stages/triage/drawn-out.ts'
import { commonElongation } from '../../../src/stages/triage/elongation.ts'
import { detected, FWHM_PX, inputOf, line, paint, places, SIDE_PX, star } from './painted.ts'

const COUNT = 49
const light = (k: number) => 0.6 * 10 ** (-0.015 * k)
/** As SExtractor would measure an even line along x of that length. */
const elongated = (lengthPx: number) => {
  const across = FWHM_PX / 2.3548
  const along = Math.hypot(across, lengthPx / Math.sqrt(12))
  return { semiMajor: along, semiMinor: across, ellipticity: 1 - across / along, thetaDeg: 0 }
}

function reasonFor(draw: (x: number, y: number, k: number) => ReturnType<typeof star>[], lengthPx: number) {
  const at = places(COUNT)
  const sky = paint(at.flatMap(([x, y], k) => draw(x, y, k)))
  return drawnOut(
    inputOf(
      detected(at, () => elongated(lengthPx)),
      sky,
    ),
  )
}

describe('images drawn out along one direction', () => {
  it('are trails where they end sharply', () => {
    const found = reasonFor((x, y, k) => [line(x, y, 40, light(k), () => 1)], 40)
    expect(found?.code).toBe('TRAILED')
    expect(found!.evidence.length_px).toBeGreaterThan(32)
    expect(found!.evidence.length_px).toBeLessThan(44)
    expect(Math.abs(found!.evidence.angle_deg as number)).toBeLessThan(1)
  })

  it('are spectra where they fade', () => {
    const found = reasonFor((x, y, k) => [line(x, y, 60, light(k), (t) => Math.exp(-((t / 0.3) ** 2)))], 35)
    expect([found?.code, (found?.evidence.fading_widths as number) > 0.5]).toEqual(['SPECTRA', true])
  })

  it('are exposures that touch where they are two images near each other', () => {
    for (const apart of [0.9, 1.4]) {
      const shift = (apart * FWHM_PX) / 2
      const found = reasonFor(
        (x, y, k) => [star(x - shift, y, light(k)), star(x + shift, y, 0.7 * light(k))],
        1.73 * 2 * shift,
      )
      expect([apart, found?.code]).toEqual([apart, 'TOUCHING_EXPOSURES'])
    }
  })
})

describe('elongation in common', () => {
  const plate = { width: SIDE_PX, height: SIDE_PX }
  const rows = Int32Array.from({ length: 100 }, (_, i) => i)
  const at = places(100)

  it('is found among images of any direction of their own', () => {
    const random = randomStream(1, 'axes')
    const d = detected(at, () => ({ ellipticity: 0.3, thetaDeg: 25 + 10 * random.gauss() }))
    const found = commonElongation({ detections: d, ...plate }, rows)!
    expect(found.angleDeg).toBeGreaterThan(21)
    expect(found.angleDeg).toBeLessThan(29)
    expect(found.sigmas).toBeGreaterThan(10)
  })

  it('is not there for coma, chance, or one long scratch', () => {
    const random = randomStream(2, 'axes')
    const coma = detected(at, (k) => ({
      ellipticity: 0.4,
      thetaDeg: (Math.atan2(at[k]![1] - SIDE_PX / 2, at[k]![0] - SIDE_PX / 2) * 180) / Math.PI,
    }))
    const chance = detected(at, () => ({ ellipticity: 0.4, thetaDeg: random.between(-90, 90) }))
    const scratch = detected(
      at.map(([x, y], k): [number, number] => (k < 60 ? [20 + 10 * k, 300 + 0.1 * k] : [x, y])),
      (k) =>
        k < 60 ? { ellipticity: 0.9, thetaDeg: 0 } : { ellipticity: 0.05, thetaDeg: random.between(-90, 90) },
    )
    const found = [coma, chance, scratch].map(
      (d) => commonElongation({ detections: d, ...plate }, rows)!.ellipticity,
    )
    expect(Math.max(...found)).toBeLessThan(0.15)
  })

  it('is not asked of a few images', () => {
    expect(commonElongation({ detections: detected(at), ...plate }, rows.slice(0, 5))).toBeUndefined()
  })
})
