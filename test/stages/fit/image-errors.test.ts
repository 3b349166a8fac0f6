// The errors of images measured from held-out residuals, on samples whose errors are known.
import { describe, expect, it } from 'vitest'
import { ARCSEC } from '../../../src/math/sphere.ts'
import { IMAGE_KIND, logVarianceAt } from '../../../src/models/centring.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { imageErrors, type ResidualSample } from '../../../src/stages/fit/image-errors.ts'
import { width } from './pairs.ts'

const RADIUS = 3 * ARCSEC
const BIT_OF_BLEND = 1 // IMAGE_KIND.blended

interface Options {
  seed: number
  count?: number
  wrongShare?: number
  /** Share of images with three times the error, without a sign of it. */
  disturbedShare?: number
  /** Of reference place and constants, per axis, arcsec. */
  knownArcsec?: number
  /** Centring error per axis, arcsec, of a magnitude and a kind. */
  error?: (magnitude: number, blended: boolean) => number
}

/** 0.1″ for bright images, 0.5″ at the limit; twice that for blended ones. */
const usual = (magnitude: number, blended: boolean) =>
  (blended ? 2 : 1) * Math.hypot(0.1, 0.5 * 10 ** (0.25 * (magnitude + 9)))

interface Drawn {
  sample: ResidualSample
  /** True centring error per axis, radians. */
  truth: Float64Array
  /** Centring error of each undisturbed image on both axes, as drawn, radians; NaN for the others and for wrong pairs. */
  own: [Float64Array, Float64Array]
}

function draw({
  seed,
  count = 2000,
  wrongShare = 0.1,
  knownArcsec = 0.05,
  error = usual,
  disturbedShare = 0,
}: Options): Drawn {
  const random = randomStream(seed, 'image errors')
  const column = () => new Float64Array(count)
  const [square, known, magnitude, truth] = [column(), column(), column(), column()]
  const own: Drawn['own'] = [column(), column()]
  const kind = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    magnitude[i] = -9 - 7 * random.next() ** 1.5
    const blended = random.next() < 0.2
    kind[i] = blended ? IMAGE_KIND.blended : 0
    truth[i] = error(magnitude[i]!, blended) * ARCSEC
    known[i] = (knownArcsec * ARCSEC) ** 2
    const wrong = random.next() < wrongShare
    const r = RADIUS * Math.sqrt(random.next())
    const angle = 2 * Math.PI * random.next()
    const disturbed = disturbedShare > 0 && random.next() < disturbedShare
    const spread = (disturbed ? 3 : 1) * truth[i]!
    const [a, b] = [spread * random.gauss(), spread * random.gauss()]
    const known1 = knownArcsec * ARCSEC
    const [x, y] = wrong
      ? [r * Math.cos(angle), r * Math.sin(angle)]
      : [a + known1 * random.gauss(), b + known1 * random.gauss()]
    own[0][i] = wrong || disturbed ? Number.NaN : a
    own[1][i] = wrong || disturbed ? Number.NaN : b
    square[i] = (x * x + y * y) / 2
  }
  return { sample: { square, known, magnitude, kind, radius: RADIUS }, truth, own }
}

describe('the errors of images', () => {
  it('follow a known curve over brightness for two kinds, a tenth of the pairs being wrong', () => {
    for (const wrongShare of [0, 0.1]) {
      const logs: number[] = []
      const pulls: number[] = []
      for (let seed = 1; seed <= 12; seed++) {
        const { sample, truth, own } = draw({ seed, wrongShare })
        const model = imageErrors(sample)!
        expect(model.kinds).toEqual([BIT_OF_BLEND])
        truth.forEach((error, i) => {
          const found = Math.exp(logVarianceAt(model, sample.magnitude[i]!, sample.kind[i]!) / 2)
          logs.push(Math.log(found / error))
          for (const axis of own) if (Number.isFinite(axis[i]!)) pulls.push(axis[i]! / found)
        })
      }
      const mean = logs.reduce((a, b) => a + b, 0) / logs.length
      console.log(
        `image errors, ${100 * wrongShare} % wrong: ${(100 * mean).toFixed(1)} % off in the mean, ` +
          `${(100 * width(logs)).toFixed(1)} % rms; pulls ${width(pulls).toFixed(3)}`,
      )
      expect(Math.abs(mean)).toBeLessThan(0.02)
      expect(width(logs)).toBeLessThan(0.08)
      expect(Math.abs(width(pulls) - 1)).toBeLessThan(0.05)
    }
  })

  it('have pulls of width one in every fifth of the magnitudes and for either kind', () => {
    const groups = new Map<string, number[]>()
    for (let seed = 21; seed <= 32; seed++) {
      const { sample, own } = draw({ seed })
      const model = imageErrors(sample)!
      const order = Array.from(sample.magnitude.keys()).sort(
        (a, b) => sample.magnitude[a]! - sample.magnitude[b]!,
      )
      order.forEach((i, rank) => {
        const found = Math.exp(logVarianceAt(model, sample.magnitude[i]!, sample.kind[i]!) / 2)
        const key = `fifth ${1 + Math.floor((5 * rank) / order.length)}, ${sample.kind[i] ? 'blended' : 'single'}`
        const pulls = groups.get(key) ?? []
        groups.set(key, pulls)
        for (const axis of own) if (Number.isFinite(axis[i]!)) pulls.push(axis[i]! / found)
      })
    }
    expect(groups.size).toBe(10)
    for (const [key, pulls] of [...groups].sort()) {
      console.log(`${key}: pulls of width ${width(pulls).toFixed(3)}`)
      expect(Math.abs(width(pulls) - 1), key).toBeLessThan(0.08)
    }
  })

  it('are those of the undisturbed, when a tenth of the images are shifted by something unseen', () => {
    const pulls: number[] = []
    for (let seed = 41; seed <= 52; seed++) {
      const { sample, own } = draw({ seed, disturbedShare: 0.1, wrongShare: 0.05 })
      const model = imageErrors(sample)!
      for (const axis of own) {
        axis.forEach((error, i) => {
          const found = Math.exp(logVarianceAt(model, sample.magnitude[i]!, sample.kind[i]!) / 2)
          if (Number.isFinite(error)) pulls.push(error / found)
        })
      }
    }
    console.log(`a tenth disturbed: pulls of the others ${width(pulls).toFixed(3)}`)
    expect(Math.abs(width(pulls) - 1)).toBeLessThan(0.05)
  })

  it('leave out what is known to come from the reference places, even where that is most of it', () => {
    const ratios: number[] = []
    for (let seed = 1; seed <= 20; seed++) {
      const { sample, truth } = draw({ seed, knownArcsec: 0.3, error: () => 0.2 })
      const model = imageErrors(sample)!
      truth.forEach((error, i) => {
        ratios.push(Math.exp(logVarianceAt(model, sample.magnitude[i]!, sample.kind[i]!)) / error ** 2)
      })
    }
    const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length
    console.log(`centring variance below larger known errors: ${mean.toFixed(3)} of the true one`)
    // A percent of the error of the whole is three of the part that is sought.
    expect(Math.abs(mean - 1)).toBeLessThan(0.15)
  })

  it('are not claimed for kinds that are rare, nor from fewer than three pairs; one knot serves a few', () => {
    const { sample } = draw({ seed: 5, count: 40, wrongShare: 0 })
    const few = { ...sample, kind: sample.kind.map((_, i) => (i < 11 ? IMAGE_KIND.saturated : 0)) }
    const model = imageErrors(few)!
    expect(model.kinds).toEqual([])
    expect(model.magnitude).toHaveLength(1)
    const none = { ...sample, square: sample.square.map((s, i) => (i < 2 ? s : Number.NaN)) }
    expect(imageErrors(none)).toBeUndefined()
    expect(imageErrors(draw({ seed: 5, count: 0 }).sample)).toBeUndefined()
  })

  it('stay finite for residuals that are all zero, all alike, or at one magnitude', () => {
    const { sample } = draw({ seed: 6, count: 300 })
    for (const spoilt of [
      { ...sample, square: sample.square.map(() => 0) },
      { ...sample, square: sample.square.map(() => ARCSEC ** 2) },
      { ...sample, magnitude: sample.magnitude.map(() => -12) },
      { ...sample, magnitude: sample.magnitude.map((m, i) => (i % 3 ? m : Number.NaN)) },
    ]) {
      const model = imageErrors(spoilt)!
      for (const m of [-30, -12, 0, Number.NaN]) {
        const error = Math.exp(logVarianceAt(model, m, 0) / 2)
        expect(error).toBeGreaterThanOrEqual(0)
        expect(error).toBeLessThan(60 * ARCSEC)
      }
    }
  })

  it('do not run away beyond the magnitudes that were seen', () => {
    const { sample } = draw({ seed: 7 })
    const model = imageErrors(sample)!
    const at = (m: number) => Math.exp(logVarianceAt(model, m, 0) / 2) / ARCSEC
    console.log(
      `images five magnitudes brighter and fainter than any: ${at(-21).toFixed(2)}″, ${at(-4).toFixed(2)}″`,
    )
    expect(at(-21)).toBe(at(-40))
    expect(at(-4)).toBe(at(30))
    expect(at(-21)).toBeGreaterThan(0.05)
    expect(at(-4)).toBeLessThan(2)
  })
})
