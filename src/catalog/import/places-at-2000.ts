// VizieR's places at J2000.0 moved back to the epoch at which Gaia gives them, so that a store has stars of one epoch.
import { type Astrometry, follow, newCourse } from '../../math/epoch.ts'
import { DEG, placeOf, unitVector, type Vector } from '../../math/sphere.ts'
import { VIZIER_EPOCH_YR } from '../quantities.ts'
import type { StarTable } from '../store/star-table.ts'

/** Most stars need two; only one that moves as far as the pole is away from it is not found. */
const MOST_STEPS = 10
const NEAR_ENOUGH = 1e-15 // radians: 2e-7 mas

/**
 * Replaces the places, which are those of `epochYr` moved to J2000.0, by those of `epochYr`. A star without a proper
 * motion was not moved and stays. Everything else of a star, errors and correlations too, is that of `epochYr` already.
 */
export function backFrom2000({ length, columns }: StarTable, epochYr: number): void {
  const { ra, dec, pmra, pmdec, parallax, radial_velocity: velocity } = columns
  const toVizier = VIZIER_EPOCH_YR - epochYr
  const course = newCourse()
  for (let i = 0; i < length; i++) {
    if (Number.isNaN(ra[i]! + dec[i]! + pmra[i]! + pmdec[i]!)) continue
    const given = unitVector(ra[i]! * DEG, dec[i]! * DEG)
    const star: Astrometry = {
      ...{ raDeg: ra[i]!, decDeg: dec[i]!, pmRaMasYr: pmra[i]!, pmDecMasYr: pmdec[i]! },
      ...{ parallaxMas: parallax[i]!, radialVelocityKmS: velocity[i]! },
    }
    // The motion is that at the place which is sought: begun with the place at J2000.0, each step comes nearer.
    for (let step = 0; step < MOST_STEPS; step++) {
      follow(course, star, toVizier, 'light-time')
      const reached = unitVector(course.raDeg * DEG, course.decDeg * DEG)
      const from = unitVector(star.raDeg * DEG, star.decDeg * DEG)
      const miss = given.map((x, k) => x - reached[k]!)
      const place = placeOf(from.map((x, k) => x + miss[k]!) as unknown as Vector)
      star.raDeg = place.ra / DEG
      star.decDeg = place.dec / DEG
      if (Math.hypot(...miss) < NEAR_ENOUGH) break
    }
    ra[i] = star.raDeg
    dec[i] = star.decDeg
  }
}
