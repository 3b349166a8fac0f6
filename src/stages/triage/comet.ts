// A comet: a round head far wider than a star, and from it a ray of light to one side that fades away. The haloes of stars may
// be as wide, but what stands beside them has an end of its own: another star rises again, a label breaks off.
import { median, quantile } from '../../math/robust.ts'
import { type Head, headsOf } from './heads.ts'
import { DIRECTIONS, directionsApart, meanFrom, ringAbout } from './polar.ts'
import type { Sky, SkyMap } from './sky-map.ts'

export interface Comet extends Head {
  /** Where its tail points, degrees from +x to +y. */
  tailDeg: number
  /** By how much its tail stands out on both sides, of the height of its head. */
  contrast: number
}

/** Rings from the radius at half the height, each by so much wider than the one within: out to 2.5 of these radii. */
const RATIO = 1.12
const RINGS = 8
const RINGS_SEEN = RINGS + 1 // the last is smoothed too
const FEWEST_RINGS = 4 // within the plate
const BESIDE = [5, 8] as const // directions to either side with which a tail is compared: 37° to 60°
const SIDE = 5 // directions to either side that are the tail's own
const ROUND_FROM = 9 // directions from the tail
const ROUND_RINGS = 4

const HEAD_FWHM = 10 // image widths in the radius: 14 to 120 on simulated plates, the halo of the brightest star too
const HEAD_HEIGHT = 0.8 // of the way from the sky to the top
const ROUND = 0.18 // of the height: the middle half of the levels on a ring
const TAIL = 0.1 // of the height, in the middle of its rings
const TAIL_EVERYWHERE = 0.06
/** Over any other direction in which light fades: 1.7 among the stars of a crowded field, 5 and more elsewhere. */
const TAIL_OVER_OTHERS = 1.4
/** Of its contrast, on the innermost rings: it begins at the head, where a cloud or another star comes up farther out. */
const TAIL_BEGINS = 0.65
const TAIL_BEGINS_BELOW = 0.9 // of the height: a label or a stroke is as bright as the head
const TAIL_RISES = 0.04
const TAIL_FALLS = 0.02 // from ring to ring, on average
const TAIL_BREAKS = 0.2 // from one ring to the next
/** Where so many heads have the same to the same side, it is of the plate: a row of exposures, a spectrum, a trail. */
const SHARED = 1 / 3
const SHARED_TAIL = 0.4
const FEWEST_HEADS = 4
const SHARED_FWHM = 3
const SHARED_HEIGHT = 0.5

/** Heads with a tail, the highest first. */
export function cometsOn(sky: Sky, map: SkyMap, fwhmPx: number): Comet[] {
  const width = fwhmPx / sky.thumbnail.cellPx
  const heads = headsOf(sky, map).filter(({ radius }) => radius >= SHARED_FWHM * width)
  const known = new Map<Head, Rays>()
  const raysAbout = (head: Head): Rays => {
    const rays = known.get(head) ?? raysOf(head, sky, map)
    known.set(head, rays)
    return rays
  }
  const range = map.top - map.sky
  return heads.flatMap((head) => {
    if (head.radius < HEAD_FWHM * width || head.height < HEAD_HEIGHT * range || !isWhole(head, sky)) return []
    const tail = tailOf(raysAbout(head))
    if (tail === undefined) return []
    const others = heads.filter(
      (other) =>
        other.height >= SHARED_HEIGHT * range &&
        Math.hypot(other.x - head.x, other.y - head.y) > 1.5 * head.radius,
    )
    const alike = others.filter((other) => standsOut(raysAbout(other), tail))
    if (others.length >= FEWEST_HEADS && alike.length > SHARED * others.length) return []
    const tailDeg = ((tail.direction + 0.5) * 360) / DIRECTIONS
    return [{ ...head, tailDeg, contrast: tail.contrast }]
  })
}

/** What reaches the border is writing, a label or a stain of the border as often as not. */
const isWhole = ({ x, y, radius }: Head, { thumbnail: { columns, rows } }: Sky): boolean =>
  Math.min(x, y, columns - 1 - x, rows - 1 - y) >= radius

interface Rays {
  /** By ring and direction, of the height above the sky. */
  level: number[][]
  /** By how much that is above the brighter of both sides. */
  contrast: number[][]
  /** The middle one of its rings, by direction; NaN where too few lie on the plate. */
  typical: number[]
}

function raysOf(head: Head, { thumbnail }: Sky, map: SkyMap): Rays {
  const { x, y, radius, height } = head
  const level = Array.from({ length: RINGS_SEEN }, (_, k) =>
    ringAbout(thumbnail, x, y, radius * RATIO ** k, radius * RATIO ** (k + 1)).map(
      (v) => (v - map.sky) / height,
    ),
  )
  const contrast = level.map((ring) => ring.map((_, direction) => contrastAt(ring, direction)))
  const typical = Array.from({ length: DIRECTIONS }, (_, direction) => {
    const known = contrast.map((ring) => ring[direction]!).filter((v) => !Number.isNaN(v))
    return known.length < FEWEST_RINGS ? Number.NaN : median(known)
  })
  return { level, contrast, typical }
}

function contrastAt(ring: readonly number[], direction: number): number {
  const [near, far] = BESIDE
  const sides = [
    meanFrom(ring, direction - far, direction - near),
    meanFrom(ring, direction + near, direction + far),
  ]
  return meanFrom(ring, direction - 1, direction + 1) - Math.max(...sides)
}

interface Tail {
  direction: number
  contrast: number
}

function tailOf(rays: Rays): Tail | undefined {
  const { contrast, typical } = rays
  const known = Array.from(typical.keys()).filter((direction) => !Number.isNaN(typical[direction]!))
  if (known.length === 0) return undefined
  const direction = known.reduce((best, one) => (typical[one]! > typical[best]! ? one : best))
  const count = ringsKnown(rays, direction)
  if (count < FEWEST_RINGS) return undefined
  const own = withoutSpots(contrast.slice(0, count).map((ring) => ring[direction]!))
  const found = { direction, contrast: median(own) }
  const isAlone = known.every(
    (other) =>
      directionsApart(other, direction) <= SIDE ||
      found.contrast > TAIL_OVER_OTHERS * typical[other]! ||
      !fades(rayTo(rays, other)),
  )
  return isAlone && isTail(own) && fades(rayTo(rays, direction)) && isRound(rays.level, direction)
    ? found
    : undefined
}

function ringsKnown({ contrast }: Rays, direction: number): number {
  const unknown = contrast.findIndex((ring) => Number.isNaN(ring[direction]!))
  return unknown < 0 ? RINGS_SEEN : unknown
}

/** Levels from ring to ring, as far out as they are known. */
function rayTo(rays: Rays, direction: number): number[] {
  const rings = rays.level.slice(0, ringsKnown(rays, direction))
  return withoutSpots(rings.map((ring) => meanFrom(ring, direction - 1, direction + 1)))
}

/** Medians of three: a bright star or a spot may stand on a tail. */
function withoutSpots(values: readonly number[]): number[] {
  const isEnd = (k: number) => k === 0 || k === values.length - 1
  return values.map((v, k) => (isEnd(k) ? v : median(values.slice(k - 1, k + 2)))).slice(0, RINGS)
}

function isTail(own: readonly number[]): boolean {
  const contrast = median(own)
  const begins = (own[0]! + own[1]! + own[2]!) / 3
  return contrast > TAIL && Math.min(...own) > TAIL_EVERYWHERE && begins > TAIL_BEGINS * contrast
}

function fades(ray: readonly number[]): boolean {
  if (!(ray[0]! <= TAIL_BEGINS_BELOW)) return false
  let lowest = ray[0]!
  for (let k = 1; k < ray.length; k++) {
    if (ray[k]! - lowest > TAIL_RISES || ray[k - 1]! - ray[k]! > TAIL_BREAKS) return false
    lowest = Math.min(lowest, ray[k]!)
  }
  return ray[0]! - ray.at(-1)! > TAIL_FALLS * (ray.length - 1)
}

/** The head, away from its tail. */
function isRound(level: readonly (readonly number[])[], tail: number): boolean {
  const spreads = level.slice(0, ROUND_RINGS).map((ring) => {
    const away = ring.filter((_, direction) => directionsApart(direction, tail) >= ROUND_FROM)
    return quantile(away, 0.75) - quantile(away, 0.25)
  })
  return median(spreads) <= ROUND
}

/** More to that side than to the other one. */
function standsOut({ typical }: Rays, { direction, contrast }: Tail): boolean {
  const highest = (towards: number) =>
    Math.max(...[-1, 0, 1].map((turn) => typical[(towards + turn + DIRECTIONS) % DIRECTIONS]!))
  const own = highest(direction)
  return own > SHARED_TAIL * contrast && !(highest(direction + DIRECTIONS / 2) >= own)
}
