// Where the scan's centre points: every place in the header, in the order in which they are to be believed, with how far
// off each may be. All are hints: the solver searches around them, and then without them.

import type { Header } from '../../fits/header.ts'
import { reason } from '../../issues.ts'
import { separationDeg } from '../../math/sphere.ts'
import type { HeaderWcs, Note, Plate } from '../../plate.ts'
import { parseDecDeg, parseRaDeg } from './angles.ts'
import { commentOf, textOf } from './cards.ts'
import type { Dialect } from './dialect.ts'
import { gsssPlateCentre } from './gsss.ts'
import { equinoxYear, precessToJ2000 } from './precession.ts'
import { equinoxOf, placeOfPixel } from './wcs.ts'

type Place = NonNullable<Plate['place']>

export interface PlaceOptions {
  raDeg?: number | undefined
  decDeg?: number | undefined
  radiusDeg?: number | undefined
}

/** What the place is read for. */
export interface PlaceContext {
  dialect: Dialect
  wcs: HeaderWcs | null
  width: number
  height: number
  scaleArcsecPerPx: number | undefined
}

// A logbook's place is that of the guide star or of the middle of the plate, to a degree or two.
const LOGBOOK_RADIUS_DEG = 2
// A header solution may be off by its field (another plate's, an old one), seldom by more.
const WCS_RADIUS_MIN_DEG = 0.1
// Half the diagonal of the largest survey plates (6.6° square), for a piece cut from one.
const SURVEY_PLATE_RADIUS_DEG = 4.7

// No plate sees more than a hemisphere; a scale that says so is wrong.
const MAX_RADIUS_DEG = 90

interface PlaceCards {
  ra: string
  dec: string
  /** Card with their equinox; the header's own where missing. */
  equinox?: string
  /** True where bare numbers of right ascension are hours. */
  hours?: boolean
  /** False where these are always J2000. */
  precess?: boolean
}

const PLACE_CARDS: PlaceCards[] = [
  { ra: 'OBJCTRA', dec: 'OBJCTDEC', hours: true },
  { ra: 'RA_DEG', dec: 'DEC_DEG' },
  { ra: 'RA', dec: 'DEC' },
  { ra: 'PLATERA', dec: 'PLATEDEC' },
  { ra: 'WRA', dec: 'WDEC', equinox: 'WEPOCH' },
  { ra: 'RA-ORIG', dec: 'DEC-ORIG', hours: true },
  { ra: 'RA_PNT', dec: 'DEC_PNT' },
  { ra: 'TELRA', dec: 'TELDEC', hours: true },
]

/** The place to begin with; null where neither the options nor the header give one. */
export function readPlace(
  header: Header,
  context: PlaceContext,
  options: PlaceOptions,
  notes: Note[],
): Place | null {
  const halfDiagonalDeg = context.scaleArcsecPerPx
    ? Math.min(
        MAX_RADIUS_DEG,
        (Math.hypot(context.width, context.height) / 2) * (context.scaleArcsecPerPx / 3600),
      )
    : undefined
  const fromHeader = headerPlaces(header, context, halfDiagonalDeg, notes)
  if (options.raDeg !== undefined && options.decDeg !== undefined) {
    const radiusErrorDeg = options.radiusDeg ?? Math.max(LOGBOOK_RADIUS_DEG, halfDiagonalDeg ?? 0)
    return { value: { raDeg: options.raDeg, decDeg: options.decDeg, radiusErrorDeg }, source: 'option' }
  }
  const best = fromHeader[0]
  if (!best) return null
  for (const other of fromHeader.slice(1)) {
    const apart = separationDeg(best.value.raDeg, best.value.decDeg, other.value.raDeg, other.value.decDeg)
    if (apart <= best.value.radiusErrorDeg + other.value.radiusErrorDeg + (halfDiagonalDeg ?? 0)) continue
    notes.push(
      reason(
        'PLACE_CONFLICT',
        `${other.source} points ${apart.toFixed(1)}° away from ${best.source}; the latter was used.`,
        {
          used: best.value,
          usedSource: best.source,
          other: other.value,
          otherSource: other.source,
          apartDeg: apart,
        },
      ),
    )
  }
  const radiusErrorDeg = options.radiusDeg ?? best.value.radiusErrorDeg
  return { value: { ...best.value, radiusErrorDeg }, source: best.source }
}

function headerPlaces(
  header: Header,
  context: PlaceContext,
  halfDiagonalDeg: number | undefined,
  notes: Note[],
): Place[] {
  const places: Place[] = []
  const { wcs } = context
  if (wcs) {
    const centre = placeOfPixel(wcs, (context.width + 1) / 2, (context.height + 1) / 2)
    const radiusErrorDeg = Math.max(WCS_RADIUS_MIN_DEG, (halfDiagonalDeg ?? 0) / 2)
    places.push({ value: { ...centre, radiusErrorDeg }, source: wcs.source === 'GSSS' ? 'AMDX1…' : 'CRVAL…' })
  }
  for (const cards of PLACE_CARDS) {
    const place = readCards(header, cards, notes)
    if (place)
      places.push({
        value: { ...place, radiusErrorDeg: radiusOf(cards, context, halfDiagonalDeg) },
        source: cards.ra,
      })
  }
  const survey = gsssPlateCentre(header)
  if (survey)
    places.push({ value: { ...survey, radiusErrorDeg: SURVEY_PLATE_RADIUS_DEG }, source: 'PLTRAH…' })
  return places
}

function radiusOf(cards: PlaceCards, context: PlaceContext, halfDiagonalDeg: number | undefined): number {
  const survey = context.dialect === 'gsss' || context.dialect === 'supercosmos'
  // What a survey's cutout service was asked for is its middle; the plate that it was cut from may be centred degrees away.
  if (survey && cards.ra === 'OBJCTRA')
    return Math.max(WCS_RADIUS_MIN_DEG, halfDiagonalDeg ?? LOGBOOK_RADIUS_DEG)
  if (survey) return SURVEY_PLATE_RADIUS_DEG
  return Math.max(LOGBOOK_RADIUS_DEG, halfDiagonalDeg ?? 0)
}

function readCards(
  header: Header,
  cards: PlaceCards,
  notes: Note[],
): { raDeg: number; decDeg: number } | undefined {
  const [raText, decText] = [textOf(header, cards.ra), textOf(header, cards.dec)]
  if (raText === undefined || decText === undefined) return undefined
  const comment = commentOf(header, cards.ra)
  const hours = /\bdeg/i.test(comment)
    ? false
    : /\bh(ou)?rs?\b|\bh:?m/i.test(comment) || (cards.hours ?? false)
  const raDeg = parseRaDeg(raText, hours)
  const decDeg = parseDecDeg(decText)
  if (Number.isNaN(raDeg) || Number.isNaN(decDeg)) {
    notes.push(
      reason(
        'PLACE_INVALID',
        `${cards.ra} = "${raText}", ${cards.dec} = "${decText}" is no place on the sky.`,
        {
          keyword: cards.ra,
          ra: raText,
          dec: decText,
        },
      ),
    )
    return undefined
  }
  // 0, 0 is what programs write when they know nothing.
  if (raDeg === 0 && decDeg === 0) return undefined
  const equinox = (cards.equinox && equinoxYear(textOf(header, cards.equinox))) || equinoxOf(header)
  if (equinox === 2000 || cards.precess === false) return { raDeg, decDeg }
  notes.push(
    reason(
      'PLACE_PRECESSED',
      `${cards.ra}, ${cards.dec} were precessed from ${equinox} to 2000 (good to 2″).`,
      {
        keyword: cards.ra,
        equinox,
      },
    ),
  )
  return precessToJ2000(raDeg, decDeg, equinox)
}
