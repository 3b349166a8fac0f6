// The header of the scan in the words of an archive (APPLAUSE and the Wide-Field Plate Database), right or wrong.
import { addCommentary, emptyHeader, type Header, setCard } from '../fits/header.ts'
import { DEG, fold360 } from '../math/sphere.ts'
import { calendarOf, julianDateOf, millisecondsOf, sexagesimal } from './dates.ts'
import { focalLengthMm, linearCd, type PlateConstants } from './geometry.ts'
import type { SimulateOptions } from './options.ts'
import type { Random } from './random.ts'

export interface HeaderRequest {
  style: 'full' | 'none' | 'wrong'
  constants: PlateConstants
  /** Mid-exposure of each exposure. */
  exposureEpochsYr: readonly number[]
  kind: SimulateOptions['kind']
  /** What is written instead of the truth; 0 leaves it out. */
  numexp: number | undefined
  method: number | undefined
  /** Each of several exposures has a date of its own. */
  numberedDates: boolean
  bits: 8 | 16
  seed: number
  wcs: boolean
}

/** WFPDB: 1 direct, 2 direct multi-exposure, 3 tracks, 4 objective prism, 14 Pickering wedge, 24 grating. */
const METHOD = { single: 1, multi: 2, trailed: 3, prism: 4, wedge: 14, grating: 24 }
const TELESCOPES = [
  'Double Astrograph',
  'Bamberg Southern Camera',
  'Lippert Astrograph',
  'Zeiss Triplet',
  'Carte du Ciel',
]
const EMULSIONS = ['Agfa Astro', 'Kodak 103aO', 'ORWO ZU 21', 'Lumiere', 'Ilford Zenith']
/** How far the place in a logbook is usually off, degrees, and how far in a header of the style `wrong`. */
const USUAL_OFFSET_DEG = 0.05
const WRONG_OFFSET_DEG = [2, 9] as const

/**
 * The header, and for the style `wrong` what is wrong with it, in sentences. The place and the date of that style are
 * such as archives deliver: degrees off, in a form that a parser may misread, with an impossible time.
 */
export function scanHeader(request: HeaderRequest, random: Random): { header: Header; faults: string[] } {
  const header = emptyHeader()
  const faults: string[] = []
  const epochYr = request.exposureEpochsYr[0]!
  // Every draw is made for every style, so that the rest of the header does not depend on it.
  const minutes = Math.round(random.between(10, 90))
  const [turn, sizeShare] = [random.between(0, 2 * Math.PI), random.next()]
  const [telescope, emulsion, plateNumber] = [
    random.pick(TELESCOPES),
    random.pick(EMULSIONS),
    1 + random.whole(9999),
  ]
  const wrongScale = random.next() < 0.5 ? 1.15 : 0.87
  const slashes = random.next() < 0.5 && epochYr >= 1900 && epochYr < 2000
  if (request.style === 'none') return { header, faults }

  const wrong = request.style === 'wrong'
  const { constants } = request
  const offsetDeg = wrong
    ? WRONG_OFFSET_DEG[0] + (WRONG_OFFSET_DEG[1] - WRONG_OFFSET_DEG[0]) * sizeShare
    : USUAL_OFFSET_DEG * sizeShare
  const dec = Math.max(-89.9, Math.min(89.9, constants.decDeg + offsetDeg * Math.sin(turn)))
  const ra = fold360(
    constants.raDeg + (offsetDeg * Math.cos(turn)) / Math.max(0.05, Math.cos(constants.decDeg * DEG)),
  )
  if (wrong) faults.push(`the place is ${offsetDeg.toFixed(1)}° off`)

  const start = millisecondsOf(epochYr) - (minutes * 60_000) / 2
  const begin = calendarOf(start)
  const end = calendarOf(start + minutes * 60_000)
  const middle = calendarOf(millisecondsOf(epochYr))
  let dateObs = `${begin.date}T${begin.time}`
  if (wrong && slashes) dateObs = begin.slashed
  else if (wrong) dateObs = `${begin.date}T${begin.time.slice(0, 3)}95:00`
  if (wrong) faults.push(`DATE-OBS is ${dateObs}`)

  const card = (keyword: string, value: string | number, comment: string) =>
    setCard(header, keyword, value, comment)
  card('OBSERVAT', 'Simulated', 'observatory')
  card('TELESCOP', telescope, 'telescope')
  card('PLATENUM', String(plateNumber), 'plate number in the logbook')
  card('EMULSION', emulsion, 'emulsion')
  card('FILTER', 'none', 'filter')
  card('DATEORIG', begin.date, 'recorded date')
  if (!wrong) {
    card('TMS-ORIG', `UT ${begin.hourMinute}`, 'recorded time of start')
    card('TME-ORIG', `UT ${end.hourMinute}`, 'recorded time of end')
  }
  card('DATE-OBS', dateObs, 'start of the exposure, UT')
  if (!wrong) {
    card('DATE-AVG', `${middle.date}T${middle.time}`, 'middle of the exposure, UT')
    card('YEAR', Math.round(epochYr * 1e5) / 1e5, 'decimal year, middle')
    card('JD-AVG', Math.round(julianDateOf(epochYr) * 1e5) / 1e5, 'Julian date, middle')
  }
  card('EXPTIME', minutes * 60, '[s] exposure')
  if (!wrong && request.numberedDates) addNumberedDates(header, request.exposureEpochsYr, minutes)
  const counted = (keyword: string, truth: number, asked: number | undefined, comment: string) => {
    const written = asked ?? (wrong ? 1 : truth)
    if (written !== 0) card(keyword, written, comment)
    if (written !== truth) faults.push(`${keyword} is ${written || 'missing'} instead of ${truth}`)
  }
  counted('NUMEXP', request.exposureEpochsYr.length, request.numexp, 'number of exposures')
  counted('METHOD', METHOD[request.kind], request.method, 'method of observation (WFPDB)')
  card('RA', sexagesimal(ra / 15, 1, false), '[h] centre, J2000')
  card('DEC', sexagesimal(dec, 0, true), '[deg] centre, J2000')
  card('RA_DEG', Math.round(ra * 1e4) / 1e4, '[deg] centre, J2000')
  card('DEC_DEG', Math.round(dec * 1e4) / 1e4, '[deg] centre, J2000')
  card('EQUINOX', 2000, 'of the places above')
  const plateScale = (constants.scaleArcsecPerPx * 1000) / constants.pixelUm
  card('PLTSCALE', Math.round(plateScale * (wrong ? wrongScale : 1) * 100) / 100, '[arcsec/mm] plate scale')
  if (wrong)
    faults.push(
      `PLTSCALE is ${wrongScale > 1 ? 'too large' : 'too small'} by ${Math.round(100 * Math.abs(wrongScale - 1))} %`,
    )
  else card('FOCLEN', Math.round(focalLengthMm(constants)) / 1000, '[m] focal length')
  card('PIXSIZE1', constants.pixelUm, '[um] pixel along x')
  card('PIXSIZE2', constants.pixelUm, '[um] pixel along y')
  card('SCANRES1', Math.round(25400 / constants.pixelUm), '[dpi] scan resolution')
  card('SCANRES2', Math.round(25400 / constants.pixelUm), '[dpi] scan resolution')
  card('DATAMAX', 2 ** request.bits - 1, 'greatest possible value')
  card('ORIGIN', 'platepipe simulate', `seed ${request.seed}`)
  if (request.wcs) addLinearWcs(header, constants)
  addCommentary(header, 'COMMENT', 'A simulated plate: no light of any star has touched it.')
  return { header, faults }
}

const CHANGE_MINUTES = 4 // between exposures of one night, which follow one another

/** DATE-OB1, DATE-OB2, …: the start of each exposure of a plate that has several. */
function addNumberedDates(header: Header, epochsYr: readonly number[], minutes: number): void {
  if (epochsYr.length < 2) return
  let earliest = Number.NEGATIVE_INFINITY
  for (const [k, epochYr] of epochsYr.entries()) {
    const start = Math.max(earliest, millisecondsOf(epochYr) - (minutes * 60_000) / 2)
    const { date, time } = calendarOf(start)
    setCard(header, `DATE-OB${k + 1}`, `${date}T${time}`, `start of exposure ${k + 1}, UT`)
    // An earlier epoch than that of the exposure before it is meant: only the same night is put in order.
    const next = epochsYr[k + 1]
    earliest = next === epochYr ? start + (minutes + CHANGE_MINUTES) * 60_000 : Number.NEGATIVE_INFINITY
  }
}

function addLinearWcs(header: Header, constants: PlateConstants): void {
  const cd = linearCd(constants)
  setCard(header, 'CTYPE1', 'RA---TAN', '')
  setCard(header, 'CTYPE2', 'DEC--TAN', '')
  setCard(header, 'CRVAL1', constants.raDeg, '[deg]')
  setCard(header, 'CRVAL2', constants.decDeg, '[deg]')
  setCard(header, 'CRPIX1', constants.centrePx[0], '')
  setCard(header, 'CRPIX2', constants.centrePx[1], '')
  ;(['CD1_1', 'CD1_2', 'CD2_1', 'CD2_2'] as const).forEach((keyword, i) => {
    setCard(header, keyword, cd[i]!, '[deg/px]')
  })
}
