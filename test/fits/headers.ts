// Headers made of lines of text, for tests.
import { formatHeader, type Header, parseHeader } from '../../src/fits/header.ts'

/** The bytes of a header: the lines as cards, END, and blanks up to a whole block. */
export function bytesOf(...lines: string[]): Buffer {
  const text = [...lines, 'END'].map((line) => line.padEnd(80)).join('')
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1')
}

export function header(...lines: string[]): Header {
  return parseHeader(bytesOf(...lines))
}

/** Written and read again. */
export function again(written: Header): Header {
  return parseHeader(formatHeader(written))
}
