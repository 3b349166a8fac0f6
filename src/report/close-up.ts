// One star in all exposures: a piece of the scan at full size, where they lie close enough together to be seen at once.
import { openFitsImage } from '../fits/image.ts'
import type { ExposurePattern } from '../stages/triage/exposure-pattern.ts'
import { COLOUR } from './colours.ts'
import { scaleBar, TEXT_STYLE } from './drawing.ts'
import { type Html, html } from './html.ts'
import { colourOf, shape } from './marks.ts'
import { roundBelow } from './numbers.ts'
import { greyPicture } from './preview-image.ts'
import type { ShownExposure } from './shown-exposures.ts'

const SIDE = 420
const LEFT = 52 // as the maps of offsets have it
const TOP = 8
const FOOT = 40
const ROOM = 1.8 // the sides of the piece, in the span of the exposures
const LEAST_SIDE_PX = 48
const MOST_SIDE_PX = 220
// The star that is shown is none of the brightest, which are overexposed, but among so many.
const TOO_BRIGHT = 0.1
const BRIGHT = 0.4
const RING_FWHM = 1.1
const LEAST_RING = 9
const MOST_RING = 22

interface Places {
  x: Float64Array
  y: Float64Array
  magInst: Float64Array
  fwhm: Float64Array
}

/**
 * @param path  the positive scan
 * @returns undefined where the exposures lie too far apart, or no star is seen in all of them
 */
export async function closeUp(
  path: string,
  pattern: ExposurePattern,
  places: Places,
  exposures: readonly ShownExposure[],
): Promise<Html | undefined> {
  const spanOf = (shifts: readonly number[]) => Math.max(...shifts) - Math.min(...shifts)
  const span = Math.max(
    spanOf(pattern.exposures.map(({ dx }) => dx)),
    spanOf(pattern.exposures.map(({ dy }) => dy)),
  )
  const side = Math.ceil(Math.max(LEAST_SIDE_PX, ROOM * span))
  const scan = await openFitsImage(path)
  try {
    const { width, height } = scan
    if (side > Math.min(MOST_SIDE_PX, width, height)) return undefined
    const piece = clearestPiece(pattern, places, { side, width, height })
    if (piece === undefined) return undefined
    const { x0, y0 } = piece
    const rows = await scan.readRows(y0, side)
    const levels = Float64Array.from(
      { length: side * side },
      (_, k) => rows[Math.floor(k / side) * width + x0 + (k % side)]!,
    )
    return drawn(levels, piece, places, exposures)
  } finally {
    await scan.close()
  }
}

/** A square piece of the scan: columns and rows from x0 and y0 on, counted from 0. */
interface Piece {
  x0: number
  y0: number
  side: number
}

/** Around a star that is seen in all exposures, and has the least light of others around it. */
function clearestPiece(
  { groups }: ExposurePattern,
  { x, y, magInst }: Places,
  { side, width, height }: { side: number; width: number; height: number },
): Piece | undefined {
  const pieces = groups
    .filter((group) => group.every((row) => row >= 0))
    .map((group) => {
      const own = Array.from(group)
      const corner = (column: Float64Array) => {
        const places = own.map((row) => column[row]!)
        return Math.round((Math.min(...places) + Math.max(...places) - 1 - side) / 2)
      }
      return { x0: corner(x), y0: corner(y), side, mag: magInst[own[0]!]!, own: new Set(own) }
    })
    .filter(({ x0, y0 }) => x0 >= 0 && y0 >= 0 && x0 + side <= width && y0 + side <= height)
    .sort((a, b) => a.mag - b.mag)
  /** In the light of the star itself. */
  const strangeLight = ({ x0, y0, mag, own }: (typeof pieces)[number]) => {
    let light = 0
    for (let row = 0; row < x.length; row++) {
      const apart = Math.max(Math.abs(x[row]! - x0 - side / 2), Math.abs(y[row]! - y0 - side / 2))
      if (apart < side && !own.has(row) && Number.isFinite(magInst[row]!))
        light += 10 ** (-0.4 * (magInst[row]! - mag))
    }
    return light
  }
  const [clearest] = pieces
    .slice(Math.floor(TOO_BRIGHT * pieces.length), Math.ceil(BRIGHT * pieces.length))
    .map((piece) => ({ piece, light: strangeLight(piece) }))
    .sort((a, b) => a.light - b.light)
  return clearest?.piece
}

function drawn(
  levels: Float64Array,
  { x0, y0, side }: Piece,
  { x, y, fwhm }: Places,
  exposures: readonly ShownExposure[],
): Html {
  const perPx = SIDE / side
  const ring = (row: number) => Math.min(MOST_RING, Math.max(LEAST_RING, RING_FWHM * fwhm[row]! * perPx || 0))
  const mark = (row: number, k: number): string =>
    shape(k, LEFT + (x[row]! - 0.5 - x0) * perPx, TOP + SIDE - (y[row]! - 0.5 - y0) * perPx, ring(row))
  const inside = (row: number) =>
    x[row]! > x0 + 1 && x[row]! < x0 + side && y[row]! > y0 + 1 && y[row]! < y0 + side
  const marks = exposures.map(({ number, rows: own }) => {
    const paths = Array.from(own)
      .filter(inside)
      .map((row) => mark(row, number - 1))
    return html`<path d="${paths.join('')}" stroke="${colourOf(number - 1)}"/>`
  })
  const png = greyPicture(levels, side, side).toString('base64')
  const bar = roundBelow(0.3 * side)
  return html`<svg id="close-up" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + SIDE + 12} ${TOP + SIDE + FOOT}" role="img" aria-label="A piece of the scan with a star in all exposures" ${{ markup: TEXT_STYLE }}>
<image href="data:image/png;base64,${png}" x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" style="image-rendering:pixelated"/>
<rect x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" fill="none" stroke="${COLOUR.faint}"/>
<svg x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" viewBox="${LEFT} ${TOP} ${SIDE} ${SIDE}" style="width:${SIDE}px;height:${SIDE}px"><g fill="none" stroke-width="2">${marks}</g></svg>
${scaleBar(LEFT + 2, TOP + SIDE + 30, bar * perPx, `${bar} px`)}
</svg>`
}
