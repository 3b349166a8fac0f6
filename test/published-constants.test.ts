// Whoever has solution.json alone finds the same places: its constants are evaluated here by what is written beside them.
import { describe, expect, it } from 'vitest'
import { ARCSEC, DEG } from '../src/math/sphere.ts'
import { splinesOf } from '../src/models/local-field.ts'
import { FAMILIES, type FamilyName } from '../src/models/models.ts'
import { type PlateConstants, standardAt, varianceAt } from '../src/models/plate-constants.ts'
import { plateModel, spread } from '../src/models/plate-model.ts'
import { type PublishedConstants, publishedConstants } from '../src/published-constants.ts'
import { randomStream } from '../src/simulate/random.ts'
import { STAR, starPairs } from './stages/fit/star-pairs.ts'

const TILTED = 'projective + radial r³ r⁵'
const EDGES = { x: [300, 650], y: [500] }

/** Constants with the last alternative of each family given, of random size: up to some tenths of a pixel each. */
function constantsWith(families: FamilyName[], seed: number, localKnots?: number): PlateConstants {
  const { input } = starPairs({ seed, count: 1, rotationDeg: 77 * seed, mirrored: seed % 2 === 0 })
  const context = {
    ...input.context,
    centre: [0.1, -0.2] as [number, number],
    tilt: [0.002, 0.001] as [number, number],
    fifthToCube: 0.3,
    periods: [
      { axis: 'x' as const, periodPx: 61.7 },
      { axis: 'y' as const, periodPx: 333 },
    ],
    tileEdges: EDGES,
  }
  const random = randomStream(seed, 'published')
  // Polynomials, or tilt and radial distortion, whose constants act on both axes.
  const geometry = FAMILIES.geometry.find(({ name }) => name === (seed % 2 === 0 ? 'quintic' : TILTED))!
  const parts = [geometry, ...families.map((family) => FAMILIES[family].at(-1)!)].flatMap((one) => one.parts)
  const model = plateModel(parts, context)
  const n = model.coefficients.length
  const coefficients = Float64Array.from({ length: n }, () => 0.5 * ARCSEC * random.gauss())
  const [a, b, c, d] = context.axes
  ;[a, c, b, d].forEach((value, k) => {
    coefficients[2 + k] = value * 2 * ARCSEC * input.frame.halfPx // ξ u, η u, ξ v, η v
  })
  const covariance = new Float64Array(n * n)
  for (let k = 0; k < n; k++) covariance[k * n + k] = (0.01 * (k + 1) * ARCSEC) ** 2
  const splines = () =>
    Float64Array.from({ length: splinesOf(localKnots!) }, () => 0.3 * ARCSEC * random.gauss())
  const local =
    localKnots === undefined
      ? null
      : {
          knots: localKnots,
          xi: splines(),
          eta: splines(),
          covariance: new Float64Array(splinesOf(localKnots) ** 2),
        }
  const { frame, ra0, dec0 } = input
  const fitted = { coefficients, covariance }
  return { model, frame, ra0, dec0, star: STAR, ...spread(model, coefficients), fitted, local }
}

/** By the definition of the uniform cubic B-spline: the basis of de Boor and Cox on equal steps. */
function basis(degree: number, k: number, t: number): number {
  if (degree === 0) return t >= k && t < k + 1 ? 1 : 0
  return ((t - k) * basis(degree - 1, k, t) + (k + degree + 1 - t) * basis(degree - 1, k + 1, t)) / degree
}

/** ξ and η, arcsec, from what JSON says of the constants and nothing else. */
function evaluate(p: PublishedConstants, x: number, y: number, mag: number | null, bpRp: number | null) {
  const { reference_star: star, frame } = p
  const u = (x - frame.x0) / frame.half_px
  const v = (y - frame.y0) / frame.half_px
  const clamp = (value: number, [low, high]: [number, number]) =>
    value < low ? low : value > high ? high : value
  const m = mag === null ? 0 : clamp(mag, star.mag_range) - star.mag
  const c = bpRp === null ? 0 : clamp(bpRp, star.bp_rp_range) - star.bp_rp
  let [xi, eta] = [0, 0]
  const add = (value: number, of: { xi_arcsec: number; eta_arcsec: number }) => {
    xi += value * of.xi_arcsec
    eta += value * of.eta_arcsec
  }
  for (const t of p.terms) add(u ** t.u * v ** t.v, t)
  for (const t of p.star_terms) add(u ** t.u * v ** t.v * m ** t.m * c ** t.c, t)
  for (const t of p.periodic_terms) {
    add(Math[t.phase]((2 * Math.PI * (t.axis === 'x' ? x : y)) / t.period_px), t)
  }
  const inside = (value: number, [from, to]: [number | null, number | null]) =>
    (from === null || value > from) && (to === null || value <= to)
  for (const t of p.tile_terms) if (inside(x, t.x_px) && inside(y, t.y_px)) add(1, t)
  if (p.local !== null) {
    const { intervals, xi_arcsec, eta_arcsec } = p.local
    const along = (s: number) => {
      const t = ((clamp(s, [-1, 1]) + 1) / 2) * intervals + 3
      return Array.from({ length: intervals + 3 }, (_, k) => basis(3, k, Math.min(t, intervals + 3 - 1e-12)))
    }
    const [alongU, alongV] = [along(u), along(v)]
    alongV.forEach((q, row) => {
      alongU.forEach((r, column) => {
        const k = row * (intervals + 3) + column
        add(q * r, { xi_arcsec: xi_arcsec[k]!, eta_arcsec: eta_arcsec[k]! })
      })
    })
  }
  return { xi, eta }
}

const asJson = (constants: PlateConstants): PublishedConstants =>
  JSON.parse(JSON.stringify(publishedConstants(constants)))

describe('published plate constants', () => {
  it.each([
    ['geometry alone', [], undefined],
    ['magnitude and colour', ['magnitude', 'coma', 'colour', 'refraction'], undefined],
    ['waves and tiles', ['periodic', 'steps'], undefined],
    ['a local field', [], 5],
    ['everything', ['magnitude', 'coma', 'colour', 'refraction', 'periodic', 'steps'], 12],
  ] as [string, FamilyName[], number | undefined][])(
    'of %s give the places that the catalogue has, to a millionth of an arc second',
    (name, families, knots) => {
      let worst = 0
      for (let seed = 1; seed <= 3; seed++) {
        const constants = constantsWith(families, seed, knots)
        const published = asJson(constants)
        expect(published.tangent_point_deg[0] * DEG).toBeCloseTo(constants.ra0, 14)
        for (let k = 0; k < 400; k++) {
          // Edges of the scan and of its tiles, and places beyond, among them.
          const [x, y] = [-20 + 52 * (k % 21), -20 + 52 * Math.floor(k / 21)]
          const at = k % 3 === 0 ? [300, 500] : [x, y]
          const mag = [null, 5, 14, 15.5, 22][k % 5]!
          const bpRp = [null, -4, 0.9, 1.3, 6][(k >> 1) % 5]!
          const own = standardAt(constants, at[0]!, at[1]!, mag ?? Number.NaN, bpRp ?? Number.NaN)
          const theirs = evaluate(published, at[0]!, at[1]!, mag, bpRp)
          const off = Math.hypot(own.xi / ARCSEC - theirs.xi, own.eta / ARCSEC - theirs.eta)
          worst = Math.max(worst, off)
        }
      }
      console.log(`${name}: worst ${worst.toExponential(1)}″`)
      expect(worst).toBeLessThan(1e-6)
    },
  )

  it('name every coefficient as it was fitted, with its error', () => {
    const constants = constantsWith(['magnitude', 'coma'], 4)
    const { fitted } = asJson(constants)
    expect(fitted).toHaveLength(constants.model.coefficients.length)
    expect(new Set(fitted.map(({ part, name }) => `${part} ${name}`)).size).toBe(fitted.length)
    fitted.forEach(({ value_arcsec, error_arcsec }, k) => {
      expect(value_arcsec).toBeCloseTo(constants.fitted!.coefficients[k]! / ARCSEC, 12)
      expect(error_arcsec).toBeCloseTo(0.01 * (k + 1), 12)
    })
    // Nothing of the place alone is left when these errors are put together at the middle of the plate.
    const { xi } = varianceAt(constants, constants.frame.x0, constants.frame.y0)
    expect(Math.sqrt(xi) / ARCSEC).toBeCloseTo(fitted.find(({ name }) => name === 'ξ 1')!.error_arcsec, 9)
    expect(asJson({ ...constants, fitted: null }).fitted).toEqual([])
  })

  it('hold no number that JSON cannot', () => {
    const text = JSON.stringify(publishedConstants(constantsWith(['steps', 'periodic'], 5, 3)))
    const { tile_terms } = JSON.parse(text) as PublishedConstants
    expect(tile_terms).toHaveLength(5) // six tiles, less the first
    expect(tile_terms.filter(({ x_px }) => x_px[0] === null)).toHaveLength(1)
    expect(tile_terms.filter(({ y_px }) => y_px[1] === null)).toHaveLength(3)
    const { tile_terms: _, ...rest } = JSON.parse(text)
    expect(JSON.stringify(rest)).not.toMatch(/null|NaN/)
  })

  it('say by how much the colours of the stars scatter', () => {
    expect(asJson(constantsWith(['colour'], 6)).reference_star.bp_rp_scatter).toBe(STAR.bpRpScatter)
  })
})
