import { describe, expect, it } from 'vitest'
import type { EpochStars } from '../src/catalog/at-epoch.ts'
import { skyAt } from '../src/models/plate-constants.ts'
import { refine } from '../src/refine.ts'
import { REJECT } from '../src/reject.ts'
import { CONFIG, type FieldOptions, type TrueField, trueField, worstApartPx } from './models/true-field.ts'

/** How far the refined constants are from the truth over the scan, px, and how many pairs are right. */
function judge({ input, truth, star }: TrueField) {
  const refined = refine(input, CONFIG)!
  const { width, height } = input
  const offPx = worstApartPx(refined.constants, truth, skyAt, width, height)
  const { detection, reference } = refined.pairs
  const right = detection.filter((d, k) => star[d] === reference[k]).length
  return { refined, offPx, pairs: detection.length, right }
}

describe('the refinement of a rough solution', () => {
  it.each([
    ['affine', { degree: 1 }],
    ['cubic', { degree: 3, bendPx: 3 }],
    [
      'mirrored, turned by 100°, oblong',
      { degree: 2, bendPx: 3, mirrored: true, rotationDeg: 100, width: 1400, height: 700 },
    ],
    ['at the pole', { degree: 2, bendPx: 2, decDeg: 89.99, raDeg: 0 }],
    ['across 0h with half its detections artefacts', { degree: 1, raDeg: 0.001, artefactShare: 1 }],
    ['of 60 stars', { degree: 1, count: 60 }],
    ['of a wide field, 12°', { degree: 3, bendPx: 2, scaleArcsecPx: 43 }],
    [
      'a rough start: 5 px, 0.3 %, 0.2°',
      { degree: 2, startError: { shiftPx: 5, scale: 3e-3, turnDeg: 0.2 } },
    ],
  ] as [string, Partial<FieldOptions>][])(
    '%s: finds the true constants and the true pairs',
    (name, options) => {
      let worst = 0
      let [pairs, right] = [0, 0]
      for (let seed = 1; seed <= 4; seed++) {
        const found = judge(trueField({ seed, ...options }))
        worst = Math.max(worst, found.offPx)
        pairs += found.pairs
        right += found.right
      }
      console.log(
        `refine, ${name}: off by ${worst.toFixed(3)} px at most over the scan, ${right} of ${pairs} pairs right`,
      )
      expect(worst).toBeLessThan(0.25) // the corner of the scan; a star's own error is 0.05 to 0.25 px
      expect(right / pairs).toBeGreaterThan(0.985)
    },
  )

  it('pairs the stars that have an image, but for the faintest, whose centring is poor', () => {
    let [pairs, stars, faint] = [0, 0, 0]
    for (let seed = 20; seed < 24; seed++) {
      const field = trueField({ seed, degree: 2 })
      const { refined } = judge(field)
      pairs += refined.pairs.detection.length
      stars += field.star.filter((row) => row >= 0).length
      const missed = field.star.filter((row, i) => row >= 0 && !refined.pairs.detection.includes(i))
      faint += missed.filter((row) => field.input.stars.gMag[row]! > 15).length
      expect(missed.length - missed.filter((row) => field.input.stars.gMag[row]! > 15).length).toBeLessThan(6)
    }
    console.log(
      `refine: ${pairs} pairs of ${stars} stars with an image; ${faint} of those missed are fainter than 15 mag of 16`,
    )
    expect(pairs / stars).toBeGreaterThan(0.8)
    expect(pairs / stars).toBeLessThan(1.03)
  })

  it('returns the same for the same, whatever was refined before', () => {
    const field = trueField({ seed: 10 })
    const first = refine(field.input, CONFIG)!
    refine(trueField({ seed: 11 }).input, CONFIG)
    expect(refine(field.input, CONFIG)!.constants).toEqual(first.constants)
  })

  it('pairs nothing that lies at the edge, in a mask or has no measure', () => {
    const field = trueField({ seed: 12 })
    const reject = field.input.reject.map(
      (_, i) => [0, REJECT.EDGE, REJECT.MASKED, REJECT.NO_MEASURE][i % 4]!,
    )
    const ranked = field.input.ranked.filter((row) => reject[row] === 0)
    const { pairs } = refine({ ...field.input, reject, ranked }, CONFIG)!
    expect(pairs.detection.filter((row) => row % 4 !== 0)).toHaveLength(0)
  })

  it('judges what other rules reject, but does not fit to it', () => {
    const field = trueField({ seed: 13 })
    const reject = field.input.reject.map((_, i) => (i % 3 === 0 ? REJECT.ELONGATED : 0))
    const ranked = field.input.ranked.filter((row) => reject[row] === 0)
    const { pairs, fit } = refine({ ...field.input, reject, ranked }, CONFIG)!
    const judged = Array.from(pairs.detection.keys()).filter((k) => pairs.detection[k]! % 3 === 0)
    expect(judged.length).toBeGreaterThan(20)
    expect(judged.filter((k) => fit.fit.weight[k] !== 0)).toEqual([])
  })

  it('gives up, and says so, where there is nothing to pair', () => {
    const field = trueField({ seed: 14 })
    const nothing = Int32Array.of()
    expect(refine({ ...field.input, ranked: nothing }, CONFIG)).toBeUndefined()
    expect(refine({ ...field.input, stars: { ...field.input.stars, length: 0 } }, CONFIG)).toBeUndefined()
    const far = { ...field.input.stars, decDeg: field.input.stars.decDeg.map((d) => d - 60) }
    expect(refine({ ...field.input, stars: far }, CONFIG)).toBeUndefined()
    const few = trueField({ seed: 15, count: 8, artefactShare: 0 })
    expect(refine(few.input, CONFIG)).toBeUndefined()
  })

  it.each([
    ['no colours', (stars) => ({ ...stars, bpRp: stars.bpRp.map(() => Number.NaN) })],
    ['one colour for all stars', (stars) => ({ ...stars, bpRp: stars.bpRp.map(() => 0.8) })],
    [
      'colours of one star in fifty',
      (stars) => ({ ...stars, bpRp: stars.bpRp.map((c, i) => (i % 50 ? Number.NaN : c)) }),
    ],
    ['no magnitudes', (stars) => ({ ...stars, gMag: stars.gMag.map(() => Number.NaN) })],
    ['one magnitude for all stars', (stars) => ({ ...stars, gMag: stars.gMag.map(() => 14) })],
    [
      'neither',
      (stars) => ({
        ...stars,
        gMag: stars.gMag.map(() => Number.NaN),
        bpRp: stars.bpRp.map(() => Number.NaN),
      }),
    ],
  ] as [string, (stars: EpochStars) => EpochStars][])(
    'goes on with a catalogue that has %s: the places are as good',
    (name, spoil) => {
      let [worst, withAll, least] = [0, 0, Number.POSITIVE_INFINITY]
      for (let seed = 30; seed < 33; seed++) {
        const field = trueField({ seed, degree: 2 })
        const { input } = field
        const found = judge({ ...field, input: { ...input, stars: spoil(input.stars) } })
        worst = Math.max(worst, found.offPx)
        withAll = Math.max(withAll, judge(field).offPx)
        least = Math.min(least, found.right / found.pairs)
      }
      console.log(
        `refine with ${name}: off by ${worst.toFixed(3)} px at most, with all ${withAll.toFixed(3)} px; ` +
          `${(100 * least).toFixed(1)} % of the pairs right`,
      )
      expect(worst).toBeLessThan(0.25)
      expect(least).toBeGreaterThan(0.97)
    },
  )
})
