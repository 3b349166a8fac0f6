// Catalogues that are wrong for a plate, with as many stars as its own: another field, random stars, stars in clusters,
// stars of which only those in a part of the plate are where they belong.
import type { EpochStars } from '../../src/catalog/at-epoch.ts'
import { DEG } from '../../src/math/sphere.ts'
import { fromStandard, toStandard } from '../../src/math/tangent.ts'
import type { Random } from '../../src/simulate/random.ts'
import { affineOf } from './linear.ts'
import type { Prepared } from './plates.ts'

/** Stars on the tangent plane of a plate, in pixels of the scan: x, y and the magnitude. */
export interface PixelStar {
  x: number
  y: number
  gMag: number
}

/** Catalogues reach beyond the scan by this part of its size on each side. */
const MARGIN = 0.25

/** The plate's own stars where its right solution puts them, those far beyond the scan left out. */
export function ownStars({ stars, wcs, width, height }: Prepared): PixelStar[] {
  if (stars === null) return []
  const [a, b, c, d, e, f] = affineOf(wcs)
  const determinant = b * f - c * e
  const found: PixelStar[] = []
  for (let row = 0; row < stars.length; row++) {
    const [ra, dec] = [stars.raDeg[row]! * DEG, stars.decDeg[row]! * DEG]
    const at = toStandard(ra, dec, wcs.crval[0] * DEG, wcs.crval[1] * DEG)
    if (at === undefined) continue
    const [u, v] = [at.xi - a, at.eta - d]
    const star = {
      x: (f * u - c * v) / determinant,
      y: (b * v - e * u) / determinant,
      gMag: stars.gMag[row]!,
    }
    if (isNear(star, width, height)) found.push(star)
  }
  return found
}

function isNear({ x, y }: PixelStar, width: number, height: number): boolean {
  return x > -MARGIN * width && x < (1 + MARGIN) * width && y > -MARGIN * height && y < (1 + MARGIN) * height
}

/** Reference stars at pixels of the right solution. */
export function skyOf({ wcs }: Prepared, places: readonly PixelStar[]): EpochStars {
  const [a, b, c, d, e, f] = affineOf(wcs)
  const sky = places.map(({ x, y }) =>
    fromStandard(a + b * x + c * y, d + e * x + f * y, wcs.crval[0] * DEG, wcs.crval[1] * DEG),
  )
  const { length } = places
  const column = (value: (k: number) => number) => Float64Array.from({ length }, (_, k) => value(k))
  return {
    length,
    epochYr: 1950,
    row: Int32Array.from({ length }, (_, k) => k),
    sourceId: BigInt64Array.from({ length }, (_, k) => BigInt(k + 1)),
    raDeg: column((k) => sky[k]!.raRad / DEG),
    decDeg: column((k) => sky[k]!.decRad / DEG),
    raErrorMas: column(() => 10),
    decErrorMas: column(() => 10),
    raDecCorr: column(() => 0),
    pmRaMasYr: column(() => 0),
    pmDecMasYr: column(() => 0),
    gMag: column((k) => places[k]!.gMag),
    bpRp: column(() => 1),
  }
}

/** How many stars a catalogue of this plate has on it and its margin, and their magnitudes; made up where it has none. */
function magnitudesFor(plate: Prepared, random: Random): number[] {
  const own = ownStars(plate)
  if (own.length > 0) return own.map(({ gMag }) => gMag)
  const PER_DETECTION = 3 // a catalogue a magnitude deeper than the plate
  const count = Math.max(60, Math.min(20_000, PER_DETECTION * plate.ranked.length * (1 + 2 * MARGIN) ** 2))
  // Counts rise as 10^(0.35 G).
  return Array.from(
    { length: Math.round(count) },
    () => 18 + Math.log10(Math.max(1e-4, random.next())) / 0.35,
  )
}

/** As many stars at random places. */
export function randomSky(plate: Prepared, random: Random): PixelStar[] {
  const { width, height } = plate
  return magnitudesFor(plate, random).map((gMag) => ({
    x: random.between(-MARGIN * width, (1 + MARGIN) * width),
    y: random.between(-MARGIN * height, (1 + MARGIN) * height),
    gMag,
  }))
}

/** As many stars, three quarters of them in clusters, wide and narrow. */
export function clusteredSky(plate: Prepared, random: Random): PixelStar[] {
  const { width, height } = plate
  const clusters = Array.from({ length: 2 + random.whole(12) }, () => ({
    x: random.between(0, width),
    y: random.between(0, height),
    sigma: width * 10 ** random.between(-2.5, -1),
  }))
  return randomSky(plate, random).map((star) => {
    if (random.next() < 0.25) return star
    const { x, y, sigma } = random.pick(clusters)
    return { ...star, x: x + sigma * random.gauss(), y: y + sigma * random.gauss() }
  })
}

/** As many stars, as dense as the plate's images in every part of it: clusters lie upon clusters, but no star on its image. */
export function asDenseSky(plate: Prepared, random: Random): PixelStar[] {
  const { width, detections } = plate
  const sigma = width * random.between(0.03, 0.1)
  return magnitudesFor(plate, random).map((gMag) => {
    const row = random.whole(detections.length)
    const [dx, dy] = [sigma * random.gauss(), sigma * random.gauss()]
    return { x: detections.x[row]! + dx, y: detections.y[row]! + dy, gMag }
  })
}

/**
 * The stars of another plate's field, a random part of it turned at random and stretched over this plate; the brightest,
 * with this plate's own magnitudes in their order.
 */
export function otherSky(plate: Prepared, other: Prepared, random: Random): PixelStar[] {
  const stars = ownStars(other)
  const { width, height } = plate
  const share = random.between(0.4, 1)
  const half = (share * Math.min(other.width, other.height)) / 2
  const room = (1 - share) / 2
  const middle = {
    x: other.width * (0.5 + room * random.between(-1, 1)),
    y: other.height * (0.5 + room * random.between(-1, 1)),
  }
  const turn = random.between(0, 2 * Math.PI)
  // The circle within the part must cover the scan to its corners.
  const stretch = Math.hypot(width, height) / 2 / half
  const [c, s] = [stretch * Math.cos(turn), stretch * Math.sin(turn)]
  const hand = random.next() < 0.5 ? -1 : 1
  const placed = stars
    .map(({ x, y, gMag }) => ({ u: hand * (x - middle.x), v: y - middle.y, gMag }))
    .map(({ u, v, gMag }) => ({ x: width / 2 + c * u - s * v, y: height / 2 + s * u + c * v, gMag }))
    .filter((star) => isNear(star, width, height))
    .sort((p, q) => p.gMag - q.gMag)
  const magnitudes = magnitudesFor(plate, random).sort((p, q) => p - q)
  return placed.slice(0, magnitudes.length).map((star, k) => ({ ...star, gMag: magnitudes[k]! }))
}

/** The plate's own stars, in their places within a disc or a strip of the given share of the scan, elsewhere displaced. */
export function partlyRightSky(plate: Prepared, share: number, random: Random): PixelStar[] {
  const { width, height } = plate
  const angle = random.between(0, 2 * Math.PI)
  const near = 5 * plate.fwhmPx // a start nearer than that is right
  const away = near * ((0.4 * width) / near) ** random.next()
  const shift = { x: away * Math.cos(angle), y: away * Math.sin(angle) }
  const isStrip = random.next() < 0.5
  const radius = Math.sqrt((share * width * height) / Math.PI)
  const middle = { x: random.between(radius, width - radius), y: random.between(radius, height - radius) }
  const isRight = ({ x, y }: PixelStar) =>
    isStrip ? x < share * width : Math.hypot(x - middle.x, y - middle.y) < radius
  return ownStars(plate).map((star) =>
    isRight(star) ? star : { ...star, x: star.x + shift.x, y: star.y + shift.y },
  )
}
