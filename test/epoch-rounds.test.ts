// The rounds by which the epoch is found or a date is checked, with stars that answer as those of a plate of 1890 would.
import { describe, expect, it } from 'vitest'
import { type AtYear, checkDate, findEpoch } from '../src/epoch-rounds.ts'

const TRUE_YR = 1890

/** Far from the true epoch the stars that move are lost, so that the answer is drawn to the year that was assumed. */
function plateAnswers(errorYr: number, pull = 0.5) {
  const asked: number[] = []
  const attempt = async (year: number): Promise<AtYear> => {
    asked.push(year)
    const off = TRUE_YR - year
    const epochYr = year + (Math.abs(off) > 20 ? pull : 1) * off
    const check = { epochYr, errorYr, consistent: Math.abs(epochYr - year) <= 3 * errorYr }
    return { year, check } as AtYear
  }
  return { asked, attempt }
}

describe('the epoch of a plate without a date', () => {
  it('is found in rounds, until what is left is small against its error', async () => {
    const { asked, attempt } = plateAnswers(0.5)
    const found = await findEpoch(await attempt(1950), attempt)
    expect(found.fitted).toBe(true)
    expect(Math.abs(found.year - TRUE_YR)).toBeLessThan(0.125)
    expect(found.check!.consistent).toBeNull()
    expect(asked).toEqual([1950, 1920, 1905, 1890])
  })

  it('has nine decimals at most', async () => {
    const { asked, attempt } = plateAnswers(0.5, 0.123456789)
    await findEpoch(await attempt(1950), attempt)
    expect(asked.slice(1).join(' ')).toMatch(/^(1\d{3}(\.\d{1,9})? ?)+$/)
  })

  it('is not claimed where its error is above ten years, or the stars tell nothing', async () => {
    const { asked, attempt } = plateAnswers(11)
    const vague = await findEpoch(await attempt(1950), attempt)
    expect(vague).toMatchObject({ fitted: false, year: 1950 })
    expect(asked).toEqual([1950])
    const none = await findEpoch({ year: 1950, check: null } as AtYear, attempt)
    expect(none).toMatchObject({ fitted: false, year: 1950, check: null })
  })

  it('is the last that could be refined, where a better one finds too few pairs', async () => {
    const { attempt } = plateAnswers(0.5)
    const found = await findEpoch(await attempt(1950), async (year) =>
      year < 1910 ? undefined : await attempt(year),
    )
    expect(found).toMatchObject({ fitted: true, year: 1920 })
  })

  it('ends where the answers never settle, and never leaves the years of plates', async () => {
    const asked: number[] = []
    const attempt = async (year: number) => {
      asked.push(year)
      return { year, check: { epochYr: year - 90, errorYr: 1, consistent: false } } as AtYear
    }
    await findEpoch(await attempt(1950), attempt)
    expect(asked.length).toBeLessThan(10)
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(1800)
  })
})

describe('a date of the header', () => {
  it('that is right is not asked about again', async () => {
    const { asked, attempt } = plateAnswers(0.5)
    const check = await checkDate(await attempt(1890.6), attempt)
    expect(check).toMatchObject({ epochYr: 1890, consistent: true })
    expect(asked).toEqual([1890.6])
  })

  it('that is thirty years wrong is told from the epoch of the stars themselves', async () => {
    const { attempt } = plateAnswers(0.5)
    const check = await checkDate(await attempt(1920), attempt)
    expect(check!.consistent).toBe(false)
    expect(Math.abs(check!.epochYr - TRUE_YR)).toBeLessThan(0.125)
  })
})
