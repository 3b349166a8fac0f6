// Marks on a plate and how they are drawn: spots with ragged outlines, strokes, rectangles, soft stains.
// Coordinates are pixels counted from 0, y upwards in the stored order.
import { clipBox, type RowSpan, type Strip } from './strip.ts'

/**
 * `opaque` marks lie on the glass and add density to the scan; `clear` marks are places where the emulsion is gone,
 * a fraction of its density.
 */
export type Layer = 'opaque' | 'clear'

export interface Planes {
  /** Added density. */
  opaque: Float32Array
  /** Fraction of the emulsion that is gone, 0–1. */
  clear: Float32Array
}

/** Something that befell the plate, as the table of artefacts lists it. */
export interface Mark extends RowSpan {
  kind: string
  layer: Layer
  /** Middle of the mark. */
  x: number
  y: number
  /** Greatest extent and typical width, pixels. */
  lengthPx: number
  widthPx: number
  /** Density added, or fraction of the emulsion removed. */
  strength: number
  draw(planes: Planes, strip: Strip): void
}

/** How much of a pixel lies inside an edge at signed distance d (inside negative): a ramp one pixel wide. */
function coverage(distance: number, softness: number): number {
  const t = 0.5 - distance / softness
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t)
}

/** Overlapping parts of marks do not add up: ink over ink is ink. */
function deposit(planes: Planes, layer: Layer, index: number, amount: number): void {
  const plane = layer === 'opaque' ? planes.opaque : planes.clear
  if (amount > plane[index]!) plane[index] = amount
}

export interface Outline {
  kind: string
  layer: Layer
  strength: number
}

/** A spot whose outline is an ellipse with bumps: amplitudes and phases of its 2nd to 5th harmonic. */
export interface SpotSpec extends Outline {
  x: number
  y: number
  radiusPx: number
  /** Shorter over longer axis. */
  axisRatio: number
  angle: number
  bumps: readonly { amplitude: number; phase: number }[]
  /** Width of its edge, pixels. */
  softnessPx: number
}

export function spotMark(spec: SpotSpec): Mark {
  const reach =
    spec.radiusPx * (1 + spec.bumps.reduce((sum, b) => sum + b.amplitude, 0)) + spec.softnessPx + 1
  const [c, s] = [Math.cos(spec.angle), Math.sin(spec.angle)]
  return {
    ...spec,
    lengthPx: 2 * spec.radiusPx,
    widthPx: 2 * spec.radiusPx * spec.axisRatio,
    top: spec.y - reach,
    bottom: spec.y + reach,
    draw(planes, strip) {
      const box = clipBox(strip, spec.x - reach, spec.x + reach, spec.y - reach, spec.y + reach)
      for (let y = box.y0; y <= box.y1; y++) {
        for (let x = box.x0; x <= box.x1; x++) {
          const [dx, dy] = [x - spec.x, y - spec.y]
          const u = dx * c + dy * s
          const v = (dy * c - dx * s) / spec.axisRatio
          const theta = Math.atan2(v, u)
          let radius = spec.radiusPx
          spec.bumps.forEach((bump, k) => {
            radius += spec.radiusPx * bump.amplitude * Math.cos((k + 2) * theta + bump.phase)
          })
          const inside = coverage(Math.sqrt(u * u + v * v) - radius, spec.softnessPx)
          if (inside > 0)
            deposit(planes, spec.layer, (y - strip.y0) * strip.width + x, spec.strength * inside)
        }
      }
    },
  }
}

export interface StrokePoint {
  x: number
  y: number
  /** Width of the stroke here, pixels. */
  width: number
  /** Strength here, relative to the mark's. */
  tone: number
}

const LONGEST_SEGMENT_PX = 48 // a segment is drawn within its bounding box; short ones waste little of it

/** A line through points: a hair, a scratch, a stroke of a pen. Segments join seamlessly. */
export function strokeMark(spec: Outline, points: readonly StrokePoint[]): Mark {
  const fine: StrokePoint[] = [points[0]!]
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!]
    const parts = Math.max(1, Math.ceil(Math.hypot(b.x - a.x, b.y - a.y) / LONGEST_SEGMENT_PX))
    for (let k = 1; k <= parts; k++) {
      const t = k / parts
      const between = (p: number, q: number) => p + (q - p) * t
      fine.push({
        x: between(a.x, b.x),
        y: between(a.y, b.y),
        width: between(a.width, b.width),
        tone: between(a.tone, b.tone),
      })
    }
  }
  const [xs, ys] = [fine.map((p) => p.x), fine.map((p) => p.y)]
  const [left, right] = [xs.reduce((m, x) => Math.min(m, x)), xs.reduce((m, x) => Math.max(m, x))]
  const [top, bottom] = [ys.reduce((m, y) => Math.min(m, y)), ys.reduce((m, y) => Math.max(m, y))]
  const widest = fine.reduce((m, p) => Math.max(m, p.width), 0)
  return {
    ...spec,
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    lengthPx: Math.hypot(right - left, bottom - top),
    widthPx: fine.reduce((sum, p) => sum + p.width, 0) / fine.length,
    top: top - widest - 2,
    bottom: bottom + widest + 2,
    draw(planes, strip) {
      for (let i = 1; i < fine.length; i++) drawSegment(planes, strip, spec, fine[i - 1]!, fine[i]!)
    },
  }
}

function drawSegment(planes: Planes, strip: Strip, spec: Outline, a: StrokePoint, b: StrokePoint): void {
  const reach = Math.max(a.width, b.width) / 2 + 1
  const box = clipBox(
    strip,
    Math.min(a.x, b.x) - reach,
    Math.max(a.x, b.x) + reach,
    Math.min(a.y, b.y) - reach,
    Math.max(a.y, b.y) + reach,
  )
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const length2 = Math.max(dx * dx + dy * dy, 1e-12)
  for (let y = box.y0; y <= box.y1; y++) {
    for (let x = box.x0; x <= box.x1; x++) {
      const t = Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / length2))
      const [ex, ey] = [x - a.x - t * dx, y - a.y - t * dy]
      const width = a.width + (b.width - a.width) * t
      // A stroke thinner than a pixel covers only part of it.
      const inside = coverage(Math.sqrt(ex * ex + ey * ey) - Math.max(width, 1) / 2, 1) * Math.min(1, width)
      if (inside <= 0) continue
      const tone = a.tone + (b.tone - a.tone) * t
      deposit(planes, spec.layer, (y - strip.y0) * strip.width + x, spec.strength * tone * inside)
    }
  }
}

/** A turned rectangle, `lengthPx` by `widthPx`, cut as unevenly as `raggedPx`: a paper label, a holder's edge. */
export interface RectangleSpec extends Outline {
  x: number
  y: number
  lengthPx: number
  widthPx: number
  angle: number
  raggedPx: number
}

export function rectangleMark(spec: RectangleSpec): Mark {
  const reach = Math.hypot(spec.lengthPx, spec.widthPx) / 2 + 2
  const [c, s] = [Math.cos(spec.angle), Math.sin(spec.angle)]
  return {
    ...spec,
    top: spec.y - reach,
    bottom: spec.y + reach,
    draw(planes, strip) {
      const box = clipBox(strip, spec.x - reach, spec.x + reach, spec.y - reach, spec.y + reach)
      for (let y = box.y0; y <= box.y1; y++) {
        for (let x = box.x0; x <= box.x1; x++) {
          const [dx, dy] = [x - spec.x, y - spec.y]
          const ragged = spec.raggedPx * (Math.sin(x * 0.11 + 2 * Math.sin(x * 0.013)) + Math.sin(y * 0.13))
          const u = Math.abs(dx * c + dy * s) - spec.lengthPx / 2
          const v = Math.abs(dy * c - dx * s) - spec.widthPx / 2
          const inside = coverage(Math.max(u, v) + ragged, 2)
          if (inside > 0)
            deposit(planes, spec.layer, (y - strip.y0) * strip.width + x, spec.strength * inside)
        }
      }
    },
  }
}
