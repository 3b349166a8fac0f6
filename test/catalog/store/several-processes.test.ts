// Processes that fill a store are killed at any moment, or fill it at the same time: what is in it is always whole.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { openStore, starsInCone } from '../../../src/catalog/store/star-store.ts'
import { isSound, verifyStore } from '../../../src/catalog/survey/verify.ts'
import { randomStream } from '../../../src/simulate/random.ts'

const FILLS = 12
const STARS = 400 // of each fill, in each of CELLS cells
const CELLS = 4

/** Fills the store FILLS times, each time with stars of its own in the same cells, and says so. */
const FILLER = (dist: string) => `
const { fillStore } = await import('${dist}/catalog/store/fill.js')
const { blankStarTable } = await import('${dist}/catalog/store/star-table.js')
const { cellCentre } = await import('${dist}/math/healpix.js')
const { DEG, placeOf } = await import('${dist}/math/sphere.js')
const { mocOfCells } = await import('${dist}/math/moc.js')
const [folder, first] = [process.argv[2], Number(process.argv[3])]
process.stdout.write('ready\\n')
for (let round = first; round < first + ${FILLS}; round++) {
  const pieces = Array.from({ length: ${CELLS} }, (_, n) => {
    const cell = { order: 3, pixel: 16 * n } // so few stars are joined into one tile: all processes change it
    const stars = blankStarTable(${STARS})
    for (let i = 0; i < ${STARS}; i++) {
      const finest = cell.pixel * 4 ** 9 + ((round * ${STARS} + i) * 7) % 4 ** 9
      const { ra, dec } = placeOf(cellCentre({ order: 12, pixel: finest }))
      stars.columns.source_id[i] = (BigInt(finest) << 35n) + BigInt(round * 100000 + i + 1)
      stars.columns.ra[i] = ra / DEG
      stars.columns.dec[i] = dec / DEG
      stars.columns.phot_g_mean_mag[i] = 10 + (i % 100) / 10
    }
    return { cell, stars }
  })
  const coverage = () => [{ limit_mag: 20, estimated: false, moc: mocOfCells(pieces.map(({ cell }) => cell)) }]
  const source = () => ({ kind: 'import', name: 'round ' + round, detail: '', first: '', last: '', by: 'test' })
  await fillStore({ folder, release: 'gaia-dr2', refEpochYr: 2015.5, pieces, coverage, source })
  process.stdout.write('filled ' + round + '\\n')
}
`

let root: string
let folder: string
let filler: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'platepipe-fill-'))
  folder = join(root, 'gaia-dr2')
  filler = join(root, 'filler.mjs')
  await writeFile(filler, FILLER(pathToFileURL(join(inject('platepipeBuild'), 'dist')).href))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const start = (first: number) => execa(process.execPath, [filler, folder, String(first)], { reject: false })

/** The rounds that are in the store; each must be there whole, and nothing else. */
async function roundsThere(): Promise<number[]> {
  const store = await openStore(folder)
  if (store === null) return []
  expect(isSound(await verifyStore(store))).toBe(true)
  const { columns, length } = await starsInCone(store, { raDeg: 0, decDeg: 0, radiusDeg: 180 })
  const counts = new Map<number, number>()
  for (const id of columns.source_id) {
    const round = Math.floor((Number(id % 2n ** 35n) - 1) / 100_000)
    counts.set(round, (counts.get(round) ?? 0) + 1)
  }
  for (const count of counts.values()) expect(count).toBe(STARS * CELLS)
  expect(new Set(columns.source_id).size).toBe(length)
  expect(store.manifest.rows).toBe(length)
  expect(store.manifest.sources.map(({ name }) => Number(name.slice(6))).sort((a, b) => a - b)).toEqual(
    [...counts.keys()].sort((a, b) => a - b),
  )
  return [...counts.keys()].sort((a, b) => a - b)
}

const upTo = (end: number) => Array.from({ length: end }, (_, n) => n)

it('a store whose filling is killed ten times is whole each time, and another run completes it', async () => {
  const random = randomStream(9, 'kill')
  const seen: number[] = []
  for (let kill = 0; kill < 10; kill++) {
    const child = start(0)
    let told = ''
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (text) => {
        told += text
        if (told.includes('ready')) resolve()
      })
    })
    await new Promise((resolve) => setTimeout(resolve, random.between(0, 900)))
    child.kill('SIGKILL')
    await child
    const rounds = await roundsThere()
    // Rounds that it had told are there; one more may be, which it could not tell any more.
    const filled = told.match(/filled \d+/g)?.length ?? 0
    expect(rounds.length).toBeGreaterThanOrEqual(filled)
    expect(rounds).toEqual(upTo(rounds.length))
    seen.push(filled)
  }
  console.log(`killed after ${seen.join(', ')} of ${FILLS} fillings`)
  expect((await start(0)).exitCode).toBe(0)
  expect(await roundsThere()).toEqual(upTo(FILLS))
})

it('three processes that fill the same cells at once leave the union, and every source’s record', async () => {
  const runs = await Promise.all([start(0), start(FILLS), start(2 * FILLS)])
  expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ])
  expect(await roundsThere()).toEqual(upTo(3 * FILLS))
})
