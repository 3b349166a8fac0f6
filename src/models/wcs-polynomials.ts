// The plate constants as the two polynomial conventions that other programs read: SIP (Shupe et al. 2005, ADASS XIV,
// 491) and TPV (SCAMP, SWarp). Whatever the plate model holds, its mapping for the reference star is approximated by the
// polynomial of the smallest degree that follows it; how far that departs from the model is measured and published.
import { DEG } from '../math/sphere.ts'
import { fromStandard, toStandard } from '../math/tangent.ts'
import {
  chebyshevSum,
  inPowers,
  type PlaneMap,
  type PlanePolynomial,
  type Rectangle,
  rootOf,
  slopes,
  substituted,
} from './plane-polynomial.ts'
import { type PlateConstants, standardAt } from './plate-constants.ts'
import {
  type Coefficient,
  checksOf,
  coefficientsOf,
  inverse2,
  type LinearPart,
  smallestOf,
  summed,
  worst,
} from './wcs-departure.ts'
import { inverseOf } from './wcs-inverse.ts'

export interface Sip {
  linear: LinearPart
  order: number
  a: Coefficient[]
  b: Coefficient[]
  inverseOrder: number
  ap: Coefficient[]
  bp: Coefficient[]
  /** Largest distance from the model over the scan, px, of the forward polynomial and of the inverse one. */
  departurePx: number
  inverseDeparturePx: number
}

export interface Tpv {
  linear: LinearPart
  /** Of the polynomials. */
  degree: number
  /** PV1_k and PV2_k by k. */
  pv1: { index: number; value: number }[]
  pv2: { index: number; value: number }[]
  departurePx: number
}

const SIP_ORDERS = [2, 9] as const
const TPV_DEGREES = [3, 7] as const
const HIGHEST = SIP_ORDERS[1]

const NODES = 96 // per axis of the scan: more than two for each period of a scanner's error of 40 cycles
/** A tangent point farther than this from the middle, in half sides of the scan, is exchanged for the middle. */
const FARTHEST_TANGENT = 1.5

/** A mapping from the plate (FITS pixels) to standard coordinates about a tangent point, radians. */
export interface PlateMapping {
  ra0: number
  dec0: number
  standardAt(x: number, y: number): { xi: number; eta: number }
}

const mappingOf = (c: PlateConstants): PlateMapping => ({
  ra0: c.ra0,
  dec0: c.dec0,
  standardAt: (x, y) => standardAt(c, x, y),
})

/** The mapping about a tangent point in degrees: pixels to standard coordinates. */
interface Source {
  crval: [number, number]
  map: PlaneMap
}

function sourceOf(c: PlateMapping): Source {
  return {
    crval: [c.ra0 / DEG, c.dec0 / DEG],
    map: (x, y) => {
      const { xi, eta } = c.standardAt(x, y)
      return [xi / DEG, eta / DEG]
    },
  }
}

/** The same places about the middle of the scan. */
function aboutMiddle(c: PlateMapping, scan: Rectangle): Source {
  const sky = (x: number, y: number) => {
    const { xi, eta } = c.standardAt(x, y)
    return fromStandard(xi, eta, c.ra0, c.dec0)
  }
  const { raRad, decRad } = sky(scan.x0, scan.y0)
  return {
    crval: [raRad / DEG, decRad / DEG],
    map: (x, y) => {
      const place = sky(x, y)
      const standard = toStandard(place.raRad, place.decRad, raRad, decRad)
      return standard === undefined ? [Number.NaN, Number.NaN] : [standard.xi / DEG, standard.eta / DEG]
    },
  }
}

/** A polynomial of one degree for the scan, in pixels from CRPIX: CD is its linear part, and its value there is zero. */
interface Forward {
  linear: LinearPart
  /** ξ and η in degrees, of pixels from CRPIX. */
  polynomial: PlanePolynomial
}

function scanOf(width: number, height: number): Rectangle {
  return { x0: (width + 1) / 2, y0: (height + 1) / 2, halfX: width / 2, halfY: height / 2 }
}

/** Polynomials of every degree for one scan. */
function forwards(c: PlateMapping, scan: Rectangle): { source: Source; ofDegree: (n: number) => Forward } {
  const tried = (source: Source) => {
    const sum = chebyshevSum(source.map, scan, HIGHEST, NODES)
    const ofDegree = (degree: number) => aboutRoot(inPowers(sum, degree), scan, source.crval)
    return { source, ofDegree }
  }
  const own = tried(sourceOf(c))
  const isNear = (forward: Forward | undefined) =>
    forward !== undefined &&
    Math.abs(forward.linear.crpix[0] - scan.x0) <= FARTHEST_TANGENT * scan.halfX &&
    Math.abs(forward.linear.crpix[1] - scan.y0) <= FARTHEST_TANGENT * scan.halfY
  const degrees = Array.from({ length: HIGHEST - SIP_ORDERS[0] + 1 }, (_, k) => SIP_ORDERS[0] + k)
  const chosen = degrees.every((degree) => isNear(own.ofDegree(degree))) ? own : tried(aboutMiddle(c, scan))
  return {
    source: chosen.source,
    ofDegree: (degree) => {
      const forward = chosen.ofDegree(degree)
      if (forward === undefined) throw new Error('the middle of the scan has no place on the sky')
      return forward
    },
  }
}

function aboutRoot(
  polynomial: PlanePolynomial,
  { x0, y0, halfX, halfY }: Rectangle,
  crval: [number, number],
): Forward | undefined {
  const root = rootOf(polynomial)
  if (root === undefined) return undefined
  const inPixels = substituted(polynomial, [1 / halfX, 0, 0, 1 / halfY], root)
  const crpix: [number, number] = [x0 + root[0] * halfX, y0 + root[1] * halfY]
  return { linear: { crval, crpix, cd: slopes(inPixels) }, polynomial: inPixels }
}

/** The star for which the files hold: its magnitude and colour, each null where it shifts nothing. */
export function starOf({ model, star }: PlateConstants): { mag: number | null; bpRp: number | null } {
  const shifts = (by: 'm' | 'c') => model.terms.some((term) => term.kind === 'power' && term[by] > 0)
  return { mag: shifts('m') ? star.mag : null, bpRp: shifts('c') ? star.bpRp : null }
}

/** SIP of the plate constants over a scan of the given size, for their reference star. */
export function toSip(c: PlateConstants, width: number, height: number): Sip {
  return sipOf(mappingOf(c), width, height)
}

/** TPV of the plate constants, likewise. */
export function toTpv(c: PlateConstants, width: number, height: number): Tpv {
  return tpvOf(mappingOf(c), width, height)
}

/**
 * SIP of any mapping over a scan of the given size. Of the orders 2 to 9 (and so for the inverse) the smallest whose
 * departure is below 0.001 px, else below 0.01 px, else the smallest that is about as good as the best.
 */
export function sipOf(c: PlateMapping, width: number, height: number): Sip {
  const scan = scanOf(width, height)
  const { source, ofDegree } = forwards(c, scan)
  const checks = checksOf(source.map, scan)
  const forward = smallestOf(SIP_ORDERS, (order) => {
    const { linear, polynomial } = ofDegree(order)
    const [i11, i12, i21, i22] = inverse2(linear.cd)
    const a = coefficientsOf(polynomial, 2, [i11, i12])
    const b = coefficientsOf(polynomial, 2, [i21, i22])
    const sum = summed(order)
    const departurePx = worst(checks, linear, (u, v, U, V) => {
      const [f, g] = sum(u, v, a, b)
      return Math.hypot(u + f! - U, v + g! - V)
    })
    return { linear, order, a, b, departurePx }
  })
  const inverse = smallestOf(SIP_ORDERS, inverseOf(checks, forward.linear))
  return {
    ...forward,
    ...{
      inverseOrder: inverse.order,
      ap: inverse.ap,
      bp: inverse.bp,
      inverseDeparturePx: inverse.departurePx,
    },
  }
}

/** PV1_k belongs to x^p y^q; PV2_k to the same with x and y exchanged. The indices left out are powers of r. */
function tpvIndex(p: number, q: number): number {
  const FIRST_OF_DEGREE = [0, 1, 4, 7, 12, 17, 24, 31]
  return FIRST_OF_DEGREE[p + q]! + q
}

/** TPV of any mapping over a scan of the given size; its degree, 3 to 7, is chosen as SIP's order. */
export function tpvOf(c: PlateMapping, width: number, height: number): Tpv {
  const scan = scanOf(width, height)
  const { source, ofDegree } = forwards(c, scan)
  const checks = checksOf(source.map, scan)
  return smallestOf(TPV_DEGREES, (degree) => {
    const { linear, polynomial } = ofDegree(degree)
    const inverse = inverse2(linear.cd)
    const plane = substituted(polynomial, inverse, [0, 0]) // of x, y = CD · (pixel − CRPIX)
    const [xi, eta] = [coefficientsOf(plane, 0, [1, 0]), coefficientsOf(plane, 0, [0, 1])]
    const sum = summed(degree)
    const [cd11, cd12, cd21, cd22] = linear.cd
    const departurePx = worst(checks, linear, (u, v, U, V) => {
      const [f, g] = sum(cd11 * u + cd12 * v, cd21 * u + cd22 * v, xi, eta)
      return Math.hypot(inverse[0] * f! + inverse[1] * g! - U, inverse[2] * f! + inverse[3] * g! - V)
    })
    const pv1 = xi.map(({ p, q, value }) => ({ index: tpvIndex(p, q), value }))
    const pv2 = eta.map(({ p, q, value }) => ({ index: tpvIndex(q, p), value })) // the axes exchanged
    const sorted = (list: { index: number; value: number }[]) => list.sort((a, b) => a.index - b.index)
    return { linear, degree, pv1: sorted(pv1), pv2: sorted(pv2), departurePx }
  })
}
