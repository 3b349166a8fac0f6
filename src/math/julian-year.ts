// Julian years as they are written down.

const PER_YEAR = 1e6

/**
 * To half a minute: no plate is timed better, and a star of 10″ a year moves by 10 µas meanwhile. A sum of days and years is
 * written as 1940.407, not as 1940.4070000000002.
 */
export function roundedYear(year: number): number {
  return Math.round(year * PER_YEAR) / PER_YEAR
}
