// Whether a catalogue lies on the sky as Tycho-2 does: the way to tell a mirrored or mislaid catalogue from a flipped scan.
import type { Config } from '../config.ts'
import { UserError } from '../errors.ts'
import { ARCSEC, DEG, unitVector } from '../math/sphere.ts'
import type { ReferenceStars } from './stars.ts'
import { readTycho2 } from './tycho2.ts'

const BRIGHTEST = 100 // stars of Tycho-2 that are looked for
const FEWEST = 5
const SAME_ARCSEC = 3 // the motions of ordinary stars between the two epochs, and the errors of Tycho-2
const LEAST_SHARE = 0.5 // a mirrored catalogue has a tenth of them by chance, even in a crowded field

/** @returns null where no Tycho-2 is installed, or it has too few stars in the field to tell */
export async function confirmedByTycho2(
  stars: ReferenceStars,
  field: { raDeg: number; decDeg: number; radiusDeg: number },
  config: Config,
  workDir: string,
  signal: AbortSignal,
): Promise<boolean | null> {
  const { indexDir: indexDirs, queryStarkd } = config
  const tycho2 = await readTycho2(field, { indexDirs, queryStarkd, workDir, signal }).catch((error) => {
    if (error instanceof UserError) return null
    throw error
  })
  if (tycho2 === null) return null
  const vectors = (s: ReferenceStars, rows: readonly number[]) =>
    rows.map((row) => unitVector(s.raDeg[row]! * DEG, s.decDeg[row]! * DEG))
  const brightest = Array.from(tycho2.gMag.keys())
    .sort((a, b) => tycho2.gMag[a]! - tycho2.gMag[b]! || a - b)
    .slice(0, BRIGHTEST)
  if (brightest.length < FEWEST) return null
  const all = vectors(stars, Array.from(stars.raDeg.keys()))
  const limit = (SAME_ARCSEC * ARCSEC) ** 2
  const found = vectors(tycho2, brightest).filter(([x, y, z]) =>
    all.some(([a, b, c]) => (a - x) ** 2 + (b - y) ** 2 + (c - z) ** 2 < limit),
  )
  return found.length >= LEAST_SHARE * brightest.length
}
