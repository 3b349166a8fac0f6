// Places as logbooks write them: sexagesimal with colons, blanks or letters, in hours or in degrees.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/

/** Three fields of a sexagesimal angle, in units of the first; NaN where it is none. */
function sexagesimal(text: string): number {
  const bare = text
    .trim()
    .replace(/^([+-])\s+/, '$1')
    .replace(/[−–]/g, '-')
    .replace(/\s*[hd°:m'′]\s*/gi, ' ')
    .replace(/\s*[s"″]\s*$/i, '')
    .trim()
  const parts = bare.split(/\s+/)
  if (parts.length < 2 || parts.length > 3 || !NUMBER.test(parts[0])) return Number.NaN
  if (parts.slice(1).some((part) => !/^(\d+\.?\d*|\.\d+)$/.test(part))) return Number.NaN
  const [whole, minutes, seconds = 0] = parts.map(Number)
  // 60 seconds come from rounding; 61 come from a slip of the pen.
  if (minutes > 60 || seconds > 60) return Number.NaN
  const sign = bare.startsWith('-') ? -1 : 1 // −0° 30′ keeps its sign
  return sign * (Math.abs(whole) + minutes / 60 + seconds / 3600)
}

/**
 * Right ascension in degrees. Sexagesimal text is in hours unless it says d or °; a bare number is in degrees
 * unless `numbersAreHours`. NaN where it is out of range or unreadable.
 */
export function parseRaDeg(value: string | number, numbersAreHours = false): number {
  const text = String(value).trim()
  const isNumber = typeof value === 'number' || NUMBER.test(text)
  const inDegrees = isNumber ? !numbersAreHours : /[d°]/i.test(text)
  const angle = isNumber ? Number(text) : sexagesimal(text)
  const degrees = inDegrees ? angle : angle * 15
  if (!(degrees >= 0 && degrees <= 360)) return Number.NaN
  return degrees === 360 ? 0 : degrees
}

/** Declination in degrees; NaN where it is out of range or unreadable. */
export function parseDecDeg(value: string | number): number {
  const text = String(value).trim()
  const degrees = typeof value === 'number' || NUMBER.test(text) ? Number(text) : sexagesimal(text)
  return degrees >= -90 && degrees <= 90 ? degrees : Number.NaN
}
