// Where the telescope pointed in each exposure of a plate, and which parts of the sky lie on the plate because of it.
import { UserError } from '../errors.ts'
import { DEG, separationDeg } from '../math/sphere.ts'
import { fromStandard, toStandard } from '../math/tangent.ts'
import { focalLengthMm, type PlateConstants, type PlateMapping, plateMapping } from './geometry.ts'
import type { Exposure } from './images.ts'

interface Place {
  raDeg: number
  decDeg: number
}

/** Standard coordinates (plane of the sky, radians) of what lies at a shift on the plate, micrometres; no tilt, no distortion. */
function standardOf(
  [xUm, yUm]: readonly [number, number],
  turnDeg: number,
  constants: PlateConstants,
): [number, number] {
  const focalUm = 1000 * focalLengthMm(constants)
  const [c, s] = [Math.cos(turnDeg * DEG), Math.sin(turnDeg * DEG)]
  const [u, v] = [(xUm * c + yUm * s) / focalUm, (yUm * c - xUm * s) / focalUm]
  return [constants.mirror ? u : -u, v]
}

/**
 * The tangent point about which a star has those standard coordinates. There are two or none; this is the one on the star's
 * side of the pole. From sin δ (1 + ξ² + η²)^½ = sin δ₀ + η cos δ₀ and tan(α − α₀) = ξ / (cos δ₀ − η sin δ₀).
 * @throws UserError so near a pole that no tangent point does it.
 */
export function tangentPointFor(star: Place, [xi, eta]: readonly [number, number]): Place {
  const sine = (Math.sin(star.decDeg * DEG) * Math.sqrt(1 + xi * xi + eta * eta)) / Math.sqrt(1 + eta * eta)
  if (Math.abs(sine) > 1) {
    throw new UserError(
      `no pointing near declination ${star.decDeg.toFixed(2)} shifts the stars by that much sideways: the pole is nearer`,
      'give a smaller shift in --offsets, or the places themselves with --pointings',
    )
  }
  const dec0 = Math.asin(sine) - Math.atan(eta)
  const away = Math.atan2(xi, Math.cos(dec0) - eta * Math.sin(dec0))
  return { raDeg: (((star.raDeg - away / DEG) % 360) + 360) % 360, decDeg: dec0 / DEG }
}

/**
 * The exposures with their pointings, for a telescope that was moved between them instead of the plate. Shifts of exposures
 * that have a pointing already become those of the star in the middle of the first one, NaN where that is out of sight.
 */
export function pointedExposures(
  exposures: readonly Exposure[],
  constants: PlateConstants,
  movedBy: 'plate' | 'telescope',
): Exposure[] {
  const middle = { raDeg: constants.raDeg, decDeg: constants.decDeg }
  return exposures.map((exposure) => {
    const { offsetUm, turnDeg } = exposure
    if (exposure.pointing) {
      const { pointing } = exposure
      const seen = toStandard(
        middle.raDeg * DEG,
        middle.decDeg * DEG,
        pointing.raDeg * DEG,
        pointing.decDeg * DEG,
      )
      const focalUm = 1000 * focalLengthMm(constants)
      const [u, v] = seen
        ? [(constants.mirror ? seen.xi : -seen.xi) * focalUm, seen.eta * focalUm]
        : [Number.NaN, Number.NaN]
      const [c, s] = [Math.cos(turnDeg * DEG), Math.sin(turnDeg * DEG)]
      return { ...exposure, offsetUm: [u * c - v * s, u * s + v * c] }
    }
    if (movedBy === 'plate' || (offsetUm[0] === 0 && offsetUm[1] === 0)) return exposure
    return { ...exposure, pointing: tangentPointFor(middle, standardOf(offsetUm, turnDeg, constants)) }
  })
}

/** The place on the sky at the middle of the scan in an exposure. */
export function skyCentre({ pointing, offsetUm, turnDeg }: Exposure, constants: PlateConstants): Place {
  if (pointing) return pointing
  const [xi, eta] = standardOf([-offsetUm[0], -offsetUm[1]], turnDeg, constants)
  const place = fromStandard(xi, eta, constants.raDeg * DEG, constants.decDeg * DEG)
  return { raDeg: place.raRad / DEG, decDeg: place.decRad / DEG }
}

/** The truth of one exposure: where the stars of that exposure lie on the scan. */
export function exposureMapping(exposure: Exposure, constants: PlateConstants): PlateMapping {
  const { pointing, offsetUm, turnDeg } = exposure
  const mapping = plateMapping({ ...constants, ...pointing }, turnDeg)
  const shift = pointing ? ([0, 0] as const) : offsetUm
  return (raDeg, decDeg, mag, bpRp) => mapping(raDeg, decDeg, mag, bpRp, shift)
}

/**
 * The cones that hold the stars of every exposure, the first about the plate's own centre: one more wherever the corners of
 * an exposure reach beyond those before it.
 */
export function skyCones(
  exposures: readonly Exposure[],
  constants: PlateConstants,
  { radiusDeg, cornerDeg }: { radiusDeg: number; cornerDeg: number },
): Place[] {
  const cones: Place[] = [{ raDeg: constants.raDeg, decDeg: constants.decDeg }]
  for (const exposure of exposures) {
    const centre = skyCentre(exposure, constants)
    const held = cones.some(
      (cone) => separationDeg(cone.raDeg, cone.decDeg, centre.raDeg, centre.decDeg) + cornerDeg <= radiusDeg,
    )
    if (!held) cones.push(centre)
  }
  return cones
}
