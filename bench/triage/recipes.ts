// The plates of the triage bench: what is drawn for each family from the plate's seed.
import type { IssueCode } from '../../src/issues.ts'
import type { SimulateOptions } from '../../src/simulate/options.ts'
import { type Random, randomStream } from '../../src/simulate/random.ts'
import { type Drawing, inUm, logBetween, plainPlate, rowOfExposures, scatteredExposures } from './drawing.ts'

export type PlateKind = 'single' | 'multi' | 'ghost' | 'complex'

export interface TriageRecipe {
  seed: number
  family: string
  kind: PlateKind
  /** Of `platepipe simulate`. */
  options: Partial<SimulateOptions>
  /** Expected images above the limit, of one exposure. */
  stars: number
  /** For ghosts and complex plates: the code that names what they are. */
  wanted: IssueCode | null
  /** By how much the images, of a grating its satellites, are fainter than points of the same light: it is drawn out. */
  dilutionMag: number
}

const FEW_STARS = 20
const MANY_STARS = 20_000 // images of all exposures together
const GHOST_STARS = 200 // ghosts are three magnitudes fainter and more: of fewer stars they do not show
const SATELLITE_LENGTH = 0.12 // of its distance, as the simulator draws it out
/** Of a drawn-out image: so much of the plate may be covered by those above the limit, or no sky is left. */
const MOST_COVERED = 0.25
const PLATE_PX = 1500
const PLANET_DEG = 0.2 // the largest: the Moon is taken for what is wider than 0.3°

interface Part {
  options?: Partial<SimulateOptions>
  wanted?: IssueCode
  stars?: number
  dilutionMag?: number
}

interface Family {
  name: string
  kind: PlateKind
  draw: (random: Random, drawing: Drawing) => Part
}

/** Magnitude steps: none for a third, up to 2 mag between the first and the last for a third, up to 2 mag each for a third. */
function steps(random: Random, count: number): number[] {
  const way = random.whole(3)
  const each = way === 0 ? 0 : (2 * random.next()) / (way === 1 ? count - 1 : 1)
  return Array.from({ length: count }, (_, k) => Number((k * each).toFixed(3)))
}

/** Two exposures are as frequent as all other numbers together. */
const numberOf = (random: Random) => (random.next() < 0.5 ? 2 : 3 + random.whole(4))

function regular(random: Random, { fwhmPx }: Drawing): Part {
  const count = numberOf(random)
  const offsets = inUm(rowOfExposures(random, count, fwhmPx))
  return { options: { kind: 'multi', offsets, magSteps: steps(random, count).join(' ') } }
}

function irregular(random: Random, { fwhmPx }: Drawing): Part {
  const count = numberOf(random)
  const offsets = inUm(scatteredExposures(random, count, fwhmPx))
  const most = random.next() < 0.3 ? 0 : 2 * random.next()
  const magSteps = Array.from({ length: count }, () => (most * random.next()).toFixed(3)).join(' ')
  return { options: { kind: 'multi', offsets, magSteps } }
}

const cluster = (random: Random, { stars }: Drawing): Partial<SimulateOptions> => ({
  cluster: Math.round(Math.max(30, stars * logBetween(random, 0.3, 3))),
  clusterMm: random.between(1, 5),
})
const crosses = (random: Random): Partial<SimulateOptions> => ({ reseau: random.between(2.5, 5.5) })
const lines = (random: Random): Partial<SimulateOptions> => ({
  reseau: random.between(3, 6),
  reseauLines: true,
})

const beside =
  (
    one: Family['draw'],
    other: (random: Random, drawing: Drawing) => Partial<SimulateOptions>,
  ): Family['draw'] =>
  (random, drawing) => ({ options: { ...one(random, drawing).options, ...other(random, drawing) } })

function ghosts(random: Random, { fwhmPx }: Drawing, kind: 'wedge' | 'grating', apart: number): Part {
  const angle = random.between(0, 2 * Math.PI)
  const own: Partial<SimulateOptions> =
    kind === 'wedge'
      ? {
          offsets: inUm([
            [0, 0],
            [apart * Math.cos(angle), apart * Math.sin(angle)],
          ]),
          magStep: random.between(3.2, 4.7),
        }
      : { length: apart, angle: random.between(0, 360), magStep: random.between(2, 4) }
  const wanted = kind === 'wedge' ? 'WEDGE_GHOST' : 'GRATING'
  const stars = Math.round(logBetween(random, GHOST_STARS, MANY_STARS))
  const dilutionMag = kind === 'wedge' ? 0 : dilution(SATELLITE_LENGTH * apart, fwhmPx, 1)
  return { options: { kind, ...own }, wanted, stars, dilutionMag }
}

/** Of the top of an image that is drawn out to a length, in one dimension or two. */
const dilution = (lengthPx: number, fwhmPx: number, dimensions: 1 | 2) =>
  2.5 * Math.log10(1 + (lengthPx / fwhmPx) ** dimensions)

/** Drawn-out images, so many of them above the limit that the sky is still seen between them. */
function drawnOut(
  random: Random,
  { fwhmPx }: Drawing,
  lengthPx: number,
  dimensions: 1 | 2,
): Pick<Part, 'stars' | 'dilutionMag'> {
  const area = (lengthPx + fwhmPx) * (dimensions === 1 ? fwhmPx : lengthPx + fwhmPx)
  const most = Math.min(MANY_STARS, (MOST_COVERED * PLATE_PX ** 2) / area)
  return {
    stars: Math.round(logBetween(random, FEW_STARS, most)),
    dilutionMag: dilution(lengthPx, fwhmPx, dimensions),
  }
}

function spread(kind: 'trailed' | 'prism', wanted: IssueCode, widths: [number, number]): Family['draw'] {
  return (random, drawing) => {
    const length = drawing.fwhmPx * logBetween(random, ...widths)
    return {
      options: { kind, length, angle: random.between(-180, 180) },
      wanted,
      ...drawnOut(random, drawing, length, 1),
    }
  }
}

function defocused(random: Random, drawing: Drawing): Part {
  const defocus = drawing.fwhmPx * logBetween(random, 3, 12)
  const obstruction = random.next() < 0.5 ? 0 : random.between(0.25, 0.5)
  return {
    options: { defocus, obstruction },
    wanted: 'OUT_OF_FOCUS',
    ...drawnOut(random, drawing, defocus, 2),
  }
}

/** With its halo, smaller than the Moon on the sky. */
function planet(random: Random, { fwhmPx }: Drawing): Part {
  const field = logBetween(random, 0.5, 3)
  const most = Math.min(400, (PLANET_DEG * PLATE_PX) / field)
  return {
    options: { field, planet: Math.min(most, Math.max(75, fwhmPx * random.between(20, 80))) },
    wanted: 'BRIGHT_OBJECT',
  }
}

/** In the order in which they come round, so that a short run has some of each. */
const FAMILIES: Family[] = [
  { name: 'single', kind: 'single', draw: () => ({}) },
  { name: 'multi, regular', kind: 'multi', draw: regular },
  { name: 'trailed', kind: 'complex', draw: spread('trailed', 'TRAILED', [1.5, 30]) },
  { name: 'multi, irregular', kind: 'multi', draw: irregular },
  { name: 'single, cluster', kind: 'single', draw: (r, d) => ({ options: cluster(r, d) }) },
  {
    name: 'grating',
    kind: 'complex',
    draw: (r, d) => ghosts(r, d, 'grating', d.fwhmPx * logBetween(r, 4, 40)),
  },
  { name: 'multi, regular', kind: 'multi', draw: regular },
  { name: 'single, crosses', kind: 'single', draw: (r) => ({ options: crosses(r) }) },
  { name: 'multi, cluster', kind: 'multi', draw: beside(irregular, cluster) },
  { name: 'prism', kind: 'complex', draw: spread('prism', 'SPECTRA', [4, 40]) },
  { name: 'multi, irregular', kind: 'multi', draw: irregular },
  { name: 'single', kind: 'single', draw: () => ({}) },
  { name: 'wedge', kind: 'ghost', draw: (r, d) => ghosts(r, d, 'wedge', d.fwhmPx * logBetween(r, 3, 30)) },
  { name: 'multi, crosses', kind: 'multi', draw: beside(regular, crosses) },
  { name: 'out of focus', kind: 'complex', draw: defocused },
  { name: 'multi, regular', kind: 'multi', draw: regular },
  { name: 'single, lines', kind: 'single', draw: (r) => ({ options: lines(r) }) },
  {
    name: 'nebula',
    kind: 'complex',
    draw: (r) => ({
      options: { nebula: r.between(0.3, 0.9), nebulaLight: logBetween(r, 1.5, 6) },
      wanted: 'NEBULA',
    }),
  },
  { name: 'multi, irregular', kind: 'multi', draw: irregular },
  { name: 'multi, lines', kind: 'multi', draw: beside(regular, lines) },
  {
    name: 'moon',
    kind: 'complex',
    draw: (r) => ({ options: { moon: 0.52, field: logBetween(r, 1.5, 6) }, wanted: 'MOON' }),
  },
  { name: 'single', kind: 'single', draw: () => ({}) },
  { name: 'multi, cluster', kind: 'multi', draw: beside(regular, cluster) },
  {
    name: 'planet',
    kind: 'complex',
    draw: planet,
  },
  { name: 'multi, irregular', kind: 'multi', draw: irregular },
  { name: 'wedge', kind: 'ghost', draw: (r, d) => ghosts(r, d, 'wedge', d.fwhmPx * logBetween(r, 3, 30)) },
  {
    name: 'comet',
    kind: 'complex',
    draw: (r, { fwhmPx }) => ({
      options: { comet: Math.min(150, fwhmPx * logBetween(r, 8, 30)), cometLight: logBetween(r, 10, 40) },
      wanted: 'BRIGHT_OBJECT',
    }),
  },
  { name: 'single', kind: 'single', draw: () => ({}) },
  { name: 'multi, crosses', kind: 'multi', draw: beside(irregular, crosses) },
  { name: 'nearly empty', kind: 'complex', draw: (r) => ({ stars: r.whole(9), wanted: 'TOO_FEW_STARS' }) },
]

export const EVERY_FAMILY = FAMILIES.length

/** The plate of that number: its family by turns, all else from its seed. */
export function recipeOf(n: number, seed: number): TriageRecipe {
  const { name, kind, draw } = FAMILIES[n % FAMILIES.length]!
  const random = randomStream(seed, 'triage bench')
  const fwhmPx = random.between(2.5, 7)
  const field = logBetween(random, 0.5, 6)
  const plain = Math.round(logBetween(random, FEW_STARS, MANY_STARS))
  const own = draw(random, { fwhmPx, stars: plain })
  const sets = kind === 'multi' ? own.options!.offsets!.split(' ').length : 1
  const stars = Math.min(own.stars ?? plain, Math.round(MANY_STARS / sets))
  const dilutionMag = own.dilutionMag ?? 0
  const options = {
    ...plainPlate(random, {
      ...{ fwhmPx, stars, images: stars * sets, widthPx: PLATE_PX, mostDamage: 8 },
      field: own.options?.field ?? field,
      dilutionMag: own.wanted === 'GRATING' ? 0 : dilutionMag,
    }),
    ...own.options,
    ...{ seed, name: `triage-${seed}` },
  }
  return { seed, family: name, kind, options, stars, wanted: own.wanted ?? null, dilutionMag }
}
