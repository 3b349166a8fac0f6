// Handwriting: letters as strokes in a box one unit high, written with the unsteadiness of a hand.
import { type Mark, type StrokePoint, strokeMark } from './marks.ts'
import type { Random } from './random.ts'

/** Strokes of each sign: "x y, x y, …; next stroke", x to the right and y up, the baseline at y = 0, in tenths. */
const SIGNS: Record<string, string> = {
  '0': '3 10, 1 8, 0 5, 1 2, 3 0, 5 2, 6 5, 5 8, 3 10',
  '1': '1 8, 3 10, 3 0',
  '2': '0 8, 2 10, 5 9, 5 6, 2 3, 0 0, 3 1, 6 0',
  '3': '0 9, 3 10, 5 8, 3 5, 6 3, 4 0, 0 1',
  '4': '5 0, 5 10, 0 3, 7 3',
  '5': '6 10, 1 10, 0 6, 4 6, 6 3, 4 0, 0 0',
  '6': '5 10, 1 6, 0 3, 2 0, 5 1, 5 4, 1 4',
  '7': '0 10, 6 10, 3 5, 2 0; 1 5, 5 5',
  '8': '3 5, 0 8, 3 10, 6 8, 3 5, 0 2, 3 0, 6 2, 3 5',
  '9': '5 7, 2 5, 0 8, 3 10, 5 8, 5 3, 3 0',
  A: '0 0, 3 10, 6 0; 1 4, 5 4',
  B: '0 0, 0 10, 4 9, 4 6, 0 5, 5 4, 5 1, 0 0',
  C: '6 9, 3 10, 0 6, 1 2, 3 0, 6 1',
  D: '0 0, 0 10, 4 9, 6 5, 4 1, 0 0',
  G: '6 9, 3 10, 0 6, 1 1, 4 0, 6 3, 3 4',
  M: '0 0, 1 10, 4 3, 7 10, 8 0',
  N: '0 0, 0 10, 6 0, 6 10',
  P: '0 0, 0 10, 5 9, 5 6, 0 5',
  R: '0 0, 0 10, 5 9, 4 6, 0 5, 6 0',
  h: '0 0, 0 10, 1 5, 3 6, 4 4, 4 0',
  m: '0 0, 0 6, 2 6, 3 0, 4 5, 6 6, 7 0',
  '.': '0 0, 1 1',
  '-': '0 5, 4 5',
}
const SIGN_WIDTH = 0.95 // of the height, with the space after it

interface Hand {
  /** Where the text begins, pixels from 0, and its height. */
  x: number
  y: number
  heightPx: number
  angle: number
  /** Written on the other side of the glass: it reads backwards. */
  backwards: boolean
  /** Added density of the ink, and the pen's width in pixels. */
  strength: number
  penPx: number
}

/** Points of a rounded line through the given ones: each inner corner is cut twice (Chaikin's scheme). */
function rounded(points: [number, number][]): [number, number][] {
  let line = points
  for (let round = 0; round < 2; round++) {
    const next: [number, number][] = [line[0]!]
    for (let i = 1; i < line.length; i++) {
      const [[ax, ay], [bx, by]] = [line[i - 1]!, line[i]!]
      next.push(
        [0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by],
        [0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by],
      )
    }
    line = [...next, line.at(-1)!]
  }
  return line
}

/** One mark per stroke of the pen. Signs that are not known leave a gap. */
export function handwriting(text: string, hand: Hand, random: Random): Mark[] {
  const marks: Mark[] = []
  const [c, s] = [Math.cos(hand.angle), Math.sin(hand.angle)]
  const side = hand.backwards ? -1 : 1
  const slant = 0.15 + 0.1 * random.gauss()
  ;[...text].forEach((sign, position) => {
    const [lift, size] = [0.06 * random.gauss(), 1 + 0.08 * random.gauss()]
    for (const stroke of (SIGNS[sign] ?? '').split(';').filter((part) => part.trim() !== '')) {
      const corners = stroke.split(',').map((pair): [number, number] => {
        const [x, y] = pair.trim().split(/\s+/).map(Number) as [number, number]
        return [(x / 10) * size * 0.9 + 0.03 * random.gauss(), (y / 10) * size + 0.03 * random.gauss() + lift]
      })
      const points = rounded(corners).map(([u, v], i): StrokePoint => {
        const along = side * (position * SIGN_WIDTH + u + slant * v) * hand.heightPx
        const up = v * hand.heightPx
        return {
          x: hand.x + along * c - up * s,
          y: hand.y + along * s + up * c,
          width: hand.penPx * (0.8 + 0.35 * Math.sin(i * 0.7 + position)),
          tone: 0.85 + 0.15 * Math.sin(i * 0.31 + 2 * position), // ink runs out and is taken up again
        }
      })
      if (points.length > 1)
        marks.push(strokeMark({ kind: 'writing', layer: 'opaque', strength: hand.strength }, points))
    }
  })
  return marks
}
