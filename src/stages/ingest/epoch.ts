// When the plate was exposed: every date of the header, in the order in which they are to be believed.
// DATE itself is never read: it is the day on which the file was made.

import type { Header } from '../../fits/header.ts'
import { reason } from '../../issues.ts'
import { roundedYear } from '../../math/julian-year.ts'
import type { Note, Sourced } from '../../plate.ts'
import { numberOf, textOf } from './cards.ts'
import { FIRST_PLATE_YEAR, LAST_PLATE_YEAR, parseDate, yearOfJulianDate } from './dates.ts'
import type { Dialect } from './dialect.ts'

const SECONDS_PER_YEAR = 365.25 * 86400
// Two dates within a week of each other are one: evening dates, local times, calendar fractions instead of Julian years.
const SAME_DATE_YR = 0.02
/** Equinoxes that catalogues were made for: an EPOCH card of exactly this is not the date of a plate. */
const EQUINOXES = [1855, 1875, 1900, 1925, 1950, 1975, 2000]
// A decimal year of a logbook is right to a day or two, whatever its number of digits.
const DECIMAL_YEAR_TOLERANCE = 0.004

interface Candidate {
  epochYr: number
  source: string
  toleranceYr: number
}

/**
 * The Julian year of mid-exposure, or of the start where the length is not known; null where no date is usable.
 * Order: Julian date of mid-exposure, mid-exposure date, start date and time, Julian date of the
 * start, start date, decimal year, the date of the logbook, an EPOCH that is no equinox.
 * The Digitized Sky Survey's EPOCH, computed for its plates from the log, goes before all. Among these the first that is
 * known to a day wins, else the most precise.
 */
export function readEpoch(
  header: Header,
  dialect: Dialect,
  exposureSeconds: number | undefined,
  notes: Note[],
): Sourced<number> | null {
  const half = exposureSeconds === undefined ? 0 : exposureSeconds / 2 / SECONDS_PER_YEAR
  const years = [...decimalYears(header, notes), ...plateEpoch(header, dialect, undefined, [])]
  const nearYr = years[0]?.epochYr
  const starts = [
    ...calendarDates(header, ['DATE-OBS', 'DATE-OB1', 'DT-OBS1'], half, nearYr, notes),
    ...julianDates(header, ['JD', 'JD-OBS', 'JD-BEG', 'MJD-OBS', 'MJD-BEG'], half, notes),
  ]
  const dates = [
    ...julianDates(header, ['JD-AVG', 'JD-AVG1', 'MJD-AVG'], 0, notes),
    ...calendarDates(header, ['DATE-AVG', 'DT-AVG1'], 0, nearYr, notes),
    ...starts.filter((c) => c.toleranceYr === 0),
    ...starts.filter((c) => c.toleranceYr > 0),
  ]
  const logbook = calendarDates(header, ['DATEORIG', 'DATEOR1', 'DATE-ORI'], half, nearYr, notes)
  const other = [...dates, ...years.filter((y) => y.source.startsWith('YEAR')), ...logbook]
  const epoch = plateEpoch(header, dialect, other[0], notes)
  const gsssFirst = dialect === 'gsss' ? epoch : []
  const candidates = [...gsssFirst, ...other, ...(dialect === 'gsss' ? [] : epoch)]
  const best =
    candidates.find((c) => c.toleranceYr < 0.005) ??
    [...candidates].sort((a, b) => a.toleranceYr - b.toleranceYr)[0]
  if (!best) return null
  const rivals = candidates.filter(
    (c) => Math.abs(c.epochYr - best.epochYr) > SAME_DATE_YR + c.toleranceYr + best.toleranceYr,
  )
  for (const rival of rivals)
    notes.push(
      reason(
        'DATE_CONFLICT',
        `${rival.source} says ${rival.epochYr.toFixed(2)}, ${best.source} says ${best.epochYr.toFixed(2)}; ` +
          'the latter was used.',
        { used: best.epochYr, usedSource: best.source, other: rival.epochYr, otherSource: rival.source },
      ),
    )
  return { value: roundedYear(best.epochYr), source: best.source }
}

/** The Julian years of all exposures that have a date of their own, the first included; [] where only one has. */
export function readExposureEpochs(header: Header, notes: Note[]): number[] {
  const epochs: number[] = []
  for (let n = 1; n < 100; n++) {
    const names = [`DATE-OB${n}`, `DT-OBS${n}`, `DATE-OBS${n}`, `DATEOR${n}`]
    const keyword = names.find((name) => textOf(header, name) !== undefined)
    const text = keyword ? textOf(header, keyword)! : n === 1 ? textOf(header, 'DATE-OBS') : undefined
    if (text === undefined) {
      if (n > 1) break
      continue
    }
    const read = parseDate(text)
    if (!Number.isNaN(read.epochYr)) epochs.push(roundedYear(read.epochYr))
    else if (n > 1)
      notes.push(reason('DATE_INVALID', `${keyword}: ${read.problems[0].text}`, { keyword, text }))
  }
  return epochs.length > 1 ? epochs : []
}

function julianDates(header: Header, keywords: string[], half: number, notes: Note[]): Candidate[] {
  return keywords.flatMap((keyword) => {
    const value = numberOf(header, keyword)
    if (value === undefined || value === 0) return []
    const epochYr = yearOfJulianDate(value, keyword.startsWith('MJD'))
    if (epochYr === undefined) {
      notes.push(
        reason('DATE_INVALID', `${keyword} = ${value} is not the Julian date of a photographic plate.`, {
          keyword,
          value,
        }),
      )
      return []
    }
    return [
      { epochYr: epochYr + half, source: keyword, toleranceYr: Number.isInteger(value * 2) ? 0.0014 : 0 },
    ]
  })
}

// Cards that hold the time of day that goes with a date, where the date has none.
const TIME_CARDS: Record<string, string[]> = {
  'DATE-AVG': ['UT-AVG', 'TIME-AVG'],
  'DATE-OBS': ['UT', 'UTC', 'UT-OBS', 'TIME-OBS', 'UT-START', 'UTSTART'],
  DATEORIG: ['TMS-ORIG'],
}

function calendarDates(
  header: Header,
  keywords: string[],
  half: number,
  nearYr: number | undefined,
  notes: Note[],
): Candidate[] {
  return keywords.flatMap((keyword) => {
    const text = textOf(header, keyword)
    if (text === undefined) return []
    const timeCard = timeCardOf(header, keyword)
    const read = parseDate(text, { time: timeCard && textOf(header, timeCard), nearYr })
    for (const problem of read.problems)
      notes.push(reason(problem.code, `${keyword}: ${problem.text}`, { keyword, text }))
    if (Number.isNaN(read.epochYr)) return []
    const own = /[T ]\d/.test(text)
    const source = read.hasTime && !own && timeCard ? `${keyword}+${timeCard}` : keyword
    return [{ epochYr: read.epochYr + (read.hasTime ? half : 0), source, toleranceYr: read.toleranceYr }]
  })
}

function timeCardOf(header: Header, keyword: string): string | undefined {
  // A recorded time is of an unknown zone, and its date may be that of the evening, unless the logbook says UT.
  if (keyword === 'DATEORIG' && !/^(ut|gmt|z)/i.test(textOf(header, 'TZ-ORIG') ?? '')) return undefined
  return TIME_CARDS[keyword]?.find((name) => textOf(header, name) !== undefined)
}

function decimalYears(header: Header, notes: Note[]): Candidate[] {
  return ['YEAR-AVG', 'YEAR'].flatMap((keyword) => {
    const value = numberOf(header, keyword)
    if (value === undefined || value === 0) return []
    if (!isPlateYear(value)) {
      notes.push(
        reason('DATE_INVALID', `${keyword} = ${value} is not the year of a photographic plate.`, {
          keyword,
          value,
        }),
      )
      return []
    }
    const whole = Number.isInteger(value)
    return [
      {
        epochYr: whole ? value + 0.5 : value,
        source: keyword,
        toleranceYr: whole ? 0.5 : DECIMAL_YEAR_TOLERANCE,
      },
    ]
  })
}

function isPlateYear(value: number): boolean {
  return value >= FIRST_PLATE_YEAR && value < LAST_PLATE_YEAR + 1
}

/** EPOCH, where it is the plate's date and not the equinox of its coordinates. */
function plateEpoch(
  header: Header,
  dialect: Dialect,
  date: Candidate | undefined,
  notes: Note[],
): Candidate[] {
  const value = numberOf(header, 'EPOCH')
  if (value === undefined || value === 0) return []
  const isOne = dialect === 'dasch' || EQUINOXES.includes(value) || value === numberOf(header, 'EQUINOX')
  const agrees = date !== undefined && Math.abs(value - date.epochYr) <= SAME_DATE_YR + date.toleranceYr
  if (isOne && !agrees) {
    notes.push(
      reason('EPOCH_IS_EQUINOX', `EPOCH = ${value} was taken as the equinox of the coordinates.`, {
        epoch: value,
      }),
    )
    return []
  }
  if (!isPlateYear(value)) {
    notes.push(
      reason('DATE_INVALID', `EPOCH = ${value} is not the year of a photographic plate.`, {
        keyword: 'EPOCH',
        value,
      }),
    )
    return []
  }
  return [{ epochYr: value, source: 'EPOCH', toleranceYr: DECIMAL_YEAR_TOLERANCE }]
}
