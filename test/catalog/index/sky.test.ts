// Simulated skies: indexes in HEALPix cells whose fields on the edges are whole, stars that change, several runs at once.
import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Indexed, indexStore } from '../../../src/catalog/index/build.ts'
import { indexesFor } from '../../../src/catalog/index/choose.ts'
import { readIndexes } from '../../../src/catalog/index/manifest.ts'
import { mocOfCone } from '../../../src/catalog/store/coverage.ts'
import { openStore } from '../../../src/catalog/store/star-store.ts'
import { pickRows, type StarTable } from '../../../src/catalog/store/star-table.ts'
import { parseConfig } from '../../../src/config.ts'
import { type Cone, cellAt } from '../../../src/math/healpix.ts'
import { skyShare, union } from '../../../src/math/moc.ts'
import { DEG, separationDeg } from '../../../src/math/sphere.ts'
import { toStandard } from '../../../src/math/tangent.ts'
import { skyAt } from '../../../src/models/plate-constants.ts'
import { silentProgress } from '../../../src/progress.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { type SolveInput, type Solving, solve } from '../../../src/stages/solve.ts'
import { fill, placeIn, starsAt } from '../store/stars.ts'
import { temporaryFolder } from './stores.ts'

/** Four cells of order 0 meet here: 0, 4, 5 and 8. */
const CORNER: Cone = { raDeg: 45, decDeg: 0, radiusDeg: 3 }
const STARS = 6000
const PLATE_PX = 2000
const PLATE_DEG = 2.1
const ARCSEC_PER_PX = (PLATE_DEG * 3600) / PLATE_PX

function starsInCone(seed: number, cone: Cone, count: number): StarTable {
  const random = randomStream(seed, 'stars in a cone')
  return starsAt(
    random,
    Array.from({ length: count }, () => placeIn(random, cone)),
    1 + seed * 1_000_000,
  )
}

/** Pieces by cells of order 0. */
function pieces(stars: StarTable) {
  const byCell = new Map<number, number[]>()
  for (let i = 0; i < stars.length; i++) {
    const pixel = cellAt(0, stars.columns.ra[i]!, stars.columns.dec[i]!)
    byCell.set(pixel, [...(byCell.get(pixel) ?? []), i])
  }
  return [...byCell].map(([pixel, rows]) => ({ cell: { order: 0, pixel }, stars: pickRows(stars, rows) }))
}

const covered = (cone: Cone) => [{ limit_mag: null, moc: mocOfCone(cone), estimated: false }]

/** The brightest stars on a plate about a centre, mirrored as in the sky, exact to 0.3 px. */
function plateAt(stars: StarTable, raDeg: number, decDeg: number) {
  const random = randomStream(3, 'plate')
  const { ra, dec, phot_g_mean_mag: mags } = stars.columns
  const seen: { x: number; y: number; mag: number }[] = []
  for (let i = 0; i < stars.length; i++) {
    if (!(separationDeg(ra[i]!, dec[i]!, raDeg, decDeg) < PLATE_DEG) || Number.isNaN(mags[i]!)) continue
    const at = toStandard(ra[i]! * DEG, dec[i]! * DEG, raDeg * DEG, decDeg * DEG)!
    const px = (angle: number) => (angle / DEG) * (3600 / ARCSEC_PER_PX) + 0.3 * random.gauss()
    const [x, y] = [PLATE_PX / 2 - px(at.xi), PLATE_PX / 2 + px(at.eta)]
    if (Math.min(x, y) > 0 && Math.max(x, y) < PLATE_PX)
      seen.push({ x, y, mag: mags[i]! + 0.2 * random.gauss() })
  }
  seen.sort((a, b) => a.mag - b.mag)
  return { x: Float64Array.from(seen, ({ x }) => x), y: Float64Array.from(seen, ({ y }) => y) }
}

describe('the sky about a corner of four cells', () => {
  const stars = starsInCone(1, CORNER, STARS)
  let root = ''
  let remove = async () => {}
  let indexed: Indexed
  const indexing = {
    ...{ target: 'sky' as const, limitMag: null, epochsYr: [2015.5], tmpDir: null },
    ...{ fieldDeg: [PLATE_DEG * 2, PLATE_DEG * 2] as const, program: 'build-astrometry-index' },
    progress: silentProgress,
  }
  const open = async () => (await openStore(join(root, 'gaia-dr2')))!

  beforeAll(async () => {
    ;({ root, remove } = await temporaryFolder())
    await fill(join(root, 'gaia-dr2'), pieces(stars), { coverage: covered(CORNER) })
    indexed = await indexStore(await open(), indexing)
  })
  afterAll(() => remove())

  test('small quads in cells, large ones for all; together they are what the store covers', async () => {
    const found = await readIndexes(indexed.folder)
    const regions = (quads: number) =>
      found.filter(({ quads_arcmin }) => quads_arcmin[0] === quads).map(({ region }) => region)
    expect(regions(16).sort()).toEqual(['cell 0/0', 'cell 0/4', 'cell 0/5', 'cell 0/8'])
    expect([regions(32), regions(64)]).toEqual([['sky'], ['sky']])
    const cells = found.filter(({ quads_arcmin }) => quads_arcmin[0] === 16)
    expect(skyShare(union(...cells.map(({ moc }) => moc)))).toBeCloseTo(skyShare(mocOfCone(CORNER)), 8)
    // The stars beyond the edges are those of the margin: 1.07° on each side.
    const sum = cells.reduce((total, { stars: count }) => total + count, 0)
    const marginDeg = (4 * 16) / 60
    const quarterDeg2 = (Math.PI * 9) / 4 + 2 * 3 * marginDeg + (Math.PI * marginDeg ** 2) / 4
    const wanted = (4 * quarterDeg2) / (Math.PI * 9)
    expect(Math.abs(sum / STARS - wanted), `${sum / STARS} for ${wanted}`).toBeLessThan(0.15)
  })

  test.each([
    ['on the corner itself', 45, 0],
    ['on an edge', 46.2, 1.2],
    ['in a cell', 45, 1.7],
  ])('a field %s is solved with the small quads alone', async (_, raDeg, decDeg) => {
    const workDir = join(root, `work ${raDeg} ${decDeg}`)
    await mkdir(workDir)
    const small = (await indexesFor(root, 2015)).filter(({ smallestQuadArcmin }) => smallestQuadArcmin === 16)
    const detections = plateAt(stars, raDeg, decDeg)
    const unknown = { place: null, scaleArcsecPerPx: null, headerWcs: null, stars: null }
    const input = {
      ...{ detections, ranked: Int32Array.from(detections.x.keys()), workDir, ...unknown },
      ...{ width: PLATE_PX, height: PLATE_PX, fwhmPx: 4, signal: new AbortController().signal },
      storeIndexes: small,
    } as unknown as SolveInput
    const log: Solving = { attempts: [], runs: [] }
    const config = parseConfig({ indexDir: ['/nonexistent'], solveTime: 60 })
    for await (const solution of solve(input, config, log)) {
      const centre = skyAt(solution.constants, PLATE_PX / 2, PLATE_PX / 2)
      const off = 3600 * separationDeg(centre.raRad / DEG, centre.decRad / DEG, raDeg, decDeg)
      expect(off, 'arcsec from the centre').toBeLessThan(2 * ARCSEC_PER_PX)
      expect(solution.logOdds).toBeGreaterThan(100)
      expect(basename(solution.indexFile)).toMatch(/16arcmin-cell_0_[0458]-/)
      return
    }
    expect.fail(`unsolved: ${JSON.stringify(log.attempts)}`)
  })

  test('stars that are added make the indexes of their part anew, and no others', async () => {
    // In cell 8, farther from the others than their margins.
    const added: Cone = { raDeg: 45, decDeg: -1.8, radiusDeg: 0.1 }
    const small = { ...indexing, fieldDeg: [1, 1] as const, epochsYr: [1950] }
    const target: Cone = { raDeg: 45, decDeg: 1.8, radiusDeg: 0.3 }
    const other: Cone = { raDeg: 45, decDeg: -1.8, radiusDeg: 0.3 }
    const first = await Promise.all(
      [target, other].map(async (cone) => indexStore(await open(), { ...small, target: cone })),
    )
    expect(first.map(({ built }) => built.length)).toEqual([3, 3])
    await fill(join(root, 'gaia-dr2'), pieces(starsInCone(2, added, 50)), { coverage: covered(added) })
    const north = await indexStore(await open(), { ...small, target })
    const south = await indexStore(await open(), { ...small, target: other })
    expect([north.built.length, north.kept.length]).toEqual([0, 3])
    expect([south.built.length, south.kept.length]).toEqual([3, 0])
    // The old files are gone, and the manifest has one index of each.
    const files = (await readIndexes(south.folder)).map(({ file }) => file)
    for (const { file } of first[1]!.built) {
      expect(files).not.toContain(file)
      await expect(readFile(join(south.folder, file))).rejects.toThrow('ENOENT')
    }
  })

  test('two runs at once for the same indexes leave each of them once, whole', async () => {
    const one = { ...indexing, target: { raDeg: 45, decDeg: 2, radiusDeg: 0.5 }, fieldDeg: [2, 2] as const }
    const store = await open()
    const both = await Promise.all([indexStore(store, one), indexStore(store, one), indexStore(store, one)])
    const mine = (await readIndexes(indexed.folder)).filter(({ region }) => region.includes('+2.0000'))
    expect(mine.map(({ quads_arcmin }) => quads_arcmin[0]).sort()).toEqual([16, 32, 8])
    for (const { built, kept } of both) expect(built.length + kept.length).toBe(3)
    const again = await indexStore(store, one)
    expect([again.built.length, again.kept.length]).toEqual([0, 3])
  })
})
