// Two small simulated plates from simulate to reduce, judged by their truth.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bench } from '../../bench/acceptance/bench.ts'
import { describeOutcome, onePlate, type Recipe } from '../../bench/acceptance/sim.ts'
import { wcsFigures } from '../../bench/acceptance/wcs.ts'
import { benchIn, expectAllPass } from './setting.ts'

/** With its own reference stars, negative, mirrored, turned, damaged. */
const WITH_STARS: Recipe = {
  catalog: 'reference',
  options: {
    ...{
      seed: 0,
      name: 'cygnus',
      stars: 'tycho2',
      ra: 305.1,
      dec: 40.3,
      field: 0.9,
      width: 1000,
      epoch: 1921.6,
    },
    ...{
      damage: 4,
      polarity: 'negative',
      header: 'full',
      mirror: true,
      rotation: 75,
      tilt: 6,
      distortion: 10,
    },
  },
}

/** Wide, positive, with Tycho-2 of the installed indexes alone. */
const WITHOUT: Recipe = {
  catalog: 'tycho-2',
  options: {
    ...{
      seed: 0,
      name: 'virgo',
      stars: 'tycho2',
      ra: 187.7,
      dec: 12.4,
      field: 3,
      width: 1300,
      epoch: 1937.33,
    },
    ...{ damage: 2, polarity: 'positive', header: 'full', rotation: -8, distortion: 30 },
  },
}

describe('a simulated plate', () => {
  let bench: Bench
  let done: () => void
  beforeAll(() => {
    const made = benchIn()
    bench = made.bench
    done = made.done
  })
  afterAll(() => done())

  it.each([
    ['with reference stars', WITH_STARS, 3001],
    ['with Tycho-2 alone', WITHOUT, 3002],
  ])('%s is reduced, and its truth stars lie within a pixel', async (_, recipe, seed) => {
    const outcome = await onePlate(bench, recipe, seed, 'sim')
    console.log(describeOutcome(outcome))
    expect(outcome.reduced, outcome.why).toBe(true)
    const truth = outcome.truth!
    expect(truth.stars).toBeGreaterThan(100)
    expect(truth.bright_within).toBe(1)
    expect(truth.median).toBeLessThan(0.35)
    expect(truth.wrong_ids / truth.matched).toBeLessThan(0.02)
    expectAllPass(await wcsFigures(bench, recipe.options.name, outcome.folder))
  })
})
