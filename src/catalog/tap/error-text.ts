// The message for a person in whatever a service sent instead of a table: a VOTable, a web page, or plain text.

const MOST_CHARACTERS = 300

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }

/** Empty where there is none. */
export function messageIn(text: string): string {
  const info = /<(?:\w+:)?INFO\b[^>]*\bQUERY_STATUS\b[^>]*>([^<]*)</i.exec(text)?.[1]
  const title = /<title[^>]*>([^<]*)</i.exec(text)?.[1]
  const raw = info ?? (/^\s*</.test(text) ? (title ?? bodyOf(text)) : text)
  const plain = raw
    .replaceAll(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => entity(name) ?? whole)
    .replaceAll(/\s+/g, ' ')
    .trim()
  return plain.length > MOST_CHARACTERS ? `${plain.slice(0, MOST_CHARACTERS)} …` : plain
}

function bodyOf(markup: string): string {
  return markup.replaceAll(/<(script|style)\b.*?<\/\1>/gis, ' ').replaceAll(/<[^>]*>/g, ' ')
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name]
  const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}
