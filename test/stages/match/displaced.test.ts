import { describe, expect, it } from 'vitest'
import { refine } from '../../../src/refine.ts'
import { displacedParts } from '../../../src/stages/match/displaced.ts'
import { CONFIG, FWHM_PX, type TrueField, trueField } from '../../models/true-field.ts'

const SIDE = 1000

/** Images in x < share × width stay, the others are moved: a plate that is right in one part only. */
function torn(field: TrueField, share: number, dx: number, dy: number): TrueField {
  const { detections } = field.input
  const isMoved = (i: number) => detections.x[i]! > share * SIDE
  const x = detections.x.map((value, i) => (isMoved(i) ? value + dx : value))
  const y = detections.y.map((value, i) => (isMoved(i) ? value + dy : value))
  return { ...field, input: { ...field.input, detections: { ...detections, x, y } } }
}

function partsOf({ input }: TrueField) {
  const refined = refine(input, CONFIG)!
  const parts = displacedParts({
    ...refined,
    width: SIDE,
    height: SIDE,
    radiusPx: 0.5,
    reachPx: 1.5 * FWHM_PX,
  })
  return { parts, pairs: refined.pairs.detection.length }
}

describe('a plate of which a part is displaced', () => {
  it.each([
    [0.7, 25, -10],
    [0.6, -60, 80],
    [0.75, 0, 200],
  ])('is recognised, with the move: right in %f of it, the rest moved by %d, %d px', (share, dx, dy) => {
    for (let seed = 1; seed <= 5; seed++) {
      const { parts, pairs } = partsOf(torn(trueField({ seed, count: 300 }), share, dx, dy))
      const stars = parts.reduce((sum, part) => sum + part.stars, 0)
      expect(stars / (stars + pairs)).toBeGreaterThan(0.1)
      for (const part of parts) {
        expect(Math.abs(part.dx - dx)).toBeLessThan(8)
        expect(Math.abs(part.dy - dy)).toBeLessThan(8)
      }
    }
  })

  it('is not seen on plates that are right, with artefacts or without, few stars or many', () => {
    let [wrong, plates] = [0, 0]
    for (let seed = 1; seed <= 40; seed++) {
      const count = [60, 150, 400][seed % 3]!
      const { parts } = partsOf(trueField({ seed: 100 + seed, count, artefactShare: seed % 2 ? 1 : 0.1 }))
      plates++
      if (parts.length > 0) wrong++
    }
    console.log(`displaced parts seen on ${wrong} of ${plates} right plates`)
    expect(wrong).toBe(0)
  })
})
