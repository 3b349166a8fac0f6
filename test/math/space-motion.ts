// The independent judge of space motion, bench/judges/space_motion.py, and the stars that it and platepipe move.
import { execFileSync, spawnSync } from 'node:child_process'
import type { Astrometry } from '../../src/math/epoch.ts'
import type { Random } from '../../src/simulate/random.ts'

const PYTHON = '/usr/bin/python3'

export const hasAstropy = spawnSync(PYTHON, ['-c', 'import astropy, erfa']).status === 0
if (!hasAstropy) console.log('skipped: astropy, which judges the space motion, is not installed')

/** One epoch's stars as columns: places in radians, the rest in mas, mas/yr and km/s; null where not known. */
export interface Moved {
  ra: number[]
  dec: number[]
  pm_ra: number[]
  pm_dec: number[]
  parallax: (number | null)[]
  rv: (number | null)[]
  covariance?: number[][]
}

function judge(given: unknown): { versions: string; astropy: Moved[]; hipparcos: Moved[] } {
  const text = execFileSync(PYTHON, ['bench/judges/space_motion.py'], {
    input: JSON.stringify(given),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(text.replaceAll('NaN', 'null'))
}

/** Where astropy's apply_space_motion sees the stars after each span. */
export function astropyMoves(stars: readonly Astrometry[], spansYr: readonly number[]): Moved[] {
  return judge({ stars, spansYr }).astropy
}

/** Where the equations of the Hipparcos Catalogue have the stars, and their 6 × 6 covariance matrices where given. */
export function hipparcosMoves(
  stars: readonly (Astrometry & { covariance?: number[] })[],
  spansYr: readonly number[],
): Moved[] {
  return judge({ stars, spansYr, hipparcos: true }).hipparcos
}

/** A star from its columns: place, proper motion, parallax, radial velocity. */
export const star = (columns: readonly [number, number, number, number, number, number]): Astrometry => {
  const [raDeg, decDeg, pmRaMasYr, pmDecMasYr, parallaxMas, radialVelocityKmS] = columns
  return { raDeg, decDeg, pmRaMasYr, pmDecMasYr, parallaxMas, radialVelocityKmS }
}

/** Published motions (Gaia DR3 and SIMBAD's radial velocities; Polaris and 61 Cygni B: Hipparcos, Gaia); places near 2016. */
export const FAST_STARS: readonly (readonly [name: string, star: Astrometry])[] = [
  ["Barnard's star", star([269.44850252, 4.73942005, -801.551, 10362.394, 546.976, -110.47])],
  ['Proxima Centauri', star([217.39232147, -62.67607512, -3781.741, 769.465, 768.067, -21.94])],
  ['61 Cygni A', star([316.74848107, 38.76386129, 4164.209, 3249.614, 285.995, -65.8])],
  ["Kapteyn's star", star([77.95993749, -45.04381264, 6491.223, -5708.614, 254.199, 245.05])],
  ['Groombridge 1830', star([178.2671, 37.6928, 4002.567, -5817.856, 109.0296, -98.05])],
  ['Polaris', star([37.95456067, 89.26410897, 44.48, -11.85, 7.54, -17.4])],
]

/** A star with a motion of `motionMasYr` in any direction that crosses the line of sight at 20 to 200 km/s. */
export function drawStar(random: Random, raDeg: number, decDeg: number, motionMasYr: number): Astrometry {
  const angle = random.between(0, 2 * Math.PI)
  return {
    raDeg: ((raDeg % 360) + 360) % 360,
    decDeg,
    pmRaMasYr: motionMasYr * Math.cos(angle),
    pmDecMasYr: motionMasYr * Math.sin(angle),
    parallaxMas: motionMasYr / random.between(4, 40),
    radialVelocityKmS: 60 * random.gauss(),
  }
}
