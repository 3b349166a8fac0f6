// Simulated rows of Gaia's table of sources, seeded: a disc of stars over an even sky, errors that grow with magnitude,
// every fifth faint star without motion and parallax. Made for their number and their digits, not for their truth.

import { STORED_NAMES, type StoredName } from '../../src/catalog/store/star-table.ts'
import { cellAt, FINEST_ORDER } from '../../src/math/healpix.ts'

export const REF_EPOCH_YR = 2015.5

export interface SimulatedStar {
  /** In the order of STORED_NAMES, source_id left out as 0; NaN where not known. */
  values: Float64Array
  /** source_id = 2^32 high + low. */
  idHigh: number
  idLow: number
}

/** Where the value of a column is. */
export const placeInStar = (name: StoredName): number => STORED_NAMES.indexOf(name)

/** Numbers from 0 up to 1, of 32 bits (Weyl sequence through a mixing function; Steele and others 2014). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

const RAD = Math.PI / 180
const POLE = { raDeg: 192.85948, decDeg: 27.12825, lonDeg: 122.93192 } // of the Galaxy, ICRS (Hipparcos vol. 1, 1.5.3)
const [RA, DEC, G] = [placeInStar('ra'), placeInStar('dec'), placeInStar('phot_g_mean_mag')]
const PARALLAX = placeInStar('parallax') // and pmra, pmdec, radial_velocity
const RA_ERROR = placeInStar('ra_error') // and those of dec, parallax, pmra, pmdec, radial_velocity
const FIRST_CORRELATION = placeInStar('ra_dec_corr') // of ten
const RUWE = placeInStar('ruwe') // and excess noise, parameters solved, visibility periods

/** A function that makes the next star, always in the same object. */
export function simulatedStars(seed: number): () => SimulatedStar {
  const random = randomNumbers(seed)
  const normal = () => random() + random() + random() + random() - 2
  const values = new Float64Array(STORED_NAMES.length)
  const star: SimulatedStar = { values, idHigh: 0, idLow: 0 }
  return () => {
    placeOf(star, random)
    const g = 21 + Math.log10(1 - random() * 0.9999) / 0.3
    const error = 0.03 + 10 ** (0.28 * (g - 18) - 1)
    const solved = g < 19.5 || random() > 0.2
    const motion = solved ? 1 : Number.NaN
    const colour = 1 + normal() * 0.6
    values[G] = g
    values[G + 1] = g + 0.6 * colour
    values[G + 2] = g - 0.4 * colour
    values[G + 3] = colour
    values[PARALLAX] = motion * (0.5 + random() + error * normal())
    values[PARALLAX + 1] = motion * 8 * normal()
    values[PARALLAX + 2] = motion * 8 * normal()
    values[PARALLAX + 3] = g < 13 ? 60 * normal() : Number.NaN
    values[RA_ERROR] = error
    values[RA_ERROR + 1] = error * (0.7 + 0.4 * random())
    values[RA_ERROR + 2] = motion * error * 1.2
    values[RA_ERROR + 3] = motion * error * 2.1
    values[RA_ERROR + 4] = motion * error * 1.9
    values[RA_ERROR + 5] = g < 13 ? 0.2 + random() : Number.NaN
    for (let k = 0; k < 10; k++) values[FIRST_CORRELATION + k] = motion * (random() - 0.5)
    values[RUWE] = motion * (1 + 0.1 * random())
    values[RUWE + 1] = random() < 0.6 ? 0 : error * random()
    values[RUWE + 2] = solved ? 31 : 3
    values[RUWE + 3] = 6 + Math.floor(12 * random())
    return star
  }
}

function placeOf(star: SimulatedStar, random: () => number): void {
  const lon = 2 * Math.PI * random()
  const side = random() < 0.5 ? -1 : 1
  const inDisc = Math.asin(Math.min(1, -0.15 * Math.log(1 - random())))
  const lat = random() < 0.6 ? side * inDisc : Math.asin(2 * random() - 1)
  const fromPole = POLE.lonDeg * RAD - lon
  const sinDec =
    Math.sin(POLE.decDeg * RAD) * Math.sin(lat) +
    Math.cos(POLE.decDeg * RAD) * Math.cos(lat) * Math.cos(fromPole)
  const y = Math.cos(lat) * Math.sin(fromPole)
  const x =
    Math.cos(POLE.decDeg * RAD) * Math.sin(lat) -
    Math.sin(POLE.decDeg * RAD) * Math.cos(lat) * Math.cos(fromPole)
  const ra = (POLE.raDeg + Math.atan2(y, x) / RAD + 720) % 360
  const dec = Math.asin(Math.max(-1, Math.min(1, sinDec))) / RAD
  star.values[RA] = ra
  star.values[DEC] = dec
  star.idHigh = cellAt(FINEST_ORDER, ra, dec) * 8 + Math.floor(8 * random())
  star.idLow = Math.floor(2 ** 32 * random())
}
