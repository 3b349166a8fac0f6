// Julian years as they are written down.

const PER_YEAR = 1e9

/**
 * To a thirtieth of a second, far better than any plate is timed. A sum of days and years is written as 1940.407, not as
 * 1940.4070000000002.
 */
export function roundedYear(year: number): number {
  return Math.round(year * PER_YEAR) / PER_YEAR
}
