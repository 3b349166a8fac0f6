// The embedded default: Tycho-2 out of the installed indexes, with neither network nor store.
import type { Config } from '../config.ts'
import { reason } from '../issues.ts'
import type { ReferenceSource } from './reference.ts'
import { readTycho2 } from './tycho2.ts'

const TYCHO2_EPOCH_YR = 2000

/** Tycho-2 out of the installed indexes; `why` says why no better stars serve. */
export function tycho2Source(
  config: Config,
  workDir: string,
  signal: AbortSignal,
  why: string,
): ReferenceSource {
  let motion = 0
  return {
    isFile: false,
    forSolving: async () => null,
    record: () => ({ indexes: config.indexDir, why }),
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
        `${why}; Tycho-2 from the installed indexes serves, without proper motions: places at ${epochYr.toFixed(1)} are uncertain by ` +
        `${mas} mas per axis (rms motion ${motion.toFixed(0)} mas/yr)`
      return [reason('REFERENCE_TYCHO2', text, { pm_rms_mas_yr: motion, place_error_mas: mas })]
    },
  }
}
