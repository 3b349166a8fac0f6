// Every way in which a trial's start is wrong: the solution, the catalogue, or the stars themselves.
import type { EpochStars } from '../../src/catalog/at-epoch.ts'
import type { Random } from '../../src/simulate/random.ts'
import { type LinearWcs, spoilt } from './linear.ts'
import type { Prepared } from './plates.ts'
import {
  asDenseSky,
  clusteredSky,
  otherSky,
  ownStars,
  type PixelStar,
  partlyRightSky,
  randomSky,
  skyOf,
} from './skies.ts'
import { bestOfMany, throughChancePairs } from './solver.ts'

export interface WrongStart {
  wcs: LinearWcs
  stars: EpochStars
  /** The catalogue is the plate's own: a refinement that slides into the truth is right, not wrong. */
  mayBeRight: boolean
}

export interface Kind {
  name: string
  /** Not wrong at all: shows that the test lets through what is right. */
  right?: boolean
  /** Chosen for its pairs, or right in part: not for asking whether the probability is what it says. */
  fitted?: boolean
  /** Needs the plate's own stars. */
  own: boolean
  make(plate: Prepared, others: readonly Prepared[], random: Random): WrongStart | undefined
}

const GUESSES = 40_000

const middleOf = ({ width, height }: Prepared) => [(width + 1) / 2, (height + 1) / 2] as const

/** The plate's own catalogue before a spoilt solution. */
function ownSky(plate: Prepared, by: Parameters<typeof spoilt>[2]): WrongStart {
  return { wcs: spoilt(plate.wcs, middleOf(plate), by), stars: plate.stars!, mayBeRight: true }
}

/** A wrong catalogue before the plate's right solution. */
const wrongSky = (plate: Prepared, stars: readonly PixelStar[]): WrongStart => ({
  wcs: plate.wcs,
  stars: skyOf(plate, stars),
  mayBeRight: false,
})

/** A wrong catalogue before the solution that a search finds in it. */
function searched(plate: Prepared, stars: readonly PixelStar[], random: Random): WrongStart | undefined {
  const wcs = bestOfMany(plate, stars, GUESSES, random)
  return wcs && { wcs, stars: skyOf(plate, stars), mayBeRight: false }
}

function direction(length: number, random: Random): readonly [number, number] {
  const angle = random.between(0, 2 * Math.PI)
  return [length * Math.cos(angle), length * Math.sin(angle)]
}

/** The catalogue of another plate; random stars where there is none. */
function anotherField(plate: Prepared, others: readonly Prepared[], random: Random): PixelStar[] {
  const usable = others.filter((other) => other !== plate && other.stars !== null)
  return usable.length === 0 ? randomSky(plate, random) : otherSky(plate, random.pick(usable), random)
}

export const KINDS: Kind[] = [
  {
    name: 'right, but for 3 px, 0.1° and 0.1 % (not wrong: shows what is let through)',
    own: true,
    right: true,
    make: (plate, _, random) =>
      ownSky(plate, {
        shiftPx: direction(3, random),
        turnDeg: 0.1 * random.gauss(),
        scale: 1 + 0.001 * random.gauss(),
      }),
  },
  {
    name: 'mirrored, turned at random',
    own: true,
    make: (plate, _, random) => ownSky(plate, { mirror: true, turnDeg: random.between(0, 360) }),
  },
  {
    name: 'turned by 2° to 358° about the middle',
    own: true,
    make: (plate, _, random) => ownSky(plate, { turnDeg: random.between(2, 358) }),
  },
  {
    name: 'shifted by 8 px to the whole width',
    own: true,
    make: (plate, _, random) => {
      const shiftPx = direction(8 * (plate.width / 8) ** random.next(), random)
      return ownSky(plate, { shiftPx })
    },
  },
  {
    name: 'a wrong scale: by 0.5 to 0.99, or 1.01 to 2',
    own: true,
    make: (plate, _, random) => {
      const scale = 10 ** random.between(0.0044, 0.301)
      return ownSky(plate, { scale: random.next() < 0.5 ? scale : 1 / scale })
    },
  },
  {
    name: 'right in 20 to 60 % of the plate, displaced elsewhere',
    own: true,
    fitted: true,
    make: (plate, _, random) => {
      const stars = partlyRightSky(plate, random.between(0.2, 0.6), random)
      return wrongSky(plate, stars)
    },
  },
  {
    name: 'affine through 4 to 10 chance pairs of its own field',
    own: true,
    fitted: true,
    make: (plate, _, random) => {
      const wcs = throughChancePairs(plate, ownStars(plate), random)
      return wcs && { wcs, stars: plate.stars!, mayBeRight: true }
    },
  },
  {
    name: 'another field of equal density',
    own: false,
    make: (plate, others, random) => wrongSky(plate, anotherField(plate, others, random)),
  },
  {
    name: 'random stars',
    own: false,
    make: (plate, _, random) => wrongSky(plate, randomSky(plate, random)),
  },
  {
    name: 'random clusters',
    own: false,
    make: (plate, _, random) => wrongSky(plate, clusteredSky(plate, random)),
  },
  {
    name: 'random stars as dense as the images, part by part',
    own: false,
    make: (plate, _, random) => wrongSky(plate, asDenseSky(plate, random)),
  },
  {
    name: `another field, the best of ${GUESSES} guesses`,
    own: false,
    fitted: true,
    make: (plate, others, random) => searched(plate, anotherField(plate, others, random), random),
  },
  {
    name: `random clusters, the best of ${GUESSES} guesses`,
    own: false,
    fitted: true,
    make: (plate, _, random) => searched(plate, clusteredSky(plate, random), random),
  },
]
