// A plate as SExtractor measures it, without pixels: stars on one sequence of size and peak over magnitude, saturated at
// the bright end, and flaws of each kind beside them.
import type { Detections } from '../../../src/detections.ts'
import { type Random, randomStream } from '../../../src/simulate/random.ts'
import { type FilterInput, filter } from '../../../src/stages/filter.ts'
import { detectionsAt, drawMagnitude } from '../../models/true-plate.ts'

export const SIZE_PX = 2000
export const FWHM_PX = 4

export interface Image {
  x: number
  y: number
  magInst: number
  fwhm: number
  peak: number
  ellipticity: number
  thetaDeg: number
  sexFlags: number
  kind: string
}

const FAINT = -7 // instrumental magnitudes; saturated above
const SATURATED = -11.5

/** A star image: one width, a peak in proportion to its light, wider and flat where it saturates. */
export function starImage(random: Random, x: number, y: number, magInst: number): Image {
  const over = Math.max(0, SATURATED - magInst)
  const faint = 0.5 + Math.max(0, magInst + 10) / 3 // measures scatter more at the faint end
  const light = 10 ** (-0.4 * Math.max(magInst, SATURATED))
  return {
    x,
    y,
    magInst,
    fwhm: FWHM_PX * (1 + 0.25 * over) * (1 + 0.03 * faint * random.gauss()),
    peak: (light / 22) * (1 + 0.03 * faint * random.gauss()),
    ellipticity: Math.abs(0.04 + 0.025 * faint * random.gauss()),
    thetaDeg: random.between(-90, 90),
    sexFlags: 0,
    kind: 'star',
  }
}

export function stars(seed: number, count: number, where?: (random: Random) => [number, number]): Image[] {
  const random = randomStream(seed, 'filter plate')
  return Array.from({ length: count }, () => {
    const [x, y] = where?.(random) ?? [random.between(12, SIZE_PX - 12), random.between(12, SIZE_PX - 12)]
    return starImage(random, x, y, drawMagnitude(random, FAINT - 7, FAINT))
  })
}

export function detectionsOf(images: readonly Image[]): Detections {
  const column = (name: 'magInst' | 'fwhm' | 'peak' | 'ellipticity' | 'thetaDeg' | 'sexFlags') =>
    images.map((image) => image[name])
  const isoAreaPx = images.map(
    ({ fwhm, peak }) => Math.PI * fwhm ** 2 * Math.max(0.5, Math.log(peak / 20)) * 0.36,
  )
  const semiMajor = images.map(
    ({ fwhm, ellipticity }) => fwhm / 2.35 / Math.sqrt(1 - Math.min(0.95, ellipticity)),
  )
  return detectionsAt(
    images.map(({ x }) => x),
    images.map(({ y }) => y),
    {
      magInst: column('magInst'),
      fwhm: column('fwhm'),
      peak: column('peak'),
      ellipticity: column('ellipticity'),
      thetaDeg: column('thetaDeg'),
      sexFlags: column('sexFlags'),
      isoAreaPx,
      semiMajor,
      semiMinor: semiMajor.map((a, i) => a * (1 - images[i]!.ellipticity)),
    },
  )
}

export function everythingUsable(): FilterInput['area'] {
  return { blockPx: 100, columns: 20, rows: 20, usable: new Uint8Array(400).fill(1) }
}

export function filtered(images: readonly Image[], area = everythingUsable()) {
  const detections = detectionsOf(images)
  const input = { detections, width: SIZE_PX, height: SIZE_PX, fwhmPx: FWHM_PX, area }
  return { detections, ...filter(input) }
}
