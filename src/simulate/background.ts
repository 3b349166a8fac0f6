// The light of the sky over the plate, and what kept it away: vignetting, uneven fog, borders that were covered.
import type { Random } from './random.ts'
import type { Strip } from './strip.ts'

export interface Ground {
  width: number
  height: number
  pixelUm: number
  /** Fraction of the light lost at the corners. */
  vignetting: number
  /** Relative unevenness of the sky fog. */
  skyGradient: number
  /** Light at the very edge, sky units; it fades over 2 mm. */
  edgeFog: number
  rebateMm: number
}

/** Borders of the exposed area as lines, pixels from 0: distance at the middle of the side, and slope. */
interface Border {
  at: number
  slope: number
}

export interface Background {
  /** In place: the stars' light becomes all the light that reached the emulsion. */
  expose(light: Float32Array, strip: Strip): void
  /** How much of the light at a place (pixels from 0) passes the borders, 0–1. */
  exposed(x: number, y: number): number
}

const WAVES = 4
const EDGE_SOFT_MM = 0.12 // the holder does not touch the emulsion: its shadow has this soft an edge
const EDGE_FOG_MM = 2

function ramp(t: number): number {
  return Math.min(1, Math.max(0, t))
}

/** The background of a plate: sky intensity 1 at the centre, before unevenness. */
export function plateBackground(ground: Ground, random: Random): Background {
  const { width, height } = ground
  const pixelMm = ground.pixelUm / 1000
  const soft = Math.max(1.5, EDGE_SOFT_MM / pixelMm)
  const border = (): Border =>
    ground.rebateMm > 0
      ? { at: (ground.rebateMm / pixelMm) * random.between(0.5, 1.3), slope: 0.006 * random.gauss() }
      : { at: Number.NEGATIVE_INFINITY, slope: 0 }
  const [left, right, bottom, top] = [border(), border(), border(), border()]
  const inside = (edge: Border, distance: number, along: number) =>
    ramp((distance - edge.at - edge.slope * along) / soft)
  const exposed = (x: number, y: number) =>
    inside(left, x, y - height / 2) *
    inside(right, width - 1 - x, y - height / 2) *
    inside(bottom, y, x - width / 2) *
    inside(top, height - 1 - y, x - width / 2)
  const waves = Array.from({ length: WAVES }, () => ({
    kx: (random.between(-2.2, 2.2) * Math.PI) / width,
    ky: (random.between(-2.2, 2.2) * Math.PI) / height,
    phase: random.between(0, 2 * Math.PI),
  }))
  // cos(kx x + ky y + φ) is made from one row's and one column's sines and cosines.
  const columns = waves.map((wave) => ({
    cos: Float64Array.from({ length: width }, (_, x) => Math.cos(wave.kx * x)),
    sin: Float64Array.from({ length: width }, (_, x) => Math.sin(wave.kx * x)),
  }))
  const corner2 = (width / 2) ** 2 + (height / 2) ** 2
  const fogPerPx = pixelMm / EDGE_FOG_MM
  const expose = (light: Float32Array, strip: Strip) => {
    for (let row = 0; row < strip.rows; row++) {
      const y = strip.y0 + row
      const dy = y - height / 2
      const turns = waves.map((w) => [Math.cos(w.ky * y + w.phase), Math.sin(w.ky * y + w.phase)] as const)
      for (let x = 0; x < width; x++) {
        const index = row * width + x
        let uneven = 0
        for (let k = 0; k < WAVES; k++) {
          uneven += columns[k]!.cos[x]! * turns[k]![0] - columns[k]!.sin[x]! * turns[k]![1]
        }
        const dx = x - width / 2
        const passed = 1 - (ground.vignetting * (dx * dx + dy * dy)) / corner2
        const sky = 1 + (ground.skyGradient * uneven) / 2
        let all = (light[index]! + sky) * passed
        if (ground.edgeFog > 0) {
          const edge = Math.min(x, y, width - 1 - x, height - 1 - y) * fogPerPx
          if (edge < 8) all += ground.edgeFog * Math.exp(-edge) * (1 + uneven / 4)
        }
        light[index] = ground.rebateMm > 0 ? all * exposed(x, y) : all
      }
    }
  }
  return { expose, exposed }
}
