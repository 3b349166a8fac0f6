// The true sky of a simulated plate: stars with true places and motions at the reference epoch.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readReferenceStars } from '../catalog/read.ts'
import type { ReferenceStars } from '../catalog/stars.ts'
import { readTycho2 } from '../catalog/tycho2.ts'
import { UserError } from '../errors.ts'
import { propagate } from '../math/epoch.ts'
import { DEG, placeOf, separationDeg, unitVector } from '../math/sphere.ts'
import type { Random } from './random.ts'
import { countsBelow, drawColour, drawMotion, syntheticStars } from './synthetic.ts'

export const TRUTH_EPOCH_YR = 2015.5 // that of Gaia DR2, whose columns the reference file has

/** One star as it truly is; place at TRUTH_EPOCH_YR. */
export interface TrueStar {
  sourceId: bigint
  raDeg: number
  decDeg: number
  pmRaMasYr: number
  pmDecMasYr: number
  parallaxMas: number
  radialVelocityKmS: number
  gMag: number
  bpRp: number
  /** The survey that made the reference catalogue measured the motion. */
  motionKnown: boolean
  /** Standard errors of its source, NaN where it had none: mas and mas/yr. */
  errors: { ra: number; dec: number; parallax: number; pmRa: number; pmDec: number }
}

export interface Field {
  raDeg: number
  decDeg: number
  radiusDeg: number
}

/** Errors of stars that no catalogue has measured. */
export const UNKNOWN_ERRORS = {
  ra: Number.NaN,
  dec: Number.NaN,
  parallax: Number.NaN,
  pmRa: Number.NaN,
  pmDec: Number.NaN,
}

const known = (value: number) => (Number.isFinite(value) ? value : 0)

/** A synthetic or Tycho-2 star gets an id of Gaia's size, above 2^53; `index` makes it unique. */
export function madeUpId(random: Random, index: number): bigint {
  return ((1n << 61n) | (BigInt(random.whole(2 ** 30)) << 31n)) + BigInt(index)
}

function fromReference(stars: ReferenceStars, random: Random): TrueStar[] {
  const list: TrueStar[] = []
  for (let i = 0; i < stars.length; i++) {
    const gMag = stars.gMag[i]!
    if (!Number.isFinite(gMag) || !Number.isFinite(stars.raDeg[i]! + stars.decDeg[i]!)) continue
    const moving = Number.isFinite(stars.pmRaMasYr[i]! + stars.pmDecMasYr[i]!)
    const drawn = drawMotion(random, gMag) // drawn for every star, so that one star's cells do not move the others
    const colour = drawColour(random, gMag)
    const motion = moving
      ? {
          pmRaMasYr: stars.pmRaMasYr[i]!,
          pmDecMasYr: stars.pmDecMasYr[i]!,
          parallaxMas: Math.max(0, known(stars.parallaxMas[i]!)),
        }
      : drawn
    const radialVelocityKmS = known(stars.radialVelocityKmS[i]!)
    const place = propagate(
      { raDeg: stars.raDeg[i]!, decDeg: stars.decDeg[i]!, ...motion, radialVelocityKmS },
      TRUTH_EPOCH_YR - stars.refEpochYr,
    )
    list.push({
      sourceId: stars.sourceId[i] === 0n ? madeUpId(random, i) : stars.sourceId[i]!,
      ...place,
      ...motion,
      radialVelocityKmS,
      gMag,
      bpRp: Number.isFinite(stars.bpRp[i]!) ? stars.bpRp[i]! : colour,
      motionKnown: moving || stars.name === 'tycho-2', // a fabricated motion is known to the fabricated catalogue
      // Tycho-2's errors of tens of mas are not those of the survey that the reference file stands for.
      errors:
        stars.name === 'tycho-2'
          ? UNKNOWN_ERRORS
          : {
              ra: stars.raErrorMas[i]!,
              dec: stars.decErrorMas[i]!,
              parallax: Number.NaN,
              pmRa: stars.pmRaErrorMasYr[i]!,
              pmDec: stars.pmDecErrorMasYr[i]!,
            },
    })
  }
  return list
}

/** The middle of the places of a catalogue (mean unit vector), degrees. */
function centreOf(stars: ReferenceStars): { raDeg: number; decDeg: number } {
  const sum = [0, 0, 0]
  for (let i = 0; i < stars.length; i++) {
    const u = unitVector(stars.raDeg[i]! * DEG, stars.decDeg[i]! * DEG)
    if (Number.isFinite(u[0] + u[1] + u[2])) for (const k of [0, 1, 2]) sum[k]! += u[k]!
  }
  const place = placeOf([sum[0]!, sum[1]!, sum[2]!])
  return { raDeg: place.ra / DEG, decDeg: place.dec / DEG }
}

export interface SkyRequest {
  /** A file, `tycho2` or `synthetic`. */
  stars: string
  raDeg: number | undefined
  decDeg: number | undefined
  radiusDeg: number
  /** The places about which stars are needed out to that radius, given the centre of the plate, which is the first. */
  cones: (centre: { raDeg: number; decDeg: number }) => { raDeg: number; decDeg: number }[]
  /** Synthetic stars per square degree brighter than G = 12; undefined: as many as the bright stars tell. */
  density: number | undefined
  faintestMag: number
}

const USUAL_DENSITY = 60 // stars per square degree brighter than G = 12 at middle galactic latitude
/** Tycho-2 is complete to VT = 11; the bin just below that tells how rich the field is. */
const TYCHO_COMPLETE_MAG = 10.5
const MIN_STARS = 5

interface SkyIo {
  indexDirs: string[]
  signal?: AbortSignal | undefined
}

/** The stars of the field and its centre; `stream` has the streams of the seed. @throws UserError when there are hardly any. */
export async function trueSky(
  request: SkyRequest,
  stream: (name: string) => Random,
  io: SkyIo,
): Promise<{ field: Field; stars: TrueStar[] }> {
  const place = stream('place')
  const fileStars =
    request.stars === 'tycho2' || request.stars === 'synthetic'
      ? undefined
      : await readReferenceStars(request.stars, io.signal)
  const [raDrawn, sinDec] = [place.between(0, 360), place.between(-0.94, 0.94)]
  const middle = fileStars ? centreOf(fileStars) : { raDeg: raDrawn, decDeg: Math.asin(sinDec) / DEG }
  const { radiusDeg } = request
  const field = {
    raDeg: request.raDeg ?? middle.raDeg,
    decDeg: request.decDeg ?? middle.decDeg,
    radiusDeg,
  }
  const cones = request.cones(field).map((cone) => ({ ...cone, radiusDeg }))
  const near = (star: TrueStar, among: readonly Field[]) =>
    among.some((cone) => separationDeg(star.raDeg, star.decDeg, cone.raDeg, cone.decDeg) <= radiusDeg)
  if (fileStars) {
    const stars = fromReference(fileStars, stream('motions')).filter((star) => near(star, cones))
    if (stars.length < MIN_STARS) {
      throw new UserError(
        `${request.stars} has ${stars.length} stars within ${field.radiusDeg.toFixed(2)}° of ${field.raDeg.toFixed(3)} ${field.decDeg.toFixed(3)}`,
        `give --ra and --dec inside it; its middle is ${middle.raDeg.toFixed(3)} ${middle.decDeg.toFixed(3)}`,
      )
    }
    return { field, stars }
  }
  const stars: TrueStar[] = []
  for (const [k, cone] of cones.entries()) {
    const before = cones.slice(0, k)
    for (const star of await starsOfCone(cone, k, request, stream, io)) {
      if (!near(star, before)) stars.push(star)
    }
  }
  return { field, stars }
}

const IDS_OF_CONE = 10_000_000 // made-up ids of one cone do not reach those of the next

/** Tycho-2 and synthetic stars about one place. Each cone has its own streams, the first those of the plain names. */
async function starsOfCone(
  field: Field,
  index: number,
  request: SkyRequest,
  stream: (name: string) => Random,
  io: SkyIo,
): Promise<TrueStar[]> {
  const named = (name: string) => stream(index === 0 ? name : `${name} ${index + 1}`)
  const random = { stars: named('stars'), motions: named('motions') }
  const real = request.stars === 'tycho2' ? fromReference(await tycho2(field, io), random.motions) : []
  const areaDeg2 = 2 * Math.PI * (1 - Math.cos(field.radiusDeg * DEG)) * (180 / Math.PI) ** 2
  const bright = real.filter((star) => star.gMag < TYCHO_COMPLETE_MAG).length
  const told = bright >= 10 ? bright / areaDeg2 / countsBelow(TYCHO_COMPLETE_MAG) : USUAL_DENSITY
  const density = request.density ?? told
  const made = syntheticStars({ field, areaDeg2, density, faintestMag: request.faintestMag, real }, random)
  const synthetic = made.map((star, i) => ({
    ...star,
    sourceId: madeUpId(random.stars, 1_000_000 + index * IDS_OF_CONE + i),
    radialVelocityKmS: 0,
    motionKnown: true,
    errors: UNKNOWN_ERRORS,
  }))
  return [...real, ...synthetic]
}

async function tycho2(field: Field, io: SkyIo) {
  const workDir = await mkdtemp(join(tmpdir(), 'platepipe-simulate-'))
  try {
    return await readTycho2(field, { indexDirs: io.indexDirs, workDir, signal: io.signal })
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}
