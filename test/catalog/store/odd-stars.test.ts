// Stars without numbers, magnitudes or places, in other cells than they should be, or all alike.
import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { starsInCone } from '../../../src/catalog/store/star-store.ts'
import { concatenated, pickRows } from '../../../src/catalog/store/star-table.ts'
import { emptyStoreEachTest, fill, isSoundAndTidy, piecesOf, rowTexts, SKY, starsInCell } from './stars.ts'

const made = emptyStoreEachTest()

describe('a tile', () => {
  it('has the same bytes whatever the sequence in which its stars came', async () => {
    const cell = { order: 0, pixel: 6 }
    const stars = starsInCell(6, cell, 6000)
    // Equal magnitudes, equal right ascensions, no numbers: nothing but the place is left to sort by.
    for (let i = 0; i < 60; i++) {
      stars.columns.source_id[i] = 0n
      stars.columns.phot_g_mean_mag[i] = 12
      stars.columns.ra[i] = stars.columns.ra[0]!
      stars.columns.dec[i] = stars.columns.dec[0]! + i / 1000
    }
    const sums: string[] = []
    for (const rows of [
      [0, 1, 2],
      [2, 1, 0],
    ]) {
      for (const part of rows) {
        const own = Array.from({ length: 2000 }, (_, n) => 3 * n + part)
        await fill(made.folder, [{ cell, stars: pickRows(stars, part === 1 ? own.reverse() : own) }])
      }
      sums.push((await made.store()).manifest.tiles.map(({ sha256 }) => sha256).join())
      await rm(made.folder, { recursive: true })
    }
    expect(sums[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(sums[1]).toBe(sums[0])
  })
})

describe('stars of an odd kind', () => {
  it('without a number are told apart by their places', async () => {
    const cell = { order: 0, pixel: 4 } // holds the cell that the number 0 would name, too
    const stars = starsInCell(4, cell, 300)
    stars.columns.source_id.fill(0n)
    await fill(made.folder, [{ cell, stars: concatenated([stars, stars]) }])
    expect((await made.store()).manifest.rows).toBe(300)
    await isSoundAndTidy(made.folder)
    expect(rowTexts(await starsInCone(await made.store(), SKY))).toEqual(rowTexts(stars))
  })

  it('with numbers of another catalogue, or negative ones, are kept where they are', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 500)
    stars.columns.source_id.forEach((_, i) => {
      stars.columns.source_id[i] = i % 2 === 0 ? BigInt(1 + i) : -BigInt(1 + i) * 2n ** 40n
    })
    await fill(made.folder, piecesOf(stars, 6))
    await isSoundAndTidy(made.folder)
    expect(rowTexts(await starsInCone(await made.store(), SKY))).toEqual(rowTexts(stars))
  })

  it('are replaced by newer rows of the same source', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 50)
    await fill(made.folder, [{ cell, stars }])
    const newer = pickRows(stars, [3, 4, 5])
    newer.columns.phot_g_mean_mag.fill(5)
    await fill(made.folder, [{ cell, stars: newer }])
    const bright = await starsInCone(await made.store(), SKY, { limitMag: 5 })
    expect([...bright.columns.source_id].sort()).toEqual([...newer.columns.source_id].sort())
    expect((await made.store()).manifest.rows).toBe(50)
  })

  it('without a magnitude come with no limit, and with none other', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 50)
    stars.columns.phot_g_mean_mag.fill(Number.NaN)
    await fill(made.folder, [{ cell, stars }])
    expect((await starsInCone(await made.store(), SKY)).length).toBe(50)
    expect((await starsInCone(await made.store(), SKY, { limitMag: 25 })).length).toBe(0)
    await isSoundAndTidy(made.folder)
  })

  it('that lie in another cell than their piece go where they belong; those without a place nowhere', async () => {
    const [home, other] = [
      starsInCell(2, { order: 0, pixel: 2 }, 40),
      starsInCell(8, { order: 0, pixel: 8 }, 40),
    ]
    const lost = starsInCell(2, { order: 0, pixel: 2 }, 3)
    lost.columns.ra.fill(Number.NaN)
    const stars = concatenated([home, other, lost])
    expect(await fill(made.folder, [{ cell: { order: 0, pixel: 2 }, stars }])).toEqual({
      added: 80,
      rows: 80,
    })
    await isSoundAndTidy(made.folder)
    expect(rowTexts(await starsInCone(await made.store(), SKY))).toEqual(
      rowTexts(concatenated([home, other])),
    )
  })

  it('of equal magnitude on both sides of a batch’s end are all found by a search to that magnitude', async () => {
    const cell = { order: 0, pixel: 9 }
    const stars = starsInCell(9, cell, 9000)
    stars.columns.phot_g_mean_mag.fill(18)
    await fill(made.folder, [{ cell, stars }])
    expect((await starsInCone(await made.store(), SKY, { limitMag: 18 })).length).toBe(9000)
  })
})
