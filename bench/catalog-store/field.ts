// A field of simulated stars to G = 15, spread evenly.
import { type Cone, cellAt, FINEST_ORDER } from '../../src/math/healpix.ts'
import { DEG, placeOf } from '../../src/math/sphere.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { writeFitsTable } from '../catalog-import/fits.ts'
import { placeInStar, simulatedStars } from '../catalog-import/stars.ts'

const STARS = 100_000
const LIMIT_MAG = 15
const [RA, DEC, G] = [placeInStar('ra'), placeInStar('dec'), placeInStar('phot_g_mean_mag')]

/** Writes them as a FITS table. @returns how many there are */
export function writeField(path: string, cone: Cone, seed: number): number {
  const random = randomStream(seed, 'field')
  const next = simulatedStars(seed)
  writeFitsTable(path, STARS, () => {
    const star = next()
    const [raDeg, decDeg] = placeIn(cone, random.next(), random.next())
    star.values[RA] = raDeg
    star.values[DEC] = decDeg
    star.idHigh = cellAt(FINEST_ORDER, raDeg, decDeg) * 8
    star.values[G]! += LIMIT_MAG - 21
    return star
  })
  return STARS
}

/** Evenly over the cone, from two numbers between 0 and 1. */
function placeIn({ raDeg, decDeg, radiusDeg }: Cone, one: number, other: number): [number, number] {
  const cos = 1 - one * (1 - Math.cos(radiusDeg * DEG))
  const sin = Math.sqrt(1 - cos * cos)
  const [a, d, angle] = [raDeg * DEG, decDeg * DEG, 2 * Math.PI * other]
  const [e, n] = [sin * Math.sin(angle), sin * Math.cos(angle)]
  const { ra, dec } = placeOf([
    cos * Math.cos(d) * Math.cos(a) - e * Math.sin(a) - n * Math.sin(d) * Math.cos(a),
    cos * Math.cos(d) * Math.sin(a) + e * Math.cos(a) - n * Math.sin(d) * Math.sin(a),
    cos * Math.sin(d) + n * Math.cos(d),
  ])
  return [ra / DEG, dec / DEG]
}
