// One brightness from several measures: better than SNR_WIN where they know more, and left alone where they do not.
import { describe, expect, it } from 'vitest'
import { madSigma } from '../../src/math/robust.ts'
import { type Brightnesses, brightnessOf } from '../../src/models/brightness.ts'
import { magnitudeRelation, magnitudesOf } from '../../src/models/magnitudes.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { width } from '../stages/fit/pairs.ts'

interface Options {
  seed: number
  count?: number
  /** By how much magWin errs per magnitude of the background above the usual. */
  fog?: number
  /** Share of the pairs with another star. */
  wildShare?: number
}

/** Images whose background varies by 0.2 mag over the plate, and other measures that scatter without meaning. */
function draw({ seed, count = 500, fog = 0, wildShare = 0 }: Options) {
  const random = randomStream(seed, 'brightness')
  const column = (value: (i: number) => number) => Float64Array.from({ length: count }, (_, i) => value(i))
  const truth = column(() => 10 + 6 * Math.sqrt(random.next()))
  const above = column(() => 0.2 * random.gauss())
  const images: Brightnesses = {
    magWin: column((i) => truth[i]! - 25 + fog * above[i]! + 0.05 * random.gauss()),
    background: column((i) => 1000 * 10 ** (0.4 * above[i]!)),
    isoAreaPx: column((i) => 25 * 10 ** (0.2 * (16 - truth[i]!) + 0.02 * random.gauss())),
    peak: column((i) => 10 ** (0.4 * (25 - truth[i]!) + 0.02 * random.gauss()) / 10),
    fluxRadius: column(() => 1.7 * 10 ** (0.02 * random.gauss())),
  }
  const rows = Int32Array.from({ length: count }, (_, i) => i)
  const catalogue = truth.map((m) => (random.next() < wildShare ? random.between(10, 16) : m))
  return { images, rows, catalogue, truth }
}

describe('the brightness of images', () => {
  it('is freed of what the background did to it, for images without a star as well', () => {
    for (const wildShare of [0, 0.1]) {
      const { images, rows, catalogue, truth } = draw({ seed: 1, fog: 1.5, wildShare })
      const paired = rows.filter((i) => i % 4 !== 0)
      const found = brightnessOf(
        images,
        paired,
        Array.from(paired, (i) => catalogue[i]!),
      )!
      const others = Array.from(rows.filter((i) => i % 4 === 0))
      const before = madSigma(others.map((i) => images.magWin[i]! + 25 - truth[i]!))
      const after = madSigma(others.map((i) => found[i]! - truth[i]!))
      console.log(
        `magnitudes of images without a star scatter by ${before.toFixed(3)} mag before, ${after.toFixed(3)} after`,
      )
      expect(before).toBeGreaterThan(0.25)
      expect(after).toBeLessThan(0.08)
    }
  })

  it('is on the scale of the reference stars, and the same however many images are asked for', () => {
    const { images, rows, catalogue, truth } = draw({ seed: 2, fog: 1.5 })
    const found = brightnessOf(images, rows, catalogue)!
    expect(found).toHaveLength(500)
    expect(Math.abs(found.reduce((sum, m, i) => sum + m - truth[i]!, 0) / 500)).toBeLessThan(0.02)
  })

  it('is not made worse by measures that know nothing', () => {
    let [kept, worst] = [0, 0]
    for (let seed = 1; seed <= 40; seed++) {
      const { images, rows, catalogue, truth } = draw({ seed })
      const random = randomStream(seed, 'spoilt')
      const spoilt = {
        ...images,
        isoAreaPx: images.isoAreaPx.map(() => 25 * 10 ** (0.2 * random.gauss())),
        peak: images.peak.map(() => 1000 * 10 ** (0.4 * random.gauss())),
      }
      const found = brightnessOf(spoilt, rows, catalogue)
      if (found === null) kept++
      else {
        const scatter = (of: Float64Array) => width(Array.from(of, (m, i) => m - truth[i]!))
        worst = Math.max(
          worst,
          scatter(found) / scatter(magnitudesOf(images.magWin, magnitudeRelation(images.magWin, catalogue))),
        )
      }
    }
    console.log(
      `useless measures: left alone in ${kept} of 40; where not, ${worst.toFixed(3)} of the scatter at worst`,
    )
    expect(kept).toBeGreaterThanOrEqual(30)
    expect(worst).toBeLessThan(1.03)
  })

  it('is left as it was with fewer than a hundred pairs, and where no measure varies', () => {
    const { images, rows, catalogue } = draw({ seed: 3, fog: 1.5 })
    expect(brightnessOf(images, rows.subarray(0, 99), catalogue.subarray(0, 99))).toBeNull()
    const constant = (value: number) => images.magWin.map(() => value)
    const same = {
      background: constant(1000),
      isoAreaPx: constant(25),
      peak: constant(900),
      fluxRadius: constant(2),
    }
    expect(brightnessOf({ ...images, ...same }, rows, catalogue)).toBeNull()
    const none = {
      background: constant(0),
      isoAreaPx: constant(Number.NaN),
      peak: constant(-3),
      fluxRadius: constant(0),
    }
    expect(brightnessOf({ ...images, ...none }, rows, catalogue)).toBeNull()
  })

  it('is a number for images some of whose measures are not, and no farther off than odd images of the pairs', () => {
    const { images, rows, catalogue, truth } = draw({ seed: 4, fog: 1.5 })
    const background = images.background.map((b, i) => (i % 50 === 0 ? [0, Number.NaN, 1e9][i % 3]! : b))
    const found = brightnessOf({ ...images, background }, rows, catalogue)!
    found.forEach((m, i) => {
      expect(Number.isFinite(m)).toBe(true)
      expect(Math.abs(m - truth[i]!)).toBeLessThan(2.5)
    })
  })
})
