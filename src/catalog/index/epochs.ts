// Epochs of indexes: single years, and decades from one year to another.
import { UserError } from '../../errors.ts'

const DECADE_YR = 10
const EARLIEST_YR = 1840 // the first daguerreotype of the Moon
const LATEST_YR = 2100

/**
 * Julian years in ascending order, each once: `1893`, `1951.9`, `1900-1980` for 1900, 1910, … 1980; several with commas.
 * @throws UserError naming what is no epoch
 */
export function parseEpochs(texts: readonly string[]): number[] {
  const words = texts.flatMap((text) => text.split(','))
  const years = words.flatMap((word) => epochsOf(word.trim()))
  return [...new Set(years)].sort((a, b) => a - b)
}

function epochsOf(word: string): number[] {
  const match = /^(\d{4}(?:\.\d+)?)(?:-(\d{4}(?:\.\d+)?))?$/.exec(word)
  const first = Number(match?.[1])
  const last = match?.[2] === undefined ? first : Number(match[2])
  if (!(first >= EARLIEST_YR && last <= LATEST_YR && first <= last)) {
    throw new UserError(
      `--epochs has "${word}"`,
      `give a year such as 1893, or decades such as 1900-1980, from ${EARLIEST_YR} to ${LATEST_YR}`,
    )
  }
  const count = Math.floor((last - first) / DECADE_YR) + 1
  return Array.from({ length: count }, (_, n) => first + n * DECADE_YR)
}
