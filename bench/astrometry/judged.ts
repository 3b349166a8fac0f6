// What bench/judges/astrometry.py prints. RMS per axis in arcsec, distances in arcsec, slopes in mas per magnitude.

/** A slope and its standard error; null where there are too few stars. */
export type Slope = [slope: number, error: number] | null

export interface Places {
  placed: number
  rms_ra: number
  rms_dec: number
  rms: number
  median: number
  by_mag: (number | null)[]
  /** The inner half of the stars, and the outer tenth. */
  centre: number
  outer: number
  /** G < 16 without a neighbour within 6″, images spoilt on the plate too: stars, rms ra, rms dec. */
  bright_isolated: [stars: number, ra: number, dec: number]
  bright_isolated_whole: [stars: number, ra: number, dec: number]
  /** Along x and along y of the scan. */
  slope_mag: [Slope, Slope]
  slope_colour: [Slope, Slope]
  /** Of the residual away from the centre, over the distance in half-widths of the scan. */
  slope_coma: Slope
  /** RMS distances to the true places; simulated plates only. */
  to_truth?: number
  centre_to_truth?: number
  outer_to_truth?: number
}

export interface Pull {
  /** Of a bin: the least and the greatest value in it. */
  bin?: string
  n: number
  rms: number | null
  robust: number | null
}

export interface Judged {
  pairs: number
  /** Images that a flaw or a neighbour displaced: not counted. */
  flawed: number
  /** Fainter than the depth of a real plate: not counted. */
  faint: number
  isolated: number
  scale: number
  pixel_um: number | null
  mag_bins: string[]
  not_in_catalogue: number
  platepipe: Places
  platepipe_wcs: Places
  /** By name, "platepipe-3": SCAMP of degree 3 with platepipe's detections. */
  scamp: Record<string, Places>
  best: string | null
  ratio?: number
  ratio_error?: number
  /** What `ratio` would be with the true plate model: simulated plates only. */
  perfect_ratio?: number
  pulls: { all: Pull; by_mag: Pull[]; by_radius: Pull[]; centre: Pull; outer: Pull }
  floor?: {
    floor: number
    floor_raw: number
    centring: number
    floor_by_mag: number[]
    floor_centre: number
    floor_outer: number
  }
}
