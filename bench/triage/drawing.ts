// What the plates of the triage bench have in common: how their emulsion, field and stars are drawn, and patterns of exposures.
import type { SimulateOptions } from '../../src/simulate/options.ts'
import type { Random } from '../../src/simulate/random.ts'
import { countsBelow } from '../../src/simulate/synthetic.ts'

/** What a family needs to know before it draws its own options. */
export interface Drawing {
  /** Of the light, before the emulsion. */
  fwhmPx: number
  stars: number
}

export const PIXEL_UM = 20
export const NEAREST_FWHM = 1.5
export const FARTHEST_PX = 5000 / PIXEL_UM

export const logBetween = (random: Random, low: number, high: number) => low * (high / low) ** random.next()

const LARGE_PX = 2000
const LARGE_SHARE = 0.15
const CROWDED = 8000 // images that a plate of the usual size shows only in part
const LIMIT_AT_1_DEG = 16 // the simulator's default; it falls as 5 log10 of the field
const COUNT_SLOPE = 0.35
const [LEAST_DENSITY, MOST_DENSITY] = [0.1, 5000]

export interface PlainPlate {
  fwhmPx: number
  field: number
  /** Images above the limit, after the dilution. */
  stars: number
  /** Of all exposures together. */
  images: number
  dilutionMag: number
  widthPx: number
  mostDamage: number
}

/** A plate of one exposure with all that may differ between plates; stars are made up. */
export function plainPlate(random: Random, asked: PlainPlate): Partial<SimulateOptions> {
  const { fwhmPx, field, stars, images, dilutionMag, widthPx, mostDamage } = asked
  const limit = LIMIT_AT_1_DEG - 5 * Math.log10(field)
  const perDegree = (stars * 10 ** (COUNT_SLOPE * dilutionMag)) / field ** 2
  const density = Math.min(MOST_DENSITY, Math.max(LEAST_DENSITY, perDegree / countsBelow(limit)))
  const isLarge = random.next() < LARGE_SHARE || images > CROWDED
  return {
    ...{
      fwhm: fwhmPx,
      field,
      density,
      stars: 'synthetic',
      width: isLarge ? LARGE_PX : widthPx,
      pixelUm: PIXEL_UM,
    },
    ra: random.between(0, 360),
    dec: random.between(-60, 60),
    damage: random.whole(mostDamage + 1),
    polarity: random.next() < 0.5 ? 'positive' : 'negative',
    edgeBlur: random.next() < 0.3 ? 0.7 * random.next() : 0,
    distortion: random.next() < 0.5 ? 60 * (random.next() - 0.5) : 0,
    rotation: random.between(0, 360),
    mirror: random.next() < 0.5,
  }
}

type Offset = [x: number, y: number]

const ROW_PX = 750 // of a long row of exposures: half a plate

/** A row in one direction, its step between the nearest that can be parted and 5 mm; the whole row stays within half a plate. */
export function rowOfExposures(random: Random, count: number, fwhmPx: number): Offset[] {
  const step = logBetween(random, NEAREST_FWHM * fwhmPx, Math.min(FARTHEST_PX, ROW_PX / (count - 1)))
  const angle = random.between(0, 2 * Math.PI)
  return Array.from({ length: count }, (_, k) => [k * step * Math.cos(angle), k * step * Math.sin(angle)])
}

/** In any direction from the first, at a distance between the nearest that can be parted and 5 mm; none nearer to another. */
export function scatteredExposures(random: Random, count: number, fwhmPx: number): Offset[] {
  const nearest = NEAREST_FWHM * fwhmPx
  const offsets: Offset[] = [[0, 0]]
  while (offsets.length < count) {
    const apart = logBetween(random, nearest, FARTHEST_PX)
    const angle = random.between(0, 2 * Math.PI)
    const [x, y] = [apart * Math.cos(angle), apart * Math.sin(angle)]
    if (offsets.every(([u, v]) => Math.hypot(u - x, v - y) >= nearest)) offsets.push([x, y])
  }
  return offsets
}

/** For --offsets. */
export const inUm = (offsets: readonly Offset[]): string =>
  offsets.map((offset) => offset.map((px) => (px * PIXEL_UM).toFixed(2)).join()).join(' ')
