// Wrong first solutions as a solver finds them: affine mappings through a few chance pairs, and the best of very many
// guesses, each of which lays two detections on two reference stars.
import type { Random } from '../../src/simulate/random.ts'
import { affineOf, affineThrough, type LinearWcs, wcsOf } from './linear.ts'
import type { Prepared } from './plates.ts'
import type { PixelStar } from './skies.ts'

/** Pixels of the plate to pixels of the right solution: p → (a x − h b y + e, b x + h a y + f), with h the hand. */
interface Similarity {
  a: number
  b: number
  hand: 1 | -1
  e: number
  f: number
}

const apply = ({ a, b, hand, e, f }: Similarity, x: number, y: number) => ({
  x: a * x - hand * b * y + e,
  y: b * x + hand * a * y + f,
})

/** The similarity that lays p on P and q on Q. */
function through(p: XY, q: XY, P: XY, Q: XY, hand: 1 | -1): Similarity {
  const [dx, dy] = [q.x - p.x, hand * (q.y - p.y)]
  const [DX, DY] = [Q.x - P.x, Q.y - P.y]
  const square = dx * dx + dy * dy
  const a = (DX * dx + DY * dy) / square
  const b = (DY * dx - DX * dy) / square
  return { a, b, hand, e: P.x - a * p.x + hand * b * p.y, f: P.y - b * p.x - hand * a * p.y }
}

interface XY {
  x: number
  y: number
}

/** A header for a mapping between pixels, by pairs that it makes. */
function asWcs(plate: Prepared, pairs: readonly (readonly [XY, XY])[]): LinearWcs | undefined {
  const [a, b, c, d, e, f] = affineOf(plate.wcs)
  const affine = affineThrough(
    pairs.map(([{ x, y }, at]) => ({
      x,
      y,
      xi: a + b * at.x + c * at.y,
      eta: d + e * at.x + f * at.y,
    })),
  )
  return affine && wcsOf(affine, plate.wcs.crval)
}

const brightest = (stars: readonly PixelStar[], { width, height }: Prepared, count: number): PixelStar[] =>
  stars
    .filter(({ x, y }) => x > 0 && y > 0 && x <= width && y <= height)
    .sort((p, q) => p.gMag - q.gMag)
    .slice(0, count)

const place = ({ detections }: Prepared, row: number): XY => ({
  x: detections.x[row]!,
  y: detections.y[row]!,
})

const MAX_STRETCH = 1.2 // a scale range as a header gives it

/** Through four to ten pairs that a random guess brings nearest to each other; undefined for plates with too few stars. */
export function throughChancePairs(
  plate: Prepared,
  stars: readonly PixelStar[],
  random: Random,
): LinearWcs | undefined {
  const images = Array.from(plate.ranked.subarray(0, 60), (row) => place(plate, row))
  const bright = brightest(stars, plate, 90)
  if (images.length < 6 || bright.length < 6) return undefined
  const guess = randomGuess(images, bright, random)
  const wanted = Math.min(4 + random.whole(7), images.length)
  const pairs = images
    .map((image) => {
      const at = apply(guess, image.x, image.y)
      const star = bright.reduce((best, s) => (distance(s, at) < distance(best, at) ? s : best))
      return { image, star, apart: distance(star, at) }
    })
    .sort((p, q) => p.apart - q.apart)
    .slice(0, wanted)
  return asWcs(
    plate,
    pairs.map(({ image, star }) => [image, star] as const),
  )
}

const distance = (p: XY, q: XY): number => Math.hypot(p.x - q.x, p.y - q.y)

function randomGuess(images: readonly XY[], stars: readonly XY[], random: Random): Similarity {
  for (;;) {
    const [p, q] = [random.pick(images), random.pick(images)]
    const [P, Q] = [random.pick(stars), random.pick(stars)]
    const stretch = distance(P, Q) / distance(p, q)
    if (stretch > 1 / MAX_STRETCH && stretch < MAX_STRETCH) {
      return through(p, q, P, Q, random.next() < 0.5 ? 1 : -1)
    }
  }
}

const SEEN_PX = 3 // within which a solver counts an image as explained
const JUDGED_IMAGES = 100
const JUDGED_STARS = 150

/** The guess of very many that explains most images: what a solver without any threshold would offer. */
export function bestOfMany(
  plate: Prepared,
  stars: readonly PixelStar[],
  guesses: number,
  random: Random,
): LinearWcs | undefined {
  const images = Array.from(plate.ranked.subarray(0, JUDGED_IMAGES), (row) => place(plate, row))
  const bright = brightest(stars, plate, JUDGED_STARS)
  if (images.length < 6 || bright.length < 6) return undefined
  const { width, height } = plate
  const near = occupied(bright, width, height)
  const seen = ({ x, y }: XY): boolean => {
    const [i, j] = [Math.round(x), Math.round(y)]
    return i >= 0 && j >= 0 && i < width && j < height && near[j * width + i] === 1
  }
  let best: { guess: Similarity; score: number } | undefined
  for (let n = 0; n < guesses; n++) {
    const guess = randomGuess(images, bright, random)
    let score = 0
    for (const { x, y } of images) if (seen(apply(guess, x, y))) score++
    if (best === undefined || score > best.score) best = { guess, score }
  }
  const { guess } = best!
  const pairs = images.map((image) => [image, apply(guess, image.x, image.y)] as const)
  const near3 = pairs.filter(([, at]) => seen(at))
  // The stars that are explained draw the solution towards themselves, as a solver's last fit does.
  const drawn = near3.map(([image, at]) => {
    const star = bright.reduce((b, s) => (distance(s, at) < distance(b, at) ? s : b))
    return [image, star] as const
  })
  return asWcs(plate, drawn.length >= 4 ? drawn : pairs)
}

/** 1 for each pixel within reach of a star. */
function occupied(stars: readonly XY[], width: number, height: number): Uint8Array {
  const map = new Uint8Array(width * height)
  for (const { x, y } of stars) {
    for (let j = Math.floor(y - SEEN_PX); j <= y + SEEN_PX + 1; j++) {
      for (let i = Math.floor(x - SEEN_PX); i <= x + SEEN_PX + 1; i++) {
        const inside = i >= 0 && j >= 0 && i < width && j < height
        if (inside && Math.hypot(i - x, j - y) <= SEEN_PX) map[j * width + i] = 1
      }
    }
  }
  return map
}
