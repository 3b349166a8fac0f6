// What the rest of the program knows of a service that has Gaia's table of stars: counting and fetching ranges of ids.
import type { StarTable, StoredName } from '../store/star-table.ts'

export const GAIA_RELEASES = ['gaia-dr2', 'gaia-dr3'] as const
export type GaiaRelease = (typeof GAIA_RELEASES)[number]

/**
 * The stars whose source_id lies from `firstId` to `lastId`, both included. The cell p of a nested HEALPix of order k
 * spans p·2^(35+2(12−k)) to (p+1)·2^(35+2(12−k)) − 1.
 */
export interface SourceRange {
  firstId: bigint
  lastId: bigint
  /** Only the parts of the range that these name, ascending; undefined: all of it. */
  parts?: readonly { firstId: bigint; lastId: bigint }[] | undefined
  /** Faintest magnitude G, included; stars of unknown magnitude are then left out. null: every star. */
  limitMag: number | null
}

export interface RangeOptions {
  /** Ctrl-C: every wait ends, the job on the service is deleted, and Cancelled is thrown. */
  signal?: AbortSignal | undefined
  /** What the service is doing, in words for a person: a phase, a wait, a retry and why. */
  onStep?: ((text: string) => void) | undefined
}

/**
 * One release of Gaia on the first mirror that serves it. Calls are answered one after the other, at a polite rate;
 * faults that pass are retried, and a mirror that fails for good is left for the next, within the same call.
 * Both functions throw UserError, naming every service that was asked and what it said, or Cancelled.
 */
export interface GaiaService {
  /** Name of the mirror, or its address where the user gave one. Changes when a mirror is left for the next. */
  readonly name: string
  readonly url: string
  readonly release: GaiaRelease
  /** Stored columns that this mirror does not have: NaN (or 0) in what it fetches. Changes with the mirror. */
  readonly columnsMissing: readonly StoredName[]
  /** How many stars the range holds, by COUNT(*). */
  countRange(range: SourceRange, options?: RangeOptions): Promise<number>
  /**
   * The stars of the range in ascending order of source_id: exactly as many as COUNT(*) says, each once, each within
   * the range. A range is held in memory twice over: keep it below some 500,000 stars.
   * @param options.count  what `countRange` said for this same range a moment ago; counted anew where it is not given
   */
  fetchRange(range: SourceRange, options?: RangeOptions & { count?: number | undefined }): Promise<StarTable>
}
