// Headers for what platepipe writes: the cards that describe the new data come first, the caller's follow without those
// that described other data, and without what a verifier would reject.
import { CARD_LENGTH, formatCard } from './card.ts'
import { addCard, addCommentary, type Card, emptyHeader, type Header } from './header.ts'

/** Keywords that say how data are stored; those of an old file are wrong for a new one. */
const STRUCTURAL =
  /^(END|SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|ZHECKSUM|ZDATASUM|TFIELDS|THEAP|INHERIT|Z(IMAGE|BITPIX|NAXIS\d*|CMPTYPE|TILE\d+|NAME\d+|VAL\d+|QUANTIZ|DITHER0|BLANK|SIMPLE|EXTEND|TENSION|PCOUNT|GCOUNT)|T(TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM|BCOL|UCD|COMM)\d+)$/

export function isStructural(keyword: string): boolean {
  return STRUCTURAL.test(keyword)
}

/**
 * `structure` followed by the caller's cards, made legal: a card with a value that can be read is written by the rules,
 * whatever else is wrong with it; cards without a value, hopeless cards and repeated keywords become COMMENT cards.
 */
export function outputHeader(structure: Card[], extra: Header | undefined): Header {
  const header = emptyHeader()
  header.cards.push(...structure)
  const replaced = new Set(structure.map((card) => card.keyword))
  const seen = new Set<string>()
  for (const original of extra?.cards ?? []) {
    const card = legalCard(original)
    if (card.kind === 'commentary') {
      if (card.keyword !== 'CONTINUE') addCommentary(header, commentaryName(card), commentaryText(card))
    } else if (!isStructural(card.keyword) && !replaced.has(card.keyword)) {
      if (card.kind === 'broken' || seen.has(card.keyword)) addCommentary(header, 'COMMENT', wholeText(card))
      else {
        header.cards.push(card)
        seen.add(card.keyword)
      }
    }
  }
  if (header.cards.some((card) => formatCard(card).length > CARD_LENGTH) && !seen.has('LONGSTRN')) {
    const [mark] = cardsOf([['LONGSTRN', 'OGIP 1.0', 'long strings are continued']])
    header.cards.splice(structure.length, 0, mark!)
  }
  return header
}

const LEGAL_NAME = /^([A-Z0-9_-]{1,8}|[A-Z0-9_-]+( [A-Z0-9_-]+)*)$/

/** A copy that will be written by the rules if the card as read breaks them; of kind 'broken' if that cannot be done. */
function legalCard(card: Card): Card {
  if (card.kind === 'commentary') return { ...card }
  const isClean =
    card.kind === 'value' &&
    card.value !== null &&
    LEGAL_NAME.test(card.keyword) &&
    !/[^\x20-\x7e]/.test(card.raw ?? '')
  if (isClean) return { ...card }
  const { value, comment } = card
  const keyword = card.keyword.toUpperCase()
  if (value == null || !LEGAL_NAME.test(keyword)) return { ...card, kind: 'broken' }
  return { keyword, value, comment, kind: 'value' }
}

function wholeText(card: Card): string {
  return card.raw?.trimEnd() ?? `${card.keyword} = ${card.value}`
}

function commentaryName(card: Card): 'COMMENT' | 'HISTORY' | '' {
  return card.keyword === 'HISTORY' || card.keyword === '' ? card.keyword : 'COMMENT'
}

function commentaryText(card: Card): string {
  const isPlain = card.keyword === commentaryName(card)
  return isPlain ? card.comment : `${card.keyword} ${card.comment}`
}

/** A list of `[keyword, value, comment]` as cards. */
export function cardsOf(rows: [string, Card['value'] & {}, string][]): Card[] {
  const header = emptyHeader()
  for (const [keyword, value, comment] of rows) addCard(header, keyword, value, comment)
  return header.cards
}
