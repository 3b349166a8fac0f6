// A FITS header: an ordered list of cards that comes back byte for byte when nothing was changed.
import {
  CARD_LENGTH,
  type Card,
  type CardValue,
  formatCard,
  isContinued,
  parseCard,
  toAscii,
} from './card.ts'

export { type Card, type CardValue, toAscii } from './card.ts'

export const BLOCK_BYTES = 2880
const COMMENTARY_WIDTH = CARD_LENGTH - 8

/** Cards in file order, duplicates kept, without END. `problems`: sentences on cards that break the rules. */
export interface Header {
  cards: Card[]
  problems: string[]
}

export function emptyHeader(): Header {
  return { cards: [], problems: [] }
}

/** Is this the END card? Some writers leave more than blanks behind it. */
export function isEndCard(raw: string): boolean {
  return raw.startsWith('END') && /^[\s\0]*$/.test(raw.slice(3))
}

/** Reads cards up to END, or to the last whole card if there is none (then a problem). Never throws. */
export function parseHeader(bytes: Uint8Array): Header {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const header = emptyHeader()
  const rawAt = (at: number) => text.slice(at, at + CARD_LENGTH)
  let at = 0
  while (at + CARD_LENGTH <= text.length) {
    let raw = rawAt(at)
    if (isEndCard(raw)) return header
    const line = at / CARD_LENGTH + 1
    at += CARD_LENGTH
    while (at + CARD_LENGTH <= text.length && isContinued(raw, rawAt(at))) {
      raw += rawAt(at)
      at += CARD_LENGTH
    }
    const { card, problem } = parseCard(raw)
    header.cards.push(card)
    if (problem !== undefined) {
      header.problems.push(`header card ${line} (${toAscii(raw.slice(0, 30)).trimEnd()}…) has ${problem}`)
    } else if (card.keyword === 'CONTINUE') {
      header.problems.push(
        `header card ${line} continues a string, but the card before it is not one to be continued`,
      )
    }
  }
  header.problems.push('the header has no END card')
  return header
}

/** All cards and END, padded with blanks to whole 2880-byte blocks. @throws RangeError for NaN and infinities. */
export function formatHeader(header: Header): Uint8Array {
  const text = `${header.cards.map(formatCard).join('')}${'END'.padEnd(CARD_LENGTH)}`
  return Buffer.from(text.padEnd(Math.ceil(text.length / BLOCK_BYTES) * BLOCK_BYTES), 'latin1')
}

function bareName(keyword: string): string {
  return keyword
    .toUpperCase()
    .replace(/^HIERARCH /, '')
    .trim()
}

/** The first card with this keyword; HIERARCH names with or without that word; letter case does not count. */
export function findCard(header: Header, keyword: string): Card | undefined {
  const wanted = bareName(keyword)
  return header.cards.find((card) => card.keyword.toUpperCase() === wanted)
}

/** The numeric value, an int64 rounded to a number; undefined if absent or of another type. */
export function getNumber(header: Header, keyword: string): number | undefined {
  const value = findCard(header, keyword)?.value
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'number' ? value : undefined
}

export function getString(header: Header, keyword: string): string | undefined {
  const value = findCard(header, keyword)?.value
  return typeof value === 'string' ? value : undefined
}

export function getBoolean(header: Header, keyword: string): boolean | undefined {
  const value = findCard(header, keyword)?.value
  return typeof value === 'boolean' ? value : undefined
}

/** Replaces the first card of this keyword in place, or appends one. Without `comment` an old comment stays. */
export function setCard(header: Header, keyword: string, value: CardValue, comment?: string): void {
  const card = findCard(header, keyword)
  if (card === undefined) {
    addCard(header, keyword, value, comment)
    return
  }
  card.value = value
  card.kind = 'value'
  if (comment !== undefined) card.comment = comment
  delete card.raw
}

/** Appends a card even if the keyword is there already. */
export function addCard(header: Header, keyword: string, value: CardValue, comment = ''): void {
  header.cards.push({ keyword: keyword.replace(/^HIERARCH /i, ''), value, comment, kind: 'value' })
}

/** Appends commentary cards; text longer than 72 characters is wrapped between words, lines are kept. */
export function addCommentary(header: Header, keyword: 'COMMENT' | 'HISTORY' | '', text: string): void {
  for (const line of text.split('\n')) {
    for (const comment of wrap(toAscii(line))) {
      header.cards.push({ keyword, value: undefined, comment, kind: 'commentary' })
    }
  }
}

function wrap(line: string): string[] {
  const lines: string[] = []
  let rest = line.trimEnd()
  while (rest.length > COMMENTARY_WIDTH) {
    const space = rest.lastIndexOf(' ', COMMENTARY_WIDTH)
    const cut = space > 0 ? space : COMMENTARY_WIDTH
    lines.push(rest.slice(0, cut))
    rest = rest.slice(cut).trimStart()
  }
  lines.push(rest)
  return lines
}
