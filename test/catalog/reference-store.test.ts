// Which stars a plate gets from a store: the release that was asked for, to the depth of the plate, with a word about what
// is lacking; and what serves where the store has too little.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openReference } from '../../src/catalog/reference.ts'
import { mocOfCone } from '../../src/catalog/store/coverage.ts'
import { fillStore } from '../../src/catalog/store/fill.ts'
import { blankStarTable, pickRows, type StarTable } from '../../src/catalog/store/star-table.ts'
import { parseConfig } from '../../src/config.ts'
import { type Cone, cellAt, FINEST_ORDER } from '../../src/math/healpix.ts'
import { randomStream } from '../../src/simulate/random.ts'
import { placeIn } from './store/stars.ts'

const FIELD = { raDeg: 200, decDeg: 30, radiusDeg: 1 }
const STARS = 6000
const HAS_TYCHO2 = { indexDir: ['/usr/share/astrometry'] }

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'platepipe-test-reference-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Stars evenly in a cone, ten times as many for every 2.5 magnitudes; those of the north without motion. */
function starsOf(cone: Cone, release: string): StarTable {
  const random = randomStream(7, release)
  const stars = blankStarTable(STARS)
  const { columns } = stars
  for (let i = 0; i < STARS; i++) {
    const [ra, dec] = placeIn(random, cone)
    columns.ra[i] = ra
    columns.dec[i] = dec
    columns.source_id[i] = (BigInt(cellAt(FINEST_ORDER, ra, dec)) << 35n) + BigInt(i)
    columns.phot_g_mean_mag[i] = 20 + 2.5 * Math.log10(1 - random.next())
    columns.pmra[i] = 3
    columns.pmdec[i] = i % 10 === 0 ? Number.NaN : -3
  }
  return stars
}

async function filled(
  name: string,
  release: string,
  cone: Cone,
  stars = starsOf(cone, release),
  limitMag = 20,
): Promise<string> {
  const at = join(folder, name)
  const now = new Date().toISOString()
  await fillStore({
    folder: join(at, release),
    release,
    refEpochYr: release === 'gaia-dr2' ? 2015.5 : 2016,
    pieces: [{ cell: { order: 0, pixel: cellAt(0, cone.raDeg, cone.decDeg) }, stars }],
    coverage: () => [{ limit_mag: limitMag, moc: mocOfCone(cone), estimated: false }],
    source: () => ({ kind: 'import', name: 'a test', detail: '', first: now, last: now, by: 'a test' }),
  })
  return at
}

function opened(catalog: string, more: Record<string, unknown> = {}) {
  const config = parseConfig({ catalog, offline: true, ...HAS_TYCHO2, ...more })
  const { signal } = new AbortController()
  return openReference(config, { workDir: folder, signal, onStep: () => {}, version: 'test' })
}

describe('a store that covers the field', () => {
  test('gives about four stars for every star of the plate, the brightest, and those with motions as usable', async () => {
    const source = await opened(await filled('whole', 'gaia-dr2', FIELD))
    const { stars, usable } = await source.around({ ...FIELD, radiusDeg: 0.9 }, 300)
    expect(stars.name).toBe('gaia-dr2')
    expect(stars.length).toBeGreaterThan(1200)
    expect(stars.length).toBeLessThan(1200 * 3) // limits are whole magnitudes
    expect(usable.length / stars.length).toBeCloseTo(0.9, 1)
    expect(Math.max(...stars.gMag)).toBeLessThanOrEqual(19)
    expect(source.reasons(1950).map(({ code }) => code)).toEqual(['REFERENCE_ERRORS_ASSUMED'])
    expect(source.record()).toMatchObject({
      release: 'gaia-dr2',
      covered_share: 1,
      fetched: [],
      trouble: null,
    })
    const deep = await source.around(FIELD, 100_000)
    expect(deep.stars.length).toBe(STARS)
  })

  test('gives stars to solve with around the place of the logbook, and none where no place is known', async () => {
    const source = await opened(await filled('place', 'gaia-dr2', FIELD))
    const place = { raDeg: 200, decDeg: 30, radiusDeg: 0.2 }
    const field = await source.forSolving({ place, fieldDeg: 0.5, plateStars: 100 })
    expect(field!.usable.length).toBeGreaterThan(100)
    expect(await source.forSolving({ place: null, fieldDeg: 0.5, plateStars: 100 })).toBeNull()
    expect(
      await source.forSolving({ place: { ...place, raDeg: 20 }, fieldDeg: 0.5, plateStars: 100 }),
    ).toBeNull()
  })

  test('gives the other release where it has only that', async () => {
    const source = await opened(await filled('other', 'gaia-dr3', FIELD))
    expect((await source.around(FIELD, 300)).stars).toMatchObject({ name: 'gaia-dr3', refEpochYr: 2016 })
  })
})

describe('a store of two releases', () => {
  test('gives the deep one where the one that was asked for is shallow, and says so where both are', async () => {
    const at = await filled('two', 'gaia-dr3', FIELD)
    const all = starsOf(FIELD, 'gaia-dr2')
    const rows = Int32Array.from(all.columns.phot_g_mean_mag.keys()).filter(
      (row) => all.columns.phot_g_mean_mag[row]! <= 15,
    )
    const bright = pickRows(all, rows)
    await filled('two', 'gaia-dr2', FIELD, bright, 15)
    const source = await opened(at)
    expect((await source.around(FIELD, 1500)).stars.name).toBe('gaia-dr3')
    expect(source.reasons(1950).map(({ code }) => code)).not.toContain('REFERENCE_SHALLOW')
    const shallow = await opened(await filled('shallow', 'gaia-dr2', FIELD, bright, 15))
    const { stars } = await shallow.around(FIELD, 1500)
    expect(stars.length).toBe(rows.length)
    const reason = shallow.reasons(1950).find(({ code }) => code === 'REFERENCE_SHALLOW')!
    expect(reason.text).toMatch(/has \d+ stars of gaia-dr2 in the field, and the plate shows 1500/)
  })

  test('says what could not be fetched, where no service answers', async () => {
    const few = pickRows(
      starsOf(FIELD, 'gaia-dr2'),
      Int32Array.from({ length: 100 }, (_, row) => row),
    )
    const at = await filled('few', 'gaia-dr2', FIELD, few, 12)
    const source = await opened(at, { offline: false, mirror: 'http://127.0.0.1:59997/tap' })
    await source.around(FIELD, 1500)
    const texts = source.reasons(1950).map(({ text }) => text)
    expect(texts.join()).toMatch(/no more could be fetched \(.*refused/)
    expect(source.record().trouble).toMatch(/refused/)
  })
})

describe('a store that covers a part of the field', () => {
  test('serves, and says how large the part is', async () => {
    const source = await opened(await filled('part', 'gaia-dr2', FIELD))
    const { stars } = await source.around({ ...FIELD, decDeg: 30.4 }, 3000)
    expect(stars.name).toBe('gaia-dr2')
    const [reason] = source.reasons(1950)
    expect(reason!.code).toBe('REFERENCE_PARTLY_COVERING')
    const { share } = reason!.evidence as { share: number }
    expect(share).toBeGreaterThan(0.65) // two circles of radius 1, 0.4 apart, have 0.748 in common
    expect(share).toBeLessThan(0.85)
  })

  test('does not where it is less than half: Tycho-2 does, and the reason says why', async () => {
    const source = await opened(await filled('little', 'gaia-dr2', FIELD))
    const { stars } = await source.around({ ...FIELD, decDeg: 31.5 }, 3000)
    expect(stars.name).toBe('tycho-2')
    const [reason] = source.reasons(1950)
    expect(reason).toMatchObject({ code: 'REFERENCE_TYCHO2' })
    expect(reason!.text).toMatch(/does not cover the field, and the run is offline/)
    expect(source.record()).toMatchObject({ why: expect.stringMatching(/offline/) })
  })
})

describe('a folder that is no store', () => {
  test('is refused offline, and when it holds other things', async () => {
    await mkdir(join(folder, 'empty'))
    await expect(opened(join(folder, 'empty'))).rejects.toThrow(/holds no store/)
    await mkdir(join(folder, 'letters'))
    await writeFile(join(folder, 'letters', 'a.txt'), 'dear sir')
    await expect(opened(join(folder, 'letters'), { offline: false })).rejects.toThrow(/holds no store/)
  })
})
