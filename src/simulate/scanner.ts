// What the scanner does to places: a carriage that errs periodically, and tiles that were not laid exactly side by side.
import { randomStream } from './random.ts'

export interface ScannerErrors {
  pixelUm: number
  /** Periodic error of the carriage, which moves along y. */
  wobbleUm: number
  wobblePeriodMm: number
  /** Standard deviation per axis of the shift of each tile of a mosaic, and the side of the tiles. */
  tileStepUm: number
  tileMm: number
  seed: number
}

export interface PixelPlace {
  x: number
  y: number
}

/** Where the scanner puts what lies at a pixel (FITS) of a perfect scan. */
export function scannedBy(errors: ScannerErrors): (x: number, y: number) => PixelPlace {
  const stepOf = tileSteps(errors)
  return (x, y) => {
    const wobbled = wobbledBy(x, y, errors)
    if (errors.tileStepUm === 0) return wobbled
    const [dx, dy] = stepOf(tileAt(wobbled.x, errors), tileAt(wobbled.y, errors))
    return { x: wobbled.x + dx / errors.pixelUm, y: wobbled.y + dy / errors.pixelUm }
  }
}

/** The carriage moves along y: its place errs by A sin 2πy/P, and it sways sideways by half as much. */
function wobbledBy(x: number, y: number, errors: ScannerErrors): PixelPlace {
  if (errors.wobbleUm === 0) return { x, y }
  const phase = (2 * Math.PI * y * errors.pixelUm) / 1000 / errors.wobblePeriodMm
  const amplitudePx = errors.wobbleUm / errors.pixelUm
  return { x: x + 0.5 * amplitudePx * Math.sin(phase + 1), y: y + amplitudePx * Math.sin(phase) }
}

/** Which tile, counted from 0, a pixel lies in: the scan begins at 0.5, with the first tile. */
const tileAt = (pixel: number, { pixelUm, tileMm }: ScannerErrors): number =>
  Math.floor(((pixel - 0.5) * pixelUm) / 1000 / tileMm)

/** The shift of each tile, micrometres: a function of the seed and the tile, whatever the size of the scan. */
function tileSteps({ seed, tileStepUm }: ScannerErrors) {
  const known = new Map<string, [number, number]>()
  return (column: number, row: number): [number, number] => {
    const name = `tile ${column} ${row}`
    let step = known.get(name)
    if (step === undefined) {
      const random = randomStream(seed, name)
      step = [tileStepUm * random.gauss(), tileStepUm * random.gauss()]
      known.set(name, step)
    }
    return step
  }
}

/** Where tiles meet along an axis of `length` pixels, FITS pixels; none without tiles. */
export function tileEdges({ pixelUm, tileStepUm, tileMm }: ScannerErrors, length: number): number[] {
  if (tileStepUm === 0) return []
  const sidePx = (tileMm * 1000) / pixelUm
  return Array.from({ length: Math.ceil(length / sidePx) - 1 }, (_, k) => 0.5 + (k + 1) * sidePx)
}
