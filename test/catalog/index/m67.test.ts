// Real stars, the real programs and a real plate: an index at the plate's epoch, and a blind solution with it.
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atEpoch } from '../../../src/catalog/at-epoch.ts'
import { type Indexed, indexStore } from '../../../src/catalog/index/build.ts'
import { indexesFor, indexesWithin } from '../../../src/catalog/index/choose.ts'
import { readIndexes } from '../../../src/catalog/index/manifest.ts'
import { readReferenceStars, usableAsReference } from '../../../src/catalog/read.ts'
import type { StarStore } from '../../../src/catalog/store/star-store.ts'
import { parseConfig } from '../../../src/config.ts'
import { separationDeg } from '../../../src/math/sphere.ts'
import { orientation, skyAt } from '../../../src/models/plate-constants.ts'
import { silentProgress } from '../../../src/progress.ts'
import { type SolveInput, type Solving, solve } from '../../../src/stages/solve.ts'
import { queryStarkd } from '../../../src/tools/starkd.ts'
import {
  M67_CONE,
  M67_CSV,
  M67_PLATE,
  SKIPPED,
  solveInputOf,
  storeOfFile,
  temporaryFolder,
} from './stores.ts'

const DEG = Math.PI / 180
const EPOCHS = [1951.9, 2016]

async function firstSolution(input: SolveInput, indexDir = ['/nonexistent']) {
  const log: Solving = { attempts: [], runs: [] }
  const config = parseConfig({ indexDir, solveCpu: 30, solveTime: 60 })
  for await (const solution of solve(input, config, log)) return { solution, log }
  throw new Error(`unsolved: ${JSON.stringify(log.attempts)}`)
}

describe.skipIf(!existsSync(M67_CSV))(`M67 (${SKIPPED} otherwise)`, () => {
  let root = ''
  let remove = async () => {}
  let store: StarStore
  let indexed: Indexed
  let input: SolveInput
  const indexing = {
    ...{ target: M67_CONE, limitMag: null, epochsYr: EPOCHS, tmpDir: null },
    ...{ fieldDeg: [0.9, 0.9] as const, program: 'build-astrometry-index', progress: silentProgress },
  }

  beforeAll(async () => {
    ;({ root, remove } = await temporaryFolder())
    store = await storeOfFile(root, M67_CSV, M67_CONE)
    indexed = await indexStore(store, indexing)
    const workDir = join(root, 'work')
    await mkdir(workDir)
    input = await solveInputOf(M67_PLATE, workDir)
  })
  afterAll(() => remove())

  test('an index for each epoch and octave, named in the manifest, and nothing besides', async () => {
    expect(indexed.built).toHaveLength(6)
    expect([indexed.kept, indexed.empty]).toEqual([[], []])
    const named = await readIndexes(indexed.folder)
    expect(named).toEqual(expect.arrayContaining(indexed.built))
    const files = (await readdir(indexed.folder)).filter((name) => !/^indexes-\d{8}\.json$/.test(name))
    expect(files.sort()).toEqual(named.map(({ file }) => file))
    expect([...new Set(named.map(({ epoch_yr }) => epoch_yr))]).toEqual(EPOCHS)
    for (const { quads_arcmin, program_version, command } of named) {
      expect(program_version).toMatch(/^\d/)
      expect(command.join(' ')).toContain(`-l ${quads_arcmin[0].toFixed(4)} -u ${quads_arcmin[1].toFixed(4)}`)
    }
    // Large quads need fewer stars.
    const depth = new Map(named.map((entry) => [entry.quads_arcmin[0], entry.stars]))
    expect(depth.get(4)! > depth.get(8)! && depth.get(8)! > depth.get(16)!).toBe(true)
    for (const { stars, quads_arcmin } of named) {
      const cells = (Math.PI * 42 ** 2) / quads_arcmin[0] ** 2
      expect(stars / cells, `stars per cell of ${quads_arcmin[0]}′`).toBeGreaterThan(10)
    }
  })

  test('its stars are where they were at its epoch', async () => {
    const { file } = indexed.built.find(
      ({ epoch_yr, quads_arcmin }) => epoch_yr < 1952 && quads_arcmin[0] === 8,
    )!
    const table = await queryStarkd({
      ...{ indexPath: join(indexed.folder, file), ...M67_CONE, tag: 'MAG' },
      ...{ outPath: join(root, 'stars.fits'), workDir: root },
    })
    const column = (name: string) => table!.columns.find((one) => one.name === name)!.data as Float64Array
    const read = await readReferenceStars(M67_CSV)
    const usable = usableAsReference(read)
    const then = atEpoch(read, usable, 1951.9)
    const [ra, dec] = [column('RA'), column('DEC')]
    const nearest = (row: number, raOf: Float64Array, decOf: Float64Array) =>
      Math.min(...raOf.map((a, i) => 3600 * separationDeg(a, decOf[i]!, then.raDeg[row]!, then.decDeg[row]!)))
    const fast = Array.from(then.gMag.keys())
      .filter((i) => then.gMag[i]! < 14 && Math.hypot(then.pmRaMasYr[i]!, then.pmDecMasYr[i]!) > 50)
      .filter((i) => separationDeg(then.raDeg[i]!, then.decDeg[i]!, M67_CONE.raDeg, M67_CONE.decDeg) < 0.69)
    expect(fast.length).toBeGreaterThan(5)
    const off = fast.map((row) => nearest(row, ra, dec))
    expect(Math.max(...off), `arcsec, of ${fast.length} fast stars`).toBeLessThan(0.02)
  })

  test('a blind solution finds the plate with the index of its epoch, and says so', async () => {
    const storeIndexes = await indexesFor(root, 1951.9)
    expect(storeIndexes.map(({ epochYr }) => epochYr)).toEqual([1951.9, 1951.9, 1951.9])
    const { solution } = await firstSolution({ ...input, storeIndexes })
    const centre = skyAt(solution.constants, (input.width + 1) / 2, (input.height + 1) / 2)
    const offArcsec = 3600 * separationDeg(centre.raRad / DEG, centre.decRad / DEG, 132.834, 11.812)
    expect(offArcsec, 'arcsec from the centre').toBeLessThan(5)
    expect((orientation(solution.constants).scaleRadPx / DEG) * 3600).toBeCloseTo(1.701, 2)
    expect(solution.logOdds).toBeGreaterThan(100)
    expect(solution.attempt).toMatchObject({ attempt: 'store:blind', solved: true })
    expect(storeIndexes.map(({ path }) => basename(path))).toContain(basename(solution.indexFile))
  })

  test('the indexes of the nearest epoch are taken; an unknown one is half-way through the age of plates', async () => {
    for (const [plateYr, taken] of [
      [1893, 1951.9],
      [1983, 1951.9],
      [1985, 2016],
      [2020, 2016],
      [null, 1951.9],
    ]) {
      const found = await indexesFor(root, plateYr!)
      expect([...new Set(found.map(({ epochYr }) => epochYr))], `for ${plateYr}`).toEqual([taken])
      expect(found).toHaveLength(3)
    }
  })

  test('where the WCS of a header holds, the index that says so is named too', async () => {
    const storeIndexes = await indexesFor(root, 1951.9)
    const step = 1.7005 / 3600
    const headerWcs: SolveInput['headerWcs'] = {
      source: 'CD',
      crval: [132.834, 11.8118],
      crpix: [530, 530],
      cd: [-step, 0, 0, step],
    }
    const { solution } = await firstSolution({ ...input, headerWcs, storeIndexes })
    expect(solution.attempt.attempt).toBe('store:header-wcs')
    expect(storeIndexes.map(({ path }) => basename(path))).toContain(solution.attempt.index_file)
  })

  test('the index of 2016 solves a plate of 1951 too', async () => {
    const { solution } = await firstSolution({ ...input, storeIndexes: await indexesFor(root, 2016) })
    expect(basename(solution.indexFile)).toMatch(/^J2016-/)
  })

  test('a wrong place is dropped, and one elsewhere asks for no index of the store', async () => {
    const storeIndexes = await indexesFor(root, 1951.9)
    const place = { raDeg: 200, decDeg: -40, radiusDeg: 2 }
    expect(indexesWithin(storeIndexes, place)).toEqual([])
    expect(indexesWithin(storeIndexes, { raDeg: 134, decDeg: 11.8, radiusDeg: 1 })).toHaveLength(3)
    const { log } = await firstSolution({ ...input, place, scaleArcsecPerPx: [1.6, 1.8], storeIndexes })
    expect(log.attempts.map(({ attempt }) => attempt)).toEqual(['store:scale'])
  })

  test('the store goes before the folders, and before an index of the field, which is made only when it is wanted', async () => {
    const read = await readReferenceStars(M67_CSV)
    const stars = atEpoch(read, usableAsReference(read), 1951.9)
    const place = { raDeg: 132.8, decDeg: 11.8, radiusDeg: 1 }
    const known = { ...input, place, stars, scaleArcsecPerPx: [1.6, 1.8] as const }
    const folders = ['/usr/share/astrometry']
    const storeIndexes = await indexesFor(root, 1951.9)
    const withStore = (await firstSolution({ ...known, storeIndexes }, folders)).log
    expect(withStore.attempts.map(({ attempt }) => attempt)).toEqual(['store:place+scale'])
    expect(withStore.runs.map(({ command }) => basename(command[0]!))).toEqual(['solve-field'])
    const without = (await firstSolution(known, folders)).log
    expect(without.attempts.map(({ attempt }) => attempt)).toEqual(['field:place+scale'])
    expect(without.runs.map(({ command }) => basename(command[0]!))).toContain('build-astrometry-index')
  })

  test('an index that is damaged, or that another process has just replaced, is left out, and the others solve', async () => {
    const storeIndexes = await indexesFor(root, 1951.9)
    const [gone, foreign] = ['gone.fits', 'foreign.fits'].map((name) => join(root, name))
    await writeFile(foreign!, 'no index at all')
    for (const path of [gone!, foreign!]) {
      const { log } = await firstSolution({
        ...input,
        storeIndexes: [{ ...storeIndexes[0]!, path }, ...storeIndexes],
      })
      expect(log.attempts.map(({ attempt, solved }) => [attempt, solved])).toEqual([
        ['store:blind', false],
        ['store:blind', true],
      ])
      expect(log.attempts[0]!.verdict).toContain(basename(path))
    }
  })

  test('a second run makes nothing, one after damage only what was damaged', async () => {
    const again = await indexStore(store, indexing)
    expect([again.built, again.empty]).toEqual([[], []])
    expect(again.kept).toHaveLength(6)
    const [first, second] = again.kept
    await truncate(join(indexed.folder, first!.file), 2880)
    await rm(join(indexed.folder, second!.file))
    expect(await indexesFor(root, first!.epoch_yr)).not.toHaveLength(3)
    const mended = await indexStore(store, indexing)
    expect(mended.built.map(({ file }) => file).sort()).toEqual([first!.file, second!.file].sort())
  })
})
