// Places from profile fits: measured on the positive scan, and taken where the fit is sound (docs/decisions/centring.md).
import { type Detections, PLACE } from '../../detections.ts'
import { median } from '../../math/robust.ts'
import { measureProfiles, type Profiles } from './profile/measure.ts'
import { openPositive } from './profile/patch.ts'
import { learnPlate } from './profile/plate-shape.ts'
import { widthOf } from './profile/shape.ts'

export interface ProfilePlacesInput {
  detections: Detections
  workDir: string
  positiveName: string
  weightName: string
  fwhmPx: number
  /** Where the positive levels off, or undefined where that was not seen. */
  saturationLevel: number | undefined
  signal: AbortSignal
}

/** A shape that misses the images it was learnt from by more than this, in units of the noise, is none. */
const WORST_SHAPE = 1.5

/** Images as narrow as a pixel are what the pixels make of them, not a profile. */
const LEAST_WIDTH_PX = 1.5

/** The detections with better places; as they were where the plate has no common image shape. */
export async function profilePlaces(input: ProfilePlacesInput): Promise<Detections> {
  const { detections, fwhmPx, saturationLevel, signal } = input
  if (detections.length === 0) return detections
  const scan = await openPositive(input.workDir, input.positiveName, input.weightName)
  try {
    const plateau =
      saturationLevel === undefined ? undefined : saturationLevel - median(detections.background)
    const plate = await learnPlate(scan, { detections, fwhmPx, plateau, signal })
    if (plate === undefined || !(median(plate.misfit) < WORST_SHAPE)) return detections
    if (widthOf(plate.shape) < LEAST_WIDTH_PX) return detections
    const profiles = await measureProfiles(scan, { detections, signal }, plate)
    return adoptProfiles(detections, profiles, { widthPx: widthOf(plate.shape), grain: plate.grain }, scan)
  } finally {
    await scan.close()
  }
}

// The limits are where, on simulated plates, profile places are no longer nearer to the truth than the others.
const MOST_SHIFT = 1 // widths of the image
const MOST_ERROR = 0.15 // widths of a faint image, without what the grain adds
const MOST_MISFIT = 3 // times that of most images

/**
 * Takes the place of the profile where its own error is small, the profile fits about as well as on most images, and the
 * place is within the image that was detected.
 *
 * @param plate  `widthPx`, the full width at half maximum of the light of a star, and what the grain adds to formal errors
 */
export function adoptProfiles(
  d: Detections,
  profiles: Profiles,
  { widthPx, grain }: { widthPx: number; grain: number },
  scan: { width: number; height: number },
): Detections {
  const x = Float64Array.from(d.x)
  const y = Float64Array.from(d.y)
  const xErrorPx = Float64Array.from(d.xErrorPx)
  const yErrorPx = Float64Array.from(d.yErrorPx)
  const placeSource = Uint8Array.from(d.placeSource)
  const typical = median(profiles.misfit)
  for (let i = 0; i < d.length; i++) {
    const size = Math.max(widthPx, d.fwhm[i]! || 0)
    const [px, py] = [profiles.x[i]!, profiles.y[i]!]
    const sound =
      Math.hypot(px - d.x[i]!, py - d.y[i]!) <= MOST_SHIFT * size &&
      Math.max(profiles.xErrorPx[i]!, profiles.yErrorPx[i]!) <= MOST_ERROR * widthPx * grain &&
      profiles.misfit[i]! <= MOST_MISFIT * typical &&
      px > 0.5 &&
      py > 0.5 &&
      px < scan.width + 0.5 &&
      py < scan.height + 0.5
    if (!sound) continue
    x[i] = px
    y[i] = py
    xErrorPx[i] = profiles.xErrorPx[i]!
    yErrorPx[i] = profiles.yErrorPx[i]!
    placeSource[i] = PLACE.profile
  }
  return { ...d, x, y, xErrorPx, yErrorPx, placeSource }
}
