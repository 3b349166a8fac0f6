// Where the reference stars of a plate come from: a file given by the user, or the Tycho-2 stars of the installed
// indexes around the place that the solver found.
import type { Config } from '../config.ts'
import { type Reason, reason } from '../issues.ts'
import { separationDeg } from '../math/sphere.ts'
import { readReferenceStars, usableAsReference } from './read.ts'
import type { ReferenceStars } from './stars.ts'
import { readTycho2 } from './tycho2.ts'

export interface Field {
  raDeg: number
  decDeg: number
  radiusDeg: number
}

export interface ReferenceField {
  stars: ReferenceStars
  /** Rows that have all that a reference star needs. */
  usable: Int32Array
  /** Rms proper motion per axis of stars whose own is not known, mas/yr; undefined where motions are known. */
  pmRmsMasYr: number | undefined
}

export interface ReferenceSource {
  /** Every star of the user's file; null when there is none. */
  whole(): Promise<ReferenceField | null>
  /** The stars around a place on the sky. */
  around(field: Field): Promise<ReferenceField>
  /** What to tell when `count` stars are too few for a plate in this field. */
  tooFew(count: number, field: Field): Reason[]
  /** What the catalogue lacked, for a plate of this epoch. */
  reasons(epochYr: number): Reason[]
  /** A file given by the user, not the installed indexes. */
  isFile: boolean
}

/** Opens the reference stars that the configuration names. Rejects with a UserError when the file is unusable. */
export async function openReference(
  config: Config,
  workDir: string,
  signal: AbortSignal,
): Promise<ReferenceSource> {
  return config.catalog === undefined
    ? tycho2Source(config, workDir, signal)
    : await fileSource(config.catalog, workDir, signal)
}

async function fileSource(path: string, workDir: string, signal: AbortSignal): Promise<ReferenceSource> {
  const stars = await readReferenceStars(path, signal, workDir)
  const usable = usableAsReference(stars)
  const field: ReferenceField = { stars, usable, pmRmsMasYr: undefined }
  return {
    isFile: true,
    whole: async () => field,
    around: async ({ raDeg, decDeg, radiusDeg }) => ({
      ...field,
      usable: usable.filter(
        (row) => separationDeg(stars.raDeg[row]!, stars.decDeg[row]!, raDeg, decDeg) <= radiusDeg,
      ),
    }),
    tooFew: (count, { raDeg, decDeg, radiusDeg }) => [
      reason(
        count === 0 ? 'REFERENCE_NOT_COVERING' : 'REFERENCE_TOO_FEW',
        `${path} has ${count} usable stars within ${radiusDeg.toFixed(2)}° of the plate's centre at ` +
          `${raDeg.toFixed(3)} ${decDeg.toFixed(3)}`,
        { catalogue: path, stars: count, ra: raDeg, dec: decDeg, radius_deg: radiusDeg },
      ),
    ],
    reasons: () =>
      stars.assumptions.length === 0
        ? []
        : [reason('REFERENCE_ERRORS_ASSUMED', stars.assumptions.join('; '), { catalogue: path })],
  }
}

const TYCHO2_EPOCH_YR = 2000

function tycho2Source(config: Config, workDir: string, signal: AbortSignal): ReferenceSource {
  let motion = 0
  return {
    isFile: false,
    whole: async () => null,
    around: async (field) => {
      const stars = await readTycho2(field, {
        indexDirs: config.indexDir,
        queryStarkd: config.queryStarkd,
        workDir,
        signal,
      })
      const usable = Int32Array.from({ length: stars.length }, (_, i) => i)
      motion = stars.pmRmsMasYr ?? 0
      return { stars, usable, pmRmsMasYr: stars.pmRmsMasYr }
    },
    tooFew: (count, { raDeg, decDeg, radiusDeg }) => [
      reason(
        'REFERENCE_TOO_FEW',
        `Tycho-2 has ${count} stars within ${radiusDeg.toFixed(2)}° of the plate's centre at ` +
          `${raDeg.toFixed(3)} ${decDeg.toFixed(3)}`,
        { stars: count, ra: raDeg, dec: decDeg, radius_deg: radiusDeg },
      ),
    ],
    reasons: (epochYr) => {
      const mas = Math.round(motion * Math.abs(epochYr - TYCHO2_EPOCH_YR))
      const text =
        `Tycho-2 from the installed indexes, without proper motions: places at ${epochYr.toFixed(1)} are uncertain by ` +
        `${mas} mas per axis (rms motion ${motion.toFixed(0)} mas/yr)`
      return [reason('REFERENCE_TYCHO2', text, { pm_rms_mas_yr: motion, place_error_mas: mas })]
    },
  }
}
