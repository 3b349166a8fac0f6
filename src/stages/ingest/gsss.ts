// The plate solution of the Digitized Sky Survey's headers (GSSS: PPO, CNPIX, AMDX, AMDY), made into a linear WCS.
// Equations: Lasker et al. 1990, AJ 99, 2019, §III; Russell et al. 1990, AJ 99, 2059, §II.

import { findCard, type Header } from '../../fits/header.ts'
import { ARCSEC, DEG } from '../../math/sphere.ts'
import { fromStandard, toStandard } from '../../math/tangent.ts'
import type { HeaderWcs } from '../../plate.ts'
import { hasCard, numberOf } from './cards.ts'

/** The solution as the header gives it. */
export interface GsssPolynomial {
  /** Plate centre, J2000. */
  raDeg: number
  decDeg: number
  /** Plate pixels of the corner of this image. */
  cornerPx: [number, number]
  pixelUm: [number, number]
  /** PPO3 and PPO6: the plate's centre, micrometres. */
  centreUm: [number, number]
  /** AMDX1…13 and AMDY1…13: arcseconds per power of a millimetre. */
  amdx: number[]
  amdy: number[]
}

/** Reads the solution; undefined where a card of it is missing. */
export function readGsss(header: Header): GsssPolynomial | undefined {
  const place = gsssPlateCentre(header)
  const [cx, cy, px, py, ppo3, ppo6, a1, b1] = [
    'CNPIX1',
    'CNPIX2',
    'XPIXELSZ',
    'YPIXELSZ',
    'PPO3',
    'PPO6',
    'AMDX1',
    'AMDY1',
  ].map((keyword) => numberOf(header, keyword))
  if (!place || !px || !py || ppo3 === undefined || ppo6 === undefined || !a1 || !b1) return undefined
  const terms = (name: string) =>
    Array.from({ length: 13 }, (_, i) => numberOf(header, `${name}${i + 1}`) ?? 0)
  return {
    ...place,
    cornerPx: [cx ?? 0, cy ?? 0],
    pixelUm: [px, py],
    centreUm: [ppo3, ppo6],
    amdx: terms('AMDX'),
    amdy: terms('AMDY'),
  }
}

/** The plate's centre, J2000, from PLTRAH PLTRAM PLTRAS PLTDECSN PLTDECD PLTDECM PLTDECS. */
export function gsssPlateCentre(header: Header): { raDeg: number; decDeg: number } | undefined {
  const parts = ['PLTRAH', 'PLTRAM', 'PLTRAS', 'PLTDECD', 'PLTDECM', 'PLTDECS'].map((k) =>
    numberOf(header, k),
  )
  if (!hasCard(header, 'PLTRAH') || parts.some((part) => part === undefined)) return undefined
  const [h, m, s, d, dm, ds] = parts as number[]
  const raDeg = 15 * (h + m / 60 + s / 3600)
  const decDeg =
    (String(findCard(header, 'PLTDECSN')?.value).trim() === '-' ? -1 : 1) * (d + dm / 60 + ds / 3600)
  if (!(raDeg >= 0 && raDeg < 360) || !(Math.abs(decDeg) <= 90)) return undefined
  return { raDeg, decDeg }
}

/** The place (radians) of a pixel of the image, FITS convention. */
export function gsssPlace(p: GsssPolynomial, xPx: number, yPx: number): { raRad: number; decRad: number } {
  // The pixels of the plate are counted from its corner, so that the centre of the image's first one is CNPIX + 1/2.
  const x = (p.centreUm[0] - p.pixelUm[0] * (xPx + p.cornerPx[0] - 0.5)) / 1000 // mm
  const y = (p.pixelUm[1] * (yPx + p.cornerPx[1] - 0.5) - p.centreUm[1]) / 1000
  const xi = sum(p.amdx, x, y)
  const eta = sum(p.amdy, y, x)
  return fromStandard(xi * ARCSEC, eta * ARCSEC, p.raDeg * DEG, p.decDeg * DEG)
}

/** The polynomial of one standard coordinate, arcsec; `u` is the axis that it is named after, `v` the other, mm. */
function sum(a: number[], u: number, v: number): number {
  const r2 = u * u + v * v
  return (
    a[0] * u +
    a[1] * v +
    a[2] +
    a[3] * u * u +
    a[4] * u * v +
    a[5] * v * v +
    a[6] * r2 +
    a[7] * u ** 3 +
    a[8] * u * u * v +
    a[9] * u * v * v +
    a[10] * v ** 3 +
    a[11] * u * r2 +
    a[12] * u * r2 * r2
  )
}

/**
 * The linear WCS that touches the polynomial at a pixel (the middle of the scan): the derivatives by central differences.
 * Over a whole 6.6° plate the polynomial departs from it by tens of arcseconds; over a DSS cutout by less than 1″.
 */
export function linearGsss(p: GsssPolynomial, xPx: number, yPx: number): HeaderWcs {
  const centre = gsssPlace(p, xPx, yPx)
  const stepPx = 50 // 1′ of sky: far above rounding, far below the curvature
  const difference = (dx: number, dy: number) => {
    const ahead = gsssPlace(p, xPx + dx, yPx + dy)
    const behind = gsssPlace(p, xPx - dx, yPx - dy)
    const a = toStandard(ahead.raRad, ahead.decRad, centre.raRad, centre.decRad)
    const b = toStandard(behind.raRad, behind.decRad, centre.raRad, centre.decRad)
    if (!a || !b) return [Number.NaN, Number.NaN]
    return [(a.xi - b.xi) / (2 * stepPx) / DEG, (a.eta - b.eta) / (2 * stepPx) / DEG]
  }
  const [cd11, cd21] = difference(stepPx, 0)
  const [cd12, cd22] = difference(0, stepPx)
  return {
    source: 'GSSS',
    crval: [(centre.raRad / DEG) % 360, centre.decRad / DEG],
    crpix: [xPx, yPx],
    cd: [cd11, cd12, cd21, cd22],
  }
}
