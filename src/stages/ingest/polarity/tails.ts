// The second witness of the polarity, for crowds: where stars touch, none has a closed ring of sky around it, and flaws
// win the count of compact images. But pixels of stars are few and far above the level around them, pixels between them
// many and a little below: on the side of the stars the tail of the contrasts is the longer one. Each tile has one vote,
// and flaws, labels, scratches and clouds, which fill a twentieth of the pixels in some tiles only, do not win a vote
// of all. Grain in transmission has a longer bright tail too; but grain averages out when pixels are binned, and a
// crowd of images, wider than a pixel, stands out the more.

import { median, quantile } from '../../../math/robust.ts'
import { ringContrast, sampleContrast, type Tile } from './tile.ts'

/** Part of the pixels beyond each of the two tails: more than flaws cover, less than the stars of a crowd. */
const TAIL = 0.05
/** Contrasts of a tile: at 1000 of them the difference of two tails of pure noise is 0.03 of their sum. */
const SAMPLES = 1000
const MIN_SAMPLES = 300
/** From this difference on, as part of their sum, a tile votes for the side of the longer tail. */
const MIN_DIFFERENCE = 0.12
/** The vote is heard where so many tiles voted, and of these nearly all for one side. */
const MIN_TILES = 9
const MIN_MAJORITY = 2 / 3
const MAX_MINORITY = 0.1
/** With so many the plate leans to their side: it is not sure, but the compact images alone are not either. */
const MIN_LEANING = 1 / 3
/** Contrasts of grain alone fall to 0.75 when 2 × 2 pixels are binned, to 0.95 where it is coarse; those of a crowd grow. */
const GRAIN_FALLS = 0.97

/** 1 for the bright side, −1 for the dark one, 0 for neither. */
type Side = 1 | -1 | 0

/** The votes of all tiles at one binning. */
export interface Votes {
  bright: number
  dark: number
  /** Tiles with enough pixels, whether they voted or not. */
  tiles: number
  /** Of each of these tiles: the difference of the tails, bright less dark, as a part of their spread; the spread. */
  differences: number[]
  spreads: number[]
}

export interface TailWitness {
  bright: number
  dark: number
  /** Where the stars are; 0 where nearly all tiles do not agree, or where it is the grain that they agree on. */
  side: Side
  /** Where they would be if a third of the tiles were enough. */
  leaning: Side
  /** The side of the longer tail of the grain; 0 where there is none. */
  grain: Side
  /** Index of the binning that was heard. */
  k: number
}

export function noVotes(): Votes {
  return { bright: 0, dark: 0, tiles: 0, differences: [], spreads: [] }
}

interface Tails {
  /** How much longer the bright tail is than the dark one, as a part of their spread. */
  difference: number
  /** From the end of the one to the end of the other, units of the scan. */
  spread: number
}

/** @param tails  of one more tile; undefined for a blank one */
export function addVote(votes: Votes, tails: Tails | undefined): void {
  if (tails === undefined) return
  votes.tiles++
  votes.differences.push(tails.difference)
  votes.spreads.push(tails.spread)
  if (tails.difference >= MIN_DIFFERENCE) votes.bright++
  if (tails.difference <= -MIN_DIFFERENCE) votes.dark++
}

/** The tails of the contrasts of a tile; undefined for a blank one. */
export function tailsOf(tile: Tile): Tails | undefined {
  const contrasts = Float64Array.from(sampleContrast(tile, ringContrast(tile), SAMPLES)).sort()
  if (contrasts.length < MIN_SAMPLES) return undefined
  const [low, middle, high] = [TAIL, 0.5, 1 - TAIL].map((q) => quantile(contrasts, q))
  const spread = high - low
  return spread > 0 ? { difference: (high - middle - (middle - low)) / spread, spread } : undefined
}

/** The binning at which most tiles agree speaks, unless nearly all agree on the other side at another one. */
export function hearTails(perBinning: readonly Votes[]): TailWitness {
  let k = 0
  const surplus = (v: Votes) => Math.abs(v.bright - v.dark)
  for (let j = 1; j < perBinning.length; j++) if (surplus(perBinning[j]) > surplus(perBinning[k])) k = j
  const { bright, dark } = perBinning[k]
  const [found, leaning] = [MIN_MAJORITY, MIN_LEANING].map((least) => verdict(perBinning[k], least))
  const contradicted = perBinning.some((votes) => verdict(votes, MIN_MAJORITY) === -leaning)
  const seen = { bright, dark, k }
  if (isGrain(perBinning, leaning)) return { ...seen, side: 0, leaning: 0, grain: leaning }
  return contradicted
    ? { ...seen, side: 0, leaning: 0, grain: 0 }
    : { ...seen, side: found, leaning, grain: 0 }
}

/** Whether both the contrasts and the difference of their tails fall, in the middle tile, when pixels are binned. */
function isGrain(perBinning: readonly Votes[], side: Side): boolean {
  if (side === 0) return false
  const [fine, next] = perBinning
  const coarse = perBinning[perBinning.length - 1]
  return (
    side * median(coarse.differences) < side * median(fine.differences) &&
    median(next.spreads) < GRAIN_FALLS * median(fine.spreads)
  )
}

function verdict({ bright, dark, tiles }: Votes, leastMajority: number): Side {
  if (tiles < MIN_TILES || Math.max(bright, dark) < leastMajority * tiles) return 0
  if (Math.min(bright, dark) > MAX_MINORITY * tiles) return 0
  return bright > dark ? 1 : -1
}
