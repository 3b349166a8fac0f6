// Simulated rows of Gaia's table of sources, seeded: a disc of stars over an even sky, errors that grow with magnitude,
// every fifth faint star without motion and parallax. Made for their number and their digits, not for their truth.

import type { StoredName } from '../../src/catalog/store/star-table.ts'
import { cellAt, FINEST_ORDER } from '../../src/math/healpix.ts'

export const REF_EPOCH_YR = 2015.5

/** Everything of a star but its number; NaN where not known. */
export type SimulatedStar = Record<Exclude<StoredName, 'source_id'>, number> & {
  /** source_id = 2^32 high + low. */
  idHigh: number
  idLow: number
}

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
const CORRELATIONS = [
  ...(['ra_dec_corr', 'ra_parallax_corr', 'ra_pmra_corr', 'ra_pmdec_corr', 'dec_parallax_corr'] as const),
  ...(['dec_pmra_corr', 'dec_pmdec_corr', 'parallax_pmra_corr', 'parallax_pmdec_corr'] as const),
  'pmra_pmdec_corr',
] as const

/** A function that makes the next star, always in the same object. */
export function simulatedStars(seed: number): () => SimulatedStar {
  const random = randomNumbers(seed)
  const normal = () => random() + random() + random() + random() - 2
  const star = {} as SimulatedStar
  return () => {
    placeOf(star, random)
    const g = 21 + Math.log10(1 - random() * 0.9999) / 0.3
    const error = 0.03 + 10 ** (0.28 * (g - 18) - 1)
    const solved = g < 19.5 || random() > 0.2
    const motion = solved ? 1 : Number.NaN
    star.phot_g_mean_mag = g
    star.bp_rp = 1 + normal() * 0.6
    star.phot_bp_mean_mag = g + 0.6 * star.bp_rp
    star.phot_rp_mean_mag = star.phot_bp_mean_mag - star.bp_rp
    star.ra_error = error
    star.dec_error = error * (0.7 + 0.4 * random())
    star.parallax_error = motion * error * 1.2
    star.pmra_error = motion * error * 2.1
    star.pmdec_error = motion * error * 1.9
    star.parallax = motion * (0.5 + random() + error * normal())
    star.pmra = motion * 8 * normal()
    star.pmdec = motion * 8 * normal()
    star.radial_velocity = g < 13 ? 60 * normal() : Number.NaN
    star.radial_velocity_error = g < 13 ? 0.2 + random() : Number.NaN
    for (const name of CORRELATIONS) star[name] = motion * 0.5 * normal()
    star.ruwe = motion * (1 + 0.1 * random())
    star.astrometric_excess_noise = random() < 0.6 ? 0 : error * random()
    star.astrometric_params_solved = solved ? 31 : 3
    star.visibility_periods_used = 6 + Math.floor(12 * random())
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
  star.ra = (POLE.raDeg + Math.atan2(y, x) / RAD + 720) % 360
  star.dec = Math.asin(Math.max(-1, Math.min(1, sinDec))) / RAD
  star.idHigh = cellAt(FINEST_ORDER, star.ra, star.dec) * 8 + Math.floor(8 * random())
  star.idLow = Math.floor(2 ** 32 * random())
}
