// Dates as logbooks and FITS headers write them, and what was wrong about each. Nothing here knows a header.

/** Plates are not older than the first daguerreotypes of the sky, nor younger than the last photographic surveys. */
export const FIRST_PLATE_YEAR = 1840
export const LAST_PLATE_YEAR = 2015

const SECONDS_PER_DAY = 86400
const JD_J2000 = 2451545
const JD_UNIX = 2440587.5

export type DateProblem = 'DATE_INVALID' | 'DATE_AMBIGUOUS' | 'TIME_INVALID'

export interface DateReading {
  /** Julian year of the moment, or of the middle of the day, month or year where no more is known. */
  epochYr: number
  /** Half the span in which the moment lies, years; 0 where the time of day is known. */
  toleranceYr: number
  hasTime: boolean
  problems: { code: DateProblem; text: string }[]
}

/** Julian year of a Julian date (UT and TT differ by a minute or two, which no plate knows). */
export function julianYear(julianDate: number): number {
  return 2000 + (julianDate - JD_J2000) / 365.25
}

/** Julian date of a moment of the Gregorian calendar, UT. `month` counts from 1. */
export function julianDate(year: number, month: number, day: number, secondsOfDay = 0): number {
  const midnight = Date.UTC(2000, month - 1, day) // two-digit years would mean 19xx, so the year is set apart
  const date = new Date(midnight)
  date.setUTCFullYear(year, month - 1, day)
  return JD_UNIX + date.getTime() / 1000 / SECONDS_PER_DAY + secondsOfDay / SECONDS_PER_DAY
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

interface Fields {
  year: number
  month: number
  day: number
  twoDigits?: boolean
  monthFirst?: boolean
  eitherOrder?: boolean
}

function monthNumber(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1
}

/** DD/MM/YY is what FITS of before 1999 prescribes; a middle number above 12 shows that the month came first. */
function dayMonthYear(a: string, b: string, yearText: string): Fields {
  const [first, second, year] = [Number(a), Number(b), Number(yearText)]
  const monthFirst = second > 12 && first <= 12
  return {
    year,
    month: monthFirst ? first : second,
    day: monthFirst ? second : first,
    twoDigits: yearText.length === 2,
    monthFirst,
    eitherOrder: first <= 12 && second <= 12 && first !== second,
  }
}

// An evening date such as 1951.11.29-30 or 29/30.11.1951 names the night; the first day is the one that is kept.
const PATTERNS: [RegExp, (m: string[]) => Fields][] = [
  [/^(\d{4})[-/.: ](\d{1,2})[-/.: ](\d{1,2})(?:[-/]\d{1,2})?$/, (m) => fields(m[1], m[2], m[3])],
  [/^(\d{4})(\d{2})(\d{2})$/, (m) => fields(m[1], m[2], m[3])],
  [/^(\d{1,2})(?:[-/]\d{1,2})?\.(\d{1,2})\.(\d{4})$/, (m) => fields(m[3], m[2], m[1])],
  [/^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$/, (m) => dayMonthYear(m[1], m[2], m[3])],
  [/^(\d{4})[-/. ]([A-Za-z]{3,9})\.?[-/. ](\d{1,2})$/, (m) => fields(m[1], monthNumber(m[2]), m[3])],
  [/^(\d{1,2})[-/. ]*([A-Za-z]{3,9})\.?[-/., ]+(\d{4})$/, (m) => fields(m[3], monthNumber(m[2]), m[1])],
  [/^([A-Za-z]{3,9})\.? +(\d{1,2}),? +(\d{4})$/, (m) => fields(m[3], monthNumber(m[1]), m[2])],
  [/^(\d{4})[-/.](\d{1,2})$/, (m) => fields(m[1], m[2], 0)],
  [/^(\d{4})$/, (m) => fields(m[1], 0, 0)],
]

function fields(year: string, month: string | number, day: string | number): Fields {
  return { year: Number(year), month: Number(month), day: Number(day) }
}

export interface TimeReading {
  secondsOfDay: number
  /** What was wrong; the time is unusable where secondsOfDay is NaN. */
  problem?: string
}

/**
 * A time of day as seconds after midnight UT: `12:07:00.00`, `12 07`, `12h07m`, `UT 12:07`, `12-07-00`.
 * Hours from 24 to 47 are the morning after the date, as observers wrote them: the seconds then exceed 86400.
 */
export function parseTime(text: string): TimeReading {
  const trimmed = text.trim()
  if (/\b(l?st|lst|sid\w*)\b/i.test(trimmed))
    return { secondsOfDay: Number.NaN, problem: `"${trimmed}" is sidereal time` }
  const bare = trimmed.replace(/\b(ut[c1]?|gmt|z)\b|z$/gi, '').trim()
  const match =
    /^(\d{1,2})(?:[:h\- ]+(\d{1,2})(?:[:m\- ]+(\d{1,2}(?:\.\d*)?)s?)?)?m?$/.exec(bare) ??
    /^(\d{1,2})(?:[:h\- ]+(\d{1,2}\.\d*))m?$/.exec(bare)
  if (!match) return { secondsOfDay: Number.NaN, problem: `"${trimmed}" is not a time of day` }
  const [hours, minutes, seconds] = [match[1], match[2] ?? 0, match[3] ?? 0].map(Number)
  if (hours >= 48 || minutes >= 60 || seconds >= 61)
    return { secondsOfDay: Number.NaN, problem: `"${trimmed}" is not a time of day` }
  const secondsOfDay = hours * 3600 + minutes * 60 + seconds
  if (hours >= 24) return { secondsOfDay, problem: `"${trimmed}" was read as the morning after` }
  return { secondsOfDay }
}

/** The full year of two digits: the century that `nearYr` points to, else 19xx. */
function fullYear(twoDigits: number, nearYr: number | undefined): { year: number; sure: boolean } {
  const candidates = [1800, 1900, 2000]
    .map((century) => century + twoDigits)
    .filter((y) => y >= FIRST_PLATE_YEAR && y <= LAST_PLATE_YEAR)
  if (nearYr !== undefined) {
    const near = candidates.filter((y) => Math.abs(y + 0.5 - nearYr) < 1.6)
    if (near.length === 1) return { year: near[0], sure: true }
  }
  return { year: 1900 + twoDigits, sure: candidates.length === 1 }
}

function invalid(text: string, why: string): DateReading {
  return {
    epochYr: Number.NaN,
    toleranceYr: Number.NaN,
    hasTime: false,
    problems: [{ code: 'DATE_INVALID', text: `The date "${text}" ${why}.` }],
  }
}

/**
 * Reads a date, with or without a time of day. `epochYr` is NaN where no date could be read.
 * @param options.time a time of day from another card, used where the text has none
 * @param options.nearYr a year from another card, which decides the century of a two-digit year
 */
export function parseDate(
  text: string,
  options: { time?: string | undefined; nearYr?: number | undefined } = {},
): DateReading {
  const trimmed = text.trim()
  const split = /^(\d{4}-\d{1,2}-\d{1,2})[T ]+(.*)$/.exec(trimmed) ?? /^(\S+)\s+(\d{1,2}:.*)$/.exec(trimmed)
  const dateText = (split?.[1] ?? trimmed).replace(/T$/, '')
  const timeText = split?.[2] ?? options.time
  const pattern = PATTERNS.find(([regex]) => regex.test(dateText))
  if (!pattern) return invalid(trimmed, 'cannot be read')
  const read = pattern[1](pattern[0].exec(dateText)!)
  const problems: DateReading['problems'] = []

  if (read.twoDigits) {
    const { year, sure } = fullYear(read.year, options.nearYr)
    read.year = year
    if (!sure)
      problems.push({
        code: 'DATE_AMBIGUOUS',
        text: `The date "${trimmed}" has a year of two digits, read as ${year}.`,
      })
  }
  if (read.monthFirst || (read.eitherOrder && !read.twoDigits))
    problems.push({
      code: 'DATE_AMBIGUOUS',
      text: `The date "${trimmed}" was read as day ${read.day} of month ${read.month}.`,
    })
  if (read.year < FIRST_PLATE_YEAR || read.year > LAST_PLATE_YEAR)
    return invalid(
      trimmed,
      `is not between ${FIRST_PLATE_YEAR} and ${LAST_PLATE_YEAR}, the years of photographic plates`,
    )
  if (read.month > 12 || read.month < 0) return invalid(trimmed, `has no month ${read.month}`)
  if (read.month === 0) return { epochYr: read.year + 0.5, toleranceYr: 0.5, hasTime: false, problems }
  const days = daysInMonth(read.year, read.month)
  if (read.day > days)
    problems.push({
      code: 'DATE_INVALID',
      text: `The date "${trimmed}" has no day ${read.day}; its month was kept.`,
    })
  if (read.day === 0 || read.day > days) {
    const middle = julianDate(read.year, read.month, 1) + days / 2
    return { epochYr: julianYear(middle), toleranceYr: days / 2 / 365.25, hasTime: false, problems }
  }

  const time = timeText === undefined ? undefined : parseTime(timeText)
  if (time?.problem)
    problems.push({
      code: 'TIME_INVALID',
      text: `The time of "${trimmed}" was ${Number.isNaN(time.secondsOfDay) ? 'dropped' : 'doubtful'}: ${time.problem}.`,
    })
  const hasTime = time !== undefined && !Number.isNaN(time.secondsOfDay)
  const moment = julianDate(
    read.year,
    read.month,
    read.day,
    hasTime ? time.secondsOfDay : SECONDS_PER_DAY / 2,
  )
  return { epochYr: julianYear(moment), toleranceYr: hasTime ? 0 : 0.5 / 365.25, hasTime, problems }
}

/** Julian year of a Julian date, or of a modified one (JD − 2400000.5); undefined where it is no date of a plate. */
export function yearOfJulianDate(value: number, isModified: boolean): number | undefined {
  const epochYr = julianYear(isModified ? value + 2400000.5 : value)
  return epochYr >= FIRST_PLATE_YEAR && epochYr <= LAST_PLATE_YEAR + 1 ? epochYr : undefined
}
