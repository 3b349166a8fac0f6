// Reference stars from a file given by the user.
import { reason } from '../issues.ts'
import { separationDeg } from '../math/sphere.ts'
import { readReferenceStars, usableAsReference } from './read.ts'
import type { ReferenceField, ReferenceSource } from './reference.ts'

/** The stars of a file that the user gave. @throws UserError when it is unusable. */
export async function fileSource(
  path: string,
  workDir: string,
  signal: AbortSignal,
): Promise<ReferenceSource> {
  const stars = await readReferenceStars(path, signal, workDir)
  const usable = usableAsReference(stars)
  const field: ReferenceField = { stars, usable }
  return {
    isFile: true,
    forSolving: async () => field,
    indexes: async () => [],
    lacked: () => null,
    record: () => ({ file: path, stars: stars.length, usable: usable.length }),
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
