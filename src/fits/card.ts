// One header card: 80 characters (more with CONTINUE) to keyword, value and comment, and back. FITS standard 4.0, section 4.
// What cannot be read by the rules is kept, said to be broken, and given the most likely value.

export type CardValue = string | number | bigint | boolean | null

/** A header card. `value` null: a keyword without a value; undefined: commentary, or nothing could be made of it. */
export interface Card {
  keyword: string
  value: CardValue | undefined
  comment: string
  kind: 'value' | 'commentary' | 'broken'
  /** As read, 80·n characters; written back untouched as long as the card says the same. */
  raw?: string
}

export const CARD_LENGTH = 80
const COMMENTARY = new Set(['COMMENT', 'HISTORY', ''])
const KEYWORD = /^[A-Z0-9_-]{1,8}$/
const INTEGER = /^[+-]?\d+$/
const REAL = /^[+-]?(\d+\.?\d*|\.\d+)([EDed][+-]?\d+)?$/
const COMPLEX = /^\([^(),]+,[^(),]+\)$/

interface ValueField {
  value: CardValue | undefined
  comment: string
  problem?: string
}

function parseStringField(field: string): ValueField {
  let text = ''
  let i = 1
  for (; i < field.length; i++) {
    if (field[i] !== "'") text += field[i]
    else if (field[i + 1] === "'") {
      text += "'"
      i++
    } else break
  }
  if (i >= field.length)
    return { value: text.trimEnd(), comment: '', problem: 'a string without its closing quote' }
  // Trailing blanks are not significant; a string of blanks only is an empty one.
  const value = text.replace(/ +$/, '')
  const rest = field.slice(i + 1).trim()
  if (rest === '') return { value, comment: '' }
  if (rest[0] === '/') return { value, comment: commentText(rest) }
  return { value, comment: rest, problem: `text after the closing quote (${rest})` }
}

function commentText(afterValue: string): string {
  return afterValue.replace(/^\/ ?/, '').trimEnd()
}

function parseInteger(text: string): number | bigint {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text.replace(/^\+/, ''))
}

/** The value field: everything after the value indicator. */
function parseValueField(fieldText: string): ValueField {
  const field = fieldText.trimStart()
  if (field[0] === "'") return parseStringField(field.trimEnd())
  const slash = field.indexOf('/')
  const text = (slash < 0 ? field : field.slice(0, slash)).trim()
  const comment = slash < 0 ? '' : commentText(field.slice(slash))
  if (text === '') return { value: null, comment }
  if (text === 'T' || text === 'F') return { value: text === 'T', comment }
  if (INTEGER.test(text)) return { value: parseInteger(text), comment }
  if (REAL.test(text)) {
    const value = Number(text.replace(/[dD]/, 'E'))
    return /[de]/.test(text)
      ? { value, comment, problem: `a small letter as exponent (${text})` }
      : { value, comment }
  }
  if (COMPLEX.test(text)) return { value: text, comment }
  return {
    value: text,
    comment,
    problem: `a value that is neither number, logical nor quoted string (${text})`,
  }
}

function splitCard(raw: string): { keyword: string; field: string | undefined; problem?: string } {
  if (raw.startsWith('HIERARCH ')) {
    const equals = raw.indexOf('=')
    if (equals < 0) return { keyword: 'HIERARCH', field: undefined }
    return { keyword: raw.slice(9, equals).trim().replace(/ +/g, ' '), field: raw.slice(equals + 1) }
  }
  const keyword = raw.slice(0, 8).trimEnd()
  if (COMMENTARY.has(keyword)) return { keyword, field: undefined }
  if (raw[8] === '=' && KEYWORD.test(keyword)) {
    const field = raw.slice(9)
    return raw[9] === ' ' || raw.length < 10
      ? { keyword, field }
      : { keyword, field, problem: 'no blank after the equals sign' }
  }
  const loose = /^\s*([^\s='/]+)\s*=(.*)$/s.exec(raw)
  if (loose)
    return {
      keyword: loose[1]!,
      field: loose[2]!,
      problem: 'a keyword that is not legal or not in its place',
    }
  return KEYWORD.test(keyword)
    ? { keyword, field: undefined }
    : { keyword, field: undefined, problem: 'a keyword that is not legal' }
}

/** Is this a string value to be continued, and is the next card its continuation? */
export function isContinued(raw: string, next: string): boolean {
  if (!next.startsWith('CONTINUE  ') || !next.slice(10).trimStart().startsWith("'")) return false
  const piece = raw.slice(-CARD_LENGTH)
  const field = piece.startsWith('CONTINUE') ? piece.slice(10) : splitCard(piece).field
  if (field === undefined || !field.trimStart().startsWith("'")) return false
  const parsed = parseStringField(field.trim())
  return parsed.problem === undefined && String(parsed.value).endsWith('&')
}

/** Reads one card of 80·n characters. `problem` says what is wrong with it; such a card is of kind 'broken'. */
export function parseCard(raw: string): { card: Card; problem?: string } {
  const first = raw.slice(0, CARD_LENGTH)
  const { keyword, field, problem: keyProblem } = splitCard(first)
  const control = /[^\x20-\x7e]/.test(raw) ? 'a character that is not printable ASCII' : undefined
  if (field === undefined) {
    const text =
      keyword === 'HIERARCH' || keyProblem === undefined ? first.slice(8).trimEnd() : first.trimEnd()
    const kind = keyProblem === undefined ? 'commentary' : 'broken'
    return withProblem({ keyword, value: undefined, comment: text, kind, raw }, keyProblem ?? control)
  }
  const parsed = parseValueField(field)
  let { value, comment } = parsed
  for (let at = CARD_LENGTH; at < raw.length; at += CARD_LENGTH) {
    const piece = parseStringField(raw.slice(at + 10, at + CARD_LENGTH).trim())
    value = String(value).replace(/&$/, '') + String(piece.value)
    comment = [comment, piece.comment].filter((text) => text !== '').join(' ')
  }
  const problem = keyProblem ?? parsed.problem
  const card: Card = { keyword, value, comment, kind: problem === undefined ? 'value' : 'broken', raw }
  return withProblem(card, problem ?? control)
}

function withProblem(card: Card, problem: string | undefined): { card: Card; problem?: string } {
  return problem === undefined ? { card } : { card, problem }
}

/** Printable ASCII only, as a header must be: accents are dropped, anything else becomes a question mark. */
export function toAscii(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^\x20-\x7e]/g, '?')
}

function formatReal(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a FITS header cannot hold ${value}`)
  const text = Object.is(value, -0) ? '-0.0' : String(value).toUpperCase()
  const [mantissa, exponent] = text.split('E')
  const dotted = mantissa!.includes('.') ? mantissa! : `${mantissa}.0`
  return exponent === undefined ? dotted : `${dotted}E${exponent}`
}

/** A value that is not a string, as it stands in a card; integers stay integers. */
export function formatPlainValue(value: number | bigint | boolean | null): string {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'T' : 'F'
  if (typeof value === 'bigint') return String(value)
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : formatReal(value)
}

function start(keyword: string): string {
  const upper = keyword.toUpperCase()
  return KEYWORD.test(upper) ? `${upper.padEnd(8)}= ` : `HIERARCH ${toAscii(upper)} = `
}

function withComment(body: string, comment: string): string {
  if (comment === '' || body.length + 4 > CARD_LENGTH) return body.padEnd(CARD_LENGTH)
  return `${body} / ${toAscii(comment)}`.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH)
}

/** How much of an already quoted text fits into `room` without cutting a doubled quote in two. */
function cutQuoted(text: string, room: number): number {
  if (text.length <= room) return text.length
  const quotesBefore = /'*$/.exec(text.slice(0, room))![0].length
  return quotesBefore % 2 === 0 ? room : room - 1
}

function formatString(keyword: string, value: string, comment: string): string {
  const head = start(keyword)
  let rest = toAscii(value).replaceAll("'", "''")
  const room = CARD_LENGTH - head.length - 2
  if (room < 2) throw new RangeError(`the keyword ${keyword} leaves no room for its value`)
  if (rest.length <= room) return withComment(`${head}'${rest.padEnd(8)}'`.padEnd(30), comment)
  let cards = ''
  let prefix = head
  for (;;) {
    const space = CARD_LENGTH - prefix.length - 2
    if (rest.length <= space) return cards + withComment(`${prefix}'${rest}'`, comment)
    const cut = cutQuoted(rest, space - 1)
    cards += `${prefix}'${rest.slice(0, cut)}&'`.padEnd(CARD_LENGTH)
    rest = rest.slice(cut)
    prefix = 'CONTINUE  '
  }
}

function saysTheSame(card: Card): boolean {
  const read = parseCard(card.raw!).card
  return (
    read.keyword === card.keyword &&
    Object.is(read.value, card.value) &&
    read.comment === card.comment &&
    read.kind === card.kind
  )
}

/** The card as 80·n characters: as it was read if it still says the same. @throws RangeError for NaN and infinities. */
export function formatCard(card: Card): string {
  if (card.raw !== undefined && card.raw.length % CARD_LENGTH === 0 && saysTheSame(card)) return card.raw
  const { keyword, value, comment } = card
  if (value === undefined) {
    return `${keyword.toUpperCase().padEnd(8)}${toAscii(comment)}`.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH)
  }
  if (typeof value === 'string') return formatString(keyword, value, comment)
  const head = start(keyword)
  const body = head + formatPlainValue(value).padStart(Math.max(0, 30 - head.length))
  if (body.length > CARD_LENGTH) throw new RangeError(`the keyword ${keyword} leaves no room for its value`)
  return withComment(body, comment)
}
