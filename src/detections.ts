// Everything that SExtractor measured of every detection, as columns. Pixels in the FITS convention on the grid of the
// scan as delivered.

/** One entry per detection in every column. */
export interface Detections {
  length: number
  /** SExtractor's NUMBER, from 1. */
  detId: Int32Array
  /** The place that is used: see `placeSource`. */
  x: Float64Array
  y: Float64Array
  /** Formal error of the place, px: the profile fit's, else SExtractor's; the fit of the plate measures the real one. */
  xErrorPx: Float64Array
  yErrorPx: Float64Array
  xWin: Float64Array
  yWin: Float64Array
  xIso: Float64Array
  yIso: Float64Array
  /** One of `PLACE`. */
  placeSource: Uint8Array
  /** MAG_AUTO with zero point 0. */
  magInst: Float64Array
  magInstError: Float64Array
  /**
   * −2.5 log₁₀ SNR_WIN: the brightness in a window that fits the image, against which the magnitudes of stars scatter half
   * as much as against MAG_AUTO. Where it was not measured, MAG_AUTO at the usual distance from it.
   */
  magWin: Float64Array
  /**
   * What magnitudes on the scale of the reference stars are made from: magWin at first; once there are pairs, what several
   * measures of the image say together (src/models/brightness.ts).
   */
  brightness: Float64Array
  fluxAuto: Float64Array
  /** Peak above the background, units of the positive scan. */
  peak: Float64Array
  background: Float64Array
  fwhm: Float64Array
  /** Half-light radius, px. */
  fluxRadius: Float64Array
  /** Rms of the light along the major and minor axis, px. */
  semiMajor: Float64Array
  semiMinor: Float64Array
  /** Of the major axis, degrees from +x towards +y, −90 to 90. */
  thetaDeg: Float64Array
  ellipticity: Float64Array
  isoAreaPx: Float64Array
  /**
   * Mean of the areas above seven levels, spaced evenly in their logarithm between the threshold and the peak, over the area
   * above the threshold: 0.5 for a Gaussian image, 1 for a disc with sharp edges.
   */
  arealProfile: Float64Array
  snrWin: Float64Array
  sexFlags: Int32Array
  flagsWin: Int32Array
}

/** Where a place comes from: a profile fit; else SExtractor's windowed place, or the isophotal one where that diverged. */
export const PLACE = { windowed: 0, isophotal: 1, profile: 2 } as const

/** SExtractor's FLAGS bits (manual, §9.1). */
export const SEX_FLAG = { neighbour: 1, blended: 2, saturated: 4, truncated: 8 } as const
