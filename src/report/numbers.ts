// Numbers as a person reads them. What was not determined (null, NaN) is a dash, never 0.

export const UNKNOWN = '–'

type Maybe = number | null | undefined

const isKnown = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value)

/** The side of a pixel on the plate, µm; both sides where they differ. */
export function pixelSize([x, y]: readonly [number, number]): string {
  return brief(x) === brief(y) ? brief(x) : `${brief(x)} × ${brief(y)}`
}

/** With so many decimals, and a real minus sign. */
export function fixed(value: Maybe, decimals: number): string {
  if (!isKnown(value)) return UNKNOWN
  const text = value.toFixed(decimals)
  return (/^-0\.?0*$/.test(text) ? text.slice(1) : text).replace('-', '−')
}

/** Three figures or so: what a residual deserves. */
export function brief(value: Maybe): string {
  if (!isKnown(value)) return UNKNOWN
  if (value === 0) return '0'
  const size = Math.abs(value)
  return fixed(value, size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0)
}

/** What should be tiny: two figures where it can be read so, a power of ten below. */
export function small(value: Maybe): string {
  if (!isKnown(value)) return UNKNOWN
  if (value === 0) return '0'
  return Math.abs(value) < 1e-4 ? power(value) : String(Number(value.toPrecision(2))).replace('-', '−')
}

/** A whole number with its thousands apart. */
export function count(value: Maybe): string {
  if (!isKnown(value)) return UNKNOWN
  return fixed(Math.round(value), 0).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** Below the smallest number that a double holds, a probability is given as less than this. */
const LEAST = 1e-300

/** A probability, down to where doubles end. */
export function probability(value: Maybe): string {
  if (!isKnown(value)) return UNKNOWN
  if (value < LEAST) return `< ${power(LEAST)}`
  return value < 0.001 ? power(value) : fixed(value, 3)
}

const SUPERSCRIPTS: Record<string, string> = {
  ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((sign, digit) => [String(digit), sign])),
  '-': '⁻',
}

function power(value: number): string {
  const [mantissa, exponent] = value.toExponential(0).split('e') as [string, string]
  const raised = tenTo(Number(exponent))
  return mantissa === '1' ? raised : `${mantissa.replace('-', '−')}·${raised}`
}

/** A power of ten, the exponent to the nearest whole number: beyond what a double holds too. */
export function tenTo(exponent: number): string {
  return `10${[...exponent.toFixed(0)].map((sign) => SUPERSCRIPTS[sign]).join('')}`
}

/** `hh mm ss.ss ±dd mm ss.s` of a place in degrees, with signs that other programs read. */
export function sexagesimal(raDeg: number, decDeg: number): string {
  const parts = (size: number, decimals: number, turn: number): string => {
    const unit = 10 ** decimals
    const total = Math.round(size * 3600 * unit) % (turn * 3600 * unit)
    const seconds = ((total % (60 * unit)) / unit).toFixed(decimals).padStart(3 + decimals, '0')
    const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
    return `${two(total / (3600 * unit))} ${two((total / (60 * unit)) % 60)} ${seconds}`
  }
  const sign = decDeg < 0 ? '-' : '+'
  return `${parts((((raDeg % 360) + 360) % 360) / 15, 2, 24)} ${sign}${parts(Math.abs(decDeg), 1, 360)}`
}

/** Degrees with a sign that other programs read. */
export function degrees(raDeg: number, decDeg: number): string {
  return `${raDeg.toFixed(5)} ${decDeg < 0 ? '' : '+'}${decDeg.toFixed(5)}`
}

/** The largest of 1, 2 and 5 times a power of ten that is not above a value. */
export function roundBelow(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value))
  const step = [5, 2, 1].find((n) => n * unit <= value * (1 + 1e-9)) ?? 1
  return Number((step * unit).toPrecision(1))
}

/** An angle in the unit that suits it: 0.5″, 20″, 5′, 2°. */
export function angle(arcsec: number): string {
  if (arcsec < 60) return `${Number(arcsec.toPrecision(3))}″`
  if (arcsec < 3600) return `${Number((arcsec / 60).toPrecision(3))}′`
  return `${Number((arcsec / 3600).toPrecision(3))}°`
}
