// HTML and SVG as templates in which every value is escaped, unless it is itself such a template. What is written is also
// well-formed XML (void elements close themselves), so that any XML parser can check it.

export interface Html {
  readonly markup: string
}

export type Content = Html | string | number | null | undefined | false | readonly Content[]

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control characters and halves of surrogate pairs, which neither HTML nor XML may hold. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Text as it may stand between tags and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (c) => ESCAPES[c]!)
}

/** A template whose values are escaped; templates within it stand as they are, lists are joined, nothing is left out. */
export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  let markup = parts[0]!
  values.forEach((value, i) => {
    markup += contentOf(value) + parts[i + 1]!
  })
  return { markup }
}

function contentOf(value: Content): string {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'number') return String(value)
  if ('markup' in value) return value.markup
  return value.map(contentOf).join('')
}
