// A réseau: a grid that was exposed on the emulsion through a silvered plate, as crosses or as lines.
import { DEG } from '../math/sphere.ts'
import type { Mark } from './marks.ts'
import type { SimulateOptions } from './options.ts'
import type { Random } from './random.ts'
import { clipBox, type Strip } from './strip.ts'

/** One cross or line as the table of artefacts lists it. */
export type ReseauMark = Pick<Mark, 'kind' | 'x' | 'y' | 'lengthPx' | 'widthPx' | 'strength'> & {
  layer: 'light'
}

export interface Reseau {
  marks: ReseauMark[]
  /** Adds its light to that of the stars. */
  draw(light: Float32Array, strip: Strip): void
}

/** The frame of the réseau is never quite parallel to the plate's edges. */
const LEAN_DEG = 0.3
/** Light creeps under the silver's edge: the least width of that edge, micrometres. */
const EDGE_UM = 12

/** A straight piece of the réseau, pixels from 0: middle, direction, half its length. */
interface Piece {
  x: number
  y: number
  c: number
  s: number
  half: number
}

type Ruling = Pick<
  SimulateOptions,
  'reseau' | 'reseauLines' | 'reseauArm' | 'reseauWidth' | 'reseauLight' | 'pixelUm' | 'rotation'
>

/** Undefined without a spacing. Origin and lean are drawn from the stream; crosses are all alike. */
export function reseauOf(
  ruling: Ruling,
  scan: { width: number; height: number },
  random: Random,
): Reseau | undefined {
  const pxPerMm = 1000 / ruling.pixelUm
  const step = ruling.reseau * pxPerMm
  const turn = (ruling.rotation + random.between(-LEAN_DEG, LEAN_DEG)) * DEG
  const [u0, v0] = [random.between(-0.5, 0.5) * step, random.between(-0.5, 0.5) * step]
  if (!(step > 0)) return undefined
  const [c, s] = [Math.cos(turn), Math.sin(turn)]
  const reach = Math.hypot(scan.width, scan.height) / 2
  const count = Math.ceil(reach / step) + 1
  const rulings = Array.from({ length: 2 * count + 1 }, (_, k) => (k - count) * step)
  const at = (u: number, v: number) => ({
    x: (scan.width - 1) / 2 + (u + u0) * c - (v + v0) * s,
    y: (scan.height - 1) / 2 + (u + u0) * s + (v + v0) * c,
  })
  const seen = ({ x, y }: { x: number; y: number }, margin: number) =>
    x > -margin && y > -margin && x < scan.width + margin && y < scan.height + margin
  const half = ruling.reseauLines ? reach + step : ruling.reseauArm * pxPerMm
  const along = (place: { x: number; y: number }): Piece => ({ ...place, c, s, half })
  const across = (place: { x: number; y: number }): Piece => ({ ...place, c: -s, s: c, half })
  const crosses = rulings.flatMap((u) => rulings.map((v) => at(u, v))).filter((place) => seen(place, half))
  const pieces = ruling.reseauLines
    ? rulings.flatMap((w) => [along(at(-u0, w)), across(at(w, -v0))])
    : crosses.flatMap((place) => [along(place), across(place)])
  const places = ruling.reseauLines ? pieces.filter((piece) => crossesScan(piece, scan)) : crosses
  const widthPx = ruling.reseauWidth / ruling.pixelUm
  const profile = {
    halfWidth: widthPx / 2,
    soft: Math.max(EDGE_UM / ruling.pixelUm, 0.4),
    light: ruling.reseauLight,
  }
  return {
    marks: places.map(({ x, y }) => ({
      kind: 'reseau',
      layer: 'light',
      x,
      y,
      lengthPx: 2 * half,
      widthPx,
      strength: ruling.reseauLight,
    })),
    draw(light, strip) {
      // Lines that cross were exposed once: their light does not add up.
      const plane = new Float32Array(light.length)
      for (const piece of pieces) drawPiece(plane, strip, piece, profile)
      for (let i = 0; i < light.length; i++) light[i]! += plane[i]!
    },
  }
}

function crossesScan(piece: Piece, { width, height }: { width: number; height: number }): boolean {
  const sides = [0, width - 1].flatMap((x) =>
    [0, height - 1].map((y) => Math.sign((y - piece.y) * piece.c - (x - piece.x) * piece.s)),
  )
  return new Set(sides).size > 1
}

/** A soft step, 0 far outside an edge and 1 far inside. */
const inside = (distance: number, soft: number) => 1 / (1 + Math.exp(-distance / (0.4 * soft)))

function drawPiece(
  plane: Float32Array,
  strip: Strip,
  piece: Piece,
  profile: { halfWidth: number; soft: number; light: number },
): void {
  const { x: x0, y: y0, c, s, half } = piece
  const { halfWidth, soft, light } = profile
  const margin = halfWidth + 4 * soft
  const [boxX, boxY] = [half * Math.abs(c) + margin, half * Math.abs(s) + margin]
  const box = clipBox(strip, x0 - boxX, x0 + boxX, y0 - boxY, y0 + boxY)
  for (let y = box.y0; y <= box.y1; y++) {
    const dy = y - y0
    // Only the pixels near the line: |dy c − dx s| < margin.
    const middle = x0 + (dy * c) / s
    const spread = Math.abs(margin / s)
    const first = Math.max(box.x0, Math.abs(s) < 1e-9 ? box.x0 : Math.ceil(middle - spread))
    const last = Math.min(box.x1, Math.abs(s) < 1e-9 ? box.x1 : Math.floor(middle + spread))
    for (let x = first; x <= last; x++) {
      const dx = x - x0
      const across = Math.abs(dy * c - dx * s)
      const along = Math.abs(dx * c + dy * s)
      const value = light * inside(halfWidth - across, soft) * inside(half - along, soft)
      const index = (y - strip.y0) * strip.width + x
      if (value > plane[index]!) plane[index] = value
    }
  }
}
