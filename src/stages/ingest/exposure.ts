// What the logbook says of the exposure: how long, how many, by which method.

import type { Header } from '../../fits/header.ts'
import { reason } from '../../issues.ts'
import type { Note, Sourced } from '../../plate.ts'
import { commentOf, numberOf, textOf } from './cards.ts'
import type { Dialect } from './dialect.ts'

// The longest exposures ran over several nights.
const LONGEST_SECONDS = 100 * 3600

/** More than this in METHOD or NUMEXP is no code and no count. */
const HIGHEST_METHOD = 99
const MOST_EXPOSURES = 999

/** Codes of the Wide-Field Plate Database (Tsvetkov et al. 1997, Baltic Astronomy 6, 271) and what they mean. */
export const METHODS: Record<number, string> = {
  1: 'direct photograph',
  2: 'direct photograph, several exposures',
  3: 'stellar tracks',
  4: 'objective prism',
  5: 'objective prism, several exposures',
  7: 'proper motions',
  8: 'unguided exposure',
  9: 'out of focus',
  10: 'test plate',
  13: 'focusing',
  14: 'Pickering wedge',
  15: 'raster scan',
  24: 'grating',
  25: 'objective grating',
}

const METHOD_WORDS: [RegExp, number][] = [
  [/prism|spectr/i, 4],
  [/multi|several/i, 2],
  [/track|trail/i, 3],
  [/unguided/i, 8],
  [/out of focus/i, 9],
  [/focus/i, 13],
  [/wedge/i, 14],
  [/grating/i, 24],
  [/test/i, 10],
  [/direct/i, 1],
]

interface ExposureCard {
  keyword: string
  secondsPerUnit: (header: Header, dialect: Dialect) => number
}

/** Seconds unless the comment or the dialect says minutes. */
function unitOf(keyword: string) {
  return (header: Header, dialect: Dialect) => {
    const comment = `${commentOf(header, keyword)} ${textOf(header, keyword) ?? ''}`
    if (/\bmin(ute)?s?\b/i.test(comment)) return 60
    if (/\bh(ou)?rs?\b/i.test(comment)) return 3600
    return keyword === 'EXPOSURE' && dialect === 'gsss' ? 60 : 1
  }
}

const EXPOSURE_CARDS: ExposureCard[] = ['EXPTIME', 'EXPTIM1', 'EXPTIME1', 'EXPOSURE', 'EXP-TIME'].map(
  (keyword) => ({
    keyword,
    secondsPerUnit: unitOf(keyword),
  }),
)

/** The exposure in seconds; null where the header has none that is possible. */
export function readExposure(header: Header, dialect: Dialect, notes: Note[]): Sourced<number> | null {
  const housekeeping = supercosmosExposure(header, dialect)
  if (housekeeping) return housekeeping
  for (const card of EXPOSURE_CARDS) {
    const number = numberOf(header, card.keyword)
    if (number === undefined) continue
    const seconds = number * card.secondsPerUnit(header, dialect)
    if (seconds > 0 && seconds <= LONGEST_SECONDS) return { value: seconds, source: card.keyword }
    if (number !== 0)
      // 0 is how many archives write "unknown"
      notes.push(
        reason('EXPOSURE_INVALID', `${card.keyword} is ${number}.`, { keyword: card.keyword, value: number }),
      )
  }
  return null
}

/** SuperCOSMOS copies the logbook into its housekeeping lines, in minutes. */
function supercosmosExposure(header: Header, dialect: Dialect): Sourced<number> | null {
  if (dialect !== 'supercosmos') return null
  for (const card of header.cards) {
    const match = /^PLATE\.EXPOSURE\s+([\d.]+)/.exec(typeof card.value === 'string' ? card.value : '')
    if (match && Number(match[1]) > 0) return { value: Number(match[1]) * 60, source: card.keyword }
  }
  return null
}

/** Keywords of the dates of the second and later exposures: DATE-OB2, DT-OBS2, DATEOR2, … */
const NUMBERED_DATE = /^(?:DATE-OB|DATE-OBS|DT-OBS|DATEOR|DT-AVG)(\d{1,2})$/

/** How many exposures the header knows of: NUMEXP, or how many numbered dates there are. `isSingle`: a person has looked, no note is needed. */
export function readExposureCount(header: Header, isSingle: boolean, notes: Note[]): Sourced<number> | null {
  const read = numberOf(header, 'NUMEXP')
  const stated = read !== undefined && read <= MOST_EXPOSURES ? read : undefined
  const numbered = header.cards
    .filter((card) => card.kind === 'value' && card.value !== null && String(card.value).trim() !== '')
    .map((card) => ({ keyword: card.keyword, number: Number(NUMBERED_DATE.exec(card.keyword)?.[1] ?? 0) }))
    .filter((card) => card.number > 0)
  const dates = Math.max(0, ...numbered.map((card) => card.number))
  const fromDates = numbered.length > 0 && dates > 1
  const value = Math.max(stated !== undefined && stated >= 1 ? Math.round(stated) : 0, fromDates ? dates : 0)
  if (value === 0) return null
  const source =
    value === stated
      ? 'NUMEXP'
      : numbered.filter((card) => card.number === dates).map((card) => card.keyword)[0]
  if (value > 1 && !isSingle)
    notes.push(
      reason('NUMEXP_NOT_ONE', `The header knows of ${value} exposures (${source}).`, {
        exposures: value,
        source,
        numexp: stated ?? null,
      }),
    )
  return { value, source: source ?? 'NUMEXP' }
}

/** METHOD as a code of the Wide-Field Plate Database, also from words; `option` goes before the header. */
export function readMethod(
  header: Header,
  option: number | undefined,
  notes: Note[],
): Sourced<number> | null {
  const text = option === undefined ? textOf(header, 'METHOD') : String(option)
  if (text === undefined) return null
  const digits = /^\d+/.exec(text)?.[0]
  const code = digits ? Number(digits) : METHOD_WORDS.find(([word]) => word.test(text))?.[1]
  if (code === undefined || code === 0 || code > HIGHEST_METHOD) return null
  if (code !== 1)
    notes.push(
      reason('METHOD_NOT_SINGLE', `METHOD is ${text}: ${METHODS[code] ?? 'not a direct photograph'}.`, {
        method: code,
        text,
      }),
    )
  return { value: code, source: option === undefined ? 'METHOD' : 'option' }
}
