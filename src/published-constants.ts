// The plate constants as solution.json gives them: every term with its coefficients, so that any program can evaluate them
// (docs/plate-constants.md has the equations).
import { ARCSEC, DEG } from './math/sphere.ts'
import type { PlateConstants } from './models/plate-constants.ts'

interface Coefficients {
  xi_arcsec: number
  eta_arcsec: number
}

export interface PublishedConstants {
  tangent_point_deg: [number, number]
  /** u = (x − x0)/half, v = (y − y0)/half */
  frame: { x0: number; y0: number; half_px: number }
  /** For which the terms of the place alone hold; m and c are counted from it and kept within the ranges. */
  reference_star: {
    mag: number
    bp_rp: number
    mag_range: [number, number]
    bp_rp_range: [number, number]
    /** A star without a colour has the error that a shift of its colour by this makes. */
    bp_rp_scatter: number
  }
  /** Of u^u v^v. */
  terms: ({ u: number; v: number } & Coefficients)[]
  /** Of u^u v^v m^m c^c. */
  star_terms: ({ u: number; v: number; m: number; c: number } & Coefficients)[]
  /** Of sin or cos 2π (x or y, px) / period. */
  periodic_terms: ({ axis: 'x' | 'y'; period_px: number; phase: 'sin' | 'cos' } & Coefficients)[]
  /** Added where x and y are greater than the first and not greater than the second; null where the tile has no end. */
  tile_terms: ({
    x_px: [number | null, number | null]
    y_px: [number | null, number | null]
  } & Coefficients)[]
  /** Uniform cubic B-splines over [−1, 1] of u and v, intervals + 3 per axis, row by row along u. */
  local: { intervals: number; xi_arcsec: number[]; eta_arcsec: number[] } | null
  /** The coefficients as they were fitted, some of which enter several terms of both axes, with their errors. */
  fitted: { part: string; name: string; value_arcsec: number; error_arcsec: number }[]
}

export function publishedConstants(constants: PlateConstants): PublishedConstants {
  const { frame, model, star, local } = constants
  const published: PublishedConstants = {
    tangent_point_deg: [constants.ra0 / DEG, constants.dec0 / DEG],
    frame: { x0: frame.x0, y0: frame.y0, half_px: frame.halfPx },
    reference_star: {
      mag: star.mag,
      bp_rp: star.bpRp,
      mag_range: star.magRange,
      bp_rp_range: star.bpRpRange,
      bp_rp_scatter: star.bpRpScatter,
    },
    terms: [],
    star_terms: [],
    periodic_terms: [],
    tile_terms: [],
    local:
      local === null
        ? null
        : {
            intervals: local.knots,
            xi_arcsec: Array.from(local.xi, (c) => c / ARCSEC),
            eta_arcsec: Array.from(local.eta, (c) => c / ARCSEC),
          },
    fitted: fittedOf(constants),
  }
  model.terms.forEach((term, k) => {
    const own = { xi_arcsec: constants.xi[k]! / ARCSEC, eta_arcsec: constants.eta[k]! / ARCSEC }
    if (term.kind === 'wave') {
      published.periodic_terms.push({
        axis: term.axis,
        period_px: term.periodPx,
        phase: term.phase,
        ...own,
      })
    } else if (term.kind === 'tile') {
      published.tile_terms.push({ x_px: openEnded(term.x), y_px: openEnded(term.y), ...own })
    } else if (term.kind === 'own') {
      throw new Error(
        `${model.name} is a model of several exposures: each is published with constants of its own`,
      )
    } else if (term.m === 0 && term.c === 0) {
      published.terms.push({ u: term.u, v: term.v, ...own })
    } else {
      published.star_terms.push({ u: term.u, v: term.v, m: term.m, c: term.c, ...own })
    }
  })
  return published
}

const openEnded = (span: [number, number]) =>
  span.map((edge) => (Number.isFinite(edge) ? edge : null)) as [number | null, number | null]

function fittedOf({ model, fitted }: PlateConstants): PublishedConstants['fitted'] {
  if (fitted === null) return []
  const n = model.coefficients.length
  return model.coefficients.map(({ part, name }, k) => ({
    part,
    name,
    value_arcsec: fitted.coefficients[k]! / ARCSEC,
    error_arcsec: Math.sqrt(fitted.covariance[k * n + k]!) / ARCSEC,
  }))
}
