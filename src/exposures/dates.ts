// Which date of the logbook belongs to which exposure. The plate does not say in which order it was exposed; where the dates
// are years apart, the proper motions of the stars do.
import type { SolvedExposure } from '../exposure.ts'
import { type Reason, reason } from '../issues.ts'

/** Stars of 100 mas/yr move by less than the centring error of a good plate. */
const ALIKE_YR = 0.3
const MOST_TRIED = 6 // exposures: 720 orders
const SURE_CHI2 = 9

/**
 * @returns dates in the order of the exposures; null where the date of the plate serves all: there are not as many dates as
 * exposures, the dates are alike, or the stars do not tell
 */
export function datesOfExposures(
  exposures: readonly Pick<SolvedExposure, 'epochCheck'>[],
  datesYr: readonly number[],
): { dates: number[] | null; reason: Reason | null } {
  const nothing = { dates: null, reason: null }
  if (datesYr.length < 2 || Math.max(...datesYr) - Math.min(...datesYr) < ALIKE_YR) return nothing
  const list = datesYr.map((year) => year.toFixed(2)).join(', ')
  const unsure = (why: string) => ({
    dates: null,
    reason: reason('EXPOSURE_DATES_UNSURE', `the logbook has the dates ${list}; ${why}`, {
      dates_yr: datesYr,
      exposures: exposures.length,
    }),
  })
  if (datesYr.length !== exposures.length) return unsure(`${exposures.length} exposures were solved`)
  if (exposures.length > MOST_TRIED || exposures.some(({ epochCheck }) => epochCheck === null))
    return unsure('the stars do not tell which belongs to which exposure')
  const orders = permutations(datesYr)
    .map((dates) => ({ dates, chi2: chiSquare(exposures, dates) }))
    .sort((a, b) => a.chi2 - b.chi2)
  const [best, second] = orders
  if (best!.chi2 > SURE_CHI2 * exposures.length)
    return unsure('the motions of the stars fit no order of them')
  if (second !== undefined && second.chi2 - best!.chi2 < SURE_CHI2)
    return unsure('the motions of the stars do not tell which belongs to which exposure')
  return { dates: best!.dates, reason: null }
}

function chiSquare(exposures: readonly Pick<SolvedExposure, 'epochCheck'>[], dates: readonly number[]) {
  return exposures.reduce((sum, { epochCheck }, n) => {
    const { epochYr, errorYr } = epochCheck!
    return sum + ((epochYr - dates[n]!) / errorYr) ** 2
  }, 0)
}

function permutations(values: readonly number[]): number[][] {
  if (values.length < 2) return [[...values]]
  return values.flatMap((first, n) =>
    permutations([...values.slice(0, n), ...values.slice(n + 1)]).map((rest) => [first, ...rest]),
  )
}
