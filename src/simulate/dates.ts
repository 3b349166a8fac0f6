// Julian years as the dates that an observer and an archive write.

/** Milliseconds since 1970 of a Julian year (J2000.0 = JD 2451545.0; the difference of TT to UT is left out). */
export function millisecondsOf(epochYr: number): number {
  return (julianDateOf(epochYr) - 2440587.5) * 86400_000
}

export function julianDateOf(epochYr: number): number {
  return 2451545 + (epochYr - 2000) * 365.25
}

const two = (value: number) => String(value).padStart(2, '0')

/** The parts of a date in UT. */
export function calendarOf(milliseconds: number) {
  const date = new Date(milliseconds)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
  const [hour, minute, second] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
  return {
    date: `${year}-${two(month)}-${two(day)}`,
    time: `${two(hour)}:${two(minute)}:${two(second)}`,
    hourMinute: `${two(hour)}:${two(minute)}`,
    /** The form before 2000, with two digits of the year. */
    slashed: `${two(day)}/${two(month)}/${two(year % 100)}`,
  }
}

/** An angle as d:m:s or h:m:s with `digits` decimals of the seconds; rounding never leaves 60 seconds behind. */
export function sexagesimal(value: number, digits: number, sign: boolean): string {
  const unit = 10 ** digits
  let rest = Math.round(Math.abs(value) * 3600 * unit)
  const seconds = (rest % (60 * unit)) / unit
  rest = Math.floor(rest / (60 * unit))
  const whole = Math.floor(rest / 60)
  const text = `${two(whole)}:${two(rest % 60)}:${seconds.toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0')}`
  return sign ? (value < 0 ? '-' : '+') + text : text
}
