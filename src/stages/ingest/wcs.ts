// A solution that the header already holds (CD, PC or CDELT with CROTA, or the GSSS polynomial), read as a linear one.
// It is a hint and a sanity check, never truth: distortion cards are ignored.

import type { Header } from '../../fits/header.ts'
import { reason } from '../../issues.ts'
import { DEG, fold360 } from '../../math/sphere.ts'
import { fromStandard, toStandard } from '../../math/tangent.ts'
import type { HeaderWcs, Note } from '../../plate.ts'
import { numberOf, textOf } from './cards.ts'
import { linearGsss, readGsss } from './gsss.ts'
import { equinoxYear, precessToJ2000 } from './precession.ts'

// All of these are alike to first order about the reference pixel.
const PROJECTIONS = /^(TAN|TPV|ARC|STG|SIN|ZEA|ZPN|NCP)/
// From a deep plate on a fine scanner to a camera lens on a coarse one.
const SCALE_RANGE_ARCSEC = [0.01, 1000] as const

type Matrix = HeaderWcs['cd']

/** The header's solution, J2000; null where there is none or it makes no sense (then with a note). */
export function readHeaderWcs(
  header: Header,
  width: number,
  height: number,
  notes: Note[],
): HeaderWcs | null {
  const wcs = readCelestial(header, notes)
  if (wcs) return wcs
  const gsss = readGsss(header)
  if (!gsss) return null
  const linear = linearGsss(gsss, (width + 1) / 2, (height + 1) / 2)
  return isSensible(linear, notes) ? linear : null
}

function readCelestial(header: Header, notes: Note[]): HeaderWcs | null {
  const types = [1, 2].map((axis) => (textOf(header, `CTYPE${axis}`) ?? '').toUpperCase())
  const raAxis = types.findIndex((type) => /^RA-/.test(type))
  if (raAxis < 0 || !/^DEC-/.test(types[1 - raAxis])) return null
  if (!PROJECTIONS.test(types[raAxis].replace(/^RA-+/, ''))) return null
  const crval = [1, 2].map((axis) => numberOf(header, `CRVAL${axis}`))
  const crpix = [1, 2].map((axis) => numberOf(header, `CRPIX${axis}`))
  const [ra, dec] = [crval[raAxis], crval[1 - raAxis]]
  const linear = readMatrix(header)
  if (ra === undefined || dec === undefined || crpix[0] === undefined || crpix[1] === undefined || !linear)
    return null
  if (!(Math.abs(dec) <= 90 && ra >= -360 && ra <= 720)) {
    notes.push(reason('PLACE_INVALID', `CRVAL ${ra} ${dec} is no place on the sky.`, { ra, dec }))
    return null
  }
  const [a, b, c, d] = linear.cd
  const wcs: HeaderWcs = {
    source: linear.source,
    crval: [fold360(ra), dec],
    crpix: [crpix[0], crpix[1]],
    cd: raAxis === 0 ? [a, b, c, d] : [c, d, a, b],
  }
  return isSensible(wcs, notes) ? toJ2000(wcs, header, notes) : null
}

/** Whether the scale is one that a scan can have; a note where it is not. */
function isSensible(wcs: HeaderWcs, notes: Note[]): boolean {
  const scale = scaleOfWcs(wcs)
  const allFinite = [...wcs.crval, ...wcs.crpix, ...wcs.cd].every(Number.isFinite)
  if (allFinite && scale >= SCALE_RANGE_ARCSEC[0] && scale <= SCALE_RANGE_ARCSEC[1]) return true
  const text = `The header's solution (${wcs.source}) has ${scale.toPrecision(3)} arcsec per pixel; it was dropped.`
  notes.push(
    reason('SCALE_INVALID', text, { source: wcs.source, scale: Number.isFinite(scale) ? scale : null }),
  )
  return false
}

/** Degrees per pixel, rows in the order of the axes of the header; undefined where there is no scale. */
function readMatrix(header: Header): { source: 'CD' | 'PC' | 'CDELT'; cd: Matrix } | undefined {
  const matrix = (name: (i: number, j: number) => string) =>
    [name(1, 1), name(1, 2), name(2, 1), name(2, 2)].map((keyword) => numberOf(header, keyword))
  const cd = matrix((i, j) => `CD${i}_${j}`)
  if (cd.some((v) => v !== undefined)) return { source: 'CD', cd: cd.map((v) => v ?? 0) as Matrix }
  const cdelt1 = numberOf(header, 'CDELT1')
  const cdelt2 = numberOf(header, 'CDELT2')
  if (cdelt1 === undefined || cdelt2 === undefined) return undefined
  for (const pc of [matrix((i, j) => `PC${i}_${j}`), matrix((i, j) => `PC00${i}00${j}`)]) {
    if (pc.every((v) => v === undefined)) continue
    const [p11, p12, p21, p22] = pc.map((v, k) => v ?? (k === 0 || k === 3 ? 1 : 0))
    return { source: 'PC', cd: [cdelt1 * p11, cdelt1 * p12, cdelt2 * p21, cdelt2 * p22] }
  }
  const rho = (numberOf(header, 'CROTA2') ?? numberOf(header, 'CROTA1') ?? 0) * DEG
  const [cos, sin] = [Math.cos(rho), Math.sin(rho)]
  return { source: 'CDELT', cd: [cdelt1 * cos, -cdelt2 * sin, cdelt1 * sin, cdelt2 * cos] }
}

/** The equinox of the header's own places; 2000 where it says none. */
export function equinoxOf(header: Header): number {
  const frame = (textOf(header, 'RADESYS') ?? textOf(header, 'RADECSYS') ?? '').toUpperCase()
  const stated = equinoxYear(textOf(header, 'EQUINOX'))
  if (frame === 'ICRS' || frame === 'GAPPT') return 2000
  return stated ?? (frame.startsWith('FK4') ? 1950 : (bareEquinox(header) ?? 2000))
}

/** Old headers give the equinox as EPOCH: believed only for the equinoxes that catalogues were made for. */
function bareEquinox(header: Header): number | undefined {
  const epoch = numberOf(header, 'EPOCH')
  return epoch !== undefined && [1855, 1875, 1900, 1925, 1950, 1975, 2000].includes(epoch) ? epoch : undefined
}

/** Precesses the reference point, and turns the matrix by the angle between the old and the new north. */
function toJ2000(wcs: HeaderWcs, header: Header, notes: Note[]): HeaderWcs {
  const equinox = equinoxOf(header)
  if (equinox === 2000) return wcs
  const [ra, dec] = wcs.crval
  const centre = precessToJ2000(ra, dec, equinox)
  const stepDeg = dec > 0 ? -0.01 : 0.01 // along the old meridian, away from the pole
  const north = precessToJ2000(ra, dec + stepDeg, equinox)
  const s = toStandard(north.raDeg * DEG, north.decDeg * DEG, centre.raDeg * DEG, centre.decDeg * DEG)
  const angle = s ? Math.atan2(s.xi * Math.sign(stepDeg), s.eta * Math.sign(stepDeg)) : 0
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const [a, b, c, d] = wcs.cd
  notes.push(
    reason('PLACE_PRECESSED', `The header's WCS was precessed from ${equinox} to 2000.`, { equinox }),
  )
  return {
    ...wcs,
    crval: [centre.raDeg, centre.decDeg],
    cd: [cos * a + sin * c, cos * b + sin * d, cos * c - sin * a, cos * d - sin * b],
  }
}

/** The place of a pixel (FITS convention) by a linear WCS, degrees. */
export function placeOfPixel(wcs: HeaderWcs, xPx: number, yPx: number): { raDeg: number; decDeg: number } {
  const [u, v] = [xPx - wcs.crpix[0], yPx - wcs.crpix[1]]
  const xi = (wcs.cd[0] * u + wcs.cd[1] * v) * DEG
  const eta = (wcs.cd[2] * u + wcs.cd[3] * v) * DEG
  const { raRad, decRad } = fromStandard(xi, eta, wcs.crval[0] * DEG, wcs.crval[1] * DEG)
  return { raDeg: (raRad / DEG) % 360, decDeg: decRad / DEG }
}

/** The mean scale of a linear WCS, arcsec per pixel. */
export function scaleOfWcs(wcs: HeaderWcs): number {
  return 3600 * Math.sqrt(Math.abs(wcs.cd[0] * wcs.cd[3] - wcs.cd[1] * wcs.cd[2]))
}
