// Images of near exposures that run into one another: each image is fitted alone and with the companions that it has if it
// belongs to one exposure or another, and the likeliest is taken.
import { fitGroup, type GroupFit } from '../../stages/extract/profile/fit.ts'
import type { Images } from '../../stages/extract/profile/group.ts'
import { setSigma } from '../../stages/extract/profile/learn.ts'
import { knownLight, type Spot } from '../../stages/extract/profile/light.ts'
import { flankOf, MOST_REACH, SKY_RING, TRACE } from '../../stages/extract/profile/measure.ts'
import { cutPatch, type Disc, type PositiveScan, type Strip } from '../../stages/extract/profile/patch.ts'
import { binFor, type PlateShape } from '../../stages/extract/profile/plate-shape.ts'
import { widthOf } from '../../stages/extract/profile/shape.ts'
import { tabulate } from '../../stages/extract/profile/table.ts'
import type { Tie } from '../../stages/extract/profile/ties.ts'
import type { ExposurePattern } from '../../stages/triage/exposure-pattern.ts'
import type { Learnt, PartingInput } from '../parting.ts'
import type { SeenImages } from './seen.ts'

/** What an image has beside it if it is one of this exposure. */
export interface Role {
  exposure: number
  companions: { exposure: number; dx: number; dy: number; lnRatio: number }[]
}

/** An image that no detection stands for, tied to one that is seen. */
export interface TiedImage {
  to: number
  exposure: number
  /** Of the image that it is tied to. */
  ofExposure: number
  x: number
  y: number
  light: number
  dx: number
  dy: number
  lnRatio: number
}

/** Exposures nearer to each other than this run into one another on bright images. */
export const NEAR_WIDTHS = 4
/** How freely a companion may lie and shine: widths, and ln of light. The stars move, and emulsions are no photometers. */
export const TIE_WIDTHS = 0.25
export const TIE_LN = 0.3

const LN_PER_MAG = -0.4 * Math.LN10

/** The parts that an image may play: those with a companion near it that is not seen yet. */
export function rolesOf(
  { exposures, member, groups }: Pick<ExposurePattern, 'exposures' | 'member' | 'groups'>,
  widthPx: number,
): (image: number) => Role[] {
  const roles = exposures.map(
    (own, exposure): Role => ({
      exposure,
      companions: exposures.flatMap((other, k) => {
        const [dx, dy] = [other.dx - own.dx, other.dy - own.dy]
        const isNear = k !== exposure && Math.hypot(dx, dy) < NEAR_WIDTHS * widthPx
        return isNear ? [{ exposure: k, dx, dy, lnRatio: LN_PER_MAG * (other.magStep - own.magStep) }] : []
      }),
    }),
  )
  const groupOf = new Map(groups.flatMap((group) => [...group].map((image) => [image, group] as const)))
  return (image) => {
    const exposure = member[image]!
    if (exposure < 0) return roles.filter(({ companions }) => companions.length > 0)
    const group = groupOf.get(image)!
    const own = roles[exposure]!
    const companions = own.companions.filter((other) => group[other.exposure]! < 0)
    return companions.length === 0 ? [] : [{ exposure, companions }]
  }
}

export interface Companions {
  tied: TiedImage[]
  /** As seen, those that were fitted here at their better places. */
  images: SeenImages
}

export async function findCompanions(
  scan: PositiveScan,
  { seen, plate, pattern }: Learnt,
  { detections, signal }: Pick<PartingInput, 'detections' | 'signal'>,
): Promise<Companions> {
  const widthPx = widthOf(plate.shape)
  const roles = rolesOf(pattern, widthPx)
  const list = Array.from(seen.light.keys())
    .filter((n) => seen.light[n]! > 0)
    .map((n): Candidate => {
      const radius = flankOf(plate.shape, seen.light[n]!, widthPx)
      const own = { x: seen.x[n]!, y: seen.y[n]!, light: seen.light[n]! }
      return { ...own, radius, seen: n, roles: roles(n), sky: detections.background[seen.parent[n]!]! }
    })
  const column = (name: 'x' | 'y' | 'light') => Float64Array.from(list, (own) => own[name])
  const start = { length: list.length, x: column('x'), y: column('y'), light: column('light') }
  const fit = fitterOf(plate, start)
  const images = { ...seen, x: seen.x.slice(), y: seen.y.slice(), light: seen.light.slice() }
  const tied: TiedImage[] = []
  const reach = list.reduce((most, own) => Math.max(most, ...discsOf(own, widthPx).map(reachOf(own))), 0)
  await scan.visit(start.y, reach + 2, signal, (strip, windows) => {
    // The brightest first: the others then know their light, and that of their companions.
    const order = [...windows].sort((a, b) => start.light[b]! - start.light[a]! || a - b)
    for (const n of order) {
      const best = list[n]!.roles.length === 0 ? undefined : fit(strip, list[n]!, n)
      if (best === undefined) continue
      const [own, ...companions] = best.spots
      const { seen: image } = list[n]!
      for (const name of ['x', 'y', 'light'] as const) images[name][image] = own![name]
      companions.forEach((spot, k) => {
        tied.push({
          ...{ ...best.role.companions[k]!, ...spot, to: image },
          ofExposure: best.role.exposure,
        })
      })
    }
  })
  return { tied, images }
}

/** An image that was seen, and the parts that it may play. */
interface Candidate extends Spot {
  /** Out to the foot of its flank. */
  radius: number
  seen: number
  roles: Role[]
  sky: number
}

const reachOf =
  (own: Spot) =>
  (disc: Disc): number =>
    Math.abs(disc.y - own.y) + disc.radius

/** Windows around an image and around every companion that it may have. */
function discsOf({ x, y, radius, roles }: Candidate, widthPx: number): Disc[] {
  const places = [{ dx: 0, dy: 0 }, ...roles.flatMap(({ companions }) => companions)]
  return places.map(({ dx, dy }) => {
    return { x: x + dx, y: y + dy, radius: radius + SKY_RING * widthPx, thinFrom: radius }
  })
}

const ALONE: Role = { exposure: -1, companions: [] }

/** Fits of one image after the other, each with the light of those before: the likeliest of its parts, and where its images are. */
function fitterOf(plate: PlateShape, start: Images) {
  const { shape, noise } = plate
  const widthPx = widthOf(shape)
  const table = tabulate(shape)
  const known = knownLight(start, table, TRACE * noise.skySigma, MOST_REACH * widthPx)
  return (strip: Strip, candidate: Candidate, n: number): { role: Role; spots: Spot[] } | undefined => {
    const discs = discsOf(candidate, widthPx)
    const origin = { x: Math.round(candidate.x), y: Math.round(candidate.y) }
    const bin = binFor(plate, widthPx, discs[0]!.radius)
    const patch = cutPatch(strip, discs, origin, bin)
    if (patch.value.length === 0) return undefined
    setSigma(patch, noise, candidate.sky, shape.plateau, plate.noiseOfBin[bin])
    const taken = known.addForeign(patch, Int32Array.of(n), discs, origin)
    const { light, sky } = candidate
    const own = { x: candidate.x - origin.x, y: candidate.y - origin.y, light }
    const fits = [ALONE, ...candidate.roles].flatMap((role) => {
      const images = [own, ...role.companions.map((companion) => beside(own, companion))]
      const options = { mostAdded: 0, worth: 0, worthOfSignal: 0, widthPx, taken }
      const fit = fitGroup(table, patch, { sky, images }, { ...options, ties: tiesOf(role, widthPx) })
      return fit === undefined ? [] : [{ role, fit }]
    })
    const best = likeliest(fits)
    if (best === undefined) return undefined
    const spots = best.fit.images.map(({ x, y, light }) => ({ x: origin.x + x, y: origin.y + y, light }))
    const [first, ...companions] = spots
    known.fitted(n, first!)
    for (const spot of companions) known.found(n, spot)
    return { role: best.role, spots }
  }
}

const beside = ({ x, y, light }: Spot, { dx, dy, lnRatio }: Role['companions'][number]): Spot => {
  return { x: x + dx, y: y + dy, light: light * Math.exp(lnRatio) }
}

const tiesOf = ({ companions }: Role, widthPx: number): Tie[] =>
  companions.map(({ dx, dy, lnRatio }, k) => {
    return { image: k + 1, to: 0, dx, dy, lnRatio, sigmaPx: TIE_WIDTHS * widthPx, sigmaLn: TIE_LN }
  })

function likeliest<T extends { fit: GroupFit }>(fits: readonly T[]): T | undefined {
  const [first] = fits
  return first && fits.reduce((best, one) => (one.fit.cost < best.fit.cost ? one : best), first)
}
