// The plates of two and three exposures that are taken through the whole command.
import { plateFrame } from '../../src/simulate/frame.ts'
import { parseSimulateOptions, type SimulateOptions } from '../../src/simulate/options.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { inUm, logBetween, plainPlate, scatteredExposures } from './drawing.ts'

export interface AutoRecipe {
  seed: number
  /** What was moved, how many exposures, and whether years lie between them. */
  name: string
  options: Partial<SimulateOptions>
  /** The same with one exposure. */
  single: Partial<SimulateOptions>
  stars: number
}

const [FEWEST, MOST] = [100, 3000]
const [SMALL_DEG, LARGE_DEG] = [0.7, 4]
const WIDTH_PX = 1500
const MOST_DAMAGE = 4
const MOST_STEP_MAG = 1.5
const TURNS = 10 // plates until what was moved comes round again
const TELESCOPE = [2, 5, 7]
const TWO_FIELDS = [9]
const [SOONEST_YR, LATEST_YR] = [5, 25]
/** Glass plates came to an end. */
const LAST_YR = 1999
const AWAY_DEG = 25 // of the second field: nothing in common, and both in one reference file

/** The date of the first exposure, where that drawn from the seed would be too late. */
function notAfter(latestYr: number, options: Partial<SimulateOptions>): { epoch?: number } {
  const { epochYr } = plateFrame(parseSimulateOptions(options))
  return epochYr > latestYr ? { epoch: Math.round(latestYr * 1000) / 1000 } : {}
}

export function autoRecipe(n: number, seed: number): AutoRecipe {
  const random = randomStream(seed, 'triage bench, whole runs')
  const fwhmPx = random.between(2.5, 6)
  const field = logBetween(random, SMALL_DEG, LARGE_DEG)
  const stars = Math.round(logBetween(random, FEWEST, MOST))
  const plain = plainPlate(random, {
    fwhmPx,
    field,
    stars,
    images: 2 * stars,
    dilutionMag: 0,
    widthPx: WIDTH_PX,
    mostDamage: MOST_DAMAGE,
  })
  const isTwoFields = TWO_FIELDS.includes(n % TURNS)
  const isTelescope = TELESCOPE.includes(n % TURNS)
  const count = isTwoFields ? 2 : 2 + random.whole(2)
  const offsets = inUm(scatteredExposures(random, count, fwhmPx))
  const magSteps = [0, ...Array.from({ length: count - 1 }, () => MOST_STEP_MAG * random.next())]
  const years = Math.floor(n / 2) % 2 === 0 ? 0 : random.between(SOONEST_YR, LATEST_YR)
  const pointings = `${(((plain.ra ?? 0) + AWAY_DEG) % 360).toFixed(4)},${(-(plain.dec ?? 0)).toFixed(4)}`
  const moved: Partial<SimulateOptions> = isTwoFields
    ? { pointings }
    : { offsets, shift: isTelescope ? 'telescope' : 'plate' }
  const common = { ...plain, seed, ...notAfter(LAST_YR - (count - 1) * years, { ...plain, seed }) }
  const way = isTwoFields ? 'two fields' : isTelescope ? 'telescope moved' : 'plate moved'
  return {
    ...{ seed, stars },
    name: `${way}, ${count} exposures${years === 0 ? '' : `, ${years.toFixed(0)} yr apart`}`,
    options: {
      ...common,
      ...moved,
      ...{ kind: 'multi', name: `auto-${seed}`, magSteps: magSteps.map((mag) => mag.toFixed(3)).join(' ') },
      epochStep: years,
    },
    single: { ...common, kind: 'single', name: `auto-${seed}-single` },
  }
}
