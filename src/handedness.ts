// Whether a solution is the mirror image of the one in the header.
import { DEG, separationDeg } from './math/sphere.ts'
import { fromStandard } from './math/tangent.ts'
import { orientation, type PlateConstants, skyAt } from './models/plate-constants.ts'
import type { Plate } from './plate.ts'

/** A header that gives the middle of the scan and its scale this well would know a mirrored scan from a plain one. */
const SAME_PLACE_SHARE = 0.1 // of half the scan's longer side
const SAME_SCALE = 0.02

/**
 * Whether the solution is the mirror image of a solution in the header that agrees with it otherwise: the catalogue is
 * mirrored, or the scan was flipped after its header was written. Stars alone cannot tell: a plate scanned through the glass
 * is mirrored too.
 */
export function isWrongHand(constants: PlateConstants, { headerWcs }: Pick<Plate, 'headerWcs'>): boolean {
  if (headerWcs === null) return false
  const own = orientation(constants)
  const { frame } = constants
  const [a, b, c, d] = headerWcs.cd
  const determinant = a * d - b * c
  const stretch = (Math.sqrt(Math.abs(determinant)) * DEG) / own.scaleRadPx
  const [dx, dy] = [frame.x0 - headerWcs.crpix[0], frame.y0 - headerWcs.crpix[1]]
  const header = fromStandard(
    (a * dx + b * dy) * DEG,
    (c * dx + d * dy) * DEG,
    headerWcs.crval[0] * DEG,
    headerWcs.crval[1] * DEG,
  )
  const centre = skyAt(constants, frame.x0, frame.y0)
  const apart = separationDeg(
    header.raRad / DEG,
    header.decRad / DEG,
    centre.raRad / DEG,
    centre.decRad / DEG,
  )
  const agrees =
    Math.abs(stretch - 1) < SAME_SCALE && apart * DEG < SAME_PLACE_SHARE * frame.halfPx * own.scaleRadPx
  return agrees && determinant > 0 !== own.mirrored
}
