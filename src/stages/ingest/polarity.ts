// Whether the stars are brighter or darker than the sky: measured on the pixels, because headers lie and half of all
// archives deliver negatives. Two witnesses are heard: compact images on both sides of the sky, and, for crowds, the
// tails of the pixels. Both are antisymmetric: the same plate inverted gives the opposite answer.

import { throwIfCancelled } from '../../errors.ts'
import type { ImageSource } from '../../fits/image.ts'
import { countExtrema, type Extrema, hearCompact } from './polarity/compact.ts'
import { addVote, hearTails, noVotes, tailsOf, type Votes } from './polarity/tails.ts'
import { binTile } from './polarity/tile.ts'

/** A tile must hold many stars' breadths also when images are 30 px wide, yet few tiles must be quick to read. */
const TILE_PX = 256
/** Tiles along each side; the second number where the first has found too few stars to be sure. */
const TILES_PER_SIDE = [8, 32] as const
/** Images of 2 to 30 px FWHM are 2 to 4 px wide in one of these. */
const BINNINGS = [1, 2, 4, 8] as const
/** The tails are heard at these: what is wider is no crowd of stars, and too few binned pixels are left of a tile. */
const TAIL_BINNINGS = [1, 2, 4] as const

export interface Polarity {
  polarity: 'positive' | 'negative'
  sure: boolean
  /**
   * Counts of compact extrema on both sides of the sky, and the ratio of the larger to the smaller; numbers of tiles
   * whose pixels have the longer tail on the bright and on the dark side; the binnings at which both were counted.
   */
  evidence: Record<string, number>
}

/** Measures the polarity on 64 tiles spread over the scan, on up to 1024 where these do not make it sure. */
export async function measurePolarity(scan: ImageSource, signal?: AbortSignal): Promise<Polarity> {
  const [few, many] = TILES_PER_SIDE
  const quick = await measureTiles(scan, few, signal)
  const coversAll = Math.max(scan.width, scan.height) <= few * TILE_PX
  return quick.sure || coversAll ? quick : measureTiles(scan, many, signal)
}

async function measureTiles(scan: ImageSource, perSide: number, signal?: AbortSignal): Promise<Polarity> {
  const extrema = BINNINGS.map((): Extrema => ({ bright: 0, dark: 0 }))
  const votes = TAIL_BINNINGS.map(noVotes)
  const [columnCount, rowCount] = [Math.min(TILE_PX, scan.width), Math.min(TILE_PX, scan.height)]
  let tiles = 0
  for (const y0 of starts(scan.height, perSide)) {
    throwIfCancelled(signal)
    const rows = await scan.readRows(y0, rowCount)
    for (const x0 of starts(scan.width, perSide)) {
      tiles++
      for (const [k, binning] of BINNINGS.entries()) {
        const tile = binTile(rows, scan.width, x0, columnCount, rowCount, binning)
        const found = countExtrema(tile)
        extrema[k].bright += found.bright
        extrema[k].dark += found.dark
        if (k < votes.length) addVote(votes[k], tailsOf(tile))
      }
    }
  }
  return decide(extrema, votes, tiles)
}

/** Where up to `perSide` tiles begin, evenly from edge to edge. */
function starts(length: number, perSide: number): number[] {
  const count = Math.max(1, Math.min(perSide, Math.round(length / TILE_PX)))
  const last = Math.max(0, length - TILE_PX)
  if (count === 1) return [Math.floor(last / 2)]
  return Array.from({ length: count }, (_, i) => Math.round((last * i) / (count - 1)))
}

/**
 * The tails decide where nearly all tiles agree on them, for then the plate is a crowd; else the compact images, which
 * are not believed where many tiles lean to the other side, nor sure where the grain reaches far on their own.
 */
function decide(extrema: Extrema[], votes: Votes[], tiles: number): Polarity {
  const compact = hearCompact(extrema)
  const tails = hearTails(votes)
  const contradicted = tails.leaning === -compact.side
  const side = contradicted ? tails.leaning : compact.side
  return {
    polarity: side < 0 ? 'negative' : 'positive',
    sure: tails.side !== 0 || (compact.sure && !contradicted && tails.grain !== compact.side),
    evidence: {
      bright: compact.bright,
      dark: compact.dark,
      ratio: compact.ratio,
      binning: BINNINGS[compact.k],
      tiles,
      brightTails: tails.bright,
      darkTails: tails.dark,
      tailBinning: TAIL_BINNINGS[tails.k],
    },
  }
}
