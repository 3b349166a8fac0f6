// Plates painted for the tests of triage: a sky with noise and what is drawn on it, as the thumbnail of the ingest stage,
// and detections of the images as SExtractor would measure them.
import type { Detections } from '../../../src/detections.ts'
import { correlationsOf, type TileCorrelations } from '../../../src/image-tiles.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import type { Sky } from '../../../src/stages/triage/sky-map.ts'
import type { TriageInput } from '../../../src/stages/triage.ts'
import { detectionsAt } from '../../models/true-plate.ts'

export const SIDE_PX = 640
export const FWHM_PX = 4
export const NOISE = 50
const SKY = 1000
/** Above the sky: the scan levels off there. */
export const PLATEAU = 4000

/** Light at a place (FITS pixels), units in which the plateau is 1. */
export type Light = (x: number, y: number) => number

/** The light levels off as on an emulsion: u / (1 + u²)^½. */
export function paint(lights: readonly Light[], seed = 1): Sky {
  const random = randomStream(seed, 'painted')
  const levels = Float32Array.from({ length: SIDE_PX * SIDE_PX }, (_, i) => {
    const [x, y] = [(i % SIDE_PX) + 1, Math.floor(i / SIDE_PX) + 1]
    const u = lights.reduce((sum, light) => sum + light(x, y), 0)
    return SKY + (PLATEAU * u) / Math.sqrt(1 + u * u) + NOISE * random.gauss()
  })
  const blocks = SIDE_PX / 16
  return {
    thumbnail: { cellPx: 1, columns: SIDE_PX, rows: SIDE_PX, levels },
    area: { blockPx: 16, columns: blocks, rows: blocks, usable: new Uint8Array(blocks * blocks).fill(1) },
    statistics: { skyNoise: NOISE },
  }
}

const SIGMA = FWHM_PX / 2.3548

/** A star: a Gaussian core in a faint wing. */
export function star(x0: number, y0: number, light: number): Light {
  return (x, y) => {
    const q = ((x - x0) ** 2 + (y - y0) ** 2) / SIGMA ** 2
    return q > 4e4 ? 0 : light * (Math.exp(-q / 2) + 0.002 / (1 + q / 50) ** 1.5)
  }
}

/** A line of light along x through a place, with a weight from −½ to ½ of its length. */
export function line(
  x0: number,
  y0: number,
  lengthPx: number,
  light: number,
  weight: (t: number) => number,
): Light {
  const step = 1
  const count = Math.max(1, Math.round(lengthPx / step))
  const parts = Array.from({ length: count }, (_, k) => (k + 0.5) / count - 0.5)
  return (x, y) => {
    if (Math.abs(y - y0) > 5 * SIGMA || Math.abs(x - x0) > lengthPx / 2 + 5 * SIGMA) return 0
    const across = Math.exp(-((y - y0) ** 2) / (2 * SIGMA ** 2))
    return (
      light *
      across *
      parts.reduce(
        (sum, t) => sum + weight(t) * Math.exp(-((x - x0 - t * lengthPx) ** 2) / (2 * SIGMA ** 2)),
        0,
      )
    )
  }
}

/** Places on a grid with some disorder, away from the borders. */
export function places(count: number, seed = 1): [number, number][] {
  const random = randomStream(seed, 'places')
  const side = Math.ceil(Math.sqrt(count))
  const pitch = (SIDE_PX - 120) / side
  return Array.from({ length: count }, (_, k) => [
    60 + ((k % side) + 0.5 + 0.3 * (random.next() - 0.5)) * pitch,
    60 + (Math.floor(k / side) + 0.5 + 0.3 * (random.next() - 0.5)) * pitch,
  ])
}

export interface Measured {
  ellipticity?: number
  thetaDeg?: number
  semiMajor?: number
  semiMinor?: number
  isoAreaPx?: number
  arealProfile?: number
  fwhm?: number
  snrWin?: number
}

/** Detections at these places, all alike but for what is given for each; brighter the earlier. */
export function detected(
  at: readonly [number, number][],
  measure: (k: number) => Measured = () => ({}),
): Detections {
  const given = at.map((_, k) => ({
    ...{
      ellipticity: 0.05,
      thetaDeg: 0,
      semiMajor: 2,
      semiMinor: 1.9,
      isoAreaPx: 60,
      arealProfile: 0.5,
      fwhm: FWHM_PX,
      snrWin: 50,
    },
    ...measure(k),
  }))
  const column = (name: keyof Required<Measured>) => given.map((row) => row[name])
  const d = detectionsAt(
    at.map(([x]) => x),
    at.map(([, y]) => y),
    {
      ...{ ellipticity: column('ellipticity'), thetaDeg: column('thetaDeg'), semiMajor: column('semiMajor') },
      ...{ semiMinor: column('semiMinor'), isoAreaPx: column('isoAreaPx'), fwhm: column('fwhm') },
      arealProfile: column('arealProfile'),
      magInst: at.map((_, k) => -12 + 0.01 * k),
    },
  )
  return {
    ...d,
    snrWin: Float64Array.from(column('snrWin')),
    background: new Float64Array(d.length).fill(SKY),
    fluxAuto: Float64Array.from(at, (_, k) => 1e6 - k),
  }
}

/** What the pixels of that sky say. */
export async function correlated(sky: Sky): Promise<TileCorrelations[]> {
  const { columns, rows, levels } = sky.thumbnail
  const readRows = async (y: number, count: number) =>
    Float64Array.from(levels.subarray(y * columns, (y + count) * columns))
  return [await correlationsOf({ width: columns, height: rows, readRows }, sky.area, 1)]
}

export function inputOf(detections: Detections, sky: Sky): TriageInput {
  return {
    detections,
    reject: new Int32Array(detections.length),
    ranked: Int32Array.from({ length: detections.length }, (_, i) => i),
    ...{ width: SIDE_PX, height: SIDE_PX, fwhmPx: FWHM_PX, pixelUm: null, scaleArcsecPerPx: null },
    logbook: { method: null, exposures: null, insists: false },
    sky,
    correlations: [],
  }
}
