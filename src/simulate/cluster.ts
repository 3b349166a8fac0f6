// Stars of a cluster that are added to the sky: Plummer's profile, one motion, a luminosity function over the plate's range.
import { DEG } from '../math/sphere.ts'
import { fromStandard } from '../math/tangent.ts'
import type { PlateFrame } from './frame.ts'
import { focalLengthMm, type PlateConstants } from './geometry.ts'
import type { Random } from './random.ts'
import { madeUpId, type TrueStar, UNKNOWN_ERRORS } from './sky.ts'
import { drawColour, drawMotion } from './synthetic.ts'

export interface ClusterRequest {
  /** Stars between BRIGHTEST_ABOVE_LIMIT and the limit of the plate. */
  count: number
  /** Radius that holds half of them, millimetres on the plate. */
  halfLightMm: number
}

/** Its brightest stars lie this much above the limit of the plate. */
const BRIGHTEST_ABOVE_LIMIT = 6
/** log₁₀ of the counts grows by this per magnitude: flatter than the field's 0.35, as those of globular clusters are. */
const COUNT_SLOPE = 0.25
/** A cluster ends where the Galaxy's tide takes its stars away; Plummer's profile never does. Half-light radii. */
const TIDAL_RADIUS = 12
/** The centre lies within this share of the scan about its middle. */
const CENTRE_WITHIN = 0.6
/** Motions inside a cluster, 1 km/s at 2 kpc. */
const INNER_MOTION_MAS_YR = 0.1
const COLOUR_SPREAD = 0.2 // of the field's: members lie on one sequence
const FIRST_ID = 500_000_000 // after those of the field

/** The stars of the cluster down to the faintest that the plate or its reference file may need. */
export function clusterStars(
  request: ClusterRequest,
  plate: { frame: PlateFrame; constants: PlateConstants },
  random: Random,
): TrueStar[] {
  const { frame, constants } = plate
  const focal = focalLengthMm(constants)
  const brightest = frame.limitMag - BRIGHTEST_ABOVE_LIMIT
  const within = (side: number) =>
    ((random.next() - 0.5) * CENTRE_WITHIN * side * constants.pixelUm) / 1000 / focal
  const [xi0, eta0] = [within(frame.width), within(frame.height)]
  const motion = drawMotion(random, frame.limitMag)
  const [ra0, dec0] = [constants.raDeg * DEG, constants.decDeg * DEG]
  const share = (faintest: number) => 10 ** (COUNT_SLOPE * (faintest - brightest)) - 1
  const all = Math.round((request.count * share(frame.faintestMag)) / share(frame.limitMag))
  return Array.from({ length: all }, (_, i) => {
    const gMag = brightest + Math.log10(1 + random.next() * share(frame.faintestMag)) / COUNT_SLOPE
    const radiusMm = request.halfLightMm * plummerRadius(random)
    const angle = random.between(0, 2 * Math.PI)
    const place = fromStandard(
      xi0 + (radiusMm / focal) * Math.cos(angle),
      eta0 + (radiusMm / focal) * Math.sin(angle),
      ra0,
      dec0,
    )
    return {
      sourceId: madeUpId(random, FIRST_ID + i),
      raDeg: place.raRad / DEG,
      decDeg: place.decRad / DEG,
      pmRaMasYr: motion.pmRaMasYr + INNER_MOTION_MAS_YR * random.gauss(),
      pmDecMasYr: motion.pmDecMasYr + INNER_MOTION_MAS_YR * random.gauss(),
      parallaxMas: motion.parallaxMas,
      radialVelocityKmS: 0,
      gMag,
      bpRp: 0.8 + COLOUR_SPREAD * (drawColour(random, gMag) - 0.8),
      motionKnown: true,
      errors: UNKNOWN_ERRORS,
    }
  })
}

/** Projected distance from the centre in half-light radii: the share within r is r²/(1 + r²) (Plummer 1911, MNRAS 71, 460). */
function plummerRadius(random: Random): number {
  for (;;) {
    const share = random.next()
    const radius = Math.sqrt(share / (1 - share))
    if (radius < TIDAL_RADIUS) return radius
  }
}
