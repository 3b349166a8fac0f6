// wcs.fits (TAN-SIP, a header without pixels) and scamp.head (TPV): the same plate constants for other programs.
import { join } from 'node:path'
import {
  addCommentary,
  type CardValue,
  emptyHeader,
  formatHeader,
  type Header,
  setCard,
} from '../../fits/header.ts'
import { writeWhole } from '../../fits/io.ts'
import { cardsOf, outputHeader } from '../../fits/outputheader.ts'
import { type LinearPart, MAX_DEPARTURE_PX } from '../../models/wcs-departure.ts'
import type { Sip, Tpv } from '../../models/wcs-polynomials.ts'

export interface WcsFilesInput {
  outDir: string
  /** '' for the only exposure, else '-<n>'. */
  suffix: string
  sip: Sip
  tpv: Tpv
  width: number
  height: number
  epochYr: number
  plateId: string
  /** The star for which the mapping holds: its G and bp_rp, each null where it shifts nothing. */
  referenceStar?: { mag: number | null; bpRp: number | null }
}

export async function writeWcsFiles(input: WcsFilesInput): Promise<void> {
  const sipHeader = headerOfSip(input)
  await writeWhole(join(input.outDir, `wcs${input.suffix}.fits`), formatHeader(sipHeader))
  await writeWhole(join(input.outDir, `scamp${input.suffix}.head`), headOfTpv(input))
}

function linearCards(header: Header, linear: LinearPart, projection: string): void {
  const ctype = (axis: string) => `${axis.padEnd(4, '-')}-${projection}`
  const set = (keyword: string, value: CardValue, comment: string) => setCard(header, keyword, value, comment)
  set('CTYPE1', ctype('RA'), 'right ascension')
  set('CTYPE2', ctype('DEC'), 'declination')
  set('CUNIT1', 'deg', '')
  set('CUNIT2', 'deg', '')
  set('CRVAL1', linear.crval[0], 'tangent point, ICRS')
  set('CRVAL2', linear.crval[1], 'tangent point, ICRS')
  set('CRPIX1', linear.crpix[0], 'pixel of the tangent point')
  set('CRPIX2', linear.crpix[1], 'pixel of the tangent point')
  set('CD1_1', linear.cd[0], '')
  set('CD1_2', linear.cd[1], '')
  set('CD2_1', linear.cd[2], '')
  set('CD2_2', linear.cd[3], '')
  set('LONPOLE', 180, 'the default, but for a tangent point on the pole')
  set('RADESYS', 'ICRS', '')
}

function headerOfSip({ sip, width, height, epochYr, plateId, referenceStar }: WcsFilesInput): Header {
  const header = emptyHeader()
  const set = (keyword: string, value: CardValue, comment = '') => setCard(header, keyword, value, comment)
  set('WCSAXES', 2, '')
  linearCards(header, sip.linear, 'TAN-SIP')
  set('A_ORDER', sip.order, 'pixel to sky')
  for (const { p, q, value } of sip.a) set(`A_${p}_${q}`, value)
  set('B_ORDER', sip.order, 'pixel to sky')
  for (const { p, q, value } of sip.b) set(`B_${p}_${q}`, value)
  set('AP_ORDER', sip.inverseOrder, 'sky to pixel')
  for (const { p, q, value } of sip.ap) set(`AP_${p}_${q}`, value)
  set('BP_ORDER', sip.inverseOrder, 'sky to pixel')
  for (const { p, q, value } of sip.bp) set(`BP_${p}_${q}`, value)
  set('IMAGEW', width, 'width of the scan, px')
  set('IMAGEH', height, 'height of the scan, px')
  set('PLATE', plateId, 'name of the plate')
  set('PLTEPOCH', epochYr, 'Julian year to which the places refer')
  starCards(header, referenceStar)
  addCommentary(
    header,
    'COMMENT',
    `Departure of SIP from the plate constants over the scan: ${sip.departurePx.toExponential(1)} px, ` +
      `of its inverse ${sip.inverseDeparturePx.toExponential(1)} px.`,
  )
  if (Math.max(sip.departurePx, sip.inverseDeparturePx) > MAX_DEPARTURE_PX)
    addCommentary(header, 'COMMENT', APPROXIMATE)
  const structure = cardsOf([
    ['SIMPLE', true, 'conforms to the FITS standard'],
    ['BITPIX', 8, ''],
    ['NAXIS', 0, 'a WCS without pixels'],
  ])
  return outputHeader(structure, header)
}

const APPROXIMATE =
  'No polynomial of this convention follows the plate constants more closely; the places in catalogue.fits are by the ' +
  'plate constants themselves.'

function starCards(header: Header, star: WcsFilesInput['referenceStar']): void {
  const { mag = null, bpRp = null } = star ?? {}
  if (mag !== null) setCard(header, 'REFMAG', mag, 'G of stars for which this holds, others shift')
  if (bpRp !== null) setCard(header, 'REFBPRP', bpRp, 'their colour bp_rp')
}

/** Cards one per line, as SCAMP writes them and SWarp reads them. */
function headOfTpv({ tpv, referenceStar }: WcsFilesInput): string {
  const header = emptyHeader()
  linearCards(header, tpv.linear, 'TPV')
  setCard(header, 'EQUINOX', 2000, 'mean equinox')
  for (const { index, value } of tpv.pv1) setCard(header, `PV1_${index}`, value, 'projection distortion')
  for (const { index, value } of tpv.pv2) setCard(header, `PV2_${index}`, value, 'projection distortion')
  starCards(header, referenceStar)
  addCommentary(
    header,
    'COMMENT',
    `Departure of TPV from the plate constants over the scan: ${tpv.departurePx.toExponential(1)} px.`,
  )
  if (tpv.departurePx > MAX_DEPARTURE_PX) addCommentary(header, 'COMMENT', APPROXIMATE)
  const text = new TextDecoder('latin1').decode(formatHeader(header))
  const lines: string[] = []
  for (let at = 0; at < text.length; at += 80) {
    const card = text.slice(at, at + 80).trimEnd()
    if (card !== '') lines.push(card)
    if (card === 'END') break
  }
  return `${lines.join('\n')}\n`
}
