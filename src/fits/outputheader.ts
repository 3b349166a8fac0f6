// Headers for what platepipe writes: the cards that describe the new data come first, the caller's follow without those
// that described other data, and without what a verifier would reject.
import { addCard, addCommentary, type Card, emptyHeader, type Header } from './header.ts'

/** Keywords that say how data are stored; those of an old file are wrong for a new one. */
const STRUCTURAL =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|ZHECKSUM|ZDATASUM|TFIELDS|THEAP|INHERIT|Z(IMAGE|BITPIX|NAXIS\d*|CMPTYPE|TILE\d+|NAME\d+|VAL\d+|QUANTIZ|DITHER0|BLANK|SIMPLE|EXTEND|TENSION|PCOUNT|GCOUNT)|T(TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM|BCOL|UCD|COMM)\d+)$/

export function isStructural(keyword: string): boolean {
  return STRUCTURAL.test(keyword)
}

/**
 * `structure` followed by the caller's cards. Broken cards and repeated keywords become COMMENT cards, so that nothing
 * is lost and the file stays legal; CONTINUE cards that continue nothing are dropped.
 */
export function outputHeader(structure: Card[], extra: Header | undefined): Header {
  const header = emptyHeader()
  header.cards.push(...structure)
  const seen = new Set(structure.map((card) => card.keyword))
  for (const card of extra?.cards ?? []) {
    if (isStructural(card.keyword) || card.keyword === 'CONTINUE') continue
    if (card.kind === 'commentary') addCommentary(header, commentaryName(card), card.comment)
    else if (card.kind === 'broken' || seen.has(card.keyword)) {
      addCommentary(header, 'COMMENT', card.raw?.trimEnd() ?? `${card.keyword} = ${card.value}`)
    } else {
      seen.add(card.keyword)
      header.cards.push({ ...card })
    }
  }
  return header
}

function commentaryName(card: Card): 'COMMENT' | 'HISTORY' | '' {
  return card.keyword === 'HISTORY' || card.keyword === '' ? card.keyword : 'COMMENT'
}

/** A list of `[keyword, value, comment]` as cards. */
export function cardsOf(rows: [string, Card['value'] & {}, string][]): Card[] {
  const header = emptyHeader()
  for (const [keyword, value, comment] of rows) addCard(header, keyword, value, comment)
  return header.cards
}
