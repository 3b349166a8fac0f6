// Reading values out of headers that were typed by people: numbers in quotes, blanks, units behind the number.

import { findCard, type Header } from '../../fits/header.ts'

// What logbooks write where nothing is known.
const EMPTY_WORDS = /^(|-+|\.+|\?+|n\/?a|nan|none|null|unknown|unavailable?|undefined|not available)$/i

/** The value of a card as trimmed text; undefined where the card is missing, empty, or says "unknown". */
export function textOf(header: Header, keyword: string): string | undefined {
  const value = findCard(header, keyword)?.value
  if (value === undefined || value === null) return undefined
  const text = String(value).trim()
  return EMPTY_WORDS.test(text) ? undefined : text
}

/** The value of a card as a number, also from `'67.14'`, `'67,14'` or `'67.14 arcsec/mm'`; undefined where there is none. */
export function numberOf(header: Header, keyword: string): number | undefined {
  const value = findCard(header, keyword)?.value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return undefined
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?)(?:\s*[a-zA-Z"/µ]+.*)?$/.exec(
    value.trim().replace(/^([+-]?\d+),(\d+)/, '$1.$2'),
  )
  const number = match ? Number(match[1].replace(/[dD]/, 'e')) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/** The comment of a card, '' where there is none. */
export function commentOf(header: Header, keyword: string): string {
  return findCard(header, keyword)?.comment ?? ''
}

/** True where the card is there, whatever its value. */
export function hasCard(header: Header, keyword: string): boolean {
  return findCard(header, keyword) !== undefined
}
