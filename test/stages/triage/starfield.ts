// Lists of images as triage gets them, without pixels: stars in several exposures, flaws, clusters, grids.
import { type Random, randomStream } from '../../../src/simulate/random.ts'

export const SIDE_PX = 1500
export const FWHM_PX = 4

export interface Image {
  x: number
  y: number
  mag: number
  /** The star it is an image of; −1 for what is none. */
  star: number
  exposure: number
}

export interface TrueExposure {
  dx: number
  dy: number
  magStep: number
}

const BRIGHTEST = -15
const LIMIT = -8 // instrumental; fainter images are not detected
const SLOPE = 0.35 // log₁₀ of the number of stars per magnitude

function drawMag(random: Random): number {
  const span = LIMIT - BRIGHTEST
  return LIMIT + Math.log10(10 ** (-SLOPE * span) + random.next() * (1 - 10 ** (-SLOPE * span))) / SLOPE
}

const onPlate = ({ x, y }: Image) => x > 3 && y > 3 && x < SIDE_PX - 2 && y < SIDE_PX - 2

/** Images of `count` stars in every exposure, as far as they are bright enough and on the plate. */
export function starImages(
  seed: number,
  count: number,
  exposures: readonly TrueExposure[],
  where?: Where,
): Image[] {
  const random = randomStream(seed, 'triage stars')
  const place: Where = where ?? (() => [random.between(0, SIDE_PX), random.between(0, SIDE_PX)])
  return Array.from({ length: count }, (_, star) => {
    const [x, y] = place(random)
    const mag = drawMag(random)
    return exposures.map(({ dx, dy, magStep }, exposure) => ({
      x: x + dx + 0.15 * random.gauss(),
      y: y + dy + 0.15 * random.gauss(),
      mag: mag + magStep + 0.12 * random.gauss(),
      ...{ star, exposure },
    }))
  })
    .flat()
    .filter((image) => image.mag < LIMIT && onPlate(image))
}

export type Where = (random: Random) => [x: number, y: number]

/** A star cluster: half of its stars within `radius` of its middle. */
export const inCluster =
  (x0: number, y0: number, radius: number): Where =>
  (random) => {
    const r = radius * random.next() ** -0.5 * 0.7
    const angle = random.between(0, 2 * Math.PI)
    return [x0 + r * Math.cos(angle), y0 + r * Math.sin(angle)]
  }

/** Dust, pinholes and mould: single specks and crowded patches. */
export function flaws(seed: number, single: number, patches: number): Image[] {
  const random = randomStream(seed, 'triage flaws')
  const speck = (x: number, y: number): Image => ({ x, y, mag: drawMag(random), star: -1, exposure: -1 })
  const all = Array.from({ length: single }, () =>
    speck(random.between(0, SIDE_PX), random.between(0, SIDE_PX)),
  )
  for (let n = 0; n < patches; n++) {
    const [x, y] = [random.between(0, SIDE_PX), random.between(0, SIDE_PX)]
    for (let k = 0; k < 150; k++) all.push(speck(x + 40 * random.gauss(), y + 40 * random.gauss()))
  }
  return all.filter(onPlate)
}

/** The crosses of a réseau, leaning by a little. */
export function gridMarks(seed: number, spacingPx: number): Image[] {
  const random = randomStream(seed, 'triage grid')
  const [x0, y0] = [random.between(0, spacingPx), random.between(0, spacingPx)]
  const lean = 0.003
  const steps = Array.from({ length: Math.ceil(SIDE_PX / spacingPx) + 1 }, (_, i) => i)
  return steps
    .flatMap((j) =>
      steps.map((i) => ({
        x: x0 + spacingPx * (i - lean * j) + 0.2 * random.gauss(),
        y: y0 + spacingPx * (j + lean * i) + 0.2 * random.gauss(),
        mag: -11 + 0.1 * random.gauss(),
        ...{ star: -1, exposure: -1 },
      })),
    )
    .filter((image) => onPlate(image) && random.next() < 0.9)
}

/** The columns that the search for repeated offsets reads, brightest first. */
export function placed(images: readonly Image[]) {
  const order = images.map((_, row) => row).sort((a, b) => images[a]!.mag - images[b]!.mag)
  return {
    x: Float64Array.from(images, ({ x }) => x),
    y: Float64Array.from(images, ({ y }) => y),
    mag: Float64Array.from(images, ({ mag }) => mag),
    order,
  }
}
