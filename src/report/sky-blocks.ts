// The map of the sky for a terminal: the whole sky in characters, darker where the store is deeper.
import { gridOf } from './sky-grid.ts'
import { type SkyPart, skyLayers } from './sky-layers.ts'
import { HAMMER } from './sky-projection.ts'

const COLUMNS = 72
const ROWS = 18 // a character is twice as high as wide
/** Each character is looked at in so many places along each side. */
const FINER = 4

/** Shades of 1 to 4 steps, the deepest last. */
const SHADES = {
  unicode: ['█', '▒█', '░▒█', '░▒▓█'],
  ascii: ['#', '+#', '-+#', '-=+#'],
}
const MARGIN = 5
const PARALLELS = [90, 60, 30, 0, -30, -60, -90]

/**
 * The map as lines of text without line feeds: the sky as dots, what is covered as blocks, and what the shades mean.
 * @param unicode  false for a terminal that has only ASCII
 */
export function skyBlocks(parts: readonly SkyPart[], unicode: boolean): string[] {
  const { steps, layers } = skyLayers(parts, SHADES.unicode.length)
  const frame = { halfWidth: 2, halfHeight: 1, columns: COLUMNS * FINER, rows: ROWS * FINER }
  const { layer } = gridOf(
    layers.map(({ moc }) => moc),
    HAMMER,
    frame,
  )
  const shades = [...(SHADES[unicode ? 'unicode' : 'ascii'][steps - 1] ?? '')]
  const sky = unicode ? '·' : '.'
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const characters = Array.from({ length: COLUMNS }, (_, column) => {
      let deepest = -1
      for (let n = 0; n < FINER * FINER; n++) {
        const at = (row * FINER + Math.floor(n / FINER)) * frame.columns + column * FINER + (n % FINER)
        if (layer[at] !== 0) deepest = Math.max(deepest, layers[layer[at]! - 1]!.step)
      }
      if (deepest >= 0) return shades[deepest]!
      const [x, y] = [(4 * (column + 0.5)) / COLUMNS - 2, 1 - (2 * (row + 0.5)) / ROWS]
      return HAMMER.toPlace([x, y]) === undefined ? ' ' : sky
    })
    return `${labelOf(row).padStart(MARGIN - 1)} ${characters.join('')}`.trimEnd()
  })
  const meanings = Array.from({ length: steps }, (_, n) => {
    const step = steps - 1 - n
    const labels = new Set(layers.filter((one) => one.step === step).map(({ label }) => label))
    return `${shades[step]} ${[...labels].join(', ')}`
  })
  const written = unicode ? meanings : meanings.map((text) => text.replaceAll('≤', '<='))
  return [...rows, hours(), ...(steps === 0 ? [] : [' '.repeat(MARGIN) + written.join('   ')])]
}

/** The declination at the left edge of a row, where it is a round one. */
function labelOf(row: number): string {
  const here = PARALLELS.find((dec) => {
    const y = HAMMER.toPoint([360, dec])![1]
    return Math.min(ROWS - 1, Math.floor(((1 - y) / 2) * ROWS)) === row
  })
  return here === undefined ? '' : `${here > 0 ? '+' : ''}${here}`
}

/** Right ascension along the equator. */
function hours(): string {
  let line = ' '.repeat(MARGIN)
  for (const hour of [24, 20, 16, 12, 8, 4, 0]) {
    const column = MARGIN + ((HAMMER.toPoint([15 * hour, 0])![0] + 2) / 4) * COLUMNS
    const text = `${hour}h`
    line = line.padEnd(Math.max(line.length, Math.round(column - text.length / 2))) + text
  }
  return line
}
