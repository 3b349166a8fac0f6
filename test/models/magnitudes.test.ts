import { describe, expect, it } from 'vitest'
import { rms } from '../../src/math/robust.ts'
import { magnitudeRelation, predictedMagnitude } from '../../src/models/magnitudes.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { drawMagnitude } from './true-plate.ts'

/** An emulsion: bright images saturate, so that the plate's magnitudes crowd there. */
const emulsion = (gMag: number) => gMag - 25 + 0.35 * Math.log1p(Math.exp(12 - gMag))

function pairsOf(count: number, scatter: number, wildShare: number, seed = 1) {
  const random = randomStream(seed, 'magnitudes')
  const catalogue = Float64Array.from({ length: count }, () => drawMagnitude(random, 8, 16))
  const instrumental = catalogue.map((g) => emulsion(g) + scatter * random.gauss())
  const shown = catalogue.map((g) => (random.next() < wildShare ? random.between(8, 20) : g))
  return { instrumental, catalogue: shown }
}

describe('the relation of magnitudes', () => {
  it('is recovered to 0.1 mag rms over the range of the stars, to 0.3 where a fifth of the pairs is wrong', () => {
    for (const [wildShare, limitMag] of [
      [0, 0.1],
      [0.1, 0.2],
      [0.2, 0.3],
    ] as const) {
      const { instrumental, catalogue } = pairsOf(600, 0.2, wildShare)
      const relation = magnitudeRelation(instrumental, catalogue)!
      const off: number[] = []
      for (let g = 10; g <= 15.5; g += 0.125) off.push(predictedMagnitude(relation, emulsion(g)) - g)
      const worst = Math.max(...off.map(Math.abs))
      console.log(
        `magnitudes, ${100 * wildShare} % wrong: ${rms(off).toFixed(3)} mag rms, ${worst.toFixed(3)} at most, ` +
          `scatter ${relation.scatter.toFixed(3)}`,
      )
      expect(rms(off)).toBeLessThan(limitMag)
      expect(worst).toBeLessThan(3 * limitMag)
      expect(relation.scatter).toBeGreaterThan(0.17)
      expect(relation.scatter).toBeLessThan(0.32)
    }
  })

  it('goes on beyond its stars with their slope, and never the other way', () => {
    const { instrumental, catalogue } = pairsOf(600, 0.2, 0)
    const relation = magnitudeRelation(instrumental, catalogue)!
    const [brightest, faintest] = [relation.instrumental[0]!, relation.instrumental.at(-1)!]
    for (const beyond of [1, 3]) {
      expect(predictedMagnitude(relation, brightest - beyond)).toBeLessThan(relation.catalogue[0]!)
      const faint = predictedMagnitude(relation, faintest + beyond) - relation.catalogue.at(-1)!
      expect(Math.abs(faint - beyond)).toBeLessThan(0.45 * beyond) // the stars end at 16 mag, which flattens the end
    }
  })

  it('is not claimed from fewer than twelve pairs with both magnitudes', () => {
    const eleven = Array.from({ length: 11 }, (_, i) => i)
    expect(magnitudeRelation([], [])).toBeNull()
    expect(magnitudeRelation([1], [1])).toBeNull()
    expect(magnitudeRelation(eleven, eleven)).toBeNull()
    expect(magnitudeRelation([...eleven, Number.NaN], [...eleven, 3])).toBeNull()
    expect(magnitudeRelation([...eleven, 3], [...eleven, Number.NaN])).toBeNull()
    expect(magnitudeRelation([...eleven, 11], [...eleven, 11])).not.toBeNull()
  })

  it('of stars of one magnitude predicts what they have', () => {
    const same = new Float64Array(40).fill(-10)
    const relation = magnitudeRelation(same, new Float64Array(40).fill(12))!
    expect(predictedMagnitude(relation, -10)).toBe(12)
    expect(predictedMagnitude(relation, Number.NaN)).toBeNaN()
    expect(relation.scatter).toBe(0.15) // the least that is believed
  })

  it('does not depend on the order of the pairs', () => {
    const { instrumental, catalogue } = pairsOf(200, 0.2, 0.1)
    const turned = magnitudeRelation([...instrumental].reverse(), [...catalogue].reverse())
    expect(turned).toEqual(magnitudeRelation(instrumental, catalogue))
  })
})
