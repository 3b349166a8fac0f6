// The kinds of parameters: how the text of a command line becomes a checked value, and what is said when it does not.
import * as z from 'zod'
import { UserError } from './errors.ts'

export interface Parameter<T> {
  /** As typed: `--solve-cpu`; a short form comes first: `-o, --out`. */
  flag: string
  /** What follows the flag in the help, `SECONDS`; empty for a switch. */
  placeholder: string
  /** Heading under which the help and the docs list it. */
  group: string
  unit: string
  /** The accepted values in words; also what an error message says was expected. */
  range: string
  /** The default in words, where the value alone does not say it. */
  defaultText: string
  /** One sentence. */
  text: string
  repeatable: boolean
  /** Takes a string of the command line or a value of the right type; undefined gives the default. */
  schema: z.ZodType<T>
}

interface Described {
  flag: string
  placeholder: string
  group: string
  text: string
  unit?: string
  range?: string
  defaultText?: string
}

function parameter<T>(
  spec: Described,
  defaults: unknown,
  schema: z.ZodType<T>,
  repeatable = false,
): Parameter<T> {
  const shown = Array.isArray(defaults) ? defaults.join(', ') : String(defaults ?? 'not set')
  return {
    flag: spec.flag,
    placeholder: spec.placeholder,
    group: spec.group,
    unit: spec.unit ?? '',
    range: spec.range ?? '',
    defaultText: spec.defaultText ?? shown,
    text: spec.text,
    repeatable,
    schema,
  }
}

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i

/** A finite number, given as such or as its text. `Number('')` is 0 and `Number('0x1f')` is 31: neither is meant. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  const text = String(value).trim()
  return DECIMAL.test(text) ? Number(text) : Number.NaN
}

/**
 * A value that `read` understands and `accept` allows, `fallback()` where none is given; anything else is an issue,
 * which parseConfig puts into words.
 */
function checked<T, D>(
  read: (value: unknown) => T,
  accept: (value: T) => boolean,
  fallback: () => D,
): z.ZodType<T | D> {
  return z.unknown().transform((given, context): T | D => {
    if (given === undefined || given === null) return fallback()
    const value = read(given)
    if (accept(value)) return value
    context.addIssue({ code: 'custom', message: 'not accepted' })
    return z.NEVER
  })
}

/** A number in [min, max]; both ends are accepted. */
export function number<D extends number | undefined>(
  spec: Described & { min: number; max: number; default: D; whole?: boolean },
): Parameter<number | D> {
  const accept = (v: number) => v >= spec.min && v <= spec.max && (!spec.whole || Number.isInteger(v))
  const range = spec.range ?? `${spec.whole ? 'a whole number' : 'a number'} from ${spec.min} to ${spec.max}`
  return parameter(
    { ...spec, range },
    spec.default,
    checked(numberOf, accept, () => spec.default),
  )
}

/** A number in [min, max], or a word that stands for none of them. Undefined when not given. */
export function numberOrWord<const W extends string>(
  spec: Described & { min: number; max: number; word: W },
): Parameter<number | W | undefined> {
  const read = (value: unknown): number | W =>
    String(value).trim() === spec.word ? spec.word : numberOf(value)
  const accept = (v: number | W) => v === spec.word || (Number(v) >= spec.min && Number(v) <= spec.max)
  const range = spec.range ?? `a number from ${spec.min} to ${spec.max}, or the word ${spec.word}`
  return parameter(
    { ...spec, range },
    undefined,
    checked(read, accept, () => undefined),
  )
}

/**
 * An angle in degrees, or sexagesimal with colons or blanks between its parts; `perUnit` is 15 where the
 * sexagesimal form counts hours.
 */
function angleOf(value: unknown, perUnit: number): number {
  const decimal = numberOf(value)
  if (!Number.isNaN(decimal)) return decimal
  const parts = /^([-+]?)(\d{1,3})[: ](\d{1,2})(?:[: ](\d{1,2}(?:\.\d*)?))?$/.exec(String(value).trim())
  if (!parts) return Number.NaN
  const [minutes, seconds] = [Number(parts[3]), Number(parts[4] ?? 0)]
  if (minutes >= 60 || seconds >= 60) return Number.NaN
  const size = (Number(parts[2]) + minutes / 60 + seconds / 3600) * perUnit
  return parts[1] === '-' ? -size : size
}

/** A place on the sky, decimal degrees or sexagesimal (`hours` for right ascension). Undefined when not given. */
export function angle(
  spec: Described & { min: number; max: number; hours: boolean },
): Parameter<number | undefined> {
  const read = (value: unknown) => angleOf(value, spec.hours ? 15 : 1)
  const accept = (v: number) => v >= spec.min && v <= spec.max
  return parameter(
    spec,
    undefined,
    checked(read, accept, () => undefined),
  )
}

export interface Span {
  low: number
  high: number
}

/** `1.7` is 1.7 to 1.7; `1.5-1.9` and `1.5,1.9` are a range. NaN where it is none of them. */
function spanOf(value: unknown): Span {
  if (typeof value === 'object' && value !== null && 'low' in value && 'high' in value) {
    return { low: numberOf(value.low), high: numberOf(value.high) }
  }
  const parts = String(value).split(/[-,]/)
  if (parts.length > 2) return { low: Number.NaN, high: Number.NaN }
  return { low: numberOf(parts[0]), high: numberOf(parts[1] ?? parts[0]) }
}

/** One number or `low-high`, both positive. Undefined when not given. */
export function span(spec: Described & { min: number; max: number }): Parameter<Span | undefined> {
  const accept = (v: Span) => v.low >= spec.min && v.high <= spec.max && v.low <= v.high
  return parameter(
    spec,
    undefined,
    checked(spanOf, accept, () => undefined),
  )
}

/** One of a few words. */
export function choice<const W extends readonly string[]>(
  spec: Described & { words: W; default: W[number] },
): Parameter<W[number]> {
  const read = (v: unknown) => String(v) as W[number]
  const accept = (v: W[number]) => spec.words.includes(v)
  const range = `one of ${spec.words.join(', ')}`
  return parameter(
    { ...spec, range, placeholder: spec.words.join('|') },
    spec.default,
    checked(read, accept, () => spec.default),
  )
}

/** A word, a path or the name of a program; never empty. `pattern` narrows it further. */
export function text<D extends string | undefined>(
  spec: Described & { default: D; pattern?: RegExp },
): Parameter<string | D> {
  const accept = (v: string) => v.trim() !== '' && (spec.pattern?.test(v) ?? true)
  const described = { ...spec, range: spec.range ?? 'a text that is not empty' }
  return parameter(
    described,
    spec.default,
    checked(String, accept, () => spec.default),
  )
}

/** An option that may be given several times. */
export function texts(spec: Described & { default: readonly string[] }): Parameter<string[]> {
  const read = (v: unknown) => (Array.isArray(v) ? v.map(String) : [String(v)])
  const accept = (v: string[]) => v.every((one) => one.trim() !== '')
  const described = { ...spec, range: spec.range ?? 'a text that is not empty' }
  return parameter(
    described,
    spec.default,
    checked(read, accept, () => [...spec.default]),
    true,
  )
}

/** A switch: off unless given. */
export function flag(spec: Omit<Described, 'placeholder'>): Parameter<boolean> {
  const schema = checked(
    (v) => v === true || v === 'true',
    () => true,
    () => false,
  )
  return parameter({ ...spec, placeholder: '', range: 'given or not' }, 'off', schema)
}

/** A value of the command line by the schema of its parameter. @throws UserError: what was given, and what is wanted. */
export function checkedValue<T>(wanted: Parameter<T>, given: unknown): T {
  const result = wanted.schema.safeParse(given)
  if (result.success) return result.data
  const shown = typeof given === 'string' ? `"${given}"` : JSON.stringify(given)
  throw new UserError(`${wanted.flag.replace(/^-\w, /, '')} is ${shown}`, `give ${wanted.range}`)
}
