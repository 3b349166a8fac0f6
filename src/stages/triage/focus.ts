// Out of focus: the light of each star fills a disc, or a ring, of one size, whatever its brightness, that ends as sharply
// as a point of light is wide. Saturated stars are flat on top too, but of all sizes; so are specks of dust.
import type { Detections } from '../../detections.ts'
import { type Reason, reason } from '../../issues.ts'
import { median, quantile } from '../../math/robust.ts'
import { REJECT } from '../../reject.ts'
import type { TriageInput } from '../triage.ts'
import type { Sky } from './sky-map.ts'

export interface Disc {
  /** Radius at half its height, px. */
  radiusPx: number
  /** Radius at three quarters over that at one quarter of its height: 0.45 for a Gaussian, 1 for a disc. */
  edge: number
  /** Level at its middle over the highest of its profile. */
  middle: number
  /** Height above the sky, units of the positive. */
  height: number
}

const EXAMINED = 100 // the brightest
const ROUND = 0.35
const REACH = 2.2 // of the radius of the isophotal image
const LEAST_CELLS = 3

/** Images of M 44, soft and 30 px wide, reach 0.68; a disc of three image widths as much, one of five 0.75. */
const SHARP = 0.72
const ONE_SIZE = 1.22 // greatest over smallest of the sizes that are alike
/**
 * How many of the brightest must be alike: specks of dust, whose radii follow a power law, stay below a fifth; where they are
 * many, the stars are found among the very brightest.
 */
const ALIKE = [
  { examined: 25, alike: 14 },
  { examined: 50, alike: 20 },
  { examined: 100, alike: 32 },
]
const FEWEST = 8
const RINGS = 0.6 // of that number: specks have no holes
const LEAST_SHARE = 0.3
/** Images of good plates have no hole. */
const RING = 0.8
/** Of the highest image: where most of the alike ones are as high, they are saturated stars of nearly one brightness. */
const SATURATED = 0.6
const SURELY_SHARP = 0.8 // no saturated star is as sharp

export function outOfFocus({ detections: d, reject, sky, fwhmPx }: TriageInput): Reason | undefined {
  const all = brightDiscs(d, reject, sky)
  const groups = ALIKE.map(({ examined, alike }) => {
    const some = all.slice(0, examined)
    return {
      discs: some,
      alike: ofOneSize(some),
      least: some.length < examined ? LEAST_SHARE * some.length : alike,
    }
  })
  const found = groups.find(({ alike, least }) => {
    const areRings = alike.length > 0 && median(alike.map((disc) => disc.middle)) < RING
    return alike.length >= Math.max(FEWEST, (areRings ? RINGS : 1) * least)
  })
  if (found === undefined) return undefined
  const { discs, alike } = found
  const [diameter, edge, middle] = [
    2 * median(alike.map((disc) => disc.radiusPx)),
    median(alike.map((disc) => disc.edge)),
    median(alike.map((disc) => disc.middle)),
  ]
  const highest = Math.max(...discs.map((disc) => disc.height))
  const low = quantile(
    alike.map((disc) => disc.height),
    0.25,
  )
  if (middle > RING && edge < SURELY_SHARP && low > SATURATED * highest) return undefined
  const text =
    `${alike.length} of the ${discs.length} brightest round images are ${middle < RING ? 'rings' : 'discs'} of one size, ` +
    `${diameter.toFixed(0)} px, whatever their brightness (edge ${edge.toFixed(2)}, middle ${middle.toFixed(2)})`
  return reason('OUT_OF_FOCUS', text, {
    ...{ diameter_px: diameter, edge, middle, images: alike.length, examined: discs.length },
    fwhm_px: fwhmPx,
  })
}

/** The most sharp ones that are alike in size. */
function ofOneSize(discs: readonly Disc[]): Disc[] {
  const sharp = discs.filter((disc) => disc.edge > SHARP || disc.middle < RING)
  let alike: Disc[] = []
  for (const { radiusPx } of sharp) {
    const near = sharp.filter((other) => other.radiusPx >= radiusPx && other.radiusPx < ONE_SIZE * radiusPx)
    if (near.length > alike.length) alike = near
  }
  return alike
}

const NO_STARS = REJECT.NO_MEASURE | REJECT.EDGE | REJECT.MASKED | REJECT.HALO | REJECT.SPECKS

/** Profiles of the brightest round images that are large enough on the thumbnail. */
export function brightDiscs(d: Detections, reject: Int32Array, { thumbnail }: Sky): Disc[] {
  return Array.from({ length: d.length }, (_, i) => i)
    .filter((i) => (reject[i]! & NO_STARS) === 0 && d.ellipticity[i]! < ROUND)
    .sort((a, b) => d.fluxAuto[b]! - d.fluxAuto[a]! || a - b)
    .slice(0, EXAMINED)
    .map((i) => discOf(d, i, thumbnail))
    .filter((disc) => disc !== undefined)
}

function discOf(d: Detections, i: number, thumbnail: Sky['thumbnail']): Disc | undefined {
  const { cellPx, columns, rows, levels } = thumbnail
  const reach = (REACH * Math.sqrt(d.isoAreaPx[i]! / Math.PI)) / cellPx
  if (reach < LEAST_CELLS) return undefined
  const [cx, cy] = [(d.xIso[i]! - 0.5) / cellPx - 0.5, (d.yIso[i]! - 0.5) / cellPx - 0.5]
  const count = Math.max(6, Math.min(40, Math.round(reach)))
  const step = reach / count
  const rings: number[][] = Array.from({ length: count }, () => [])
  for (let y = Math.max(0, Math.ceil(cy - reach)); y < Math.min(rows, cy + reach); y++) {
    for (let x = Math.max(0, Math.ceil(cx - reach)); x < Math.min(columns, cx + reach); x++) {
      const ring = Math.floor(Math.hypot(x - cx, y - cy) / step)
      const value = levels[y * columns + x]!
      if (ring < count && !Number.isNaN(value)) rings[ring]!.push(value)
    }
  }
  const profile = rings.map((ring) => (ring.length > 0 ? median(ring) - d.background[i]! : Number.NaN))
  const known = profile.filter((v) => !Number.isNaN(v))
  if (known.length === 0) return undefined
  const top = Math.max(...known)
  /** Outermost radius at a part of the top. */
  const radius = (part: number): number | undefined => {
    const ring = profile.findLastIndex((v) => v > part * top)
    if (ring < 0 || ring === count - 1) return undefined
    const fall = (profile[ring]! - part * top) / (profile[ring]! - profile[ring + 1]!)
    return (ring + 0.5 + Math.min(1, fall)) * step * cellPx
  }
  const [r75, r50, r25] = [radius(0.75), radius(0.5), radius(0.25)]
  if (r75 === undefined || r50 === undefined || r25 === undefined) return undefined
  return { radiusPx: r50, edge: r75 / r25, middle: known[0]! / top, height: top }
}
