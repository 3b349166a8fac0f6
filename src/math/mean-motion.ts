// The mean proper motion of the stars of a magnitude at a place on the sky, and their scatter about it: what can be said
// of a star whose own motion is not known. The Sun's motion among them and the rotation of the Galaxy move all the stars
// of a field alike, which no fit to a plate of that field can see. docs/decisions/tycho2.md tells how it was fitted.
import { DEG, unitVector, type Vector } from './sphere.ts'

export interface MeanMotion {
  /** Mean proper motion, mas/yr; that in right ascension includes cos δ. */
  pmRaMasYr: number
  pmDecMasYr: number
  /** Scatter of the stars' own motions about it, per axis, mas/yr: 68.3 % are within; fast stars make long tails. */
  scatterMasYr: number
}

/** The galactic axes in ICRS: towards the centre, the rotation and the north pole (ESA SP-1200, 1997, vol. 1, §1.5.3). */
const GALACTIC: readonly [Vector, Vector, Vector] = [
  [-0.0548755604, -0.8734370902, -0.4838350155],
  [0.4941094279, -0.44482963, 0.7469822445],
  [-0.867666149, -0.1980763734, 0.4559837762],
]

/**
 * ln of an amplitude in mas/yr is c₀ + c₁ t + c₂ t² + c₃ s + c₄ s², with t = VT − 10 and s = |sin b|. Robust fit to the
 * motions of 538 000 stars of Tycho-2 with 5 < VT < 10.5 over the whole sky (bench/tycho2-motions/fit.py). Bright stars
 * and those at high latitude are near, so that the amplitudes fall with t and grow with s; at high latitude the stars are
 * old and lag behind the rotation, so that V grows most.
 */
type Amplitude = readonly [number, number, number, number, number]

/** The Sun's velocity among the stars over their distance: towards the centre, the rotation and the north pole. */
const SUN: readonly [Amplitude, Amplitude, Amplitude] = [
  [1.107, -0.281, 0.001, 1.361, -0.694],
  [1.475, -0.124, 0.023, 1.967, -0.817],
  [0.894, -0.223, 0.01, 1.729, -1.062],
]
const SCATTER: Amplitude = [1.788, -0.152, 0.018, 2.1, -0.731]

const MAS_YR_PER_KM_S_KPC = 1 / 4.74047
/** Oort's constants of the same fit; Bovy 2017 (MNRAS 468, L63) has 15.3 ± 0.4 and −11.9 ± 0.4 km/s/kpc. */
const OORT_A = 14.93 * MAS_YR_PER_KM_S_KPC
const OORT_B = -11.86 * MAS_YR_PER_KM_S_KPC

/** VT for which the fit serves; beyond, the star counts as one of the nearer end. The faint half is an extrapolation. */
const VT_RANGE = [5, 12.5] as const

/**
 * What the model leaves of the mean motion of a field, per axis, mas/yr, rms over the sky: associations, clusters, streams.
 * bench/results/tycho2-motions.md has 1.4 for fields of 2°, 1.1 of 5° and 1.0 of 10°, at all galactic latitudes alike.
 */
export const MEAN_MOTION_ERROR_MAS_YR = 1.1

/** The mean motion of the stars of magnitude VT at a place. The place is ICRS, degrees. */
export function meanMotion(raDeg: number, decDeg: number, vtMag: number): MeanMotion {
  const [ra, dec] = [raDeg * DEG, decDeg * DEG]
  const u = unitVector(ra, dec)
  const [x, y, z] = GALACTIC.map((axis) => dot(axis, u)) as unknown as Vector
  const t = Math.min(Math.max(vtMag, VT_RANGE[0]), VT_RANGE[1]) - 10
  const s = Math.abs(z)
  const [sunU, sunV, sunW] = SUN.map((amplitude) => amplitudeAt(amplitude, t, s)) as unknown as Vector
  // Oort: the stars in the plane shear by A and turn by B; across the line of sight that is A (y, x, 0) + B (−y, x, 0).
  const velocity: Vector = [(OORT_A - OORT_B) * y - sunU, (OORT_A + OORT_B) * x - sunV, -sunW]
  const [sinRa, cosRa, sinDec, cosDec] = [Math.sin(ra), Math.cos(ra), Math.sin(dec), Math.cos(dec)]
  return {
    pmRaMasYr: along(velocity, [-sinRa, cosRa, 0]),
    pmDecMasYr: along(velocity, [-sinDec * cosRa, -sinDec * sinRa, cosDec]),
    scatterMasYr: amplitudeAt(SCATTER, t, s),
  }
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

/** The component of a galactic vector along an equatorial one. */
function along(galactic: Vector, equatorial: Vector): number {
  return dot(galactic, GALACTIC.map((axis) => dot(axis, equatorial)) as unknown as Vector)
}

function amplitudeAt([c0, c1, c2, c3, c4]: Amplitude, t: number, s: number): number {
  return Math.exp(c0 + c1 * t + c2 * t * t + c3 * s + c4 * s * s)
}
