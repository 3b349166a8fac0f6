// A star's place at another epoch: uniform space motion, carried on the unit vector so that it is right at the poles.
import { DEG, MAS, placeOf, unitVector } from './sphere.ts'

/** 1 au/yr in km/s (Hipparcos Catalogue, Vol. 1, Table 1.2.2). */
const AU_PER_YR_KM_S = 4.740470446

/** A star at its catalogue's epoch. NaN stands for what is not known and counts as zero. */
export interface Astrometry {
  raDeg: number
  decDeg: number
  /** Includes cos δ. */
  pmRaMasYr: number
  pmDecMasYr: number
  parallaxMas: number
  radialVelocityKmS: number
}

const known = (value: number): number => (Number.isFinite(value) ? value : 0)

/**
 * The place `dtYr` Julian years after the catalogue's epoch (negative: before), degrees.
 *
 * u(t) = normalised [ u₀ (1 + μ_r Δt) + Δt (μ_α* p̂ + μ_δ q̂) ], with p̂ to the east, q̂ to the north at the star and the
 * radial motion μ_r = v_r ϖ / A (Butkevich & Lindegren 2014, A&A 570, A62, §2). Light-time effects are left out: over
 * 150 yr 5 mas for Kapteyn's star, 3 mas for Barnard's, 0.3 mas for 61 Cygni, 0.02 mas at 500 mas/yr and 200 km/s.
 */
export function propagate(star: Astrometry, dtYr: number): { raDeg: number; decDeg: number } {
  const ra = star.raDeg * DEG
  const dec = star.decDeg * DEG
  const u = unitVector(ra, dec)
  const p = [-Math.sin(ra), Math.cos(ra), 0] as const
  const q = [-Math.sin(dec) * Math.cos(ra), -Math.sin(dec) * Math.sin(ra), Math.cos(dec)] as const
  const east = known(star.pmRaMasYr) * MAS * dtYr
  const north = known(star.pmDecMasYr) * MAS * dtYr
  const radial = ((known(star.radialVelocityKmS) * known(star.parallaxMas) * MAS) / AU_PER_YR_KM_S) * dtYr
  const moved = [0, 1, 2].map((i) => u[i]! * (1 + radial) + p[i]! * east + q[i]! * north)
  const place = placeOf([moved[0]!, moved[1]!, moved[2]!])
  return { raDeg: place.ra / DEG, decDeg: place.dec / DEG }
}
