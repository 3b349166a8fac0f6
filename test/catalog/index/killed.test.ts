// Runs that do not come to their end leave nothing that counts, and say why where they can.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { indexStore } from '../../../src/catalog/index/build.ts'
import { readIndexes } from '../../../src/catalog/index/manifest.ts'
import { mocOfCone } from '../../../src/catalog/store/coverage.ts'
import { openStore, type StarStore } from '../../../src/catalog/store/star-store.ts'
import { Cancelled, UserError } from '../../../src/errors.ts'
import { type Cone, cellAt } from '../../../src/math/healpix.ts'
import { silentProgress } from '../../../src/progress.ts'
import { randomStream } from '../../../src/simulate/random.ts'
import { fill, placeIn, starsAt } from '../store/stars.ts'
import { temporaryFolder } from './stores.ts'

const CONE: Cone = { raDeg: 200, decDeg: 40, radiusDeg: 0.3 }

let root = ''
let remove = async () => {}
let store: StarStore
let folder = ''

beforeAll(async () => {
  ;({ root, remove } = await temporaryFolder())
  const random = randomStream(5, 'killed')
  const stars = starsAt(
    random,
    Array.from({ length: 3000 }, () => placeIn(random, CONE)),
  )
  const coverage = [{ limit_mag: null, moc: mocOfCone(CONE), estimated: false }]
  const pixel = cellAt(0, CONE.raDeg, CONE.decDeg)
  await fill(join(root, 'gaia-dr2'), [{ cell: { order: 0, pixel }, stars }], { coverage })
  store = (await openStore(join(root, 'gaia-dr2')))!
  folder = join(store.folder, 'indexes')
})
afterAll(() => remove())

const indexing = {
  ...{ target: CONE, limitMag: null, epochsYr: [1900], tmpDir: null },
  ...{ fieldDeg: [0.5, 0.5] as const, program: 'build-astrometry-index', progress: silentProgress },
}

/** What is in the folder besides manifests. */
const files = () => (existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [])

async function until(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 1000 && !condition(); n++) await pause(10)
  expect(condition()).toBe(true)
}

test('a cancelled run leaves no file', async () => {
  const controller = new AbortController()
  const running = indexStore(store, { ...indexing, signal: controller.signal })
  running.catch(() => {})
  await until(() => files().some((name) => name.endsWith('stars.fits')))
  controller.abort()
  await expect(running).rejects.toThrow(Cancelled)
  expect(files()).toEqual([])
})

/** Until nothing is written to a folder for a while. */
async function untilQuiet(path: string): Promise<void> {
  for (let last = Number.NaN, same = 0; same < 10; ) {
    const now = statSync(path).mtimeMs
    same = now === last ? same + 1 : 0
    last = now
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('a run that is killed leaves nothing in the manifest, and the next one makes all of it', async () => {
  const build = pathToFileURL(join(inject('platepipeBuild'), 'dist'))
  const code = `
    const { openStore } = await import('${build}/catalog/store/star-store.js')
    const { indexStore } = await import('${build}/catalog/index/build.js')
    const { silentProgress } = await import('${build}/progress.js')
    const indexing = ${JSON.stringify(indexing)}
    await indexStore(await openStore(${JSON.stringify(store.folder)}), { ...indexing, progress: silentProgress })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' })
  await until(() => files().some((name) => name.endsWith('stars.fits')))
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await readIndexes(folder)).toEqual([])
  const left = readdirSync(folder)
  expect(left.length).toBeGreaterThan(0)
  expect(left.filter((name) => !name.startsWith('.unfinished-'))).toEqual([])

  const old = join(folder, left[0]!)
  await untilQuiet(old) // the program that the killed run had started may still be writing
  const dayBefore = new Date(Date.now() - 25 * 3600_000)
  const orphan = 'J1900-2arcmin-cell_2_7-0123abcd.fits' // finished, but killed before it was named
  const foreign = 'notes-of-mine.fits'
  for (const name of [orphan, foreign]) await writeFile(join(folder, name), 'an index')
  for (const path of [old, join(folder, orphan), join(folder, foreign)])
    await utimes(path, dayBefore, dayBefore)
  const { built } = await indexStore(store, indexing)
  expect(built).toHaveLength(3)
  const after = readdirSync(folder)
  expect(existsSync(old)).toBe(false)
  expect(after).not.toContain(orphan)
  expect(after).toContain(foreign)
})

test('a program that is missing, that fails or that dies is named, and what to do', async () => {
  const failing = join(root, 'stub-that-fails')
  await writeFile(failing, '#!/bin/sh\necho "cannot do it"\nexit 7\n')
  const dying = join(root, 'stub-that-dies')
  await writeFile(dying, '#!/bin/sh\nkill -9 $$\n')
  for (const path of [failing, dying]) await chmod(path, 0o755)
  const trouble: [program: string, word: RegExp][] = [
    ['/nowhere/build-astrometry-index', /could not be started: there is no such program/],
    [failing, /made no index of \d+ stars \(exit status 7\): cannot do it/],
    [dying, /made no index of \d+ stars \(killed/],
  ]
  const before = files()
  for (const [program, word] of trouble) {
    const error = await indexStore(store, { ...indexing, epochsYr: [1950], program }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toMatch(word)
    expect((error as UserError).todo).toContain('--build-index')
  }
  expect(files()).toEqual(before)
})

test('a folder for work on another place is used and left empty', async () => {
  const tmpDir = join(root, 'work of mine')
  await mkdir(tmpDir)
  const { built } = await indexStore(store, { ...indexing, epochsYr: [1960], fieldDeg: [2, 2], tmpDir })
  expect(built.length).toBeGreaterThan(0)
  expect(readdirSync(tmpDir)).toEqual([])
})

test('what the store does not cover, and what has too few stars, is said', async () => {
  const far = { ...indexing, target: { ...CONE, decDeg: -40 } }
  const error = await indexStore(store, far).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(UserError)
  expect((error as UserError).message).toMatch(/has no stars of gaia-dr2 within 0.3° of 200\.0000 -40\.0000/)
  expect((error as UserError).todo).toContain('catalog fetch --ra 200 --dec -40 --radius 0.3')
  const tiny = await indexStore(store, { ...indexing, target: { ...CONE, radiusDeg: 0.001 }, limitMag: 12 })
  expect([tiny.built, tiny.kept]).toEqual([[], []])
  expect(tiny.empty[0]).toMatchObject({
    epochYr: 1900,
    quadsArcmin: [2, 4],
    why: expect.stringMatching(/stars/),
  })
})
