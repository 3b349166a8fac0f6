// Linear first solutions, as a solver gives them: made of a place, a scale and an angle, or fitted to pairs of stars, right
// or wrong.
import { DEG } from '../../src/math/sphere.ts'
import { fromStandard } from '../../src/math/tangent.ts'
import { PLATE_MODELS } from '../../src/models/models.ts'
import { frameOf, fromLinearWcs, type PlateConstants } from '../../src/models/plate-constants.ts'

/** The keywords of a header: degrees, FITS pixels, degrees per pixel. */
export interface LinearWcs {
  crval: [raDeg: number, decDeg: number]
  crpix: [x: number, y: number]
  cd: [number, number, number, number]
}

/** What `refine` starts from. */
export function startOf(wcs: LinearWcs, width: number, height: number): PlateConstants {
  return fromLinearWcs(wcs, frameOf(width, height), PLATE_MODELS[0]!)
}

/** ξ = a + b x + c y, η = d + e x + f y, radians and pixels. */
export type Affine = [a: number, b: number, c: number, d: number, e: number, f: number]

export function affineOf({ crpix: [x, y], cd }: LinearWcs): Affine {
  const [b, c, e, f] = cd.map((value) => value * DEG) as [number, number, number, number]
  return [-b * x - c * y, b, c, -e * x - f * y, e, f]
}

/** The header of an affine mapping about a tangent point; undefined where it has collapsed to a line. */
export function wcsOf([a, b, c, d, e, f]: Affine, crval: LinearWcs['crval']): LinearWcs | undefined {
  const determinant = b * f - c * e
  if (!(Math.abs(determinant) > 0)) return undefined
  const crpix: LinearWcs['crpix'] = [(c * d - a * f) / determinant, (a * e - b * d) / determinant]
  return { crval, crpix, cd: [b / DEG, c / DEG, e / DEG, f / DEG] }
}

export function scaleRadPx({ cd: [a, b, c, d] }: LinearWcs): number {
  return Math.sqrt(Math.abs(a * d - b * c)) * DEG
}

/** The same solution turned about the middle of the scan, shifted, stretched, or seen in a mirror. */
export function spoilt(
  wcs: LinearWcs,
  middle: readonly [x: number, y: number],
  by: { turnDeg?: number; shiftPx?: readonly [number, number]; scale?: number; mirror?: boolean },
): LinearWcs {
  const { turnDeg = 0, shiftPx = [0, 0], scale = 1, mirror = false } = by
  const [c, s] = [scale * Math.cos(turnDeg * DEG), scale * Math.sin(turnDeg * DEG)]
  const hand = mirror ? -1 : 1
  // Pixel p is taken for pixel q = middle + M (p − middle) + shift of the true solution.
  const [m11, m12, m21, m22] = [hand * c, -s, hand * s, c]
  const own = affineOf(wcs)
  const x0 = middle[0] - m11 * middle[0] - m12 * middle[1] + shiftPx[0]
  const y0 = middle[1] - m21 * middle[0] - m22 * middle[1] + shiftPx[1]
  const row = (k: 0 | 3) => {
    const [a, b, d] = [own[k], own[(k + 1) as 1], own[(k + 2) as 2]]
    return [a + b * x0 + d * y0, b * m11 + d * m21, b * m12 + d * m22]
  }
  return wcsOf([...row(0), ...row(3)] as unknown as Affine, wcs.crval)!
}

/** The place on the sky of a pixel, degrees. */
export function placeOfPixel(wcs: LinearWcs, x: number, y: number): { raDeg: number; decDeg: number } {
  const [a, b, c, d, e, f] = affineOf(wcs)
  const sky = fromStandard(a + b * x + c * y, d + e * x + f * y, wcs.crval[0] * DEG, wcs.crval[1] * DEG)
  return { raDeg: sky.raRad / DEG, decDeg: sky.decRad / DEG }
}

/** Least squares through pairs of pixels and standard coordinates (radians); undefined where they lie on a line. */
export function affineThrough(
  pairs: readonly { x: number; y: number; xi: number; eta: number }[],
): Affine | undefined {
  const n = pairs.length
  const mean = (of: (p: (typeof pairs)[number]) => number) => pairs.reduce((sum, p) => sum + of(p), 0) / n
  const [mx, my, mxi, meta] = [mean((p) => p.x), mean((p) => p.y), mean((p) => p.xi), mean((p) => p.eta)]
  const xx = mean((p) => (p.x - mx) ** 2)
  const yy = mean((p) => (p.y - my) ** 2)
  const xy = mean((p) => (p.x - mx) * (p.y - my))
  const determinant = xx * yy - xy * xy
  if (!(determinant > 1e-6 * xx * yy)) return undefined
  const line = (of: (p: (typeof pairs)[number]) => number, m: number): [number, number, number] => {
    const xv = mean((p) => (p.x - mx) * (of(p) - m))
    const yv = mean((p) => (p.y - my) * (of(p) - m))
    const b = (xv * yy - yv * xy) / determinant
    const c = (yv * xx - xv * xy) / determinant
    return [m - b * mx - c * my, b, c]
  }
  return [...line((p) => p.xi, mxi), ...line((p) => p.eta, meta)]
}
