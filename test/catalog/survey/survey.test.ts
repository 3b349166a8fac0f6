// A survey counts what was put into a store.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addIndex, type IndexEntry, indexFolder } from '../../../src/catalog/index/manifest.ts'
import { surveyStore } from '../../../src/catalog/survey/survey.ts'
import { filledStoreEachTest } from '../store/stars.ts'

const PIXELS = [0, 5, 11]
const STARS = 5000 // two batches a tile

const made = filledStoreEachTest(PIXELS, STARS)
const { store, tileAt } = made

const indexOf = (n: number, epochYr: number): IndexEntry => ({
  ...{ file: `index-${n}.fits`, release: 'gaia-dr2', epoch_yr: epochYr, quads_arcmin: [10, 20] },
  ...{ region: `cone 10 20 ${n}`, moc: [], limit_mag: 12, stars: 100, bytes: 1000, sha256: 'none' },
  ...{ generation: 1, stars_sha256: 'none', program_version: null, command: [] },
})

describe('a survey', () => {
  it('counts what was put in', async () => {
    const survey = await surveyStore(await store())
    const mags = made.pieces.flatMap(({ stars }) => [...stars.columns.phot_g_mean_mag])
    expect(survey).toMatchObject({ release: 'gaia-dr2', refEpochYr: 2015.5, rows: 3 * STARS })
    expect(survey.tiles).toEqual({ count: 3, orders: [0, 0], medianRows: STARS, mostRows: STARS })
    expect(survey.coverage).toHaveLength(1)
    expect(survey.coverage[0]!.skyShare).toBeCloseTo(1 / 4, 12)
    expect(survey.coverage[0]!.areaDeg2).toBeCloseTo(41252.96125 / 4, 3)
    for (const { limitMag, stars } of survey.counts)
      expect(stars).toBe(limitMag === null ? mags.length : mags.filter((mag) => mag <= limitMag).length)
    const size = await Promise.all(
      (await readdir(join(made.folder, 'tiles'))).map(
        async (name) => (await readFile(join(made.folder, 'tiles', name))).length,
      ),
    )
    expect(survey.bytes).toBe(size.reduce((a, b) => a + b))
    expect(survey.sources[0]).toMatchObject({ kind: 'import', rows: 3 * STARS })
    expect(survey.indexes).toEqual({ count: 0, epochsYr: [], bytes: 0 })
    const folder = indexFolder(made.folder)
    await mkdir(folder)
    for (const [n, epochYr] of [1950, 1900, 1950].entries()) await addIndex(folder, indexOf(n, epochYr))
    expect((await surveyStore(await store())).indexes).toEqual({
      count: 3,
      epochsYr: [1900, 1950],
      bytes: 3000,
    })
    expect(
      createHash('sha256')
        .update(await readFile((await tileAt(0)).path))
        .digest('hex'),
    ).toBe((await tileAt(0)).sha256)
  })
})
