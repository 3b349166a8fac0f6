// Wrong is worse than nothing: what accept lets through must be right, and what is right must get through.
import { describe, expect, it } from 'vitest'
import { accept, type Verdict } from '../src/accept.ts'
import type { EpochStars } from '../src/catalog/at-epoch.ts'
import { callBack } from '../src/exposures/left-over.ts'
import { wholePlate } from '../src/exposures/parts.ts'
import type { Exposure } from '../src/exposures.ts'
import { DEG } from '../src/math/sphere.ts'
import { type PlateConstants, pixelOfPlace, skyAt } from '../src/models/plate-constants.ts'
import { type RefineInput, refine } from '../src/refine.ts'
import { randomStream } from '../src/simulate/random.ts'
import { project } from '../src/stages/match.ts'
import { CONFIG, elsewhere, FWHM_PX, type TrueField, trueField, worstApartPx } from './models/true-field.ts'
import { detectionsAt } from './models/true-plate.ts'

interface Judged {
  accepted: boolean
  verdict: Verdict | null
  constants: PlateConstants | null
}

function judge(input: RefineInput): Judged {
  const refined = refine(input, CONFIG)
  if (refined === undefined) return { accepted: false, verdict: null, constants: null }
  const { width, height } = input
  const verdict = accept(refined, { width, height, fwhmPx: FWHM_PX })
  return { accepted: verdict.accepted, verdict, constants: refined.constants }
}

/** Fields of all sizes: what an archive holds. */
const COUNTS = [30, 60, 120, 250, 400]

const mirroredSky = (stars: EpochStars, aboutRaDeg: number): EpochStars => ({
  ...stars,
  raDeg: stars.raDeg.map((ra) => 2 * aboutRaDeg - ra),
})

/** A first solution as false ones are: it lays one pair of detections exactly on one pair of stars, as a wrong quad does. */
function throughTwoStars(input: RefineInput, seed: number): PlateConstants {
  const random = randomStream(seed, 'false start')
  const { detections, ranked, stars, start } = input
  const bright = Int32Array.from(stars.gMag.keys()).sort((a, b) => stars.gMag[a]! - stars.gMag[b]!)
  const [d1, d2] = [ranked[random.whole(20)]!, ranked[20 + random.whole(20)]!]
  const [s1, s2] = [bright[random.whole(30)]!, bright[30 + random.whole(30)]!]
  const at = (row: number) => pixelOfPlace(start, stars.raDeg[row]! * DEG, stars.decDeg[row]! * DEG)!
  const [p, q] = [at(s1), at(s2)]
  // The similarity that takes d1 to p and d2 to q, as one complex factor; its size stays what the scale range allows.
  const [ax, ay] = [detections.x[d2]! - detections.x[d1]!, detections.y[d2]! - detections.y[d1]!]
  const [bx, by] = [q.x - p.x, q.y - p.y]
  const angle = Math.atan2(by, bx) - Math.atan2(ay, ax)
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  const { x0, y0, halfPx } = start.frame
  const turned = (x: number, y: number) => ({
    x: p.x + c * (x - detections.x[d1]!) - s * (y - detections.y[d1]!),
    y: p.y + s * (x - detections.x[d1]!) + c * (y - detections.y[d1]!),
  })
  const corner = turned(x0, y0)
  const linear = (k: Float64Array) => {
    const value = (x: number, y: number) => k[0]! + (k[1]! * (x - x0)) / halfPx + (k[2]! * (y - y0)) / halfPx
    const [right, up] = [turned(x0 + halfPx, y0), turned(x0, y0 + halfPx)]
    const middle = value(corner.x, corner.y)
    return Float64Array.of(middle, value(right.x, right.y) - middle, value(up.x, up.y) - middle)
  }
  return { ...start, xi: linear(start.xi), eta: linear(start.eta) }
}

describe('a true solution', () => {
  it('is accepted without its brightest stars where the catalogue has no magnitudes', () => {
    const { input } = trueField({ seed: 4, count: 250 })
    const stars = { ...input.stars, gMag: input.stars.gMag.map(() => Number.NaN) }
    const { accepted, verdict } = judge({ ...input, stars })
    expect(accepted).toBe(true)
    expect(verdict!.brightMatchedShare).toBeNull()
    expect(verdict!.text).toContain('no magnitudes')
  })

  it('is accepted, with a bright share near one and a vanishing probability of chance', () => {
    let refused = 0
    const trials = 30
    let leastShare = 1
    let worstProbability = 0
    for (let seed = 1; seed <= trials; seed++) {
      const { input } = trueField({
        seed,
        count: COUNTS[seed % 5]!,
        degree: (seed % 3) + 1,
        bendPx: 2,
        mirrored: seed % 2 === 0,
      })
      const { accepted, verdict } = judge(input)
      if (!accepted) refused++
      else {
        leastShare = Math.min(leastShare, verdict!.brightMatchedShare!)
        worstProbability = Math.max(worstProbability, verdict!.chance.probability)
      }
    }
    console.log(
      `true solutions: ${refused} of ${trials} refused; least bright share ${leastShare.toFixed(2)}, ` +
        `largest probability of chance ${worstProbability.toExponential(1)}`,
    )
    expect(refused).toBe(0)
    expect(leastShare).toBeGreaterThan(0.7)
  })
})

describe('a wrong solution', () => {
  it.each([
    [
      'of another field',
      (input: RefineInput, seed: number) => ({ ...input, stars: elsewhere(input.stars, seed) }),
    ],
    ['of the mirrored field', (input: RefineInput) => ({ ...input, stars: mirroredSky(input.stars, 150) })],
    [
      'through two stars of another field',
      (input: RefineInput, seed: number) => {
        const other = { ...input, stars: elsewhere(input.stars, seed) }
        return { ...other, start: throughTwoStars(other, seed) }
      },
    ],
    [
      'through two wrong stars of its own field',
      (input: RefineInput, seed: number) => ({ ...input, start: throughTwoStars(input, seed) }),
    ],
  ] as [string, (input: RefineInput, seed: number) => RefineInput][])(
    '%s is refused, every time',
    (name, spoil) => {
      const trials = 150
      let [accepted, unpaired] = [0, 0]
      let least = 1
      for (let seed = 1; seed <= trials; seed++) {
        // A large scan with few stars leaves room for a wide match radius.
        const side = seed % 4 === 0 ? 4000 : 1000
        const field = trueField({
          seed: 1000 + seed,
          width: side,
          height: side,
          count: COUNTS[seed % 5]!,
          artefactShare: 0.4,
          degree: (seed % 3) + 1,
        })
        const found = judge(spoil(field.input, seed))
        if (found.verdict === null) unpaired++
        else least = Math.min(least, found.verdict.chance.probability)
        if (!found.accepted) continue
        // A start that happened to slide into the truth is not wrong.
        const off = worstApartPx(found.constants!, field.truth, skyAt, field.input.width, field.input.height)
        if (name.includes('own field') && off < 1) continue
        accepted++
      }
      console.log(
        `wrong solutions ${name}: ${accepted} of ${trials} accepted, ${unpaired} with too few pairs to judge; ` +
          `least probability of chance of the others ${least.toExponential(1)}`,
      )
      expect(accepted).toBe(0)
    },
  )

  it('is refused by the chance test alone, whatever its match radius: a right plate before the stars of another field', () => {
    let [accepted, trials] = [0, 0]
    let least = 1
    for (let seed = 1; seed <= 6; seed++) {
      const { input, scaleRadPx } = trueField({ seed: 3000 + seed, count: COUNTS[seed % 5]! })
      const { width, height } = input
      const refined = refine(input, CONFIG)!
      for (let other = 0; other < 20; other++) {
        const stars = elsewhere(input.stars, 100 * seed + other)
        const { ra0, dec0 } = refined.constants
        const projected = project(stars, ra0, dec0, Int32Array.from(stars.gMag.keys()))
        const radiusRad = scaleRadPx * 2 ** (other % 7) // 1 to 64 px
        const wrong = { ...refined, projected, radiusRad }
        const verdict = accept(wrong, { width, height, fwhmPx: FWHM_PX })
        trials++
        if (verdict.accepted) accepted++
        least = Math.min(least, verdict.chance.probability)
      }
    }
    console.log(
      `chance test alone: ${accepted} of ${trials} accepted; least probability of chance ${least.toExponential(1)}`,
    )
    expect(accepted).toBe(0)
    expect(least).toBeGreaterThan(1e-6)
  })

  it('that started far off is accepted only if it found the truth', () => {
    let [accepted, wrong] = [0, 0]
    const trials = 80
    for (let seed = 1; seed <= trials; seed++) {
      const shiftPx = 3 * 2 ** (seed % 6) // 3 to 96 px
      const startError = { shiftPx, scale: 0.002, turnDeg: 0.2 }
      const field = trueField({ seed: 2000 + seed, count: COUNTS[1 + (seed % 4)]!, degree: 2, startError })
      const found = judge(field.input)
      if (!found.accepted) continue
      accepted++
      const off = worstApartPx(found.constants!, field.truth, skyAt, field.input.width, field.input.height)
      if (off > 1) wrong++
    }
    console.log(
      `starts 3 to 96 px off: ${accepted} of ${trials} accepted, ${wrong} of these off by more than 1 px`,
    )
    expect(wrong).toBe(0)
    expect(accepted).toBeGreaterThan(20)
  })

  it('is told apart from a right one by a catalogue that is only half right', () => {
    // Half of the stars at their places, half anywhere: an old catalogue, or a cluster before a field.
    const { input, truth } = trueField({ seed: 5, count: 300 })
    const wild = elsewhere(input.stars, 5)
    const stars = {
      ...input.stars,
      raDeg: input.stars.raDeg.map((ra, i) => (i % 2 ? ra : wild.raDeg[i]!)),
      decDeg: input.stars.decDeg.map((dec, i) => (i % 2 ? dec : wild.decDeg[i]!)),
    }
    const found = judge({ ...input, stars })
    if (found.accepted) {
      expect(worstApartPx(found.constants!, truth, skyAt, 1000, 1000)).toBeLessThan(0.5)
    }
  })

  it('that is right in two thirds of the plate and wrong in the rest is refused, and says by how much that is displaced', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { input } = trueField({ seed: 4000 + seed, count: 300 })
      const y = input.detections.y.map((value, i) => value + (input.detections.x[i]! > 667 ? 40 : 0))
      const { verdict } = judge({ ...input, detections: { ...input.detections, y } })
      const texts = verdict!.reasons.map(({ text }) => text).join('; ')
      expect(verdict!.accepted, verdict!.text).toBe(false)
      expect(texts).toMatch(/\d+ stars in \d+ parts? of the plate match only when moved by/)
    }
  })
})

/** Every star of the field again at (dx, dy), those that the shift brings onto the plate among them. */
function exposedAgain({ input, truth }: TrueField, dx: number, dy: number): RefineInput {
  const { detections: d, stars, width, height } = input
  const again = Array.from(stars.gMag.keys()).flatMap((row) => {
    const place = pixelOfPlace(truth, stars.raDeg[row]! * DEG, stars.decDeg[row]! * DEG)!
    const [x, y] = [place.x + dx, place.y + dy]
    const isSeen = stars.gMag[row]! < 16 && x > 2 && y > 2 && x < width - 1 && y < height - 1
    return isSeen ? [{ x, y, mag: stars.gMag[row]! - 25 }] : []
  })
  const x = [...d.x, ...again.map((image) => image.x)]
  const y = [...d.y, ...again.map((image) => image.y)]
  const detections = detectionsAt(x, y, { magInst: [...d.magInst, ...again.map(({ mag }) => mag)] })
  const { magInst } = detections
  const ranked = Int32Array.from(x.keys()).sort((a, b) => magInst[a]! - magInst[b]!)
  return { ...input, detections, ranked, reject: new Int32Array(x.length) }
}

describe('a solution of one of two exposures', () => {
  it.each([
    [155, 100],
    [-425, -200], // farther than a solution is asked for a second pattern otherwise
  ])('%d, %d px apart is not taken for torn, but called back', (dx, dy) => {
    for (let seed = 1; seed <= 3; seed++) {
      const input = exposedAgain(trueField({ seed: 700 + seed, count: 300 }), dx, dy)
      const refined = refine(input, CONFIG)!
      const { width, height, reject, ranked } = input
      const verdict = accept(refined, { width, height, fwhmPx: FWHM_PX, reject })
      expect(verdict.text).toMatch(/^accepted/)
      const part = wholePlate({ reject, ranked } as Parameters<typeof wholePlate>[0])
      const plate = { plate: { width, height }, filtered: part.filtered, fwhmPx: FWHM_PX }
      const reasons = callBack(
        [{ refined, verdict, part } as Exposure],
        [],
        plate as Parameters<typeof callBack>[2],
      )
      const pattern = reasons.find(({ code }) => code === 'SECOND_PATTERN')
      const [x, y] = (pattern?.evidence.offset_px ?? [0, 0]) as [number, number]
      expect(Math.hypot(x - dx, y - dy)).toBeLessThan(1)
    }
  })
})

describe('the verdict', () => {
  it('names its numbers in one sentence, and its code', () => {
    const { input } = trueField({ seed: 3, count: 250 })
    const right = judge(input).verdict!
    expect(right.text).toMatch(
      /^accepted: \d+ held-out pairs within \d+\.\d\d″ where a shifted catalogue gives \d+\.\d; \d+ % of/,
    )
    expect(right.reasons).toEqual([])
    const wrong = judge({ ...input, stars: elsewhere(input.stars, 3) }).verdict
    if (wrong !== null) {
      expect(wrong.text).toMatch(/^refused: /)
      expect(['CHANCE_MATCH', 'SOLUTION_REJECTED']).toContain(wrong.reasons[0]!.code)
    }
  })
})
