// Standard errors of Gaia's places and proper motions as a function of G, for catalogues that came without them.

/**
 * Factors on the parallax error σ_ϖ = √(40 + 800 z + 30 z²) µas, z = 10^{0.4 (max(G, 13) − 15)}, which with the numbers
 * of DR3 (place 0.80 and 0.70, motion 1.03 and 0.89 per year) is ESA's "Gaia science performance", §Astrometry.
 * DR2 was measured on a field of 10,499 stars with errors (G = 14–20, median per magnitude): place 1.25 ± 0.1 times
 * those of DR3, motion 2.1 ± 0.3 times; its stars of G < 13 have floors of 0.027 mas and 0.06 mas/yr. DR4 is that
 * page's prediction. DR1: medians of TGAS (Lindegren et al. 2016, A&A 595, A4, table 1).
 */
const SCALES: Record<
  string,
  { place: number; motion: number; placeFloorMas: number; motionFloorMasYr: number }
> = {
  'gaia-dr1': { place: 0, motion: 0, placeFloorMas: 0.32, motionFloorMasYr: 1.32 },
  'gaia-dr2': { place: 1.25, motion: 2.1, placeFloorMas: 0.027, motionFloorMasYr: 0.06 },
  'gaia-dr3': { place: 1, motion: 1, placeFloorMas: 0, motionFloorMasYr: 0 },
  'gaia-dr4': { place: 0.749, motion: 0.42, placeFloorMas: 0, motionFloorMasYr: 0 },
}
const FLOORS_BELOW_G = 13 // the change of window class and gating
const FAINT_G = 20 // taken for a star without a magnitude: rather too large an error than too small

export interface AssumedErrors {
  raErrorMas: number
  decErrorMas: number
  pmRaErrorMasYr: number
  pmDecErrorMasYr: number
}

/** Errors of a star of magnitude G (NaN: as of G = 20); an unknown release counts as DR2. */
export function assumedErrors(release: string, gMag: number): AssumedErrors {
  const scale = SCALES[release] ?? SCALES['gaia-dr2']!
  const g = Number.isNaN(gMag) ? FAINT_G : gMag
  const z = 10 ** (0.4 * (Math.max(g, 13) - 15))
  const parallaxMas = Math.sqrt(40 + 800 * z + 30 * z * z) / 1000
  const bright = g < FLOORS_BELOW_G || release === 'gaia-dr1'
  const place = (factor: number) =>
    Math.hypot(factor * scale.place * parallaxMas, bright ? scale.placeFloorMas : 0)
  const motion = (factor: number) =>
    Math.hypot(factor * scale.motion * parallaxMas, bright ? scale.motionFloorMasYr : 0)
  return {
    raErrorMas: place(0.8),
    decErrorMas: place(0.7),
    pmRaErrorMasYr: motion(1.03),
    pmDecErrorMasYr: motion(0.89),
  }
}

/** The formula in words, for the report. */
export function errorFormula(release: string, what: 'place' | 'motion'): string {
  const scale = SCALES[release] ?? SCALES['gaia-dr2']!
  if (scale.place === 0) {
    return what === 'place' ? `${scale.placeFloorMas} mas` : `${scale.motionFloorMasYr} mas/yr`
  }
  const [ra, dec, unit] = what === 'place' ? [0.8, 0.7, 'µas'] : [1.03, 0.89, 'µas/yr']
  const shown = (factor: number) => (factor * scale[what]).toFixed(2)
  return `${shown(ra)} (ra) and ${shown(dec)} (dec) times √(40 + 800 z + 30 z²) ${unit}, z = 10^(0.4 (max(G, 13) - 15))`
}
