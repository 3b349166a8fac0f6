// Which of a store's indexes serve a plate: by epoch, by part of the sky, by release; files that are gone serve nobody.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { indexesFor } from '../../../src/catalog/index/choose.ts'
import { addIndex } from '../../../src/catalog/index/manifest.ts'
import { commitManifest, emptyManifest } from '../../../src/catalog/store/manifest.ts'
import { mocOfCells } from '../../../src/math/moc.ts'
import { temporaryFolder } from './stores.ts'

let root = ''
let remove = async () => {}
const cell = (order: number, pixel: number) => ({ order, pixel })

/** An entry in the manifest, and a file of the length that it says. */
async function add(
  release: string,
  file: string,
  epochYr: number,
  quads: number,
  ...cells: ReturnType<typeof cell>[]
) {
  const folder = join(root, release, 'indexes')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, file), 'index')
  await addIndex(folder, {
    ...{
      file,
      release,
      epoch_yr: epochYr,
      quads_arcmin: [quads, 2 * quads],
      region: file,
      moc: mocOfCells(cells),
    },
    ...{ limit_mag: null, stars: 100, bytes: 5, sha256: '', generation: 1, stars_sha256: '' },
    ...{ program_version: null, command: [] },
  })
}

const chosen = async (epochYr: number | null) =>
  (await indexesFor(root, epochYr)).map(({ path }) => basename(path, '.fits'))

beforeAll(async () => {
  ;({ root, remove } = await temporaryFolder())
  for (const release of ['gaia-dr2', 'gaia-dr3']) {
    await mkdir(join(root, release))
    await commitManifest(join(root, release), { ...emptyManifest(release, 2016), generation: 1 })
  }
  await add('gaia-dr2', 'all-1900.fits', 1900, 4, cell(0, 1), cell(0, 2))
  await add('gaia-dr2', 'all-1950.fits', 1950, 4, cell(0, 1), cell(0, 2))
  await add('gaia-dr2', 'part-1930.fits', 1930, 4, cell(1, 5))
  await add('gaia-dr3', 'half-1950.fits', 1950, 4, cell(0, 1))
  await add('gaia-dr2', 'wide-1980.fits', 1980, 16, cell(0, 1))
})
afterAll(() => remove())

test('a nearer epoch hides those that serve no more of the sky with the same quads', async () => {
  expect(await chosen(1905)).toEqual(['all-1900', 'wide-1980'])
  expect(await chosen(1850)).toEqual(['all-1900', 'wide-1980'])
})

test('what a nearer one leaves of the sky is served by the next', async () => {
  // Both releases have 1950: the later one first, and the other for what it lacks; 1930 lies within them.
  expect(await chosen(1950)).toEqual(['half-1950', 'all-1950', 'wide-1980'])
  expect(await chosen(1931)).toEqual(['part-1930', 'half-1950', 'all-1950', 'wide-1980'])
  expect(await chosen(null)).toEqual(await chosen(1950))
})

test('an index whose file is gone leaves its place to the next', async () => {
  await rm(join(root, 'gaia-dr2/indexes/all-1900.fits'))
  expect(await chosen(1850)).toEqual(['part-1930', 'half-1950', 'all-1950', 'wide-1980'])
})

test('a folder without a store, and a file, have none', async () => {
  expect(await indexesFor(join(root, 'nowhere'), 1950)).toEqual([])
  expect(await indexesFor(join(root, 'gaia-dr2/indexes/all-1950.fits'), 1950)).toEqual([])
})
